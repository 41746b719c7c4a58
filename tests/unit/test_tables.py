"""The published tables' description: complete, and the same in the documentation."""

from pathlib import Path

import pytest

from pipelines.tables import CELL_PARTS, RESTS_ON, TABLES
from pipelines.tables.columns import Column
from pipelines.tables.meanings import ALLOWED, PRIVACY, UNITS
from pipelines.tables.page import markdown
from pipelines.tables.views import VIEWS


def test_the_documentation_is_written_from_the_tables() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "tables.md"
    assert page.read_text(encoding="utf-8") == markdown(), "run: python -m pipelines.tables > docs/tables.md"


@pytest.mark.security("S7")
def test_every_key_is_a_column_and_every_column_is_explained() -> None:
    for table in TABLES:
        names = [column.name for column in table.columns]
        assert set(table.key) <= set(names)
        assert len(names) == len(set(names))
        assert all(len(column.comment) > 3 for column in table.columns)


def test_every_number_says_what_it_rests_on() -> None:
    undeclared = [
        f"{table.name}.{column.name}"
        for table in TABLES
        for column in table.columns
        if column.is_number and column.rests_on not in RESTS_ON
    ]
    assert undeclared == [], f"write `TYPE:what it rests on` in pipelines/tables/, one of {RESTS_ON}"


def test_what_rests_on_an_effect_cell_can_be_found_by_its_key() -> None:
    for table in TABLES:
        if any(column.rests_on in CELL_PARTS for column in table.columns):
            assert {"unit_id", "indicator_id", "cohort"} <= {column.name for column in table.columns}, table.name


@pytest.mark.security("S7")
def test_every_number_has_a_unit_and_every_column_a_privacy_category() -> None:
    named = [(f"{table.name}.{column.name}", column) for table in TABLES for column in table.columns]
    assert [name for name, column in named if column.is_number and column.unit is None] == [], (
        "say it in UNITS of pipelines/tables/meanings.py"
    )
    assert [name for name, column in named if column.privacy not in PRIVACY] == [], "say it in pipelines/tables/meanings.py"


@pytest.mark.security("S7")
def test_a_column_that_nobody_described_has_neither_unit_nor_privacy_category() -> None:
    number, word = Column("waist_cm", "DOUBLE", "Waist", "row"), Column("shoe", "VARCHAR", "Kind of shoe")
    assert (number.unit, word.privacy) == (None, None)
    assert number.privacy == "aggregate of persons"


def test_units_are_said_once_and_of_columns_that_there_are() -> None:
    said = [name for names in UNITS.values() for name in names.split()]
    assert len(said) == len(set(said))
    columns = {column.name for described in (*TABLES, *VIEWS) for column in described.columns}
    placed = columns | {f"{table.name}.{column.name}" for table in TABLES for column in table.columns}
    # `oe`, `epm`, `kpe`, ... stand for their limits: `oe_low`.
    assert [name for name in said if not {name, f"{name}_low"} & columns] == []
    assert [name for name in ALLOWED if name not in placed] == []
