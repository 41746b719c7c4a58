"""What a publication says of itself: identity, dates, definitions, row counts, and a hash per table, however the rows came about."""

import datetime as dt
import hashlib
from typing import Any

import duckdb

from models.catalogue import Audience, Catalogue, Text
from pipelines.gate_findings import Verdict
from pipelines.prices import indices_on
from pipelines.tables import TABLES, VOLATILE, Table


def table_hash(connection: duckdb.DuckDBPyConnection, table: Table) -> tuple[int, str]:
    """(rows, SHA-256) of a table of the mart attached as `mart`, whatever the order of its rows.

    Of its columns, the number of rows, and two sums of each row's 64-bit hash, in which every value counts as it is: sums need no order, so
    all threads count at once. Against accidents, not against somebody who wants two tables to look alike. DuckDB's own hash may be another
    one in another release, which the manifest therefore names (`hashed_by`): only hashes of one release can be compared.
    Columns that name the publication instead of the world (VOLATILE) are left out, so that two publications of one state hash alike.
    """
    columns = [column for column in table.columns if column.name not in VOLATILE]
    row = ", ".join(f'"{column.name}"' for column in columns)
    found = connection.execute(
        f'SELECT count(*), sum(hash({row})::HUGEINT), sum(hash({row}, 1)::HUGEINT) FROM mart."{table.name}"'  # noqa: S608 - our own names
    ).fetchall()
    rows, first, second = found[0]
    told = "\n".join([*(f"{column.name} {column.type}" for column in columns), f"{rows} {first or 0} {second or 0}"])
    return int(rows), hashlib.sha256(told.encode()).hexdigest()


def manifest_of(
    connection: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    *,
    version: str,
    as_of: dt.date,
    known_at: dt.datetime | None,
    published_at: dt.datetime,
    last_batch: int,
    verdict: Verdict,
    erased: bool = False,
    keep_days: int | None = None,
    audience: Audience | None = None,
    held: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The manifest of the mart attached as `mart`. `erased`: subjects have been erased from the store at some time.

    audience    for whom it was made; None: everybody
    keep_days   how long the version stays readable at least; None: nothing is deleted
    held        what differs from the publication before by few persons (`before.held_against`); None: there was none
    """
    municipality = catalogue.municipality
    hashes = {table.name: table_hash(connection, table) for table in TABLES}
    watermarks = connection.execute(
        "SELECT source, watermark FROM mart.data_quality WHERE watermark IS NOT NULL ORDER BY source"
    ).fetchall()
    return {
        "version": version,
        "snapshot_id": version,
        "as_of": as_of.isoformat(),
        "known_at": known_at.isoformat() if known_at else None,
        "published_at": published_at.isoformat(timespec="seconds"),
        "last_batch": last_batch,
        "invented": municipality.invented,
        "municipality": {
            "id": municipality.id,
            "name": _text(municipality.name),
            "intro": _text(municipality.intro),
            "currency": municipality.currency,
            "k": municipality.k,
            "price_year": municipality.price_year,
            "time_zone": municipality.time_zone,
            "period": municipality.period,
        },
        "watermarks": {source: f"{watermark.isoformat()}Z" for source, watermark in watermarks},
        "not_reproduced": not_reproduced(as_of < published_at.date(), known_at is not None, erased),
        "definition_hash": catalogue.definition_hash,
        "definitions": {indicator.id: indicator.version for _, indicator in catalogue.indicators()},
        "costs_version": catalogue.costs.version,
        "price_index_version": ", ".join(name for index in indices_on(catalogue, as_of) if (name := index.name)) or None,
        "tables": {name: {"rows": rows, "sha256": digest} for name, (rows, digest) in hashes.items()},
        "hashed_by": f"DuckDB {duckdb.__version__}",
        "keep_days": keep_days,
        "audience": audience.model_dump(mode="json") if audience else None,
        "held_against": held,
        "gate": verdict.as_dict(),
    }


def not_reproduced(of_the_past: bool, as_known: bool, erased: bool) -> list[str]:
    """In which respects a version that shows an earlier state is not what was, or could have been, published then; one sentence each.

    All else follows from the events alone. Empty for a version of the present.
    """
    said: list[str] = []
    if erased and (of_the_past or as_known):
        said.append("subjects have been erased from the store: what was known of them then is in no figure any more")
    if as_known:
        said.append("records read, repeated and rejected are counted as they arrive, so data_quality leaves them out of an earlier state")
    return said


def _text(text: Text | None) -> dict[str, str] | None:
    return {"da": text.da, "en": text.en} if text else None
