"""What each type of event carries in `data`: one strict pydantic model per shape, the authority in code on the wire contract.

Fields that are not listed are ignored (data minimisation); `null` in a field is the same as leaving the field out.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from models.fields import (
    AmountOre,
    Attributes,
    Code,
    Currency,
    Date,
    EducationLevel,
    Effort,
    EmployerSector,
    LedgerKind,
    Month,
    Name,
    Period,
    PlacementForm,
    Quantity,
    Score,
    StaffInstrument,
    Text,
    TimePurpose,
    Total,
    UnitId,
    UnitLevel,
    WeeklyHours,
    YearOrMonth,
)


class Payload(BaseModel):
    """The fields that every event may carry, and the rules that hold for all."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, hide_input_in_errors=True)

    unit: UnitId | None = None
    attributes: Attributes | None = None
    effort: Effort | None = None

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        return {key: item for key, item in value.items() if item is not None} if isinstance(value, dict) else value


class UnitPayload(Payload):
    """An event of a named unit."""

    unit: UnitId


# --- employment


class BenefitStarted(UnitPayload):
    """A spell on a public benefit begins."""

    spell_id: Code
    benefit: Code


class BenefitEnded(UnitPayload):
    """The first day without the benefit."""

    spell_id: Code
    reason: Code | None = None


class PlacementStarted(UnitPayload):
    """A job or a placement begins."""

    placement_id: Code
    hours_per_week: WeeklyHours | None = None
    form: PlacementForm = "ordinary"
    employer_sector: EmployerSector | None = None


class PlacementEnded(UnitPayload):
    """The first day without the job."""

    placement_id: Code
    reason: Code | None = None


class ProgrammeStarted(UnitPayload):
    """Taking part in a programme begins."""

    programme_id: Code
    programme: Code


class ProgrammeEnded(UnitPayload):
    """The first day outside the programme."""

    programme_id: Code
    reason: Code | None = None


class IncomeRegistered(Payload):
    """Earned income of a year or month."""

    period: YearOrMonth
    amount_ore: AmountOre
    currency: Currency = "DKK"


class ConversationHeld(UnitPayload):
    """A conversation with a citizen: an output."""

    minutes: Quantity
    channel: Code | None = None


# --- rehabilitation


class CourseStarted(UnitPayload):
    """A rehabilitation course begins."""

    course_id: Code
    legal_basis: Code | None = None


class CourseEnded(UnitPayload):
    """The first day after the course."""

    course_id: Code
    reason: Code | None = None


class FunctionAssessed(UnitPayload):
    """A score on an instrument, or on one item of it; for a goal the expected level."""

    instrument: Code
    item: Code | None = None
    score: Score
    course_id: Code | None = None


class CareGranted(UnitPayload):
    """Minutes per week granted from now until the next grant; 0 is none from now on."""

    minutes_per_week: Quantity
    service: Code | None = None


class VisitDelivered(UnitPayload):
    """Minutes given to a citizen: an output."""

    minutes: Quantity


class HospitalStay(Payload):
    """Admission to or discharge from hospital."""

    stay_id: Code


class Bare(Payload):
    """A fact that needs no fields of its own."""


# --- education


class Enrolled(UnitPayload):
    """An enrolment begins."""

    enrolment_id: Code
    programme: Code
    level: EducationLevel


class Interrupted(UnitPayload):
    """An enrolment ends without completion."""

    enrolment_id: Code
    reason: Code | None = None


class Completed(UnitPayload):
    """An enrolment ends with completion."""

    enrolment_id: Code


class Transitioned(UnitPayload):
    """From a level to another; without `to_level`, to nothing."""

    from_level: EducationLevel
    to_level: EducationLevel | None = None
    to_programme: Code | None = None


class SchoolLeft(UnitPayload):
    """Left school after a level."""

    level: EducationLevel


class AbsenceRegistered(UnitPayload):
    """Days of absence among the school days of a month."""

    period: Month
    days: Quantity
    school_days: Quantity


class WellbeingMeasured(UnitPayload):
    """A score on a well-being instrument, with how many of those asked answered."""

    instrument: Code
    score: Score
    answered: Quantity | None = None
    asked: Quantity | None = None


class LessonDelivered(UnitPayload):
    """A lesson: an output."""

    minutes: Quantity
    pupils: Quantity | None = None


# --- community


class MembershipStarted(UnitPayload):
    """Membership of an association begins."""

    membership_id: Code
    association: Code | None = None


