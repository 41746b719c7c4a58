"""The translation once more, slow and obvious: plain Python, loops and dates, one subject at a time. Knows nothing of the SQL.

Takes standing events as dictionaries with the columns of the store's table `event` (`fields`, `attributes` and `effort` as dictionaries)
and returns effect records as dictionaries with the columns of `effect` less version and batch.
"""

import datetime as dt
import json
import math
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from models.catalogue import Change, Condition, EventFilter, Experienced, FieldHorizon, Reached, Reduction, StateAt, Sustained, Where
from models.catalogue import State as CatalogueState

Event = dict[str, Any]
Record = dict[str, Any]
FOREVER = dt.date.max
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def evaluate(events: Iterable[Event], indicator: Any, core_task_id: str, event_types: Mapping[str, Any]) -> list[Record]:
    """The effect records of one indicator, in order of index key."""
    records: list[Record] = []
    by_subject: dict[int, list[Event]] = {}
    for event in events:
        by_subject.setdefault(event["subject_key"], []).append(event)
    for timeline in by_subject.values():
        subject = Subject(timeline, event_types)
        for index in subject.index_events(indicator):
            record = subject.record(indicator, index)
            if record is not None:
                records.append(
                    {"indicator_id": indicator.id, "indicator_version": indicator.version, "core_task_id": core_task_id} | record
                )
    return sorted(records, key=lambda record: record["index_key"])


class Episode:
    """A stretch of a state: from the day of its start up to, not including, the day of its end."""

    def __init__(self, state: str, start: Event, end: Event | None) -> None:
        self.state = state
        self.start = start
        self.end = end
        self.from_day: dt.date = start["occurred_on"]
        self.to_day: dt.date = end["occurred_on"] if end else FOREVER

    def holds_on(self, day: dt.date) -> bool:
        return self.from_day <= day < self.to_day

    def events(self) -> list[Event]:
        return [self.start] + ([self.end] if self.end else [])


