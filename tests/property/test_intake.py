import json
import random

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.records import parse_record
from pipelines.intake import Intake, key_of
from pipelines.intake_worker import Worker
from tests.bad_events import workload
from tests.fuzz_intake import Tally, check
from tests.intake_reference import random_event, random_record


@pytest.fixture(scope="module")
def intake():
    with Intake("Europe/Copenhagen", threads=1) as opened:
        yield opened


@pytest.fixture(scope="module")
def worker():
    opened = Worker("Europe/Copenhagen")
    yield opened
    opened.close()


@pytest.mark.security("S18")
def test_fast_path_and_pydantic_agree(intake, worker):
    rng, tally = random.Random(7), Tally()
    check([random_record(rng, number) for number in range(3_000)], worker, intake, tally, "seed 7")
    assert tally.fast > 700, "the fast path must be the common one"


def test_plain_events_take_the_fast_path(worker):
    rng = random.Random(11)
    texts = [json.dumps(random_event(rng, number), ensure_ascii=False) for number in range(1_000)]
    rare = ("e+20", "e-07", "replacement")  # numbers with exponents and replacements are left to pydantic
    kept = [text for text in texts if not any(mark in text for mark in rare)]
    assert worker.extract(pa.array(kept), checked=True).num_rows > 0.95 * len(kept)


@pytest.mark.security("S18")
def test_every_broken_record_is_found_and_no_other(intake):
    lines, expected = workload(600, 3, 5)
    staged = intake.read("f", 0, 100, lines)
    classes = {row["offset"] - 100: row["class"] for row in staged.quarantined.to_pylist()}
    assert set(classes) == set(expected)
    assert all(classes[position] in expected[position] for position in classes)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_writing_does_not_change_the_content_hash(intake, seed):
    rng = random.Random(seed)
    event = random_event(rng, 1)
    writings = [
        json.dumps(event), json.dumps(event, indent=2), json.dumps(event, ensure_ascii=False, separators=(",", ":")),
        json.dumps(event, sort_keys=True),        json.dumps(_as_floats(event)),
    ]  # fmt: skip
    rows = intake.read("f", 0, 0, [text.encode() for text in writings]).events
    assert rows.num_rows == len(writings)
    assert len(set(rows["content_hash"].to_pylist())) == 1
    changed = event | {"time": "2001-01-01T00:00:00Z" if not event["time"].startswith("2001-01-01") else "2002-01-01T00:00:00Z"}
    other = intake.read("f", 0, 0, [json.dumps(changed).encode()]).events
    assert other["content_hash"].to_pylist()[0] != rows["content_hash"].to_pylist()[0]


def _as_floats(event):
    """Whole numbers with a decimal, where the field is no whole number by contract."""
    whole = ("amount_ore", "numerator", "denominator")
    floats = {name: float(value) for name, value in event["data"].items() if type(value) is int and name not in whole}
    return event | {"data": event["data"] | floats}


def test_offsets_with_holes_and_records_without_content(intake):
    event = json.dumps(random_event(random.Random(1), 1)).encode()
    staged = intake.read("t", 3, 5, [event, None, event], offsets=[5, 9, 12])
    assert sorted(staged.events["offset"].to_pylist()) == [5, 12]
    assert staged.quarantined.to_pylist()[0]["offset"] == 9
    assert staged.next_offset == 13
    assert set(staged.events["part"].to_pylist()) == {3}
    empty = intake.read("t", 3, 5, [])
    assert (empty.received, empty.next_offset) == (0, 5)


@pytest.mark.security("S8")
def test_dropped_fields_are_counted(intake):
    event = random_event(random.Random(2), 1)
    staged = intake.read("t", 0, 0, [json.dumps(event | {"extra": n, "data": event["data"] | {"more": 1}}).encode() for n in range(3)])
    assert [(field, n) for _, field, n in staged.dropped] == [("data.more", 3), ("extra", 3)]


def test_keys_are_those_of_the_store():
    assert duckdb.sql("SELECT md5_number_lower('urn:x' || chr(31) || '1')").fetchone() == (key_of("urn:x\x1f1"),)