class MembershipEnded(UnitPayload):
    """The first day without the membership."""

    membership_id: Code


class Volunteering(UnitPayload):
    """Voluntary work begins or ends."""

    volunteering_id: Code


class LonelinessMeasured(Payload):
    """A score on a loneliness instrument."""

    instrument: Code
    score: Score


class ActivityHeld(UnitPayload):
    """Something held for several people: an output."""

    minutes: Quantity
    participants: Quantity | None = None


# --- growth


class Company(UnitPayload):
    """A company starts or is taken over."""

    company_id: Code


class CompanyEnded(UnitPayload):
    """A company ends."""

    company_id: Code
    reason: Code | None = None


class Moved(UnitPayload):
    """Moved in or out of a place."""

    place: Code | None = None
    household_id: Code | None = None


# --- person


class LeaveStarted(Payload):
    """Leave begins."""

    leave_id: Code
    kind: Code | None = None


class LeaveEnded(Payload):
    """The first day after the leave."""

    leave_id: Code


class ObservedUntil(Payload):
    """The source knows nothing of this subject from that date."""

    reason: Code | None = None


class ConditionRecorded(Payload):
    """Attributes that became known of a subject."""

    attributes: Attributes


# --- case


class CaseOpened(UnitPayload):
    """A case of the authority begins."""

    case_id: Code
    kind: Code | None = None
    deadline: Date | None = None
    amount_ore: AmountOre | None = None


class CaseClosed(UnitPayload):
    """A case is closed by a decision."""

    case_id: Code
    decision: Code | None = None


class PaymentReceived(UnitPayload):
    """A payment on a case."""

    case_id: Code
    amount_ore: AmountOre


class StepCompleted(UnitPayload):
    """A step of a case: an output."""

    case_id: Code
    step: Code
    minutes: Quantity | None = None
    resource: Code | None = None


# --- experience


class InvolvementRated(UnitPayload):
    """How involved a citizen felt, on a scale."""

    score: Score
    scale_min: Score
    scale_max: Score


class Rated(InvolvementRated):
    """How a citizen answers a question, on a scale."""

    question: Code
    episode_id: Code | None = None


# --- organisation


class UnitOpened(UnitPayload):
    """A unit of the organisation opens."""

    parent: UnitId | None = None
    name: Name
    level: UnitLevel
    profession: Code | None = None


class UnitMoved(UnitPayload):
    """A unit gets another parent."""

    parent: UnitId


class UnitMerged(UnitPayload):
    """A unit goes up in another."""

    into: UnitId


class StaffSurveyed(UnitPayload):
    """What the staff of a unit answer on one dimension of an instrument."""

    instrument: StaffInstrument
    dimension: Code
    score: Score
    scale_min: Score
    scale_max: Score
    answered: Quantity


class TimeRegistered(UnitPayload):
    """Minutes of a unit's staff, by purpose."""

    minutes: Quantity
    purpose: TimePurpose


class CountsReported(UnitPayload):
    """Totals of a unit where no persons are reported: numerator among denominator."""

    measure: Code
    period: Period
    numerator: Total
    denominator: Total

    @model_validator(mode="after")
    def _part_of_the_whole(self) -> "CountsReported":
        if self.numerator > self.denominator:
            raise PydanticCustomError("numerator_above_denominator", "numerator must be at most the denominator")
        return self


class ChangeIntroduced(UnitPayload):
    """A change in a unit's way of working."""

    change_id: Code
    name: Name


# --- finance


class LedgerPosted(Payload):
    """An entry in the ledger; its accounting date is the event's time.

    concerns   the year, month or day that the entry is about, where that is another than the accounting date's (supplementary period,
               correction of an earlier year): it costs then, at the prices of then
    """

    account: Name
    amount_ore: AmountOre
    kind: LedgerKind = "actual"
    currency: Currency = "DKK"
    species: Code | None = None
    text: Text | None = None
    concerns: Period | None = None


# --- correction, privacy


class EventRetracted(Payload):
    """The target never was."""

    target_source: Name
    target_id: Name
    reason: Code | None = None


class EventReplaced(EventRetracted):
    """The target says this instead: `time`, `data`, and `subject` where that was wrong.

    Whether the replacement fits depends on the target's type, so it is checked against the target (`Intake.amended`).
    """

    replacement: dict[str, Any]


class SubjectErased(Payload):
    """Nothing about the subject remains."""

    legal_basis: Code | None = None
