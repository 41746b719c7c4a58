"""The town of the mart's benchmark: so many indicators of every kind over a tree of so many units, and a store full of courses."""

import shutil
from pathlib import Path
from typing import Any

import duckdb

from models.catalogue import Catalogue
from pipelines.database import Resources
from pipelines.intake import Intake
from pipelines.store import Store

HERE = Path(__file__).parent
STEPS = 10
"""Events in one citizen's course."""

LINES = 200_000
"""Events that are taken apart and committed at once."""

MONTHS = (6, 3, 12, 9, 18, 24, 2, 15)
TASKS = ("work", "care", "company")
ENDS = {"competing": ["person.died"], "censored_by": ["person.moved_away"], "time_unit": "month"}


def catalogue(n_units: int, n_indicators: int, k: int = 5) -> Catalogue:
    """Indicators in turn over all kinds, each time with another horizon; money by the year, cohorts by the month."""
    indicators: dict[str, list[dict[str, Any]]] = {task: [] for task in TASKS}
    for number in range(n_indicators):
        task, one = _SHAPES[number % len(_SHAPES)](MONTHS[number // len(_SHAPES) % len(MONTHS)], number)
        indicators[task].append({"id": f"i{number}", "name": f"Indicator {number}", "effect": {"unit": "citizen"}} | one)
    for task in TASKS:
        for later in indicators[task][1:]:
            later["lead_for_cost"] = False
    return Catalogue.model_validate(
        {
            "municipality": {
                "id": "bench", "name": "Bench", "invented": True, "k": k, "period": "month", "cost_period": "year", "reporting_lag": "P14D",
                "attribution": {"rules": ["lead", "equal"]},
            },
            "units": units(n_units),
            "core_tasks": [
                {"id": task, "name": task, "purpose": "p", "target_group": "g", "unit": "bench", "indicators": indicators[task]}
                for task in TASKS
            ],
            "attributes": [{"name": name, "meaning": name} for name in ("age", "months_on_benefit_before", "function_level")],
            "costs": {"version": "1", "rules": [{"account": str(n), "to": task} for n, task in enumerate(TASKS, 1)]},
        }
    )  # fmt: skip


def units(n: int) -> list[dict[str, Any]]:
    """A municipality, administrations of about ten institutions each, institutions of about ten teams each; n in all."""
    institutions = max(1, n // 11)
    administrations = max(1, institutions // 10)
    teams = teams_of(n)
    return [
        {"id": "bench", "name": "Bench", "level": "municipality"},
        *(_unit(f"bench.a{i}", "administration", "bench") for i in range(administrations)),
        *(_unit(f"bench.i{i}", "institution", f"bench.a{i % administrations}") for i in range(institutions)),
        *(_unit(f"bench.team{i}", "department", f"bench.i{i % institutions}") for i in range(teams)),
    ]


def teams_of(n_units: int) -> int:
    """Units without others below them, of so many in all."""
    institutions = max(1, n_units // 11)
    return max(1, n_units - 1 - institutions - max(1, institutions // 10))


def fill(folder: Path, asked: Catalogue, n_events: int, n_units: int, n_cohorts: int) -> None:
    """A store of so many events, made through the intake, admission and translation."""
    shutil.rmtree(folder, ignore_errors=True)
    teams = teams_of(n_units)
    with Intake() as intake, Store.open(folder, asked, resources=Resources(memory="1GiB")) as store:
        rest = _feed(store, intake, "totals", _lines("mart_totals", teams=teams, cohorts=n_cohorts))
        citizens = max(1, (n_events - rest) // STEPS)
        for first in range(0, citizens, LINES // STEPS):
            some = min(LINES // STEPS, citizens - first)
            _feed(store, intake, "courses", courses(first, some, n_units, n_cohorts), first * STEPS)


def courses(first: int, citizens: int, n_units: int, n_cohorts: int) -> list[bytes]:
    """The events of some citizens; whoever has a number above those of the store is new."""
    return _lines("mart_events", first=first, n=citizens, teams=teams_of(n_units), cohorts=n_cohorts)


def later(store: Store, n_events: int, n_units: int, n_cohorts: int, first: int) -> int:
    """So many events more, of new citizens; returns how many were accepted."""
    with Intake() as intake:
        return _feed(store, intake, "later", courses(first, n_events // STEPS, n_units, n_cohorts))


def _feed(store: Store, intake: Intake, feed: str, lines: list[bytes], first: int = 0) -> int:
    accepted = 0
    for start in range(0, len(lines), LINES):
        done = store.commit([intake.read(feed, 0, first + start, lines[start : start + LINES])])
        if done.quarantined or done.accepted != len(lines[start : start + LINES]):
            raise SystemExit(f"the benchmark's own events were rejected: {done}")
        accepted += done.accepted
    return accepted


def _lines(name: str, **values: int) -> list[bytes]:
    with duckdb.connect() as connection:
        found = connection.execute((HERE / f"{name}.sql").read_text(encoding="utf-8"), values).fetchall()
    return [line.encode() for (line,) in found]


def _unit(unit_id: str, level: str, parent: str) -> dict[str, Any]:
    return {"id": unit_id, "name": unit_id, "level": level, "parent": parent}


def _work(**rest: Any) -> tuple[str, dict[str, Any]]:
    return "work", {"index": "employment.benefit_ended", **ENDS, **rest}


def _care(**rest: Any) -> tuple[str, dict[str, Any]]:
    return "care", {"index": "rehabilitation.course_started", **ENDS, **rest}


def _company(**rest: Any) -> tuple[str, dict[str, Any]]:
    return "company", {"index": "community.membership_started", **ENDS, **rest}


_ORDINARY = {"name": "employment", "codes": ["ordinary"]}
_AGE = [{"attribute": "age", "bands": [30, 50]}, {"attribute": "months_on_benefit_before", "bands": [12, 24]}]
_LEVEL = [{"attribute": "function_level", "bands": [2]}, {"attribute": "age", "bands": [50]}]

_SHAPES = (
    lambda m, n: _work(kind="state_at", state=_ORDINARY, horizon=f"P{m}M", case_mix=_AGE, expected="pool"),
    lambda m, n: _care(
        kind="reached", target={"event": "rehabilitation.care_granted", "where": {"minutes_per_week": {"max": 0}}}, horizon=f"P{m}M",
        case_mix=_LEVEL, expected="pool",
    ),
    lambda m, n: _company(kind="sustained", state={"name": "membership"}, begins_within="P0D", held=f"P{m}M", gap="P1M"),
    lambda m, n: _work(kind="sustained", state=_ORDINARY, begins_within="P90D", held=f"P{4 * m}W", gap="P14D"),
    lambda m, n: _care(
        kind="change", measure="barthel", baseline={"from": "P0D", "to": "P14D", "which": "first"},
        follow_up={"from": "P60D", "to": "P180D", "which": "last"}, better="higher", minimal_important_change=m,
    ),
    lambda m, n: _company(kind="reached", target="community.volunteering_started", horizon=f"P{m}M"),
    lambda m, n: _work(kind="reached", target="employment.placement_started", horizon=f"P{m}M", expected="pool"),
    lambda m, n: _care(kind="reduction", service="personal_care", by=min(0.9, 0.05 * m), follow_up={"from": "P100D", "to": "P200D"}),
    lambda m, n: _company(
        kind="change", measure="t_ils", baseline={"from": "P0D", "to": "P14D", "which": "first"},
        follow_up={"from": "P9M", "to": "P14M", "at": "P12M"}, better="lower", minimal_important_change=1 + m % 3,
    ),
    lambda m, n: _work(kind="reached", target="employment.benefit_started", horizon=f"P{m}M", direction="down"),
    lambda m, n: _care(
        kind="experienced", question="independence", bar=min(1.0, 0.25 + 0.03 * m), follow_up={"from": "P56D", "to": "P180D"}
    ),
    lambda m, n: ("company", {"kind": "reported", "measure": "answered_in_time"})
    if n < len(_SHAPES)
    else _company(kind="sustained", state={"name": "volunteering"}, begins_within=f"P{m}M", held="P3M"),
)  # fmt: skip
