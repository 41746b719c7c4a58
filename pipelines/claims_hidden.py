"""Which attributed effects must stay hidden: small ones, and those that a sum would give away.

Claims add up in two ways: the units below a unit (and the municipality over its top units), and the periods under the cohort `all`.
Wherever exactly one term of such a sum is hidden, or the hidden ones together rest on fewer than k persons, the next smallest is hidden
too, until nothing changes.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

import duckdb

from pipelines.organisation import Organisation
from pipelines.sql_texts import sql
from pipelines.tables import ALL_UNITS


@dataclass
class Claim:
    """One published sum of shares, and whether it is hidden.

    weight  persons with a shared effect behind it
    """

    position: int
    rule: str
    unit_id: str
    grid: str
    cohort_start: dt.date | None
    hidden: bool
    weight: int

    @property
    def cohort(self) -> tuple[int, str, str, dt.date | None]:
        """What is summed over units: an indicator's cohort under a rule."""
        return self.position, self.rule, self.grid, self.cohort_start

    @property
    def may_be_hidden(self) -> bool:
        """Whether hiding it keeps anything back: the municipality's sum and a claim without shared cases are the lead rule's figures."""
        return not self.hidden and self.weight > 0 and self.unit_id != ALL_UNITS


def hide_claims(connection: duckdb.DuckDBPyConnection, organisation: Organisation, k: int) -> list[bool]:
    """For every row of `claim_cell`, in its order: whether it is hidden."""
    found = connection.execute(sql("mart_claim_small"), {"k": k}).fetchall()
    claims = [Claim(position, rule, unit, grid, start, small, weight) for _, position, rule, unit, grid, start, small, weight in found]
    if k > 1:
        close_sums(_sums(claims, organisation), k)
    return [claim.hidden for claim in claims]


def close_sums(sums: list[list[Claim]], k: int) -> None:
    """Hide more until no sum gives away a hidden term. Each list is a total and its terms, in any order."""
    changed = True
    while changed:
        changed = False
        for terms in sums:
            hidden = [claim for claim in terms if claim.hidden]
            shown = sorted((claim for claim in terms if claim.may_be_hidden), key=lambda claim: (claim.weight, claim.unit_id))
            if hidden and shown and (len(hidden) == 1 or 0 < sum(claim.weight for claim in hidden) < k):
                shown[0].hidden = changed = True


def _sums(claims: list[Claim], organisation: Organisation) -> list[list[Claim]]:
    """Every total with its terms: a unit's periods, a unit with those directly below it, the municipality with its top units."""
    above = _parents(organisation)
    over_time: dict[tuple[int, str, str], list[Claim]] = defaultdict(list)
    below: dict[tuple[int, str, str, dt.date | None, str], list[Claim]] = defaultdict(list)
    for claim in claims:
        over_time[claim.position, claim.rule, claim.unit_id].append(claim)
        below[(*claim.cohort, claim.unit_id)].append(claim)
        for parent in () if claim.unit_id == ALL_UNITS else above.get(claim.unit_id, {ALL_UNITS}):
            below[(*claim.cohort, parent)].append(claim)
    return [terms for terms in (*over_time.values(), *below.values()) if len(terms) > 1]


def _parents(organisation: Organisation) -> dict[str, set[str]]:
    """Every unit that was ever directly above a unit, `(all)` above the top ones."""
    found: dict[str, set[str]] = {}
    for unit in {version.unit_id for version in organisation.versions()}:
        found[unit] = {line[1] if len(line) > 1 else ALL_UNITS for _, _, line in organisation.lines(unit)}
    return found
