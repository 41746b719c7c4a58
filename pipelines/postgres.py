"""A publication in PostgreSQL: every table with types, comments and views, in a schema that is replaced whole.

Everything is loaded into a schema of its own and put in place by renaming, in one transaction: a publisher that dies leaves nothing
behind. The change waits, for so long as `LOCK_SECONDS`, for a moment in which nobody reads: a statement, and a transaction of several,
reads the publication before or the new one, never a mixture.

The password comes from PGPASSWORD, a .pgpass file or a file of its own; it is in no address, log or error.
"""

import random
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import psycopg
from psycopg import sql as pg
from psycopg.conninfo import conninfo_to_dict

from models.errors import ConfigurationError, StoreBusyError, StoreError
from pipelines.loopback import is_loopback
from pipelines.published import MART_FILE
from pipelines.sql_texts import sql
from pipelines.tables import TABLES, Column, Table
from pipelines.tables.views import VIEWS

LOCK_SECONDS: Final = 30
"""How long the change waits for readers that hold the publication before."""

DEFAULT_SCHEMA: Final = "kerneeffekt"

WAIT_MILLISECONDS: Final = 200
"""For one lock. The server looks for deadlocks after 1 s by default."""

_TYPES: Final = {
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp without time zone",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "DOUBLE": "double precision",
}
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,30}")
_VERIFIED = ("verify-ca", "verify-full")
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Target:
    """Where a publication goes to.

    address        postgresql://user@host:port/database, without a password
    schema         the schema that readers use; it is replaced whole, so nothing of anybody's own may be in it
    readers        roles that may read it
    password_file  a file with the password alone; None: as libpq finds it (PGPASSWORD, PGPASSFILE, ~/.pgpass)
    """

    address: str
    schema: str = DEFAULT_SCHEMA
    readers: tuple[str, ...] = ()
    password_file: Path | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.schema):
            raise ConfigurationError(
                f"a PostgreSQL schema must be lower-case letters, digits and _, at most 31, got: {self.schema!r}; mend --also-schema"
            )

    def parameters(self) -> dict[str, Any]:
        """What to connect with. Other hosts than this one are spoken to encrypted, with their certificate verified."""
        try:
            given = conninfo_to_dict(self.address)
        except psycopg.Error:
            raise ConfigurationError("--also must be an address such as postgresql://user@host:5432/database") from None
        if given.get("password"):
            raise ConfigurationError(
                "the address of PostgreSQL must not hold a password: it would stand in process lists and logs;"
                " use PGPASSWORD, a .pgpass file or --also-password-file"
            )
        if not _is_here(str(given.get("host") or "")):
            given.setdefault("sslmode", "verify-full")
            if given["sslmode"] not in _VERIFIED:
                raise ConfigurationError(f"sslmode to another host must be one of {', '.join(_VERIFIED)}, got: {given['sslmode']!r}")
        if self.password_file is not None:
            given["password"] = _password(self.password_file)
        return {"connect_timeout": 10, "application_name": "kerneeffekt publish"} | given

    def place(self) -> str:
        """The server and database in words, without user or password."""
        given = conninfo_to_dict(self.address)
        return f"PostgreSQL database {given.get('dbname', '(default)')} at {given.get('host', '(local)')}"


def publish_to_postgres(folder: Path, target: Target) -> None:
    """Put the publication of a folder in place of the one in PostgreSQL.

    raises   ConfigurationError for a wrong address or a missing right, StoreBusyError while another publisher or a reader holds the schema,
             StoreError when the server does not answer or refuses; in each case what readers see there stays as it was
    """
    with _said(target), _connected(target) as connection:
        _one_publisher(connection, target)
        fresh = f"{target.schema}_new"
        with connection.transaction(), tempfile.TemporaryDirectory(prefix="kerneeffekt-copy-") as scratch:
            _load(connection, folder, fresh, Path(scratch))
            _grant(connection, fresh, target.readers)
            _swap(connection, target.schema, fresh)


@contextmanager
def _connected(target: Target) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**target.parameters(), autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning")
        yield connection


