"""The record-batch transport on Faust's own consumer, without a broker."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest
from faust.transport import consumer as base
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams import transport
from streams.agents import record_events
from streams.batches import BatchQueue, RecordBatch
from streams.positions import Positions
from streams.topics import Place

TOPIC = "kerneeffekt.employment"


def fetched(*offsets: int, partition: int = 0) -> list[RecordBatch]:
    """What one poll gives of a partition: each record in a batch of its own."""
    return [RecordBatch(Place(TOPIC, partition), offset, [b"{}"], 2) for offset in offsets]


class FakeThread:
    """Faust's consumer thread, as far as positions go."""

    def __init__(self) -> None:
        self.sought: dict[TP, int] = {}

    async def seek_wait(self, wanted):
        self.sought.update(wanted)


def consumer(positions: Positions, low: int = 0, high: int = 100) -> transport.Consumer:
    """A consumer whose fetches are given; only what Faust's constructor would need a broker for is put in by hand."""
    one = transport.Consumer.__new__(transport.Consumer)
    halted: list[tuple[int, str]] = []
    one.app = SimpleNamespace(
        consumer_generation_id=1,
        sought_generation=1,
        positions=positions,
        halted=halted,
        halt=lambda code, text: halted.append((code, text)),
        on_seek=lambda starts: None,
    )
    one._thread = FakeThread()
    one._acked, one._acked_index, one._buffered_partitions = {TP(TOPIC, 0): [3, 4]}, {TP(TOPIC, 0): {3, 4}}, set()
    one.flow_active = True
    one._stopped = SimpleNamespace(is_set=lambda: False)
    one._crashed = SimpleNamespace(is_set=lambda: False)
    one.assignment = lambda: {TP(TOPIC, 0)}

    async def earliest(*tps):
        return dict.fromkeys(tps, low)

    async def latest(*tps):
        return dict.fromkeys(tps, high)

    one.earliest_offsets, one.highwaters = earliest, latest
    return one


def fetch(one: transport.Consumer, records: dict[TP, list[RecordBatch]]) -> list[tuple[TP, object]]:
    async def given(timeout):
        return records, set(records)

    one._wait_next_records = given

    async def collect():
        return [pair async for pair in one.getmany(1.0)]

    return asyncio.run(collect())


@pytest.mark.parametrize("name", [*transport.OVERRIDDEN, *transport.RELIED_ON])
def test_faust_still_has_the_names_that_the_transport_overrides_or_relies_on(name):
    sources = "".join(Path(module.__file__).read_text(encoding="utf-8") for module in (driver, base))
    assert hasattr(driver.Consumer, name) or f"self.{name} =" in sources or f"self.{name}:" in sources


@pytest.mark.parametrize(
    ("caller", "called"),
    [
        ("_drain_messages", "_add_gap"),
        ("_filter_committable_offsets", "_new_offset"),
        ("perform_seek", "seek_to_committed"),
        ("_drain_messages", "getmany"),
    ],
)
def test_faust_still_calls_what_the_transport_overrides(caller, called):
    assert called in getattr(driver.Consumer, caller).__code__.co_names


def test_fausts_thread_still_fetches_where_the_transport_steps_in():
    assert "_fetch_records" in driver.AIOKafkaConsumerThread.getmany.__code__.co_names
    assert "fetched_records" in driver.AIOKafkaConsumerThread._fetch_records.__code__.co_names
    assert "_new_consumer_thread" in base.ThreadDelegateConsumer.__init__.__code__.co_names


def test_one_message_per_partition_carries_all_its_records():
    one = consumer(Positions({}))
    got = fetch(one, {TP(TOPIC, 0): fetched(5, 6), TP(TOPIC, 1): fetched(0, partition=1)})
    assert [(tp.partition, message.offset, len(message.value.values)) for tp, message in got] == [(0, 6, 2), (1, 0, 1)]
    assert isinstance(got[0][1].value, RecordBatch)


