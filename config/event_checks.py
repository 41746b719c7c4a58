"""What an indicator says about events, held against the registry: filters, states, codes, horizons, covariates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from config.event_names import Registry, codes_of, data_fields, reads, starts_of, state_names
from config.yaml_lines import Document, Key
from models.catalogue import (
    Attribute,
    CaseMix,
    Condition,
    EventFilter,
    FieldHorizon,
    IndicatorBase,
    Population,
    Reached,
    State,
    StateAt,
    Sustained,
    Where,
)
from models.registry import EventType


@dataclass(frozen=True)
class EventChecks:
    """Checks the events of one core task's file; every fault goes to its document."""

    document: Document
    registry: Registry
    attributes: Sequence[Attribute]

    def indicator(self, indicator: IndicatorBase, key: Key) -> None:
        """Check everything that one indicator says about events and attributes."""
        self.filter(indicator.index, (*key, "index"))
        self.filters(indicator.competing, (*key, "competing"))
        self.filters(indicator.censored_by, (*key, "censored_by"))
        self._population(indicator.population, (*key, "population"))
        self._case_mix(indicator.case_mix, indicator.index, (*key, "case_mix"))
        if isinstance(indicator, StateAt | Sustained):
            self._state(indicator.state, (*key, "state"))
        if isinstance(indicator, Reached):
            self.filters(indicator.target, (*key, "target"))
            self._same_episode(indicator, (*key, "same_episode"))
        if isinstance(indicator, StateAt | Reached) and isinstance(indicator.horizon, FieldHorizon):
            self._horizon_field(indicator.horizon, indicator.index, (*key, "horizon"))

    def filters(self, filters: Sequence[EventFilter], key: Key) -> None:
        """Check a list of event filters; one that was written without a list stands at the key itself."""
        listed = isinstance(self.document.at(key), list)
        for place, item in enumerate(filters):
            self.filter(item, (*key, place) if listed else key)

    def filter(self, item: EventFilter, key: Key) -> None:
        """Check the types of one filter and the fields of its conditions."""
        events = [self.registry[name] for name in item.event if name in self.registry]
        if not item.event:
            self.document.fault((*key, "event"), "expected at least one event type", None)
        for event in events:
            self._fields(item.where, data_fields(self.registry, event), event.name, (*key, "where"))
        self._codes(item.where, events, (*key, "where"))

    def _fields(self, where: Where, known: frozenset[str], owner: str, key: Key) -> None:
        for name in where:
            if name not in known and not name.startswith("attributes."):
                expected = f"expected a field of {owner} ({', '.join(sorted(known))}) or `attributes.<name>`"
                self.document.fault((*key, name), expected, name)

    def _codes(self, where: Where, events: Sequence[EventType], key: Key) -> None:
        for name, condition in where.items():
            if allowed := codes_of([*events, *self._starts(events)], name):
                for code in _named_codes(condition):
                    if str(code) not in allowed:
                        self.document.fault((*key, name), f"expected one of the codes {', '.join(allowed)}", code)

    def _starts(self, events: Sequence[EventType]) -> list[EventType]:
        return [start for event in events if reads(event, "end") for start in starts_of(self.registry, event.state)]

    def _state(self, state: State, key: Key) -> None:
        starts = starts_of(self.registry, state.name)
        if not starts:
            self.document.fault((*key, "name"), f"expected one of the states {', '.join(state_names(self.registry))}", state.name)
            return
        for start in starts:
            self._fields(state.where, data_fields(self.registry, start), start.name, (*key, "where"))
        self._codes(state.where, starts, (*key, "where"))
        for start in starts:
            allowed = codes_of([start], start.code) if isinstance(start.code, str) else ()
            for place, code in enumerate(state.codes if allowed else ()):
                if str(code) not in allowed:
                    self.document.fault((*key, "codes", place), f"expected one of the codes of {start.name}: {', '.join(allowed)}", code)

    def _population(self, population: Population, key: Key) -> None:
        for name in ("in_state", "not_in_state"):
            for place, state in enumerate(getattr(population, name)):
                self._state(state, (*key, name, place))
        self.filters(population.with_event, (*key, "with_event"))
        self.filters(population.without_event, (*key, "without_event"))
        if population.within is not None and not (population.with_event or population.without_event):
            self.document.fault(
                (*key, "within"),
                "expected `with_event` or `without_event` beside it: that is the stretch it bounds",
                str(population.within),
            )

    def _case_mix(self, case_mix: Sequence[CaseMix], index: EventFilter, key: Key) -> None:
        declared = {attribute.name: attribute for attribute in self.attributes}
        for place, covariate in enumerate(case_mix):
            reason = self._not_a_covariate(covariate, declared)
            if reason:
                self.document.fault((*key, place, "attribute"), reason, covariate.attribute)
            if covariate.bands and covariate.levels:
                self.document.fault((*key, place), "expected either `bands` (of a number) or `levels` (of a code)", "both")
            if list(covariate.bands) != sorted(set(covariate.bands)):
                self.document.fault((*key, place, "bands"), "expected bounds in rising order, each once", list(covariate.bands))

    def _not_a_covariate(self, covariate: CaseMix, declared: dict[str, Attribute]) -> str:
        """Why this name may not be in the case mix; empty when it may.

        Case mix adjusts for what was fixed before the index event. A data field of an event is what happened, or what the unit decided.
        """
        name = covariate.attribute
        if declared and name not in declared:
            return f"expected an attribute declared in attributes.yaml and known before the index event ({', '.join(sorted(declared))})"
        if name in declared:
            late = (
                covariate.known == "follow_up" and declared[name].decided_by != "unit"
            )  # against the rule, with a reason, and never the unit's own
            allowed = declared[name].may_be_covariate or late
            return "" if allowed else "expected an attribute known before the index event and not decided by the unit itself"
        owners = sorted(event.name for event in self.registry.values() if name in event.payload.model_fields)
        if name in state_names(self.registry) or owners:
            what = f"a data field of {owners[0]}" if owners else "a state"
            return f"expected an attribute known of the subject before the index event, not {what}"
        return ""

    def _same_episode(self, indicator: Reached, key: Key) -> None:
        """An own episode needs an id on the index event, and something that carries the same id, else nothing is told apart."""
        marks = (*indicator.target, *indicator.competing, *indicator.censored_by)
        known = {name: one.episode for name, one in self.registry.items() if one.episode}
        shared = {known.get(name) for one in marks for name in one.event} - {None}
        if indicator.same_episode and not all(known.get(name) in shared for name in indicator.index.event if name in self.registry):
            expected = "expected an index event with an id of its episode (`case_id`, `course_id`), and a target or mark with the same"
            self.document.fault(key, expected, True)

    def _horizon_field(self, horizon: FieldHorizon, index: EventFilter, key: Key) -> None:
        for name in index.event:
            if name in self.registry and horizon.field not in data_fields(self.registry, self.registry[name]):
                self.document.fault((*key, "field"), f"expected a date field of the index event {name}, such as `deadline`", horizon.field)


def _named_codes(condition: Condition) -> list[Any]:
    single = [code for code in (condition.equals, condition.is_not) if code is not None]
    return [*single, *(condition.is_in or ()), *(condition.not_in or ())]
