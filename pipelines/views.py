"""Puts the views for the usual questions, and what is to be known of them, into a finished mart."""

from pathlib import Path

import duckdb

from pipelines.sql_texts import sql
from pipelines.tables.views import VIEWS


def add_views(mart: Path) -> None:
    """Create every view in a mart file that nobody else has open. They read tables of the same file, under whatever name it is attached."""
    with duckdb.connect() as connection:
        path = str(mart).replace("'", "''")
        connection.execute(f"ATTACH '{path}' AS mart; USE mart")
        connection.execute("BEGIN")
        create_views(connection)
        connection.execute("COMMIT; USE memory; DETACH mart")


def create_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the views in the database in use, which has the tables."""
    for view in VIEWS:
        connection.execute(f'CREATE OR REPLACE VIEW "{view.name}" AS {sql(view.sql_name)}')
        connection.execute(f'COMMENT ON VIEW "{view.name}" IS {_text(f"{view.question} {view.about}")}')
        for column in view.columns:
            connection.execute(f'COMMENT ON COLUMN "{view.name}"."{column.name}" IS {_text(column.comment)}')


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
