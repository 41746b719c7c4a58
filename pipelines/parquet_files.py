"""The published tables as Parquet, one file each, that says of itself what DuckDB's comments say.

`grain`, `about` and `columns` are key-value metadata of the file, which every reader can see. Field metadata (meaning, unit, privacy) goes
into the Arrow schema that Parquet files may carry, where pyarrow and what is built on it find it at each column.
"""

import base64
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.tables import TABLES, Column, Table


def write_parquet_files(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write every table of the mart attached as `mart` to `<folder>/<table>.parquet`."""
    for table in TABLES:
        file = _text(str(folder / f"{table.name}.parquet"))
        metadata = ", ".join(f"{_text(name)}: {_text(value)}" for name, value in _metadata(connection, table).items())
        connection.execute(f'COPY mart."{table.name}" TO {file} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{metadata}}})')


def _metadata(connection: duckdb.DuckDBPyConnection, table: Table) -> dict[str, str]:
    columns = {column.name: column.comment for column in table.columns}
    return {
        "grain": table.grain,
        "about": table.about,
        "columns": json.dumps(columns, ensure_ascii=False),
        "ARROW:schema": base64.b64encode(_schema(connection, table).serialize().to_pybytes()).decode(),
    }


def _schema(connection: duckdb.DuckDBPyConnection, table: Table) -> Any:
    """The Arrow schema as DuckDB makes it, with what is said of each column."""
    empty = connection.execute(f'SELECT * FROM mart."{table.name}" LIMIT 0').to_arrow_table().schema  # noqa: S608 - names are our own
    fields = [empty.field(column.name).with_metadata(_said(column)) for column in table.columns]
    return pa.schema(fields, metadata={"grain": table.grain, "about": table.about})


def _said(column: Column) -> dict[str, str]:
    said = {"comment": column.comment, "privacy": column.privacy or ""}
    return said | ({"unit": column.unit.name} if column.unit else {})


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
