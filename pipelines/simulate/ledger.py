"""The invented municipality's ledger: what each unit spent per month and account, and what belongs to nobody.

A month's effort follows the cases that the unit began, so a unit's cost per case is the true one. Account strings have 16 digits: main
account 1, main function 2, function 2, dranst 1, ownership 1, cost centre 4, grouping 3, kind 2.
"""

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.simulate.course import Scene
from pipelines.simulate.places import CARE, COMMUNITY, GROWTH, SCHOOL, STAFF_UNIT, UNITS, WORK, UnitTruth

YEARLY_RISE = 0.032
WAGES, GOODS, SERVICES, TRANSFERS, INCOME = "10", "29", "40", "52", "79"
INTERNAL, PAID_BY_OTHERS = "91", "77"
REFUNDED_UNIT, BUYER, SELLER = "eks.arbejde.torvet", "eks.skole.bakke", "eks.kultur.hal"
RUNNING, REFUND, CAPITAL = "1", "2", "3"
SPREAD_MONTHS = 3
"""The effort for the cases of one month is spent in that month and the two after it."""


@dataclass(frozen=True)
class Share:
    """A share of a unit's effort that goes to one account."""

    function: str
    grouping: str
    kind: str
    share: float
    text: str


EFFORT = {
    WORK: (
        Share("64553", "001", WAGES, 0.55, "wages of caseworkers"),
        Share("56890", "003", SERVICES, 0.35, "courses and programmes"),
        Share("56898", "001", GOODS, 0.10, "employment schemes"),
    ),
    CARE: (
        Share("53026", "001", WAGES, 0.62, "wages in home care"),
        Share("46282", "001", WAGES, 0.26, "wages of therapists"),
        Share("53026", "002", GOODS, 0.15, "aids and goods"),
        Share("53026", "002", INCOME, -0.03, "payments received"),
    ),
    SCHOOL: (
        Share("32201", "001", WAGES, 0.82, "wages of teachers"),
        Share("32205", "001", WAGES, 0.10, "after-school care"),
        Share("32201", "002", GOODS, 0.12, "books and goods"),
        Share("32205", "003", INCOME, -0.04, "parents' payments"),
    ),
    COMMUNITY: (Share("33873", "001", SERVICES, 0.60, "grants to associations"), Share("03231", "001", WAGES, 0.40, "wages in halls")),
    GROWTH: (Share("64867", "001", WAGES, 0.70, "wages of advisers"), Share("64867", "002", SERVICES, 0.30, "advice bought")),
}


def account(function: str, dranst: str, centre: int, grouping: str, kind: str) -> str:
    """A 16-digit account string under own ownership."""
    return f"{function}{dranst}1{centre:04d}{grouping}{kind}"


def post_ledger(scene: Scene) -> None:
    """Write every month's postings, actual and budget."""
    for month in _months(scene):
        booked = month.replace(day=calendar.monthrange(month.year, month.month)[1])
        for centre, unit in enumerate(UNITS, 1):
            _effort(scene, unit, centre, month, booked)
        _shared(scene, booked)
        _between(scene, booked)


def _months(scene: Scene) -> Iterator[dt.date]:
    month = scene.period.first.replace(day=1)
    while month <= scene.period.last:
        yield month
        month = (month + dt.timedelta(days=32)).replace(day=1)


def _price(scene: Scene, year: int) -> float:
    return (1 + YEARLY_RISE) ** (year - scene.period.first.year)


def _effort(scene: Scene, unit: UnitTruth, centre: int, month: dt.date, booked: dt.date) -> None:
    kroner = _cases_worked_on(scene, unit, month) * unit.cost_per_case * _price(scene, month.year)
    for share in EFFORT[unit.core_task]:
        string = account(share.function, RUNNING, centre, share.grouping, share.kind)
        ore = round(kroner * share.share * scene.random.uniform(0.94, 1.06) * 100)
        if ore:
            _post(scene, scene.unit_id(unit, month), booked, string, ore, share.text, lag_days=scene.random.randrange(2, 14))
    if month.month == 1 and kroner:
        string = account(EFFORT[unit.core_task][0].function, RUNNING, centre, "001", WAGES)
        _post(scene, scene.unit_id(unit, month), month, string, round(kroner * 12) * 100, "budget of the year", lag_days=0, kind="budget")
    if scene.random.random() < 0.02 and kroner:
        _misbooked(scene, unit, centre, booked, round(kroner * 4))


