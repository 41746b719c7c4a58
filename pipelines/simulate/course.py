"""What the five kinds of course have in common: a citizen comes to a unit on a day, and has the effect or not."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from pipelines.simulate.people import Citizen, Period
from pipelines.simulate.places import BY_CORE_TASK, CHANGE_LIFT, CHANGE_REACHED, MERGED_INTO, MERGED_UNIT, UnitTruth
from pipelines.simulate.writer import EventWriter

CORRECTED_SHARE = 0.004
INVOLVED_SHARE = 0.3


def days(number: float) -> dt.timedelta:
    """A number of days, whole ones."""
    return dt.timedelta(days=int(number))


@dataclass(frozen=True)
class Case:
    """One citizen's case at one unit: when it began, whether it is a hard one, whether the effect comes if nothing else does."""

    number: int
    citizen: Citizen
    unit: UnitTruth
    unit_id: str
    on: dt.date
    is_hard: bool
    succeeds: bool


@dataclass
class Scene:
    """Draws cases and writes their events; keeps count of the truth.

    merged_on  from this day cases of the merged unit carry the id of the one it went up in
    begun      (unit, month) -> cases begun there, which is what its activities and its ledger follow
    drawn      (unit, stratum) -> cases; drawn_effects those of them in which the effect was drawn
    """

    random: Random
    period: Period
    writer: EventWriter
    merged_on: dt.date
    begun: Counter[tuple[str, str]] = field(default_factory=Counter)
    drawn: Counter[tuple[str, str]] = field(default_factory=Counter)
    drawn_effects: Counter[tuple[str, str]] = field(default_factory=Counter)
    _episodes: int = 0

    def begun_per_month(self, core_task: str) -> float:
        """Cases that a core task's units began, per month of the file."""
        units = {unit.id for unit in BY_CORE_TASK[core_task]}
        return sum(count for (unit, _), count in self.begun.items() if unit in units) / (12 * self.period.years)

    def unit_of(self, core_task: str) -> UnitTruth:
        """The unit that a citizen comes to."""
        units = BY_CORE_TASK[core_task]
        return self.random.choices(units, [unit.pull for unit in units])[0]

    def case(self, citizen: Citizen, core_task: str, on: dt.date, unit: UnitTruth | None = None) -> Case:
        """Begin a case: who gets the hard ones is the unit's case mix, whether the effect comes is its true chance."""
        unit = unit or self.unit_of(core_task)
        is_hard = self.random.random() < unit.hard_share
        changed_on = self.changed_on(unit.id)
        lift = CHANGE_LIFT if changed_on and on >= changed_on else 0.0
        succeeds = self.random.random() < unit.chance(is_hard=is_hard) + lift
        unit_id = self.unit_id(unit, on)
        stratum = (unit.id, "hard" if is_hard else "easy")
        self.begun[unit.id, f"{on:%Y-%m}"] += 1
        self.drawn[stratum] += 1
        self.drawn_effects[stratum] += succeeds
        self._episodes += 1
        return Case(self._episodes, citizen, unit, unit_id, on, is_hard, succeeds)

    def changed_on(self, unit_id: str) -> dt.date | None:
        """The day on which the change reached a unit; None where it never did."""
        part = CHANGE_REACHED.get(unit_id)
        return None if part is None else self.period.first + days(part * self.period.days)

    def unit_id(self, unit: UnitTruth, on: dt.date) -> str:
        """The id under which a unit's events come on a day."""
        return MERGED_INTO if unit.id == MERGED_UNIT and on >= self.merged_on else unit.id

    def happens(self, case: Case, on: dt.date) -> bool:
        """Whether a day is within the file and the citizen still here."""
        return self.period.first <= on <= self.period.last and on < case.citizen.gone_on

    def write(self, case: Case, name: str, on: dt.date, *, with_unit: bool = True, subject: str | None = None, **data: Any) -> None:
        """Write one event of a case, unless the citizen has left by then; a few are recorded wrong first and corrected later."""
        if not self.happens(case, on):
            return
        content = {"unit": self.unit_id(case.unit, on), **data} if with_unit else data
        who = subject or case.citizen.subject
        if self.random.random() >= CORRECTED_SHARE:
            self.writer.event(name, who, on, content)
            return
        self._write_wrong_first(name, who, on, content)

    def _write_wrong_first(self, name: str, subject: str, on: dt.date, content: dict[str, Any]) -> None:
        wrong_day = max(self.period.first, on - days(self.random.randrange(3, 40)))
        source, identifier = self.writer.event(name, subject, wrong_day, content, lag_days=self.random.randrange(3))
        corrected_on = on + days(self.random.randrange(5, 30))
        replacement = {"time": f"{on}T10:00:00Z", "data": content}
        target = {"target_source": source, "target_id": identifier}
        self.writer.event(
            "correction.event_replaced", subject, corrected_on, {**target, "reason": "wrong_date", "replacement": replacement}, lag_days=0
        )
        self.writer.counts["corrected"] += 1

    def outputs(self, case: Case, within_days: int, share: float = 1.0) -> Iterator[dt.date]:
        """Days of a case's outputs: their number is drawn around the unit's true mean."""
        mean = case.unit.outputs_per_case * share
        number = max(0, round(self.random.gauss(mean, mean**0.5)))
        for _ in range(number):
            yield case.on + days(self.random.randrange(within_days))

    def involve(self, case: Case, on: dt.date) -> None:
        """A few citizens say how involved they were; whoever the effect comes to somewhat more."""
        if self.random.random() < INVOLVED_SHARE:
            score = min(5, max(1, round(self.random.gauss(3.9 if case.succeeds else 3.3, 1.0))))
            self.write(case, "experience.involvement_rated", on, score=score, scale_min=1, scale_max=5)

    def minutes(self, mean: float) -> int:
        """Minutes in steps of five around a mean."""
        return max(5, 5 * round(self.random.gauss(mean, mean / 4) / 5))