def test_a_fetch_of_an_older_generation_is_not_handed_over():
    one = consumer(Positions({}))

    async def given(timeout):
        return {TP(TOPIC, 0): fetched(0), TP(TOPIC, 1): fetched(0, partition=1)}, {TP(TOPIC, 0), TP(TOPIC, 1)}

    one._wait_next_records = given

    async def collect():
        got = []
        async for pair in one.getmany(1.0):
            got.append(pair)
            one.app.consumer_generation_id = 2
        return got

    assert len(asyncio.run(collect())) == 1


def test_while_the_flow_is_stopped_the_position_goes_back_to_the_store():
    one = consumer(Positions({Place(TOPIC, 0): 42}))
    one.flow_active = False
    one._read_offset, one._committed_offset = {}, {}
    assert fetch(one, {TP(TOPIC, 0): fetched(50)}) == []
    assert one._thread.sought == {TP(TOPIC, 0): 42}


def test_what_was_fetched_before_a_generation_was_sought_is_fetched_again():
    """Faust lets the flow go on when it seeks before there are partitions: the first fetch of the next generation may begin anywhere."""
    one = consumer(Positions({Place(TOPIC, 0): 42}))
    one._read_offset, one._committed_offset = {}, {}
    one.app.consumer_generation_id = 2
    assert fetch(one, {TP(TOPIC, 0): fetched(46)}) == []
    assert one._thread.sought == {TP(TOPIC, 0): 42}
    assert len(fetch(one, {TP(TOPIC, 0): fetched(42)})) == 1


def test_what_did_not_arrive_is_fetched_again_from_the_stores_offset():
    positions = Positions({Place(TOPIC, 0): 42})
    one = consumer(positions)
    one._read_offset, one._committed_offset = {}, {}
    positions.request_seek()
    assert fetch(one, {}) == []
    assert one._thread.sought == {TP(TOPIC, 0): 42}
    assert len(fetch(one, {TP(TOPIC, 0): fetched(42)})) == 1


def test_a_seek_without_partitions_counts_for_no_generation():
    one = consumer(Positions({}))
    one.assignment = set
    one.app.consumer_generation_id = 2
    assert asyncio.run(one.seek_to_committed()) == {}
    assert one.app.sought_generation == 1


def test_a_partition_that_the_store_does_not_know_begins_at_the_brokers_first_record():
    one = consumer(Positions({}), low=17)
    assert asyncio.run(one.seek_to_committed()) == {TP(TOPIC, 0): 17}


@pytest.mark.parametrize(("stored", "words"), [(3, "are gone"), (101, "made anew")])
def test_an_offset_outside_the_brokers_range_stops_the_process(stored, words):
    one = consumer(Positions({Place(TOPIC, 0): stored}), low=10, high=100)
    with pytest.raises(Exception, match=words):
        asyncio.run(one.seek_to_committed())
    assert one.app.halted
    assert words in one.app.halted[0][1]
    assert one._thread.sought == {}


def test_what_faust_commits_is_what_the_store_holds():
    one = consumer(Positions({Place(TOPIC, 0): 42}))
    assert one._new_offset(TP(TOPIC, 0)) == 42
    assert one._acked[TP(TOPIC, 0)] == []


def test_no_gap_is_ever_kept():
    one = consumer(Positions({}))
    one._gap = {}
    asyncio.run(one._add_gap(TP(TOPIC, 0), 1, 10**9))
    assert one._gap == {}


def test_the_agent_ends_the_process_instead_of_raising():
    halted = []

    class BrokenStream:
        async def events(self):
            raise RuntimeError
            yield

    asyncio.run(record_events(BatchQueue(10), lambda code, text: halted.append(code))(BrokenStream()))
    assert halted == [70]


@pytest.mark.security("S26")
def test_no_serialiser_but_raw_is_used():
    texts = "".join(path.read_text(encoding="utf-8") for path in Path(transport.__file__).parent.rglob("*.py"))
    assert "pickle" not in texts
    assert 'value_serializer="raw"' in texts
    assert 'key_serializer="raw"' in texts
