"""The published tables' description: complete, and the same in the documentation."""

from pathlib import Path

from pipelines.tables import TABLES, markdown


def test_the_documentation_is_written_from_the_tables() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "tables.md"
    assert page.read_text(encoding="utf-8") == markdown(), "run: python -m pipelines.tables > docs/tables.md"


def test_every_key_is_a_column_and_every_column_is_explained() -> None:
    for table in TABLES:
        names = [column.name for column in table.columns]
        assert set(table.key) <= set(names)
        assert len(names) == len(set(names))
        assert all(len(column.comment) > 3 for column in table.columns)
