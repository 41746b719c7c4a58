"""Who asks: a person or program with roles, or nobody."""

from dataclasses import dataclass
from typing import Final, Literal

from starlette.requests import HTTPConnection

from dashboard.access.rights import Right, Role, may

Way = Literal["nobody", "local", "session", "token"]


@dataclass(frozen=True)
class Visitor:
    """Who a request comes from.

    name   as the audit log has it; empty for nobody
    way    how it was told: a session's cookie, a program's token, or this machine itself without any login
    token  the word that a form must carry back, so that a foreign page cannot make a browser send it
    """

    name: str = ""
    roles: frozenset[Role] = frozenset()
    way: Way = "nobody"
    token: str = ""

    @property
    def known(self) -> bool:
        """Whether it is anybody."""
        return self.way != "nobody"

    def may(self, right: Right) -> bool:
        """Whether it has the right."""
        return may(self.roles, right)


NOBODY: Final = Visitor()


def visitor_of(connection: HTTPConnection) -> Visitor:
    """Who the guard found behind a request."""
    found = connection.scope.get("visitor", NOBODY)
    return found if isinstance(found, Visitor) else NOBODY
