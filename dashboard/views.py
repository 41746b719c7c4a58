"""What every page is made of: the publication it reads, the language it speaks, and links that carry the whole state of the view."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from dashboard.directory import ALL_UNITS, LEVELS, Directory, Indicator
from dashboard.parameters import address, one_of
from dashboard.queries import Row
from dashboard.snapshots import Snapshot
from dashboard.svg import embed, render
from dashboard.words import Words

MOST_CHARTS = 400
MOST_CHART_ROWS = 40
MOST_TABLE_ROWS = 1_000
EVERY_LEVEL = (*LEVELS, "unknown")
"""Levels of the organisation from the top down, and those of units that nobody declared."""


@dataclass
class View:
    """One request on its way to a page."""

    snapshot: Snapshot
    words: Words
    path: str
    given: dict[str, str]
    _marks: list[str] = field(default_factory=list)

    @property
    def directory(self) -> Directory:
        """The names in the publication."""
        return self.snapshot.directory

    @property
    def language(self) -> str:
        """The page's language."""
        return self.words.language

    def link(self, path: str, **values: object) -> str:
        """A link inside the site; the language goes with it."""
        return address(path, {**values, "lang": self.language})

    def here(self, **changes: object) -> str:
        """This very view, with some of its parameters changed."""
        return address(self.path, {**self.given, "lang": self.language, **changes})

    def rows(self, name: str, /, **values: Any) -> list[Row]:
        """Ask the publication a named question."""
        return self.snapshot.rows(name, **values)

    def chosen(self, name: str, choices: Sequence[str], otherwise: str) -> str:
        """A parameter that must be among the choices; the stated one when it is not given."""
        return one_of(name, self.given[name], choices) if name in self.given else otherwise

    def chart(self, key: str, title: str, description: str, specifications: Mapping[str, Any]) -> Markup:
        """A chart drawn wide and narrow; drawn once for each publication, view and language."""
        cache = self.snapshot.charts
        if len(cache) > MOST_CHARTS:
            cache.clear()
        drawn: list[Markup] = []
        for shape, specification in specifications.items():
            name = (self.path, key, tuple(sorted(self.given.items())), self.language, shape)
            if name not in cache:
                cache[name] = render(specification, self.language)
            mark = f"{key}-{shape}"
            drawn.append(embed(cache[name], mark=mark, title=title, description=description, css_class=f"chart-{shape}"))
        return Markup("").join(drawn)


def cohorts_in(rows: Sequence[Row]) -> list[str]:
    """The cohorts among the rows: all of them together first, then the newest."""
    found = {row["cohort"]: row.get("cohort_start") for row in rows}
    dated = sorted((cohort for cohort in found if cohort != "all"), key=lambda cohort: (str(found[cohort] or ""), cohort), reverse=True)
    return (["all"] if "all" in found else []) + dated


def usual_cohort(rows: Sequence[Row], figure: str) -> str:
    """The cohort to open with: the first in which the whole municipality has the figure, else any unit, else the first there is."""
    cohorts = cohorts_in(rows)
    for wanted in (lambda row: row["unit_id"] == ALL_UNITS, lambda row: True):
        for cohort in cohorts:
            if any(row.get(figure) is not None and row["cohort"] == cohort and wanted(row) for row in rows):
                return cohort
    return cohorts[0] if cohorts else "all"


def levels_in(rows: Sequence[Row], directory: Directory) -> list[str]:
    """The levels of the organisation among the rows' units, from the top down."""
    present = {directory.level_of(row["unit_id"]) for row in rows if row["unit_id"] != ALL_UNITS}
    return [level for level in EVERY_LEVEL if level in present]


def usual_level(rows: Sequence[Row], directory: Directory) -> str:
    """The level with the most units among the rows; of equals the lowest."""
    levels = levels_in(rows, directory)
    units = {row["unit_id"] for row in rows if row["unit_id"] != ALL_UNITS}
    sizes = {level: sum(directory.level_of(unit) == level for unit in units) for level in levels}
    return max(levels, key=lambda level: (sizes[level], levels.index(level)), default="unknown")


def lead_of(directory: Directory, core_task_id: str) -> Indicator | None:
    """The indicator that speaks for a core task: the first that leads its cost and is computed, else the first that is computed."""
    found = [indicator for indicator in directory.indicators_of(core_task_id) if indicator.computed]
    return next((indicator for indicator in found if indicator.lead_for_cost), found[0] if found else None)


def by_value(rows: Sequence[Row], figure: str) -> list[Row]:
    """Rows with the highest figure first; those without one last, by unit."""
    return sorted(rows, key=lambda row: (row.get(figure) is None, -(row.get(figure) or 0.0), str(row["unit_id"])))
