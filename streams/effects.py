"""Changed effect records on the topic `effects`: from the store, after the commit, at least once, keyed by subject.

A message carries the record's version number, and its `id` repeats when it is sent again: a reader that drops ids it has seen, or keeps the
highest version per index event and indicator, sees each change once. The store remembers through which batch the topic is complete.
"""

import threading
from pathlib import Path
from typing import Any

import duckdb
from confluent_kafka import KafkaException, Producer

from streams.connection import Connection, connection_to
from streams.halt import INFRASTRUCTURE_FAILED, Halt
from streams.metrics import Metrics
from streams.priority import make_way

_MESSAGES_SQL = (Path(__file__).parent / "sql" / "effect_messages.sql").read_text(encoding="utf-8")
CONTENT_TYPE = [("content-type", b"application/cloudevents+json")]
_ACKNOWLEDGED_WITHIN_S = 120.0
_ROWS_AT_ONCE = 5_000


def producer_settings(broker: str | Connection) -> dict[str, Any]:
    """Settings of every producer here: acknowledged by all replicas, in order, partitioned as Java clients do, in large batches."""
    return connection_to(broker).for_confluent() | {
        "acks": "all",
        "enable.idempotence": True,
        # A broker that knows nothing of a producer yet takes whatever number comes first: of two requests under way the second may be taken
        # and the first, refused and sent again, passes for a repetition. So one at a time.
        "max.in.flight.requests.per.connection": 1,
        "partitioner": "murmur2_random",
        "linger.ms": 20,
        "batch.size": 1 << 20,
        "compression.type": "lz4",
        "queue.buffering.max.messages": 500_000,
        "queue.buffering.max.kbytes": 16 << 10,
        "delivery.report.only.error": True,  # `flush` says whether all arrived; a call per message would cost more than sending it
    }


class EffectSender(threading.Thread):
    """Sends one table of effect versions at a time, beside the writer's transactions.

    The first batch is complete on the topic when every one of its messages was acknowledged; only then `sent_through` moves.
    """

    def __init__(self, broker: str | Connection, topic: str, source: str, sent_through: int, metrics: Metrics, halt: Halt) -> None:
        super().__init__(name="effects", daemon=True)
        self._producer = Producer(producer_settings(broker) | {"on_delivery": self._note_refusal})  # one for all: none is made per message
        self._topic, self._source, self._metrics, self._halt = topic, source, metrics, halt
        self._sent_through = sent_through
        self._work: tuple[Any, int] | None = None
        self._changed = threading.Condition()
        self._ending = False
        self._refused = ""
        self._connection = duckdb.connect(config={"threads": 1})

    @property
    def idle(self) -> bool:
        """Nothing is being sent."""
        return self._work is None

    @property
    def sent_through(self) -> int:
        """The last batch whose effect versions the broker has acknowledged."""
        return self._sent_through

    def offer(self, versions: Any, through_batch: int) -> None:
        """Send these versions (Arrow, columns of `effect`); only while idle."""
        with self._changed:
            self._work = (versions, through_batch)
            self._changed.notify_all()

    def stop(self) -> None:
        """End after the table at hand."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()

    def run(self) -> None:
        """Send until stopped; a broker that does not acknowledge ends the process."""
        make_way()
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._work or self._ending)
                    if self._work is None:
                        return
                    versions, through_batch = self._work
                self._send(versions)
                self._sent_through = through_batch
                self._metrics.count_effects_sent(versions.num_rows)
                self._work = None
        except Exception as error:  # noqa: BLE001 - a thread that ended quietly would leave the effects topic behind for ever
            self._halt(INFRASTRUCTURE_FAILED, f"effect changes could not be sent ({type(error).__name__}: {error}); start the worker again")

    def _send(self, versions: Any) -> None:
        for begin in range(0, versions.num_rows, _ROWS_AT_ONCE):
            for key, value in messages(self._connection, versions.slice(begin, _ROWS_AT_ONCE), self._source):
                self._produce(key, value)
        if self._producer.flush(_ACKNOWLEDGED_WITHIN_S) or self._refused:
            raise TimeoutError(self._refused or f"the broker did not acknowledge within {_ACKNOWLEDGED_WITHIN_S:.0f} s")

    def _produce(self, key: str, value: str) -> None:
        while True:
            try:
                self._producer.produce(self._topic, value, key, headers=CONTENT_TYPE)
            except BufferError:
                self._producer.poll(0.1)
            else:
                return

    def _note_refusal(self, error: Any, _message: Any) -> None:
        if error is not None:
            self._refused = str(error.str() if not isinstance(error, KafkaException) else error)


def messages(connection: Any, versions: Any, source: str) -> list[tuple[str, str]]:
    """Key and JSON text of each effect version, made as one set in DuckDB."""
    connection.register("versions", versions)
    try:
        rows: list[tuple[str, str]] = connection.execute(_MESSAGES_SQL, {"source": source}).fetchall()
    finally:
        connection.unregister("versions")
    return rows
