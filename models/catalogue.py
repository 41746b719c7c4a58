"""The catalogue: a municipality's core tasks, units, indicators, outputs and costing rules, as data.

Read from YAML by `config/catalogue.py`, which gives every fault its file and line. Meaning of the terms: `docs/GLOSSARY.md`.
"""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from models.durations import Duration, Offset
from models.gate import Gate
from models.reference import Reference

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
Scalar = str | bool | int | float
TimeUnit = Literal["day", "week", "month"]
Period = Literal["month", "quarter", "half_year", "year", "all"]
EvidenceLevel = Literal["descriptive", "standardised", "controlled", "experimental"]
EVIDENCE_LEVELS: tuple[EvidenceLevel, ...] = ("descriptive", "standardised", "controlled", "experimental")
"""From the weakest: only the last two speak of cause."""


class Part(BaseModel):
    """Base of everything in a catalogue: immutable, unknown keys are faults."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Text(Part):
    """A text shown to people, in Danish and English."""

    da: str
    en: str


def _text(value: Any) -> Any:
    return {"da": value, "en": value} if isinstance(value, str) else value


Shown = Annotated[Text, BeforeValidator(_text)]


class Condition(Part):
    """What one field of an event must be; every key given must hold. A missing field fails all but `missing: true`, `not` and `not_in`."""

    equals: Scalar | None = None
    is_in: tuple[Scalar, ...] | None = Field(None, alias="in")
    is_not: Scalar | None = Field(None, alias="not")
    not_in: tuple[Scalar, ...] | None = None
    minimum: float | None = Field(None, alias="min")
    maximum: float | None = Field(None, alias="max")
    above: float | None = None
    below: float | None = None
    starts_with: str | None = None
    ends_with: str | None = None
    missing: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Condition":
        if not self.model_fields_set:
            raise ValueError("expected at least one of: equals, in, not, not_in, min, max, above, below, starts_with, ends_with, missing")
        return self


def _condition(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return {"in": value}
    return value if isinstance(value, dict | Condition) else {"equals": value}


Where = dict[str, Annotated[Condition, BeforeValidator(_condition)]]
"""Field name -> condition. A name is a data field of the event (`benefit`, `hours_per_week`, `unit`) or `attributes.<name>`."""


def _as_list(value: Any) -> Any:
    return (value,) if isinstance(value, str | dict) else value


class EventFilter(Part):
    """Events of some types that meet conditions. On an `ended` event, `where` also sees the fields of its start.

    Written short, an event is its name: `person.died`.
    """

    event: Annotated[tuple[str, ...], BeforeValidator(_as_list)]
    where: Where = {}


def _event_filter(value: Any) -> Any:
    return {"event": value} if isinstance(value, str) else value


Event = Annotated[EventFilter, BeforeValidator(_event_filter)]


class Index(EventFilter):
    """The event from which an effect is counted.

    every  each: each such event · first: a subject's first · first_after_gap: the first of a subject, and each at least `gap` after the
           last such event
    """

    every: Literal["each", "first", "first_after_gap"] = "each"
    gap: Duration | None = None

    @model_validator(mode="after")
    def _gap_where_needed(self) -> "Index":
        if (self.every == "first_after_gap") != (self.gap is not None):
            raise ValueError("`gap` belongs to `every: first_after_gap`, and only there")
        return self


class State(Part):
    """A state that a subject can be in: opened and closed by the episodes of `events.md`. `where` sees the fields of the start."""

    name: str
    codes: tuple[Scalar, ...] = ()
    where: Where = {}


def _bare_names(value: Any) -> Any:
    """`attributes.age` and `age` name the same attribute."""
    return {str(name).removeprefix("attributes."): condition for name, condition in value.items()} if isinstance(value, dict) else value


class Population(Part):
    """Who is counted: conditions at the index. A subject that fails one has no effect record.

    where       on the index event's own fields and attributes
    known       attribute name -> condition on what was known of the subject on or before the index day (the newest value of each)
    in_state    states that must hold on the index day; `not_in_state` ones that must not
    with_event  events that must have happened in the stretch before the index (index day included); `without_event` ones that must not
    """

    where: Where = {}
    known: Annotated[Where, BeforeValidator(_bare_names)] = {}
    in_state: tuple[State, ...] = ()
    not_in_state: tuple[State, ...] = ()
    with_event: tuple[Event, ...] = ()
    without_event: tuple[Event, ...] = ()
    within: Duration | None = None


class CaseMix(Part):
    """One covariate that makes units comparable: bands of a number, levels of a code, else each value a level of its own.

    linear   a number that enters a regression as it is, without bands
    known    index: the index event's own value, else the newest told up to and including the index day
             follow_up: the newest told up to and including the deciding day. Adjusting for what came after the index hides what the units
             did, so `despite` must say why it is done all the same
    """

    attribute: str
    bands: tuple[float, ...] = ()
    levels: tuple[Scalar, ...] = ()
    linear: bool = False
    known: Literal["index", "follow_up"] = "index"
    despite: Shown | None = None

    @model_validator(mode="after")
    def _reason_where_needed(self) -> "CaseMix":
        if (self.known == "follow_up") != (self.despite is not None):
            raise ValueError("`known: follow_up` needs `despite` (why what came after the index is adjusted for), and only it does")
        if self.linear and (self.bands or self.levels):
            raise ValueError("expected either `linear: true` or `bands` or `levels`")
        return self


class GammaPrior(Part):
    """A stated gamma prior of true ratios: shape `a`, rate `b`, so that a / b is the ratio taken for granted before looking."""

    a: float = Field(gt=0)
    b: float = Field(gt=0)


class Expected(Part):
    """Against what an indicator's units are held, and how.

    reference       id of a frozen reference of `references/*.csv` (the newest version unless `reference_version` says which);
                    none: the pool of all units in the same cohort
    of              achieved: how many achieve · time: the sum of completed time units from index to effect, over those who achieve
    follow_up       matured: reference share of the matured, over the matured · incidence: reference incidence at each one's possible
                    follow-up, over everybody · hazard: reference cumulative hazard at each one's own follow-up, over everybody
    leave_one_out   a unit is no part of its own pool. Default: it is part of it, as of `(all)`
    interval        of observed / expected: exact Poisson, or Byar's approximation from 10 observed on
    limits          funnel limits of a plain share: exact binomial, or arcsine; a ratio's are always exact Poisson
    overdispersion  how additional variation between units is estimated; never below 10 units
    prior           of the shrinkage estimate; none: estimated from the units, never below 10
    across_breaks   use a reference from the other side of a break all the same, and say so
    """

    reference: Identifier | None = None
    reference_version: int | None = Field(None, ge=1)
    of: Literal["achieved", "time"] = "achieved"
    follow_up: Literal["matured", "incidence", "hazard"] = "matured"
    leave_one_out: bool = False
    interval: Literal["exact", "byar"] = "exact"
    limits: Literal["exact", "arcsine"] = "exact"
    overdispersion: Literal["square_root", "square_root_winsorised", "log_trimmed", "none"] = "square_root_winsorised"
    prior: GammaPrior | None = None
    across_breaks: bool = False

    @model_validator(mode="after")
    def _fits_together(self) -> "Expected":
        if self.reference is None and self.reference_version is not None:
            raise ValueError("`reference_version` belongs to `reference`")
        if self.reference is not None and self.leave_one_out:
            raise ValueError("`leave_one_out` belongs to the pool: a frozen reference has its own population (leave out `reference`)")
        if self.follow_up != "matured" and (self.reference is None or self.of == "time"):
            raise ValueError("`follow_up: incidence` and `hazard` need a `reference` and `of: achieved`")
        return self


def _expected(value: Any) -> Any:
    """Written short: `pool`, or the id of a reference."""
    return {} if value == "pool" else {"reference": value} if isinstance(value, str) else value


class CitizenShare(Part):
    """The part of one effect that is the citizen's own doing, before units share the rest: a stated figure, with where it comes from."""

    share: float = Field(ge=0, lt=1)
    source: str = Field(min_length=1)


