"""Effect per krone by every attribution rule side by side: the choice of rule is seen, not hidden."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.directory import ALL_UNITS
from dashboard.queries import Row
from dashboard.views import View, by_value

RULES = ("lead", "equal", "effort", "shapley")
"""In the order of the columns."""


@dataclass(frozen=True)
class UnitByRule:
    """One unit's figure under each rule; a rule without a row is left out."""

    unit_id: str
    by_rule: dict[str, Row]


def rules_in(rows: Sequence[Row]) -> list[str]:
    """The rules among the rows, the usual ones first."""
    found = dict.fromkeys(row["attribution"] for row in rows)
    return [rule for rule in RULES if rule in found] + [rule for rule in found if rule not in RULES]


def side_by_side(view: View, rows: Sequence[Row], cohort: str, level: str) -> list[UnitByRule]:
    """Every unit of a level with its figure under each rule: the whole first, then as the first rule orders them."""
    own = [row for row in rows if row["cohort"] == cohort]
    of_level = [row for row in own if row["unit_id"] == ALL_UNITS or view.directory.level_of(row["unit_id"]) == level]
    first = rules_in(of_level)[:1]
    ordered = by_value([row for row in of_level if row["attribution"] in first], "effects_per_million")
    units = dict.fromkeys([ALL_UNITS, *(row["unit_id"] for row in [*ordered, *of_level])])
    found = [UnitByRule(unit, {row["attribution"]: row for row in of_level if row["unit_id"] == unit}) for unit in units]
    return [one for one in found if one.by_rule]


def outside_units(view: View, indicator_id: str, version: int, cohort: str) -> list[UnitByRule]:
    """What no unit is given: the citizen's own share, and cases in which no unit is named."""
    if not view.snapshot.has("attribution_by_unit"):
        return []
    rows = view.rows("attribution_outside", indicator_id=indicator_id, version=version, cohort=cohort)
    return [
        UnitByRule(unit, {row["attribution"]: row for row in rows if row["unit_id"] == unit})
        for unit in dict.fromkeys(row["unit_id"] for row in rows)
    ]
