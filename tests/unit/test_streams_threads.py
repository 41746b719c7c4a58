"""The reader, the writer, the effect sender's messages and the watchdog, each alone, with fakes."""

import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from prometheus_client import CollectorRegistry

from models.errors import BrokerError, BrokerSilentError, StoreFullError, StoreMemoryError
from pipelines.intake import Stretch
from pipelines.staged import BatchSummary, Staged
from streams.batches import BatchQueue, RecordBatch
from streams.effects import messages
from streams.metrics import METRICS, Metrics
from streams.positions import Positions
from streams.reader import ASK_AT_MOST, Reader
from streams.staging import StagingQueue
from streams.topics import Place
from streams.watchdog import Stall, Watchdog
from streams.writer import Writer

HERE = Place("kerneeffekt.employment", 0)
NOTHING = pa.table({"v": pa.array([], pa.int64())})


class Halted(Exception):
    """Stands for the end of the process."""


@dataclass
class Halts:
    said: list[tuple[int, str]] = field(default_factory=list)

    def __call__(self, code: int, sentence: str) -> None:
        self.said.append((code, sentence))
        raise Halted


class PlainParser:
    def read(self, *stretch):
        return self.read_all([Stretch(*stretch)])[0]

    def read_all(self, stretches):
        return [
            Staged(one.feed, one.part, one.first_offset, int(one.places[-1]) + 1, pa.table({"v": one.values}), NOTHING) for one in stretches
        ]


class BrokerWithRecordAt:
    def __init__(self, offset: int | None) -> None:
        self.offset = offset

    def next_record(self, place, offset):
        return self.offset


class SilentBroker:
    def next_record(self, place, offset):
        raise BrokerSilentError("too busy")


@dataclass
class FakeStore:
    fault: Exception | None = None
    committed: list[Staged] = field(default_factory=list)
    noted: list[int] = field(default_factory=list)
    batch: int = 0

    def commit(self, stretches):
        if self.fault:
            raise self.fault
        self.committed += stretches
        self.batch += 1
        n = sum(stretch.received for stretch in stretches)
        return BatchSummary(self.batch, received=n, accepted=n, effects=n)

    def changed_effects(self, after_batch):
        return pa.table({"batch": list(range(after_batch + 1, self.batch + 1))})

    def effects_sent_through(self):
        return 0

    def note_effects_sent(self, batch):
        self.noted.append(batch)


class SmallStore(FakeStore):
    """Has memory for one stretch at a time."""

    def commit(self, stretches):
        if len(stretches) > 1:
            raise StoreMemoryError("too much")
        return super().commit(stretches)


class FakeOutlet:
    def __init__(self) -> None:
        self.idle, self.sent_through, self.offered = True, 0, []

    def offer(self, versions: Any, through_batch: int) -> None:
        self.offered.append(versions.num_rows)
        self.sent_through = through_batch


def batch(first: int, n: int) -> RecordBatch:
    return RecordBatch(HERE, first, [b"{}"] * n, 2 * n)


def reader(
    found: int | None = None, starts_at: int = 0, read_again: Callable[[], None] = lambda: None, patience_s: float = 0.0
) -> tuple[Reader, StagingQueue, Halts]:
    staging, halts, metrics = StagingQueue(linger_s=0), Halts(), Metrics(CollectorRegistry())
    broker = BrokerWithRecordAt(found)
    one = Reader(BatchQueue(1000), PlainParser(), staging, broker, {HERE: starts_at}, metrics, halts, read_again, patience_s)
    return one, staging, halts


def writer(store: FakeStore, outlet: FakeOutlet | None = None) -> tuple[Writer, StagingQueue, Positions, Metrics]:
    staging, positions, metrics = StagingQueue(linger_s=0), Positions({}), Metrics(CollectorRegistry())
    return Writer(store, staging, positions, outlet or FakeOutlet(), metrics, Halts()), staging, positions, metrics


