"""The one way to every route: name, size and rate, then who asks and whether they may, then headers. What is not allowed is refused.

Pure ASGI, so that it also sees what is sent in pieces. It looks at the routes as the application declares them, in their order: a route
without an entry in `rights.ROUTES` is refused for everybody.
"""

import hmac
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.access.limits import Bucket
from dashboard.access.rights import FORM_BYTES, Right, Rule, rule_of
from dashboard.access.visitors import NOBODY, Visitor
from dashboard.access.ways_in import Access

LOG = logging.getLogger(__name__)
LONGEST_QUERY: Final = 8_000
REQUESTS_PER_MINUTE: Final = 1_200
READING: Final = ("GET", "HEAD")
FORM_TYPE: Final = "application/x-www-form-urlencoded"
TOKEN_FIELD: Final = "token"
MOST_FIELDS: Final = 50
_FORM_TYPES: Final = (FORM_TYPE, "multipart/form-data", "text/plain", "")
"""What a foreign page can make a browser send without asking first."""

Refuse = Callable[[Request, int, str, str], Response]
"""(request, status, key of the text, sentence) -> the answer."""


@dataclass(frozen=True)
class Declared:
    """A route as the application declares it."""

    path: str
    methods: frozenset[str]
    pattern: re.Pattern[str]


class TooLargeError(Exception):
    """More was sent than the route takes."""


class Guard:
    """Middleware around the whole application."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        routed: FastAPI,
        access: Access,
        allowed_hosts: Iterable[str],
        headers: Mapping[str, str],
        refuse: Refuse,
        requests_per_minute: int = REQUESTS_PER_MINUTE,
        audience: Callable[[], frozenset[str] | None] = lambda: None,
    ) -> None:
        """audience: roles that the figures were made for; None: all who have the right to figures."""
        self.audience = audience
        self.app, self.routed, self.access, self.refuse = app, routed, access, refuse
        self.hosts, self.headers = frozenset(allowed_hosts), headers
        self.bucket = Bucket(requests_per_minute)
        self._declared: tuple[int, tuple[Declared, ...]] = (-1, ())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        with_headers = self._with_headers(request, send)
        refused, rule = self._refusal(request)
        if refused is None and request.method not in READING and rule is not None and not rule.machine:
            body = await _form(request)
            refused = self._forged(request, body)
            receive = _again(body or b"")
        if refused is not None:
            await refused(scope, receive, with_headers)
            return
        await self._let_through(request, rule, receive, with_headers)

    async def _let_through(self, request: Request, rule: Rule | None, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(request.scope, _counted(receive, rule.most_bytes if rule else FORM_BYTES), watched)
        except TooLargeError:
            if started:
                raise
            await self._too_large(request)(request.scope, receive, send)

    def _refusal(self, request: Request) -> tuple[Response | None, Rule | None]:
        """The answer to a request that may not go on, or None and the rule of its route."""
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
        if host not in self.hosts and f"[{host}]" not in self.hosts and "*" not in self.hosts:
            return self.refuse(request, 400, "error.host", "this server does not answer to that name"), None
        if len(request.scope.get("query_string", b"")) > LONGEST_QUERY:
            return self.refuse(request, 414, "error.too_long", f"the address is too long; expected at most {LONGEST_QUERY} bytes"), None
        visitor = self.access.visitor(request)
        request.scope["visitor"] = visitor
        wait = 0.0 if request.url.path.startswith("/static/") else self.bucket.take(_asker(request, visitor))
        if wait:
            return self._slow_down(request, wait), None
        return self._not_allowed(request, visitor)

    def _not_allowed(self, request: Request, visitor: Visitor) -> tuple[Response | None, Rule | None]:
        path = self._declared_path(request)
        if path is None:  # no such route, or not by that method: said only to somebody who may read here
            return (None if visitor.may(Right.FIGURES) else self._unknown(request, visitor)), None
        rule = rule_of(request.method, path)
        if rule is None:
            LOG.error("%s %s is not in the table of rights (dashboard/access/rights.py): refused", request.method, path)
            return (self._unknown(request, visitor) if not visitor.known else self._forbidden(request)), None
        if not visitor.may(rule.right):
            return (self._forbidden(request) if visitor.known else self._unknown(request, visitor)), rule
        if rule.right is Right.FIGURES and not self._is_for(visitor):
            return self.refuse(request, 403, "error.audience", "these figures were made for other roles than yours"), rule
        if _claimed_length(request) > rule.most_bytes:
            return self._too_large(request), rule
        as_page = rule.machine and _content_type(request) in _FORM_TYPES
        if request.method not in READING and (as_page or self._foreign(request)):
            return self._not_from_here(request), rule
        return None, rule

    def _is_for(self, visitor: Visitor) -> bool:
        roles = self.audience()
        return roles is None or not roles.isdisjoint(visitor.roles)

    def _declared_path(self, request: Request) -> str | None:
        method = "GET" if request.method == "HEAD" else request.method
        for route in self._routes():
            if method in route.methods and route.pattern.match(request.url.path):
                return route.path
        return None

    def _routes(self) -> tuple[Declared, ...]:
        """Every route, as declared; looked up again when one was added."""
        n = sum(1 for _ in iter_route_contexts(self.routed.routes))
        if self._declared[0] != n:
            self._declared = (n, declared_routes(self.routed))
        return self._declared[1]

    def _unknown(self, request: Request, visitor: Visitor) -> Response:
        if visitor.known:
            return self._forbidden(request)
        answer = self.refuse(request, 401, "error.sign_in", "sign in first, or send a token: Authorization: Bearer ...")
        answer.headers.setdefault("WWW-Authenticate", 'Bearer realm="kerneeffekt"')
        return answer

    def _forbidden(self, request: Request) -> Response:
        return self.refuse(request, 403, "error.forbidden", "your role may not see this; ask whoever gives roles here")

    def _slow_down(self, request: Request, wait: float) -> Response:
        answer = self.refuse(request, 429, "error.too_many", f"too many requests; wait {wait:.0f} seconds")
        answer.headers["Retry-After"] = str(max(1, round(wait)))
        return answer

    def _too_large(self, request: Request) -> Response:
        return self.refuse(request, 413, "error.too_large", "more was sent than this address takes")

    def _foreign(self, request: Request) -> bool:
        """Whether a browser says that another site's page sent this."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return True
        origin = request.headers.get("origin")
        own = self.access.public_url or f"{request.url.scheme}://{request.headers.get('host', '')}"
        return origin is not None and origin != own

    def _forged(self, request: Request, body: bytes | None) -> Response | None:
        """The answer to a form that is too large or does not carry the token of whoever sends it."""
        if body is None:
            return self._too_large(request)
        visitor = request.scope.get("visitor", NOBODY)
        if visitor.way == "token":  # no browser sends a program's token by itself
            return None
        given = _form_token(body) if _content_type(request) == FORM_TYPE else ""
        expected = self.access.form_token(request, visitor)
        if expected and hmac.compare_digest(given.encode(), expected.encode()):
            return None
        return self._not_from_here(request)

    def _not_from_here(self, request: Request) -> Response:
        return self.refuse(request, 403, "error.forged", "this was not sent from a page of this server; open the page and send it again")

    def _with_headers(self, request: Request, send: Send) -> Send:
        async def wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    given.setdefault(name, value)
                if request.url.path.startswith("/static/") and message["status"] == 200:
                    given["Cache-Control"] = "public, max-age=31536000, immutable"
                else:
                    given.setdefault("Cache-Control", "no-store")
                    given.add_vary_header("Cookie")
            await send(message)

        return wrapped


