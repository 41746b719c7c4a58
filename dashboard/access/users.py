"""The local user file: people with passwords (argon2id) and programs with tokens, for places without an OpenID provider.

One JSON file, mode 0600, written whole and put in place by a rename. It holds no password and no token, only what checks them.
"""

import fcntl
import hashlib
import json
import os
import re
import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dashboard.access.rights import Role
from dashboard.access.secrets_read import READABLE_BY_OTHERS
from models.errors import ConfigurationError

LEAST_PASSWORD, MOST_PASSWORD = 12, 200
TOKEN_PREFIX = "ke_"
_NAME = re.compile(r"[A-Za-z0-9ÆØÅæøå][A-Za-z0-9ÆØÅæøå._@-]{0,63}")
_HASHER = PasswordHasher()  # argon2id with the parameters that RFC 9106 recommends where memory is scarce
_NOBODYS_HASH = _HASHER.hash(secrets.token_hex(16))
_AT_ONCE = threading.BoundedSemaphore(2)
"""Each check of a password takes 64 MiB and all of a core for a moment."""


@dataclass(frozen=True)
class User:
    """A person or a program. `check`: the argon2id hash of a password, or the SHA-256 of a random token."""

    name: str
    kind: Literal["person", "program"]
    roles: tuple[str, ...]
    check: str

    @property
    def role_set(self) -> frozenset[Role]:
        """The roles it has."""
        return frozenset(Role(role) for role in self.roles)

    @property
    def stamp(self) -> str:
        """Changes with the password: sessions from before it end."""
        return hashlib.sha256(self.check.encode()).hexdigest()[:16]


class UserFile:
    """The users of one file, read again when the file changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._users: dict[str, User] = {}

    def users(self) -> dict[str, User]:
        """Everybody, by name. ConfigurationError when the file is missing, open to everybody, or not one of ours."""
        try:
            found = self.path.stat()
        except OSError:
            raise ConfigurationError(
                f"there is no user file {self.path}: make one with `kerneeffekt users add NAME --role ROLE --users {self.path}`"
            ) from None
        if found.st_mode & READABLE_BY_OTHERS:
            raise ConfigurationError(f"the user file {self.path} can be read by everybody; expected mode 0600: run `chmod 600` on it")
        mark = (found.st_mtime_ns, found.st_ino, found.st_size)
        if mark != self._seen:
            self._users, self._seen = _read(self.path), mark
        return self._users

    def signed_in(self, name: str, password: str) -> User | None:
        """The person of that name and password; None when there is none. Takes as long for a name that is not known."""
        user = self.users().get(name)
        known = user if user is not None and user.kind == "person" else None
        with _AT_ONCE:
            try:
                _HASHER.verify(known.check if known else _NOBODYS_HASH, password[:MOST_PASSWORD])
            except (VerificationError, InvalidHashError):
                return None
        return known

    def of_token(self, token: str) -> User | None:
        """The program that has this token."""
        check = token_check(token)
        programs = (user for user in self.users().values() if user.kind == "program")
        return next((user for user in programs if secrets.compare_digest(user.check, check)), None)

    def put(self, name: str, roles: Iterable[str], *, password: str | None = None, token: str | None = None) -> User:
        """Add a person (password) or a program (token), or give one that is there a new password, token or other roles."""
        if password is not None:
            _require_good(password)
        with self._changing() as users:
            old = users.get(name)
            check = _HASHER.hash(password) if password is not None else token_check(token) if token is not None else old and old.check
            kind: Literal["person", "program"] = "program" if token is not None else "person" if password is not None else _kind(old)
            if not check:
                raise ConfigurationError(f"{name!r} is not in {self.path}: a new user needs a password or a token")
            users[name] = User(_name(name), kind, _roles(roles) or (old.roles if old else ()), check)
            return users[name]

    def remove(self, name: str) -> None:
        """Take somebody out; their sessions end at once."""
        with self._changing() as users:
            if users.pop(name, None) is None:
                raise ConfigurationError(f"{name!r} is not in {self.path}; it has: {', '.join(sorted(users)) or 'nobody'}")

    @contextmanager
    def _changing(self) -> Iterator[dict[str, User]]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.path.with_name(self.path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            users = dict(self.users()) if self.path.exists() else {}
            yield users
            _write(self.path, users)
        finally:
            os.close(lock)


def new_token() -> str:
    """A token for a program: 256 random bits. Shown once, when it is made."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def token_check(token: str) -> str:
    """What the file keeps of a token. It is random, so a plain hash of it cannot be searched."""
    return hashlib.sha256(token.encode()).hexdigest()


def _require_good(password: str) -> None:
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise ConfigurationError(f"a password must have {LEAST_PASSWORD} to {MOST_PASSWORD} characters")


def _kind(user: User | None) -> Literal["person", "program"]:
    return user.kind if user else "person"


def _name(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise ConfigurationError(f"a user's name must be letters, digits, `.`, `_`, `@` or `-`, at most 64, got: {name!r}")
    return name


def _roles(roles: Iterable[str]) -> tuple[str, ...]:
    given = tuple(dict.fromkeys(roles))
    unknown = [role for role in given if role not in set(Role)]
    if unknown:
        raise ConfigurationError(f"there is no role {unknown[0]!r}; expected: {', '.join(Role)}")
    return given


def _read(path: Path) -> dict[str, User]:
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))["users"]
        return {entry["name"]: _user(entry) for entry in listed}
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path} is not a user file of this program: restore it, or make a new one with `users add`") from error


def _user(entry: dict[str, Any]) -> User:
    return User(_name(entry["name"]), entry["kind"], _roles(entry["roles"]), entry["check"])


def _write(path: Path, users: dict[str, User]) -> None:
    fresh = path.with_name(path.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"users": [asdict(users[name]) for name in sorted(users)]}, file, indent=2, ensure_ascii=False)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
