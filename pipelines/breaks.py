"""Breaks of law and definition: which cohorts have one in them, or in their follow-up, and from when on figures are comparable."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from models.catalogue import Break, Catalogue
from models.reference import Reference
from pipelines.dimensions import create_from, fill
from pipelines.sql_texts import sql
from pipelines.tables import TABLES


@dataclass(frozen=True)
class CohortDays:
    """The index days that a cohort spans, and the last day on which an effect of it could have been seen."""

    first_on: dt.date
    last_on: dt.date
    followed_to: dt.date


def inside(breaks: Sequence[Break], days: CohortDays) -> list[Break]:
    """Breaks that the cohort straddles: index days on both sides."""
    return [one for one in breaks if days.first_on < one.on <= days.last_on]


def in_follow_up(breaks: Sequence[Break], days: CohortDays) -> list[Break]:
    """Breaks after the last index day that the cohort's follow-up reaches."""
    return [one for one in breaks if days.last_on < one.on <= days.followed_to]


def comparable_from(breaks: Sequence[Break], days: CohortDays) -> dt.date | None:
    """The last break before or on the cohort's first index day: cohorts with the same one, and none inside, can be compared."""
    return max((one.on for one in breaks if one.on <= days.first_on), default=None)


def between(breaks: Sequence[Break], reference: Reference, days: CohortDays) -> list[Break]:
    """Breaks that lie between a reference and (part of) a cohort: all of the reference on the one side, some of the cohort on the other."""
    first, last = reference.first_index_on, reference.last_index_on or reference.as_of or reference.fitted_on
    after = [one for one in breaks if last < one.on <= days.last_on]
    before = [one for one in breaks if first is not None and days.first_on < one.on <= first]
    return [*before, *after]


def inside_reference(breaks: Sequence[Break], reference: Reference) -> list[Break]:
    """Breaks that the reference itself straddles."""
    first, last = reference.first_index_on, reference.last_index_on
    return [one for one in breaks if first is not None and last is not None and first < one.on <= last]


def listed(breaks: Sequence[Break]) -> str | None:
    """The dates, comma separated; None for none."""
    return ", ".join(one.on.isoformat() for one in breaks) or None


def words(breaks: Sequence[Break]) -> str:
    """The breaks with what they are: `2025-07-01 (a new law)`."""
    return ", ".join(f"{one.on.isoformat()} ({one.why.en})" for one in breaks)


def mark_cohorts(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> dict[tuple[int, str, dt.date | None], CohortDays]:
    """Make `cohort_break` (one row per indicator with breaks and cohort) and fill `dim_break`. Returns the days of every cohort."""
    broken = {position: catalogue.breaks_of(task, indicator) for position, (task, indicator) in enumerate(catalogue.indicators())}
    days = {
        (position, grid, start): CohortDays(*rest)
        for position, grid, start, *rest in connection.execute(sql("mart_cohort_days")).fetchall()
    }
    columns = {
        "position": "INTEGER", "grid": "VARCHAR", "cohort_start": "DATE", "breaks": "VARCHAR", "comparable_from": "DATE",
        "words": "VARCHAR",
    }  # fmt: skip
    rows = [
        {"position": position, "grid": grid, "cohort_start": start, **_marks(broken[position], cohort)}
        for (position, grid, start), cohort in days.items()
        if broken[position]
    ]
    create_from(connection, "cohort_break", columns, rows)
    fill(connection, "dim_break", _dimension(catalogue))
    return days


def mark_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Say in every published row of a cohort which breaks it touches, and from when on it is comparable.

    The one step that no table with a column `breaks` can forget. A table without an indicator's version is of its newest; one without an
    indicator is of those that show the core task (OF_CORE_TASK), one of two core tasks of both (LINKS). Needs `cohort_break` and the tables
    named there.
    """
    connection.execute(sql("mart_breaks"))
    for table in TABLES:
        names = {column.name for column in table.columns}
        if not {"breaks", "comparable_from", "cohort"} <= names:
            continue
        touched, which = "break_of", "shown.indicator_id = touched.indicator_id"
        if table.name == LINKS:
            connection.execute(sql("mart_link_break"))
            touched = "link_break"
            which = "shown.from_core_task_id = touched.from_core_task_id AND shown.to_core_task_id = touched.to_core_task_id"
        elif "indicator_id" not in names:
            touched, which = _of_core_task(OF_CORE_TASK[table.name]), "shown.core_task_id = touched.core_task_id"
        elif "indicator_version" in names:
            which += " AND shown.indicator_version = touched.indicator_version"
        else:
            which += " AND touched.is_newest"
        connection.execute(
            f'UPDATE mart."{table.name}" AS shown SET breaks = touched.breaks, comparable_from = touched.comparable_from,'  # noqa: S608
            " reason = nullif(concat_ws('; ', shown.reason, touched.words), '')"
            f" FROM {touched} AS touched WHERE shown.cohort = touched.cohort AND {which}"
        )


LINKS = "core_task_link"
"""The table whose rows are of two core tasks, each with breaks of its own: mart_link_break.sql."""

OF_CORE_TASK = {
    "core_task_views": "(SELECT core_task_id, performed_indicator AS indicator_id FROM views)",
    "effect_by_core_task": "level_indicator",
}
"""Tables whose rows are of a core task: where it is said which indicators show it."""


def _of_core_task(indicators: str) -> str:
    """The breaks of a core task's cohorts: those of all the indicators that show it."""
    return (
        "(SELECT shows.core_task_id, cohort, max(comparable_from) AS comparable_from,"  # noqa: S608 - our own names
        " string_agg(DISTINCT breaks, ', ' ORDER BY breaks) AS breaks, string_agg(DISTINCT words, '; ' ORDER BY words) AS words"
        f" FROM break_of JOIN {indicators} AS shows ON shows.indicator_id = break_of.indicator_id WHERE is_newest GROUP BY ALL)"
    )


def _marks(breaks: Sequence[Break], days: CohortDays) -> dict[str, Any]:
    straddled, followed = inside(breaks, days), in_follow_up(breaks, days)
    said = [f"a break lies inside the cohort: {words(straddled)}"] if straddled else []
    said += [f"a break lies inside its follow-up: {words(followed)}"] if followed else []
    return {"breaks": listed([*straddled, *followed]), "comparable_from": comparable_from(breaks, days), "words": "; ".join(said) or None}


def _dimension(catalogue: Catalogue) -> list[dict[str, Any]]:
    return [
        {
            "indicator_id": indicator.id, "indicator_version": indicator.version, "core_task_id": task.id, "break_on": one.on,
            "why": one.why.da, "why_en": one.why.en,
        }
        for task, indicator in catalogue.indicators()
        for one in catalogue.breaks_of(task, indicator)
    ]  # fmt: skip
