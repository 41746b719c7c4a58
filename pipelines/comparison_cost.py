"""What a difference costs: a participant of each side, stated or booked, and the ratio in the one quadrant that has a price."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np

from models.catalogue import ParticipantCost
from outcomes.differences import Difference
from outcomes.incremental import incremental
from pipelines.comparison_rows import Row, number
from pipelines.contrast import CONTROL, TREATED
from pipelines.contrast_sides import SideFigures
from pipelines.sql_texts import sql

NO_PRICE = {
    "dominant": "more effect for no more money: there is no price to compare",
    "dominated": "no more effect for no less money: there is no price to compare",
    "less_effect_less_cost": "less effect for less money: what is saved by each effect lost is no price of one",
}
TELLS_HOW_MANY = "the cost of a participant would tell how many there are"
NOT_BOOKED = "no cost is booked for a side's units, core task and period"
NOT_BOUNDED = "the limits allow no extra effect, so kroner per extra effect has no upper limit"


@dataclass(frozen=True)
class Booked:
    """Effort booked at the units of each side, in oere; a side without any is not there. `reason`: why it cannot be told."""

    ore: dict[int, float]
    reason: str | None = None


def booked_cost(connection: duckdb.DuckDBPyConnection, core_task: str, grid: str, start: dt.date | None) -> Booked:
    """Read it from `cost_meeting` for the units of `contrast_record`; nothing where a unit stands on both sides."""
    values = {"core_task_id": core_task, "meeting_grid": grid, "cohort_start": start}
    found = connection.execute(sql("mart_contrast_cost"), values).fetchall()
    if any(shared for _, _, shared in found):
        return Booked({}, "a unit stands on both sides, so its booked cost belongs to neither alone")
    return Booked({side: float(ore) for side, ore, _ in found if ore is not None})


def cost_columns(
    cost: ParticipantCost, sides: tuple[SideFigures, SideFigures], booked: Booked, found: Difference | None, *, better: float, hide: bool
) -> Row:
    """The columns of cost.

    better  1 where more of the measure is better, -1 where less is
    hide    booked cost over participants must not be shown, since what is booked is: the two would tell how many there are
    """
    if found is None:
        return {}
    treated, control = (
        _participant(stated, booked, side, figures)
        for stated, side, figures in ((cost.treated, TREATED, sides[0]), (cost.control, CONTROL, sides[1]))
    )
    row: Row = {"cost_source": cost.source or None}
    if hide and "ledger" in (cost.treated, cost.control):
        return row | {"cost_state": "suppressed", "cost_reason": TELLS_HOW_MANY}
    row |= {"treated_cost_ore": treated, "control_cost_ore": control}
    if treated is None or control is None:
        return row | {"cost_state": "missing", "cost_reason": booked.reason or NOT_BOOKED}
    error = float(np.hypot(cost.treated_error, cost.control_error))
    return row | {"extra_cost_ore": treated - control} | _ratio(found, treated - control, error, better)


def _participant(stated: int | str, booked: Booked, side: int, figures: SideFigures) -> float | None:
    if not isinstance(stated, str):
        return float(stated)
    return booked.ore[side] / figures.records if side in booked.ore and figures.records else None


def _ratio(found: Difference, extra: float, cost_error: float, better: float) -> dict[str, Any]:
    low, high = sorted((better * found.low, better * found.high))
    ratio = incremental(better * found.estimate, low, high, extra, effect_error=found.standard_error, cost_error_ore=cost_error)
    not_bounded = ratio.shape is not None and ratio.shape != "bounded"
    return {
        "quadrant": ratio.quadrant,
        **dict(zip(("extra_effects_per_million", "extra_low", "extra_high"), map(number, ratio.per_million), strict=True)),
        "kroner_per_extra_effect": number(ratio.kroner_per_effect),
        "kpe_low": number(ratio.kpe_low), "kpe_high": number(ratio.kpe_high), "kpe_set": ratio.shape,
        "cost_state": "not_bounded" if not_bounded else "final",
        "cost_reason": NO_PRICE.get(ratio.quadrant or "") or (NOT_BOUNDED if not_bounded else None),
    }  # fmt: skip
