"""The register of event types: for each, its payload model, how indicators read it, and which column each field lands in.

This table is the one place to edit when a type is added; validation, the SQL of the intake, JSON Schema and AsyncAPI follow from it.
"""

import re
from dataclasses import dataclass
from typing import Literal

from models import events as e

Role = Literal["milestone", "output", "experience", "ledger", "organisation", "correction"]
Reading = Literal["start", "end", "point", "measure", "amount", "output", "ledger", "unit", "correction", "erasure"]
SubjectKind = Literal["person", "unit", "any"]

WIRE_PREFIX = "dk.kerneopgave."
WIRE_SUFFIX = ".v1"


@dataclass(frozen=True)
class Joined:
    """A text column made of several parts: fixed texts and `{field}` names; a part in square brackets falls away where its field is absent.

    `Joined("{instrument}[:{item}]")` is the instrument alone, or instrument, colon and item.
    """

    template: str

    def parts(self) -> list[tuple[str, str | None]]:
        """Each fixed text with the field that follows it; None after the last text."""
        found = re.findall(r"([^{}\[\]]*)(?:[\[])?([^{}\[\]]*)\{(\w+)\}\]?", self.template)
        return [(before + inner, field) for before, inner, field in found] or [(self.template, None)]


@dataclass(frozen=True)
class Ratio:
    """A number column that is one field over another; null where the lower one is 0."""

    over: str
    under: str
    part_of_whole: bool = False
    """Whether the payload demands that the upper is at most the lower."""


@dataclass(frozen=True)
class EventType:
    """One type of event: what it carries and how it is read.

    name           family.fact, without the wire's prefix and version
    reads_as       what indicators see; a type can read as two things (an end that is also a point)
    state          the state that it opens or closes; an end without an episode field closes what is open of that state
    episode, code  data field (or composed text) that lands in the column of that name
    value, amount  data field (or ratio) that lands in `value` and in `amount_ore`
    subject        person: p:, c: or h: key; unit: the unit's id; any: either (corrections follow their target)
    """

    name: str
    role: Role
    payload: type[e.Payload]
    reads_as: tuple[Reading, ...]
    state: str | None = None
    episode: str | None = None
    code: str | Joined | None = None
    value: str | Ratio | None = None
    amount: str | None = None
    subject: SubjectKind = "person"

    @property
    def family(self) -> str:
        """The first part of the name: the Kafka topic is `kerneeffekt.<family>`."""
        return self.name.partition(".")[0]

    @property
    def fact(self) -> str:
        """The second part of the name."""
        return self.name.partition(".")[2]

    @property
    def wire(self) -> str:
        """The type as CloudEvents carry it."""
        return f"{WIRE_PREFIX}{self.name}{WIRE_SUFFIX}"

    @property
    def unit_required(self) -> bool:
        """Whether `data.unit` must be there."""
        return self.payload.model_fields["unit"].is_required()

    @property
    def columns(self) -> dict[str, str]:
        """Data field -> the event column that holds it as it is; every other field of the payload is kept in `fields`."""
        own = {self.episode: "episode", self.code: "code", self.value: "value", self.amount: "amount_ore"}
        plain = {field: column for field, column in own.items() if isinstance(field, str)}
        return {"unit": "unit", "attributes": "attributes", "effort": "effort"} | plain

    @property
    def in_fields(self) -> tuple[str, ...]:
        """Names of the data fields that are kept in the `fields` object, sorted."""
        return tuple(sorted(set(self.payload.model_fields) - set(self.columns)))


def _output(name: str, payload: type[e.Payload], **where: str) -> EventType:
    return EventType(name, "output", payload, ("output",), value="minutes", **where)  # type: ignore[arg-type]


def _point(name: str, payload: type[e.Payload] = e.Bare, **where: str) -> EventType:
    return EventType(name, "milestone", payload, ("point",), **where)  # type: ignore[arg-type]


