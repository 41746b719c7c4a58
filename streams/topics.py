"""Topics: their names, their creation, and what the broker says of their partitions."""

import time
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, ClusterMetadata, NewTopic, OffsetSpec

from models.errors import BrokerError, BrokerRefusedError
from models.registry import EVENT_TYPES
from streams.connection import Connection, connection_to, refusal

EVENT_TOPIC_PREFIX = "kerneeffekt."
UNSORTED_TOPIC = EVENT_TOPIC_PREFIX + "unsorted"
"""Records whose family cannot be told: they are sent all the same, and end in quarantine at the worker."""
EFFECTS_TOPIC = "effects"
DEFAULT_PARTITIONS = 4
ANSWER_WITHIN_S = 10.0
"""A broker that has not answered for so long is not there."""
FIRST_LOOK_S = 1.5
"""What stands in the way of a connection shows within this time; a refusal need not wait for the rest."""
BUSY_WITHIN_S = 60.0
"""One that has answered once may take this long for the next answer: making many topics is slow work on a small machine."""
LARGEST_RECORD_BYTES = 4 << 20
"""What our topics take: more than an event may have (1 MiB), so that a larger one ends in quarantine instead of stopping its sender."""


class Place(NamedTuple):
    """One partition of one topic; in the store, `feed` and `part`."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]"


class Range(NamedTuple):
    """The offsets that the broker still has: `low` is the first kept record, `high` the offset of the next one to be written."""

    low: int
    high: int


def families() -> list[str]:
    """The event families of the registry, sorted."""
    return sorted({event_type.family for event_type in EVENT_TYPES.values()})


def topic_of(family: str) -> str:
    """The topic of an event family."""
    return EVENT_TOPIC_PREFIX + family


def event_topics(prefix: str = "") -> list[str]:
    """Every topic that a worker reads: one per family, and the unsorted one. `prefix` sets installations on one broker apart."""
    return [prefix + name for name in (*map(topic_of, families()), UNSORTED_TOPIC)]


NOT_READY = {
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError._UNKNOWN_PARTITION,
    KafkaError._UNKNOWN_TOPIC,
}
"""What a broker says of a partition that was made a moment ago."""


def _is_not_ready(error: Exception) -> bool:
    return isinstance(error, KafkaException) and error.args[0].code() in NOT_READY


class Broker:
    """What is asked of a broker beside reading and writing records.

    broker  how it is reached, or `host:port` of one on this machine
    raises  BrokerError, one sentence, when it does not answer within ten seconds, or within sixty once it has answered;
            BrokerRefusedError when TLS or the login is what fails
    """

    def __init__(self, broker: str | Connection, answer_within_s: float = ANSWER_WITHIN_S) -> None:
        self._connection = connection_to(broker)
        self.address = self._connection.address
        self._within_s = answer_within_s
        self._faults: list[tuple[str, str]] = []
        self._admin = AdminClient(self._connection.for_confluent() | {"error_cb": self._note})

    def partitions(self) -> dict[str, int]:
        """Number of partitions of every topic there is."""
        metadata = self._metadata()
        self._within_s = max(self._within_s, BUSY_WITHIN_S)
        return {name: len(topic.partitions) for name, topic in metadata.topics.items() if topic.error is None}

    def _metadata(self) -> ClusterMetadata:
        for within_s in (min(FIRST_LOOK_S, self._within_s), self._within_s):
            try:
                return self._admin.list_topics(timeout=within_s)
            except KafkaException as error:
                fault = self._silent()
                if isinstance(fault, BrokerRefusedError) or within_s == self._within_s:
                    raise fault from error
        raise AssertionError("the last turn returns or raises")

    def _note(self, error: KafkaError) -> None:
        self._faults.append((error.name(), error.str()))

    def ensure_topics(self, names: Iterable[str], partitions: int) -> dict[str, int]:
        """Create the topics that are missing, with so many partitions; returns the number of partitions of each.

        A topic that exists keeps the partitions it has. New ones can be written to when this returns: a partition whose leader comes into
        office between a producer's first two requests refuses the first and takes the second.
        """
        wanted = list(names)
        present = self.partitions()
        settings = {"max.message.bytes": str(LARGEST_RECORD_BYTES)}
        missing = [NewTopic(name, num_partitions=partitions, config=settings) for name in wanted if name not in present]
        if missing:
            self._create(missing)
            present = self.partitions()
            self.ends({name: present.get(name, partitions) for name in wanted})
        return {name: present.get(name, partitions) for name in wanted}

    def _create(self, topics: list[NewTopic]) -> None:
        for name, created in self._admin.create_topics(topics, operation_timeout=self._within_s).items():
            try:
                created.result(timeout=self._within_s)
            except KafkaException as error:
                if error.args[0].name() != "TOPIC_ALREADY_EXISTS":
                    raise BrokerError(f"the broker at {self.address} did not create the topic {name}: {error.args[0].str()}") from error

    def ranges(self, partitions: Mapping[str, int]) -> dict[Place, Range]:
        """First and next offset of each partition, asked of the broker now."""
        places = [Place(topic, n) for topic, count in partitions.items() for n in range(count)]
        low, high = (self._offsets(places, spec) for spec in (OffsetSpec.earliest(), OffsetSpec.latest()))
        return {place: Range(low[place], high[place]) for place in places}

    def ends(self, partitions: Mapping[str, int]) -> dict[Place, int]:
        """The offset of the next record of each partition, asked of the broker now."""
        return self._offsets([Place(topic, n) for topic, count in partitions.items() for n in range(count)], OffsetSpec.latest())

    def _offsets(self, places: list[Place], spec: OffsetSpec) -> dict[Place, int]:
        if not places:
            return {}
        deadline = time.monotonic() + self._within_s
        while True:
            asked = self._admin.list_offsets({TopicPartition(*place): spec for place in places}, request_timeout=self._within_s)
            try:
                return {Place(at.topic, at.partition): answer.result(timeout=self._within_s + 1).offset for at, answer in asked.items()}
            except (KafkaException, TimeoutError) as error:
                if not _is_not_ready(error) or time.monotonic() > deadline:
                    raise self._fault(error) from error
            time.sleep(0.1)

    def _fault(self, error: Exception) -> BrokerError:
        """What the broker itself says is passed on; all else is its silence."""
        said = error.args[0] if isinstance(error, KafkaException) else None
        if said is None or said.code() < 0:  # librdkafka's own: no connection, no answer
            return self._silent()
        return BrokerError(f"the broker at {self.address} did not say what it holds: {said.str()}; try again")

    def _silent(self) -> BrokerError:
        self._admin.poll(0)
        return refusal(self._connection, self._faults) or BrokerError(
            f"the broker at {self.address} does not answer within {self._within_s:.0f} s; "
            "start it (make kafka), or give another --broker host:port"
        )
