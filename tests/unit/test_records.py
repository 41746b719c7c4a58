import datetime as dt
import json
import random

import pytest

from models.records import ParsedEvent, Quarantined, parse_record
from tests.bad_events import BREAKERS, good_event

EVENT = {
    "specversion": "1.0",
    "id": "1",
    "source": "urn:x",
    "type": "dk.kerneopgave.employment.placement_started.v1",
    "subject": "p:k1.0a1b2c3d4e5f",
    "time": "2024-03-01T00:30:00+01:00",
    "data": {"unit": "u-1", "placement_id": "a", "hours_per_week": 37},
}


def parsed(event=EVENT, **changes):
    return parse_record(json.dumps(event | changes).encode())


def data(**changes):
    return parsed(data=EVENT["data"] | changes)


@pytest.mark.parametrize(("name", "classes", "breaker"), BREAKERS, ids=[breaker[0] for breaker in BREAKERS])
def test_what_is_broken_is_quarantined_with_its_class(name, classes, breaker):
    result = parse_record(breaker(good_event(random.Random(3), 3)))
    assert isinstance(result, Quarantined)
    assert result.reason in classes
    assert result.faults


def test_a_good_event_is_read_and_written_anew_the_same():
    event = parsed()
    assert isinstance(event, ParsedEvent)
    assert event.time == dt.datetime(2024, 2, 29, 23, 30, tzinfo=dt.UTC)
    assert event.recorded_time == event.time
    assert parse_record(event.normal_json().encode()) == event


def test_every_fault_is_told_at_once():
    result = parsed(id="", time="yesterday", subject="x y", data={"unit": "u 1", "hours_per_week": "37"})
    assert {fault.field for fault in result.faults} == {"id", "time", "subject", "data.unit", "data.placement_id", "data.hours_per_week"}
    assert result.reason == "envelope"


@pytest.mark.security("S11")
def test_faults_repeat_nothing_that_the_sender_wrote():
    result = parsed(type="dk.kerneopgave.secret.tag.v1", Secret="x", data={"Secret": {"Secret": 1}, "attributes": {"Secret": {"a": 1}}})
    assert "ecret" not in result.faults_json
    result = data(attributes={"Secret": ["x"], "S" * 65: 1}, effort={"Se cret": 1}, form="Secret")
    assert "ecret" not in result.faults_json
    assert {fault.field for fault in result.faults} == {"data.attributes", "data.effort", "data.form"}


@pytest.mark.security("S8")
def test_unknown_fields_are_dropped_and_named_but_not_when_the_name_may_be_a_person():
    event = parsed(traceparent="x", data=EVENT["data"] | {"cpr_kommune": 350, "Kirsten Jensen": 1})
    assert event.dropped == ("traceparent", "data.cpr_kommune", "data.(not a plain name)")
    assert set(event.data) == set(EVENT["data"])


def test_null_is_the_same_as_absent():
    assert data(form=None, hours_per_week=37) == parsed()
    assert data(placement_id=None).faults[0].fault == "missing"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"hours_per_week": 80.5}, "less_than_equal"), ({"hours_per_week": -1}, "greater_than_equal"),
    ({"hours_per_week": True}, "float_type"),
        ({"hours_per_week": 10**30}, "number_out_of_range"), ({"form": "odd"}, "literal_error"),
    ({"placement_id": "x" * 65}, "string_too_long"),
        ({"attributes": {"a": [1]}}, "scalar_expected"), ({"attributes": {str(n): n for n in range(33)}}, "too_long"),
        ({"effort": {"u": -1}}, "greater_than_equal"), ({"unit": "u\n"}, "string_pattern_mismatch"),
    ],
)  # fmt: skip
def test_bounds(changes, fault):
    assert [found.fault for found in data(**changes).faults] == [fault]


def test_numerator_is_part_of_the_denominator():
    event = EVENT | {"type": "dk.kerneopgave.organisation.counts_reported.v1", "subject": "u-1"}
    fields = {"unit": "u-1", "measure": "m", "period": "2024", "numerator": 5, "denominator": 5}
    assert isinstance(parsed(event, data=fields), ParsedEvent)
    assert parsed(event, data=fields | {"numerator": 6}).faults[0].fault == "numerator_above_denominator"
    assert parsed(event, data=fields | {"numerator": 5.0}).reason == "payload"


@pytest.mark.parametrize("time", ["2024-02-03t10:00:00z", "2024-02-03T10:00:00.123456789Z", "2024-02-03T10:00:00-23:59"])
def test_forms_of_time(time):
    assert isinstance(parsed(time=time), ParsedEvent)


@pytest.mark.parametrize(
    "time",
    ["2024-02-03T10:00:00", "2024-02-03 10:00:00Z", "2024-02-30T10:00:00Z", "2024-02-03T24:00:00Z", "2016-12-31T23:59:60Z",
    "2024-02-03T10:00Z",
     "0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z", "2024-02-03T10:00:00+24:00", "2024-02-03T10:00:00Z\n", 5],
)  # fmt: skip
def test_what_is_no_time(time):
    assert parsed(time=time).faults[0].field == "time"


@pytest.mark.parametrize(("type_", "subject", "accepted"), [
    ("person.died", "p:0a1b2c3d", True), ("person.died", "p:0a1b2c3", False), ("person.died", "p:0A1B2C3D", False),
    ("person.died", "unit-1", False),
    ("person.died", "c:12345678", True), ("person.died", "p:toolongkid.0a1b2c3d", False),
    ("finance.ledger_posted", "unit-1", True), ("correction.event_retracted", "unit-1", True),
    ("correction.event_retracted", "p:0a1b2c3d", True),
])  # fmt: skip
def test_subjects(type_, subject, accepted):
    fields = {"account": "1", "amount_ore": -5, "target_source": "s", "target_id": "1"}
    result = parsed(type=f"dk.kerneopgave.{type_}.v1", subject=subject, data=fields)
    assert isinstance(result, ParsedEvent) is accepted


@pytest.mark.security("S18")
def test_limits_of_a_document():
    fault = lambda raw: parse_record(raw).faults[0].fault  # noqa: E731
    assert fault(b"{" + b" " * (1 << 20)) == "too_large"
    assert fault(b'{"a":' + b"[" * 32 + b"]" * 32 + b"}") == "too_deep"
    assert fault(b'{"a":' + b"[" * 100_000) in ("too_deep", "not_json")
    assert fault(b'{"a":1,"a":1}') == "duplicate_key"
    assert fault(b"") == "not_json"
    assert parse_record(None).faults[0].fault == "null_value"
    assert fault(json.dumps(EVENT | {"x": "\x00"}).encode()) == "unstorable_character"
    assert fault(json.dumps(EVENT | {"x": "\ud800"}).encode()) == "unstorable_character"
    assert isinstance(parse_record(b"\xef\xbb\xbf" + json.dumps(EVENT).encode()), ParsedEvent)


def test_a_replacement_is_kept_in_canonical_form_without_unknown_fields():
    event = EVENT | {"type": "dk.kerneopgave.correction.event_replaced.v1"}
    fields = {"target_source": "s", "target_id": "1"}
    result = parsed(event, data=fields | {"replacement": {"data": {"unit": "u", "minutes": 20.0, "navn": "x"}, "extra": 1}})
    assert result.data["replacement"] == {"data": {"minutes": 20, "unit": "u"}}
    assert result.dropped == ("data.replacement.data.navn",)
    assert parsed(event, data=fields | {"replacement": {"time": "now"}}).reason == "payload"
    assert parsed(event, data=fields).faults[0].field == "data.replacement"
