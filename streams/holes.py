"""Whether a hole in the offsets is the broker's own (compaction, transaction marks) or records that went missing on the way."""

import uuid

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaException, TopicPartition

from models.errors import BrokerError
from streams.connection import Connection, connection_to
from streams.topics import Place


class BrokerHoles:
    """Asks the broker, with a client of its own, so that what the worker's client skipped is seen."""

    def __init__(self, broker: str | Connection, answer_within_s: float = 5.0) -> None:
        self._broker, self._within_s = connection_to(broker), answer_within_s

    def next_record(self, place: Place, offset: int) -> int | None:
        """Offset of the first record at or after `offset`; None when there is none within the time allowed.

        raises BrokerError when the broker refuses.
        """
        # Nothing is committed and the group is never joined: the name is only demanded by the client. It begins as the worker's own does,
        # so that one right on the broker covers both.
        group = {"group.id": f"kerneeffekt-holes-{uuid.uuid4()}", "enable.auto.commit": False}
        client = Consumer(self._broker.for_confluent() | group)
        try:
            client.assign([TopicPartition(place.topic, place.partition, offset)])
            message = client.poll(self._within_s)
            if message is None:
                return None
            if message.error() is not None:
                raise BrokerError(f"the broker refused to say what it has at {place}, offset {offset}: {message.error().str()}")
            found = message.offset()
            return None if found is None or found == OFFSET_INVALID else int(found)
        except KafkaException as error:
            raise BrokerError(f"the broker refused to say what it has at {place}, offset {offset}: {error.args[0].str()}") from error
        finally:
            client.close()
