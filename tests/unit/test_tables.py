"""The published tables' description: complete, and the same in the documentation."""

from pathlib import Path

from pipelines.tables import CELL_PARTS, RESTS_ON, TABLES, markdown


def test_the_documentation_is_written_from_the_tables() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "tables.md"
    assert page.read_text(encoding="utf-8") == markdown(), "run: python -m pipelines.tables > docs/tables.md"


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
    assert undeclared == [], f"write `TYPE:what it rests on` in pipelines/tables.py, one of {RESTS_ON}"


def test_what_rests_on_an_effect_cell_can_be_found_by_its_key() -> None:
    for table in TABLES:
        if any(column.rests_on in CELL_PARTS for column in table.columns):
            assert {"unit_id", "indicator_id", "cohort"} <= {column.name for column in table.columns}, table.name
