"""A publication in a real PostgreSQL: every table, comment and view, replaced whole while readers read, with least rights."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psycopg
import pytest

from models.errors import ConfigurationError, StoreBusyError, StoreError
from pipelines import postgres
from pipelines.postgres import Target, publish_to_postgres
from pipelines.tables import TABLES
from pipelines.tables.views import VIEWS
from pipelines.views import add_views
from tests.factories_published import publish_example
from tests.postgres import PASSWORD, Server, binaries, running_postgres

MISSING = "PostgreSQL is not installed (Debian: postgresql)"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if binaries() is None:
        if os.environ.get("KERNEEFFEKT_REQUIRE_ALL"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with running_postgres() as running:
        with psycopg.connect(running.address(), password=PASSWORD, autocommit=True) as owner:
            # The roles of docs/bi.md.
            owner.execute(f"CREATE ROLE kerneeffekt_publisher LOGIN PASSWORD '{PASSWORD}'")
            owner.execute("CREATE ROLE kerneeffekt_reader NOLOGIN")
            owner.execute(f"CREATE ROLE analyst LOGIN PASSWORD '{PASSWORD}' IN ROLE kerneeffekt_reader")
            owner.execute("CREATE DATABASE outcomes")
            owner.execute("GRANT CREATE ON DATABASE outcomes TO kerneeffekt_publisher")
        yield running


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two publications that differ in every row's snapshot."""
    made = []
    for version in ("v20260331T120000000000", "v20260401T120000000000"):
        folder = publish_example(tmp_path_factory.mktemp("published"), version) / version
        add_views(folder / "mart.duckdb")
        made.append(folder)
    return made


@pytest.fixture
def target(server: Server, tmp_path: Path) -> Target:
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n")
    return Target(server.address("kerneeffekt_publisher", "outcomes"), readers=("kerneeffekt_reader",), password_file=file)


def analyst(server: Server) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(server.address("analyst", "outcomes"), password=PASSWORD)


def test_every_table_and_view_is_there_with_the_same_rows(server: Server, versions: list[Path], target: Target) -> None:
    publish_to_postgres(versions[0], target)
    with duckdb.connect() as mart, analyst(server) as reader:
        mart.execute(f"ATTACH '{versions[0] / 'mart.duckdb'}' AS mart (READ_ONLY); USE mart")
        for described in (*TABLES, *VIEWS):
            columns = ", ".join(f'"{column.name}"' for column in described.columns)
            ours = mart.execute(f'SELECT {columns} FROM "{described.name}"').fetchall()
            theirs = reader.execute(f'SELECT {columns} FROM kerneeffekt."{described.name}"').fetchall()
            assert sorted(map(repr, theirs)) == sorted(map(repr, ours)), described.name


def test_comments_types_and_keys_are_there(server: Server, versions: list[Path], target: Target) -> None:
    publish_to_postgres(versions[0], target)
    with analyst(server) as reader:
        told = reader.execute(
            "SELECT c.relname, a.attname, col_description(c.oid, a.attnum), format_type(a.atttypid, a.atttypmod), a.attnotnull"
            " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'kerneeffekt'::regnamespace"
            " AND a.attnum > 0 AND c.relkind = 'r'"
        ).fetchall()
        found = {(table, column): (comment, kind, required) for table, column, comment, kind, required in told}
        for table in TABLES:
            for column in table.columns:
                expected = (column.comment, postgres._TYPES[column.type], table.is_required(column))
                assert found[table.name, column.name] == expected
        about = reader.execute("SELECT obj_description('kerneeffekt.v_trend'::regclass)").fetchone()
    assert about is not None
    assert str(about[0]).startswith("Is it getting better?")


def test_a_reader_may_read_and_do_nothing_else(server: Server, versions: list[Path], target: Target) -> None:
    publish_to_postgres(versions[0], target)
    for statement in (
        "DELETE FROM kerneeffekt.effect_by_unit",
        "CREATE TABLE kerneeffekt.own (n int)",
        "DROP SCHEMA kerneeffekt CASCADE",
        "CREATE SCHEMA own",
    ):
        with analyst(server) as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(statement)


def test_readers_see_one_publication_whole_while_it_is_replaced(server: Server, versions: list[Path], target: Target) -> None:
    """Four readers ask, as fast as they can, for a statement over three tables; every answer is of one version."""
    publish_to_postgres(versions[0], target)
    over, seen, torn = threading.Event(), set(), []
    question = (
        "SELECT (SELECT version FROM kerneeffekt.publication), array_agg(DISTINCT snapshot_id), count(*),"
        " (SELECT count(*) FROM kerneeffekt.v_trend) FROM kerneeffekt.effect_by_unit"
    )

    def read() -> None:
        with analyst(server) as reader:
            reader.autocommit = True
            while not over.is_set():
                row = reader.execute(question).fetchone()
                assert row is not None
                version, snapshots, n, _ = row
                seen.add(version)
                if snapshots != [version] or not n:
                    torn.append(row)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for one in readers:
        one.start()
    for folder in (versions[1], versions[0]):
        publish_to_postgres(folder, target)
    over.set()
    for one in readers:
        one.join()
    assert torn == []
    assert seen == {folder.name for folder in versions}


