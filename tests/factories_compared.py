"""Example rows of the tables that compare: funnels, three views of a core task, and what changed; see `factories_published`."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scipy import stats

Row = dict[str, Any]
# unit: observed, expected; the limits follow from the exact Poisson distribution
OBSERVED: dict[str, tuple[int, float]] = {
    "job-nord": (260, 205.0), "job-syd": (150, 186.0), "job-vest": (170, 165.0), "job-øst": (120, 124.0), "nasty": (100, 102.0),
}  # fmt: skip
PLACE = {"core_task_id": "work", "indicator_id": "job_held", "indicator_version": 1, "cohort": "all"}


def funnel_rows() -> Iterable[Row]:
    """One cohort of a funnel: a unit above, one below, the others within, and one that nobody may tell of."""
    for rank, (unit, (observed, expected)) in enumerate(sorted(OBSERVED.items(), key=lambda one: -one[1][0] / one[1][1]), 1):
        ratio = observed / expected
        low_95, high_95 = _limits(expected, 0.05)
        low_998, high_998 = _limits(expected, 0.002)
        code = "alarm_high" if ratio > high_998 else "alert_low" if ratio < low_95 else "within"
        yield PLACE | {
            "unit_id": unit, "observed": observed, "compared": 2 * observed, "expected": expected, "observed_over_expected": ratio,
            "oe_low": ratio - 0.12, "oe_high": ratio + 0.13, "oe_method": "exact_poisson", "scale": "ratio", "value": ratio, "target": 1.0,
            "low_95": low_95, "high_95": high_95, "low_998": low_998, "high_998": high_998, "limits_method": "exact_poisson",
            "verdict_unadjusted_code": code, "verdict_code": code,
            "oe_rank": rank, "oe_rank_low": max(1, rank - 1), "oe_rank_high": rank + 1,
            "evidence_level": "standardised", "state": "final",
        }  # fmt: skip
    yield PLACE | {"unit_id": "job-lille", "state": "suppressed", "reason": "fewer than 5", "evidence_level": "standardised"}


def _limits(expected: float, alpha: float) -> tuple[float, float]:
    low, high = stats.poisson.ppf([alpha / 2, 1 - alpha / 2], expected) / expected
    return float(low), float(high)


def funnel_summary_rows() -> Iterable[Row]:
    """What that funnel's units have in common."""
    yield {name: value for name, value in PLACE.items() if name != "unit_id"} | {
        "n_units": 5, "chance_outside_95": 0.25, "chance_outside_998": 0.01, "outside_95": 2, "outside_998": 1,
        "overdispersion_method": "square_root", "state": "final",
    }  # fmt: skip


def view_rows() -> Iterable[Row]:
    """The three views of one core task in the whole municipality."""
    yield {
        "core_task_id": "work", "unit_id": "(all)", "cohort": "all", "formal": 0.5, "performed": 0.57, "performed_low": 0.54,
        "performed_high": 0.6, "experienced": 0.48, "experienced_low": 0.41, "experienced_high": 0.55, "gap_formal_performed": 0.07,
        "gap_performed_experienced": -0.09, "experienced_state": "final", "state": "final",
    }  # fmt: skip


def write_example_changes(published: Path, version: str) -> None:
    """What changed with a version: a figure by its causes, one of a few persons, and one that is new."""
    figure = {
        "core_task_id": "work",
        "indicator_id": "job_held",
        "cohort": "all",
        "state_before": "final",
        "state_after": "final",
        "hidden": None,
    }
    whole = figure | {
        "unit_id": "(all)", "before": {"share": 0.55, "effects_per_million": 14.0}, "after": {"share": 0.57, "effects_per_million": 14.6},
        "by_cause": {"share": {"new_events": 0.03, "corrections": -0.01}}, "causes": ["new_events", "corrections"],
    }  # fmt: skip
    few = figure | {"unit_id": "job-nord", "before": {}, "after": {}, "by_cause": {}, "causes": ["new_events"], "hidden": "a few"}
    new = figure | {
        "unit_id": "nasty", "state_before": None, "before": {"share": None}, "after": {"share": 0.5}, "by_cause": {}, "causes": ["time"],
    }  # fmt: skip
    ends = {
        "before": {"version": "v20260228T120000-aaa111", "as_of": "2026-02-28"},
        "after": {"version": version, "as_of": "2026-03-31"},
    }
    told = ends | {
        "not_split": None,
        "events": {"new_events": {"employment.placement_started": 41}, "corrections": {"correction.event_replaced": "a few"}},
        "definitions": [{"indicator_id": "loneliness", "change": "changed"}],
        "totals": [whole], "changes": [whole, few, new], "n_changes": 3,
    }  # fmt: skip
    folder = published / "changes"
    folder.mkdir(exist_ok=True)
    (folder / f"{version}.json").write_text(json.dumps(told), encoding="utf-8")