class Effect(Part):
    """What one achieved record is worth, to whom, and how much of it is the citizen's own (none: as the municipality says)."""

    unit: Shown
    weight: float = 1.0
    beneficiary: tuple[Literal["citizen", "household", "company", "community", "society", "staff"], ...] = ("citizen",)
    value: str | None = None
    citizen: CitizenShare | None = None


class FieldHorizon(Part):
    """A horizon that is a date on the index event itself, such as a case's deadline."""

    field: str


Horizon = Duration | FieldHorizon


def _horizon(value: Any) -> Any:
    return Duration.parse(value) if isinstance(value, str) else value


class Break(Part):
    """A date on which law or definition changed, so that figures on both sides are not comparable."""

    on: dt.date
    why: Shown


class IndicatorBase(Part):
    """What all indicators have in common."""

    id: Identifier
    version: int = Field(1, ge=1)
    name: Shown
    index: Annotated[Index, BeforeValidator(_event_filter)]
    population: Population = Population()
    competing: tuple[Event, ...] = ()
    censored_by: tuple[Event, ...] = ()
    time_unit: TimeUnit = "day"
    case_mix: tuple[CaseMix, ...] = ()
    expected: Annotated[Expected | None, BeforeValidator(_expected)] = None
    unit: Literal["lead"] = "lead"
    effect: Effect
    direction: Literal["up", "down"] = "up"
    evidence: EvidenceLevel = "descriptive"
    lead_for_cost: bool = True
    reporting_lag: Duration | None = None
    breaks: tuple[Break, ...] = ()
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    source: str = ""
    note: Shown | None = None


