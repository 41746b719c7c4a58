"""Arrow tables as temporary tables of DuckDB."""

import duckdb
import pyarrow as pa


def load(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Make (or replace) the temporary table `name` from an Arrow table.

    Copied rather than scanned in place: DuckDB pushes filters of joins into Arrow scans, and fails there on unsigned 64-bit numbers above
    2^63.
    """
    connection.register("arrow_input", table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM arrow_input")
    connection.unregister("arrow_input")
