"""Numbers that events state of a subject, as the kinds change, experienced and reduction ask for them: measures and windows.

A measure is named as the events' contract names it. Which events can say it follows from the register; a number that is missing, or a
rating on a scale without width, is no measurement.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from models.catalogue import Change, Experienced, Reduction, Window
from outcomes.conditions import Readable, Registry, read
from outcomes.sql_texts import Value, literal

Reads = Literal["score", "rating", "amount"]
MeasuredIndicator = Change | Experienced | Reduction

BY_PERIOD = ("income", "absence")
"""Measures whose name goes on with a period: alone they mean every period."""

RATED = "experience.rated"


@dataclass(frozen=True)
class Measure:
    """One number that is asked for: how it reads, and under which name (amounts: the service, None for all)."""

    reads: Reads
    name: str | None


def measures_of(indicator: MeasuredIndicator) -> tuple[Measure | None, Measure]:
    """The measure at baseline (None where the kind has none) and at follow-up."""
    match indicator:
        case Change():
            baseline, follow_up = indicator.baseline.measure, indicator.follow_up.measure
            return Measure("score", baseline or indicator.measure), Measure("score", follow_up or indicator.measure)
        case Experienced():
            return None, Measure("rating", indicator.question)
        case Reduction():
            return Measure("amount", indicator.service), Measure("amount", indicator.service)


def types_of(measure: Measure, registry: Registry) -> list[str]:
    """The event types that can state a measure, sorted."""
    if measure.reads == "rating":
        return [RATED]
    reading = "amount" if measure.reads == "amount" else "measure"
    return sorted(name for name, one in registry.items() if reading in one.reads_as and "unit" not in one.reads_as)


def condition(measure: Measure, registry: Registry, numbers: Mapping[str, int]) -> str:
    """SQL over one row of `milestone`: it states this measure, and as a number."""
    of_types = "type_no IN (" + ", ".join(str(numbers[name]) for name in types_of(measure, registry)) + ")"
    return f"{of_types} AND {_named(measure)} AND isfinite({number(measure, registry)})"


def _named(measure: Measure) -> str:
    if measure.name is None:
        return "true"
    if measure.reads == "score" and measure.name in BY_PERIOD:
        return f"coalesce(starts_with(code, {literal(measure.name + ':')}), false)"
    return f"coalesce(code = {literal(measure.name)}, false)"


def number(measure: Measure, registry: Registry) -> str:
    """SQL for the number: as stated, in oere for money; a rating on its scale from 0 to 1."""
    if measure.reads != "rating":
        return "coalesce(value, amount_ore::DOUBLE)"
    low, high = (_field(registry[RATED], name) for name in ("scale_min", "scale_max"))
    return f"CASE WHEN {low} < {high} THEN (value - {low}) / ({high} - {low}) END"


def _field(event_type: Readable, name: str) -> str:
    found = read(event_type, name)
    if found is None:
        raise KeyError(f"{event_type.name} has no field {name}")
    return found.number


def window_row(window: Window) -> tuple[Value, ...]:
    """from_span, to_span, at_span and which of a window."""
    return (window.start, window.end, window.at, window.which)
