"""What the invented municipality says about its own units: a new one, a move, a merger, its staff and their time."""

import datetime as dt

from pipelines.simulate.course import Scene
from pipelines.simulate.places import (
    BY_CORE_TASK,
    CHANGE,
    CHANGE_NAME,
    CHANGE_REACHED,
    MERGED_INTO,
    MERGED_UNIT,
    MOVED_TO,
    MOVED_UNIT,
    NEW_UNIT,
    NEW_UNIT_NAME,
    NEW_UNIT_PARENT,
    SCHOOL,
    UNITS,
)

PURPOSES = {"citizen": 0.58, "documentation": 0.19, "coordination": 0.12, "transport": 0.07, "other": 0.04}
SURVEYS = (("relational_coordination", "shared_goals"), ("social_capital", "trust"), ("wellbeing", "work_satisfaction"))
STAFF_MINUTES_PER_QUARTER = 140_000


def tell_organisation(scene: Scene) -> None:
    """Write the organisation events."""
    middle = scene.period.first + dt.timedelta(days=scene.period.days // 2)
    _say(scene, "unit_opened", NEW_UNIT, middle, parent=NEW_UNIT_PARENT, name=NEW_UNIT_NAME, level="institution", profession="teacher")
    _say(scene, "unit_moved", MOVED_UNIT, middle, parent=MOVED_TO)
    _say(scene, "unit_merged", MERGED_UNIT, scene.merged_on, into=MERGED_INTO)
    for unit in CHANGE_REACHED:
        changed_on = scene.changed_on(unit)
        assert changed_on is not None  # it is among those reached
        _say(scene, "change_introduced", unit, changed_on, change_id=CHANGE, name=CHANGE_NAME)
    for year in range(scene.period.first.year, scene.period.last.year + 1):
        _survey_staff(scene, dt.date(year, 10, 15))
        _report_examinations(scene, dt.date(year, 6, 30))
        for quarter_end in (dt.date(year, 3, 31), dt.date(year, 6, 30), dt.date(year, 9, 30), dt.date(year, 12, 31)):
            _register_time(scene, quarter_end)


def _say(scene: Scene, fact: str, unit: str, on: dt.date, **data: object) -> None:
    scene.writer.event(f"organisation.{fact}", unit, on, {"unit": unit, **data}, lag_days=0)


def _survey_staff(scene: Scene, on: dt.date) -> None:
    for unit in UNITS:
        if scene.unit_id(unit, on) != unit.id:
            continue
        answered = scene.random.randrange(12, 60)
        for instrument, dimension in SURVEYS:
            score = round(min(5.0, 3.2 + unit.easy + scene.random.gauss(0, 0.15)), 2)
            answers = {"instrument": instrument, "dimension": dimension, "score": score, "scale_min": 1, "scale_max": 5}
            _say(scene, "staff_surveyed", unit.id, on, **answers, answered=answered)


def _report_examinations(scene: Scene, on: dt.date) -> None:
    """What every school reports of its ninth grade: totals, nobody behind them."""
    for unit in BY_CORE_TASK[SCHOOL]:
        pupils = scene.random.randrange(45, 80)
        passed = round(pupils * min(0.97, 0.55 + 0.4 * unit.probability + scene.random.gauss(0, 0.03)))
        totals = {"measure": "at_least_2_danish_mathematics", "period": f"{on.year}", "numerator": passed, "denominator": pupils}
        _say(scene, "counts_reported", unit.id, on, **totals)


def _register_time(scene: Scene, on: dt.date) -> None:
    for unit in UNITS:
        if scene.unit_id(unit, on) == unit.id:
            for purpose, share in PURPOSES.items():
                minutes = round(STAFF_MINUTES_PER_QUARTER * share * scene.random.uniform(0.9, 1.1))
                _say(scene, "time_registered", unit.id, on, minutes=minutes, purpose=purpose)
