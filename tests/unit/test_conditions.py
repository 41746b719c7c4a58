"""Conditions of the catalogue as SQL: what holds, what a missing field does, and that a value can never be more than a value."""

from typing import Any

import duckdb
import pytest

from models.catalogue import Condition
from models.durations import Duration
from models.registry import EVENT_TYPES
from outcomes.conditions import MISSING, field, holds, of_text, pointer
from outcomes.sql_texts import filled, literal, table

NASTY = ["O'Brien", "'; DROP TABLE event; --", "\\", '"', "%_", "/*condition*/ true", "$1", "{}", "æøå", "\u2028", ""]


def answer(sql: str) -> Any:
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()[0][0]


@pytest.mark.parametrize(
    ("told", "condition", "expected"),
    [
        ("job", {"equals": "job"}, True),
        ("job", {"equals": "Job"}, False),
        ("job", {"in": ["x", "job"]}, True),
        ("job", {"not": "job"}, False),
        ("job", {"not_in": ["x"]}, True),
        ("37.0", {"equals": 37}, True),
        ("37", {"min": 37, "max": 37}, True),
        ("37", {"above": 37}, False),
        ("36.9", {"below": 37}, True),
        ("old", {"min": 0}, False),
        ("old", {"not": 3}, True),
        ("1e999", {"above": 0}, False),
        ("nan", {"above": 0}, False),
        ("true", {"equals": True}, True),
        ("false", {"equals": True}, False),
        ("kontanthjaelp", {"starts_with": "kontant", "ends_with": "hjaelp"}, True),
        ("kontanthjaelp", {"starts_with": "kontant", "ends_with": "penge"}, False),
        ("job", {"missing": False}, True),
        ("job", {"missing": True}, False),
        (None, {"equals": "job"}, False),
        (None, {"in": ["job"]}, False),
        (None, {"not": "job"}, True),
        (None, {"not_in": ["job"]}, True),
        (None, {"min": 0}, False),
        (None, {"starts_with": ""}, False),
        (None, {"missing": True}, True),
        (None, {"missing": False}, False),
        (None, {"missing": True, "not": "job"}, True),
    ],
)
def test_a_condition_on_a_text_field(told: str | None, condition: dict[str, Any], expected: bool) -> None:
    reading = of_text(f"{literal(told)}::VARCHAR")
    assert answer(f"SELECT {holds(reading, Condition(**condition))}") is expected


@pytest.mark.parametrize("text", NASTY)
def test_a_text_comes_back_as_it_went_in(text: str) -> None:
    assert answer(f"SELECT {literal(text)}") == text
    assert answer(f"SELECT {holds(of_text(literal(text)), Condition(equals=text))}") is True
    assert answer(f"SELECT json_extract_string(json_object({literal(text)}, 1), {pointer(text)})") == "1"


@pytest.mark.parametrize("value", ["a\0b", float("nan"), float("inf")])
def test_what_no_literal_can_hold_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="expected a"):
        literal(value)


def test_a_filled_file_takes_the_marks_of_a_value_as_text() -> None:
    told = filled("due", no="1", field=literal("/*condition*/ true"), condition="false")
    assert told.count("'/*condition*/ true'") == 1
    assert told.count("(false)") == 1


def test_a_place_that_a_file_does_not_have_is_an_error() -> None:
    with pytest.raises(KeyError, match="no place for nowhere"):
        filled("hit", nowhere="true")


def test_small_tables_keep_types_and_may_be_empty() -> None:
    with duckdb.connect() as connection:
        connection.execute(table("t", {"no": "USMALLINT", "span": "INTERVAL"}, []))
        assert connection.execute("SELECT count(*) FROM t").fetchall() == [(0,)]
        connection.execute(table("t", {"no": "USMALLINT", "span": "INTERVAL"}, [(1, Duration.parse("P1M")), (2, None)]))
        found = connection.execute("SELECT no, (DATE '2024-01-31' + span)::DATE::VARCHAR FROM t ORDER BY no").fetchall()
        assert found == [(1, "2024-02-29"), (2, None)]


def test_fields_are_read_where_the_register_says_they_landed() -> None:
    started, ended = EVENT_TYPES["employment.placement_started"], EVENT_TYPES["employment.placement_ended"]
    assert field(started, "form", EVENT_TYPES).text == "code"
    assert field(started, "hours_per_week", EVENT_TYPES).number == "value::DOUBLE"
    assert field(started, "employer_sector", EVENT_TYPES).text == "json_extract_string(fields, '/employer_sector')"
    assert field(ended, "reason", EVENT_TYPES).text == "code"  # its own, not its start's form
    assert field(ended, "form", EVENT_TYPES).text == "from_code"
    assert field(ended, "unit", EVENT_TYPES).text == "coalesce(unit, from_unit)"
    assert field(started, "no_such_field", EVENT_TYPES) == MISSING
