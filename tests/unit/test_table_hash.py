"""The hash of a published table: whatever the order of its rows, and another one for any other content."""

from collections.abc import Sequence

import duckdb
import pytest

from pipelines.manifest import table_hash
from pipelines.tables import BY_NAME
from pipelines.timings import Timings

TABLE = BY_NAME["dim_price_index"]
TEXTS = [column.name for column in TABLE.columns if column.type == "VARCHAR"][:2]


def hashed(rows: Sequence[tuple[str | None, str | None]]) -> tuple[int, str]:
    """The hash of the table with these values in its first two text columns."""
    with duckdb.connect() as connection:
        connection.execute("ATTACH ':memory:' AS mart")
        connection.execute(TABLE.ddl)
        for row in rows:
            connection.execute(f'INSERT INTO mart."{TABLE.name}" ("{TEXTS[0]}", "{TEXTS[1]}") VALUES (?, ?)', row)
        return table_hash(connection, TABLE)


def test_the_order_of_rows_does_not_matter() -> None:
    assert hashed([("a", "b"), ("c", None)]) == hashed([("c", None), ("a", "b")])


@pytest.mark.parametrize(
    "other",
    [
        [("a", "b")],  # a row less
        [("a", "b"), ("a", "b")],  # the same row twice
        [("a", "c"), ("c", "b")],  # the same values in other rows
        [("b", "a"), ("c", None)],  # in other columns
        [("a", "b"), ("c", "")],  # nothing is not null
    ],
)
def test_any_other_content_has_another_hash(other: Sequence[tuple[str | None, str | None]]) -> None:
    assert hashed(other) != hashed([("a", "b"), ("c", None)])


def test_an_empty_table_has_a_hash() -> None:
    assert hashed([])[0] == 0


def test_seconds_of_a_step_that_comes_twice_are_added_up() -> None:
    timings = Timings()
    for _ in range(2):
        with timings.step("cells"):
            sum(range(100_000))
    assert list(timings.as_dict()) == ["cells"]
    assert timings.as_dict()["cells"]["processor"] > 0