class Subject:
    """All that stands about one subject, and the questions that an indicator asks of it."""

    def __init__(self, timeline: list[Event], event_types: Mapping[str, Any]) -> None:
        self.types = event_types
        self.timeline = timeline
        self.start_of: dict[int, Event] = {}
        self.fallen: set[int] = set()
        self.episodes: list[Episode] = []
        for state in sorted({event_types[e["type"]].state for e in timeline if event_types[e["type"]].state}):
            self._read_state(state)
        self.milestones = sorted((e for e in timeline if e["event_key"] not in self.fallen), key=in_time)

    def _reads(self, event: Event, state: str, role: str) -> bool:
        event_type = self.types[event["type"]]
        return event_type.state == state and role in event_type.reads_as

    def _read_state(self, state: str) -> None:
        starts = [e for e in self.timeline if self._reads(e, state, "start")]
        ends = [e for e in self.timeline if self._reads(e, state, "end")]
        for episode in {e["episode"] for e in starts + ends} - {None}:
            self._read_named(state, [e for e in starts if e["episode"] == episode], [e for e in ends if e["episode"] == episode])
        self._read_unnamed(state, [e for e in starts if e["episode"] is None], [e for e in ends if e["episode"] is None])

    def _read_named(self, state: str, starts: list[Event], ends: list[Event]) -> None:
        # Of two starts the earlier date stands; of two ends the one recorded last.
        first_day = min((e["occurred_on"] for e in starts), default=None)
        start = max((e for e in starts if e["occurred_on"] == first_day), key=said_last, default=None)
        end = max(ends, key=said_last, default=None)
        self.fallen |= {e["event_key"] for e in starts if e is not start} | {e["event_key"] for e in ends if e is not end}
        if end is not None and start is None and "point" not in self.types[end["type"]].reads_as:
            self.fallen.add(end["event_key"])  # it takes effect when its start comes
        if end is not None and start is not None:
            self.start_of[end["event_key"]] = start
        if start is not None:
            self.episodes.append(Episode(state, start, end))

    def _read_unnamed(self, state: str, starts: list[Event], ends: list[Event]) -> None:
        # Without a name, an end closes whatever is open of that state.
        for start in starts:
            later = [e for e in ends if e["occurred_at"] > start["occurred_at"]]
            self.episodes.append(Episode(state, start, min(later, key=in_time, default=None)))
        for end in ends:
            earlier = [e for e in starts if e["occurred_at"] < end["occurred_at"]]
            if earlier:
                self.start_of[end["event_key"]] = max(earlier, key=in_time)

    # --- fields and filters

    def field(self, event: Event, name: str) -> Any:
        found = own_field(event, name, self.types)
        start = self.start_of.get(event["event_key"])
        return own_field(start, name, self.types) if found is None and start is not None else found

    def meets(self, event: Event, where: Where) -> bool:
        return all(condition_holds(self.field(event, name), condition) for name, condition in where.items())

    def passes(self, event: Event, wanted: EventFilter) -> bool:
        return event["type"] in wanted.event and self.meets(event, wanted.where)

    def of(self, wanted: Iterable[EventFilter]) -> list[Event]:
        filters = list(wanted)
        return [e for e in self.milestones if any(self.passes(e, one) for one in filters)]

    def in_state(self, state: CatalogueState) -> list[Episode]:
        return [
            episode
            for episode in self.episodes
            if episode.state == state.name
            and episode.from_day < episode.to_day
            and (not state.codes or condition_holds(episode.start["code"], Condition(**{"in": state.codes})))
            and self.meets(episode.start, state.where)
        ]

    # --- index events and population

    def index_events(self, indicator: Any) -> list[Event]:
        chosen = []
        previous = None
        for event in self.of([indicator.index]):
            on = event["occurred_on"]
            every = indicator.index.every
            after_gap = previous is None or (every == "first_after_gap" and indicator.index.gap.after(previous) <= on)
            if every == "each" or after_gap:
                chosen.append(event)
            previous = on
        valid = [e for e in chosen if indicator.valid_from is None or e["occurred_on"] >= indicator.valid_from]
        valid = [e for e in valid if indicator.valid_to is None or e["occurred_on"] < indicator.valid_to]
        return [e for e in valid if self.belongs(indicator.population, e)]

    def belongs(self, population: Any, index: Event) -> bool:
        day = index["occurred_on"]
        if not self.meets(index, population.where):
            return False
        if not all(condition_holds(self.known(name, day), condition) for name, condition in population.known.items()):
            return False
        holds = lambda state: any(e.holds_on(day) for e in self.in_state(state))  # noqa: E731
        if not all(map(holds, population.in_state)) or any(map(holds, population.not_in_state)):
            return False
        happened = lambda wanted: any(self.was_before(e, index, population.within) for e in self.of([wanted]))  # noqa: E731
        return all(map(happened, population.with_event)) and not any(map(happened, population.without_event))

    def was_before(self, event: Event, index: Event, within: Any) -> bool:
        if event["event_key"] == index["event_key"] or event["occurred_on"] > index["occurred_on"]:
            return False
        return within is None or within.after(event["occurred_on"]) >= index["occurred_on"]

    def known(self, name: str, day: dt.date) -> Any:
        told = [e for e in self.timeline if e["occurred_on"] <= day and (e["attributes"] or {}).get(name) is not None]
        newest = max(told, key=lambda e: (e["occurred_at"], e["recorded_at"], e["content_hash"], e["event_key"]), default=None)
        return newest["attributes"][name] if newest else None

    # --- the answer

    def record(self, indicator: Any, index: Event) -> Record | None:
        start = index["occurred_on"]
        if isinstance(indicator, Change | Experienced | Reduction):
            return self.measured(indicator, index)
        horizon = self.horizon(indicator, index)
        if horizon is None:
            return self.complete(index, "unmeasured", start, start, [])
        if isinstance(indicator, StateAt):
            resolves, verdict = horizon, self.state_at(indicator, index, horizon)
        elif isinstance(indicator, Sustained):
            resolves, verdict = indicator.held.after(horizon), self.sustained(indicator, index, horizon)
        else:
            assert isinstance(indicator, Reached)
            resolves, verdict = horizon, self.reached(indicator, index, horizon)
        achieved, decided, last_mark, proof = verdict
        mark = self.first_mark(indicator, index)
        if mark is not None and mark[1]["occurred_on"] <= last_mark:
            outcome, event = mark
            return self.complete(index, outcome, event["occurred_on"], resolves, [event])
        # A stretch brings its own starts; one that held on no day is none of it, though its end is the same event.
        starts_of = [index] if isinstance(indicator, StateAt | Sustained) else [index, *proof]
        return self.complete(index, "achieved" if achieved else "not_achieved", decided, resolves, proof, starts_of)

    # --- the answer that is a number held against another

    def measured(self, indicator: Any, index: Event) -> Record:
        """A change, a reduction, a rating: `first` and `then` are what was measured, with the events behind them."""
        start = index["occurred_on"]
        resolves = indicator.follow_up.end.after(start)
        answer = self.reduction(indicator, index) if isinstance(indicator, Reduction) else self.change(indicator, index, resolves)
        achieved, decided, last_mark, before, after, first, then = answer
        mark = self.first_mark(indicator, index)
        if mark is not None and last_mark is not None and mark[1]["occurred_on"] <= last_mark:
            outcome, event = mark
            record = self.complete(index, outcome, event["occurred_on"], resolves, [event, *before])
            return record | {"value": None, "baseline": first}
        outcome = "unmeasured" if achieved is None else "achieved" if achieved else "not_achieved"
        value = None if achieved is None else then - (first or 0.0) if not isinstance(indicator, Experienced) else then
        return self.complete(index, outcome, decided, resolves, [*before, *after]) | {"value": value, "baseline": first}

    def change(self, indicator: Any, index: Event, resolves: dt.date) -> tuple[Any, ...]:
        start = index["occurred_on"]
        before, first, settled, base = [], None, start, None
        if isinstance(indicator, Change):
            stated = self.scores(indicator.baseline.measure or indicator.measure)
            chosen = choose(stated, indicator.baseline, index)
            ends = max(start, indicator.baseline.end.after(start))
            if chosen is None:
                return None, ends, None, [], [], None, None
            base, first, settled = chosen
            before = [base]
            if first in indicator.not_relevant:
                return None, ends, None, before, [], None, None
            later = [one for one in self.scores(indicator.follow_up.measure or indicator.measure) if in_time(one[0]) > in_time(base)]
        else:
            later = self.ratings(indicator.question)
        chosen = choose(later, indicator.follow_up, index)
        if chosen is None:
            return None, resolves, resolves, before, [], first, None
        event, then, settled_then = chosen
        decided, last_mark = max(start, settled, settled_then), day_before(event["occurred_on"])
        if isinstance(indicator, Experienced):
            return then >= indicator.bar - 1e-9, decided, last_mark, before, [event], None, then
        if then in indicator.not_relevant:
            return None, decided, last_mark, before, [event], first, None
        moved = (then - first) * (1 if indicator.better == "higher" else -1)
        return moved >= indicator.minimal_important_change - 1e-9 and moved > 1e-9, decided, last_mark, before, [event], first, then

    def reduction(self, indicator: Reduction, index: Event) -> tuple[Any, ...]:
        start, window = index["occurred_on"], indicator.follow_up
        day = dict(zip(("first", "last", "closest"), days_of(window, start), strict=True))[window.which]
        before, first = self.granted(indicator.service, start)
        if first is None:
            return None, start, None, [], [], None, None
        after, then = self.granted(indicator.service, day)
        return first > 0 and then <= (1 - indicator.by) * first + 1e-9, day, day, before, after, first, then

    def granted(self, service: str | None, day: dt.date) -> tuple[list[Event], float | None]:
        """The amount that holds on a day, summed over services, and the grants behind it."""
        newest: dict[Any, Event] = {}
        for event in self.milestones:
            amount = "amount" in self.types[event["type"]].reads_as and event["value"] is not None
            if amount and event["occurred_on"] <= day and service in (None, event["code"]):
                newest[event["code"] or ""] = event
        grants = list(newest.values())
        return grants, float(sum(Decimal(str(e["value"])) for e in grants)) if grants else None

    def scores(self, measure: str) -> list[tuple[Event, float]]:
        found = []
        for event in self.milestones:
            reads = self.types[event["type"]].reads_as
            named = event["code"] == measure or (measure in ("income", "absence") and (event["code"] or "").startswith(measure + ":"))
            stated = event["value"] if event["value"] is not None else event["amount_ore"]
            if "measure" in reads and "unit" not in reads and named and stated is not None:
                found.append((event, float(stated)))
        return found

    def ratings(self, question: str) -> list[tuple[Event, float]]:
        found = []
        for event in self.milestones:
            if event["type"] == "experience.rated" and event["code"] == question and event["value"] is not None:
                low, high = ((event["fields"] or {}).get(name) for name in ("scale_min", "scale_max"))
                if low is not None and high is not None and low < high:
                    found.append((event, (event["value"] - low) / (high - low)))
        return found

    def horizon(self, indicator: Any, index: Event) -> dt.date | None:
        """The last day that counts: of the horizon, or for `sustained` of the beginning; None where the index event's date is no use."""
        day: dt.date = index["occurred_on"]
        if isinstance(indicator, Sustained):
            return indicator.begins_within.after(day)
        if not isinstance(indicator.horizon, FieldHorizon):
            return indicator.horizon.after(day)
        told = self.field(index, indicator.horizon.field)
        try:
            due = dt.date.fromisoformat(told)
        except (TypeError, ValueError):
            return None
        return due if due >= day else None

    def first_mark(self, indicator: Any, index: Event) -> tuple[str, Event] | None:
        own = getattr(indicator, "same_episode", False)
        competing = self.next_after(index, indicator.competing, own)
        censoring = self.next_after(index, indicator.censored_by, own)
        if competing and (censoring is None or competing["occurred_on"] <= censoring["occurred_on"]):
            return "competing", competing
        return ("censored", censoring) if censoring else None

    def next_after(self, index: Event, wanted: Iterable[EventFilter], own: bool = False) -> Event | None:
        for event in self.of(wanted):
            elsewhere = own and self.is_elsewhere(index, event)
            if event["occurred_on"] >= index["occurred_on"] and event["event_key"] != index["event_key"] and not elsewhere:
                return event
        return None

    def is_elsewhere(self, index: Event, event: Event) -> bool:
        """Whether an event carries the index event's kind of id and not its id: another case of the same subject."""
        same_kind = self.types[index["type"]].episode == self.types[event["type"]].episode
        return same_kind and self.types[event["type"]].episode is not None and event["episode"] != index["episode"]

    def reached(self, indicator: Reached, index: Event, horizon: dt.date) -> tuple[bool, dt.date, dt.date, list[Event]]:
        target = self.next_after(index, indicator.target, indicator.same_episode)
        if target is None or target["occurred_on"] > horizon:
            return False, horizon, horizon, []
        return True, target["occurred_on"], day_before(target["occurred_on"]), [target]

    def state_at(self, indicator: StateAt, index: Event, day: dt.date) -> tuple[bool, dt.date, dt.date, list[Event]]:
        episodes = self.in_state(indicator.state)
        begun = [e for e in episodes if e.from_day <= day and e.to_day > index["occurred_on"]]
        last = max((cluster for cluster in clusters(episodes, lambda end: end) if set(cluster) & set(begun)), key=begins, default=[])
        proof = [e for episode in last for e in episode.events() if e["occurred_on"] <= day]
        return any(e.holds_on(day) for e in episodes), day, day, proof

    def sustained(self, indicator: Sustained, index: Event, last_begin: dt.date) -> tuple[bool, dt.date, dt.date, list[Event]]:
        episodes = self.in_state(indicator.state)
        settled, run_day = last_begin, None
        day = index["occurred_on"]
        while day <= last_begin:
            if any(e.holds_on(day) for e in episodes):
                until = held_until(day, episodes, indicator.gap.after)
                run_day = day
                if until >= indicator.held.after(day):
                    achieved = indicator.held.after(day)
                    return True, achieved, day_before(achieved), self.run_events(episodes, indicator, day, achieved)
                settled = max(last_begin, indicator.gap.after(until))
            day += dt.timedelta(days=1)
        proof = self.run_events(episodes, indicator, run_day, settled) if run_day else []
        return False, settled, settled, proof

    def run_events(self, episodes: list[Episode], indicator: Sustained, day: dt.date, through: dt.date) -> list[Event]:
        run = next(c for c in clusters(episodes, indicator.gap.after) if any(e.holds_on(day) for e in c))
        return [e for episode in run for e in episode.events() if e["occurred_on"] <= through]

    def complete(
        self, index: Event, outcome: str, decided: dt.date, resolves: dt.date, proof: list[Event], starts_of: list[Event] | None = None
    ) -> Record:
        resting = {e["event_key"]: e for e in [index, *proof]}
        for event in starts_of if starts_of is not None else [index, *proof]:
            start = self.start_of.get(event["event_key"])
            if start is not None:
                resting[start["event_key"]] = start
        start_of_index = self.start_of.get(index["event_key"])
        unit = index["unit"] if index["unit"] is not None or start_of_index is None else start_of_index["unit"]
        return {
            "index_key": index["event_key"],
            "index_source": index["source"],
            "index_id": index["id"],
            "subject": index["subject"],
            "subject_key": index["subject_key"],
            "index_on": index["occurred_on"],
            "unit_id": unit,
            "resolves_on": resolves,
            "decided_on": decided,
            "outcome": outcome,
            "value": None if outcome == "unmeasured" else float((decided - index["occurred_on"]).days),
            "baseline": None,
            "contributors": self.contributors(index["occurred_on"], decided),
            "evidence": sorted(resting),
            "known_from": max(e["recorded_at"] for e in resting.values()),
        }

    def contributors(self, first: dt.date, last: dt.date) -> str | None:
        minutes: dict[str, Decimal] = {}
        for event in self.timeline:
            if first <= event["occurred_on"] <= last:
                for unit, share in (event["effort"] or {}).items():
                    minutes[unit] = minutes.get(unit, Decimal(0)) + Decimal(str(share))
        return json.dumps({unit: float(minutes[unit]) for unit in sorted(minutes)}, separators=(",", ":")) if minutes else None


