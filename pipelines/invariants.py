"""What must always hold in a store, as counts of violations that must be 0; and hashes that tell whether two stores say the same."""

import hashlib

import duckdb

_CHECKS = {
    "I1_counts_add_up": """
        SELECT count(*) FROM feed_offset
        WHERE received <> accepted + duplicates + quarantined + erased
            OR least(accepted, duplicates, quarantined, erased) < 0
    """,
    "I1_accepted_is_stored": """
        SELECT count(*) FROM (
            SELECT feed, part, accepted FROM feed_offset
            EXCEPT SELECT o.feed, o.part, count(e.event_key)
            FROM feed_offset o LEFT JOIN event e USING (feed, part) GROUP BY o.feed, o.part)
    """,
    "I1_quarantined_is_stored": """
        SELECT count(*) FROM (
            SELECT feed, part, quarantined FROM feed_offset
            EXCEPT SELECT o.feed, o.part, count(q.feed) FROM feed_offset o
                LEFT JOIN (SELECT feed, part FROM quarantine WHERE NOT retried) q USING (feed, part) GROUP BY o.feed, o.part)
    """,
    "I2_offset_beyond_next": 'SELECT count(*) FROM event e JOIN feed_offset o USING (feed, part) WHERE e."offset" >= o.next_offset',
    "I3_event_twice": "SELECT count(*) FROM (SELECT source, id FROM event GROUP BY source, id HAVING count(*) > 1)",
    "effect_version_twice": """
        SELECT count(*) FROM (
            SELECT 1 FROM effect GROUP BY indicator_id, indicator_version, index_key, version HAVING count(*) > 1)
    """,
}

_VOLATILE = {"batch": ("batch", "committed_at"), "meta": ("value",), "erasure": ("subject_hash",)}
"""Columns that differ between two runs over the same records: wall-clock times and random keys. `batch` numbers follow the batch cuts."""

_CURRENT = """
SELECT * EXCLUDE (content_hash, version, batch) FROM effect
QUALIFY row_number() OVER (PARTITION BY indicator_id, indicator_version, index_key ORDER BY version DESC) = 1 AND outcome <> 'withdrawn'
"""


def violations(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Violations of I1 (counts add up, and are what is stored), I2 (offsets) and I3 (uniqueness), by check; all 0 in a sound store.

    Reads the whole history: for tests, and for an hourly look in production.
    """
    return {name: int(connection.execute(query).fetchall()[0][0]) for name, query in _CHECKS.items()}


def outcome_hashes(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Hash per outcome, whatever the order of arrival and the batch cuts: what stands, current effect records, accepted events."""
    accepted = 'SELECT * EXCLUDE (feed, part, "offset", batch) FROM event'
    standing = 'SELECT * EXCLUDE (feed, part, "offset", batch) FROM store.standing_event'
    return {"event": _hash(connection, accepted), "standing_event": _hash(connection, standing), "effect": _hash(connection, _CURRENT)}


def run_hashes(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Hash per table of the store, less volatile columns: two runs over the same records in the same cuts agree on all of them (I0)."""
    tables = [
        name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'store' ORDER BY 1").fetchall()
    ]
    return {name: _hash(connection, f"SELECT * {_less(name)} FROM store.{name}") for name in tables}  # noqa: S608 - names come from the catalog


def _less(table: str) -> str:
    columns = _VOLATILE.get(table, ())
    return f"EXCLUDE ({', '.join(columns)})" if columns else ""


def _hash(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """SHA-256 of the rows in canonical order, as typed text."""
    digest = hashlib.sha256()
    result = connection.execute(f"SELECT to_json(r)::VARCHAR FROM ({query}) r ORDER BY ALL")  # noqa: S608 - vetted texts of this module
    while rows := result.fetchmany(20_000):
        digest.update("\n".join(row[0] for row in rows).encode())
        digest.update(b"\n")
    return digest.hexdigest()
