"""Disclosure control: what must not be published, as named numbers and one judgement per cell.

Done now: primary suppression. Everything that rests on 1 to k - 1 persons or records is hidden wherever it would be published: effect
counts and the shares, estimates, curves and ratios built on them, outputs and amounts; curves stop where fewer than k are at risk; a
share of 100 % (or a cell in which a competing event came to everybody) is treated like a small one, since it says something of each
person. A share of 0 % is shown: that nobody was helped is what a controller must see. Within a row nothing hidden follows from what is
shown.
What follows from other rows of effect cells (a parent less its other children) is hidden by pipelines/complement.py. What is not covered
yet, such as one publication less the last, is in ADR 19.
"""

from collections.abc import Callable, Sequence
from typing import Final

import duckdb

from pipelines.complement import hide_more
from pipelines.sql_texts import sql
from pipelines.tables import CELL_PARTS, TABLES, Table

DEFAULT_K: Final = 5
"""Smallest count that is shown unless the catalogue says otherwise."""

OFF: Final = 1
"""The k that turns suppression off: public data, internal use."""

SUPPRESSED: Final = "suppressed"

CELL_KEY: Final = ("unit_id", "indicator_id", "indicator_version", "cohort")
"""By what a published row names the effect cell that it rests on."""

HIDDEN: Final = "what this rests on is hidden in effect_by_unit"
"""The reason that the shared step gives where a table's own statement gave none."""


def judge_cells(connection: duckdb.DuckDBPyConnection, k: int, grids: Sequence[str], meanwhile: Callable[[], None]) -> None:
    """Make `judged`: every cell with what of it must stay hidden, and `withheld`: indicators of which all of it is.

    Needs `cell`, `estimate`, `record`, `reported_part` and `placement_unit`.

    k          smallest count of persons and of records that may be shown, 1 or more; OFF hides nothing
    grids      period grids of the cells, coarse to fine, `all` first
    meanwhile  what else there is to do on the connection that needs nothing of `judged`; done once
    """
    connection.execute(sql("disclosure_cell"), {"k": k})
    connection.execute(sql("disclosure_withheld"))
    if k > OFF:
        hide_more(connection, k, grids, meanwhile)
    else:
        meanwhile()
    connection.execute(sql("disclosure_hidden"))


def blank(connection: duckdb.DuckDBPyConnection, k: int) -> None:
    """Empty every figure of the mart that rests on a hidden part of an effect cell, as `tables.Column.rests_on` declares.

    The one step that no new column can forget: the statements that fill a table may hide earlier, never less. Needs `hidden_cell`.
    """
    for table in TABLES if k > OFF else ():
        for part in CELL_PARTS:
            _blank_part(connection, table, part)


def _blank_part(connection: duckdb.DuckDBPyConnection, table: Table, part: str) -> None:
    """Names of tables and columns are our own."""
    resting = [column.name for column in table.columns if column.rests_on == part]
    if not resting:
        return
    has_state = part == "share" and any(column.name == "state" for column in table.columns)
    emptied = ", ".join([f'"{name}" = NULL' for name in resting] + ["state = 'suppressed'", "reason = $reason"] * has_state)
    present = {column.name for column in table.columns}
    same = " AND ".join(f"shown.{key} = hidden_cell.{key}" for key in CELL_KEY if key in present)
    any_left = ", ".join(f'shown."{name}"::VARCHAR' for name in resting)
    connection.execute(
        f'UPDATE mart."{table.name}" AS shown SET {emptied} FROM hidden_cell'  # noqa: S608
        f" WHERE hidden_cell.hide_{part} AND {same} AND coalesce({any_left}) IS NOT NULL",
        {"reason": HIDDEN} if has_state else None,
    )


def is_small(count: int, k: int) -> bool:
    """Whether a count must be hidden: above nought and below k. The same rule as the macro of that name in `mart_macros.sql`."""
    return 0 < count < k
