import json

import pytest

from models import personal_number
from models.records import ParsedEvent, Quarantined, parse_record
from tests.bad_events import good_event

NUMBER = "0107561234"  # invented


@pytest.mark.parametrize(
    "text",
    [NUMBER, "010756-1234", "010756 1234", f"ring {NUMBER}.", f"p:{NUMBER}", f"nr_{NUMBER}_x", "010756\u20111234", "010756\u00a01234",
     "010756–1234",     "０１０７５６１２３４", "٠١٠٧٥٦١٢٣٤", "0107\u00ad561234", "010756\u200b-1234", "010756−1234", "⁰¹⁰⁷⁵⁶¹²³⁴"],
)  # fmt: skip
@pytest.mark.security("S1")
def test_seen_in_every_disguise(text):
    assert personal_number.in_text(text)


@pytest.mark.parametrize(
    "text", ["0132561234", "3207561234", "0007561234", f"a{NUMBER}", f"{NUMBER}5", f"x{NUMBER}y", "010756/1234", "01 07 56 1234", "123456"]
)
def test_what_is_no_date_or_does_not_stand_free_is_not_one(text):
    assert not personal_number.in_text(text)


@pytest.mark.parametrize(
    ("number", "found"),
    [(2107561234, True), (107561234, True), (2107561234.0, True), (0.2107561234, False), (9999999999, False), (True, False), (37, False)],
)
def test_numbers(number, found):
    assert personal_number.in_number(number) is found


def _with(data):
    import random

    event = good_event(random.Random(1), 1)
    return json.dumps(event | {"data": event["data"] | data}).encode()


def test_ledger_amounts_may_have_ten_digits():
    event = {
        "specversion": "1.0", "id": "1", "source": "s", "type": "dk.kerneopgave.finance.ledger_posted.v1", "subject": "u",
        "time": "2024-01-01T00:00:00Z",        "data": {"account": "1", "amount_ore": 2107561234},
    }  # fmt: skip
    assert isinstance(parse_record(json.dumps(event).encode()), ParsedEvent)
    event["data"]["amount_ore"] = "2107561234"  # as text it is no amount
    assert parse_record(json.dumps(event).encode()).reason == "personal_number"


@pytest.mark.parametrize(
    "record",
    [
        _with({"channel": NUMBER}), _with({"attributes": {NUMBER: 1}}), _with({"x": [{"y": [NUMBER]}]}),
        _with({"attributes": {"n": 107561234}}),        _with({"channel": NUMBER})[:-3], b"\xff" + NUMBER.encode(),
        f"id;{NUMBER};x".encode(), NUMBER.encode("utf-16"),
        _with({}).replace(b"fremm", "".join(f"\\u{ord(digit):04x}" for digit in NUMBER).encode() + b"\\u0020")[:-2],
    ],
)  # fmt: skip
@pytest.mark.security("S1")
def test_kept_bytes_hold_no_number(record):
    parsed = parse_record(record)
    assert isinstance(parsed, Quarantined)
    assert parsed.reason == "personal_number"
    assert (parsed.source, parsed.id, parsed.subject) == (None, None, None)
    assert personal_number.redact_bytes(parsed.raw) is None
    assert NUMBER.encode() not in parsed.raw.replace(b"\x00", b"")


def test_broken_bytes_that_become_readable_keep_no_number_without_its_zero() -> None:
    assert personal_number.redact_bytes(b'{"source":311299123,"x":"\xff"}') == '{"source":#########,"x":"\ufffd"}'.encode()
    assert personal_number.redact_bytes(b'{"source":12,"x":"\xff"}') is None
