"""Sending of lines: family and key of each, nothing lost, refusals said."""

import json

import pytest

from models.errors import BrokerError
from streams.send import SendSummary, address_of, require_arrival, send_lines
from streams.topics import Place, event_topics, families

SUBJECT = "p:k1.00ff00ff"


def line(**changes: object) -> bytes:
    event = {"type": "dk.kerneopgave.employment.benefit_started.v1", "subject": SUBJECT, "data": {"subject": "p:k1.nested"}}
    return json.dumps(event | changes).encode()


class FakeProducer:
    """A producer whose queue is full now and then."""

    def __init__(self, refusals: list[str], full_at: tuple[int, ...] = (), missing: int = 0) -> None:
        self.sent, self.refusals, self.full_at, self.missing = [], refusals, list(full_at), missing

    def produce(self, topic, value, key, headers):
        if self.full_at and len(self.sent) == self.full_at[0]:
            self.full_at.pop(0)
            raise BufferError
        self.sent.append((topic, value, key, headers))

    def poll(self, timeout):
        return 0

    def flush(self, timeout):
        return self.missing


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (line(), ("employment", SUBJECT)),
        (line(type="dk.kerneopgave.finance.ledger_posted.v1", subject="jobcenter"), ("finance", "jobcenter")),
        (line(type="dk.kerneopgave.unheard_of.fact.v1"), ("unsorted", SUBJECT)),
        (line(type="some.other"), ("unsorted", SUBJECT)),
        (line(type=5), ("unsorted", SUBJECT.encode())),
        (line(type=["dk"], subject={}), ("unsorted", b"p:k1.nested")),
        (line(subject=None), ("employment", None)),
        (line(subject=["p:k1.00ff00ff"]), ("employment", None)),
        (b"[]", ("unsorted", None)),
        (b"", ("unsorted", None)),
        (b"\xff\xfe", ("unsorted", None)),
        (line()[:-1], ("employment", SUBJECT.encode())),
        (b'{"type": "dk.kerneopgave.education.enrolled.v1", "subj', ("education", None)),
    ],
)
def test_family_and_key_of_a_line(record, expected):
    assert address_of(record, [*families(), "unsorted"]) == expected


def test_every_line_is_sent_as_it_stands_in_order_even_when_the_queue_was_full():
    refusals: list[str] = []
    producer = FakeProducer(refusals, full_at=(1, 2))
    lines = [line(), b"not json", line(type="dk.kerneopgave.finance.ledger_posted.v1")]
    summary = send_lines(lines, producer, refusals, lambda n: None, "test.")
    assert [value for _, value, _, _ in producer.sent] == lines
    assert [topic for topic, *_ in producer.sent] == [
        "test.kerneeffekt.employment",
        "test.kerneeffekt.unsorted",
        "test.kerneeffekt.finance",
    ]
    assert producer.sent[0][3] == [("content-type", b"application/cloudevents+json")]
    assert (summary.sent, summary.n_bytes) == (3, sum(map(len, lines)))
    assert summary.by_topic == {topic: 1 for topic, *_ in producer.sent}


def test_what_the_broker_refuses_is_said():
    refusals = ["record too large"]
    with pytest.raises(BrokerError, match="record too large"):
        send_lines([line()], FakeProducer(refusals), refusals, lambda n: None, "")


def test_what_is_not_acknowledged_is_said():
    with pytest.raises(BrokerError, match="did not acknowledge 7"):
        send_lines([line()], FakeProducer([], missing=7), [], lambda n: None, "")


def test_progress_ends_at_the_number_sent():
    seen: list[int] = []
    send_lines([line()] * 45_000, FakeProducer([]), [], seen.append, "")
    assert seen == [20_000, 40_000, 45_000]


def test_every_family_has_its_topic_and_the_rest_has_one():
    assert event_topics("x.")[-1] == "x.kerneeffekt.unsorted"
    assert len(event_topics()) == len(set(event_topics())) == len(families()) + 1


def test_what_was_acknowledged_and_is_not_there_is_said() -> None:
    here, there, other = Place("t", 0), Place("t", 1), Place("u", 0)
    sent = SendSummary(21, 100, {"t": 21})
    require_arrival({here: 5, there: 0, other: 9}, {here: 20, there: 6, other: 9}, sent)
    with pytest.raises(BrokerError, match="acknowledged 21 records on t, but has only 17 more"):
        require_arrival({here: 5, there: 0, other: 9}, {here: 20, there: 2, other: 900}, sent)
