"""The pages: each turns one view into the values of its template. Nothing here knows of HTTP but the parameters it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from dashboard import changes, expected_page, findings
from dashboard.around import around_core_task, around_unit
from dashboard.attribution_rules import RULES, outside_units, rules_in, side_by_side
from dashboard.comparison import interval_chart, krone_chart, slope_chart
from dashboard.directory import ALL_UNITS, CoreTask, Indicator, Unit
from dashboard.errors import NotPublishedError
from dashboard.organisations import AS_IS, changes_of, in_organisation, table_of
from dashboard.queries import Row
from dashboard.reading import EXPLANATIONS
from dashboard.tables import count_rows, list_tables
from dashboard.time_to_effect import time_to_effect
from dashboard.views import (
    EVERY_LEVEL,
    MOST_CHART_ROWS,
    MOST_TABLE_ROWS,
    View,
    by_value,
    cohorts_in,
    lead_of,
    levels_in,
    usual_cohort,
    usual_level,
)

Context = dict[str, Any]
Known = TypeVar("Known")


@dataclass(frozen=True)
class Page:
    """One kind of page: its address, template, the parameters it takes besides `lang`, and what fills it."""

    path: str
    template: str
    parameters: tuple[str, ...]
    fill: Callable[..., Context]


def overview(view: View) -> Context:
    """Every core task with its purpose, target group, links, and its lead indicator in words."""
    rows, krone_rows = view.rows("effects_of_all"), view.rows("krone_of_all")
    tasks = [_task_summary(view, task, rows, krone_rows) for task in view.directory.core_tasks.values()]
    return {"tasks": tasks, "findings": findings.findings(view), "section": "overview"}


def _task_summary(view: View, task: CoreTask, rows: list[Row], krone_rows: list[Row]) -> Context:
    lead = lead_of(view.directory, task.id)
    links = [(view.directory.core_tasks[to], how) for to, how in task.links if to in view.directory.core_tasks]
    figure = _opening_figure(lead, rows, "share") if lead else None
    money = _opening_figure(lead, krone_rows, "effects_per_million") if lead else None
    return {"task": task, "lead": lead, "figure": figure, "krone": money, "links": links, "views": _views_of(view, task.id)}


def _views_of(view: View, core_task_id: str) -> Row | None:
    """The formal, performed and experienced core task of the whole municipality, in the widest cohort that shows one of them."""
    rows = view.rows("core_task_views") if view.snapshot.has("core_task_views") else []
    own = [row for row in rows if row["core_task_id"] == core_task_id]
    return next((row for row in own if row["performed"] is not None or row["experienced"] is not None), own[0] if own else None)


def _opening_figure(indicator: Indicator, rows: list[Row], figure: str) -> Row | None:
    if not indicator.computed:
        return None
    own = [row for row in rows if row["indicator_id"] == indicator.id and row["indicator_version"] == indicator.version]
    cohort = usual_cohort(own, figure)
    return next((row for row in own if row["cohort"] == cohort), None)


def core_task(view: View, core_task_id: str) -> Context:
    """One core task: what it is for, its indicators, its units and its outputs."""
    directory = view.directory
    task = _found(directory.core_tasks, core_task_id)
    rows = view.rows("effects_of_all")
    indicators = [(indicator, _opening_figure(indicator, rows, "share")) for indicator in directory.indicators_of(task.id)]
    lead = lead_of(directory, task.id)
    return {
        **_task_summary(view, task, rows, view.rows("krone_of_all")),
        **around_core_task(view, task),
        "contributors": directory.contributors_to(task.id),
        "children": [child for child in directory.core_tasks.values() if child.parent == task.id],
        "indicators": indicators,
        "units": _lead_units(view, lead) if lead else None,
        "outputs": _outputs_in_all(view.rows("outputs_of_core_task", core_task_id=task.id)),
        "section": "overview",
        "trail": [(view.words.say(task.name), None)],
    }


def _lead_units(view: View, lead: Indicator) -> Context:
    version = {"indicator_id": lead.id, "version": lead.version}
    cohort = usual_cohort(view.rows("effect_cohorts", **version), "share")
    rows = [row for row in view.rows("effects_of_indicator", **version, cohort=cohort) if row["unit_id"] != ALL_UNITS]
    by_level = [(level, by_value(_of_level(view, rows, level), "share")) for level in levels_in(rows, view.directory)]
    shown = [(level, row) for level, own in by_level for row in own]
    return {"rows": shown[:MOST_TABLE_ROWS], "n_rows": len(shown), "cohort": cohort, "lead": lead}


def _of_level(view: View, rows: list[Row], level: str) -> list[Row]:
    return [row for row in rows if view.directory.level_of(row["unit_id"]) == level]


def _outputs_in_all(rows: list[Row]) -> list[Row]:
    """The outputs of all units and periods: the publication's own row for the whole where it has one, else the sum."""
    sums: dict[str, Row] = {}
    for output_id in dict.fromkeys(row["output_id"] for row in rows):
        own = [row for row in rows if row["output_id"] == output_id]
        sums[output_id] = _whole(own) or {"output_id": output_id, **_summed(own)}
    return list(sums.values())


