"""Record batches and the queues between threads."""

import asyncio
import threading
from dataclasses import dataclass

import pyarrow as pa
import pytest

from pipelines.staged import Staged
from streams.batches import BatchQueue, RecordBatch
from streams.staging import StagingQueue
from streams.topics import Place

HERE, THERE = Place("kerneeffekt.employment", 0), Place("kerneeffekt.employment", 1)


@dataclass
class FetchedRecord:
    offset: int
    value: bytes | None


def batch(place: Place, first: int, n: int, size: int = 10) -> RecordBatch:
    return RecordBatch.of(place, [FetchedRecord(first + i, b"x" * size) for i in range(n)])


def staged(first: int, n: int) -> Staged:
    return Staged("feed", 0, first, first + n, pa.table({"v": range(n)}), pa.table({"v": pa.array([], pa.int64())}))


def test_records_in_a_row_need_no_offsets_and_a_hole_does():
    assert batch(HERE, 7, 3).offsets is None
    assert batch(HERE, 7, 3).next == 10
    with_hole = RecordBatch.of(HERE, [FetchedRecord(7, b"a"), FetchedRecord(9, b"b")])
    assert (with_hole.offsets, with_hole.next) == ([7, 9], 10)


def test_a_tombstone_counts_as_a_record_without_bytes():
    with_tombstone = RecordBatch.of(HERE, [FetchedRecord(0, None), FetchedRecord(1, b"abc")])
    assert with_tombstone.values == [None, b"abc"]
    assert with_tombstone.n_bytes == 3


@pytest.mark.parametrize(
    ("first", "offset", "expected"),
    [(5, 3, (5, 4)), (5, 5, (5, 4)), (5, 7, (7, 2)), (5, 9, None), (5, 12, None)],
)
def test_what_was_read_before_is_cut_off(first, offset, expected):
    rest = batch(HERE, first, 4).after(offset)
    assert (rest and (rest.first, len(rest.values))) == expected


def test_cutting_a_batch_with_holes_goes_by_offset_not_by_position():
    with_holes = RecordBatch.of(HERE, [FetchedRecord(n, str(n).encode()) for n in (2, 4, 8)])
    rest = with_holes.after(5)
    assert rest is not None
    assert (rest.first, rest.offsets, rest.values, rest.next) == (8, [8], [b"8"], 9)


def test_following_batches_of_one_partition_are_taken_together_and_others_keep_their_turn():
    queue = BatchQueue(1000)

    async def fill() -> None:
        for one in (batch(HERE, 0, 2), batch(THERE, 0, 1), batch(HERE, 2, 2), batch(HERE, 9, 1)):
            await queue.put(one)

    asyncio.run(fill())
    first = queue.take(100, 0)
    assert first is not None
    assert (first.place, first.first, len(first.values), first.offsets) == (HERE, 0, 4, None)
    assert queue.take(100, 0).place == THERE
    assert queue.take(100, 0).first == 9
    assert queue.take(100, 0) is None
    assert queue.n_bytes == 0


def test_no_more_records_are_joined_than_asked_for():
    queue = BatchQueue(1000)
    asyncio.run(queue.put(batch(HERE, 0, 3)))
    asyncio.run(queue.put(batch(HERE, 3, 3)))
    assert len(queue.take(5, 0).values) == 3


def test_a_full_queue_makes_the_loop_wait_until_a_thread_takes():
    queue = BatchQueue(max_bytes=25)
    order = []

    async def fill() -> None:
        for first in range(5):
            await queue.put(batch(HERE, first * 10, 1, size=20))
            order.append(first)

    def empty() -> None:
        while len(taken) < 5:
            one = queue.take(1, 5)
            taken.append(one.first)

    taken: list[int] = []
    taker = threading.Thread(target=empty)

    async def both() -> None:
        filling = asyncio.create_task(fill())
        await asyncio.sleep(0.05)
        assert len(order) == 2, "the third batch must wait: 40 bytes are there, 25 allowed"
        taker.start()
        await filling

    asyncio.run(asyncio.wait_for(both(), 10))
    taker.join(5)
    assert taken == [0, 10, 20, 30, 40]


def test_a_closed_queue_lets_everybody_go():
    queue = BatchQueue(max_bytes=5)

    async def stuck() -> None:
        await queue.put(batch(HERE, 0, 1))
        waiting = asyncio.create_task(queue.put(batch(HERE, 1, 1)))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        queue.close()
        await asyncio.wait_for(waiting, 5)

    asyncio.run(stuck())
    assert queue.take(10, 5) is None


def test_the_writer_takes_all_that_waits():
    queue = StagingQueue(linger_s=0)
    queue.put(staged(0, 3), 30)
    queue.put(staged(3, 2), 20)
    assert [one.first_offset for one in queue.take(1)] == [0, 3]
    assert queue.take(0) == []
    assert queue.n_records == 0


def test_a_full_staging_queue_makes_the_reader_wait():
    queue = StagingQueue(max_records=3, linger_s=0)
    queue.put(staged(0, 3), 1)
    waiting = threading.Thread(target=queue.put, args=(staged(3, 1), 1))
    waiting.start()
    waiting.join(0.05)
    assert waiting.is_alive()
    assert len(queue.take(1)) == 1
    waiting.join(5)
    assert not waiting.is_alive()
    assert [one.first_offset for one in queue.take(1)] == [3]


def taken_beside(queue: StagingQueue, act) -> tuple[bool, list[int]]:
    """Whether the writer still waited while nothing was done, and what it took after `act`."""
    taken: list[int] = []
    writer = threading.Thread(target=lambda: taken.extend(one.first_offset for one in queue.take(5)))
    writer.start()
    writer.join(0.1)
    waited = writer.is_alive()
    act()
    writer.join(5)
    return waited, taken


@pytest.mark.parametrize("closing", [False, True])
def test_while_more_is_being_taken_apart_the_writer_waits_for_it(closing):
    queue = StagingQueue(linger_s=0, in_flow_s=30)
    queue.flow(True)
    queue.put(staged(0, 1), 1)
    assert [one.first_offset for one in queue.take(1)] == [0]  # the first batch is stored at once
    queue.put(staged(1, 1), 1)
    ends = queue.close if closing else lambda: queue.flow(False)
    assert taken_beside(queue, ends) == (True, [] if closing else [1])


def test_enough_is_enough_even_while_more_comes():
    queue = StagingQueue(max_records=3, linger_s=0, in_flow_s=30)
    queue.flow(True)
    queue.put(staged(0, 1), 1)
    queue.take(1)
    queue.put(staged(1, 2), 1)
    assert taken_beside(queue, lambda: queue.put(staged(3, 1), 1)) == (True, [1, 3])
