"""What makes another version of an effect record: every column that can change of it, each by itself."""

import duckdb
import pytest

from pipelines.sql_texts import sql

KEYS = {"indicator_id", "indicator_version", "index_key", "index_source", "index_id", "subject"}
OF_THE_VERSION = {"content_hash", "version", "batch"}
RECORD = {
    "core_task_id": "'work'",
    "subject_key": "7::UBIGINT",
    "index_on": "DATE '2024-01-01'",
    "unit_id": "'a'",
    "resolves_on": "DATE '2024-07-01'",
    "decided_on": "DATE '2024-03-01'",
    "outcome": "'achieved'",
    "value": "60.0",
    "baseline": "NULL::DOUBLE",
    "contributors": "NULL::VARCHAR",
    "evidence": "[1::UBIGINT, 2]",
    "known_from": "TIMESTAMP '2024-03-02'",
}
OTHER = {
    "core_task_id": "'school'",
    "subject_key": "8::UBIGINT",
    "index_on": "DATE '2024-01-02'",
    "unit_id": "NULL::VARCHAR",
    "resolves_on": "DATE '2024-07-02'",
    "decided_on": "DATE '2024-03-02'",
    "outcome": "'competing'",
    "value": "61.0",
    "baseline": "0.0",
    "contributors": "'{}'",
    "evidence": "[1::UBIGINT]",
    "known_from": "TIMESTAMP '2024-03-03'",
}


@pytest.fixture(scope="module")
def store() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(sql("schema"))
    connection.execute(sql("effect_hash"))
    return connection


def hash_of(store: duckdb.DuckDBPyConnection, record: dict[str, str]) -> object:
    named = ", ".join(f"{name} := {value}" for name, value in record.items())
    return store.execute(f"SELECT effect_hash({named})").fetchall()[0][0]


def test_every_column_that_can_change_is_in_it(store: duckdb.DuckDBPyConnection) -> None:
    columns = {row[0] for row in store.execute("DESCRIBE effect").fetchall()}
    assert columns - KEYS - OF_THE_VERSION == set(RECORD) == set(OTHER)


@pytest.mark.parametrize("column", RECORD)
def test_a_change_of_one_column_alone_is_seen(store: duckdb.DuckDBPyConnection, column: str) -> None:
    assert hash_of(store, RECORD | {column: OTHER[column]}) != hash_of(store, RECORD)
