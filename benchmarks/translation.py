"""How long does the translation take? Ten indicators over generated subjects, beside hand-written SQL and the plain-Python reference.

    python -m benchmarks.translation [--subjects 100000] [--rounds 3] [--threads 2]

The hand-written query answers one `reached` indicator only (an inequality join and a minimum, outcomes without evidence); ten times its
time is a floor for answering ten indicators one by one. Prints machine, sizes, versions, seconds per step and events per second.
"""

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

import duckdb

from models.catalogue import Catalogue
from models.registry import EVENT_TYPES
from outcomes.translation import Translation, compile_translation
from tests.reference.evaluate import evaluate

ENDS = {"competing": ["person.died", "person.retired"], "censored_by": ["person.moved_away"]}
AFTER_BENEFIT: dict[str, Any] = {"index": {"event": "employment.benefit_ended", "where": {"benefit": ["kontanthjaelp", "dagpenge"]}}} | ENDS
WORK = {"state": {"name": "employment", "codes": ["ordinary"]}}
INDICATORS: list[dict[str, Any]] = [
    *({"id": f"in_work_{n}m", "kind": "state_at", "horizon": f"P{n}M"} | AFTER_BENEFIT | WORK for n in (1, 3, 6, 12)),
    *(
        {"id": f"held_{n}w", "kind": "sustained", "begins_within": "P30D", "held": f"P{n}W", "gap": "P14D"} | AFTER_BENEFIT | WORK
        for n in (13, 26, 52)
    ),
    {
        "id": "first_job",
        "kind": "reached",
        "index": "employment.benefit_started",
        "target": "employment.placement_started",
        "horizon": "P1Y",
    }
    | ENDS,
    {"id": "full_time", "kind": "reached", "index": "employment.benefit_started", "horizon": "P1Y"}
    | {"target": {"event": "employment.placement_started", "where": {"hours_per_week": {"min": 30}}}}
    | ENDS,
    {"id": "relapse", "kind": "reached", "target": "employment.benefit_started", "horizon": "P2Y", "direction": "down"} | AFTER_BENEFIT,
]

EVENTS = """
CREATE OR REPLACE TABLE standing_event AS
WITH line AS (SELECT s::UBIGINT * 7919 + 13 AS subject_key, s, DATE '2020-01-06' + (s % 1200)::INTEGER AS day FROM range($subjects) t(s)),
happened AS (
    SELECT *, 'employment.benefit_started' AS type, 0 AS after, 'a' AS episode,
        ['kontanthjaelp', 'dagpenge', 'sygedagpenge'][s % 3 + 1] AS code
    FROM line
    UNION ALL SELECT *, 'employment.benefit_ended', 40 + s % 300, 'a', NULL FROM line WHERE s % 10 < 9
    UNION ALL SELECT *, 'employment.placement_started', 45 + s % 290, 'p', if(s % 7 = 0, 'flexjob', 'ordinary') FROM line WHERE s % 4 < 3
    UNION ALL SELECT *, 'employment.placement_ended', 100 + s % 900, 'p', NULL FROM line WHERE s % 4 < 2
    UNION ALL SELECT *, 'employment.placement_started', 105 + s % 905, 'q', 'ordinary' FROM line WHERE s % 4 < 2
    UNION ALL SELECT *, 'employment.benefit_started', 500 + s % 500, 'b', 'kontanthjaelp' FROM line WHERE s % 3 = 0
    UNION ALL SELECT *, 'employment.benefit_ended', 560 + s % 700, 'b', NULL FROM line WHERE s % 3 = 0
    UNION ALL SELECT *, 'person.moved_away', 300 + s % 600, NULL, NULL FROM line WHERE s % 9 = 0
    UNION ALL SELECT *, 'person.died', 900 + s % 100, NULL, NULL FROM line WHERE s % 40 = 0
    UNION ALL SELECT line.*, 'employment.conversation_held', 20 * k, NULL, 'phone' FROM line, range(1, 3) c(k)
)
SELECT
    md5_number_lower(s || type || after)::UBIGINT AS event_key, 'urn:job' AS source, md5(s || type || after) AS id,
    hash(s, type, after) AS content_hash, type, 'p:' || md5(s::VARCHAR)[:24] AS subject, subject_key,
    (day + after::INTEGER)::TIMESTAMP + INTERVAL 8 HOUR AS occurred_at, day + after::INTEGER AS occurred_on,
    (day + after::INTEGER)::TIMESTAMP + INTERVAL 9 HOUR AS recorded_at, 'jobcentre-' || s % 20 AS unit, episode, code,
    CASE WHEN type = 'employment.placement_started' THEN (s % 5) * 9.25 END AS value, NULL::BIGINT AS amount_ore, NULL::VARCHAR AS fields,
    CASE WHEN type = 'employment.benefit_started' THEN '{"age":' || 18 + s % 50 || '}' END AS attributes,
    CASE WHEN type = 'employment.conversation_held' AND s % 10 = 0 THEN '{"school":30}' END AS effort
FROM happened
"""
SOME = """
CREATE OR REPLACE TEMP TABLE standing_event AS SELECT * FROM memory.main.standing_event SEMI JOIN touched_subject USING (subject_key)
"""
BY_HAND = """
SELECT count(*), sum(outcome = 'achieved') FROM (
    SELECT i.event_key, CASE WHEN min(t.occurred_on) <= coalesce(least(min(c.occurred_on), min(i.occurred_on) + 365), DATE '9999-01-01')
        THEN 'achieved' ELSE 'other' END AS outcome
    FROM standing_event i
        LEFT JOIN standing_event t
            ON t.subject_key = i.subject_key AND t.occurred_on >= i.occurred_on AND t.type = 'employment.placement_started'
        LEFT JOIN standing_event c
            ON c.subject_key = i.subject_key AND c.occurred_on >= i.occurred_on
            AND c.type IN ('person.died', 'person.retired', 'person.moved_away')
    WHERE i.type = 'employment.benefit_started'
    GROUP BY i.event_key
)
"""


