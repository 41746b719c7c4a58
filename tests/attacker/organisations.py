"""Generated organisations with much that is small, as a store file: several in one, each with indicators of its own."""

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from models.catalogue import Catalogue
from tests.factories_mart import DAY, StoreFile, catalogue, key_of, reached

CLASSES = ("pending", "achieved", "not_achieved", "competing", "censored", "unmeasured")
D = dt.date
AS_OF = D(2026, 1, 1)
QUARTERS = tuple(D(year, month, 15) for year in (2024, 2025) for month in (1, 4, 7, 10))

Counts = Counter[tuple[str, str, dt.date, str]]
"""(indicator, unit, index day, class) -> records."""


@dataclass
class Town:
    """Some organisations side by side, each a tree of its own under the municipality, with indicators that nobody else has.

    Two are of persons; of the third the units only report totals.

    organisations   prefix of each, which its units and indicators bear
    counts          what is behind the figures
    """

    k: int
    cost_period: str
    organisations: list[str] = field(default_factory=list)
    units: list[dict[str, Any]] = field(default_factory=list)
    moves: list[tuple[str, str, dt.date]] = field(default_factory=list)
    counts: Counts = field(default_factory=Counter)
    same_people: list[str] = field(default_factory=list)

    def catalogue(self) -> Catalogue:
        indicators = []
        for name in self.organisations:
            for number in (1, 2):
                apart = {} if number == 1 or name in self.same_people else {"index": "employment.benefit_started"}
                indicators.append(reached(id=f"{name}_{number}", **apart))
            indicators.append(
                {"id": f"{name}_3", "name": "Totals", "kind": "reported", "measure": name, "effect": {"unit": "pupil who passed"}}
            )
        municipality = {"period": "quarter", "cost_period": self.cost_period, "k": self.k}
        return catalogue(municipality=municipality, units=self.units, indicators=indicators, costs={"rules": [{"to": "work"}]})

    def store(self, path: Path) -> Path:
        """The store file that holds all of it."""
        store = StoreFile(path)
        rows = []
        number = 0
        for (indicator, unit, on, outcome), count in sorted(self.counts.items()):
            for _ in range(0 if indicator.endswith("_3") else count):
                number += 1
                rows.append(_effect(indicator, unit, on, outcome, number))
        store.connection.register("incoming", pa.Table.from_pylist(rows))
        store.connection.execute("INSERT INTO effect BY NAME SELECT * REPLACE (evidence::BIGINT[] AS evidence) FROM incoming")
        store.connection.unregister("incoming")
        for unit, parent, on in self.moves:
            store.event("organisation.unit_moved", on, subject=unit, unit=unit, parent=parent)
        for indicator, unit, on in sorted({key[:3] for key in self.counts if key[0].endswith("_3")}):
            achieved, missed = (self.counts[indicator, unit, on, label] for label in ("achieved", "not_achieved"))
            told = {"measure": indicator[:-2], "period": f"{on:%Y-%m}", "numerator": achieved, "denominator": achieved + missed}
            store.event("organisation.counts_reported", on, unit=unit, **told)
        for unit in sorted({unit for _, unit, _, _ in self.counts}):
            for on in QUARTERS[::2]:
                store.ledger(on, unit, "1", 10_000_000)
        return store.save()


def _effect(indicator: str, unit: str, on: dt.date, outcome: str, number: int) -> dict[str, Any]:
    ends = on + 30 * DAY if outcome != "pending" else AS_OF + 30 * DAY
    return {
        "indicator_id": indicator, "indicator_version": 1, "core_task_id": "work", "index_key": number, "index_source": "urn:test",
        "index_id": f"i{number}", "subject": f"p:{number:08x}", "subject_key": key_of(f"p:{number:08x}"), "index_on": on, "unit_id": unit,
        "resolves_on": ends, "decided_on": ends, "outcome": "not_achieved" if outcome == "pending" else outcome, "evidence": [],
        "known_from": dt.datetime.combine(on, dt.time(12)), "version": 1, "batch": 1,
    }  # fmt: skip


def town(seed: int, organisations: int) -> Town:
    """Some organisations, the same for the same seed."""
    rng = np.random.default_rng(seed)
    made = Town(int(rng.choice([3, 5])), str(rng.choice(["quarter", "year"])))
    for number in range(organisations):
        _add(made, rng, f"o{number}")
    return made


def _add(made: Town, rng: np.random.Generator, name: str) -> None:
    made.organisations.append(name)
    acting: list[str] = []
    tops = [f"{name}.{top}" for top in range(int(rng.integers(1, 5)))]
    for top in tops:
        made.units.append({"id": top, "name": top, "level": "administration"})
        children = [f"{top}.{child}" for child in range(int(rng.integers(0, 5)))]
        made.units += [{"id": child, "name": child, "level": "institution", "parent": top} for child in children]
        acting += children or [top]
        if children and rng.random() < 0.3:
            acting.append(top)  # what the unit did itself
    movable = [unit for unit in acting if unit.count(".") == 2]
    if movable and len(tops) > 1 and rng.random() < 0.3:
        unit = str(rng.choice(movable))
        elsewhere = [top for top in tops if not unit.startswith(f"{top}.")]
        made.moves.append((unit, str(rng.choice(elsewhere)), D(2025, 1, 1)))
    if rng.random() < 0.5:
        made.same_people.append(name)
    _count(made, rng, name, acting)
    _report(made, rng.spawn(1)[0], name, acting)


def _count(made: Town, rng: np.random.Generator, name: str, acting: list[str]) -> None:
    """Poisson counts around a size of each unit, so that some are small in all they do and others only now and then."""
    quarters = QUARTERS[: int(rng.choice([3, 4, 8]))]
    shares = rng.dirichlet([1.5, 3, 3, 0.7, 0.4, 0.3])
    for unit in acting:
        busy = rng.choice([0.6, 2, 5, 12, 30])
        for on in quarters:
            first = {label: int(rng.poisson(busy * share)) for label, share in zip(CLASSES, shares, strict=True)}
            if on not in quarters[-2:]:
                first["pending"] = 0
            second = {label: int(rng.poisson(busy * share)) for label, share in zip(CLASSES, shares, strict=True)}
            if name in made.same_people:  # the second indicator follows the first one's people longer: some are pending again
                again = int(rng.binomial(first["not_achieved"], 0.2))
                second = first | {"not_achieved": first["not_achieved"] - again, "pending": first["pending"] + again}
            for number, counts in ((1, first), (2, second)):
                made.counts.update({(f"{name}_{number}", unit, on, label): count for label, count in counts.items() if count})


def _report(made: Town, rng: np.random.Generator, name: str, acting: list[str]) -> None:
    """Totals of most units in most quarters; a unit with others below it, from the first or moved to it, leaves them to these."""
    inner = {parent for _, parent, _ in made.moves} | {unit.rpartition(".")[0] for unit in acting}
    for unit in acting:
        busy, share = rng.choice([6, 12, 30]), rng.uniform(0.1, 0.9)
        for on in QUARTERS if unit not in inner else ():
            told = {"achieved": int(rng.poisson(busy * share)), "not_achieved": int(rng.poisson(busy * (1 - share)))}
            if rng.random() < 0.9:
                made.counts.update({(f"{name}_3", unit, on, label): count for label, count in told.items() if count})


def as_json(made: Town) -> str:
    """For a report: what is behind the figures."""
    return json.dumps({" ".join(map(str, key)): count for key, count in made.counts.items()})