def until(condition, within_s: float = 5.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        threading.Event().wait(0.005)


def test_what_was_read_twice_is_staged_once():
    one, staging, _ = reader()
    for again in (batch(0, 4), batch(0, 4), batch(2, 5)):
        one._read([again])
    assert [(s.first_offset, s.next_offset) for s in staging.take(0)] == [(0, 4), (4, 7)]


def test_records_that_did_not_arrive_are_read_again():
    asked: list[int] = []
    one, staging, halts = reader(found=4, starts_at=4, read_again=lambda: asked.append(1), patience_s=60)
    for late in (9, 10):  # the second was on its way when the first was missed
        one._read([batch(late, 1)])
    one._read([batch(4, 7)])
    assert len(asked) == 1
    assert [(s.first_offset, s.next_offset) for s in staging.take(0)] == [(4, 11)]
    assert halts.said == []


def test_a_broker_that_does_not_say_what_it_has_confirms_no_hole():
    asked: list[int] = []
    one, staging, halts = reader(starts_at=4, read_again=lambda: asked.append(1))
    one._holes = SilentBroker()
    one._read([batch(9, 1)])
    assert (asked, staging.n_records, halts.said) == ([1], 0, [])


def test_records_that_never_arrive_stop_the_process():
    asked: list[int] = []
    one, staging, halts = reader(found=5, starts_at=4, read_again=lambda: asked.append(1))
    for _ in range(ASK_AT_MOST):
        one._read([batch(9, 1)])
    assert len(asked) == ASK_AT_MOST
    with pytest.raises(Halted):
        one._read([batch(9, 1)])
    assert halts.said[0][0] == 70
    assert "from offset 4 to 8" in halts.said[0][1]
    assert staging.n_records == 0


def test_a_hole_that_the_broker_confirms_is_let_through():
    one, staging, halts = reader(found=9, starts_at=4)
    one._read([batch(9, 1)])
    (stretch,) = staging.take(0)
    assert stretch.may_skip
    assert halts.said == []


def test_a_second_seek_does_not_move_what_is_on_its_way():
    one, staging, _ = reader()
    one._read([batch(0, 4)])
    one.start_at({HERE: 0})
    one._read([batch(0, 4)])
    assert len(staging.take(0)) == 1


def test_a_partition_that_was_added_while_the_worker_runs_begins_where_it_was_sought():
    one, staging, halts = reader(found=2)
    added = Place(HERE.topic, HERE.partition + 1)
    one.start_at({added: 2})
    one._read([RecordBatch(added, 4, [b"{}"], 2)])
    assert staging.n_records == 0
    one._read([RecordBatch(added, 2, [b"{}"] * 3, 6)])
    assert [(s.first_offset, s.next_offset) for s in staging.take(0)] == [(2, 5)]
    assert halts.said == []


def test_a_parser_that_fails_ends_the_process_and_says_nothing_of_the_records():
    one, _, halts = reader()

    class Failing:
        def read_all(self, *what):
            raise ZeroDivisionError("division by zero")

    one._parser = Failing()
    one._inbox._batches.append(batch(0, 1))
    with pytest.raises(Halted):
        one.run()
    assert halts.said[0][0] == 70


def test_the_reader_comes_after_the_writer():
    one, _, _ = reader()
    writing, *_ = writer(FakeStore())
    for thread in (one, writing):
        thread.start()
    first = os.getpriority(os.PRIO_PROCESS, writing.native_id)
    until(lambda: os.getpriority(os.PRIO_PROCESS, one.native_id) == min(19, first + 10))
    for thread in (one, writing):
        thread.stop()
        thread.join(5)


def test_offsets_move_only_after_the_commit():
    store = FakeStore()
    one, staging, positions, _ = writer(store)
    one.start()
    staging.put(PlainParser().read(HERE.topic, HERE.partition, 0, [b"a", b"b"]), 2)
    until(lambda: positions.durable(HERE) == 2)
    one.stop()
    one.join(5)
    assert len(store.committed) == 1


def test_a_failed_commit_moves_nothing_and_ends_the_process():
    store = FakeStore(fault=StoreFullError("no space left"))
    one, staging, positions, _ = writer(store)
    staging.put(PlainParser().read(HERE.topic, HERE.partition, 0, [b"a"]), 2)
    with pytest.raises(Halted):
        one.run()
    assert one._halt.said == [(70, "no space left")]
    assert positions.durable(HERE) is None


def test_effects_are_noted_as_sent_only_once_they_are():
    store, outlet = FakeStore(), FakeOutlet()
    one, staging, _, _ = writer(store, outlet)
    staging.put(PlainParser().read(HERE.topic, HERE.partition, 0, [b"a"]), 2)
    one.start()
    until(lambda: one.all_sent and store.noted == [1])
    one.stop()
    one.join(5)
    assert outlet.offered == [1]


def test_others_get_the_stores_connection_between_batches_on_the_writers_thread():
    asked_on: list[str] = []
    one, *_ = writer(FakeStore())
    one._between_batches = lambda: asked_on.append(threading.current_thread().name)
    one.start()
    until(lambda: asked_on)
    one.stop()
    one.join(5)
    assert set(asked_on) == {"writer"}


def test_while_the_outlet_is_busy_versions_gather_in_the_store():
    store, outlet = FakeStore(), FakeOutlet()
    outlet.idle = False
    one, staging, positions, _ = writer(store, outlet)
    one.start()
    for first in range(3):
        staging.put(PlainParser().read(HERE.topic, HERE.partition, first, [b"a"]), 2)
        until(lambda first=first: positions.durable(HERE) == first + 1)
    assert outlet.offered == []
    outlet.idle = True
    until(lambda: outlet.offered == [3])
    one.stop()
    one.join(5)


VERSIONS = """
SELECT 'job_held' AS indicator_id, 1 AS indicator_version, 'employment' AS core_task_id, 18446744073709551615::UBIGINT AS index_key,
       'urn:s' AS index_source, 'e"1' AS index_id, 'p:k1.00ff00ff' AS subject, 1::UBIGINT AS subject_key, DATE '2024-01-31' AS index_on,
       'jobcenter' AS unit_id, DATE '2024-07-31' AS resolves_on, DATE '2024-05-01' AS decided_on, 'achieved' AS outcome,
       0.1::DOUBLE AS value, NULL::DOUBLE AS baseline, '{"a":5}' AS contributors,
       [1::UBIGINT] AS evidence, TIMESTAMP '2024-05-02 10:00:00.5' AS known_from,
       3 AS version, 7::BIGINT AS batch
"""


def test_an_effect_message_is_a_cloudevent_with_its_version():
    connection = duckdb.connect()
    ((key, value),) = messages(connection, connection.execute(VERSIONS).to_arrow_table(), "urn:kerneeffekt:test")
    event = json.loads(value)
    assert key == event["subject"] == "p:k1.00ff00ff"
    assert event["id"] == "job_held:1:18446744073709551615:3"
    assert (event["specversion"], event["source"], event["time"]) == ("1.0", "urn:kerneeffekt:test", "2024-05-02T10:00:00.500000Z")
    assert event["data"]["index_id"] == 'e"1'
    assert event["data"]["contributors"] == {"a": 5}
    assert (event["data"]["version"], event["data"]["outcome"], event["data"]["decided_on"]) == (3, "achieved", "2024-05-01")


def test_standing_still_while_behind_is_stuck_and_standing_still_while_idle_is_not():
    stall = Stall(patience_s=10, now_s=0)
    assert not stall.is_stuck(5, {HERE: 1}, n_behind=3)
    assert not stall.is_stuck(14, {HERE: 1}, n_behind=3)
    assert stall.is_stuck(15.1, {HERE: 1}, n_behind=3)
    assert not stall.is_stuck(16, {HERE: 2}, n_behind=3), "it moved"
    assert not stall.is_stuck(40, {HERE: 2}, n_behind=0), "nothing waits"
    assert not stall.is_stuck(49, {HERE: 2}, n_behind=1), "something came only after that"


def test_the_watchdog_ends_a_stuck_worker(capfd):
    halts = Halts()

    def end(code: int, sentence: str) -> None:
        halts.said.append((code, sentence))
        dog.stop()

    dog = Watchdog(lambda: {HERE: 3}, dict, end, patience_s=0.02, look_every_s=0.01)
    dog.start()
    dog.join(5)
    assert halts.said[0][0] == 75
    assert "3 records wait" in halts.said[0][1]
    assert "test_streams_threads" in capfd.readouterr().err, "the stacks of all threads are shown"


def test_before_it_bites_the_watchdog_has_the_client_read_again():
    stored: dict[Place, int] = {}
    halts, dog_saw = Halts(), threading.Event()

    def read_again() -> None:
        stored[HERE] = 3  # what had been lost on the way arrives
        dog_saw.set()

    dog = Watchdog(lambda: {} if stored else {HERE: 3}, lambda: stored, halts, nudge=read_again, patience_s=0.4, look_every_s=0.01)
    dog.start()
    assert dog_saw.wait(5)
    dog.join(0.6)
    dog.stop()
    assert halts.said == []


def test_a_broker_that_is_away_is_no_standstill():
    looks = []

    def away():
        looks.append(1)
        if len(looks) > 5:
            dog.stop()
        raise BrokerError("away")

    halts = Halts()
    dog = Watchdog(away, dict, halts, patience_s=0.005, look_every_s=0.005)
    dog.start()
    dog.join(5)
    assert halts.said == []


def test_metrics_count_what_a_batch_did_and_no_label_can_hold_a_subject():
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    stretch = Staged(HERE.topic, 0, 0, 10, pa.table({"v": range(7)}), pa.table({"v": range(3)}))
    metrics.count_commit([stretch], BatchSummary(1, 10, 6, 1, 3, 0, 0, 4, (("payload", 2), ("personal_number", 1))), 0.1)
    value = registry.get_sample_value
    assert value("kerneeffekt_received_total", {"topic": HERE.topic}) == 10
    assert value("kerneeffekt_quarantined_total", {"class": "personal_number"}) == 1
    assert value("kerneeffekt_batches_committed_total") == 1
    assert value("kerneeffekt_invariant_violations", {"invariant": "I1"}) == 0
    metrics.count_commit([stretch], BatchSummary(2, 10, 6, 1, 2), 0.1)
    assert value("kerneeffekt_invariant_violations", {"invariant": "I1"}) == 1, "9 of 10 records are accounted for"
    labels = {label for metric in registry.collect() for sample in metric.samples for label in sample.labels}
    assert labels <= {"topic", "partition", "class", "invariant", "le"}


def test_every_metric_says_what_it_means_and_what_to_do():
    for metric in METRICS:
        assert metric.meaning.endswith((".", "-1 when nothing is.")), metric.name
        assert metric.what_to_do, metric.name
        assert metric.unit, metric.name


def test_seconds_since_progress_run_only_while_records_wait():
    metrics = Metrics(CollectorRegistry())
    metrics._progress_at -= 100
    assert metrics.seconds_since_progress() == 0
    metrics.show_lag({HERE: 5}, {HERE: 10})
    assert metrics.seconds_since_progress() >= 100
    metrics.show_lag({}, {HERE: 10})
    assert metrics.seconds_since_progress() == 0


def test_lag_counts_from_where_reading_began():
    positions = Positions({})
    assert positions.behind({HERE: 10}, {HERE: 4}) == {HERE: 6}
    positions.move({HERE: 10})
    assert positions.behind({HERE: 10}, {HERE: 4}) == {}


def test_a_batch_too_large_for_the_stores_memory_is_stored_in_halves_in_order():
    store = SmallStore()
    one, staging, positions, _ = writer(store)
    for stretch in PlainParser().read_all([Stretch("f", part, 0, [b"{}"] * 2, None) for part in (0, 1, 2)]):
        staging.put(stretch, 4)
    assert one._commit_what_waits()
    assert [(s.part, s.next_offset) for s in store.committed] == [(0, 2), (1, 2), (2, 2)]
    assert one.n_batches == 3
    assert positions.durable(Place("f", 2)) == 2


def test_one_stretch_that_does_not_fit_stops_with_the_stores_words():
    one, staging, _, _ = writer(FakeStore(fault=StoreMemoryError("too much")))
    staging.put(PlainParser().read("f", 0, 0, [b"{}"], None), 2)
    with pytest.raises(StoreMemoryError):
        one._commit_what_waits()
