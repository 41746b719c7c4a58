"""A Faust transport that hands over whole record batches, and takes its positions from the store.

Faust's own path makes several asyncio tasks per record, and its client an object for each. Here one Faust message carries the records of
one partition fetch: its value is a `RecordBatch` (streams/fetched.py), its offset that of the batch's last record. What Faust commits to
Kafka is a copy of the store's offsets, for displays; it is never read back. Some of the overridden names are private to Faust:
tests/unit/test_streams_transport.py asserts that they exist and are called, so that another version of Faust cannot silently go round them.
"""

import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from faust.transport import drivers
from faust.transport.drivers import aiokafka as base
from faust.types import TP, ConsumerMessage

from models.errors import OffsetGapError
from streams.batches import RecordBatch
from streams.fetched import read_whole
from streams.topics import Place, Range

SCHEME = "kbatch"
FETCH_WAIT_MS = 100
"""How long the broker may keep a fetch that finds nothing. Meanwhile the client sends no other one: partitions that have records, but were
not asked for because some of theirs still waited, would stand still for Faust's 1,500."""
OVERRIDDEN = ("getmany", "seek_to_committed", "_add_gap", "_new_offset", "_new_consumer_thread")
RELIED_ON = (
    "_wait_next_records",
    "perform_seek",
    "_buffered_partitions",
    "_acked",
    "_acked_index",
    "highwater",
    "earliest_offsets",
    "highwaters",
)


class ConsumerThread(base.AIOKafkaConsumerThread):
    """Faust's thread around the client, whose fetches give record batches."""

    async def _fetch_records(self, consumer: Any, *args: Any, **kwargs: Any) -> Any:
        app = self.consumer.app
        app.first_poll_at = app.first_poll_at or time.perf_counter()
        read_whole(consumer._fetcher)
        consumer._fetcher._fetch_max_wait_ms = FETCH_WAIT_MS
        return await super()._fetch_records(consumer, *args, **kwargs)


class Consumer(base.Consumer):
    """Delivers record batches and seeks where the store says. The app carries `positions` (streams/positions.py), `halt` and
    `sought_generation`."""

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """One message per partition and fetch. May block for the timeout; yields nothing while a rebalance is under way."""
        records, active = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        if records is None or self.should_stop:
            return
        unsought = bool(records) and generation != self.app.sought_generation
        if not self.flow_active or unsought or self.app.positions.take_seek_request():
            # The fetcher has moved on already: without a seek back this fetch would be skipped for good. Faust resumes the flow of a
            # generation that has no partitions yet; those of the next are then read from wherever the client stands.
            await self.perform_seek()
            return
        for tp, fetched in records.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                break
            if fetched and (active is None or tp in active or tp in self._buffered_partitions):
                yield tp, self._batch_message(tp, fetched, generation)

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    def _batch_message(self, tp: TP, fetched: list[RecordBatch], generation: int) -> ConsumerMessage:
        batch = fetched[0].join(fetched[1:])
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            batch.next - 1,
            0.0,  # times are inside the records; nobody asks Faust for them
            0,
            (),
            None,
            batch,
            None,
            0,
            0,
            tp,
            generation_id=generation,
        )

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek every assigned partition to the store's offset: the one place from which Faust takes positions."""
        generation, assigned = self.app.consumer_generation_id, self.assignment()
        if not assigned:
            return {}
        low, high = await self.earliest_offsets(*assigned), await self.highwaters(*assigned)
        ranges = {Place(tp.topic, tp.partition): Range(low[tp], high[tp]) for tp in assigned}
        try:
            starts = self.app.positions.start_of(ranges)
        except OffsetGapError as error:
            self.app.halt(error.exit_code, str(error))
            raise
        wanted = {tp: starts[Place(tp.topic, tp.partition)] for tp in assigned}
        await self._thread.seek_wait(wanted)
        self.app.on_seek(starts)
        self.app.sought_generation = generation
        return wanted

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Faust's list of offsets between messages: every batch would look like such a gap, and the list would only grow."""

    def _new_offset(self, tp: TP) -> int | None:
        """What Faust may commit to Kafka: what the store holds."""
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        durable: int | None = self.app.positions.durable(tp)
        return durable


class RecordBatchTransport(base.Transport):
    """`kbatch://host:port`."""

    Consumer = Consumer


def register() -> None:
    """Make `kbatch://` known to Faust."""
    drivers.TRANSPORTS.aliases[SCHEME] = f"{__name__}:{RecordBatchTransport.__name__}"
