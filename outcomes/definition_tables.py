"""The numbered plan of a catalogue as small temporary tables, which the SQL files join instead of being written anew for each indicator."""

from collections.abc import Mapping

from outcomes.conditions import Registry
from outcomes.measures import types_of
from outcomes.plan import Numbered, Plan, Row
from outcomes.sql_texts import table

NUMBER, SPAN, FLAG, TEXT = "USMALLINT", "INTERVAL", "BOOLEAN", "VARCHAR"

EVENT_READING = {"type": TEXT, "type_no": NUMBER, "state_no": NUMBER, "id_field": TEXT}
EVENT_READING |= dict.fromkeys(("opens", "closes", "is_named", "is_point", "is_wanted", "is_index"), FLAG)
"""type_no, state_no: numbers for this translation; id_field: the data field that holds the episode id;
is_named: an episode id tells which start an end belongs to;
is_wanted: some filter asks for the type, not only a state; is_index: an effect can be counted from it."""

OF_INDEX = {"indicator_no": NUMBER, "index_set": NUMBER}
INDICATOR = {
    "indicator_no": NUMBER,
    "indicator_id": TEXT,
    "indicator_version": "INTEGER",
    "core_task_id": TEXT,
    "kind": TEXT,
    "index_set": NUMBER,
    "target_set": NUMBER,
    "competing_set": NUMBER,
    "censoring_set": NUMBER,
    "horizon": SPAN,
    "due_no": NUMBER,
    "state_ref": NUMBER,
    "run_ref": NUMBER,
    "stretch_ref": NUMBER,
    "held": SPAN,
    "gap": SPAN,
    "valid_from": "DATE",
    "valid_to": "DATE",
}
"""One row per translated indicator. horizon: from index to the last day that counts (for sustained: of the beginning), else due_no."""


MEASURE_WINDOW = {"indicator_no": NUMBER, "role": TEXT, "measure_no": NUMBER}
MEASURE_WINDOW |= {"from_span": SPAN, "to_span": SPAN, "at_span": SPAN, "which": TEXT}
MEASURE_BAR = {"indicator_no": NUMBER, "sign": "TINYINT", "bar": "DOUBLE", "by_share": "DOUBLE"}
"""sign: 1 where higher is better, -1 where lower is; bar: least change for the better, or least rating; by_share: of a reduction."""


def definition_tables(asked: Plan, registry: Registry, numbers: Mapping[str, int]) -> list[str]:
    """The statements that make the tables; `numbers` are those of the event types that matter."""
    runs = [(run_ref, *asked.runs.things[run_ref - 1], no) for no, (_, run_ref) in asked.stretches if run_ref]
    return [
        table("event_reading", EVENT_READING, _readings(asked, registry, numbers)),
        table("indicator", INDICATOR, asked.indicators),
        table("index_set", {"index_set": NUMBER, "filter_no": NUMBER, "every": TEXT, "gap": SPAN}, _numbered(asked.index_sets)),
        table("mark_filter", {"mark_set": NUMBER, "filter_no": NUMBER}, [(no, one) for no, members in asked.mark_sets for one in members]),
        table("mark_pair", {"index_set": NUMBER, "mark_set": NUMBER}, asked.mark_pairs.things),
        table("own_pair", {"index_set": NUMBER, "mark_set": NUMBER}, asked.own_pairs.things),
        table("past_filter", {"filter_no": NUMBER}, list(dict.fromkeys((row[2],) for row in asked.past_events))),
        table("past_event", OF_INDEX | {"filter_no": NUMBER, "within_span": SPAN, "wanted": FLAG}, asked.past_events),
        table("past_state", OF_INDEX | {"state_ref": NUMBER, "wanted": FLAG}, asked.past_states),
        table("past_known", OF_INDEX | {"known_no": NUMBER, "met_if_none": FLAG}, asked.past_known),
        table("own_fields", OF_INDEX | {"filter_no": NUMBER}, asked.own_fields),
        table("measure_window", MEASURE_WINDOW, asked.windows),
        table("measure_bar", MEASURE_BAR, asked.bars),
        table("not_relevant", {"indicator_no": NUMBER, "score": "DOUBLE"}, asked.not_relevant),
        table("state_run", {"run_ref": NUMBER, "state_ref": NUMBER, "gap": SPAN, "held": SPAN, "stretch_ref": NUMBER}, runs),
        table("state_stretch", {"state_ref": NUMBER, "stretch_ref": NUMBER}, [(ref, no) for no, (ref, _) in asked.stretches if ref]),
    ]


TABLES = (
    *("event_reading", "indicator", "index_set", "mark_filter", "mark_pair", "own_pair"),
    *("past_filter", "past_event", "past_state", "past_known", "own_fields", "state_run", "state_stretch"),
    *("measure_window", "measure_bar", "not_relevant"),
)
"""Their names."""


def _numbered(things: Numbered[Row]) -> list[Row]:
    return [(no, *row) for no, row in things]


def _readings(asked: Plan, registry: Registry, numbers: Mapping[str, int]) -> list[Row]:
    states = {state: no for no, state in enumerate(sorted({registry[name].state or "" for name in numbers} - {""}), start=1)}
    wanted = {name for _, one in asked.filters for name in one.event}
    counted_from = {row[0] for row in asked.index_sets.things}
    index = {name for filter_no, one in asked.filters if filter_no in counted_from for name in one.event}
    wanted |= {name for _, measure in asked.measures for name in types_of(measure, registry)}
    rows: list[Row] = []
    for name, number in numbers.items():
        one = registry[name]
        opens, closes = "start" in one.reads_as, "end" in one.reads_as
        is_named = (opens or closes) and one.episode is not None
        state_no = states[one.state] if one.state and (opens or closes) else None
        rows.append((name, number, state_no, one.episode, opens, closes, is_named, "point" in one.reads_as, name in wanted, name in index))
    return rows
