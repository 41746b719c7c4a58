"""Fællesskab & fritid, invented: memberships that last or do not, voluntary work, loneliness, and what the houses hold."""

import datetime as dt

from pipelines.simulate.course import Case, Scene, days
from pipelines.simulate.people import Citizen, pseudonym
from pipelines.simulate.places import BY_CORE_TASK, COMMUNITY, UnitTruth

YEARLY_MEMBERSHIPS = 0.06
HELD_DAYS = 366
NEXT_MEMBERSHIP_AFTER_DAYS = 420
ASSOCIATIONS_PER_HOUSE = 16
ASSOCIATIONS = ("gymnastics", "choir", "village_hall", "scouts", "football", "senior_club", "local_history")


def live_community_life(scene: Scene, citizen: Citizen) -> None:
    """Write the memberships that one citizen found through a unit, and what came of each."""
    on = scene.period.first + days(scene.random.expovariate(YEARLY_MEMBERSHIPS) * 365)
    while on <= scene.period.last and on < citizen.gone_on:
        if citizen.age(on) >= 6:
            _membership(scene, scene.case(citizen, COMMUNITY, on))
        on += days(NEXT_MEMBERSHIP_AFTER_DAYS + scene.random.expovariate(YEARLY_MEMBERSHIPS) * 365)


def _membership(scene: Scene, case: Case) -> None:
    random, on, membership = scene.random, case.on, f"m{case.number}"
    attributes = {"age": case.citizen.age(on), "member_before": not case.is_hard, "lives_alone": random.random() < 0.3}
    association = random.choice(ASSOCIATIONS)
    scene.write(case, "community.membership_started", on, membership_id=membership, association=association, attributes=attributes)
    if case.succeeds:
        ends = on + days(random.randrange(HELD_DAYS + 10, 1100)) if random.random() < 0.5 else None
        if random.random() < 0.15:
            _pause(scene, case, membership, association)
    else:
        ends = on + days(random.randrange(20, 330))
    if ends is not None:
        scene.write(case, "community.membership_ended", ends, membership_id=membership)
    if random.random() < (0.22 if case.succeeds else 0.06):
        _volunteering(scene, case)
    if random.random() < 0.15:
        before = random.choice((5, 6, 7, 8, 9)) if case.is_hard else random.choice((3, 4, 5, 6))
        after = max(3, before - random.choice((0, 1, 2, 3) if case.succeeds else (-1, 0, 0, 1)))
        for day, score in ((on, before), (on + days(random.randrange(300, 400)), min(9, after))):
            scene.write(case, "community.loneliness_measured", day, with_unit=False, instrument="t_ils", score=score)


def _pause(scene: Scene, case: Case, membership: str, association: str) -> None:
    """Out for less than a month between seasons, and in again under another episode: one membership, by the indicator's forgiven gap."""
    second = f"{membership}x"
    again = case.on + days(scene.random.randrange(40, 200))
    scene.write(case, "community.membership_started", again, membership_id=second, association=association)


def _volunteering(scene: Scene, case: Case) -> None:
    random, volunteering = scene.random, f"v{case.number}"
    start = case.on + days(random.randrange(20, 360))
    scene.write(case, "community.volunteering_started", start, volunteering_id=volunteering)
    if scene.happens(case, start) and random.random() < 0.4:
        scene.write(case, "community.volunteering_ended", start + days(random.randrange(60, 700)), volunteering_id=volunteering)


def hold_activities(scene: Scene, seed: int) -> None:
    """Write what every house holds, about the invented key of the association that held it (an activity is nobody's personal course)."""
    for number, unit in enumerate(BY_CORE_TASK[COMMUNITY]):
        keys = [pseudonym(seed, "c", 2_000_000 + ASSOCIATIONS_PER_HOUSE * number + each) for each in range(ASSOCIATIONS_PER_HOUSE)]
        month = scene.period.first
        while month <= scene.period.last:
            _month(scene, unit, keys, month)
            month = (month + days(32)).replace(day=1)


def _month(scene: Scene, unit: UnitTruth, keys: list[str], month: dt.date) -> None:
    random, unit_id = scene.random, scene.unit_id(unit, month)
    expected = unit.outputs_per_case * scene.begun[unit.id, f"{month:%Y-%m}"]
    for number in range(round(random.gauss(expected, expected**0.5))):
        name = "community.open_hours_held" if number % 4 == 0 else "community.activity_held"
        data = {"unit": unit_id, "minutes": scene.minutes(110), "participants": random.randrange(5, 40)}
        scene.writer.event(name, random.choice(keys), month + days(random.randrange(28)), data)