def _one_publisher(connection: psycopg.Connection[Any], target: Target) -> None:
    row = connection.execute("SELECT pg_try_advisory_lock(hashtext(%s))", (f"kerneeffekt {target.schema}",)).fetchone()
    if row is None or not row[0]:
        raise StoreBusyError(f"another process is publishing to schema {target.schema} of the {target.place()}; wait for it to end")


def _load(connection: psycopg.Connection[Any], folder: Path, schema: str, scratch: Path) -> None:
    """A new schema with everything in it; the rest of the transaction looks there first."""
    connection.execute(pg.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(pg.Identifier(schema)))
    connection.execute(pg.SQL("CREATE SCHEMA {}").format(pg.Identifier(schema)))
    connection.execute(pg.SQL("SET LOCAL search_path = {}").format(pg.Identifier(schema)))
    with duckdb.connect() as mart:
        path = str(folder / MART_FILE).replace("'", "''")
        mart.execute(f"ATTACH '{path}' AS mart (READ_ONLY)")
        for table in TABLES:
            _create(connection, table)
            _copy(connection, mart, table, scratch / "rows.csv")
    for view in VIEWS:
        connection.execute(pg.SQL("CREATE VIEW {} AS {}").format(pg.Identifier(view.name), _own(sql(view.sql_name))))
        _comment(connection, "VIEW", view.name, f"{view.question} {view.about}", view.columns)
    _publication(connection, folder)


def _create(connection: psycopg.Connection[Any], table: Table) -> None:
    columns = [_column(table, column) for column in table.columns]
    if all(table.is_required(table.column(name)) for name in table.key):
        columns.append(pg.SQL("PRIMARY KEY ({})").format(pg.SQL(", ").join(map(pg.Identifier, table.key))))
    connection.execute(pg.SQL("CREATE TABLE {} ({})").format(pg.Identifier(table.name), pg.SQL(", ").join(columns)))
    _comment(connection, "TABLE", table.name, f"One row per {table.grain}. {table.about}", table.columns)


def _column(table: Table, column: Column) -> pg.Composable:
    null = " NOT NULL" if table.is_required(column) else ""
    return pg.SQL("{} {}").format(pg.Identifier(column.name), _own(_TYPES[column.type] + null))


def _comment(connection: psycopg.Connection[Any], kind: str, name: str, text: str, columns: tuple[Column, ...]) -> None:
    said = [pg.SQL("COMMENT ON {} {} IS {}").format(_own(kind), pg.Identifier(name), pg.Literal(text))]
    said += [
        pg.SQL("COMMENT ON COLUMN {}.{} IS {}").format(pg.Identifier(name), pg.Identifier(column.name), pg.Literal(column.comment))
        for column in columns
    ]
    connection.execute(pg.SQL("; ").join(said))


def _copy(connection: psycopg.Connection[Any], mart: duckdb.DuckDBPyConnection, table: Table, file: Path) -> None:
    """All rows of a table, as CSV from one database to the other: no row passes through Python."""
    path = str(file).replace("'", "''")
    mart.execute(f"COPY mart.\"{table.name}\" TO '{path}' (FORMAT csv, HEADER false, NULLSTR '\\N')")
    statement = pg.SQL("COPY {} FROM STDIN (FORMAT csv, NULL '\\N')").format(pg.Identifier(table.name))
    with connection.cursor() as cursor, cursor.copy(statement) as copy, file.open("rb") as rows:
        while chunk := rows.read(_CHUNK):
            copy.write(chunk)
    connection.execute(pg.SQL("ANALYZE {}").format(pg.Identifier(table.name)))


def _publication(connection: psycopg.Connection[Any], folder: Path) -> None:
    """One row: which publication this is, so that a reader can say so."""
    connection.execute("CREATE TABLE publication (version text NOT NULL, manifest jsonb NOT NULL)")
    manifest = (folder / "manifest.json").read_text(encoding="utf-8")
    connection.execute("INSERT INTO publication VALUES (%s, %s::jsonb)", (folder.name, manifest))
    about = "Which publication this is, with its manifest. A transaction reads one publication from its first statement to its end."
    connection.execute(pg.SQL("COMMENT ON TABLE publication IS {}").format(pg.Literal(about)))


