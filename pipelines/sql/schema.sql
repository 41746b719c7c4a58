-- schema.sql  the store: one private DuckDB file, one writer. Append-only but for corrections of identity (conflict, erasure).
-- No PRIMARY KEY, UNIQUE, index, ENUM, CHECK or sequence: the subset that DuckLake also has. Uniqueness is a checked invariant (I3).

-- One row per setting of the store itself: schema_version, time_zone, catalogue (as JSON), definition_hash (the catalogue's), translation_hash
-- (of the SQL that the effects were made by), hashed_by (the DuckDB that made the effects' content hashes), compaction_due, effects sent through which batch.
CREATE TABLE meta (key VARCHAR NOT NULL, value VARCHAR NOT NULL);

-- One row per partition of a feed (Kafka topic, or `file:<path>` with part 0). Moved by a conditional UPDATE in the batch's transaction.
-- Counts obey I1: received = accepted + duplicates + quarantined + erased (conflicts are part of quarantined).
CREATE TABLE feed_offset (
    feed VARCHAR NOT NULL, part INTEGER NOT NULL, next_offset BIGINT NOT NULL, epoch BIGINT NOT NULL,
    received BIGINT NOT NULL, accepted BIGINT NOT NULL, duplicates BIGINT NOT NULL, quarantined BIGINT NOT NULL, erased BIGINT NOT NULL,
    fingerprint VARCHAR          -- files: sha256 of the prefix read so far, to notice a changed file
);

-- One row per accepted event, (source, id) once. The columns after content_hash are the timeline row that its payload model maps itself to.
CREATE TABLE event (
    event_key UBIGINT NOT NULL,        -- md5_number_lower(source || chr(31) || id)
    source VARCHAR NOT NULL, id VARCHAR NOT NULL,
    content_hash UBIGINT NOT NULL,     -- of type, subject, times and every kept field: what "the same content" means
    type VARCHAR NOT NULL,             -- family.fact, without prefix and version: employment.benefit_started
    subject VARCHAR NOT NULL, subject_key UBIGINT NOT NULL,   -- md5_number_lower(subject)
    occurred_at TIMESTAMP NOT NULL,    -- UTC
    occurred_on DATE NOT NULL,         -- local date in the municipality's time zone
    recorded_at TIMESTAMP NOT NULL,    -- UTC
    unit VARCHAR, episode VARCHAR, code VARCHAR, value DOUBLE,
    amount_ore BIGINT,                 -- money stays an integer
    fields VARCHAR,                    -- JSON object, keys sorted: kept data fields that have no column of their own
    attributes VARCHAR,                -- JSON object, keys sorted
    effort VARCHAR,                    -- JSON object unit id -> minutes, keys sorted
    feed VARCHAR NOT NULL, part INTEGER NOT NULL, "offset" BIGINT NOT NULL,
    batch BIGINT NOT NULL
);

-- Every correction event once more, with what it points at; also those that went to quarantine because their replacement does not fit the
-- target's type, since whether it fits may change when the target does.
CREATE TABLE correction AS
SELECT *,
    NULL::UBIGINT AS target_key,
    NULL::UBIGINT AS other_target_key,  -- where a replacement of a correction points instead
    false AS invalid                    -- in quarantine, not in event
FROM event LIMIT 0;

-- What stands of corrected events: derived from correction events, rewritten for the targets a batch touches.
-- verdict: retracted | replaced. A replaced event's row is in amended_event.
CREATE TABLE amendment (
    target_key UBIGINT NOT NULL, target_source VARCHAR NOT NULL, target_id VARCHAR NOT NULL,
    verdict VARCHAR NOT NULL, correction_key UBIGINT NOT NULL, recorded_at TIMESTAMP NOT NULL
);
CREATE TABLE amended_event AS SELECT * FROM event LIMIT 0;   -- same columns; key, source and id are the target's, recorded_at the correction's

-- What counts: events less the corrected ones, plus what these say instead. The translation reads a temporary table of the same name and shape.
CREATE VIEW standing_event AS
SELECT * FROM event WHERE event_key NOT IN (SELECT target_key FROM amendment)
UNION ALL
SELECT * FROM amended_event;

-- What was rejected: class, every fault, place and bytes (redacted for personal_number).
CREATE TABLE quarantine (
    feed VARCHAR NOT NULL, part INTEGER NOT NULL, "offset" BIGINT NOT NULL, batch BIGINT NOT NULL,
    class VARCHAR NOT NULL,            -- malformed | envelope | unknown_type | payload | personal_number | conflict
    faults VARCHAR NOT NULL,           -- JSON list of {"field": ..., "fault": ...}; never a value
    raw BLOB, sha256 VARCHAR NOT NULL, source VARCHAR, id VARCHAR, subject_key UBIGINT,
    event_key UBIGINT, content_hash UBIGINT,   -- of records that were well-formed: conflicts, and corrections that do not fit their target
    retried BOOLEAN NOT NULL           -- taken up again after a fix: counted anew as what it became, bytes gone
);

-- Names of fields that were sent but are not kept (data minimisation), and small counts that data_quality shows.
CREATE TABLE dropped_field (batch BIGINT NOT NULL, type VARCHAR NOT NULL, field VARCHAR NOT NULL, n BIGINT NOT NULL);

-- Notes that something was erased: a keyed hash, nothing else. Ingest asks it, so replay and restore bring nothing back.
CREATE TABLE erasure (subject_hash VARCHAR NOT NULL, batch BIGINT NOT NULL);

-- Append-only versions of effect records; the newest version per (indicator, indicator_version, index_key) is the current one.
CREATE TABLE effect (
    indicator_id VARCHAR NOT NULL, indicator_version INTEGER NOT NULL, core_task_id VARCHAR NOT NULL,
    index_key UBIGINT NOT NULL, index_source VARCHAR NOT NULL, index_id VARCHAR NOT NULL,
    subject VARCHAR NOT NULL, subject_key UBIGINT NOT NULL,
    index_on DATE NOT NULL, unit_id VARCHAR, resolves_on DATE NOT NULL, decided_on DATE NOT NULL,
    outcome VARCHAR NOT NULL,          -- achieved | not_achieved | competing | censored | unmeasured | withdrawn (no longer an index event)
    value DOUBLE, baseline DOUBLE,
    contributors VARCHAR,              -- JSON object unit id -> minutes, keys sorted
    evidence UBIGINT[] NOT NULL,       -- event keys that prove it, sorted
    known_from TIMESTAMP NOT NULL,
    content_hash UBIGINT NOT NULL DEFAULT 0,   -- of everything that can change of a record (effect_hash.sql): equal hashes, no new version; 0: none yet
    version INTEGER NOT NULL, batch BIGINT NOT NULL
);

-- One row per committed batch.
CREATE TABLE batch (
    batch BIGINT NOT NULL, committed_at TIMESTAMP NOT NULL,
    received BIGINT NOT NULL, accepted BIGINT NOT NULL, duplicates BIGINT NOT NULL, quarantined BIGINT NOT NULL, erased BIGINT NOT NULL,
    effects BIGINT NOT NULL
);
