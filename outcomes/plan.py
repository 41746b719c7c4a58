"""What a catalogue asks for, each thing once and numbered: filters, index sets, mark sets, states, runs. Equal things are shared."""

import json
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from models.catalogue import (
    Catalogue,
    Change,
    Condition,
    CoreTask,
    EventFilter,
    Experienced,
    FieldHorizon,
    Index,
    Population,
    Reached,
    Reduction,
    State,
    StateAt,
    Sustained,
    Window,
)
from models.durations import Duration, Offset
from outcomes.kinds import KINDS
from outcomes.measures import Measure, MeasuredIndicator, measures_of, window_row
from outcomes.sql_texts import Value

Row = tuple[Value, ...]
Wanted = TypeVar("Wanted")
Translated = StateAt | Sustained | Reached | Change | Experienced | Reduction


class Numbered(Generic[Wanted]):
    """Distinct things in the order in which they were first asked for; equal ones share a number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.things: list[Wanted] = []

    def __call__(self, thing: Wanted, key: Any) -> int:
        """The number of a thing, counted from 1; `key` says by what two things are the same."""
        text = json.dumps(key, sort_keys=True, default=str)
        if text not in self._numbers:
            self.things.append(thing)
            self._numbers[text] = len(self.things)
        return self._numbers[text]

    def __iter__(self) -> Any:
        return iter(enumerate(self.things, start=1))


@dataclass
class Plan:
    """Rows of the definition tables (named in `outcomes/definition_tables.py`) and the conditions that are compiled to SQL."""

    filters: Numbered[EventFilter] = field(default_factory=Numbered)
    states: Numbered[State] = field(default_factory=Numbered)
    known: Numbered[tuple[str, Condition]] = field(default_factory=Numbered)
    dues: Numbered[tuple[str, tuple[str, ...]]] = field(default_factory=Numbered)
    index_sets: Numbered[Row] = field(default_factory=Numbered)
    mark_sets: Numbered[tuple[int, ...]] = field(default_factory=Numbered)
    runs: Numbered[Row] = field(default_factory=Numbered)
    stretches: Numbered[Row] = field(default_factory=Numbered)
    mark_pairs: Numbered[Row] = field(default_factory=Numbered)
    own_pairs: Numbered[Row] = field(default_factory=Numbered)
    indicators: list[Row] = field(default_factory=list)
    own_fields: list[Row] = field(default_factory=list)
    past_events: list[Row] = field(default_factory=list)
    past_states: list[Row] = field(default_factory=list)
    past_known: list[Row] = field(default_factory=list)
    measures: Numbered[Measure] = field(default_factory=Numbered)
    windows: list[Row] = field(default_factory=list)
    bars: list[Row] = field(default_factory=list)
    not_relevant: list[Row] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)


def plan(catalogue: Catalogue) -> Plan:
    """Number everything that the catalogue's translated indicators ask for; reported totals ask for nothing of a subject."""
    result = Plan()
    for task, indicator in catalogue.indicators():
        if indicator.kind in KINDS:
            _add(result, task, indicator)
    return result


def _add(result: Plan, task: CoreTask, indicator: Translated) -> None:
    number = len(result.indicators) + 1
    index_set = _index_set(result, indicator.index)
    own = isinstance(indicator, Reached) and indicator.same_episode
    sets = [_mark_set(result, index_set, filters, own) for filters in (_targets(indicator), indicator.competing, indicator.censored_by)]
    horizon, due = _horizon(result, indicator)
    result.kinds.add(indicator.kind)
    head = (number, indicator.id, indicator.version, task.id, indicator.kind, index_set, *sets, horizon, due)
    result.indicators.append((*head, *_stretch(result, indicator), indicator.valid_from, indicator.valid_to))
    _add_population(result, number, index_set, indicator.index, indicator.population)
    if isinstance(indicator, Change | Experienced | Reduction):
        _add_measures(result, number, indicator)


def filter_number(result: Plan, wanted: EventFilter) -> int:
    """The number of a filter; filters of the same types and conditions share one."""
    plain = EventFilter(event=tuple(sorted(set(wanted.event))), where=wanted.where)
    return result.filters(plain, plain.model_dump(mode="json"))


