"""Shared cost, spread over units and core tasks by named keys in ordered steps (step-down), to the oere."""

import datetime as dt
from collections.abc import Sequence

import duckdb
import pyarrow as pa

from models.catalogue import AllocationKey, Catalogue, Costs
from pipelines.activities import MINUTES_TYPES, chosen_by
from pipelines.organisation import FIRST_DAY, LAST_DAY, make_table
from pipelines.sql_texts import sql

MILLIONTHS = 10**6
"""Weights and headcounts are whole numbers of this part."""


def allocate(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, direct: Sequence[str]) -> None:
    """Fill `cost_move` and `cost_stuck` (and `allocation_key`, `allocation_step`) from the catalogue's keys and steps.

    Needs `cost_pool`, `placement`, `placement_unit` and `doing`.
    direct   cost classes of a unit's own effort: what keys by direct cost count, and with unplaced money what steps pass on
    """
    costs = catalogue.costs
    connection.execute(sql("money_move_tables"))
    _load_keys(connection, costs)
    _load_steps(connection, costs)
    if not costs.steps:
        return
    connection.execute(sql("money_basis_shares"))
    connection.execute(sql("money_basis_direct"), {"direct": list(direct)})
    for key_no, key in enumerate(costs.keys):
        _count_outputs(connection, catalogue, key_no, key)
    for step_no in range(len(costs.steps)):
        _take_step(connection, costs, step_no, [*direct, "allocated", "unallocated"])


def units_named(costs: Costs) -> set[str]:
    """Units that the shares of keys name: they need a place in the organisation, whether or not anything is booked there."""
    return {share.unit for key in costs.keys for share in key.shares}


def _take_step(connection: duckdb.DuckDBPyConnection, costs: Costs, step_no: int, passed_on: list[str]) -> None:
    step = costs.steps[step_no]
    key_no = next(number for number, key in enumerate(costs.keys) if key.id == step.key)
    key = costs.keys[key_no]
    numbers = {"step_no": step_no, "key_no": key_no}
    connection.execute(
        sql("money_step_source"),
        {"step_no": step_no, "kind": step.kind, "valid_from": step.valid_from, "valid_to": step.valid_to, "passed_on": passed_on},
    )
    connection.execute(sql("money_step_receiver"), numbers | {"valid_from": key.valid_from, "valid_to": key.valid_to})
    connection.execute(sql("money_step_stuck"), numbers)
    connection.execute(sql("money_step_move"), numbers)


def _count_outputs(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, key_no: int, key: AllocationKey) -> None:
    for task in catalogue.core_tasks:
        for output in task.outputs:
            if output.id in key.outputs:
                connection.execute(
                    sql("money_basis_output").replace("/*chosen*/ true", chosen_by(output)),
                    {
                        "key_no": key_no, "core_task_id": task.id, "minutes_types": list(MINUTES_TYPES), "measure": key.measure,
                        "k": catalogue.municipality.k,
                    },
                )  # fmt: skip


def _load_keys(connection: duckdb.DuckDBPyConnection, costs: Costs) -> None:
    keys = list(enumerate(costs.keys))
    make_table(
        connection,
        "allocation_key",
        [(number, key.id, key.by, key.relative_se, key.source) for number, key in keys],
        [("key_no", pa.int32()), ("key_id", pa.string()), ("by", pa.string()), ("relative_se", pa.float64()), ("source", pa.string())],
    )
    make_table(
        connection,
        "key_share",
        [
            (number, share.unit, share.core_task, int(share.amount * MILLIONTHS), *_validity(share.valid_from, share.valid_to))
            for number, key in keys
            for share in key.shares
        ],
        [
            ("key_no", pa.int32()), ("unit_id", pa.string()), ("core_task_id", pa.string()), ("millionths", pa.int64()),
            ("valid_from", pa.date32()), ("valid_to", pa.date32()),
        ],
    )  # fmt: skip
    _load_limits(connection, "key_unit", "unit_id", [(number, unit) for number, key in keys for unit in key.units])
    _load_limits(connection, "key_core_task", "core_task_id", [(number, task) for number, key in keys for task in key.core_tasks])


def _load_limits(connection: duckdb.DuckDBPyConnection, table: str, column: str, rows: list[tuple[int, str]]) -> None:
    make_table(connection, table, rows, [("key_no", pa.int32()), (column, pa.string())])


def _load_steps(connection: duckdb.DuckDBPyConnection, costs: Costs) -> None:
    steps = list(enumerate(costs.steps))
    make_table(
        connection, "allocation_step", [(number, step.id) for number, step in steps], [("step_no", pa.int32()), ("step_id", pa.string())]
    )
    make_table(
        connection,
        "step_source",
        [(number, unit, task) for number, step in steps for unit in step.source.unit or (None,) for task in step.source.core_task],
        [("step_no", pa.int32()), ("unit_id", pa.string()), ("core_task_id", pa.string())],
    )


def _validity(start: dt.date | None, end: dt.date | None) -> tuple[dt.date, dt.date]:
    return start or FIRST_DAY, end or LAST_DAY
