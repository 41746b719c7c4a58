"""The truth behind the invented events: each unit's real chances, costs and outputs, and the two orders that follow from them."""

from collections.abc import Callable
from typing import Any

from pipelines.simulate.course import Scene
from pipelines.simulate.places import (
    BY_CORE_TASK,
    CHANGE,
    CHANGE_LIFT,
    CHANGE_REACHED,
    LEAD_INDICATORS,
    MERGED_INTO,
    MERGED_UNIT,
    MUNICIPALITY,
    UnitTruth,
)

NOTICE = "Everything in this file and in the events beside it is invented. No person, company or municipality behind it exists."


def truth_of(scene: Scene, facts: dict[str, Any]) -> dict[str, Any]:
    """Everything that an estimate from the events may be held against.

    scene  the finished drawing: how often each stratum came and how often the effect was drawn
    facts  seed, size, period and counts of the run
    """
    return {
        "notice": NOTICE,
        "invented": True,
        "municipality": MUNICIPALITY,
        **facts,
        "merged": {"unit": MERGED_UNIT, "into": MERGED_INTO, "on": str(scene.merged_on)},
        "change": {
            "change_id": CHANGE,
            "lift": CHANGE_LIFT,
            "on": {unit: str(scene.changed_on(unit)) for unit in CHANGE_REACHED},
        },
        "core_tasks": {task: _core_task(scene, task, indicator) for task, indicator in LEAD_INDICATORS.items()},
        "disturbances": dict(sorted(scene.writer.counts.items())),
        "types": dict(sorted(scene.writer.types.items())),
    }


def _core_task(scene: Scene, task: str, indicator: str) -> dict[str, Any]:
    return {
        "indicator": indicator,
        "units": {unit.id: _unit(scene, unit) for unit in BY_CORE_TASK[task]},
        "order_by_outputs_per_million": _order(task, lambda unit: unit.outputs_per_million),
        "order_by_effects_per_million": _order(task, lambda unit: unit.effects_per_million),
    }


def _order(task: str, size: Callable[[UnitTruth], float]) -> list[str]:
    return [unit.id for unit in sorted(BY_CORE_TASK[task], key=size, reverse=True)]


def _unit(scene: Scene, unit: UnitTruth) -> dict[str, Any]:
    return {
        "probability": round(unit.probability, 6),
        "probability_by_stratum": {"easy": unit.easy, "hard": unit.hard},
        "hard_share": unit.hard_share,
        "outputs_per_case": unit.outputs_per_case,
        "cost_per_case_ore": unit.cost_per_case * 100,
        "outputs_per_million": round(unit.outputs_per_million, 3),
        "effects_per_million": round(unit.effects_per_million, 3),
        "drawn": {name: {"cases": scene.drawn[unit.id, name], "effects": scene.drawn_effects[unit.id, name]} for name in ("easy", "hard")},
    }