def _state_number(result: Plan, state: State) -> int:
    return result.states(state, state.model_dump(mode="json"))


def _index_set(result: Plan, index: Index) -> int:
    row = (filter_number(result, index), index.every, index.gap)
    return result.index_sets(row, row)


def _targets(indicator: Translated) -> tuple[EventFilter, ...]:
    return indicator.target if isinstance(indicator, Reached) else ()


def _mark_set(result: Plan, index_set: int, filters: tuple[EventFilter, ...], own: bool) -> int | None:
    """The number of a set of filters; `own`: only events of the index event's own episode."""
    if not filters:
        return None
    numbers = tuple(sorted({filter_number(result, one) for one in filters}))
    mark_set = result.mark_sets(numbers, (numbers, own))
    pairs = result.own_pairs if own else result.mark_pairs
    pairs((index_set, mark_set), (index_set, mark_set))
    return mark_set


def _horizon(result: Plan, indicator: Translated) -> tuple[Duration | Offset | None, int | None]:
    if isinstance(indicator, Sustained):
        return indicator.begins_within, None
    if isinstance(indicator, Change | Experienced | Reduction):
        return indicator.follow_up.end, None
    if isinstance(indicator.horizon, FieldHorizon):
        due = (indicator.horizon.field, tuple(sorted(set(indicator.index.event))))
        return None, result.dues(due, due)
    return indicator.horizon, None


def _stretch(result: Plan, indicator: Translated) -> Row:
    """state_ref, run_ref, stretch_ref, held, gap of an indicator."""
    if not isinstance(indicator, StateAt | Sustained):
        return (None, None, None, None, None)
    state_ref = _state_number(result, indicator.state)
    if isinstance(indicator, StateAt):
        return (state_ref, None, result.stretches((state_ref, None), ("state", state_ref)), None, None)
    run = (state_ref, indicator.gap, indicator.held)
    run_ref = result.runs(run, run)
    return (state_ref, run_ref, result.stretches((None, run_ref), ("run", run_ref)), indicator.held, indicator.gap)


def _add_population(result: Plan, number: int, index_set: int, index: Index, population: Population) -> None:
    if population.where:
        own = EventFilter(event=index.event, where=population.where)
        result.own_fields.append((number, index_set, filter_number(result, own)))
    for wanted, events in ((True, population.with_event), (False, population.without_event)):
        for one in events:
            result.past_events.append((number, index_set, filter_number(result, one), population.within, wanted))
    for wanted, states in ((True, population.in_state), (False, population.not_in_state)):
        for state in states:
            result.past_states.append((number, index_set, _state_number(result, state), wanted))
    for name, condition in population.known.items():
        known_no = result.known((name, condition), (name, condition.model_dump(mode="json")))
        result.past_known.append((number, index_set, known_no, _met_by_nothing(condition)))


def _measure_number(result: Plan, measure: Measure | None) -> int | None:
    return result.measures(measure, (measure.reads, measure.name)) if measure else None


def _add_measures(result: Plan, number: int, indicator: MeasuredIndicator) -> None:
    before, after = (_measure_number(result, measure) for measure in measures_of(indicator))
    match indicator:
        case Change():
            result.windows += [(number, "baseline", before, *window_row(indicator.baseline))]
            result.windows += [(number, "follow_up", after, *window_row(indicator.follow_up))]
            sign = 1 if indicator.better == "higher" else -1
            result.bars.append((number, sign, indicator.minimal_important_change, None))
            result.not_relevant += [(number, score) for score in sorted(set(indicator.not_relevant))]
        case Experienced():
            result.windows += [(number, "follow_up", after, *window_row(indicator.follow_up))]
            result.bars.append((number, 1, indicator.bar, None))
        case Reduction():
            result.windows += [(number, "baseline", before, *window_row(Window()))]
            result.windows += [(number, "follow_up", after, *window_row(indicator.follow_up))]
            result.bars.append((number, -1, None, indicator.by))


def _met_by_nothing(condition: Condition) -> bool:
    """Whether a missing value meets the condition: only where it asks for nothing but `missing: true`, `not` and `not_in`."""
    return condition.model_fields_set <= {"missing", "is_not", "not_in"} and condition.missing is not False
