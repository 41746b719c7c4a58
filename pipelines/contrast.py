"""The records that a comparison holds against each other: who is on which side, what became of them, and the values that are averaged."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from models.catalogue import Comparison, Event, KnownNumber, MeasuredValue, Side, Where, Window
from models.durations import Duration, Offset
from models.registry import EVENT_TYPES
from outcomes.conditions import field, holds, of_text, pointer, where_sql
from outcomes.selection import Measured, measured_twice
from outcomes.sql_texts import literal
from pipelines.sql_texts import sql

TREATED, CONTROL, NEITHER, BOTH = 1, 0, -1, 2
PENDING, ACHIEVED, MISSED, UNSEEN = range(4)
ALL = "all"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Contrast:
    """One comparison of one indicator: the numbers of its records, in the order of their keys.

    side            TREATED, CONTROL, NEITHER or BOTH
    outcome         PENDING, ACHIEVED, MISSED (not achieved, or a competing event first) or UNSEEN (censored, unmeasured)
    subject, unit   numbers that tell persons and units apart
    period, changed the period of the index and that in which the unit changed, as days; NaT where there is none
    is_ready        the value would be known by now
    value, before   nan: none
    covariates      one column each
    """

    side: NDArray[np.int64]
    outcome: NDArray[np.int64]
    subject: NDArray[np.int64]
    unit: NDArray[np.int64]
    index_on: NDArray[np.datetime64]
    period: NDArray[np.datetime64]
    changed: NDArray[np.datetime64]
    is_ready: NDArray[np.bool_]
    value: Floats
    before: Floats
    covariates: Floats

    def only(self, chosen: NDArray[np.bool_]) -> "Contrast":
        """Some of the records."""
        return Contrast(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Asked:
    """What a comparison is asked of: one version of an indicator, as the mart counts it."""

    comparison: Comparison
    position: int
    follow_end: dt.date
    grid: str
    as_of: dt.date


def read_contrast(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Contrast:
    """Make `contrast_record` and read it. Needs `record`, `placement`, `placement_unit` and `src_event`."""
    comparison = asked.comparison
    limits = {"position": asked.position, "first_on": comparison.first_on, "last_on": comparison.last_on}
    connection.execute(sql("mart_contrast_candidate"), limits)
    _know(connection, comparison)
    _take_part(connection, comparison)
    connection.execute(sql("mart_contrast_change"), {"change": comparison.change, "as_of": asked.as_of})
    covariates = [covariate for covariate in comparison.covariates if isinstance(covariate, MeasuredValue)]
    _measure(
        connection, {"value": comparison.value, "before": comparison.before} | {f"covariate {n}": one for n, one in enumerate(covariates)}
    )
    _take_sides(connection, asked)
    return _fetch(connection, comparison)


def population_of(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Measured | None:
    """Mean, deviation and correlation of the score that people were chosen by: stated, or from the first two measurements of everybody."""
    selection, before = asked.comparison.regression_to_the_mean, asked.comparison.before
    if selection is None:
        return None
    if selection.mean is not None and selection.deviation is not None and selection.correlation is not None:
        return Measured(selection.mean, selection.deviation, selection.correlation)
    if before is None:
        return None
    text = _filled("mart_contrast_population", chosen=_chosen(before), number=_number(before))
    found = connection.execute(text, {"type": before.event, "as_of": asked.as_of}).fetchnumpy()
    return measured_twice(*(_plain(found[name]) for name in ("first", "second")))


def _know(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> None:
    sides = [side for side in (comparison.treated, comparison.control) if side]
    names = {name for side in sides for name in side.known}
    names |= {one.attribute for one in comparison.covariates if isinstance(one, KnownNumber)}
    wanted = sorted(names)
    pointers = ["/" + name.replace("~", "~0").replace("/", "~1") for name in wanted]
    connection.execute(sql("mart_contrast_known"), {"attributes": wanted, "pointers": pointers})


def _take_part(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> None:
    connection.execute("CREATE OR REPLACE TEMP TABLE contrast_took_part (side VARCHAR, index_key UBIGINT)")
    for name, side in (("treated", comparison.treated), ("control", comparison.control)):
        if side and side.with_event:
            _look_near(connection, [kind for event in side.with_event for kind in event.event], side.window)
            chosen = " OR ".join(f"({_any_of(event)})" for event in side.with_event)
            connection.execute(_filled("mart_contrast_took_part", chosen=chosen), {"side": name})


def _measure(connection: duckdb.DuckDBPyConnection, wanted: dict[str, MeasuredValue | None]) -> None:
    connection.execute("CREATE OR REPLACE TEMP TABLE contrast_value (slot VARCHAR, index_key UBIGINT, value DOUBLE)")
    for slot, measured in wanted.items():
        if measured:
            _look_near(connection, [measured.event], measured.window)
            text = _filled("mart_contrast_value", chosen=_chosen(measured), number=_number(measured))
            window = measured.window
            ends = {"start": span(window.start), "finish": span(window.end), "at": span(window.at) if window.at else None}
            connection.execute(text, {"slot": slot, "which": window.which, **ends})


def _look_near(connection: duckdb.DuckDBPyConnection, types: list[str], window: Window) -> None:
    connection.execute(sql("mart_contrast_near"), {"types": types, "start": span(window.start), "finish": span(window.end)})


def _take_sides(connection: duckdb.DuckDBPyConnection, asked: Asked) -> None:
    comparison = asked.comparison
    treated, control = _conditions(comparison)
    value = comparison.value
    connection.execute(
        _filled("mart_contrast_record", treated=treated, control=control),
        {
            "treated_units": list(comparison.treated.units) if comparison.treated else [],
            "control_units": list(comparison.control.units) if comparison.control else [],
            "grid": asked.grid,
            "value_span": span(value.window.end) if value and value.window.end.nominal_days > 0 else "0 days",
            "follow_end": asked.follow_end,
            "own_values": comparison.value is None,
            "is_paired": comparison.is_paired,
        },
    )


def _conditions(comparison: Comparison) -> tuple[str, str]:
    """SQL over one row of `placed`: treated, control."""
    if comparison.is_paired:
        treated = _is_on(comparison.treated, "treated") if comparison.treated else "true"
        return treated, "false"
    if comparison.design == "parallel" and comparison.treated:
        treated = _is_on(comparison.treated, "treated")
        return treated, _is_on(comparison.control, "control") if comparison.control else f"NOT ({treated})"
    changed = "coalesce(index_on >= changed_on, false)"
    if comparison.design == "before_after":
        return changed, "coalesce(index_on < changed_on, false)"
    among = " OR ".join([_is_on(side, name) for name, side in (("treated", comparison.treated), ("control", comparison.control)) if side])
    return f"{changed} AND ({among or 'true'})", f"NOT {changed} AND ({among or 'true'})"


def _is_on(side: Side, name: str) -> str:
    tests = [f"in_{name}_units"] if side.units else []
    tests += [_knows(side.known)] if side.known else []
    tests += [f"took_{name}"] if side.with_event else []
    return "(" + " AND ".join(tests) + ")"


def _knows(known: Where) -> str:
    return " AND ".join(f"({holds(of_text(_known_text(name)), condition)})" for name, condition in known.items())


def _known_text(name: str) -> str:
    return f"json_extract_string(attributes, {pointer(name)})"


def _fetch(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> Contrast:
    found = connection.execute(
        "SELECT side, outcome, dense_rank() OVER (ORDER BY subject_key) AS subject, dense_rank() OVER (ORDER BY unit_id) AS unit,"
        " index_on, period_start, changed_period, is_ready, value, before FROM contrast_record ORDER BY index_key"
    ).fetchnumpy()
    days = {
        name: np.ma.filled(np.ma.asarray(found[name]).astype("datetime64[D]"), np.datetime64("NaT"))
        for name in ("index_on", "period_start", "changed_period")
    }
    whole = {name: np.asarray(found[name], dtype=np.int64) for name in ("side", "outcome", "subject", "unit")}
    return Contrast(
        **whole, index_on=days["index_on"], period=days["period_start"], changed=days["changed_period"],
        is_ready=np.asarray(found["is_ready"], dtype=bool), value=_plain(found["value"]), before=_plain(found["before"]),
        covariates=_covariates(connection, comparison, len(whole["side"])),
    )  # fmt: skip


def _covariates(connection: duckdb.DuckDBPyConnection, comparison: Comparison, count: int) -> Floats:
    columns: list[Floats] = []
    measured = 0
    for one in comparison.covariates:
        if isinstance(one, KnownNumber):
            query, values = f"SELECT {of_text(_known_text(one.attribute)).number} AS x FROM contrast_record ORDER BY index_key", {}  # noqa: S608
        else:
            query = sql("mart_contrast_covariate")
            values, measured = {"slot": f"covariate {measured}"}, measured + 1
        columns.append(_plain(connection.execute(query, values or None).fetchnumpy()["x"]) ** one.power)
    return np.column_stack(columns) if columns else np.zeros((count, 0))


def span(distance: Duration | Offset) -> str:
    """A distance from the index, back or forth, as the text of an interval."""
    return f"{distance.months} months {distance.days} days"


def _any_of(event: Event) -> str:
    return " OR ".join(f"(type = {literal(name)} AND {where_sql(EVENT_TYPES[name], event.where, EVENT_TYPES)})" for name in event.event)


def _chosen(measured: MeasuredValue) -> str:
    return f"type = {literal(measured.event)} AND {where_sql(EVENT_TYPES[measured.event], measured.where, EVENT_TYPES)}"


def _number(measured: MeasuredValue) -> str:
    return field(EVENT_TYPES[measured.event], measured.field, EVENT_TYPES).number


def _filled(name: str, **parts: str) -> str:
    """A whole file with compiled conditions at its marks (`/*chosen*/ true`, `/*number*/ 0`)."""
    text = sql(name)
    for place, part in parts.items():
        for mark in (f"/*{place}*/ true", f"/*{place}*/ 0"):
            text = text.replace(mark, f"({part})")
    return text


def _plain(values: Any) -> Floats:
    """numbers with nan for null."""
    return np.ma.filled(np.ma.asarray(values).astype(np.float64), np.nan)
