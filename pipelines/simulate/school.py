"""Trivsel & læring, invented: leaving school after the ninth grade, on to an education, and staying in it or not."""

import datetime as dt

from pipelines.simulate.course import Case, Scene, days
from pipelines.simulate.people import Citizen, pseudonym
from pipelines.simulate.places import BY_CORE_TASK, SCHOOL, UnitTruth

LEAVING_AGE = 16
SCHOOL_MONTHS = (9, 10, 11, 12, 1, 2, 3, 4, 5, 6)
VIA_TENTH_GRADE = 0.45
CLASSES = 18


def live_school_life(scene: Scene, citizen: Citizen) -> None:
    """Write the last school year of one young citizen, the leaving and the way on."""
    year = citizen.born_on.year + LEAVING_AGE
    leaves = dt.date(year, 6, 20) + days(scene.random.randrange(8))
    if scene.period.first <= leaves <= scene.period.last and leaves < citizen.gone_on:
        case = scene.case(citizen, SCHOOL, leaves)
        _last_year(scene, case)
        _way_on(scene, case)


def _last_year(scene: Scene, case: Case) -> None:
    random = scene.random
    for month in SCHOOL_MONTHS:
        year = case.on.year - (month > 6)
        absent = min(20, int(random.expovariate(1 / (2.6 if case.is_hard else 1.1))))
        on = dt.date(year, month, 28)
        scene.write(case, "education.absence_registered", on, period=f"{on:%Y-%m}", days=absent, school_days=20)
    score = round(min(5.0, max(1.0, random.gauss(3.4 if case.is_hard else 3.8, 0.5))), 1)
    earlier = round(min(5.0, max(1.0, score + random.gauss(-0.15 if case.succeeds else 0.1, 0.35))), 1)
    for year, told in ((case.on.year - 1, earlier), (case.on.year, score)):
        asked = dt.date(year, 2, 15)
        scene.write(case, "education.wellbeing_measured", asked, instrument="wellbeing_4_9", score=told, answered=38, asked=40)


def _way_on(scene: Scene, case: Case) -> None:
    random, citizen = scene.random, case.citizen
    attributes = {
        "parents_schooling": random.choices(("none", "vocational", "higher"), (5, 3, 1) if case.is_hard else (1, 4, 4))[0],
        "absence_band": "high" if random.random() < (0.6 if case.is_hard else 0.15) else "low",
        "born_month": citizen.born_on.month,
    }
    scene.write(case, "education.school_left", case.on, level="lower_secondary", attributes=attributes)
    tenth = random.random() < VIA_TENTH_GRADE
    onward = "tenth_grade" if tenth else random.choices(("upper_secondary", "vocational"), (7, 3))[0]
    if tenth:
        _enrol(scene, case, "t", dt.date(case.on.year, 8, 11), dt.date(case.on.year + 1, 6, 22), "tenth_grade", completed=True)
    starts = dt.date(case.on.year + tenth, 8, 11)
    level = onward if not tenth else random.choices(("upper_secondary", "vocational"), (6, 4))[0]
    if case.succeeds:
        scene.write(case, "education.transitioned", case.on + days(2), from_level="lower_secondary", to_level=onward)
        stays = random.random() < 0.9
        _enrol(scene, case, "u", starts, None if stays else case.on + days(random.randrange(480, 800)), level, completed=False)
    elif random.random() < 0.55:
        _enrol(scene, case, "u", starts, starts + days(random.randrange(8, 38 if tenth else 330)), level, completed=False)


def _enrol(scene: Scene, case: Case, part: str, start: dt.date, end: dt.date | None, level: str, *, completed: bool) -> None:
    enrolment = f"e{case.number}{part}"
    scene.write(case, "education.enrolled", start, enrolment_id=enrolment, programme=f"{level}_programme", level=level)
    if end is None or not scene.happens(case, start):
        return
    if completed:
        scene.write(case, "education.completed", end, enrolment_id=enrolment)
    else:
        scene.write(case, "education.interrupted", end, enrolment_id=enrolment, reason="left")


def hold_lessons(scene: Scene, seed: int) -> None:
    """Write the lessons of every school by month, about the invented key of a class: a lesson is nobody's personal course."""
    for number, unit in enumerate(BY_CORE_TASK[SCHOOL]):
        classes = [pseudonym(seed, "c", 1_000_000 + CLASSES * number + each) for each in range(CLASSES)]
        for year in range(scene.period.first.year, scene.period.last.year + 1):
            _school_year(scene, unit, classes, year)


def _school_year(scene: Scene, unit: UnitTruth, classes: list[str], year: int) -> None:
    pupils = scene.begun[unit.id, f"{year}-06"]
    for month in SCHOOL_MONTHS:
        for _ in range(round(pupils * unit.outputs_per_case / len(SCHOOL_MONTHS))):
            on = dt.date(year, month, scene.random.randrange(1, 28))
            data = {"unit": unit.id, "minutes": 45, "pupils": scene.random.randrange(15, 27)}
            scene.writer.event("education.lesson_delivered", scene.random.choice(classes), on, data)
