"""Whole record batches out of a fetch, held against the records that the client itself makes of the same bytes."""

from types import SimpleNamespace

import pytest
from aiokafka.consumer import fetcher as client
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition

from streams.batches import RecordBatch
from streams.fetched import ENOUGH_BYTES, ENOUGH_RECORDS, RELIED_ON, WholeFetches, read_whole, record_batches
from streams.topics import Place

HERE = TopicPartition("kerneeffekt.employment", 3)
UNCOMPRESSED, LZ4 = 0, 3
HEADER = [("content-type", b"application/cloudevents+json")]


def of_broker(base: int, values: list[bytes | None], codec: int = LZ4, deltas: list[int] | None = None) -> bytes:
    """A record batch as the broker keeps it; `deltas` where compaction has made holes."""
    builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 1 << 22)
    for delta, value in zip(deltas or range(len(values)), values, strict=True):
        builder.append(delta, timestamp=1_700_000_000_000, key=b"p:1", value=value, headers=HEADER)
    # The base offset is the broker's to set, and outside the checksum.
    return base.to_bytes(8, "big") + bytes(builder.build())[8:]


def control(base: int) -> bytes:
    batch = bytearray(of_broker(base, [b"commit"], UNCOMPRESSED))
    batch[22] |= 0x20
    return bytes(batch)


def fetch(data: bytes, offset: int = 0, check: bool = True) -> client.PartitionRecords:
    return client.PartitionRecords(HERE, MemoryRecords(data), None, offset, None, None, check, client.READ_UNCOMMITTED)


def flat(batches: list[RecordBatch]) -> list[tuple[int, bytes | None]]:
    return [pair for batch in batches for pair in zip(batch.offsets or range(batch.first, batch.next), batch.values, strict=True)]


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (of_broker(7, [b"a", b"bc", b"d"]), 7),
        (of_broker(7, [b"a", None, b""], UNCOMPRESSED), 7),
        (of_broker(7, [b"a", b"b", b"c"]) + of_broker(10, [b"d"]), 8),  # the broker sends the whole batch that holds the offset
        (of_broker(7, [b"a", b"b"], deltas=[0, 4]) + of_broker(20, [b"c"]), 7),
        (of_broker(0, [b"a"]) + control(1) + of_broker(2, [b"b"]), 0),
        (control(0), 0),
    ],
)
def test_the_same_records_and_the_same_next_offset_as_the_client_gives(data, offset):
    theirs, ours = fetch(data, offset, check=False), fetch(data, offset, check=False)
    expected = [(record.offset, record.value) for record in theirs]
    assert flat(list(record_batches(ours))) == expected
    assert ours.next_fetch_offset == theirs.next_fetch_offset


def test_small_batches_of_the_broker_are_handed_over_together_and_large_ones_apart():
    many = b"".join(of_broker(n, [b"x"]) for n in range(ENOUGH_RECORDS + 5))
    assert [len(batch.values) for batch in record_batches(fetch(many))] == [ENOUGH_RECORDS, 5]
    large = b"".join(of_broker(n, [b"x" * ENOUGH_BYTES]) for n in range(3))
    assert [len(batch.values) for batch in record_batches(fetch(large))] == [1, 1, 1]


def test_what_was_not_handed_over_is_not_counted_as_read():
    source = fetch(b"".join(of_broker(n, [b"x" * ENOUGH_BYTES]) for n in range(3)))
    batches = record_batches(source)
    assert (next(batches).first, source.next_fetch_offset) == (0, 1)
    assert (next(batches).first, source.next_fetch_offset) == (1, 2)


def test_a_damaged_batch_is_not_read():
    damaged = bytearray(of_broker(0, [b"a" * 50], UNCOMPRESSED))
    damaged[-30] ^= 1
    with pytest.raises(CorruptRecordException):
        list(record_batches(fetch(bytes(damaged))))


def test_the_client_counts_a_whole_batch_as_one_record():
    source = fetch(of_broker(0, [b"a", b"b"]) + of_broker(2, [b"c"]))
    state = SimpleNamespace(paused=False, position=0)
    state.consumed_to = lambda position: setattr(state, "position", position)
    assignment = SimpleNamespace(active=True, state_value=lambda tp: state)
    fetcher = SimpleNamespace(_records={})
    read_whole(fetcher)
    read_whole(fetcher)
    fetcher._records[HERE] = client.FetchResult(HERE, assignment=assignment, partition_records=source, backoff=0)
    (batch,) = fetcher._records[HERE].getall(10)
    assert (batch.place, batch.values, state.position) == (Place(*HERE), [b"a", b"b", b"c"], 3)


def test_an_error_in_place_of_a_fetch_is_kept_as_it_is():
    kept = WholeFetches()
    kept[HERE] = client.FetchError(error=RuntimeError("gone"), backoff=0)
    with pytest.raises(RuntimeError, match="gone"):
        kept[HERE].check_raise()


@pytest.mark.parametrize("name", RELIED_ON)
def test_the_client_still_has_the_names_that_are_relied_on(name):
    assert hasattr(fetch(of_broker(0, [b"a"])), name)
