"""Disclosure control: what must not be published, as named numbers and one judgement per cell.

Done now: primary suppression. Everything that rests on 1 to k - 1 persons or records is hidden wherever it would be published: effect
counts and the shares, estimates, curves and ratios built on them, outputs and amounts; curves stop where fewer than k are at risk; a
share of 100 % (or a cell in which a competing event came to everybody) is treated like a small one, since it says something of each
person. A share of 0 % is shown: that nobody was helped is what a controller must see. Within a row nothing hidden follows from what is
shown.
Not done yet: complementary suppression between rows (a parent less its other children, one publication less the last).
"""

from typing import Final

import duckdb

from pipelines.sql_texts import sql

DEFAULT_K: Final = 5
"""Smallest count that is shown unless the catalogue says otherwise."""

OFF: Final = 1
"""The k that turns suppression off: public data, internal use."""

SUPPRESSED: Final = "suppressed"


def judge_cells(connection: duckdb.DuckDBPyConnection, k: int) -> None:
    """Make `judged`: every cell with what of it must stay hidden. Needs `cell` and `estimate`.

    k   smallest count of persons and of records that may be shown, 1 or more; OFF hides nothing
    """
    connection.execute(sql("disclosure_cell"), {"k": k})


def is_small(count: int, k: int) -> bool:
    """Whether a count must be hidden: above nought and below k. The same rule as the macro of that name in `mart_macros.sql`."""
    return 0 < count < k