def _cases_worked_on(scene: Scene, unit: UnitTruth, month: dt.date) -> float:
    """A school's year costs the same every month; elsewhere the effort follows the cases."""
    if unit.core_task == SCHOOL:
        return scene.begun[unit.id, f"{month.year}-06"] / 12
    total, back = 0.0, month
    for _ in range(SPREAD_MONTHS):
        total += scene.begun[unit.id, f"{back:%Y-%m}"] / SPREAD_MONTHS
        back = (back - dt.timedelta(days=1)).replace(day=1)
    return total


def _misbooked(scene: Scene, unit: UnitTruth, centre: int, booked: dt.date, ore: int) -> None:
    """A posting on the wrong account and its negative a month later, as ledgers are corrected."""
    string = account(EFFORT[unit.core_task][0].function, RUNNING, centre, "009", SERVICES)
    unit_id = scene.unit_id(unit, booked)
    _post(scene, unit_id, booked, string, ore, "posted in error", lag_days=3)
    reversed_on = min(scene.period.last, booked + dt.timedelta(days=25))
    _post(scene, unit_id, reversed_on, string, -ore, "reversal of a posting in error", lag_days=2)


def _shared(scene: Scene, booked: dt.date) -> None:
    """Money that is not effort of a unit: benefits and their refund, building, shared administration, and an account that no rule knows."""
    size = scene.begun_per_month(WORK) * 100 * _price(scene, booked.year)
    for function, dranst, kind, kroner, text in (
        ("55773", RUNNING, TRANSFERS, 38_000, "cash benefits"),
        ("55773", REFUND, TRANSFERS, -11_000, "state refund of cash benefits"),
        ("55771", RUNNING, TRANSFERS, 21_000, "sickness benefits"),
        ("32201", CAPITAL, SERVICES, 9_000, "building of a school"),
        ("64551", RUNNING, WAGES, 14_000, "shared administration"),
        ("02231", RUNNING, SERVICES, 1_500, "green areas, not placed yet"),
    ):
        ore = round(kroner * size * scene.random.uniform(0.9, 1.1))
        if ore:
            _post(scene, STAFF_UNIT, booked, account(function, dranst, 9000, "001", kind), ore, text, lag_days=5)


def _between(scene: Scene, booked: dt.date) -> None:
    """Money between units and payers: state refund of programmes, other municipalities' citizens, hours in the hall for a school."""
    kroner = round(scene.begun_per_month(WORK) * 600 * _price(scene, booked.year))
    work, school, hall = (next(unit for unit in UNITS if unit.id == unit_id) for unit_id in (REFUNDED_UNIT, BUYER, SELLER))
    for unit, function, dranst, kind, ore, text in (
        (work, "56890", REFUND, SERVICES, -100 * kroner, "state refund of programmes"),
        (work, "64553", RUNNING, PAID_BY_OTHERS, -20 * kroner, "paid by another municipality for its citizens"),
        (school, "32201", RUNNING, INTERNAL, 30 * kroner, "hours in the hall, bought"),
        (hall, "03231", RUNNING, INTERNAL, -30 * kroner, "hours in the hall, sold"),
    ):
        if ore:
            _post(scene, scene.unit_id(unit, booked), booked, account(function, dranst, 9001, "001", kind), ore, text, lag_days=5)


def _post(scene: Scene, unit: str, on: dt.date, string: str, ore: int, text: str, *, lag_days: int, kind: str = "actual") -> None:
    data = {"unit": unit, "account": string, "amount_ore": ore, "kind": kind, "text": text, "species": string[-2:]}
    scene.writer.event("finance.ledger_posted", unit, on, data, lag_days=lag_days)
