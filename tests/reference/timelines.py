"""Generated timelines and indicators, drawn as single whole numbers so that hypothesis can make and shrink them fast.

Days are few and close, so ties, same-day events, touching and overlapping episodes, missing starts, double starts and ends, zero-length
episodes, gaps of exactly G and G+1 days, leap days and ends of months all come up often.
"""

import datetime as dt
import hashlib
import random
from typing import Any

from hypothesis import strategies as st

from models.catalogue import Catalogue

Event = dict[str, Any]
FIRST_DAY = dt.date(2024, 1, 27)
DAYS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 18, 31, 32, 33, 34, 35, 36, 47, 61, 62, 63, 64, 65, 94, 95, 125)
"""28-31 January, all that matters of February (a leap year), and ends of the months after."""

TYPES = (
    "employment.benefit_started",
    "employment.benefit_ended",
    "employment.placement_started",
    "employment.placement_started",
    "employment.placement_ended",
    "employment.placement_ended",
    "education.enrolled",
    "education.interrupted",
    "education.completed",
    "growth.moved_in",
    "growth.moved_out",
    "case.opened",
    "case.closed",
    "case.payment_received",
    "person.died",
    "person.moved_away",
    "person.observed_until",
    "person.condition_recorded",
    "employment.conversation_held",
)
MEASURING = (
    "employment.benefit_started",
    "employment.benefit_ended",
    "rehabilitation.function_assessed",
    "rehabilitation.function_assessed",
    "rehabilitation.function_assessed",
    "community.loneliness_measured",
    "employment.income_registered",
    "rehabilitation.care_granted",
    "rehabilitation.care_granted",
    "rehabilitation.care_granted",
    "experience.rated",
    "experience.rated",
    "case.payment_received",
    "person.died",
    "person.moved_away",
)
"""What every second subject's timeline is made of: measurements close enough that several compete for one window."""
EPISODES = ("a", "a", "b", "c")
CODES = {
    "employment.benefit_started": ("kontanthjaelp", "dagpenge"),
    "employment.benefit_ended": (None, "job", "moved"),
    "employment.placement_started": ("ordinary", "ordinary", "flexjob"),
    "education.enrolled": ("vocational", "higher"),
    "case.opened": ("fine", "permit"),
    "case.closed": (None, "granted"),
    "person.observed_until": (None, "end"),
    "employment.conversation_held": (None, "phone"),
    "rehabilitation.function_assessed": ("fsiii:walking", "fsiii:walking", "fsiii:walking", "t_ils"),
    "community.loneliness_measured": ("t_ils",),
    "employment.income_registered": ("income:2023", "income:2024"),
    "rehabilitation.care_granted": ("care", "care", None, "cleaning"),
    "experience.rated": ("support", "support", "support", "t_ils"),
    "case.payment_received": ("payment",),
}
FIELDS = {
    "employment.placement_started": ({}, {"employer_sector": "private"}, {"employer_sector": "public"}),
    "case.opened": ({}, {"deadline": "2024-02-10"}, {"deadline": "2024-01-20"}),
    "education.enrolled": ({}, {"programme": "a's/b"}, {"programme": "c"}),
    "experience.rated": ({"scale_min": 1, "scale_max": 5}, {"scale_min": 0, "scale_max": 4.0}, {"scale_min": 3, "scale_max": 3}),
}
NO_EPISODE = (
    "growth.moved_in",
    "growth.moved_out",
    "person.died",
    "person.moved_away",
    "person.observed_until",
    "person.condition_recorded",
)
MONEY = ("case.opened", "case.payment_received", "employment.income_registered")
ATTRIBUTES = (None, None, {"age": 17, "sex": "f"}, {"age": 41}, {"age": "41", "a/b~c": True}, {"sex": None, "age": 40.5}, {"age": "old"})
EFFORTS = (None, None, None, {"school": 30}, {"clinic": 7.5, "school": 0.1})
VALUES = (None, 20.0, 37.0)
SCORES = {
    "rehabilitation.function_assessed": (0.0, 2.0, 3.0, 9.0, 2.3),
    "community.loneliness_measured": (0.0, 2.0, 3.0, 9.0, 2.3),
    "rehabilitation.care_granted": (0.0, 60.0, 120.0, 60.5, 0.1),
    "experience.rated": (1.0, 2.0, 4.0, 5.0, 3.4),
}
"""What the measuring types state; the pick is the product of two others, so that numbers drawn before keep their meaning."""

