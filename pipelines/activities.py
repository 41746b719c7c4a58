"""What was done, and money that events themselves state: outputs and amounts of the catalogue, counted in sets."""

import duckdb
import pyarrow as pa

from models.catalogue import Catalogue, EventFilter
from models.registry import EVENT_TYPES
from outcomes.conditions import where_sql
from outcomes.sql_texts import literal
from pipelines.sql_texts import sql

OUTPUT_TYPES = tuple(name for name, event_type in EVENT_TYPES.items() if "output" in event_type.reads_as)
MINUTES_TYPES = tuple(name for name, event_type in EVENT_TYPES.items() if event_type.value == "minutes")
"""Types whose `value` is a number of minutes; a milestone counted as an output states none."""


def chosen_by(wanted: EventFilter) -> str:
    """SQL over one row of `doing`: an event of one of the types that meets the conditions."""
    return " OR ".join(f"(type = {literal(name)} AND {where_sql(EVENT_TYPES[name], wanted.where, EVENT_TYPES)})" for name in wanted.event)


def outputs_of(catalogue: Catalogue) -> list[dict[str, str | None]]:
    """Every output: those that core tasks declare, then each output event type by its own name."""
    declared: list[dict[str, str | None]] = [
        {
            "output_id": output.id, "core_task_id": task.id, "name": output.name.da, "name_en": output.name.en,
            "event_type": ",".join(output.event), "chosen": chosen_by(output),
        }
        for task in catalogue.core_tasks
        for output in task.outputs
    ]  # fmt: skip
    plain: list[dict[str, str | None]] = [
        {
            "output_id": name, "core_task_id": None, "name": name, "name_en": name,
            "event_type": name, "chosen": f"type = {literal(name)}",
        }
        for name in OUTPUT_TYPES
    ]  # fmt: skip
    return [*declared, *plain]


def make_outputs(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, grid: str) -> None:
    """Fill `output_kind` (every output) and `output_count` (output x placement x period).

    Needs `doing`, `placement` and `covered_subject`.
    """
    kinds = outputs_of(catalogue)
    names = ("output_id", "core_task_id", "name", "name_en", "event_type")
    rows = pa.table(
        {"output_no": pa.array(range(len(kinds)), pa.int32())}
        | {name: pa.array([kind[name] for kind in kinds], pa.string()) for name in names}
    )
    _table(connection, "output_kind", rows)
    connection.execute(sql("mart_output_count"))
    for number, kind in enumerate(kinds):
        connection.execute(
            sql("mart_output_chosen").replace("/*chosen*/ true", f"({kind['chosen']})"),
            {"output_no": number, "core_task_id": kind["core_task_id"], "grid": grid, "minutes_types": list(MINUTES_TYPES)},
        )


def make_amounts(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, grid: str) -> None:
    """Fill `amount_kind` (the catalogue's amounts) and `amount_count` (amount x unit x period x currency). Needs `doing`."""
    kinds = [(task.id, amount) for task in catalogue.core_tasks for amount in task.amounts]
    rows = pa.table(
        {
            "amount_no": pa.array(range(len(kinds)), pa.int32()),
            "core_task_id": pa.array([task for task, _ in kinds], pa.string()),
            "amount_id": pa.array([amount.id for _, amount in kinds], pa.string()),
        }
    )
    _table(connection, "amount_kind", rows)
    connection.execute(sql("mart_amount_count"))
    for number, (_, amount) in enumerate(kinds):
        connection.execute(
            sql("mart_amount_chosen").replace("/*chosen*/ true", f"({chosen_by(amount)})"),
            {"amount_no": number, "grid": grid, "currency": catalogue.municipality.currency},
        )


def types_named(catalogue: Catalogue) -> list[str]:
    """Every event type that an output or an amount counts."""
    declared = {name for task in catalogue.core_tasks for wanted in (*task.outputs, *task.amounts) for name in wanted.event}
    return sorted(declared | set(OUTPUT_TYPES))


def _table(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    connection.register("incoming", rows)
    connection.execute(f'CREATE TABLE "{name}" AS FROM incoming')
    connection.unregister("incoming")
