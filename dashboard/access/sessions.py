"""Sessions: a signed cookie that says who and until when. It is HttpOnly, SameSite=Lax, and Secure where the page is served by https."""

import hashlib
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response

from dashboard.access.rights import Role
from dashboard.access.visitors import Visitor

SESSION, FORM = "kerneeffekt_session", "kerneeffekt_form"
SESSION_SECONDS: Final = 8 * 3600
"""A working day; then one signs in again."""
FORM_SECONDS: Final = 3600


@dataclass
class Sessions:
    """Makes and reads the cookies of one server.

    key     at least 32 bytes; another key, or a random one made at the start, ends all sessions
    secure  the page is served by https: cookies go no other way, and their names say so (`__Host-`)
    """

    key: bytes = field(repr=False)
    secure: bool = False
    _ended: dict[str, float] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def name(self, cookie: str) -> str:
        """The cookie's name on the wire."""
        return f"__Host-{cookie}" if self.secure else cookie

    def start(self, response: Response, name: str, roles: frozenset[Role], *, stamp: str = "") -> None:
        """Sign somebody in: a new session, never one that was there before."""
        content = {
            "name": name,
            "roles": sorted(roles),
            "stamp": stamp,
            "token": secrets.token_urlsafe(24),
            "id": secrets.token_urlsafe(12),
        }
        self.put(response, SESSION, content, SESSION_SECONDS)
        self.drop(response, FORM)

    def end(self, request: HTTPConnection, response: Response) -> None:
        """Sign out: the cookie goes, and is not taken again while this server runs."""
        content = self._read(request, SESSION, SESSION_SECONDS)
        if content is not None:
            now = time.time()
            with self._lock:
                self._ended = {known: until for known, until in self._ended.items() if until > now}
                self._ended[content["id"]] = now + SESSION_SECONDS
        self.drop(response, SESSION)

    def content(self, request: HTTPConnection) -> dict[str, Any] | None:
        """What the request's session says; None without one that is ours, in time, and not ended."""
        content = self._read(request, SESSION, SESSION_SECONDS)
        return content if content is not None and content.get("id") not in self._ended else None

    def form_token(self, request: HTTPConnection) -> str:
        """The word that the form of somebody not signed in must carry back; empty when the browser has none yet."""
        content = self._read(request, FORM, FORM_SECONDS)
        return str(content["token"]) if content else ""

    def give_form_token(self, response: Response) -> str:
        """A new word for such a form, also set as a cookie."""
        token = secrets.token_urlsafe(24)
        self.put(response, FORM, {"token": token}, FORM_SECONDS)
        return token

    def put(self, response: Response, cookie: str, content: dict[str, Any], seconds: int) -> None:
        """Keep something in the browser for a while, signed."""
        value = self._signer(cookie).dumps(content)
        response.set_cookie(self.name(cookie), value, max_age=seconds, path="/", secure=self.secure, httponly=True, samesite="lax")

    def get(self, request: HTTPConnection, cookie: str, seconds: int) -> dict[str, Any]:
        """What was kept; empty when there is nothing of ours, or it is too old."""
        return self._read(request, cookie, seconds) or {}

    def drop(self, response: Response, cookie: str) -> None:
        """Forget what was kept."""
        response.delete_cookie(self.name(cookie), path="/", secure=self.secure, httponly=True, samesite="lax")

    def _read(self, request: HTTPConnection, cookie: str, seconds: int) -> dict[str, Any] | None:
        value = request.cookies.get(self.name(cookie))
        if not value:
            return None
        try:
            content = self._signer(cookie).loads(value, max_age=seconds)
        except BadData:
            return None
        return content if isinstance(content, dict) else None

    def _signer(self, purpose: str) -> URLSafeTimedSerializer:
        options = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        return URLSafeTimedSerializer(self.key, salt=purpose, signer_kwargs=options)


def visitor_from(content: dict[str, Any], roles: frozenset[Role]) -> Visitor:
    """Who a session is of, with the roles they have now."""
    return Visitor(str(content["name"]), roles, "session", str(content["token"]))