_CHOICES = (("type", len(TYPES)), ("day", len(DAYS)), ("hour", 3), ("late", 4), ("episode", len(EPISODES)), ("code", 6), ("field", 3))
_CHOICES += (("attribute", len(ATTRIBUTES)), ("effort", len(EFFORTS)), ("value", len(VALUES)), ("unit", 2), ("other", 2))


def _size(choices: tuple[tuple[str, int], ...]) -> int:
    size = 1
    for _, n in choices:
        size *= n
    return size


def _decoded(number: int, choices: tuple[tuple[str, int], ...]) -> dict[str, int]:
    picks = {}
    for name, n in choices:
        number, picks[name] = divmod(number, n)
    return picks


def event_of(number: int, subject: int, place: int) -> Event:
    """The event that a number stands for, as a row of the store; `place` makes its id distinct within its subject."""
    pick = _decoded(number, _CHOICES)
    kind = MEASURING[pick["type"] % len(MEASURING)] if subject % 2 else TYPES[pick["type"]]
    on = FIRST_DAY + dt.timedelta(days=DAYS[pick["day"]])
    codes = CODES.get(kind, (None,))
    fields = FIELDS.get(kind, ({},))
    ident = f"{subject}-{place}"
    return {
        "event_key": _hash(f"key{ident}"),
        "source": "urn:test",
        "id": ident,
        "content_hash": _hash(f"content{number}"),
        "type": kind,
        "subject": f"p:{subject:08x}",
        "subject_key": _hash(f"subject{subject}"),
        "occurred_at": dt.datetime(on.year, on.month, on.day, 8 * pick["hour"]),  # noqa: DTZ001 - UTC, as the store keeps it
        "occurred_on": on,
        "recorded_at": dt.datetime(2025, 1, 1 + pick["late"]),  # noqa: DTZ001
        "unit": None if kind.startswith("person.") else ("north", "south")[pick["unit"]],
        "episode": None if kind in NO_EPISODE else EPISODES[pick["episode"]],
        "code": codes[pick["code"] % len(codes)],
        "value": _score(kind, pick),
        "amount_ore": (100, -5)[pick["other"]] if kind in MONEY else None,
        "fields": fields[pick["field"] % len(fields)] or None,
        "attributes": ATTRIBUTES[pick["attribute"]],
        "effort": EFFORTS[pick["effort"]],
    }


def _score(kind: str, pick: dict[str, int]) -> float | None:
    if kind in SCORES:
        return SCORES[kind][(pick["value"] + 3 * pick["other"]) % len(SCORES[kind])]
    return VALUES[pick["value"]] if kind == "employment.placement_started" else None


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:8])


numbers = st.integers(0, _size(_CHOICES) - 1)


def a_number(chance: random.Random) -> int:
    """The number of some event."""
    return chance.randrange(_size(_CHOICES))


def an_indicator_number(chance: random.Random) -> int:
    """The number of some indicator."""
    return chance.randrange(_size(_INDICATOR))


@st.composite
def timelines(draw: st.DrawFn, subjects: int = 4, events: int = 12) -> list[Event]:
    """Events of a few subjects, in no order."""
    drawn = draw(st.lists(st.lists(numbers, max_size=events), min_size=1, max_size=subjects))
    return [event_of(number, subject, place) for subject, line in enumerate(drawn) for place, number in enumerate(line)]


# --- indicators

