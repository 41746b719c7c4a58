"""Aktivt & selvstændigt liv, invented: rehabilitation courses, granted minutes, levels of function."""

import datetime as dt
from typing import Any

from pipelines.simulate.course import Case, Scene, days
from pipelines.simulate.people import Citizen
from pipelines.simulate.places import CARE

YEARLY_COURSES_OLD, YEARLY_COURSES_YOUNGER = 0.16, 0.008
NEXT_COURSE_AFTER_DAYS = 420
COURSE_DAYS = (56, 100)
NEW_LAW = dt.date(2025, 7, 1)
"""From this day people of pension age come under the act on elder care, no longer under § 83 a of the act on social services."""


def live_later_life(scene: Scene, citizen: Citizen) -> None:
    """Write the rehabilitation courses of one citizen and what came of each."""
    yearly = YEARLY_COURSES_OLD if citizen.age(scene.period.last) >= 67 else YEARLY_COURSES_YOUNGER
    on = scene.period.first + days(scene.random.expovariate(yearly) * 365)
    while on <= scene.period.last and on < citizen.gone_on:
        if citizen.age(on) >= 40:
            _course(scene, scene.case(citizen, CARE, on))
        on += days(NEXT_COURSE_AFTER_DAYS + scene.random.expovariate(yearly) * 365)


def _course(scene: Scene, case: Case) -> None:
    random, on, course = scene.random, case.on, f"r{case.number}"
    level = random.choice((3, 3, 4)) if case.is_hard else random.choice((2, 2, 3))
    granted = scene.minutes(260 if case.is_hard else 110)
    attributes = {"age": case.citizen.age(on), "function_level": level, "lives_alone": random.random() < 0.55}
    law = "aeldreloven" if on >= NEW_LAW and case.citizen.age(on) >= 67 else "sel_83a"
    scene.write(case, "rehabilitation.course_started", on, course_id=course, legal_basis=law, attributes=attributes)
    for item in ("washing", "moving_indoors"):
        scene.write(case, "rehabilitation.function_assessed", on, instrument="fsiii", item=item, score=level, course_id=course)
        scene.write(case, "rehabilitation.goal_set", on, instrument="fsiii", item=item, score=max(0, level - 1), course_id=course)
    scene.write(case, "rehabilitation.care_granted", on, minutes_per_week=granted, service="personal_care")
    ends = on + days(random.randrange(*COURSE_DAYS))
    for day in scene.outputs(case, (ends - on).days, share=0.7):
        scene.write(case, "rehabilitation.visit_delivered", day, minutes=scene.minutes(35))
    for day in scene.outputs(case, (ends - on).days, share=0.3):
        scene.write(case, "rehabilitation.training_held", day, minutes=scene.minutes(50))
    scene.write(case, "rehabilitation.course_ended", ends, course_id=course, reason="completed")
    _aftermath(scene, case, ends, level, granted)


def _aftermath(scene: Scene, case: Case, ends: dt.date, level: int, granted: int) -> None:
    """What came of a course: no help needed within six months, less help, as much, or a nursing home."""
    random, course = scene.random, f"r{case.number}"
    better = level - random.choice((1, 1, 2)) if case.succeeds else level - random.choice((0, 0, 1, -1))
    for item in ("washing", "moving_indoors"):
        score = min(4, max(0, better))
        scene.write(case, "rehabilitation.function_assessed", ends, instrument="fsiii", item=item, score=score, course_id=course)
    if case.succeeds:
        free = case.on + days(random.randrange(60, 175))
        scene.write(case, "rehabilitation.care_granted", free, minutes_per_week=0, service="personal_care")
        if random.random() < 0.2:
            again = case.on + days(random.randrange(215, 400))
            scene.write(case, "rehabilitation.care_granted", again, minutes_per_week=round(granted / 2), service="personal_care")
    elif random.random() < 0.07 + 0.08 * case.is_hard:
        scene.write(case, "rehabilitation.nursing_home_entered", case.on + days(random.randrange(40, 400)), with_unit=False)
    else:
        minutes = round(granted * random.choice((1.0, 0.8, 0.5, 1.2)))
        scene.write(case, "rehabilitation.care_granted", ends, minutes_per_week=minutes, service="personal_care")
    if random.random() < 0.12:
        admitted = case.on + days(random.randrange(1, 300))
        scene.write(case, "rehabilitation.hospital_admitted", admitted, with_unit=False, stay_id=f"h{case.number}")
        if scene.happens(case, admitted):
            discharged = admitted + days(random.randrange(1, 20))
            scene.write(case, "rehabilitation.hospital_discharged", discharged, with_unit=False, stay_id=f"h{case.number}")
    scene.involve(case, ends + days(7))
    if random.random() < 0.4:
        score = min(5, max(1, round(random.gauss(4.1 if case.succeeds else 3.1, 0.9))))
        rating: dict[str, Any] = {"question": "independence", "score": score, "scale_min": 1, "scale_max": 5, "episode_id": course}
        scene.write(case, "experience.rated", ends + days(random.randrange(10, 60)), **rating)
