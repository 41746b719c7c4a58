import re
from pathlib import Path

import pytest

from models.registry import EVENT_TYPES, FAMILIES, Joined, event_type_of_wire

NAMES = [
    "employment.benefit_started",
    "employment.benefit_ended",
    "employment.placement_started",
    "employment.placement_ended",
    "employment.programme_started",
    "employment.programme_ended",
    "employment.income_registered",
    "employment.conversation_held",
    "rehabilitation.course_started",
    "rehabilitation.course_ended",
    "rehabilitation.function_assessed",
    "rehabilitation.goal_set",
    "rehabilitation.care_granted",
    "rehabilitation.visit_delivered",
    "rehabilitation.training_held",
    "rehabilitation.hospital_admitted",
    "rehabilitation.hospital_discharged",
    "rehabilitation.nursing_home_entered",
    "education.enrolled",
    "education.interrupted",
    "education.completed",
    "education.transitioned",
    "education.school_left",
    "education.absence_registered",
    "education.wellbeing_measured",
    "education.lesson_delivered",
    "community.membership_started",
    "community.membership_ended",
    "community.volunteering_started",
    "community.volunteering_ended",
    "community.loneliness_measured",
    "community.activity_held",
    "community.open_hours_held",
    "growth.company_started",
    "growth.company_ended",
    "growth.company_taken_over",
    "growth.moved_in",
    "growth.moved_out",
    "growth.advice_given",
    "growth.event_held",
    "person.died",
    "person.retired",
    "person.emigrated",
    "person.moved_away",
    "person.leave_started",
    "person.leave_ended",
    "person.observed_until",
    "person.condition_recorded",
    "case.opened",
    "case.closed",
    "case.payment_received",
    "case.step_completed",
    "experience.rated",
    "experience.involvement_rated",
    "organisation.unit_opened",
    "organisation.unit_moved",
    "organisation.unit_merged",
    "organisation.unit_closed",
    "organisation.staff_surveyed",
    "organisation.time_registered",
    "organisation.counts_reported",
    "organisation.change_introduced",
    "finance.ledger_posted",
    "correction.event_retracted",
    "correction.event_replaced",
    "privacy.subject_erased",
]
CONTRACT = Path(__file__).parents[3] / "shared" / "events.md"


def test_every_type_of_the_contract_is_registered_and_no_other():
    assert sorted(EVENT_TYPES) == sorted(NAMES)


@pytest.mark.skipif(not CONTRACT.exists(), reason="the contract page is not beside the project")
def test_the_list_above_is_that_of_the_contract_page():
    table = CONTRACT.read_text(encoding="utf-8").partition("## Types")[2].partition("## What happens")[0]
    found = set()
    for first_cell in re.findall(r"^\| (`.*?) \|", table, flags=re.MULTILINE):
        found.update(_names(re.findall(r"`([^`]+)`", first_cell)))
    assert found == set(NAMES)


def _names(written: list[str]) -> list[str]:
    """`a.b_started` / `_ended` / `.c` are a.b_started, a.b_ended and a.c."""
    names = [written[0]]
    family, fact = written[0].split(".")
    for short in written[1:]:
        names.append(f"{family}{short}" if short.startswith(".") else f"{family}.{fact.rpartition('_')[0]}{short}")
    # `company_taken_over` and the like: the stem is what the first name has before its last underscore
    return names


@pytest.mark.parametrize("event_type", EVENT_TYPES.values(), ids=list(EVENT_TYPES))
def test_columns_name_fields_of_the_payload(event_type):
    fields = event_type.payload.model_fields
    assert set(event_type.columns) <= set(fields)
    assert set(event_type.columns) | set(event_type.in_fields) == set(fields)
    if isinstance(event_type.code, Joined):
        assert {field for _, field in event_type.code.parts() if field} <= set(fields)


def test_a_state_has_what_opens_and_what_closes_it():
    for state in {event_type.state for event_type in EVENT_TYPES.values() if event_type.state}:
        readings = [reading for event_type in EVENT_TYPES.values() if event_type.state == state for reading in event_type.reads_as]
        assert "start" in readings, state
        assert "end" in readings, state


def test_wire_names_lead_back():
    for event_type in EVENT_TYPES.values():
        assert event_type_of_wire(event_type.wire) is event_type
        assert event_type.family in FAMILIES
    assert event_type_of_wire("dk.kerneopgave.person.died.v2") is None
    assert event_type_of_wire("person.died") is None


def test_joined_text_has_its_parts():
    assert Joined("{instrument}[:{item}]").parts() == [("", "instrument"), (":", "item")]
    assert Joined("income:{period}").parts() == [("income:", "period")]
    assert Joined("payment").parts() == [("payment", None)]
