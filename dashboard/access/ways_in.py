"""The three ways in: this machine alone without a login, a user file, OpenID Connect. Which one is a setting; there is no fourth."""

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from dashboard.access.rights import Role
from dashboard.access.secrets_read import read_secret
from dashboard.access.sessions import Sessions, visitor_from
from dashboard.access.users import UserFile
from dashboard.access.visitors import NOBODY, Visitor
from models.errors import ConfigurationError
from pipelines.loopback import is_loopback

Mode = Literal["local", "users", "openid"]
MODES: Final[tuple[Mode, ...]] = ("local", "users", "openid")
LOCAL_NAME = "local"
KEY_BYTES = 32
SESSION_KEY, CLIENT_SECRET = "KERNEEFFEKT_SESSION_KEY", "KERNEEFFEKT_OPENID_CLIENT_SECRET"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host")


@dataclass(frozen=True)
class OpenId:
    """An OpenID provider, and what its claims mean here.

    issuer   its address; `/.well-known/openid-configuration` below it is read
    claim    the claim of the id token (or user info) that names groups
    roles    group -> role; who is in none of them comes in as nobody
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    claim: str = "groups"
    roles: Mapping[str, Role] = field(default_factory=dict)
    scope: str = "openid profile"


@dataclass(frozen=True)
class AccessSettings:
    """How people come in, as the command line says it.

    public_url   the address that browsers use, such as https://effekt.example.dk; needed unless everything stays on this machine
    """

    mode: Mode = "local"
    local_roles: tuple[str, ...] = (Role.CONTROLLER,)
    users_file: Path | None = None
    session_key_file: Path | None = None
    public_url: str | None = None
    openid_issuer: str | None = None
    openid_client_id: str | None = None
    openid_client_secret_file: Path | None = None
    openid_claim: str = "groups"
    openid_roles: tuple[str, ...] = ()
    openid_scope: str = "openid profile"


@dataclass(frozen=True)
class Access:
    """Who somebody is, by the way in that was chosen."""

    mode: Mode
    sessions: Sessions
    local_roles: frozenset[Role] = frozenset()
    users: UserFile | None = None
    openid: OpenId | None = None
    public_url: str | None = None
    local_token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    def visitor(self, request: HTTPConnection) -> Visitor:
        """Who asks: by a token, by a session, or by being this machine."""
        if self.mode == "local":
            return self._local(request)
        given = bearer_of(request)
        if given is not None:
            program = self.users.of_token(given) if self.users else None
            return Visitor(program.name, program.role_set, "token") if program else NOBODY
        return self._in_session(request)

    def form_token(self, request: HTTPConnection, visitor: Visitor) -> str:
        """The word that a form must carry back; empty: there is none, so no form is taken."""
        return visitor.token if visitor.known else self.sessions.form_token(request)

    def _local(self, request: HTTPConnection) -> Visitor:
        here = request.client is not None and is_loopback(request.client.host)
        # A forwarded request comes from somewhere else, however near the proxy is.
        if not here or any(name in request.headers for name in _FORWARDED):
            return NOBODY
        return Visitor(LOCAL_NAME, self.local_roles, "local", self.local_token)

    def _in_session(self, request: HTTPConnection) -> Visitor:
        content = self.sessions.content(request)
        if content is None:
            return NOBODY
        if self.mode == "openid":
            return visitor_from(content, frozenset(Role(role) for role in content["roles"]))
        user = self.users.users().get(content["name"]) if self.users else None
        return visitor_from(content, user.role_set) if user and user.stamp == content["stamp"] else NOBODY


def bearer_of(request: HTTPConnection) -> str | None:
    """The token of a program: as bearer, or as the password of Basic, which spreadsheets can send."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def local_access(*roles: str) -> Access:
    """This machine alone, without a login; controller unless said otherwise."""
    chosen = _known_roles(roles or (Role.CONTROLLER,))
    return Access("local", Sessions(secrets.token_bytes(KEY_BYTES)), local_roles=chosen)


def access_from(settings: AccessSettings, host: str) -> Access:
    """The way in that the settings describe; ConfigurationError where they are not whole, or not safe.

    host   where the server will listen
    """
    if settings.mode == "local":
        if not is_loopback(host):
            raise ConfigurationError(
                f"without a login the page is for this machine alone, got --host {host}: listen on 127.0.0.1,"
                " or choose --access users or openid"
            )
        return local_access(*settings.local_roles)
    url = _public_url(settings, host)
    key = read_secret("the session key", settings.session_key_file, SESSION_KEY, least_bytes=KEY_BYTES)
    sessions = Sessions(key or secrets.token_bytes(KEY_BYTES), secure=bool(url and url.startswith("https:")))
    users = UserFile(settings.users_file) if settings.users_file else None
    if settings.mode == "users" and users is None:
        raise ConfigurationError("--access users needs --users FILE; make one with `kerneeffekt users add`")
    if users:
        users.users()
    return Access(settings.mode, sessions, users=users, openid=_openid(settings), public_url=url)


def _public_url(settings: AccessSettings, host: str) -> str | None:
    url = settings.public_url
    if url is None:
        if settings.mode == "openid" or not is_loopback(host):
            raise ConfigurationError("--public-url is needed: the address that browsers use, such as https://effekt.example.dk")
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise ConfigurationError(f"--public-url must be an address without a path, such as https://effekt.example.dk, got: {url!r}")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ConfigurationError(
            f"--public-url must be https, since passwords and figures would cross the network in the clear, got: {url!r}"
        )
    return url.rstrip("/")


def _openid(settings: AccessSettings) -> OpenId | None:
    if settings.mode != "openid":
        return None
    if not settings.openid_issuer or not settings.openid_client_id or not settings.openid_roles:
        raise ConfigurationError("--access openid needs --openid-issuer, --openid-client-id and at least one --openid-role GROUP=role")
    issuer = urlsplit(settings.openid_issuer)
    if issuer.scheme != "https" and not is_loopback(issuer.hostname or ""):
        raise ConfigurationError(f"--openid-issuer must be https, got: {settings.openid_issuer!r}")
    secret = read_secret("the client secret", settings.openid_client_secret_file, CLIENT_SECRET)
    return OpenId(
        settings.openid_issuer.rstrip("/"),
        settings.openid_client_id,
        secret.decode() if secret else None,
        settings.openid_claim,
        dict(_mapped(entry) for entry in settings.openid_roles),
        settings.openid_scope,
    )


def _mapped(entry: str) -> tuple[str, Role]:
    group, found, role = entry.rpartition("=")
    if not found or not group:
        raise ConfigurationError(f"--openid-role must be GROUP=role, got: {entry!r}")
    (known,) = _known_roles((role,))
    return group, known


def _known_roles(roles: tuple[str, ...]) -> frozenset[Role]:
    unknown = [role for role in roles if role not in set(Role)]
    if unknown:
        raise ConfigurationError(f"there is no role {unknown[0]!r}; expected: {', '.join(Role)}")
    return frozenset(Role(role) for role in roles)
