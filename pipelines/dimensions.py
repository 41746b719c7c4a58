"""The catalogue as tables: core tasks, indicators, outputs and units, with what the mart's SQL needs to know of each indicator."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from models.catalogue import COMPUTED_KINDS, Catalogue, FieldHorizon, Municipality, Text
from models.durations import Duration
from outcomes.kinds import MEASURED_KINDS
from pipelines.organisation import FIRST_DAY, LAST_DAY, Organisation
from pipelines.prices import value_of
from pipelines.tables import BY_NAME

KAPLAN_MEIER, AALEN_JOHANSEN = "kaplan_meier", "aalen_johansen"

ARROW_TYPES = {
    "VARCHAR": pa.string(), "INTEGER": pa.int32(), "BIGINT": pa.int64(), "DOUBLE": pa.float64(), "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(), "TIMESTAMP": pa.timestamp("us"),
}  # fmt: skip


def failing_ends(indicator: Any) -> bool:
    """Whether not achieving is an end of its own kind, at a time that the record decides: then Aalen-Johansen counts it as one.

    So for `sustained`, `state_at` and the measured kinds, and for `reached` within a date that differs from case to case; a plain `reached`
    that does not happen within its horizon is simply still in play there.
    """
    decides_at_a_time = ("sustained", "state_at", *MEASURED_KINDS)
    return indicator.kind in decides_at_a_time or isinstance(getattr(indicator, "horizon", None), FieldHorizon)


def method_of(indicator: Any) -> str | None:
    """The estimator that uses everybody: Aalen-Johansen where more than the effect and censoring can end a follow-up, else Kaplan-Meier.

    None for totals that a source reports: nobody is followed.
    """
    if indicator.kind == "reported":
        return None
    return AALEN_JOHANSEN if failing_ends(indicator) or indicator.competing else KAPLAN_MEIER


def reporting_lag(indicator: Any, municipality: Municipality) -> Duration:
    """How late events may come in: the indicator's own lag, or the municipality's."""
    return getattr(indicator, "reporting_lag", None) or municipality.reporting_lag


def follow_end(as_of: dt.date, lag: Duration) -> dt.date:
    """The last day d with d + lag <= as_of: up to it the sources are taken to be complete."""
    day = as_of - dt.timedelta(days=31 * lag.months + lag.days)
    while lag.after(day + dt.timedelta(days=1)) <= as_of:
        day += dt.timedelta(days=1)
    return day


def horizon_text(indicator: Any) -> str | None:
    """How long an effect may take, as the definition says it."""
    match indicator.kind:
        case "state_at" | "reached":
            return indicator.horizon.field if isinstance(indicator.horizon, FieldHorizon) else str(indicator.horizon)
        case "sustained":
            return f"{indicator.begins_within} + {indicator.held}"
        case "change" | "reduction" | "experienced":
            return str(indicator.follow_up.end)
    return None


def load_indicators(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, as_of: dt.date) -> list[tuple[int, str]]:
    """Make `every_indicator` and `indicator` (the computed ones). Returns (position, method) of those that have an estimate."""
    rows: list[dict[str, Any]] = []
    for position, (task, indicator) in enumerate(catalogue.indicators()):
        computed = indicator.kind in COMPUTED_KINDS
        rows.append(
            {
                "position": position, "indicator_id": indicator.id, "indicator_version": indicator.version, "core_task_id": task.id,
                "computed": computed, "time_unit": getattr(indicator, "time_unit", None),
                "follow_end": follow_end(as_of, reporting_lag(indicator, catalogue.municipality)),
                "failing_ends": computed and failing_ends(indicator), "method": method_of(indicator) if computed else None,
                "weight": indicator.effect.weight, "value_per_effect_ore": value_of(catalogue, indicator.effect.value, as_of),
                "lead_for_cost": indicator.lead_for_cost, "evidence_level": indicator.evidence, **_measured(indicator),
            }
        )  # fmt: skip
    types = {
        "position": "INTEGER", "indicator_id": "VARCHAR", "indicator_version": "INTEGER", "core_task_id": "VARCHAR", "computed": "BOOLEAN",
        "time_unit": "VARCHAR", "follow_end": "DATE", "failing_ends": "BOOLEAN", "method": "VARCHAR", "weight": "DOUBLE",
        "value_per_effect_ore": "BIGINT", "lead_for_cost": "BOOLEAN", "evidence_level": "VARCHAR",
        "kind": "VARCHAR", "is_measured": "BOOLEAN", "ordinal": "BOOLEAN", "sign": "INTEGER", "best": "DOUBLE", "measure": "VARCHAR",
        "valid_from": "DATE", "valid_to": "DATE",
    }  # fmt: skip
    create_from(connection, "every_indicator", types, rows)
    connection.execute("CREATE TABLE indicator AS SELECT * EXCLUDE (computed) FROM every_indicator WHERE computed")
    return [(row["position"], row["method"]) for row in rows if row["method"]]


def _measured(indicator: Any) -> dict[str, Any]:
    """What the mart's SQL needs to know of a measured or reported kind: its good direction, and the best score there is."""
    lower = indicator.kind == "reduction" or getattr(indicator, "better", "higher") == "lower"
    return {
        "kind": indicator.kind, "is_measured": indicator.kind in MEASURED_KINDS, "ordinal": getattr(indicator, "ordinal", False),
        "sign": -1 if lower else 1, "best": 0.0 if indicator.kind == "reduction" else getattr(indicator, "ceiling", None),
        "measure": indicator.measure if indicator.kind == "reported" else None,
        "valid_from": indicator.valid_from, "valid_to": indicator.valid_to,
    }  # fmt: skip


