"""A comparison of two publications as tables for a terminal."""

from collections.abc import Iterator
from decimal import Decimal

from rich.console import RenderableType
from rich.table import Table

from pipelines.compare import Comparison
from pipelines.compared import A_FEW, CAUSES, MEASURES, NOT_REPRODUCED, Change

CAUSE_WORDS = {
    "new_events": "new events", "corrections": "corrections", "ledger": "ledger", "organisation": "organisation",
    "definitions": "definitions", "prices": "prices", "time": "time passing", NOT_REPRODUCED: "cannot be reproduced",
}  # fmt: skip
MEASURE_WORDS = {
    "achieved": "effects", "denominator": "of", "share": "share", "cost_ore": "cost, kr.", "effects_per_million": "effects per million kr.",
}  # fmt: skip
ORE_PER_KRONE = 100


def tables_of(found: Comparison, limit: int) -> Iterator[RenderableType]:
    """What happened in between, the totals by cause, and the changed figures, the largest change first."""
    yield f"{found.before.name} (as of {found.before.as_of}) -> {found.after.name} (as of {found.after.as_of})"
    if found.not_split:
        yield f"Not split by cause: {found.not_split}."
    if not found.changes:
        yield "No figure changed."
        return
    yield from _few_persons(found)
    yield _events(found)
    yield _table("All units and cohorts together", found.totals())
    yield _table(f"Changed figures: {min(limit, len(found.changes))} of {len(found.changes)}", found.changes[:limit])


def _few_persons(found: Comparison) -> Iterator[str]:
    told = found.persons
    if told and told["few_changed"] is not None:
        yield (
            f"Of {told['compared']} cells in both, {told['few_changed']} differ by fewer than {told['k']} persons in a count that both"
            f" show, and {told['shown_before']} hide a count that the earlier shows."
        )


def _events(found: Comparison) -> RenderableType:
    table = Table(title="What lies between", title_justify="left")
    for heading in ("cause", "what", "figures"):
        table.add_column(heading)
    touched = found.figures_by_cause()
    for cause in CAUSES:
        what = [f"{n} {name}" for name, n in found.events.get(cause, {}).items()]
        if cause == "definitions":
            what += [f"{item['indicator_id']} {item['change']}" for item in found.definitions]
        if what or cause in touched:
            table.add_row(CAUSE_WORDS[cause], ", ".join(what), str(touched.get(cause, 0)))
    return table


def _table(title: str, changes: list[Change]) -> RenderableType:
    table = Table(title=title, title_justify="left")
    for heading in ("unit", "indicator", "cohort", "figure", "before", "after", "change", "of which"):
        table.add_column(heading, justify="right" if heading in ("before", "after", "change") else "left")
    for change in changes:
        for row in _rows(change):
            table.add_row(change.unit_id, change.indicator_id, change.cohort, *row)
    return table


def _rows(change: Change) -> Iterator[tuple[str, str, str, str, str]]:
    why = ", ".join(CAUSE_WORDS[cause] for cause in change.causes)
    if change.hidden == A_FEW:
        yield "effects", "", "", A_FEW, why
    elif change.hidden:
        yield "effects", change.state_before or "not there", change.state_after or "not there", "hidden", why
    for measure in MEASURES:
        before, after = change.before.get(measure), change.after.get(measure)
        if before != after:
            difference = _number(measure, after - before, "+") if before is not None and after is not None else ""
            yield MEASURE_WORDS[measure], _number(measure, before), _number(measure, after), difference, _parts(change, measure) or why


def _parts(change: Change, measure: str) -> str:
    if measure in change.appeared_by:
        return f"with {CAUSE_WORDS[change.appeared_by[measure]]}"
    return ", ".join(f"{CAUSE_WORDS[cause]} {_number(measure, part, '+')}" for cause, part in change.by_cause.get(measure, {}).items())


def _number(measure: str, value: Decimal | None, sign: str = "") -> str:
    if value is None:
        return "-"
    match measure:
        case "share":
            return f"{value * 100:{sign}.1f} %"
        case "cost_ore":
            return f"{value / ORE_PER_KRONE:{sign},.0f}"
        case "effects_per_million":
            return f"{value:{sign}.2f}"
        case _:
            return f"{value:{sign},.0f}"
