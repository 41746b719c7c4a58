"""What a municipality decides about the quality gate: thresholds of drift, and which rules warn instead of block."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Severity = Literal["block", "warn"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleSeverity(_Part):
    """One rule that is given another severity than its own.

    rule      its id, as a finding or `kerneeffekt gate rules` names it
    severity  block: the last publication stays; warn: published, and said
    why       kept in the catalogue, for those who come after
    """

    rule: str
    severity: Severity
    why: str


class Gate(_Part):
    """Thresholds of the gate.

    silent_days     days without an event after which a source that used to be there counts as silent
    share_jump      points of share, 0 to 1, by which a published share may differ from the same one in the publication before
    count_falls_to  share of an earlier count below which the same count is said to have fallen
    compared_from   smallest count that is compared: chance moves smaller ones
    severities      rules with another severity than their own
    """

    silent_days: int = Field(62, ge=1)
    share_jump: float = Field(0.15, gt=0, le=1)
    count_falls_to: float = Field(0.5, gt=0, lt=1)
    compared_from: int = Field(50, ge=1)
    severities: tuple[RuleSeverity, ...] = ()

    def severity_of(self, rule: str, own: Severity) -> Severity:
        """The severity of a rule: its own, unless the catalogue says another."""
        return next((said.severity for said in self.severities if said.rule == rule), own)