def _whole(rows: list[Row]) -> Row | None:
    return next((row for row in rows if row["unit_id"] == ALL_UNITS and row["period"] == "all"), None)


def _summed(rows: list[Row]) -> Row:
    whole_units = [row for row in rows if row["unit_id"] == ALL_UNITS] or rows
    counted = [row for row in whole_units if row["period"] == "all"] or whole_units
    sums: Row = {}
    for name in ("events", "minutes", "participants"):
        values = [row[name] for row in counted if row.get(name) is not None]
        # a sum over parts of which one is hidden would give the hidden one away, or be wrong
        sums[name] = sum(values) if len(values) == len(counted) else None
    sums["state"] = (
        "final" if sums["events"] is not None else next((row["state"] for row in counted if row.get("events") is None), "missing")
    )
    return sums


def indicator(view: View, indicator_id: str) -> Context:
    """One indicator across units: shares with intervals beside the output counts, and all the counts behind."""
    found = _found(view.directory.indicators, indicator_id)
    rows, choice = _across_units(view, found, "effect", "share")
    choice |= _at_level(view, rows, "share")
    shown, whole = choice.pop("shown"), choice.pop("whole")
    outputs = _outputs_beside(view, found, choice["cohort"]) if choice["organisation"] != AS_IS else {}
    return {
        **choice,
        **_indicator_frame(view, found, "units"),
        "rows": shown,
        "whole": whole,
        "outputs": outputs,
        "chart": interval_chart(view, shown, whole, outputs),
        "with_expected": any(row.get("expected") is not None for row in shown[:MOST_CHART_ROWS]),
        "unit_changes": changes_of(view, shown),
        "reasons": view.words.reasons([*shown, *([whole] if whole else [])]),
    }


def _across_units(view: View, found: Indicator, kind: str, figure: str) -> tuple[list[Row], Context]:
    """One cohort's rows of an indicator in the chosen organisation, and the choices that led there.

    kind   effect or krone: which table
    """
    question, table = ("effects_of_indicator", "effect_by_unit") if kind == "effect" else ("krone_of_indicator", "effect_per_krone")
    version = {"indicator_id": found.id, "version": found.version}
    known = view.rows(f"{kind}_cohorts", **version) if found.computed else []
    cohorts = cohorts_in(known)
    cohort = view.chosen("cohort", cohorts, usual_cohort(known, figure))
    rows, organisation, organisations = in_organisation(view, question, table, **version, cohort=cohort)
    said = {"cohorts": cohorts, "cohort": cohort, "organisation": organisation, "organisations": organisations}
    return (rows if cohorts else []), {**said, "table": table_of(table, organisation)}


def _outputs_beside(view: View, found: Indicator, cohort: str) -> dict[str, Row]:
    asked = {"core_task_id": found.core_task, "cohort": cohort}
    rows = view.rows("ranks_of_core_task", **asked) if view.snapshot.has("output_vs_effect") else []
    beside = {row["unit_id"]: row for row in rows}
    counts = [row["outputs"] for row in beside.values()]
    if counts and None not in counts:  # with a hidden part the whole would give it away
        beside[ALL_UNITS] = {"outputs": sum(counts), "state": "final"}
    return beside


def _at_level(view: View, rows: list[Row], figure: str) -> Context:
    """Which level is shown, and the rows that follow from it, highest figure first."""
    levels = levels_in(rows, view.directory)
    level = view.chosen("level", EVERY_LEVEL, usual_level(rows, view.directory))
    shown = [row for row in rows if row["unit_id"] != ALL_UNITS and view.directory.level_of(row["unit_id"]) == level]
    return {
        "levels": [one for one in EVERY_LEVEL if one in (*levels, level)],
        "level": level,
        "shown": by_value(shown, figure),
        "whole": next((row for row in rows if row["unit_id"] == ALL_UNITS), None),
    }


