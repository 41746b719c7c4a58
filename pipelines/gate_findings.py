"""What the gate found: findings with the rows that they concern, and the verdict made of them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from models.gate import Severity

MOST_EXAMPLES = 10
"""Keys of rows that a finding names; how many there are is said beside them."""

Key = dict[str, str | None]


@dataclass(frozen=True)
class Finding:
    """A rule that does not hold.

    rule      its id
    why       what does not hold, in words
    rows      how many rows (or columns of a table) break it; None: not counted
    examples  keys of the first of them: units, indicators, periods, sources. Never a value, never a person
    """

    rule: str
    severity: Severity
    why: str
    rows: int | None = None
    examples: tuple[Key, ...] = ()

    def sentence(self) -> str:
        """The rule, why it failed, and where, on one line."""
        if not self.rows:
            return f"{self.rule}: {self.why}"
        keys = "; ".join(key_text(key) for key in self.examples[:3])
        more = f" and {self.rows - 3} more" if self.rows > 3 else ""
        return f"{self.rule}: {self.why} ({self.rows} row{'s' if self.rows > 1 else ''}: {keys}{more})"

    @classmethod
    def from_dict(cls, said: dict[str, Any]) -> "Finding":
        """A finding as `asdict` wrote it."""
        return cls(said["rule"], said["severity"], said["why"], said["rows"], tuple(said["examples"]))


def key_text(key: Key) -> str:
    """The key of a row in one line."""
    return ", ".join(f"{name} {'-' if value is None else value}" for name, value in key.items())


@dataclass(frozen=True)
class Verdict:
    """What the gate says: whether it let the mart pass, how many rules it looked at, and the failed ones in words.

    warned     rules that do not hold and do not block, in words
    findings   both kinds, with the rows that they concern
    compared_with   the publication that drift was measured against; None: none, or not asked
    """

    passed: bool
    checks: int
    failed: tuple[str, ...]
    warned: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = field(default=())
    compared_with: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The verdict as JSON for the manifest."""
        return asdict(self) | {"failed": list(self.failed), "warned": list(self.warned)}

    @classmethod
    def of(cls, findings: Iterable[Finding], checks: int, compared_with: str | None = None) -> "Verdict":
        """The verdict that follows from what was found."""
        found = tuple(findings)
        failed = tuple(one.sentence() for one in found if one.severity == "block")
        warned = tuple(one.sentence() for one in found if one.severity == "warn")
        return cls(not failed, checks, failed, warned, found, compared_with)

    @classmethod
    def from_dict(cls, said: dict[str, Any]) -> "Verdict":
        """A verdict as `as_dict` wrote it; KeyError, TypeError or ValueError when it is not one."""
        findings = tuple(Finding.from_dict(one) for one in said.get("findings", ()))
        warned = tuple(said.get("warned", ()))
        return cls(bool(said["passed"]), int(said["checks"]), tuple(said["failed"]), warned, findings, said.get("compared_with"))
