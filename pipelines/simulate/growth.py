"""Bæredygtig vækst, invented: companies that live or close, and newcomers who stay or leave again."""

from pipelines.simulate.course import Case, Scene, days
from pipelines.simulate.people import Citizen, pseudonym
from pipelines.simulate.places import BY_CORE_TASK, GROWTH

COMPANIES_PER_CITIZEN_AND_YEAR = 0.016
NEWCOMERS_PER_CITIZEN_AND_YEAR = 0.02
ALIVE_DAYS = 550
TRADES = ("shop", "craft", "consulting", "food", "tourism")
NEVER_GONE_YEARS = 100
EVENTS_PER_YEAR, GUILDS = 24, 12


def live_companies(scene: Scene, seed: int, citizens: int) -> None:
    """Write the companies that were founded with a unit's advice, and what became of each."""
    for number in range(round(citizens * COMPANIES_PER_CITIZEN_AND_YEAR * scene.period.years)):
        on = scene.period.day(scene.random)
        gone_on = scene.period.last + days(365 * NEVER_GONE_YEARS)
        _company(scene, scene.case(Citizen(pseudonym(seed, "c", number), number, on, False, gone_on), GROWTH, on))


def _company(scene: Scene, case: Case) -> None:
    random, on, company = scene.random, case.on, f"v{case.number}"
    attributes = {
        "trade": random.choice(TRADES),
        "founded_before": not case.is_hard,
        "employees_at_start": random.choice((0, 0, 0, 1, 2, 5)),
    }
    scene.write(case, "growth.company_started", on, company_id=company, attributes=attributes)
    for day in scene.outputs(case, 300):
        scene.write(case, "growth.advice_given", day, minutes=scene.minutes(60), participants=1)
    if random.random() < 0.04:
        scene.write(case, "growth.company_taken_over", on + days(random.randrange(100, 500)), company_id=company)
        return
    if case.succeeds:
        if random.random() < 0.3:
            scene.write(
                case, "growth.company_ended", on + days(random.randrange(ALIVE_DAYS + 10, 1000)), company_id=company, reason="closed"
            )
        return
    ends = on + days(random.randrange(40, 350))
    scene.write(case, "growth.company_ended", ends, company_id=company, reason=random.choice(("closed", "bankrupt")))


def live_newcomer(scene: Scene, citizen: Citizen) -> None:
    """Write that one citizen moved into a place and, when they do, out again."""
    random = scene.random
    if random.random() >= NEWCOMERS_PER_CITIZEN_AND_YEAR * scene.period.years:
        return
    on = scene.period.day(random)
    if on >= citizen.gone_on:
        return
    units = BY_CORE_TASK[GROWTH]
    unit = random.choices(units, [other.pull for other in units])[0]
    case = Case(citizen.number, citizen, unit, unit.id, on, False, random.random() < 0.78 + 0.12 * (unit.easy - 0.6))
    place, household = f"landsby-{random.randrange(1, 13)}", f"hus-{citizen.number}"
    attributes = {"age": citizen.age(on), "with_children": random.random() < 0.4}
    scene.write(case, "growth.moved_in", on, place=place, household_id=household, attributes=attributes)
    if not case.succeeds:
        scene.write(case, "growth.moved_out", on + days(random.randrange(60, 360)), place=place, household_id=household)


def hold_events(scene: Scene, seed: int) -> None:
    """Write the open events of every unit, about the invented key of the guild that it was held with."""
    for number, unit in enumerate(BY_CORE_TASK[GROWTH]):
        for _ in range(round(EVENTS_PER_YEAR * scene.period.years)):
            key = pseudonym(seed, "c", 3_000_000 + GUILDS * number + scene.random.randrange(GUILDS))
            data = {"unit": unit.id, "minutes": scene.minutes(150), "participants": scene.random.randrange(8, 60)}
            scene.writer.event("growth.event_held", key, scene.period.day(scene.random), data)
