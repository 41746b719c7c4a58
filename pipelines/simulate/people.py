"""The invented citizens: age, background, and how and when they leave."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from random import Random

from pipelines.simulate.writer import EventWriter

DAYS_PER_YEAR = 365.25
AGE_WEIGHTS = (6, 6, 6, 6, 5, 6, 6, 6, 6, 6, 7, 8, 7, 7, 6, 5, 4, 3, 2)
"""Weights of the five-year age groups 0-4, 5-9, ... 90-94: a plain Danish-looking pyramid, invented."""


@dataclass(frozen=True)
class Period:
    """The days that the file covers, both included."""

    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    @property
    def years(self) -> float:
        """Length in years."""
        return self.days / DAYS_PER_YEAR

    def day(self, random: Random) -> dt.date:
        """Any day of it, all equally likely."""
        return self.first + dt.timedelta(days=random.randrange(self.days))


@dataclass(frozen=True)
class Citizen:
    """One invented citizen. `gone_on` is the first day without them here: death, emigration or a move away."""

    subject: str
    number: int
    born_on: dt.date
    is_hard: bool
    gone_on: dt.date

    def age(self, on: dt.date) -> int:
        """Completed years of age on a day."""
        return on.year - self.born_on.year - ((on.month, on.day) < (self.born_on.month, self.born_on.day))


def pseudonym(seed: int, kind: str, number: int) -> str:
    """An invented pseudonym of the form that keyed ones have. There is no person, so there is no key."""
    return f"{kind}:inv.{hashlib.sha256(f'{seed}/{kind}/{number}'.encode()).hexdigest()[:32]}"


def draw_citizen(seed: int, number: int, random: Random, period: Period, writer: EventWriter) -> Citizen:
    """Draw one citizen and write how they leave, if they do."""
    group = random.choices(range(len(AGE_WEIGHTS)), AGE_WEIGHTS)[0]
    born_on = period.first - dt.timedelta(days=int((group * 5 + random.random() * 5) * DAYS_PER_YEAR))
    subject = pseudonym(seed, "p", number)
    leaving = _leaving(random, (period.first - born_on).days / DAYS_PER_YEAR, period)
    gone_on = period.last + dt.timedelta(days=1)
    if leaving is not None:
        fact, gone_on = leaving
        writer.event(f"person.{fact}", subject, gone_on, {"reason": "source closed"} if fact == "observed_until" else {})
    return Citizen(subject, number, born_on, random.random() < 0.5, gone_on)


def _leaving(random: Random, age: float, period: Period) -> tuple[str, dt.date] | None:
    yearly = {
        "died": 0.0005 + 0.00012 * max(0.0, age - 40) ** 1.75 / 4,
        "emigrated": 0.003 if 18 <= age < 60 else 0.0005,
        "moved_away": 0.035 if 17 <= age < 35 else 0.012,
        "observed_until": 0.001,
    }
    waits = [(random.expovariate(rate), fact) for fact, rate in yearly.items()]
    years, fact = min(waits)
    on = period.first + dt.timedelta(days=1 + int(years * DAYS_PER_YEAR))
    return (fact, on) if on <= period.last else None
