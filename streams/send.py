"""File events onto their topics, keyed by subject. Nothing is lost on the way: a line that cannot be read is sent too."""

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import orjson
from confluent_kafka import Producer

from models.errors import BrokerError
from models.registry import WIRE_PREFIX
from pipelines.lines import LineFile
from streams.connection import Connection
from streams.effects import CONTENT_TYPE, producer_settings
from streams.topics import DEFAULT_PARTITIONS, LARGEST_RECORD_BYTES, Broker, Place, event_topics, families, topic_of

Progress = Callable[[int], None]
"""Called now and then with the number of lines sent so far."""

_REPORT_EVERY = 20_000
_ACKNOWLEDGED_WITHIN_S = 60
_TYPE = re.compile(rb'"type"\s*:\s*"dk\.kerneopgave\.([a-z]+)\.')
_SUBJECT = re.compile(rb'"subject"\s*:\s*"([^"\\]{1,100})"')


@dataclass
class SendSummary:
    """What was sent: all lines, their bytes, and lines per topic."""

    sent: int = 0
    n_bytes: int = 0
    by_topic: dict[str, int] = field(default_factory=dict)


class Sink(Protocol):
    """What a producer must be able to do; confluent-kafka's does."""

    def produce(self, topic: str, value: bytes, key: str | bytes | None, headers: Any) -> None:
        """Queue one record."""
        ...

    def poll(self, timeout: float) -> int:
        """Serve delivery reports."""
        ...

    def flush(self, timeout: float) -> int:
        """Wait for acknowledgement of all; returns how many are still missing."""
        ...


def send_files(
    paths: Iterable[Path],
    broker: str | Connection,
    partitions: int = DEFAULT_PARTITIONS,
    progress: Progress | None = None,
    *,
    topic_prefix: str = "",
) -> SendSummary:
    """Send every line of the files, in order, until the broker has acknowledged all of them; then look whether it has as many more.

    partitions  of topics that do not exist yet; existing ones keep theirs
    raises      BrokerError when the broker cannot be reached or does not acknowledge; ConfigurationError for a file that cannot be read
    """
    files = list(paths)
    for path in files:
        with LineFile(path):
            pass  # a missing file is said before anything is sent
    producer, refusals = _producer(broker, partitions, topic_prefix)
    asked = Broker(broker)
    topics = {name: n for name, n in asked.partitions().items() if name in event_topics(topic_prefix)}
    before = asked.ends(topics)
    done = send_lines(lines_of(files), producer, refusals, progress or (lambda n: None), topic_prefix)
    require_arrival(before, asked.ends(topics), done)
    return done


def require_arrival(before: Mapping[Place, int], after: Mapping[Place, int], sent: SendSummary) -> None:
    """That every topic has grown by what was sent to it: what was acknowledged is there. Other senders at work meanwhile can hide a loss.

    before, after  the offset of the next record of each partition
    raises         BrokerError
    """
    grown: Counter[str] = Counter()
    for place, end in after.items():
        grown[place.topic] += end - before.get(place, 0)
    for topic, n in sent.by_topic.items():
        if grown[topic] < n:
            raise BrokerError(
                f"the broker acknowledged {n} records on {topic}, but has only {grown[topic]} more than before; "
                "send the files again, nothing counts twice"
            )


class KafkaDelivery:
    """Puts events on their topics; what `put` took the broker has acknowledged when it returns. Raises BrokerError as `send_files` does.

    Of several callers at once one sends and the others wait: delivery reports do not say whose record was refused.
    """

    at_once = True

    def __init__(self, broker: str | Connection, partitions: int = DEFAULT_PARTITIONS, topic_prefix: str = "") -> None:
        self._broker, self._prefix = broker, topic_prefix
        self._producer, self._refusals = _producer(broker, partitions, topic_prefix)
        self._topics: set[str] = set()
        self._lock = threading.Lock()

    def put(self, events: Sequence[bytes]) -> None:
        """Send events and wait until all are acknowledged."""
        with self._lock:
            self._refusals.clear()
            self._topics |= send_lines(events, self._producer, self._refusals, lambda n: None, self._prefix).by_topic.keys()

    def finish(self) -> str:
        """Where the events are."""
        return f"{len(self._topics)} topics at {self._broker}"


def _producer(broker: str | Connection, partitions: int, topic_prefix: str) -> tuple[Producer, list[str]]:
    """A producer to the event topics, which are made where they are missing, and the list in which it puts what failed."""
    Broker(broker).ensure_topics(event_topics(topic_prefix), partitions)
    refusals: list[str] = []

    def note(error: Any, _message: Any) -> None:
        refusals.append(error.str())

    # Only failures are reported back: a call per record would cost as much as sending it.
    settings = producer_settings(broker) | {
        "message.timeout.ms": _ACKNOWLEDGED_WITHIN_S * 1000,
        "delivery.report.only.error": True,
        "on_delivery": note,
        "message.max.bytes": LARGEST_RECORD_BYTES + (1 << 20),
    }
    return Producer(settings), refusals


def send_lines(lines: Iterable[bytes], producer: Sink, refusals: list[str], progress: Progress, topic_prefix: str) -> SendSummary:
    """Send lines through a producer; `refusals` is where its delivery reports put what failed."""
    topics = {family: topic_prefix + topic_of(family) for family in [*families(), "unsorted"]}
    counts = dict.fromkeys(topics, 0)
    sent = n_bytes = 0
    for line in lines:
        family, key = address_of(line, topics)
        _produce(producer, topics[family], line, key)
        counts[family] += 1
        n_bytes += len(line)
        sent += 1
        if not sent % _REPORT_EVERY:
            producer.poll(0)
            _stop_at_refusal(refusals)
            progress(sent)
    missing = producer.flush(_ACKNOWLEDGED_WITHIN_S)
    _stop_at_refusal(refusals)
    if missing:
        raise BrokerError(
            f"the broker did not acknowledge {missing} records within {_ACKNOWLEDGED_WITHIN_S} s; "
            "send the files again, nothing counts twice"
        )
    progress(sent)
    return SendSummary(sent, n_bytes, {topics[family]: n for family, n in counts.items() if n})


def address_of(line: bytes, known_families: Iterable[str]) -> tuple[str, str | bytes | None]:
    """Family and key (subject) of a line; guessed from its bytes where it is not readable; `unsorted` where that fails too."""
    try:
        event = orjson.loads(line)
        family, subject = event["type"][len(WIRE_PREFIX) :].partition(".")[0], event["subject"]
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        named, keyed = _TYPE.search(line), _SUBJECT.search(line)
        family, subject = (named[1].decode() if named else ""), (keyed[1] if keyed else None)
    return family if family in known_families else "unsorted", subject if isinstance(subject, str | bytes) else None


def _produce(producer: Sink, topic: str, value: bytes, key: str | bytes | None) -> None:
    while True:
        try:
            producer.produce(topic, value, key, headers=CONTENT_TYPE)
        except BufferError:
            producer.poll(0.1)
        else:
            return


def _stop_at_refusal(refusals: list[str]) -> None:
    if refusals:
        raise BrokerError(
            f"the broker refused {len(refusals)} records ({refusals[0]}); mend that and send the files again, nothing counts twice"
        )


def lines_of(paths: Iterable[Path]) -> Iterator[bytes]:
    """The lines of plain, .gz and .zst files, without line end and byte-order mark."""
    for path in paths:
        with LineFile(path) as file:
            for lines in file.batches():
                yield from lines.values