def _indicator_frame(view: View, found: Indicator, tab: str) -> Context:
    task = view.directory.core_tasks.get(found.core_task)
    name = view.words.core_task(found.core_task)
    return {
        "indicator": found,
        "task": task,
        "tab": tab,
        "section": "overview",
        "trail": [(name, view.link(f"/core-tasks/{found.core_task}")), (view.words.say(found.name), None)],
    }


def krone(view: View, indicator_id: str) -> Context:
    """Effect per krone across units, and the kroner that stand outside the comparison."""
    found = _found(view.directory.indicators, indicator_id)
    rows, choice = _across_units(view, found, "krone", "effects_per_million")
    rules = rules_in(rows)
    known = RULES if choice["organisation"] == AS_IS else rules  # in today's organisation every effect stands at the lead unit
    rule = view.chosen("attribution", known, rules[0] if rules else "lead")
    rule = rule if rule in rules else "lead"
    choice |= _at_level(view, [row for row in rows if row["attribution"] == rule], "effects_per_million")
    shown, whole = choice.pop("shown"), choice.pop("whole")
    by_rule = side_by_side(view, rows, choice["cohort"], choice["level"])
    return {
        **choice,
        **_indicator_frame(view, found, "krone"),
        "rules": rules,
        "rule": rule,
        "rows": shown,
        "whole": whole,
        "price_year": next((row["price_year"] for row in rows if row.get("price_year")), None),
        "chart": krone_chart(view, shown, whole),
        "units_by_rule": by_rule,
        "outside": outside_units(view, found.id, found.version, choice["cohort"]) if choice["organisation"] != AS_IS else [],
        "unit_changes": changes_of(view, shown),
        "reasons": view.words.reasons(
            [*shown, *([whole] if whole else []), *(row for one in by_rule for row in one.by_rule.values())], "long.missing_cost"
        ),
        "unplaced": view.rows("unplaced_cost") if view.snapshot.has("cost_by_unit") else [],
    }


def ranks(view: View, core_task_id: str) -> Context:
    """Output beside effect: the same unit's rank by both."""
    task = _found(view.directory.core_tasks, core_task_id)
    known = view.rows("ranks_cohorts", core_task_id=task.id)
    cohorts = cohorts_in(known)
    cohort = view.chosen("cohort", cohorts, usual_cohort(known, "effect_rank"))
    shown = view.rows("ranks_of_core_task", core_task_id=task.id, cohort=cohort)
    lead = next((row["indicator_id"] for row in shown if row.get("indicator_id")), None)
    return {
        "task": task,
        "indicator": view.directory.indicators.get(lead or ""),
        "cohorts": cohorts,
        "cohort": cohort,
        "rows": shown,
        "chart": slope_chart(view, shown),
        "reasons": view.words.reasons(shown, "long.missing_cost"),
        "section": "overview",
        "tab": "ranks",
        "trail": [(view.words.say(task.name), view.link(f"/core-tasks/{task.id}")), (view.words.t("ranks.title"), None)],
    }


def expected(view: View, indicator_id: str) -> Context:
    """Expected and observed: each unit against what its own citizens let expect."""
    found = _found(view.directory.indicators, indicator_id)
    return {**expected_page.expected(view, found), **_indicator_frame(view, found, "expected")}


def time(view: View, indicator_id: str) -> Context:
    """Time to effect: one unit's curve beside everybody's, with the numbers still followed."""
    found = _found(view.directory.indicators, indicator_id)
    return {**time_to_effect(view, found), **_indicator_frame(view, found, "time")}


def units(view: View) -> Context:
    """The organisation as a tree."""
    return {"tree": [_branch(view, unit, 0) for unit in view.directory.children(None)], "section": "units"}


def _branch(view: View, unit: Unit, depth: int) -> Context:
    below = view.directory.children(unit.id) if depth < 8 else []  # deeper than any organisation: a ring in the data
    return {"unit": unit, "below": [_branch(view, child, depth + 1) for child in below]}