def load_levels(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """Make `level_indicator`: for each core task with others below it, the indicators that show its effect, its own and theirs.

    These are the computed ones that lead for cost and count what is wanted (direction up).
    """
    parents = {task.id: task.parent for task in catalogue.core_tasks}
    rows = [
        {"core_task_id": above, "position": position, "indicator_id": indicator.id}
        for position, (task, indicator) in enumerate(catalogue.indicators())
        if indicator.kind in COMPUTED_KINDS and indicator.lead_for_cost and indicator.direction == "up"
        for above in _upward(task.id, parents)
        if above in set(parents.values())
    ]
    create_from(connection, "level_indicator", {"core_task_id": "VARCHAR", "position": "INTEGER", "indicator_id": "VARCHAR"}, rows)


def _upward(task_id: str, parents: dict[str, str | None]) -> Iterator[str]:
    """A core task and those above it."""
    above: str | None = task_id
    while above is not None:
        yield above
        above = parents.get(above)


def load_leading(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """Make `lead_indicator` (core task -> the first computed indicator that leads it for cost) and `views` (target share, who shows it)."""
    leading: list[dict[str, Any]] = []
    views: list[dict[str, Any]] = []
    for task in catalogue.core_tasks:
        first = next((i for i in task.indicators if i.kind in COMPUTED_KINDS and i.lead_for_cost), None)
        if first:
            leading.append({"core_task_id": task.id, "indicator_id": first.id, "indicator_version": first.version})
        shown = (task.views.performed if task.views else None) or (first.id if first else None)
        if task.views and (shown or task.views.experienced):
            views.append(
                {
                    "core_task_id": task.id,
                    "formal": task.views.formal_share,
                    "performed_indicator": shown,
                    "experienced_indicator": task.views.experienced,
                }
            )
    create_from(
        connection, "lead_indicator", {"core_task_id": "VARCHAR", "indicator_id": "VARCHAR", "indicator_version": "INTEGER"}, leading
    )
    create_from(
        connection,
        "views",
        {"core_task_id": "VARCHAR", "formal": "DOUBLE", "performed_indicator": "VARCHAR", "experienced_indicator": "VARCHAR"},
        views,
    )


def core_task_rows(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Rows of dim_core_task: every core task as it is stated, and as it was before."""
    earlier = [
        {
            "core_task_id": task.id, "version": said.version, **_both("name", said.name), **_both("purpose", said.purpose),
            **_both("target_group", said.target_group),
            "prerequisites": _json([text.da for text in said.prerequisites]),
            "prerequisites_en": _json([text.en for text in said.prerequisites]),
            "parent_id": said.parent, "unit_id": said.unit, "links": _json([]), "formerly": _json([]), "source": said.source or None,
            "valid_from": said.valid_from, "valid_to": said.valid_to,
        }
        for task in catalogue.core_tasks
        for said in task.earlier
    ]  # fmt: skip
    return earlier + [
        {
            "core_task_id": task.id, "version": task.version, **_both("name", task.name), **_both("purpose", task.purpose),
            **_both("target_group", task.target_group),
            "prerequisites": _json([text.da for text in task.prerequisites]),
            "prerequisites_en": _json([text.en for text in task.prerequisites]),
            "parent_id": task.parent, "unit_id": task.unit,
            "links": _json([{"to": link.to, "how": {"da": link.how.da, "en": link.how.en}} for link in task.links]),
            "formerly": _json(list(task.formerly)), "source": task.source or None, "valid_from": task.valid_from, "valid_to": task.valid_to,
        }
        for task in catalogue.core_tasks
    ]  # fmt: skip


def indicator_rows(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Rows of dim_indicator."""
    return [
        {
            "indicator_id": indicator.id, "version": indicator.version, "core_task_id": task.id, "kind": indicator.kind,
            "computed": indicator.kind in COMPUTED_KINDS, **_both("name", indicator.name),
            "beneficiary": _json(list(indicator.effect.beneficiary)),
            "horizon": horizon_text(indicator), "time_unit": getattr(indicator, "time_unit", None),
            **_both("unit_of_effect", indicator.effect.unit), "weight": indicator.effect.weight, "direction": indicator.direction,
            "lead_for_cost": indicator.lead_for_cost,
            "estimate_method": method_of(indicator) if indicator.kind in COMPUTED_KINDS else None,
            "evidence_level": indicator.evidence, **_both("note", indicator.note), "source": indicator.source or None,
            "definition": indicator.model_dump_json(by_alias=True, exclude_none=True),
            "valid_from": indicator.valid_from, "valid_to": indicator.valid_to,
        }
        for task, indicator in catalogue.indicators()
    ]  # fmt: skip


def unit_rows(organisation: Organisation) -> list[dict[str, Any]]:
    """Rows of dim_unit: one per unit and stretch of days in which both the unit and its line of ancestors stayed the same."""
    rows: list[dict[str, Any]] = []
    for version in organisation.versions():
        for start, end, line in organisation.lines(version.unit_id):
            first, last = max(start, version.valid_from), min(end, version.valid_to)
            if first >= last:
                continue
            rows.append(
                {
                    "unit_id": version.unit_id, "name": version.name, "level": version.level, "profession": version.profession,
                    "parent_id": version.parent_id, "path": "/".join(reversed(line)),
                    "valid_from": None if first == FIRST_DAY else first, "valid_to": None if last == LAST_DAY else last,
                    "merged_into": version.merged_into, "declared": version.declared, "support": version.support,
                }
            )  # fmt: skip
    return rows


def change_rows(organisation: Organisation) -> list[dict[str, Any]]:
    """Rows of unit_change."""
    return [vars(change) for change in organisation.changes()]


def fill(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Append rows made in Python to a published table; columns that a row does not have are null."""
    types = {column.name: column.type for column in BY_NAME[table].columns}
    connection.register("incoming", arrow_table(types, rows))
    connection.execute(f'INSERT INTO mart."{table}" BY NAME FROM incoming')
    connection.unregister("incoming")


def create_from(connection: duckdb.DuckDBPyConnection, table: str, types: dict[str, str], rows: Sequence[dict[str, Any]]) -> None:
    """Make a working table of rows made in Python."""
    connection.register("incoming", arrow_table(types, rows))
    connection.execute(f'CREATE TABLE "{table}" AS FROM incoming')
    connection.unregister("incoming")


def arrow_table(types: dict[str, str], rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Rows as Arrow, with the column types named as DuckDB names them."""
    return pa.table({name: pa.array([row.get(name) for row in rows], ARROW_TYPES[kind]) for name, kind in types.items()})


def _both(name: str, text: Text | None) -> dict[str, str | None]:
    return {name: text.da if text else None, f"{name}_en": text.en if text else None}


def _json(value: list[Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