def _start(name: str, payload: type[e.Payload], state: str, **where: str) -> EventType:
    return EventType(name, "milestone", payload, ("start",), state, **where)  # type: ignore[arg-type]


def _end(name: str, payload: type[e.Payload], state: str, **where: str) -> EventType:
    return EventType(name, "milestone", payload, ("end",), state, **where)  # type: ignore[arg-type]


INSTRUMENT_ITEM = Joined("{instrument}[:{item}]")

_TYPES: tuple[EventType, ...] = (
    _start("employment.benefit_started", e.BenefitStarted, "benefit", episode="spell_id", code="benefit"),
    _end("employment.benefit_ended", e.BenefitEnded, "benefit", episode="spell_id", code="reason"),
    _start("employment.placement_started", e.PlacementStarted, "employment", episode="placement_id", code="form", value="hours_per_week"),
    _end("employment.placement_ended", e.PlacementEnded, "employment", episode="placement_id", code="reason"),
    _start("employment.programme_started", e.ProgrammeStarted, "programme", episode="programme_id", code="programme"),
    _end("employment.programme_ended", e.ProgrammeEnded, "programme", episode="programme_id", code="reason"),
    EventType(
        "employment.income_registered", "milestone", e.IncomeRegistered, ("measure",), code=Joined("income:{period}"), amount="amount_ore"
    ),
    _output("employment.conversation_held", e.ConversationHeld, code="channel"),
    _start("rehabilitation.course_started", e.CourseStarted, "rehabilitation", episode="course_id"),
    _end("rehabilitation.course_ended", e.CourseEnded, "rehabilitation", episode="course_id", code="reason"),
    EventType(
        "rehabilitation.function_assessed",
        "milestone",
        e.FunctionAssessed,
        ("measure",),
        episode="course_id",
        code=INSTRUMENT_ITEM,
        value="score",
    ),
    EventType(
        "rehabilitation.goal_set", "milestone", e.FunctionAssessed, ("point",), episode="course_id", code=INSTRUMENT_ITEM, value="score"
    ),
    EventType("rehabilitation.care_granted", "milestone", e.CareGranted, ("amount",), code="service", value="minutes_per_week"),
    _output("rehabilitation.visit_delivered", e.VisitDelivered),
    _output("rehabilitation.training_held", e.VisitDelivered),
    _start("rehabilitation.hospital_admitted", e.HospitalStay, "hospital", episode="stay_id"),
    _end("rehabilitation.hospital_discharged", e.HospitalStay, "hospital", episode="stay_id"),
    _point("rehabilitation.nursing_home_entered"),
    _start("education.enrolled", e.Enrolled, "education", episode="enrolment_id", code="level"),
    _end("education.interrupted", e.Interrupted, "education", episode="enrolment_id", code="reason"),
    EventType("education.completed", "milestone", e.Completed, ("end", "point"), "education", episode="enrolment_id"),
    _point("education.transitioned", e.Transitioned, code="to_level"),
    _point("education.school_left", e.SchoolLeft, code="level"),
    EventType(
        "education.absence_registered",
        "milestone",
        e.AbsenceRegistered,
        ("measure",),
        code=Joined("absence:{period}"),
        value=Ratio("days", "school_days"),
    ),
    EventType("education.wellbeing_measured", "milestone", e.WellbeingMeasured, ("measure",), code="instrument", value="score"),
    _output("education.lesson_delivered", e.LessonDelivered),
    _start("community.membership_started", e.MembershipStarted, "membership", episode="membership_id"),
    _end("community.membership_ended", e.MembershipEnded, "membership", episode="membership_id"),
    _start("community.volunteering_started", e.Volunteering, "volunteering", episode="volunteering_id"),
    _end("community.volunteering_ended", e.Volunteering, "volunteering", episode="volunteering_id"),
    EventType("community.loneliness_measured", "milestone", e.LonelinessMeasured, ("measure",), code="instrument", value="score"),
    _output("community.activity_held", e.ActivityHeld),
    _output("community.open_hours_held", e.ActivityHeld),
    _start("growth.company_started", e.Company, "company", episode="company_id"),
    _end("growth.company_ended", e.CompanyEnded, "company", episode="company_id", code="reason"),
    _point("growth.company_taken_over", e.Company, episode="company_id"),
    _start("growth.moved_in", e.Moved, "resident"),
    _end("growth.moved_out", e.Moved, "resident"),
    _output("growth.advice_given", e.ActivityHeld),
    _output("growth.event_held", e.ActivityHeld),
    _point("person.died"),
    _point("person.retired"),
    _point("person.emigrated"),
    _point("person.moved_away"),
    _start("person.leave_started", e.LeaveStarted, "leave", episode="leave_id"),
    _end("person.leave_ended", e.LeaveEnded, "leave", episode="leave_id"),
    _point("person.observed_until", e.ObservedUntil, code="reason"),
    _point("person.condition_recorded", e.ConditionRecorded),
    EventType("case.opened", "milestone", e.CaseOpened, ("start",), "case", episode="case_id", code="kind", amount="amount_ore"),
    EventType("case.closed", "milestone", e.CaseClosed, ("end", "point"), "case", episode="case_id", code="decision"),
    EventType(
        "case.payment_received",
        "milestone",
        e.PaymentReceived,
        ("measure",),
        episode="case_id",
        code=Joined("payment"),
        amount="amount_ore",
    ),
    _output("case.step_completed", e.StepCompleted, episode="case_id", code="step"),
    EventType("experience.rated", "experience", e.Rated, ("measure",), episode="episode_id", code="question", value="score"),
    EventType("experience.involvement_rated", "experience", e.InvolvementRated, ("measure",), code=Joined("involvement"), value="score"),
    EventType("organisation.unit_opened", "organisation", e.UnitOpened, ("unit",), code="level", subject="unit"),
    EventType("organisation.unit_moved", "organisation", e.UnitMoved, ("unit",), subject="unit"),
    EventType("organisation.unit_merged", "organisation", e.UnitMerged, ("unit",), subject="unit"),
    EventType("organisation.unit_closed", "organisation", e.UnitPayload, ("unit",), subject="unit"),
    EventType(
        "organisation.staff_surveyed",
        "organisation",
        e.StaffSurveyed,
        ("measure", "unit"),
        code=Joined("{instrument}:{dimension}"),
        value="score",
        subject="unit",
    ),
    EventType("organisation.time_registered", "organisation", e.TimeRegistered, ("unit",), code="purpose", value="minutes", subject="unit"),
    EventType(
        "organisation.counts_reported",
        "organisation",
        e.CountsReported,
        ("unit",),
        code="measure",
        value=Ratio("numerator", "denominator", part_of_whole=True),
        subject="unit",
    ),
    EventType("organisation.change_introduced", "organisation", e.ChangeIntroduced, ("point", "unit"), episode="change_id", subject="unit"),
    EventType("finance.ledger_posted", "ledger", e.LedgerPosted, ("ledger",), code="account", amount="amount_ore", subject="unit"),
    EventType("correction.event_retracted", "correction", e.EventRetracted, ("correction",), subject="any"),
    EventType("correction.event_replaced", "correction", e.EventReplaced, ("correction",), subject="any"),
    EventType("privacy.subject_erased", "correction", e.SubjectErased, ("erasure",), code="legal_basis"),
)

EVENT_TYPES: dict[str, EventType] = {event_type.name: event_type for event_type in _TYPES}
"""Every type that is understood, by `family.fact`."""

FAMILIES: tuple[str, ...] = tuple(dict.fromkeys(event_type.family for event_type in _TYPES))


def event_type_of_wire(wire: str) -> EventType | None:
    """The type that a CloudEvents `type` names, or None when it is not one of ours."""
    if wire.startswith(WIRE_PREFIX) and wire.endswith(WIRE_SUFFIX):
        return EVENT_TYPES.get(wire[len(WIRE_PREFIX) : -len(WIRE_SUFFIX)])
    return None
