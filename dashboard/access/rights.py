"""Who may what: one table of roles and rights, and one of routes. What is not in it is refused.

**How a route declares who may.** Add its method and path, exactly as the route declares the path, to `ROUTES` with the right it takes:

    "GET /quarantine": Rule(Right.QUARANTINE),
    "POST /events": Rule(Right.SEND, machine=True, most_bytes=16 * MEBIBYTE),

Nothing else is needed: the guard (`guard.py`) lets nobody reach the route without that right, checks the size of what is sent and, for
forms, the token against forged requests. A route without an entry is refused for everybody, and the log names it. In the route's own code
`visitor_of(request)` (`visitors.py`) says who it is. `python -m dashboard.access.rights` writes the table in `docs/security.md`.
"""

import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

KIBIBYTE: Final = 1024
MEBIBYTE: Final = 1024 * KIBIBYTE
FORM_BYTES: Final = 16 * KIBIBYTE
"""The most that a form of this page can need."""


class Role(StrEnum):
    """What somebody is here; a person may be several."""

    READER = "reader"
    CONTROLLER = "controller"
    OPERATOR = "operator"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    ADMIN = "admin"
    SENDER = "sender"


class Right(StrEnum):
    """What a route takes."""

    OPEN = "open"
    FIGURES = "figures"
    EVIDENCE = "evidence"
    QUARANTINE = "quarantine"
    QUARANTINE_CHANGE = "quarantine_change"
    AUDIT = "audit"
    SEND = "send"


MEANS: Final[dict[Role, str]] = {
    Role.READER: "reads what is published",
    Role.CONTROLLER: "compares effects, and may look behind a figure with a stated purpose",
    Role.OPERATOR: "keeps it running: quarantine, redacted, and taking it up again",
    Role.DATA_PROTECTION_OFFICER: "sees who looked at what, and may look as a controller does",
    Role.ADMIN: "gives and takes roles; sees who looked at what, but no person's records",
    Role.SENDER: "a source system that sends events and reads nothing",
}
COVERS: Final[dict[Right, str]] = {
    Right.OPEN: "signing in and out, health, style sheet",
    Right.FIGURES: "every page, table and export of what is published",
    Right.EVIDENCE: "pseudonymised records and events behind a figure, also below k; each look is logged",
    Right.QUARANTINE: "rejected events, redacted",
    Right.QUARANTINE_CHANGE: "taking rejected events up again, and sending them back to their sender",
    Right.AUDIT: "the log of looks, and its verification",
    Right.SEND: "sending events",
}
_PEOPLE = frozenset(Role) - {Role.SENDER}
MAY: Final[dict[Right, frozenset[Role]]] = {
    Right.OPEN: frozenset(Role),
    Right.FIGURES: _PEOPLE,
    Right.EVIDENCE: frozenset({Role.CONTROLLER, Role.DATA_PROTECTION_OFFICER}),
    Right.QUARANTINE: frozenset({Role.OPERATOR, Role.DATA_PROTECTION_OFFICER}),
    Right.QUARANTINE_CHANGE: frozenset({Role.OPERATOR}),
    Right.AUDIT: frozenset({Role.DATA_PROTECTION_OFFICER, Role.ADMIN}),
    Right.SEND: frozenset({Role.SENDER, Role.OPERATOR}),
}


@dataclass(frozen=True)
class Rule:
    """What a route takes.

    right       only roles that have it come through
    machine     for programs: what is sent is no form, so that a browser can be made to send it by no foreign page
    most_bytes  the most that a request may send
    """

    right: Right
    machine: bool = False
    most_bytes: int = FORM_BYTES


_FIGURES = Rule(Right.FIGURES)
ROUTES: Final[dict[str, Rule]] = {
    "GET /healthz": Rule(Right.OPEN),
    "GET /readyz": Rule(Right.OPEN),
    "GET /static": Rule(Right.OPEN),
    "GET /login": Rule(Right.OPEN),
    "POST /login": Rule(Right.OPEN),
    "GET /login/openid": Rule(Right.OPEN),
    "GET /login/callback": Rule(Right.OPEN),
    "POST /logout": Rule(Right.OPEN),
    "POST /events": Rule(Right.SEND, machine=True, most_bytes=16 * MEBIBYTE),
    "GET /": _FIGURES,
    "GET /core-tasks/{core_task_id}": _FIGURES,
    "GET /core-tasks/{core_task_id}/ranks": _FIGURES,
    "GET /indicators/{indicator_id}": _FIGURES,
    "GET /indicators/{indicator_id}/krone": _FIGURES,
    "GET /indicators/{indicator_id}/time": _FIGURES,
    "GET /indicators/{indicator_id}/expected": _FIGURES,
    "GET /kroner": _FIGURES,
    "GET /changes": _FIGURES,
    "GET /units": _FIGURES,
    "GET /units/{unit_id}": _FIGURES,
    "GET /evidence": Rule(Right.EVIDENCE),
    "POST /evidence": Rule(Right.EVIDENCE),
    "GET /quarantine": Rule(Right.QUARANTINE),
    "GET /quarantine/download": Rule(Right.QUARANTINE),
    "POST /quarantine/retry": Rule(Right.QUARANTINE_CHANGE),
    "GET /quality": _FIGURES,
    "GET /gate": _FIGURES,
    "GET /tables": _FIGURES,
    "GET /reading": _FIGURES,
    "GET /api": _FIGURES,
    "GET /api/{table}": _FIGURES,
    "GET /api/v1/tables": _FIGURES,
    "GET /api/v1/tables/{table}": _FIGURES,
    "GET /api/v1/tables/{table}.{ending}": _FIGURES,
    "GET /api/openapi.json": _FIGURES,
}


def may(roles: frozenset[Role], right: Right) -> bool:
    """Whether any of the roles has the right. Nobody at all has what is open."""
    return right is Right.OPEN or not roles.isdisjoint(MAY[right])


def rule_of(method: str, path: str) -> Rule | None:
    """The rule of a declared route; HEAD is as GET. None: nobody may."""
    return ROUTES.get(f"{'GET' if method == 'HEAD' else method} {path}")


def rights_table() -> str:
    """Roles x rights, roles in words, and routes x roles, as Markdown."""
    head = ["| right | covers | " + " | ".join(Role) + " |", "|---|---|" + "---|" * len(Role)]
    rows = [f"| {right} | {COVERS[right]} | " + " | ".join(_mark(right, role) for role in Role) + " |" for right in Right]
    words = ["", "| role | |", "|---|---|", *(f"| {role} | {MEANS[role]} |" for role in Role)]
    routes = ["", "| route | right |", "|---|---|", *(f"| `{route}` | {rule.right} |" for route, rule in sorted(ROUTES.items()))]
    return "\n".join([*head, *rows, *words, *routes]) + "\n"


def _mark(right: Right, role: Role) -> str:
    return "yes" if role in MAY[right] else "–"


if __name__ == "__main__":
    sys.stdout.write(rights_table())
