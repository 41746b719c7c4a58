"""From milestones to effect records: the catalogue compiled into whole SQL statements, the same for a batch and for a rebuild.

The statements read `standing_event` (the columns of the store's `event`, corrections applied) and `touched_subject(subject_key)`, and
leave the effect records of the touched subjects in the view `fresh_effect` (the columns of `effect` less content hash, version and batch,
and `indicator_no`), with its keys in `verdict`, beside `indicator`; `CLEARING` takes all of it away again.
They never read the clock and know nothing of the order of arrival. How the deciding day is found: `docs/adr/0010-deciding-and-counting.md`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from models.catalogue import Catalogue, State
from outcomes.conditions import MISSING, Readable, Registry, field, filter_sql, holds, of_text, one_of, pointer, read, where_sql
from outcomes.definition_tables import TABLES, definition_tables
from outcomes.kinds import KINDS, MEASURED_KINDS
from outcomes.measures import condition, number, types_of
from outcomes.plan import Plan, plan
from outcomes.sql_texts import filled, literal, sql

WORK_TABLES = (
    *("told", "fallen", "episode", "start_of", "ended", "hit", "due", "state_episode", "island", "run_part", "run"),
    *("index_event", "mark_day", "next_mark", "past_day", "known", "unmet", "verdict", "proof", "contribution"),
    *("measurement", "measure_asked", "baseline_reading", "follow_up_reading", "reading"),
)
WORK_VIEWS = ("fresh_effect", "plain_effect", "decision", "counted", "milestone", "reading_candidate")
MEASURING = ("measure_asked", "reading_candidate", "baseline_reading", "follow_up_reading", "reading")
"""The statements that find the numbers of measured kinds, in order."""

CLEARING = "\n".join(
    [f"DROP VIEW IF EXISTS temp.{name};" for name in WORK_VIEWS]
    + [f"DROP TABLE IF EXISTS temp.{name};" for name in (*TABLES, *WORK_TABLES)]
)
"""Drops everything that the statements make: they hold as much memory as the subjects had events."""


READ_OF_STARTS = {f"from_{column}" for column in ("code", "value", "amount_ore", "episode", "fields", "attributes")}


@dataclass(frozen=True)
class Translation:
    """A catalogue's translated indicators as SQL.

    milestone_types   event types that some indicator looks at: an event of another type changes no outcome
    reads_attributes  some population asks what was known of a subject: then attributes on an event of any type matter
    """

    texts: tuple[str, ...]
    milestone_types: frozenset[str]
    reads_attributes: bool

    def statements(self) -> tuple[str, ...]:
        """The statements in the order in which they are run, on one connection, in the caller's transaction.

        `standing_event` says of whom; the text is the same for a batch and for everybody.
        """
        return self.texts

    @property
    def clearing(self) -> str:
        """Run when the records have been read: takes away everything that the statements made."""
        return CLEARING


def compile_translation(catalogue: Catalogue, event_types: Mapping[str, Readable]) -> Translation:
    """Compile every indicator of a catalogue that follows subjects; `event_types` is the register, by `family.fact`.

    raises   KeyError for an event type or state that the register does not have (the catalogue's reader has checked that)
             ValueError for a text that no SQL literal can hold
    """
    asked = plan(catalogue)
    numbers = _type_numbers(asked, event_types)
    texts = definition_tables(asked, event_types, numbers) + _timeline(asked, event_types, numbers) + _population(asked) + _answers(asked)
    return Translation(
        texts=tuple(texts),
        milestone_types=frozenset(numbers),
        reads_attributes=bool(asked.past_known),
    )


def _type_numbers(asked: Plan, registry: Registry) -> dict[str, int]:
    """The types that some indicator looks at, numbered: those of its filters, and all that open or close a state that matters."""
    named = {name for _, wanted in asked.filters for name in wanted.event}
    named |= {name for _, measure in asked.measures for name in types_of(measure, registry)}
    states = ({state.name for _, state in asked.states} | {registry[name].state or "" for name in named}) - {""}
    missing = sorted(states - {one.state for one in registry.values() if "start" in one.reads_as})
    if missing:
        raise KeyError(f"no event type opens the state {missing[0]}")
    named |= {name for name, one in registry.items() if one.state in states and {"start", "end"} & set(one.reads_as)}
    return {name: number for number, name in enumerate(sorted(named), start=1)}


# --- the timeline: what stands, which filters it passes, which states hold


def _timeline(asked: Plan, registry: Registry, numbers: Mapping[str, int]) -> list[str]:
    unnamed = any(registry[name].state and registry[name].episode is None for name in numbers)
    starts = [sql("fallen"), sql("episode"), sql("start_of")]
    starts += [sql("episode_unnamed"), sql("start_of_unnamed")] if unnamed else []
    texts: list[str] = []
    hits = [filled("hit", no=str(no), condition=filter_sql(wanted, registry, numbers)) for no, wanted in asked.filters]
    hits = hits or [filled("hit", no="0", condition="false")]
    texts.append(_all_of("hit", hits))
    dues = [_due(no, name, registry[kind], registry, numbers) for no, (name, kinds) in asked.dues for kind in kinds]
    texts.append(_all_of("due", dues or [filled("due", no="0", field="NULL", condition="false")]))
    states = [_state(no, state, registry, numbers) for no, state in asked.states]
    texts.append(_all_of("state_episode", states))
    texts += [sql("island")] if asked.states.things else []
    texts += [sql("run"), sql("run_whole")] if asked.runs.things else []
    measured = [
        filled("measurement", no=str(no), number=number(measure, registry), condition=condition(measure, registry, numbers))
        for no, measure in asked.measures
    ]
    texts.append(_all_of("measurement", measured))
    conditions = [*hits, *dues, *states, *measured]
    named = {word for text in conditions for word in re.findall(r"\w+", text)}
    milestones = filled("milestone", reads_starts=literal(bool(named & READ_OF_STARTS)))
    return [_told(asked, named), *starts, milestones, *(text for text in texts if text)]


def _told(asked: Plan, named: set[str]) -> str:
    """The events, with those of their columns that some condition names."""
    return filled(
        "told",
        reads_amounts=literal("amount_ore" in named),
        reads_fields=literal("fields" in named),
        reads_attributes=literal("attributes" in named or bool(asked.past_known)),
    )


def _all_of(name: str, selects: list[str]) -> str:
    """One statement that makes a table of several whole files' selects; empty where there are none."""
    return f"CREATE OR REPLACE TEMP TABLE {name} AS\n" + "UNION ALL\n".join(selects) + ";" if selects else ""


def _due(no: int, name: str, event_type: Readable, registry: Registry, numbers: Mapping[str, int]) -> str:
    return filled("due", no=str(no), field=field(event_type, name, registry).text, condition=f"type_no = {numbers[event_type.name]}")


def _state(no: int, state: State, registry: Registry, numbers: Mapping[str, int]) -> str:
    """The select of one state: over all types that open it, each read in its own way."""
    tests = []
    for name in numbers:
        opening = registry[name]
        if opening.state == state.name and "start" in opening.reads_as:
            code = read(opening, _code_field(opening)) if state.codes else None
            codes = one_of(code or MISSING, state.codes) if state.codes else "true"
            tests.append(f"(type_no = {numbers[name]} AND {codes} AND {where_sql(opening, state.where, registry)})")
    return filled("state_episode", no=str(no), condition=" OR ".join(tests))


def _code_field(event_type: Readable) -> str:
    return next((name for name, column in event_type.columns.items() if column == "code"), "")


# --- populations and answers


def _population(asked: Plan) -> list[str]:
    texts = [sql("index_event"), sql("unmet")]
    texts += [sql("unmet_where")] if asked.own_fields else []
    texts += [sql("past_day"), sql("unmet_event")] if asked.past_events else []
    texts += [sql("unmet_state")] if asked.past_states else []
    if asked.past_known:
        facts = [
            filled(
                "known",
                no=str(no),
                attribute=f"json_extract_string(e.attributes, {pointer(name)})",
                condition=holds(of_text("told"), condition),
            )
            for no, (name, condition) in asked.known
        ]
        texts += [_all_of("known", facts), sql("unmet_known")]
    return texts


def _answers(asked: Plan) -> list[str]:
    texts = [sql("mark_day"), sql("next_mark")]
    texts += [sql("next_mark_own")] if asked.own_pairs.things else []
    texts += [sql("counted"), sql("verdict")]
    measured = asked.kinds & set(MEASURED_KINDS)
    texts += [sql(step) for step in MEASURING] if measured else []
    texts += [sql("reading_amount")] if "reduction" in measured else []
    texts += [sql(file) for kind, file in KINDS.items() if kind in asked.kinds]
    texts += [sql("decision"), sql("proof")]
    texts += [sql("proof_island")] if any(row[0] for row in asked.stretches.things) else []
    texts += [sql("proof_run")] if asked.runs.things else []
    texts += [sql("contribution"), sql("fresh_effect")]
    texts += [sql("measured_effect")] if measured else []
    return texts