def test_a_transaction_keeps_its_publication_to_its_end(
    server: Server, versions: list[Path], target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "LOCK_SECONDS", 1)
    publish_to_postgres(versions[0], target)
    with analyst(server) as reader:
        assert reader.execute("SELECT count(*) > 0 FROM kerneeffekt.dim_unit").fetchone() == (True,)
        with pytest.raises(StoreBusyError, match="readers held the schema"):
            publish_to_postgres(versions[1], target)
        assert reader.execute("SELECT DISTINCT snapshot_id FROM kerneeffekt.effect_by_unit").fetchall() == [(versions[0].name,)]
    publish_to_postgres(versions[1], target)
    with analyst(server) as reader:
        assert reader.execute("SELECT version FROM kerneeffekt.publication").fetchone() == (versions[1].name,)
        left = reader.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'kerneeffekt%'").fetchall()
    assert left == [("kerneeffekt",)], "nothing is left behind"


def test_a_publisher_that_fails_in_the_middle_changes_nothing(
    server: Server, versions: list[Path], target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_to_postgres(versions[0], target)
    monkeypatch.setattr(postgres, "sql", lambda name: "SELECT no_such_column FROM effect_by_unit")
    with pytest.raises(StoreError, match="SQLSTATE 42703"):
        publish_to_postgres(versions[1], target)
    with analyst(server) as reader:
        assert reader.execute("SELECT version FROM kerneeffekt.publication").fetchone() == (versions[0].name,)


def test_a_schema_of_somebody_else_is_left_alone(server: Server, versions: list[Path], target: Target) -> None:
    with psycopg.connect(server.address("kerneeffekt_publisher", "outcomes"), password=PASSWORD) as own:
        own.execute("CREATE SCHEMA IF NOT EXISTS theirs")
    with pytest.raises(ConfigurationError, match="none of ours"):
        publish_to_postgres(versions[0], Target(target.address, "theirs", password_file=target.password_file))


def test_a_schema_is_for_one_audience(server: Server, versions: list[Path], target: Target, tmp_path: Path) -> None:
    version = "v20260402T120000000000"
    folder = publish_example(tmp_path / "p", version, audience={"id": "controllers", "k": 3, "roles": ["controller"]}) / version
    add_views(folder / "mart.duckdb")
    publish_to_postgres(versions[0], target)
    with pytest.raises(ConfigurationError, match=r"for everybody, and this one is for controllers.* --also-schema"):
        publish_to_postgres(folder, target)
    with analyst(server) as reader:
        assert reader.execute("SELECT version FROM kerneeffekt.publication").fetchone() == (versions[0].name,)


@pytest.mark.security("S21")
def test_a_wrong_password_is_said_without_it(server: Server, versions: list[Path], tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text("canary-7f3a")
    with pytest.raises(StoreError) as fault:
        publish_to_postgres(versions[0], Target(server.address("analyst", "outcomes"), password_file=tmp_path / "wrong"))
    assert "canary" not in str(fault.value)
    assert "readers of PostgreSQL keep the one before" in str(fault.value)


def test_a_missing_right_is_said(server: Server, versions: list[Path], target: Target) -> None:
    address = server.address("analyst", "outcomes")
    with pytest.raises(ConfigurationError, match=r"permission denied.*docs/bi\.md"):
        publish_to_postgres(versions[0], Target(address, "own", password_file=target.password_file))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"address": "postgresql://u:canary-7f3a@h/db"}, "must not hold a password"),
        ({"address": "postgresql://u@h/db?sslmode=disable"}, "sslmode to another host"),
        ({"address": "what is this canary-7f3a"}, "--also must be an address"),
        ({"address": "postgresql://u@h/db", "schema": "a;drop"}, "--also-schema"),
    ],
)
@pytest.mark.security("S21")
def test_a_wrong_address_is_refused_without_repeating_a_secret(given: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as fault:
        Target(**given).parameters()
    assert "canary" not in str(fault.value)


@pytest.mark.security("S22")
def test_another_host_is_spoken_to_verified() -> None:
    assert Target("postgresql://u@db.example/db").parameters()["sslmode"] == "verify-full"
    assert "sslmode" not in Target("postgresql://u@127.0.0.1/db").parameters()
