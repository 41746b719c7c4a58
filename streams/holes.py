"""Whether a hole in the offsets is the broker's own (compaction, transaction marks) or records that went missing on the way."""

import uuid

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from models.errors import BrokerError, BrokerSilentError
from streams.connection import Connection, connection_to
from streams.topics import Place


class BrokerHoles:
    """Asks the broker, with a client of its own, so that what the worker's client skipped is seen."""

    def __init__(self, broker: str | Connection, answer_within_s: float = 5.0) -> None:
        self._broker, self._within_s = connection_to(broker), answer_within_s

    def next_record(self, place: Place, offset: int) -> int | None:
        """Offset of the first record at or after `offset`; None when the partition ends before any.

        raises BrokerSilentError when the broker does not say in time, BrokerError when it refuses
        """
        # Nothing is committed and the group is never joined: the name is only demanded by the client. It begins as the worker's own does,
        # so that one right on the broker covers both.
        group = {"group.id": f"kerneeffekt-holes-{uuid.uuid4()}", "enable.auto.commit": False, "enable.partition.eof": True}
        client = Consumer(self._broker.for_confluent() | group)
        try:
            client.assign([TopicPartition(place.topic, place.partition, offset)])
            message = client.poll(self._within_s)
            if message is None:
                raise BrokerSilentError(f"the broker did not say within {self._within_s:.0f} s what it has at {place}, offset {offset}")
            if message.error() is not None:
                if message.error().code() == KafkaError._PARTITION_EOF:
                    return None
                raise BrokerError(f"the broker refused to say what it has at {place}, offset {offset}: {message.error().str()}")
            found = message.offset()
            return None if found is None else int(found)
        except KafkaException as error:
            raise BrokerError(f"the broker refused to say what it has at {place}, offset {offset}: {error.args[0].str()}") from error
        finally:
            client.close()
