"""Whole record batches out of the Kafka client's fetches, without an object of the client's own for each record.

The client (aiokafka) keeps a fetch as the broker's bytes and makes its records when they are asked for: four microseconds each, of which
taking the value out is half of one. Here the same fetch gives `RecordBatch`es. What is relied on of the client's inside is named in
`RELIED_ON`; tests/unit/test_streams_transport.py holds the outcome against the client's own records.
"""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from aiokafka.errors import CorruptRecordException

from streams.batches import RecordBatch
from streams.topics import Place

RELIED_ON = ("_records_iterator", "_records", "_check_crcs", "_tp", "next_fetch_offset")
"""Of aiokafka's PartitionRecords."""
ENOUGH_RECORDS = 4_096
ENOUGH_BYTES = 1 << 20
"""A broker's batch may be a single record: so many are handed over together."""


class WholeFetches(OrderedDict[Any, Any]):
    """In place of the dictionary in which the client keeps its fetches: each gives record batches instead of records."""

    def __setitem__(self, partition: Any, fetch: Any) -> None:
        records = getattr(fetch, "_partition_records", None)  # an error is kept here too
        if records is not None:
            records._records_iterator = record_batches(records)
        super().__setitem__(partition, fetch)


def read_whole(fetcher: Any) -> None:
    """Let this client's fetcher give record batches from now on. The client counts each as one record."""
    if not isinstance(fetcher._records, WholeFetches):
        fetcher._records = WholeFetches(fetcher._records)


def record_batches(fetch: Any) -> Iterator[RecordBatch]:
    """The records of one partition's fetch that lie at or after the offset asked for; uncommitted ones too, control records never.

    Like the client's own iterator it notes in `next_fetch_offset` how far it has come: behind a broker's batch, even where compaction took
    the last records of it.
    raises  CorruptRecordException for a checksum that does not fit
    """
    gathered: list[RecordBatch] = []
    while fetch._records.has_next():
        of_broker = fetch._records.next_batch()
        if fetch._check_crcs and not of_broker.validate_crc():
            raise CorruptRecordException(f"Invalid CRC - {fetch._tp}")
        batch = None if of_broker.is_control_batch else _batch(fetch, of_broker)
        fetch.next_fetch_offset = of_broker.next_offset
        if batch is not None:
            gathered.append(batch)
        if _enough(gathered):
            yield gathered[0].join(gathered[1:])
            gathered = []
    if gathered:
        yield gathered[0].join(gathered[1:])


def _batch(fetch: Any, of_broker: Any) -> RecordBatch | None:
    """The broker begins with the batch that holds the offset asked for: what lies before it is left out."""
    records = [record for record in of_broker if record.offset >= fetch.next_fetch_offset]
    return RecordBatch.of(Place(fetch._tp.topic, fetch._tp.partition), records) if records else None


def _enough(gathered: list[RecordBatch]) -> bool:
    return sum(len(batch.values) for batch in gathered) >= ENOUGH_RECORDS or sum(batch.n_bytes for batch in gathered) >= ENOUGH_BYTES