def declared_routes(app: FastAPI) -> tuple[Declared, ...]:
    """Every route of an application in the order in which they are tried; a mounted folder as `GET` of its path."""
    found: list[Declared] = []
    for context in iter_route_contexts(app.routes):
        path = str(context.path)
        if isinstance(getattr(context, "original_route", None), Mount) or not context.methods:
            found.append(Declared(path, frozenset({"GET"}), re.compile(re.escape(path) + "(/|$)")))
        else:
            found.append(Declared(path, frozenset(context.methods) - {"HEAD"}, compile_path(path)[0]))
    return tuple(found)


def _asker(request: Request, visitor: Visitor) -> str:
    return f"{visitor.way}:{visitor.name}" if visitor.known else f"at:{request.client.host if request.client else ''}"


def _form_token(body: bytes) -> str:
    try:
        return parse_qs(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS).get(TOKEN_FIELD, [""])[0]
    except ValueError:  # more fields than any form here has
        return ""


def _claimed_length(request: Request) -> int:
    given = request.headers.get("content-length", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else 0


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _form(request: Request) -> bytes | None:
    """All of a form; None when it is too large."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > FORM_BYTES:
            return None
    return body


def _again(body: bytes) -> Receive:
    """Give a body that was read already to the application."""
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _counted(receive: Receive, most: int) -> Receive:
    """Stop reading where a request sends more than is taken, whatever length it claimed."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise TooLargeError
        return message

    return limited