PLACEMENT = {"event": "employment.placement_started"}
INDEXES: tuple[dict[str, Any], ...] = (
    {"event": "employment.benefit_started"},
    {"event": "employment.benefit_ended"},
    {"event": "employment.benefit_ended", "where": {"benefit": ["kontanthjaelp", "x"]}},
    {"event": "employment.benefit_ended", "where": {"reason": {"not": "job"}, "unit": "north"}},
    {"event": ["employment.placement_started", "case.opened"]},
    {"event": "education.completed", "where": {"attributes.age": {"min": 18}}},
    {"event": "education.enrolled"},
    {"event": "growth.moved_out"},
    {"event": "case.opened", "where": {"amount_ore": {"above": 0}}},
    {"event": "case.payment_received"},
    PLACEMENT,
)
EVERY: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"every": "first"},
    {"every": "first_after_gap", "gap": "P3D"},
    {"every": "first_after_gap", "gap": "P1M"},
)
STATES: tuple[dict[str, Any], ...] = (
    {"name": "employment"},
    {"name": "employment", "codes": ["ordinary"]},
    {"name": "employment", "where": {"hours_per_week": {"min": 30}}},
    {"name": "employment", "where": {"employer_sector": {"missing": True}}},
    {"name": "education", "codes": ["vocational"], "where": {"programme": "a's/b"}},
    {"name": "education"},
    {"name": "resident"},
    {"name": "benefit", "where": {"attributes.a/b~c": {"not": True}}},
    {"name": "case", "codes": ["fine", "permit"]},
)
MARKS: tuple[list[Any], ...] = (
    [],
    [],
    ["person.died"],
    ["person.died", "person.moved_away"],
    [{"event": "employment.placement_started", "where": {"hours_per_week": {"not": 37}}}],
    [{"event": ["person.observed_until", "growth.moved_out"]}],
    ["employment.benefit_ended", {"event": "person.observed_until", "where": {"reason": {"missing": False}}}],
    [{"event": "employment.benefit_ended", "where": {"benefit": {"starts_with": "kontant"}}}],
)
TARGETS: tuple[Any, ...] = (
    "employment.placement_started",
    {"event": "employment.placement_started", "where": {"hours_per_week": {"min": 30, "max": 37}}},
    ["education.completed", {"event": "case.closed", "where": {"decision": {"in": ["granted"]}}}],
    {"event": "employment.benefit_ended", "where": {"benefit": {"not_in": ["dagpenge"]}}},
    {"event": "case.payment_received", "where": {"amount_ore": 100}},
    {"event": ["growth.moved_out", "education.interrupted"]},
    {"event": "employment.benefit_ended", "where": {"attributes.age": {"below": 41}}},
)
SPANS = ("P0D", "P1D", "P3D", "P1W", "P1M", "P2M", "P1M3D")
HELD = ("P0D", "P1D", "P5D", "P1M", "P2M")
GAPS = ("P0D", "P1D", "P2D", "P1W", "P1M")
POPULATIONS: tuple[dict[str, Any], ...] = (
    {},
    {},
    {},
    {"where": {"attributes.age": {"min": 18, "below": 41.5}}},
    {"known": {"age": {"above": 17}}},
    {"known": {"age": {"not": 41}, "sex": {"missing": True}}},
    {"known": {"a/b~c": True}},
    {"in_state": [{"name": "resident"}]},
    {"in_state": [{"name": "employment", "codes": ["ordinary"]}], "not_in_state": [{"name": "education"}]},
    {"with_event": ["employment.benefit_started", {"event": "person.condition_recorded"}]},
    {"without_event": ["employment.placement_started", "employment.benefit_ended"], "within": "P1M"},
    {"with_event": [{"event": "employment.placement_ended", "where": {"form": {"ends_with": "job"}}}], "within": "P3D"},
)
MEASURES = ("fsiii:walking", "fsiii:walking", "fsiii:walking", "t_ils", "income", "payment", "support")
BASELINES: tuple[dict[str, Any], ...] = (
    {},
    {"from": "-P2M", "to": "P3D"},
    {"from": "-P1M", "to": "P0D", "which": "last"},
    {"from": "P0D", "to": "P5D", "which": "first"},
    {"from": "-P1M3D", "to": "P1M", "at": "-P1D", "measure": "income:2023"},
)
FOLLOW_UPS: tuple[dict[str, Any], ...] = (
    {"from": "P0D", "to": "P2M", "which": "last"},
    {"from": "P5D", "to": "P1M", "which": "first"},
    {"from": "P3D", "to": "P35D", "at": "P14D"},
    {"from": "P1D", "to": "P3M"},
    {"from": "P1M", "to": "P2M", "at": "P1M3D"},
)
BARS = (0.0, 0.3, 1.0, 60.0)
_INDICATOR = (("kind", 6), ("index", len(INDEXES)), ("every", len(EVERY)), ("state", len(STATES)), ("target", len(TARGETS)))
_INDICATOR += (("competing", len(MARKS)), ("censored", len(MARKS)), ("span", len(SPANS) + 1), ("held", len(HELD)), ("gap", len(GAPS)))
_INDICATOR += (("population", len(POPULATIONS)), ("valid", 6))
indicator_numbers = st.integers(0, _size(_INDICATOR) - 1)