def unit(view: View, unit_id: str) -> Context:
    """One unit: its core tasks with their effects, its outputs and its money."""
    effects = view.rows("effects_of_unit", unit_id=unit_id)
    found = view.directory.units.get(unit_id)
    outputs = view.rows("outputs_of_unit", unit_id=unit_id)
    cost = view.rows("cost_of_unit", unit_id=unit_id)
    if found is None and not (effects or outputs or cost):
        raise NotPublishedError("there is no such unit in this publication", "error.not_found")
    cohorts = cohorts_in(effects)
    cohort = view.chosen("cohort", cohorts, "all" if "all" in cohorts else (cohorts[0] if cohorts else "all"))
    krone_rows = view.rows("krone_of_unit", unit_id=unit_id)
    path = view.directory.path(unit_id)
    return {
        **around_unit(view, unit_id, cohort),
        "unit_id": unit_id,
        "unit": found,
        "children": view.directory.children(unit_id) if found else [],
        "cohorts": cohorts,
        "cohort": cohort,
        "effects": _newest_versions(view, [row for row in effects if row["cohort"] == cohort]),
        "krone": {row["indicator_id"]: row for row in krone_rows if row["cohort"] == cohort and row["attribution"] == "lead"},
        "reasons": view.words.reasons([row for row in effects if row["cohort"] == cohort]),
        "outputs": _outputs_of_unit(outputs),
        "cost": cost,
        "section": "units",
        "trail": [(view.words.say(step.name), view.link(f"/units/{step.id}")) for step in path[:-1]] + [(view.words.unit(unit_id), None)],
    }


def _newest_versions(view: View, rows: list[Row]) -> list[Row]:
    """Computed indicators in their newest version; one that the publication does not describe is shown all the same."""
    known = view.directory.indicators
    described = [(known.get(row["indicator_id"]), row) for row in rows]
    return [row for found, row in described if found is None or (found.computed and found.version == row["indicator_version"])]


def _outputs_of_unit(rows: list[Row]) -> list[Row]:
    declared = {row["event_type"] for row in rows if row["core_task_id"] is not None}
    shown: list[Row] = []
    for task_id, output_id in dict.fromkeys((row["core_task_id"], row["output_id"]) for row in rows):
        own = [row for row in rows if (row["core_task_id"], row["output_id"]) == (task_id, output_id)]
        if task_id is None and own[0]["event_type"] in declared:
            continue  # the same things done, already shown under the catalogue's name
        whole = [row for row in own if row["period"] == "all"] or own
        shown.append({"core_task_id": task_id, "output_id": output_id, **_summed(whole)})
    return shown


def quality(view: View) -> Context:
    """What the figures rest on: sources, the gate's verdict, the ledger, and how many cells can be shown."""
    rows = view.rows("data_quality") if view.snapshot.has("data_quality") else []
    ledger = view.rows("ledger_reconciliation") if view.snapshot.has("ledger_reconciliation") else []
    return {
        "sources": [row for row in rows if row["check"] == "events"],
        "feeds": [row for row in rows if row["check"] == "feed"],
        "faults": [row for row in rows if row["check"] not in ("events", "feed") and row.get("n")],
        "checked": len({row["check"] for row in rows} - {"events", "feed"}),
        "ledger": ledger,
        "balanced": all(row["difference_ore"] == 0 for row in ledger),
        "states": view.rows("cell_states"),
        "gate": view.snapshot.manifest.get("gate"),
        "held": view.snapshot.manifest.get("held_against"),
        "section": "quality",
    }


def tables(view: View) -> Context:
    """Every table with its columns, what they mean, and how to fetch it."""
    listed = [(table, count_rows(view.snapshot, table, {})) for table in list_tables(view.snapshot)]
    return {"tables": listed, "section": "tables"}


def reading(view: View) -> Context:
    """Short explanations of the words on the pages."""
    place = 1 if view.language == "en" else 0
    return {"explanations": [(term[place], meaning[place]) for term, meaning in EXPLANATIONS], "section": "reading"}


def _found(names: dict[str, Known], wanted: str) -> Known:
    if wanted not in names:
        raise NotPublishedError("there is no such page in this publication", "error.not_found")
    return names[wanted]


PAGES = (
    Page("/", "overview.html", (), overview),
    Page("/core-tasks/{core_task_id}", "core_task.html", (), core_task),
    Page("/core-tasks/{core_task_id}/ranks", "ranks.html", ("cohort",), ranks),
    Page("/indicators/{indicator_id}", "indicator.html", ("cohort", "level", "organisation"), indicator),
    Page("/indicators/{indicator_id}/krone", "krone.html", ("cohort", "level", "attribution", "organisation"), krone),
    Page("/indicators/{indicator_id}/time", "time.html", ("cohort", "unit"), time),
    Page("/indicators/{indicator_id}/expected", "expected.html", ("cohort", "level", "limits"), expected),
    Page("/kroner", "kroner.html", (), findings.kroner),
    Page("/changes", "changes.html", ("indicator", "unit", "rows"), changes.changes),
    Page("/units", "units.html", (), units),
    Page("/units/{unit_id}", "unit.html", ("cohort",), unit),
    Page("/quality", "quality.html", (), quality),
    Page("/tables", "tables.html", (), tables),
    Page("/reading", "reading.html", (), reading),
)