class StateAt(IndicatorBase):
    """Achieved when the subject is in the state on the day index + horizon."""

    kind: Literal["state_at"]
    state: State
    horizon: Annotated[Horizon, BeforeValidator(_horizon)]


class Sustained(IndicatorBase):
    """Achieved when the state begins within `begins_within` of the index and holds for `held`, holes of at most `gap` forgiven."""

    kind: Literal["sustained"]
    state: State
    begins_within: Duration
    held: Duration
    gap: Duration = Duration.parse("P0D")


class Reached(IndicatorBase):
    """Achieved when the target event happens within the horizon (index day included).

    same_episode   of several cases (spells, courses) of one subject each has its own answer: targets, competing and censoring events that
                   carry the index event's kind of id (`case_id`) count only with its very id; events without such an id count as ever
    """

    kind: Literal["reached"]
    target: Annotated[tuple[Event, ...], BeforeValidator(_as_list)]
    horizon: Annotated[Horizon, BeforeValidator(_horizon)]
    same_episode: bool = False


def _backwards(span: Any) -> Any:
    """The same distance the other way; what is no duration stays, for its own fault to be told."""
    return span.removeprefix("-") if str(span).startswith("-") else f"-{span}" if isinstance(span, str) else span


class Window(Part):
    """A stretch of days around the index day, both ends included, and which measurement in it counts.

    from, to   how far from the index day; before it with a minus sign: `-P14D`. `before: true` turns everything round: `to: P14D` and
               `before: true` are the fortnight that ends on the index day
    which      closest to the day `at` (default), first or last
    at         the day to be closest to; without it the index day where the window holds it, else the window's middle
    """

    start: Annotated[Offset, Field(alias="from")] = Offset.parse("P0D")
    end: Annotated[Offset, Field(alias="to")] = Offset.parse("P0D")
    which: Literal["closest", "first", "last"] = "closest"
    at: Offset | None = None

    @model_validator(mode="before")
    @classmethod
    def _turned_round(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "before" not in value:
            return value
        told = {{"start": "from", "end": "to"}.get(name, name): one for name, one in value.items()}
        if told.pop("before") is not True:
            return told
        turned = {"from": told.get("to", "P0D"), "to": told.get("from", "P0D")} | ({"at": told["at"]} if told.get("at") else {})
        return told | {name: _backwards(span) for name, span in turned.items()}

    @model_validator(mode="after")
    def _in_order(self) -> "Window":
        if self.start.nominal_days > self.end.nominal_days:
            raise ValueError("expected `from` before or on `to`")
        if self.at is not None and self.which != "closest":
            raise ValueError("`at` belongs to `which: closest`, and only there")
        if self.at is not None and not self.start.nominal_days <= self.at.nominal_days <= self.end.nominal_days:
            raise ValueError("expected `at` within the window")
        return self


class FollowUp(Window):
    """A window on or after the index day."""

    @model_validator(mode="after")
    def _not_before(self) -> "FollowUp":
        if self.start.nominal_days < 0:
            raise ValueError("expected a follow-up on or after the index day")
        return self


class MeasuredIn(Window):
    """A window with a measure of its own, where it is another than the indicator's: income of one year against income of another."""

    measure: str | None = None


class MeasuredAfter(FollowUp):
    """The same for the follow-up."""

    measure: str | None = None


class Change(IndicatorBase):
    """Achieved when the score moved by at least the minimal important change in the good direction.

    measure                    `instrument` or `instrument:item`, `income` or `income:<period>`, `absence` or `absence:<month>`, a question,
                               `payment`, `involvement`
    minimal_important_change   0: any change for the better
    ordinal                    levels: compared one by one, no mean exists
    not_relevant               scores that say that nothing was measured
    ceiling                    the best score there is: who begins at it cannot improve, counts as not achieved, and is reported
    """

    kind: Literal["change"]
    measure: str
    baseline: MeasuredIn = MeasuredIn()
    follow_up: MeasuredAfter
    better: Literal["higher", "lower"]
    minimal_important_change: float = Field(0.0, ge=0)
    ordinal: bool = False
    not_relevant: tuple[float, ...] = ()
    ceiling: float | None = None

    @model_validator(mode="after")
    def _baseline_first(self) -> "Change":
        if self.baseline.end.nominal_days > self.follow_up.end.nominal_days:
            raise ValueError("expected a baseline that ends before the follow-up does")
        return self


class Reduction(IndicatorBase):
    """Achieved when the granted amount per week at follow-up is at most (1 - `by`) of the amount on the index day.

    An amount holds until the next: the follow-up is the amount that holds on the day to be closest to, or on the window's first or last.
    service    one service; none: the sum over all of them
    """

    kind: Literal["reduction"]
    service: str | None = None
    by: float = Field(gt=0, le=1)
    follow_up: FollowUp


class Experienced(IndicatorBase):
    """Achieved when the citizen's rating, rescaled to 0-1, is at or above the bar."""

    kind: Literal["experienced"]
    question: str
    bar: float = Field(ge=0, le=1)
    follow_up: FollowUp


class Reported(Part):
    """Totals that a source reports per unit: numerator over denominator, no persons behind it."""

    kind: Literal["reported"]
    id: Identifier
    version: int = Field(1, ge=1)
    name: Shown
    measure: str
    effect: Effect
    direction: Literal["up", "down"] = "up"
    evidence: EvidenceLevel = "descriptive"
    lead_for_cost: bool = False
    breaks: tuple[Break, ...] = ()
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    source: str = ""
    note: Shown | None = None


Indicator = Annotated[StateAt | Sustained | Reached | Change | Reduction | Experienced | Reported, Field(discriminator="kind")]

TRANSLATED_KINDS = ("state_at", "sustained", "reached", "change", "reduction", "experienced")
"""Kinds that follow subjects: each index event becomes an effect record. `reported` has no subjects; the mart reads it off the counts."""

COMPUTED_KINDS = (*TRANSLATED_KINDS, "reported")
"""Kinds that have figures: all of them."""


class MeasuredValue(Part):
    """A number that an event states of the subject near the index: an income, a score, minutes.

    field    data field of the event that holds the number
    window   where around the index it is looked for, and which one counts
    power    2: its square enters a regression (only among covariates)
    """

    event: str
    field: str
    where: Where = {}
    window: Window = Window()
    power: Literal[1, 2] = 1


class KnownNumber(Part):
    """An attribute that is a number, known at the index, as it enters a regression."""

    attribute: Identifier
    power: Literal[1, 2] = 1


class Side(Part):
    """Whom one side of a comparison consists of; every key given must hold.

    units        records of these units, or of units below them
    known        attribute -> condition on what was known of the subject at the index: an arm of a trial
    with_event   something happened to the subject in `window` around the index: a programme begun
    """

    units: tuple[Identifier, ...] = ()
    known: Annotated[Where, BeforeValidator(_bare_names)] = {}
    with_event: Annotated[tuple[Event, ...], BeforeValidator(_as_list)] = ()
    window: Window = Window()
    name: Shown | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Side":
        if not (self.units or self.known or self.with_event):
            raise ValueError("expected at least one of: units, known, with_event")
        return self


class ParticipantCost(Part):
    """What a participant of each side costs: an amount in oere, or `ledger`: effort booked at the side's units over its participants.

    treated_error, control_error   standard errors of stated amounts, in oere
    """

    treated: int | Literal["ledger"]
    control: int | Literal["ledger"] = 0
    treated_error: float = Field(0.0, ge=0)
    control_error: float = Field(0.0, ge=0)
    source: str = ""


class Selection(Part):
    """People were chosen for a score beyond a bar, so their mean moves back by itself.

    above, below  the bar; one of the two
    mean, deviation, correlation   of the population chosen from; none: estimated from the first two measurements of everybody
    """

    above: float | None = None
    below: float | None = None
    mean: float | None = None
    deviation: float | None = Field(None, gt=0)
    correlation: float | None = Field(None, ge=-1, le=1)
    source: str = ""

    @model_validator(mode="after")
    def _one_bar_and_all_or_none(self) -> "Selection":
        if (self.above is None) == (self.below is None):
            raise ValueError("expected one of `above` and `below`")
        if len({value is None for value in (self.mean, self.deviation, self.correlation)}) != 1:
            raise ValueError("expected mean, deviation and correlation together, or none of them: then they are estimated")
        return self

    @property
    def is_stated(self) -> bool:
        """Whether the population is stated, not estimated."""
        return self.mean is not None


ShareMethod = Literal["newcombe", "wald"]
MeanMethod = Literal["welch", "pooled", "hc1", "ols", "ols_hc1"]
RolloutMethod = Literal["stacked", "two_way"]
ComparisonMethod = ShareMethod | MeanMethod | RolloutMethod | Literal["paired_t"]


class Comparison(Part):
    """One group of effect records against another: what one side has more, and what that costs.

    design      parallel: `treated` against `control` (none: everybody else) of the same time
                roll_out: units in which `change` was introduced against units in which it was not yet (difference in differences)
                before_after: the same units before and after `change`; without `change` the same persons' `before` and `value`
    indicators  of the same core task; every version that is computed
    share       methods for the difference in shares of effects; none: shares are not compared
    mean        methods for the difference in means of `value`; none: means are not compared
    value       what is averaged; none: the effect record's own value, where its kind has one
    before      the same before the index
    covariates  what the methods ols and ols_hc1 adjust for; known before the index
    change      id of organisation.change_introduced
    randomised  chance decided who is on which side
    first_on, last_on   index days that are compared
    cohorts     all: one row over all of them; each: also one per period
    evidence    a lower level than the design deserves; a higher one is refused
    """

    id: Identifier
    name: Shown
    design: Literal["parallel", "roll_out", "before_after"]
    indicators: Annotated[tuple[Identifier, ...], BeforeValidator(_as_list)]
    treated: Side | None = None
    control: Side | None = None
    change: Identifier | None = None
    randomised: bool = False
    share: Annotated[tuple[ShareMethod | RolloutMethod, ...], BeforeValidator(_as_list)] | None = None
    mean: Annotated[tuple[MeanMethod | RolloutMethod | Literal["paired_t"], ...], BeforeValidator(_as_list)] = ()
    value: MeasuredValue | None = None
    before: MeasuredValue | None = None
    value_name: Shown | None = None
    covariates: tuple[MeasuredValue | KnownNumber, ...] = ()
    regression_to_the_mean: Selection | None = None
    cost: ParticipantCost | None = None
    first_on: dt.date | None = None
    last_on: dt.date | None = None
    cohorts: Literal["all", "each"] = "all"
    evidence: EvidenceLevel | None = None
    note: Shown | None = None
    source: str = ""

    @property
    def is_paired(self) -> bool:
        """Whether persons are compared with themselves."""
        return self.design == "before_after" and self.change is None

    @property
    def share_methods(self) -> tuple[str, ...]:
        """Methods for shares, the design's own where none is named."""
        if self.share is not None:
            return self.share
        return {"parallel": ("newcombe",), "roll_out": ("stacked",), "before_after": () if self.is_paired else ("newcombe",)}[self.design]

    @property
    def mean_methods(self) -> tuple[str, ...]:
        """Methods for means, the design's own where a value is given and none is named."""
        if self.mean or self.value is None:
            return ("paired_t",) if self.is_paired and not self.mean else self.mean
        return ("stacked",) if self.design == "roll_out" else ("paired_t",) if self.is_paired else ("welch",)

    def evidence_of(self, method: str) -> EvidenceLevel:
        """What the design deserves under a method, or less where the catalogue says less; never more."""
        deserved = self._deserved(method)
        return min(deserved, self.evidence or deserved, key=EVIDENCE_LEVELS.index)

    @property
    def highest_evidence(self) -> EvidenceLevel:
        """The highest level that one of its methods deserves."""
        return max(
            (self._deserved(method) for method in (*self.share_methods, *self.mean_methods)),
            key=EVIDENCE_LEVELS.index,
            default="descriptive",
        )

    def _deserved(self, method: str) -> EvidenceLevel:
        if self.design == "roll_out":
            return "controlled"
        if self.design == "before_after":
            return "descriptive"
        if self.randomised:
            return "experimental"
        return "standardised" if method in ("ols", "ols_hc1") and self.covariates else "descriptive"


class Output(EventFilter):
    """Something done, counted beside the effects and never as one."""

    id: Identifier
    name: Shown


class Amount(EventFilter):
    """Money that events themselves state (fines issued, payments received), summed as a figure of its own."""

    id: Identifier
    name: Shown


class Link(Part):
    """A core task that this one contributes to. Always description, never cause."""

    to: Identifier
    how: Shown


class Views(Part):
    """The formal target (share) and the question that tells the experienced view."""

    formal_share: float | None = Field(None, ge=0, le=1)
    formal_source: str = ""
    performed: Identifier | None = None
    experienced: Identifier | None = None


class EarlierCoreTask(Part):
    """What a core task said before `valid_to`, the first day on which it no longer did: a rename or a new purpose keeps the identity."""

    version: int = Field(ge=1)
    name: Shown
    purpose: Shown
    target_group: Shown
    prerequisites: tuple[Shown, ...] = ()
    parent: Identifier | None = None
    unit: Identifier | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date
    source: str = ""


class CoreTask(Part):
    """A core task: purpose and target group, what must hold, what it contributes to, and how its effect shows.

    parent   the core task that this one makes more concrete; its figures hold those of the ones below, counted from persons
    earlier  what it said before; figures go by the id, so they are one series
    """

    id: Identifier
    version: int = Field(1, ge=1)
    name: Shown
    formerly: tuple[str, ...] = ()
    earlier: tuple[EarlierCoreTask, ...] = ()
    purpose: Shown
    target_group: Shown
    prerequisites: tuple[Shown, ...] = ()
    parent: Identifier | None = None
    unit: Identifier | None = None
    links: tuple[Link, ...] = ()
    views: Views | None = None
    indicators: tuple[Indicator, ...] = ()
    outputs: tuple[Output, ...] = ()
    amounts: tuple[Amount, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    breaks: tuple[Break, ...] = ()
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    source: str = ""


class Unit(Part):
    """A node of the organisation during its validity. Organisation events add to these.

    support  takes part in many core tasks and owns none (cleaning, IT, administration): an indirect contributor
    """

    id: Identifier
    name: Shown
    level: Literal["municipality", "administration", "institution", "department"]
    parent: Identifier | None = None
    profession: str | None = None
    support: bool = False
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    merged_into: Identifier | None = None


CostClass = Literal["direct", "transfer", "refund", "transfer_refund", "capital", "internal", "intermunicipal", "unallocated"]
"""What a ledger entry is by its mapping rule. What comes by an allocation key is `allocated`; what no rule catches is `unmapped`."""


class MappingRule(Part):
    """Which core task a ledger entry belongs to. The first rule that fits, in file order, counts.

    account     a prefix of the account string, or a glob with `*` and `?`; none: any account
    to          a core task, or `(unallocated)` for what is knowingly not placed
    unit        entries of these units only; `set_unit` places the entry at another unit
    concerns    year_before: entries that do not say themselves what they concern belong to the year before (supplementary period)
    """

    account: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    unit: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    species: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    kind: Literal["actual", "budget"] | None = None
    to: str
    set_unit: Identifier | None = None
    cost_class: Annotated[CostClass, Field(alias="class")] = "direct"
    concerns: Literal["accounting_date", "year_before"] = "accounting_date"
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    note: str = ""


class KeyShare(Part):
    """What one unit counts for in a key: a weight or a headcount (full-time positions), for one core task and a stretch of days."""

    unit: Identifier
    core_task: str
    amount: Decimal = Field(ge=0, le=10**9, decimal_places=6)
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None


class AllocationKey(Part):
    """By what shared cost is spread over units and core tasks.

    by           weights, headcount: the `shares`, by days of validity · outputs: declared outputs of the core tasks, as `measure` counts
                 them · direct_cost: what is booked directly at a unit and core task
    units        receivers only among these units and those below them; `core_tasks` only in these; none: no such limit
    relative_se  standard error of the key over its amount, where it comes from a sample (a time study); none: a full count
    """

    id: Identifier
    name: Shown
    by: Literal["weights", "headcount", "outputs", "direct_cost"]
    shares: tuple[KeyShare, ...] = ()
    outputs: Annotated[tuple[Identifier, ...], BeforeValidator(_as_list)] = ()
    measure: Literal["events", "minutes", "participants"] = "events"
    units: Annotated[tuple[Identifier, ...], BeforeValidator(_as_list)] = ()
    core_tasks: Annotated[tuple[Identifier, ...], BeforeValidator(_as_list)] = ()
    relative_se: float | None = Field(None, gt=0, lt=1)
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _has_its_basis(self) -> "AllocationKey":
        if (self.by in ("weights", "headcount")) != bool(self.shares):
            raise ValueError("`shares` belong to a key by weights or headcount, and only there")
        if (self.by == "outputs") != bool(self.outputs):
            raise ValueError("`outputs` belong to a key by outputs, and only there")
        return self


class SharedCost(Part):
    """The cost that a step passes on: effort and unplaced money at these units (none: any) under these core tasks."""

    unit: Annotated[tuple[Identifier, ...], BeforeValidator(_as_list)] = ()
    core_task: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ("(unallocated)",)


class AllocationStep(Part):
    """One step of the step-down: what stands at the source by then is spread by the key. A source receives nothing from then on."""

    id: Identifier
    source: SharedCost = Field(SharedCost(), alias="from")
    key: Identifier
    kind: Literal["actual", "budget"] | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    note: str = ""


class PriceIndex(Part):
    """One version of an index: yearly rises that are chained. `rises[y]` is the rise from year y-1 to y.

    published_on  the day from which the version is used; none: always. The newest one published by the figures' day counts
    """

    version: str
    status: Literal["estimate", "final"] = "final"
    published_on: dt.date | None = None
    source: str
    rises: dict[int, float]


SERVICE_CLASSES = ("direct", "internal", "intermunicipal", "allocated", "refund")
"""What an index of service costs covers: running cost and its refund. Benefits and investments follow other indices."""


class IndexSeries(Part):
    """An index with its versions and the cost classes that it covers. What no index covers stays nominal, and the row says so."""

    id: Identifier
    covers: tuple[CostClass | Literal["allocated"], ...] = Field(min_length=1)
    versions: tuple[PriceIndex, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _knows_what_it_covers(self) -> "IndexSeries":
        if "unallocated" in self.covers:
            raise ValueError("no index covers `unallocated`: the nature of unplaced money is not known")
        return self


class DiscountTier(Part):
    """A yearly real rate up to and including a year after the cohort's; the last tier has no end."""

    through: int | None = Field(None, ge=1)
    rate: float = Field(ge=0, lt=1)


class Discounting(Part):
    """How later years count: each year at its own tier's rate, chained. Real rates, so for fixed prices; cost and effects alike."""

    tiers: tuple[DiscountTier, ...] = Field(min_length=1)
    source: str = Field(min_length=1)
    note: str = ""

    @model_validator(mode="after")
    def _tiers_follow_each_other(self) -> "Discounting":
        ends = [tier.through for tier in self.tiers]
        known = [end for end in ends if end is not None]
        if ends[-1] is not None or len(known) != len(ends) - 1 or known != sorted(set(known)):
            raise ValueError("expected tiers in order of `through`, and the last one without it")
        return self


class EffectValue(Part):
    """What one effect is worth in oere, with its source.

    ore         once, or in each of `years` years (the horizon) from `first_year` (years after the cohort's own), less `drop_off` a year
    index       series that brings it to the mart's prices; none: the one that covers direct cost
    payers      whose money it is: shares that add up to 1
    """

    id: Identifier
    ore: int
    years: int = Field(1, ge=1, le=200)
    first_year: int = Field(0, ge=0, le=200)
    drop_off: float = Field(0.0, ge=0, lt=1)
    index: Identifier | None = None
    price_year: int
    version: str
    source: str
    note: str = ""
    payers: dict[str, float] = {}

    @property
    def is_later(self) -> bool:
        """Whether any of it comes after the cohort's own year."""
        return self.first_year + self.years > 1


class Costs(Part):
    """How money reaches core tasks, at which prices, and what an effect is worth.

    price_index    short for one series of one version that covers running cost; `price_indices` says it in full
    """

    version: str = "1"
    rules: tuple[MappingRule, ...] = ()
    keys: tuple[AllocationKey, ...] = ()
    steps: tuple[AllocationStep, ...] = ()
    price_index: PriceIndex | None = None
    price_indices: tuple[IndexSeries, ...] = ()
    discounting: Discounting | None = None
    values: tuple[EffectValue, ...] = ()

    @model_validator(mode="after")
    def _one_way_to_say_the_index(self) -> "Costs":
        if self.price_index and self.price_indices:
            raise ValueError("expected `price_index` or `price_indices`, not both")
        return self

    @property
    def indices(self) -> tuple[IndexSeries, ...]:
        """Every index series."""
        if self.price_index is None:
            return self.price_indices
        return (IndexSeries(id="services", covers=SERVICE_CLASSES, versions=(self.price_index,)),)


class Attribute(Part):
    """Something known of a subject, and whether figures may be made comparable by it.

    known        before: fixed before the index event · after: only known later
    decided_by   who settles it. What the unit itself decides (a granted level, a programme) is never a covariate: adjusting for it would
                 hide the unit's own doing
    """

    name: Identifier
    meaning: Shown
    known: Literal["before", "after"] = "before"
    decided_by: Literal["nobody", "citizen", "register", "authority", "unit"] = "register"

    @property
    def may_be_covariate(self) -> bool:
        """Whether case mix may use it: known before the index, and not the unit's own decision."""
        return self.known == "before" and self.decided_by != "unit"


Rule = Literal["lead", "equal", "effort", "shapley"]

ATTRIBUTION_RULES: tuple[Rule, ...] = ("lead", "equal", "effort", "shapley")
"""How one effect is shared between the units that took part. A share by cost is not among them: see `_rule`."""


def _rule(value: Any) -> Any:
    """Refuse a share by cost with the reason: each unit gets effects in step with its money, so all come out equally effective."""
    if isinstance(value, str) and "cost" in value:
        raise ValueError(
            f"expected one of {', '.join(ATTRIBUTION_RULES)}: sharing effects by cost makes effects per krone the same for every unit"
            " by construction, so nothing can be compared or ranked by it"
        )
    return value


class Attribution(Part):
    """How effects are shared between contributing units.

    rules                shown side by side; `lead` is always among them, since the other tables tell effect by it
    least_cases          cases that a combination of units must have before the Shapley rule takes its share of effects for a fact
    citizen              the citizen's own part of every effect, unless an indicator states another; none: 0, and said so
    support_professions  professions whose units are support: indirect contributors, shown in lines of their own
    """

    rules: tuple[Annotated[Rule, BeforeValidator(_rule)], ...] = ATTRIBUTION_RULES
    least_cases: int = Field(20, ge=1)
    citizen: CitizenShare | None = None
    support_professions: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _lead_once(self) -> "Attribution":
        if "lead" not in self.rules or len(set(self.rules)) < len(self.rules):
            raise ValueError("expected each rule once, and `lead` among them: the other tables tell effect by it")
        return self


AudienceRole = Literal["reader", "controller", "operator", "data_protection_officer", "admin"]


class Audience(Part):
    """For whom a publication may be made besides everybody: a disclosure profile of its own.

    k      smallest number of persons that its figures may tell of
    roles  who may see it on the page and through the API; nobody else
    """

    id: Identifier
    k: int = Field(ge=1)
    roles: tuple[AudienceRole, ...] = Field(min_length=1)


class Municipality(Part):
    """The municipality and the numbers that hold for all its figures."""

    id: Identifier
    name: Shown
    invented: bool = False
    time_zone: str = "Europe/Copenhagen"
    currency: str = "DKK"
    period: Period = "quarter"
    cost_period: Period | None = None
    k: int = Field(5, ge=1)
    price_year: int | None = None
    reporting_lag: Duration = Duration.parse("P0D")
    attribution: Attribution = Attribution()
    intro: Shown | None = None
    breaks: tuple[Break, ...] = ()
    gate: Gate = Gate()
    audiences: tuple[Audience, ...] = ()

    @model_validator(mode="after")
    def _audiences_once(self) -> "Municipality":
        names = [one.id for one in self.audiences]
        if len(set(names)) < len(names):
            raise ValueError("expected each audience once")
        return self


class Catalogue(Part):
    """Everything that a municipality says about its core tasks."""

    municipality: Municipality
    units: tuple[Unit, ...] = ()
    core_tasks: tuple[CoreTask, ...] = ()
    costs: Costs = Costs()
    attributes: tuple[Attribute, ...] = ()
    references: tuple[Reference, ...] = ()
    definition_hash: str = ""

    def audience(self, name: str) -> Audience | None:
        """The audience of that name, where the municipality has it."""
        return next((one for one in self.municipality.audiences if one.id == name), None)

    def told_to(self, audience: Audience) -> "Catalogue":
        """The same catalogue with what holds for an audience."""
        return self.model_copy(update={"municipality": self.municipality.model_copy(update={"k": audience.k})})

    def indicators(self) -> list[tuple[CoreTask, Any]]:
        """Every indicator with its core task, in the catalogue's order."""
        return [(task, indicator) for task in self.core_tasks for indicator in task.indicators]

    def reference_of(self, indicator: Any) -> Reference | None:
        """The frozen reference that an indicator names, in that version or the newest; None without one, or where it is not there."""
        asked = getattr(indicator, "expected", None)
        if asked is None or asked.reference is None:
            return None
        found = [one for one in self.references if one.id == asked.reference and asked.reference_version in (None, one.version)]
        return max(found, key=lambda one: one.version, default=None)

    def breaks_of(self, task: CoreTask, indicator: Any) -> tuple[Break, ...]:
        """Every break that concerns an indicator: its own, its core task's and the municipality's, by date, each date once."""
        found = {one.on: one for one in (*self.municipality.breaks, *task.breaks, *indicator.breaks)}
        return tuple(found[day] for day in sorted(found))