def indicator_of(number: int, ident: str) -> dict[str, Any]:
    """The indicator that a number stands for, as it would stand in a catalogue."""
    pick = _decoded(number, _INDICATOR)
    result: dict[str, Any] = {
        "id": ident,
        "version": 1 + pick["held"],
        "name": ident,
        "index": INDEXES[pick["index"]] | EVERY[pick["every"]],
        "competing": MARKS[pick["competing"]],
        "censored_by": MARKS[pick["censored"]],
        "population": POPULATIONS[pick["population"]],
        "effect": {"unit": "record"},
    }
    if pick["valid"] == 1:
        result |= {"valid_from": "2024-01-30", "valid_to": "2024-02-29"}
    span = SPANS[pick["span"]] if pick["span"] < len(SPANS) else None
    if pick["kind"] == 0:
        answer = {"kind": "reached", "target": TARGETS[pick["target"]], "horizon": span or {"field": "deadline"}}
        return result | answer | {"same_episode": pick["gap"] % 2 == 1}
    if pick["kind"] == 1:
        return result | {"kind": "state_at", "state": STATES[pick["state"]], "horizon": span or {"field": "deadline"}}
    if pick["kind"] >= 3:
        return result | _measured(pick)
    stretch = {"begins_within": span or "P2D", "held": HELD[pick["held"]], "gap": GAPS[pick["gap"]]}
    return result | {"kind": "sustained", "state": STATES[pick["state"]]} | stretch


def _measured(pick: dict[str, int]) -> dict[str, Any]:
    """The keys of a change, an experienced or a reduction: picks of the other kinds, used anew."""
    follow_up = FOLLOW_UPS[pick["held"]]
    if pick["kind"] == 4:
        return {
            "kind": "experienced",
            "question": ("support", "support", "t_ils")[pick["gap"] % 3],
            "bar": (0.5, 0.75, 0.6)[pick["every"] % 3],
        } | {"follow_up": follow_up}
    if pick["kind"] == 5:
        service, by = (None, "care")[pick["gap"] % 2], (0.5, 1.0, 0.3)[pick["every"] % 3]
        return {"kind": "reduction", "service": service, "by": by, "follow_up": follow_up}
    measure = MEASURES[pick["target"] % len(MEASURES)]
    score = {"measure": measure, "baseline": BASELINES[pick["gap"]], "follow_up": follow_up}
    score |= {"minimal_important_change": BARS[pick["state"] % 4], "better": ("higher", "lower")[pick["state"] % 2]}
    as_index = {"index": EVERY[pick["every"]] | {"event": "rehabilitation.function_assessed"}} if pick["span"] % 2 else {}
    return {"kind": "change", "ordinal": pick["valid"] == 2, "not_relevant": [9] if pick["valid"] % 2 else []} | score | as_index


def catalogue_of(indicators: list[dict[str, Any]]) -> Catalogue:
    """The smallest catalogue with these indicators."""
    task = {"id": "task", "name": "task", "purpose": "purpose", "target_group": "group", "indicators": indicators}
    return Catalogue.model_validate({"municipality": {"id": "town", "name": "town"}, "core_tasks": [task]})


@st.composite
def catalogues(draw: st.DrawFn, indicators: int = 4) -> Catalogue:
    """A catalogue of a few indicators."""
    drawn = draw(st.lists(indicator_numbers, min_size=1, max_size=indicators))
    return catalogue_of([indicator_of(number, f"i{place}") for place, number in enumerate(drawn)])