def test_replacements_are_applied_or_their_faults_told(intake):
    events = [
        {"specversion": "1.0", "id": str(n), "source": "s", "type": "dk.kerneopgave.employment.conversation_held.v1",
         "subject": "p:0a1b2c3d",         "time": "2024-01-01T10:00:00Z", "data": {"unit": "u", "minutes": 10, "channel": "phone"}}
        for n in range(3)
    ]  # fmt: skip
    targets = intake.read("f", 1, 0, [json.dumps(event).encode() for event in events]).events.sort_by("offset")
    rows, faults = intake.amended(
        targets,
        [
            '{"data":{"unit":"u","minutes":20}}',
            '{"data":{"unit":"u"}}',
            '{"time":"2024-02-01T10:00:00Z","subject":"p:ffffffff","data":{"unit":"v","minutes":5}}',
        ],
    )
    assert [[fault.field for fault in each] for each in faults] == [[], ["data.minutes"], []]
    first, third = rows.to_pylist()
    assert (first["id"], first["value"], first["code"], first["occurred_at"]) == ("0", 20.0, None, targets["occurred_at"][0].as_py())
    assert (third["id"], third["subject"], third["unit"], third["occurred_on"].isoformat()) == ("2", "p:ffffffff", "v", "2024-02-01")
    assert third["recorded_at"] == targets["recorded_at"][2].as_py()
    assert rows.schema == targets.schema


def test_parse_is_repeatable():
    rng = random.Random(5)
    for number in range(200):
        record = random_record(rng, number)
        assert repr(parse_record(record)) == repr(parse_record(record))


PLAIN = (
    '{"specversion":"1.0","id":"1","source":"s","type":"dk.kerneopgave.employment.conversation_held.v1","subject":"p:0a1b2c3d",'
    '"time":"2024-01-01T10:00:00Z","data":{"unit":"u","minutes":10,"attributes":{"a":1,"b":"x"},"effort":{"v":5}}}'
)
TRICKS = {
    "attribute twice": ('"a":1', '"a":1,"a":1'),
    "unit of effort twice": ('"v":5', '"v":5,"v":5'),
    "trailing comma": ('"v":5}', '"v":5,}'),
    "longer in normal form": ('"minutes":10', '"minutes":1E9,"":1'),
    "key twice": ('"minutes":10', '"minutes":10,"minutes":10'),
    "array as attribute": ('"a":1', '"a":[1]'),
    "array in an attribute that is not kept": ('"id":"1"', '"id":"1","dataschema":[]'),
    "infinite effort": ('"v":5', '"v":1e999'),
    "not a number": ('"minutes":10', '"minutes":-nan'),
    "beyond BIGINT": ('"a":1', '"a":9223372036854775808'),
    "personal number in dataschema": ('"id":"1"', '"id":"1","dataschema":"010756-1234"'),
    "personal number without its zero": ('"a":1', '"a":107561234'),
    "negative personal number": ('"a":1', '"a":-107561234'),
    "personal number in the id": ('"id":"1"', '"id":"x 0107561234"'),
    "personal number as effort": ('"v":5', '"v":2107561234'),
    "name too long": ('"a":1', f'"{"a" * 65}":1'),
    "number as id": ('"id":"1"', '"id":107'),
    "hours of the offset": ("10:00:00Z", "10:00:00+24:00"),
    "day of the month": ("2024-01-01", "2024-02-30"),
    "characters behind the end": ("}}}", "}}} x"),
    "not an object": (PLAIN, f"[{PLAIN}]"),
}
HARMLESS = ("longer in normal form", "array in an attribute that is not kept")
"""Only something that is not kept is odd: pydantic accepts these."""


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.security("S18")
def test_the_fast_path_is_not_tricked(intake, worker, trick):
    old, new = TRICKS[trick]
    assert old in PLAIN
    record = PLAIN.replace(old, new, 1)
    assert worker.extract(pa.array([PLAIN]), checked=True).num_rows == 1
    assert worker.extract(pa.array([record]), checked=True).num_rows == 0
    check([record.encode(), PLAIN.encode()], worker, intake, Tally(), trick)
    assert intake.read("f", 0, 0, [record.encode()]).quarantined.num_rows == (trick not in HARMLESS)
