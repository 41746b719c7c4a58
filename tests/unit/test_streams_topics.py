"""What a broker says of partitions that were made a moment ago, and what of it is passed on."""

from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from models.errors import BrokerError
from streams.topics import Broker, Place

HERE = Place("t", 0)


class Admin:
    """Answers one look after the other with an offset or a fault."""

    def __init__(self, *answers: int | KafkaError) -> None:
        self.answers = list(answers)

    def list_offsets(self, asked: dict[Any, Any], request_timeout: float) -> dict[Any, Future[Any]]:
        answer, future = self.answers.pop(0), Future[Any]()
        if isinstance(answer, KafkaError):
            future.set_exception(KafkaException(answer))
        else:
            future.set_result(SimpleNamespace(offset=answer))
        return dict.fromkeys(asked, future)

    def poll(self, timeout: float) -> None:
        """No news."""


def broker(*answers: int | KafkaError) -> Broker:
    one = Broker("127.0.0.1:1", answer_within_s=5)
    one._admin = Admin(*answers)
    return one


@pytest.mark.parametrize("name", ["LEADER_NOT_AVAILABLE", "NOT_LEADER_FOR_PARTITION", "UNKNOWN_LEADER_EPOCH", "FENCED_LEADER_EPOCH"])
def test_a_partition_whose_leader_is_not_in_office_yet_is_asked_again(name: str) -> None:
    assert broker(KafkaError(getattr(KafkaError, name)), 7).ends({"t": 1}) == {HERE: 7}


def test_what_the_broker_refuses_is_said_in_its_words() -> None:
    with pytest.raises(BrokerError, match=r"did not say what it holds: .*authorization"):
        broker(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)).ends({"t": 1})


def test_without_an_answer_the_broker_is_not_there() -> None:
    with pytest.raises(BrokerError, match="does not answer"):
        broker(KafkaError(KafkaError._TIMED_OUT)).ends({"t": 1})