def catalogue() -> Catalogue:
    """Ten indicators of the kinds that are computed."""
    common = {"name": "n", "effect": {"unit": "u"}}
    task = {"id": "t", "name": "t", "purpose": "p", "target_group": "g", "indicators": [common | one for one in INDICATORS]}
    return Catalogue.model_validate({"municipality": {"id": "m", "name": "m"}, "core_tasks": [task]})


def seconds(work: Callable[[], object], rounds: int) -> float:
    """The median of several runs."""
    taken = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def run(connection: duckdb.DuckDBPyConnection, translation: Translation, spent: dict[str, float] | None = None) -> None:
    """All statements once; with `spent`, seconds are added up by the step's name."""
    for text in translation.statements():
        begin = time.perf_counter()
        connection.execute(text)
        if spent is not None:
            name = text.split("TABLE ", 1)[-1].split(" ")[0] if text.startswith(("CREATE", "DROP")) else text.split("  ", 1)[0].strip("- ")
            spent[name] = spent.get(name, 0.0) + time.perf_counter() - begin


def touch(connection: duckdb.DuckDBPyConnection, subjects: int) -> None:
    """Say that the first subjects were touched."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE touched_subject AS SELECT (s * 7919 + 13)::UBIGINT AS subject_key FROM range(?) t(s)", [subjects]
    )


def reference_seconds(connection: duckdb.DuckDBPyConnection, sample: int) -> float:
    """Seconds that the plain-Python reference takes over a sample of subjects."""
    found = connection.execute("SELECT * FROM standing_event SEMI JOIN touched_subject USING (subject_key)")
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    for row in rows:
        row.update({name: json.loads(row[name]) if row[name] else None for name in ("fields", "attributes", "effort")})
    begin = time.perf_counter()
    for task, one in catalogue().indicators():
        evaluate(rows, one, task.id, EVENT_TYPES)
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", action="store_true", help="seconds of each step")
    options = parser.parse_args()
    translation = compile_translation(catalogue(), EVENT_TYPES)
    with duckdb.connect(config={"threads": options.threads, "preserve_insertion_order": False}) as connection:
        connection.execute(EVENTS, {"subjects": options.subjects})
        events = connection.execute("SELECT count(*) FROM standing_event").fetchall()[0][0]
        print(
            f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, DuckDB {duckdb.__version__}, {options.threads} threads"
        )
        print(f"{options.subjects} subjects, {events} events, {len(INDICATORS)} indicators, {len(translation.statements())} statements")
        touch(connection, options.subjects)
        everybody = seconds(lambda: run(connection, translation), options.rounds)
        records = connection.execute("SELECT count(*) FROM fresh_effect").fetchall()[0][0]
        print(f"everybody: {everybody:.2f} s, {records} records, {events / everybody:,.0f} events/s, {records / everybody:,.0f} records/s")
        by_hand = seconds(lambda: connection.execute(BY_HAND).fetchall(), options.rounds)
        print(
            f"one reached indicator by hand: {by_hand:.3f} s; ten times that: {10 * by_hand:.2f} s; ratio {everybody / (10 * by_hand):.2f}"
        )
        if options.steps:
            spent: dict[str, float] = {}
            run(connection, translation, spent)
            for name, took in sorted(spent.items(), key=lambda one: -one[1])[:25]:
                print(f"  {took:7.3f} s  {name}")
        for some in (1, 100, 2000):
            touch(connection, some)
            connection.execute(SOME)
            print(f"{some} touched subjects: {1000 * seconds(lambda: run(connection, translation), options.rounds):.0f} ms")
        print(f"plain-Python reference, 2000 subjects: {reference_seconds(connection, 2000):.2f} s")


if __name__ == "__main__":
    main()
