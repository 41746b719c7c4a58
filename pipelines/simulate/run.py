"""Draws the whole invented municipality: one call, one file of events, one file with the truth."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import orjson

from models.errors import ConfigurationError
from pipelines.simulate.care import live_later_life
from pipelines.simulate.community import hold_activities, live_community_life
from pipelines.simulate.course import Scene
from pipelines.simulate.disturbances import disturb
from pipelines.simulate.growth import hold_events, live_companies, live_newcomer
from pipelines.simulate.ledger import post_ledger
from pipelines.simulate.organisation import tell_organisation
from pipelines.simulate.people import Period, draw_citizen
from pipelines.simulate.school import hold_lessons, live_school_life
from pipelines.simulate.truth import truth_of
from pipelines.simulate.work import live_working_life
from pipelines.simulate.writer import EventWriter

LAST_DAY = dt.date(2025, 12, 31)
"""The last day that the file covers. Fixed, so that a seed means the same events for ever."""
MADE_DAYS_LATER = 15
"""Later, so that all but the very late records are in: as-of less the demo's reporting lag is the first day not covered."""
MERGER_DAYS_BEFORE_END = 184
PROGRESS_EVERY = 200

Progress = Callable[[int], None]


@dataclass(frozen=True)
class SimulationSummary:
    """What was written.

    events  lines of the file, repeated and broken ones included
    truth   the file with the truth that made them
    as_of   the day on which the file was made: the as-of date that its figures want
    """

    file: Path
    truth: Path
    events: int
    size_bytes: int
    as_of: dt.date


def simulate(out: Path | str, citizens: int = 20_000, years: int = 3, seed: int = 1, progress: Progress | None = None) -> SimulationSummary:
    """Write an invented municipality's events as JSON Lines, and beside them `<out>.truth.json`.

    out       file for the events; its folder must exist, and an older file of that name is replaced when the new one is whole
    citizens  how many live there (1 or more); cases, companies and money follow
    years     length of the period, which ends on 31 December 2025 (1-20)
    seed      the same seed, citizens and years give the same bytes
    progress  called with the number of citizens drawn so far, now and then
    raises    ConfigurationError for sizes out of range or a missing folder
    """
    target = Path(out)
    _check(target, citizens, years)
    random = Random(f"kerneeffekt/{seed}/{citizens}/{years}")
    period = Period(dt.date(LAST_DAY.year - years + 1, 1, 1), LAST_DAY)
    as_of = LAST_DAY + dt.timedelta(days=MADE_DAYS_LATER)
    with EventWriter(target, random, as_of) as writer:
        scene = Scene(random, period, writer, LAST_DAY - dt.timedelta(days=MERGER_DAYS_BEFORE_END))
        _draw(scene, citizens, seed, progress)
        size = writer.finish()
        facts = {
            "seed": seed,
            "citizens": citizens,
            "years": years,
            "first_day": str(period.first),
            "last_day": str(period.last),
            "as_of": str(as_of),
        }
        truth = truth_of(scene, facts)
    truth_file = target.with_name(target.name + ".truth.json")
    truth_file.write_bytes(orjson.dumps(truth, option=orjson.OPT_INDENT_2))
    return SimulationSummary(target, truth_file, writer.counts["lines"], size, as_of)


def _check(target: Path, citizens: int, years: int) -> None:
    if citizens < 1 or not 1 <= years <= 20:
        raise ConfigurationError(f"expected at least 1 citizen and 1-20 years, got: {citizens} citizens and {years} years")
    if not target.parent.is_dir():
        raise ConfigurationError(f"cannot write {target}: expected its folder to exist; make {target.parent} first")


def _draw(scene: Scene, citizens: int, seed: int, progress: Progress | None) -> None:
    tell_organisation(scene)
    for number in range(citizens):
        citizen = draw_citizen(seed, number, scene.random, scene.period, scene.writer)
        live_school_life(scene, citizen)
        live_working_life(scene, citizen)
        live_later_life(scene, citizen)
        live_community_life(scene, citizen)
        live_newcomer(scene, citizen)
        if progress and (number + 1) % PROGRESS_EVERY == 0:
            progress(number + 1)
    live_companies(scene, seed, citizens)
    hold_lessons(scene, seed)
    hold_activities(scene, seed)
    hold_events(scene, seed)
    post_ledger(scene)
    disturb(scene, seed, citizens)
    if progress:
        progress(citizens)
