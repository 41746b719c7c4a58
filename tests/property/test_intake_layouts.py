"""Records written like others: what is taken from their bytes is what parsing gives."""

import datetime as dt
import json
import random
from itertools import chain

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import personal_number
from models.records import parse_time
from pipelines.intake import Intake
from pipelines.intake_layouts import MOST_LAYOUTS, Pool, layout_of
from pipelines.intake_placing import Bytes, placed
from pipelines.intake_worker import WORTH_LAYING, Worker
from tests.fuzz_intake import Tally, check
from tests.intake_reference import event_like_others, random_event

RECORD = (
    '{"specversion":"1.0","id":"1","source":"s","type":"dk.kerneopgave.employment.conversation_held.v1","subject":"p:0a1b2c3d",'
    '"time":"2024-01-01T10:00:00Z","data":{"unit":"u","minutes":10,"attributes":{"b":"x","a":1}}}'
)
BOUNDS = (dt.datetime(1800, 1, 2), dt.datetime(2999, 12, 30))  # noqa: DTZ001 - local times; the offset is written behind them
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def worker():
    opened = Worker("Europe/Copenhagen", worth_a_statement=1)
    yield opened
    opened.close()


def _laid(texts):
    pool = Pool()
    pool.learn(texts[:1])
    data = Bytes(pa.array(texts))
    return data, list(placed(data, pool, data.plain & ~data.personal))


def _values(texts, column):
    data, found = _laid(texts)
    pairs = (zip(each.positions, data.views(*each.columns[column]).to_pylist(), strict=True) for each in found)
    return dict(chain.from_iterable(pairs))


def test_values_are_cut_out_where_they_stand():
    other = RECORD.replace('"1"', '"a-much-longer-id æ"').replace(":10,", ":7.5,")
    assert _values([RECORD, other], "ce_id") == {0: "1", 1: "a-much-longer-id æ"}
    assert _values([RECORD, other], "minutes") == {0: "10", 1: "7.5"}
    assert _values([RECORD], "attributes") == {0: '{"b":"x","a":1}'}
    assert (_values([RECORD], "piece_0"), _values([RECORD], "piece_1")) == ({0: '"a":1'}, {0: '"b":"x"'})


@pytest.mark.parametrize(
    "change",
    [
        ('"b":"x"', '"c":"x"'), (",", ", "), ('"minutes"', '"minuter"'), ("}}}", "}}} "), ("}}}", "}}},"), ('"source":"s",', ""),
        ('"id":"1"', '"id":1'), ('"id":"1"', '"id":"\\u0031"'), ("0a1b2c3d", "0107561234"), ('"minutes":10', '"minutes":-107561234'),
    ],
)  # fmt: skip
def test_a_record_with_other_bytes_has_another_layout(change):
    assert sorted(_values([RECORD, RECORD.replace(*change, 1), None, ""], "ce_id")) == [0]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "7", '"x"', "[" * 5_000, RECORD[:-1], RECORD.replace(".v1", ".v9"), RECORD + RECORD, None]
)
def test_what_is_no_event_teaches_nothing(text):
    assert not Pool().learn([text])


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "subject", "time", "data"])
def test_a_layout_has_every_attribute_that_is_required(name):
    event = json.loads(RECORD)
    del event[name]
    assert layout_of(json.dumps(event, separators=(",", ":"))) is None


def test_the_pool_forgets_what_was_not_used_for_longest():
    pool = Pool()
    texts = [RECORD.replace('"a":', f'"a{number}":') for number in range(MOST_LAYOUTS + 1)]
    pool.learn(texts[:-1])
    kept = layout_of(texts[0])
    pool.used(kept)
    pool.learn(texts[-1:])
    assert len(list(pool)) == MOST_LAYOUTS
    assert kept in list(pool)