def _grant(connection: psycopg.Connection[Any], schema: str, readers: tuple[str, ...]) -> None:
    for role in readers:
        connection.execute(pg.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(pg.Identifier(schema), pg.Identifier(role)))
        connection.execute(pg.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}").format(pg.Identifier(schema), pg.Identifier(role)))


def _swap(connection: psycopg.Connection[Any], schema: str, fresh: str) -> None:
    """The new schema takes the name of the old one, which is dropped, at a moment when nobody reads it."""
    if connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,)).fetchone():
        relations = _relations(connection, schema)
        if "publication" not in relations:
            raise ConfigurationError(f"schema {schema} exists and is none of ours: choose another with --also-schema")
        old, new = (_audience(connection, name) for name in (schema, fresh))
        if old != new:
            raise ConfigurationError(
                f"schema {schema} holds a publication for {old or 'everybody'}, and this one is for {new or 'everybody'}: "
                "put it into a schema of its own with --also-schema"
            )
        _hold(connection, schema, relations)
        connection.execute(pg.SQL("DROP SCHEMA {} CASCADE").format(pg.Identifier(schema)))
    connection.execute(pg.SQL("ALTER SCHEMA {} RENAME TO {}").format(pg.Identifier(fresh), pg.Identifier(schema)))


def _audience(connection: psycopg.Connection[Any], schema: str) -> str | None:
    """For whom the publication in a schema was made; None: everybody."""
    asked = pg.SQL("SELECT manifest->'audience'->>'id' FROM {}.publication").format(pg.Identifier(schema))
    row = connection.execute(asked).fetchone()
    return row[0] if row else None


def _relations(connection: psycopg.Connection[Any], schema: str) -> list[str]:
    rows = connection.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relkind IN ('r', 'v') ORDER BY c.relkind, c.relname",
        (schema,),
    ).fetchall()
    return [name for (name,) in rows]


def _hold(connection: psycopg.Connection[Any], schema: str, relations: list[str]) -> None:
    """Every table and view for this transaction alone: statements that read one of them end first, and new ones wait.

    Each wait is shorter than the server's own look for deadlocks, so that it is never a reader who is sent away: what was locked is let
    go, and tried again.
    """
    names = pg.SQL(", ").join(pg.Identifier(schema, name) for name in relations)
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            with connection.transaction():
                connection.execute(f"SET LOCAL lock_timeout = '{WAIT_MILLISECONDS}ms'")
                connection.execute(pg.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(names))
                return
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            if time.monotonic() > until:
                raise
            time.sleep(random.uniform(0.02, 0.2))


@contextmanager
def _said(target: Target) -> Iterator[None]:
    """Turn what PostgreSQL says into one clear sentence; never its text of a row, never the address as it was given."""
    stays = "the publication stands in its folder, and readers of PostgreSQL keep the one before"
    try:
        yield
    except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected) as error:
        raise StoreBusyError(f"readers held the schema {target.schema} for {LOCK_SECONDS} s in the {target.place()}: {stays}") from error
    except psycopg.errors.InsufficientPrivilege as error:
        why = error.diag.message_primary or "a right is missing"
        raise ConfigurationError(f"the {target.place()} refused ({why}): {stays}; docs/bi.md has the rights that are needed") from error
    except psycopg.OperationalError as error:
        why = error.diag.message_primary or "no connection: is it there, and are user and password right?"
        raise StoreError(f"the {target.place()} could not be used ({why}): {stays}") from None
    except psycopg.Error as error:
        raise StoreError(f"the {target.place()} refused the publication (SQLSTATE {error.sqlstate}): {stays}") from error


def _password(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(
            f"cannot read the password file {file}: {error.strerror}; expected a file with the password alone"
        ) from None


def _is_here(host: str) -> bool:
    """This machine: a socket, localhost or a loopback address."""
    return not host or host.startswith("/") or is_loopback(host)


def _own(text: str) -> pg.SQL:
    """SQL of our own files and words."""
    return pg.SQL(text)
