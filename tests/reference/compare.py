"""One catalogue and one set of events, translated by the SQL and by the reference."""

from typing import Any

from models.catalogue import Catalogue
from models.registry import EVENT_TYPES
from outcomes.translation import compile_translation
from tests.reference.evaluate import evaluate
from tests.reference.run_sql import Event, translate, translate_on


def expected(catalogue: Catalogue, events: list[Event]) -> list[dict[str, Any]]:
    """What the reference says, in the order in which `translate` answers."""
    records = [r for task, one in catalogue.indicators() for r in evaluate(events, one, task.id, EVENT_TYPES)]
    return sorted(records, key=lambda r: (r["indicator_id"], r["indicator_version"], r["index_key"]))


def differences(catalogue: Catalogue, events: list[Event], connection: Any = None) -> list[str]:
    """In words, where SQL and reference disagree; empty when they agree."""
    translation = compile_translation(catalogue, EVENT_TYPES)
    found = translate(translation, events) if connection is None else translate_on(connection, translation, events)
    wanted = expected(catalogue, events)
    by_key = {(r["indicator_id"], r["index_id"]): r for r in found}
    told = []
    if len(by_key) != len(found):
        told.append("the SQL gave more than one record for an index event")
    for record in wanted:
        other = by_key.pop((record["indicator_id"], record["index_id"]), None)
        place = f"{record['indicator_id']} {record['index_id']}"
        if other is None:
            told.append(f"{place}: no record from the SQL, reference: {record['outcome']}")
        elif other != record:
            told += [f"{place} {name}: SQL {other[name]}, reference {record[name]}" for name in record if other[name] != record[name]]
    return told + [f"{indicator} {index}: only from the SQL" for indicator, index in by_key]