def test_the_same_rows_whether_cut_out_or_parsed(worker):
    rng = random.Random(3)
    texts = [json.dumps(event_like_others(rng, number), ensure_ascii=False, separators=(",", ":")) for number in range(12 * WORTH_LAYING)]
    cut_out = worker.extract_alike(pa.array(texts)).sort_by("position")
    assert worker.n_cut_out > 0.1 * len(texts)
    parts = [worker.extract(pa.array(texts[at : at + 200]), checked=True).sort_by("position") for at in range(0, len(texts), 200)]
    parsed = {
        at * 200 + row["position"]: {name: row[name] for name in row if name != "position"}
        for at, part in enumerate(parts)
        for row in part.to_pylist()
    }
    rows = {row.pop("position"): row for row in cut_out.to_pylist()}
    assert rows == {position: parsed[position] for position in rows}


def test_records_of_many_programs_agree_with_pydantic(worker):
    rng = random.Random(5)
    records = [json.dumps(random_event(rng, number)).encode() for number in range(300)]
    records += [json.dumps(event_like_others(rng, number), separators=(",", ":")).encode() for number in range(1_500)]
    with Intake("Europe/Copenhagen", threads=1) as intake:
        check(records, worker, intake, Tally(), "many programs")


def _instants(texts):
    data = Bytes(pa.array(texts))
    micros, fits = data.instants(data.starts, data.ends)
    return [EPOCH + dt.timedelta(microseconds=int(micro)) if fit else None for micro, fit in zip(micros, fits, strict=True)]


@given(
    st.lists(
        st.builds(
            lambda time, decimals, offset: time.isoformat() + decimals + offset,
            st.datetimes(*BOUNDS).map(lambda time: time.replace(microsecond=0)),
            st.sampled_from(["", ".5", ".25", ".000001", ".123456"]),
            st.sampled_from(["Z", "+00:00", "+02:00", "-05:30", "+14:00"]),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_times_are_those_of_the_contract(texts):
    assert _instants(texts) == [parse_time(text) for text in texts]


ODD_TIMES = [
    "2023-02-29T10:00:00Z", "1900-02-29T10:00:00Z", "2024-13-01T10:00:00Z", "2024-00-01T10:00:00Z", "2024-04-31T10:00:00Z",
    "2024-01-00T10:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T10:60:00Z", "2024-01-01T10:00:60Z", "2024-01-01T10:00:00",
    "2024-01-01 10:00:00Z", "2024-01-01T10:00:00+15:00", "2024-01-01T10:00:00+01:60", "2024-01-01T10:00:00+0100", "2024-01-01T10:00:00.Z",
    "2024-01-01T10:00:00.1234567Z", "2024-01-01T10:00:00,5Z", "2024-1-011T10:00:00Z", "1799-12-31T10:00:00Z", "3000-01-01T10:00:00Z",
    "2024-01-01T1a:00:00Z", "2024-01-01T10:00:00 01:00", "2024-01-01T10:00:00.12+4+01:00", "", "x", "Z", "2024-01-01T10:00:00æZ",
]  # fmt: skip


def test_other_times_are_left_to_the_contract():
    good = "2024-02-29T23:59:59.5+01:00"
    assert _instants([good, *ODD_TIMES, good]) == [parse_time(good), *[None] * len(ODD_TIMES), parse_time(good)]


@given(st.lists(st.text(st.sampled_from('0123456789- .,:"xæ'), max_size=24), min_size=1, max_size=8))
@pytest.mark.security("S1")
def test_no_personal_number_passes(texts):
    records = [json.dumps({"a": text}, ensure_ascii=False) for text in texts]
    seen = Bytes(pa.array(records)).personal
    assert not np.any([personal_number.in_text(text) and not flag for text, flag in zip(texts, seen, strict=True)])


@given(st.lists(st.integers(-(10**11), 10**11), min_size=1, max_size=20))
@pytest.mark.security("S1")
def test_no_personal_number_passes_as_a_number(numbers):
    seen = Bytes(pa.array([f'{{"a":{number}}}' for number in numbers])).personal
    assert not np.any([personal_number.in_number(number) and not flag for number, flag in zip(numbers, seen, strict=True)])
