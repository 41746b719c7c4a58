"""Columns of one row of `comparison`: what stands on each side, and the difference."""

from typing import Any

import numpy as np

from models.catalogue import Comparison
from outcomes.differences import Difference
from pipelines.contrast_sides import SideFigures

Row = dict[str, Any]


def side_columns(name: str, side: SideFigures, *, hidden: bool, would_tell: bool) -> Row:
    """The columns of one side, `name` first.

    hidden      the row is suppressed
    would_tell  counts and figures of the side would tell those of a hidden unit; how many units there are tells nothing of persons
    """
    shown = {
        "records": None if side.hides_size else side.records, "pending": None if side.hides_size else side.pending, "counted": side.counted,
        "achieved": side.achieved, "units": side.units, "estimate": number(side.estimate),
        "low": number(side.low), "high": number(side.high),
        "deviation": number(side.deviation),
    }  # fmt: skip
    return {f"{name}_{column}": None if hidden or (would_tell and column != "units") else value for column, value in shown.items()}


def difference_columns(found: Difference | None) -> Row:
    """The difference with its limits and what they rest on."""
    if found is None:
        return {}
    return {
        "difference": number(found.estimate), "difference_low": number(found.low), "difference_high": number(found.high),
        "standard_error": number(found.standard_error), "degrees_of_freedom": number(found.degrees), "p_value": number(found.p_value),
    }  # fmt: skip


def side_name(comparison: Comparison, which: str) -> str:
    """What a side is called, or what makes it one."""
    side = comparison.treated if which == "treated" else comparison.control
    if side and side.name:
        return side.name.en
    if comparison.is_paired:
        return "afterwards" if which == "treated" else "at first"
    if comparison.change:
        late = "not yet" if comparison.design == "roll_out" else "before"
        return f"{comparison.change} introduced" if which == "treated" else f"{comparison.change}: {late}"
    if side is None:
        return "everybody else"
    parts = [f"units {', '.join(side.units)}"] if side.units else []
    parts += [", ".join(side.known)] if side.known else []
    parts += [", ".join(name for event in side.with_event for name in event.event)] if side.with_event else []
    return "; ".join(parts)


def number(value: float) -> float | None:
    """nan is how numpy says "no answer"; the mart says null."""
    return float(value) if np.isfinite(value) else None


def joined(*parts: str | None) -> str | None:
    """What is to be said, with semicolons; None where nothing is."""
    return "; ".join(part for part in parts if part) or None
