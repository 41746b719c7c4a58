"""Uddannelse & beskæftigelse, invented: benefit spells, conversations, programmes and jobs that last or do not."""

import datetime as dt
from typing import Any

from pipelines.simulate.course import Case, Scene, days
from pipelines.simulate.people import Citizen
from pipelines.simulate.places import BY_CORE_TASK, WORK

YEARLY_SPELLS = 0.15
HELD_DAYS = 182
BEGINS_WITHIN_DAYS = 182
NEXT_SPELL_AFTER_DAYS = 560


def live_working_life(scene: Scene, citizen: Citizen) -> None:
    """Write the benefit spells of one citizen of working age and what came of each."""
    on = scene.period.first + days(scene.random.expovariate(YEARLY_SPELLS) * 365)
    while on <= scene.period.last and on < citizen.gone_on:
        if 18 <= citizen.age(on) < 66:
            _spell(scene, scene.case(citizen, WORK, on))
        on += days(NEXT_SPELL_AFTER_DAYS + scene.random.expovariate(YEARLY_SPELLS) * 365)


def _spell(scene: Scene, case: Case) -> None:
    random, on = scene.random, case.on
    benefit = random.choices(("kontanthjaelp", "dagpenge", "sygedagpenge"), (3, 5, 2) if not case.is_hard else (6, 2, 3))[0]
    attributes = {
        "age": case.citizen.age(on),
        "months_on_benefit_before": random.randrange(12, 60) if case.is_hard else random.randrange(0, 11),
        "schooling": random.choices(("none", "vocational", "higher"), (5, 3, 1) if case.is_hard else (2, 4, 3))[0],
    }
    scene.write(case, "employment.benefit_started", on, spell_id=f"b{case.number}", benefit=benefit, attributes=attributes)
    off_benefit = _job(scene, case) if case.succeeds else _no_lasting_job(scene, case)
    scene.write(case, "employment.benefit_ended", off_benefit, spell_id=f"b{case.number}", reason="work" if case.succeeds else "other")
    scene.involve(case, on + days(120))
    _outputs(scene, case, max(21, min(210, (off_benefit - on).days)))
    if case.citizen.age(on) >= 62 and random.random() < 0.3:
        scene.write(case, "person.retired", on + days(random.randrange(60, 500)), with_unit=False)
    if random.random() < 0.3:
        score = min(5, max(1, round(random.gauss(3.9 if case.succeeds else 3.0, 0.9))))
        rating: dict[str, Any] = {
            "question": "relevant_support",
            "score": score,
            "scale_min": 1,
            "scale_max": 5,
            "episode_id": f"b{case.number}",
        }
        scene.write(case, "experience.rated", on + days(random.randrange(90, 180)), **rating)


def _job(scene: Scene, case: Case) -> dt.date:
    """A job that lasts: begun within half a year, held for more; some change employer with a short hole between."""
    random = scene.random
    start = case.on + days(random.randrange(7, BEGINS_WITHIN_DAYS - 20))
    leaves = start + days(random.randrange(HELD_DAYS + 30, 900))
    if random.random() < 0.2:
        change = start + days(random.randrange(40, 150))
        _placement(scene, case, "a", start, change, "ordinary")
        _placement(scene, case, "b", change + days(random.randrange(1, 13)), leaves, "ordinary")
    else:
        _placement(scene, case, "a", start, leaves if random.random() < 0.35 else None, "ordinary")
    return start


def _no_lasting_job(scene: Scene, case: Case) -> dt.date:
    """No lasting job: none at all, a short one, a late one, or one with a wage subsidy."""
    random = scene.random
    way = random.choices(("none", "short", "late", "subsidy"), (40, 28, 17, 15))[0]
    if way == "short":
        start = case.on + days(random.randrange(14, 160))
        _placement(scene, case, "a", start, start + days(random.randrange(14, 130)), "ordinary")
    elif way == "late":
        start = case.on + days(random.randrange(215, 420))
        _placement(scene, case, "a", start, None, "ordinary")
        return start
    elif way == "subsidy":
        start = case.on + days(random.randrange(30, 150))
        _placement(scene, case, "a", start, start + days(random.randrange(90, 300)), "wage_subsidy")
    return case.on + days(random.randrange(240, 900))


def _placement(scene: Scene, case: Case, part: str, start: dt.date, end: dt.date | None, form: str) -> None:
    placement = f"j{case.number}{part}"
    hours = scene.random.choice((37, 37, 37, 30, 25, 18))
    sector = scene.random.choices(("private", "public", "non_profit"), (6, 3, 1))[0]
    scene.write(
        case, "employment.placement_started", start, placement_id=placement, hours_per_week=hours, form=form, employer_sector=sector
    )
    if end is not None and scene.happens(case, start):
        scene.write(case, "employment.placement_ended", end, placement_id=placement, reason="ended")


def _outputs(scene: Scene, case: Case, within_days: int) -> None:
    random = scene.random
    for on in scene.outputs(case, within_days):
        channel = random.choices(("meeting", "phone", "video"), (5, 3, 2))[0]
        scene.write(case, "employment.conversation_held", on, minutes=scene.minutes(40), channel=channel)
    if random.random() < 0.35:
        start, programme = case.on + days(random.randrange(10, 60)), f"t{case.number}"
        others = [unit.id for unit in BY_CORE_TASK[WORK] if unit.id != case.unit.id]
        effort: dict[str, Any] = {"effort": {random.choice(others): scene.minutes(180)}} if random.random() < 0.25 else {}
        kind = random.choice(("job_search", "mentor", "upskilling"))
        scene.write(case, "employment.programme_started", start, programme_id=programme, programme=kind, **effort)
        if scene.happens(case, start):
            scene.write(case, "employment.programme_ended", start + days(random.randrange(20, 120)), programme_id=programme)
