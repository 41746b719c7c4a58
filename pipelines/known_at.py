"""As we knew it at K: the translation over the events recorded up to K and nothing else, in a database of its own."""

import datetime as dt
from pathlib import Path

from models.catalogue import Catalogue
from models.registry import EVENT_TYPES
from outcomes.translation import compile_translation
from pipelines.corrections import Amender, Corrections
from pipelines.database import Resources, clear_errors, connect, quoted
from pipelines.sql_texts import sql
from pipelines.store import extraction
from pipelines.tally import Tally
from pipelines.versions import EffectVersions, Translation


def fill_as_known(
    store_file: Path,
    scratch_file: Path,
    catalogue: Catalogue,
    known_at: dt.datetime,
    *,
    translation: Translation | None = None,
    amender: Amender | None = None,
    resources: Resources | None = None,
) -> None:
    """Fill a new database of the store's schema with what was known at an instant: events, what stood of them, effect records (version 1).

    store_file    read only; the caller holds the store's lease, or this is a copy
    scratch_file  made anew; the caller deletes it
    known_at      with a zone, or in UTC
    Quarantine, offsets and counts are copied as they are: they are about records, not about what was known.
    raises        StoreError when a file cannot be read or written
    """
    instant = known_at.astimezone(dt.UTC).replace(tzinfo=None) if known_at.tzinfo else known_at
    scratch_file.unlink(missing_ok=True)
    connection = connect(scratch_file.parent, resources or Resources(), f"{scratch_file.name}.tmp")
    try:
        with clear_errors(scratch_file.parent):
            connection.execute(f"ATTACH {quoted(store_file)} AS whole (READ_ONLY); ATTACH {quoted(scratch_file)} AS store; USE store")
            connection.execute(sql("schema"))
            connection.execute(sql("known_copy"))
            for table in ("event", "correction"):
                connection.execute(f"INSERT INTO {table} SELECT * FROM whole.{table} WHERE recorded_at <= ?", [instant])  # noqa: S608
            versions = EffectVersions(connection, translation or compile_translation(catalogue, EVENT_TYPES))
            versions.prepare()
            corrections = Corrections(connection, amender or extraction(catalogue.municipality.time_zone))
            connection.execute(sql("known_seeds"))
            corrections.apply(Tally())
            connection.execute("CREATE OR REPLACE TEMP TABLE touched_subject AS SELECT DISTINCT subject_key FROM store.standing_event")
            versions.write(1)
            connection.execute("CHECKPOINT store")
    finally:
        connection.close()