def days_of(window: Any, index_on: dt.date) -> tuple[dt.date, dt.date, dt.date]:
    """First and last day of a window, and the day to be closest to."""
    first, last = window.start.after(index_on), window.end.after(index_on)
    if window.at is not None:
        return first, last, window.at.after(index_on)
    return first, last, index_on if first <= index_on <= last else first + dt.timedelta(days=(last - first).days // 2)


def choose(stated: list[tuple[Event, float]], window: Any, index: Event) -> tuple[Event, float, dt.date] | None:
    """The measurement that counts, what it says, and the day from which no other can take its place."""
    first_day, last_day, target = days_of(window, index["occurred_on"])
    inside = sorted((one for one in stated if first_day <= one[0]["occurred_on"] <= last_day), key=lambda one: in_time(one[0]))
    if not inside:
        return None
    if window.which == "first":
        return *inside[0], inside[0][0]["occurred_on"]
    if window.which == "last":
        return *inside[-1], last_day

    def nearness(one: tuple[Event, float]) -> tuple[Any, ...]:
        day = one[0]["occurred_on"]
        return abs((day - target).days), day, one[0]["event_key"] != index["event_key"], in_time(one[0])

    event, score = min(inside, key=nearness)
    settled = day = event["occurred_on"]
    while settled < last_day and abs((settled - target).days + 1) < abs((day - target).days):
        settled += dt.timedelta(days=1)  # somebody measured on the day after would be closer
    return event, score, settled


def in_time(event: Event) -> tuple[Any, ...]:
    return (event["occurred_on"], event["occurred_at"], event["event_key"])


def said_last(event: Event) -> tuple[Any, ...]:
    return (event["recorded_at"], event["content_hash"], event["event_key"])


def day_before(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=1)


def begins(cluster: list[Episode]) -> dt.date:
    return min(e.from_day for e in cluster)


def clusters(episodes: list[Episode], forgiven: Any) -> list[list[Episode]]:
    """Episodes that make one stretch: each starts before the others are over, or at most the forgiven gap after."""
    found: list[list[Episode]] = []
    for episode in sorted(episodes, key=lambda e: e.from_day):
        until = max((e.to_day for e in found[-1]), default=dt.date.min) if found else dt.date.min
        if found and (until == FOREVER or episode.from_day <= forgiven(until)):
            found[-1].append(episode)
        else:
            found.append([episode])
    return found


def held_until(day: dt.date, episodes: list[Episode], forgiven: Any) -> dt.date:
    """The first day on which a state that holds on `day` holds no more, holes of at most the gap forgiven."""
    while True:
        now = [e.to_day for e in episodes if e.holds_on(day)]
        if now:
            day = max(now)
        elif day == FOREVER:
            return FOREVER
        else:
            again = [e.from_day for e in episodes if day < e.from_day <= forgiven(day)]
            if not again:
                return day
            day = min(again)


def own_field(event: Event, name: str, types: Mapping[str, Any]) -> Any:
    if name.startswith("attributes."):
        return (event["attributes"] or {}).get(name.removeprefix("attributes."))
    column = types[event["type"]].columns.get(name)
    return event[column] if column else (event["fields"] or {}).get(name)


def condition_holds(value: Any, condition: Condition) -> bool:
    """Every key that is given must hold; a missing value fails all but `missing: true`, `not` and `not_in`."""
    checks = {
        "equals": lambda want: same(value, want),
        "is_in": lambda want: any(same(value, one) for one in want),
        "is_not": lambda want: not same(value, want),
        "not_in": lambda want: not any(same(value, one) for one in want),
        "minimum": lambda want: number(value) is not None and number(value) >= want,
        "maximum": lambda want: number(value) is not None and number(value) <= want,
        "above": lambda want: number(value) is not None and number(value) > want,
        "below": lambda want: number(value) is not None and number(value) < want,
        "starts_with": lambda want: value is not None and text(value).startswith(want),
        "ends_with": lambda want: value is not None and text(value).endswith(want),
        "missing": lambda want: (value is None) == want,
    }
    return all(check(getattr(condition, key)) for key, check in checks.items() if getattr(condition, key) is not None)


def same(value: Any, wanted: Any) -> bool:
    if value is None:
        return False
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        return number(value) == wanted
    return text(value) == text(wanted)


def text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def number(value: Any) -> float | None:
    if isinstance(value, bool) or not NUMBER.fullmatch(text(value)):
        return None
    return float(value) if math.isfinite(float(value)) else None
