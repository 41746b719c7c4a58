"""A small published folder with every table, state and oddity a reader can meet, made from the tables' own description.

It is written as rows and not by the mart builder, so that the page can be tested against states that a demo would seldom show.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from pipelines.tables import BY_NAME, TABLES
from pipelines.views import create_views
from tests.factories_compared import funnel_rows, funnel_summary_rows, view_rows, write_example_changes

Row = dict[str, Any]
AS_OF = "2026-03-31"
NASTY = "<script>alert('x')</script>\"&"
"""A name as a careless or hostile source could send it."""
COHORTS: tuple[tuple[str, str | None, str | None], ...] = (
    ("all", None, None),
    ("2025-H2", "2025-07-01", "2025-12-31"),
    ("2025-H1", "2025-01-01", "2025-06-30"),
)
UNITS = (
    ("kommune", "Eksempelkøbing", "municipality", None),
    ("job", "Beskæftigelse", "administration", "kommune"),
    ("job-nord", "Jobcenter Nord", "institution", "job"),
    ("job-syd", "Jobcenter Syd", "institution", "job"),
    ("job-vest", "Jobcenter Vest", "institution", "job"),
    ("job-øst", "Jobcenter Øst med et meget langt navn til de smalle skærme", "institution", "job"),
    ("job-lille", "Lille Jobcenter", "institution", "job"),
    ("job-ny", "Nyt Jobcenter", "institution", "job"),
    ("job-gratis", "Jobcenter uden udgift", "institution", "job"),
    ("nasty", NASTY, "institution", "job"),
)
# unit: cohort size, achieved, not achieved, outputs, cost in kroner
FIGURES: dict[str, tuple[int, int, int, int, int]] = {
    "job-nord": (420, 260, 140, 9_800, 12_400_000),
    "job-syd": (380, 150, 210, 15_200, 9_900_000),
    "job-vest": (300, 170, 110, 7_100, 9_100_000),
    "job-øst": (260, 120, 120, 6_900, 8_000_000),
    "nasty": (210, 100, 100, 5_000, 7_000_000),
    "job-gratis": (90, 50, 35, 2_000, 0),
    "job-ny": (60, 0, 50, 1_200, 2_000_000),
}


def publish_example(
    published: Path,
    version: str = "v20260331T120000-abc123",
    *,
    invented: bool = True,
    k: int = 5,
    audience: dict[str, Any] | None = None,
) -> Path:
    """Write one version and make CURRENT name it; gives the published folder."""
    folder = published / version
    folder.mkdir(parents=True)
    rows = example_rows(version)
    write_mart(folder / "mart.duckdb", rows)
    write_example_changes(published, version)
    manifest = {
        "version": version,
        "snapshot_id": version,
        "as_of": AS_OF,
        "known_at": None,
        "published_at": "2026-04-01T04:00:12+00:00",
        "invented": invented,
        "municipality": {
            "id": "eksempel",
            "name": {"da": "Eksempelkøbing Kommune", "en": "Eksempelkøbing Municipality"},
            "currency": "DKK",
            "k": k,
        },
        "audience": audience,
        "definition_hash": "0123456789abcdef" * 4,
        "watermarks": {"urn:invented:job": "2026-03-30T22:00:00"},
        "gate": {"passed": True, "checks": 61, "failed": 0},
        "held_against": {"version": "v0", "k": k, "compared": 1200, "few_changed": 37, "shown_before": 2, "tables": {}},
        "tables": {name: {"rows": len(found)} for name, found in rows.items()},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (published / "CURRENT").write_text(version + "\n", encoding="utf-8")
    return published


def write_mart(path: Path, rows: dict[str, list[Row]]) -> None:
    """A new DuckDB file with every published table; tables without rows are there, and empty."""
    connection = duckdb.connect(str(path))
    for table in TABLES:
        connection.execute(table.ddl.replace('mart."', '"', 1))
        for column in table.columns:
            comment = column.comment.replace("'", "''")
            connection.execute(f'COMMENT ON COLUMN "{table.name}"."{column.name}" IS \'{comment}\'')
        names = [column.name for column in table.columns]
        for row in rows.get(table.name, []):
            unknown = set(row) - set(names)
            assert not unknown, f"{table.name} has no {unknown}"
            marks = ", ".join("?" for _ in row)
            connection.execute(f'INSERT INTO "{table.name}" ({", ".join(map(_quoted, row))}) VALUES ({marks})', list(row.values()))
    create_views(connection)
    connection.execute("CHECKPOINT")
    connection.close()


def _quoted(name: str) -> str:
    return f'"{name}"'


def example_rows(snapshot_id: str) -> dict[str, list[Row]]:
    """Every table's rows."""
    return {
        "dim_unit": [_unit(*unit) for unit in UNITS],
        "dim_core_task": list(_core_tasks()),
        "dim_indicator": list(_indicators()),
        "dim_output": [
            {
                "output_id": "conversations",
                "core_task_id": "work",
                "name": "Samtaler",
                "name_en": "Conversations",
                "event_type": "employment.conversation_held",
            }
        ],
        "effect_by_unit": list(_effects(snapshot_id)),
        "effect_by_unit_as_is": [row for row in _effects(snapshot_id) if row["unit_id"] != "job-ny"],
        "unit_change": list(_unit_changes()),
        "dim_break": list(_breaks()),
        "core_task_link": list(_links()),
        "effect_by_core_task": list(_together()),
        "work_conditions": list(_conditions()),
        "effect_curve": list(_curves()),
        "funnel": list(funnel_rows()),
        "funnel_summary": list(funnel_summary_rows()),
        "core_task_views": [*view_rows(), *_views()],
        "effect_per_krone": [*_krone(), *_krone_shared()],
        "effect_per_krone_as_is": list(_krone()),
        "attribution_by_unit": list(_outside()),
        "output_vs_effect": list(_ranks()),
        "output_by_unit": list(_outputs()),
        "cost_by_unit": list(_costs()),
        "ledger_reconciliation": [
            _of(
                "ledger_reconciliation",
                kind="actual",
                currency="DKK",
                ledger_ore=4_840_000_123,
                mapped_ore=4_640_000_000,
                unallocated_ore=150_000_123,
                unmapped_ore=50_000_000,
                difference_ore=0,
            )
        ],
        "data_quality": list(_quality()),
    }


def _of(table: str, **values: Any) -> Row:
    known = {column.name for column in BY_NAME[table].columns}
    return {name: value for name, value in values.items() if name in known}


def _unit(unit_id: str, name: str, level: str, parent: str | None) -> Row:
    return _of(
        "dim_unit", unit_id=unit_id, name=name, level=level, parent_id=parent, path=unit_id, valid_from=None, valid_to=None, declared=True
    )


def _core_tasks() -> Iterable[Row]:
    links = json.dumps(
        [{"to": "learning", "how": {"da": "Forældre i arbejde støtter skolegangen", "en": "Parents in work support schooling"}}]
    )
    texts = {
        "work": (
            "Uddannelse & beskæftigelse",
            "Education & work",
            "Borgere får og beholder et arbejde.",
            "Citizens find work and keep it.",
        ),
        "learning": ("Trivsel & læring", "Well-being & learning", "Børn trives og lærer.", "Children thrive and learn."),
    }
    for task, (name, name_en, purpose, purpose_en) in texts.items():
        yield _of(
            "dim_core_task",
            core_task_id=task,
            version=1,
            name=name,
            name_en=name_en,
            purpose=purpose,
            purpose_en=purpose_en,
            target_group="Voksne uden arbejde",
            target_group_en="Adults without work",
            prerequisites='["Arbejdsgivere, der ansætter"]',
            prerequisites_en='["Employers who hire"]',
            unit_id="job" if task == "work" else None,
            links=links if task == "work" else "[]",
        )


def _indicators() -> Iterable[Row]:
    shared = {
        "version": 1,
        "core_task_id": "work",
        "time_unit": "week",
        "beneficiary": '["citizen", "society"]',
        "evidence_level": "descriptive",
    }
    definition = {"id": "job_held", "breaks": [{"on": "2025-01-01", "why": {"da": "Ny lov", "en": "New law"}}], "note": None}
    yield _of(
        "dim_indicator",
        indicator_id="job_held",
        kind="sustained",
        computed=True,
        name="Job holdt i 26 uger",
        name_en="Job held 26 weeks",
        horizon="P26W",
        unit_of_effect="en borger i varigt arbejde",
        unit_of_effect_en="a citizen in lasting work",
        weight=1.0,
        direction="up",
        lead_for_cost=True,
        note="Deltid tæller med.",
        note_en="Part-time counts.",
        definition=json.dumps(definition),
        **shared,
    )
    yield _of(
        "dim_indicator",
        indicator_id="loneliness",
        kind="change",
        computed=False,
        name="Mindre ensomhed",
        name_en="Less loneliness",
        direction="down",
        lead_for_cost=False,
        definition="{}",
        **shared,
    )


def _cell(unit: str, cohort: tuple[str, str | None, str | None]) -> Row:
    name, start, end = cohort
    place = {"cohort": name, "cohort_start": start, "cohort_end": end}
    return {"unit_id": unit, "core_task_id": "work", "indicator_id": "job_held", "indicator_version": 1, **place}


def _effects(snapshot_id: str) -> Iterable[Row]:
    for cohort in COHORTS:
        part = {"all": 1.0, "2025-H2": 0.4, "2025-H1": 0.6}[cohort[0]]
        sizes = {unit: figures[:3] for unit, figures in FIGURES.items()}
        total = tuple(sum(figures[place] for figures in sizes.values()) for place in range(3))
        for unit, (size, achieved, failed) in {**sizes, "(all)": total, "kommune": total, "job": total}.items():
            yield _effect(unit, cohort, *(round(part * n) for n in (size, achieved, failed)), snapshot_id)
        empty = {"evidence_level": "descriptive", "as_of": AS_OF, "snapshot_id": snapshot_id, "hidden": None}
        yield _of("effect_by_unit", **_cell("job-lille", cohort), state="suppressed", reason="fewer than 5", **empty)
        yield _of(
            "effect_by_unit", **_cell("(unmatched)", cohort), state="missing", reason="nobody with a known result", cohort_size=12, **empty
        )


def _effect(unit: str, cohort: tuple[str, str | None, str | None], size: int, achieved: int, failed: int, snapshot_id: str) -> Row:
    young = cohort[0] == "2025-H2"
    pending = size if young else max(0, size - achieved - failed - 10)
    matured = size - pending
    denominator = 0 if young else achieved + failed
    share = achieved / denominator if denominator else None
    counts = {
        "achieved": 0 if young else achieved,
        "not_achieved": 0 if young else failed,
        "competing": 0,
        "censored": matured - denominator,
        "unmeasured": 0,
    }
    hidden = None
    if unit == "job-vest" and not young:
        counts["censored"], hidden = None, "censored"  # type: ignore[assignment]
    return _of(
        "effect_by_unit",
        **_cell(unit, cohort),
        cohort_size=size,
        pending=pending,
        matured=matured,
        denominator=denominator,
        share=share,
        share_low=None if share is None else max(0.0, share - 0.06),
        share_high=None if share is None else min(1.0, share + 0.06),
        share_method="wilson",
        estimate=0.31 if young else (share or 0.0) * 0.98,
        estimate_low=0.21 if young else max(0.0, (share or 0.0) - 0.08) or None,
        estimate_high=0.43 if young else min(1.0, (share or 0.0) + 0.05),
        estimate_method="aalen_johansen",
        evidence_level="descriptive",
        hidden=hidden,
        state="immature" if pending else "final",
        reason=None,
        as_of=AS_OF,
        snapshot_id=snapshot_id,
        **counts,
        **_beside_expected(unit, achieved, young=young),
    )


def _beside_expected(unit: str, achieved: int, *, young: bool) -> Row:
    """One unit does better than its citizens let expect; the others have no reference."""
    if unit != "job-nord" or young:
        return {"expected_state": "no_reference"}
    ratio = achieved / 205.0
    told = {"verdict": "more than expected", "verdict_da": "flere end forventet", "expected_state": "final", "oe_method": "exact_poisson"}
    return {"expected": 205.0, "observed_over_expected": ratio, "oe_low": ratio - 0.15, "oe_high": ratio + 0.16, **told}


def _curves() -> Iterable[Row]:
    for unit, reach in (("(all)", 0.55), ("job-nord", 0.66), ("job-syd", 0.42)):
        for time in range(27):
            share = reach * (1 - 0.9 ** max(0, time - 2))
            yield _of(
                "effect_curve",
                **_cell(unit, COHORTS[0]),
                time=time,
                time_unit="week",
                at_risk=round(400 * (1 - share)),
                events=4,
                competing=1,
                censored=None if time == 20 else 2,
                incidence=share,
                incidence_low=share * 0.9 or None,
                incidence_high=min(1.0, share * 1.1) or None,
                survival=1 - share,
                method="aalen_johansen",
                state="final",
            )
    yield _of("effect_curve", **_cell("job-lille", COHORTS[0]), time=0, time_unit="week", state="suppressed", reason="fewer than 5")


def _krone() -> Iterable[Row]:
    for cohort in COHORTS:
        for unit, (_, achieved, _, _, cost) in FIGURES.items():
            yield _krone_row(unit, cohort, achieved, cost)
        achieved, cost = (sum(figures[place] for figures in FIGURES.values()) for place in (1, 4))
        yield _krone_row("(all)", cohort, achieved, cost)
        hidden = {"attribution": "lead", "currency": "DKK", "price_year": 2026, "evidence_level": "descriptive"}
        yield _of("effect_per_krone", **_cell("job-lille", cohort), **hidden, state="suppressed", reason="fewer than 5")


def _krone_shared() -> Iterable[Row]:
    """The same effects in equal shares, where one third of those of Nord were made together with Syd."""
    for cohort in COHORTS[1:]:
        for unit, achieved in (("job-nord", 217), ("job-syd", 193)):
            yield {**_krone_row(unit, cohort, achieved, FIGURES[unit][4]), "attribution": "equal", "attribution_basis": "equal"}


def _outside() -> Iterable[Row]:
    for rule in ("lead", "equal"):
        line = {**_cell("(unclaimed)", COHORTS[2]), "attribution": rule, "role": "unclaimed", "basis": rule}
        yield _of("attribution_by_unit", **line, attributed_effects=12.0, share=12 / 850, state="final")


def _unit_changes() -> Iterable[Row]:
    yield _of("unit_change", unit_id="job-nord", changed_on="2025-06-30", change="took over", other_unit_id="job-ny")


def _breaks() -> Iterable[Row]:
    shared = {"core_task_id": "work", "indicator_version": 1, "break_on": "2025-01-01", "why": "Ny lov", "why_en": "New law"}
    yield _of("dim_break", indicator_id="job_held", **shared)


def _links() -> Iterable[Row]:
    place = {"from_core_task_id": "work", "to_core_task_id": "learning", "cohort": "all", "evidence_level": "descriptive"}
    figure = {"with_share": 0.6, "without_share": 0.5, "difference": 0.1, "difference_low": 0.02, "difference_high": 0.18}
    yield _of("core_task_link", **place, **figure, state="final")


def _together() -> Iterable[Row]:
    for unit, persons, achieved, several in (("(all)", 1_500, 900, 60), ("job-nord", 400, 260, 12)):
        share = achieved / persons
        figures = {"persons": persons, "achieved": achieved, "several": several, "share": share, "share_low": share - 0.03}
        yield _of("effect_by_core_task", core_task_id="work", unit_id=unit, cohort="all", **figures, share_high=share + 0.03, state="final")
    yield _of("effect_by_core_task", core_task_id="work", unit_id="job-lille", cohort="all", state="suppressed", reason="fewer than 5")


def _views() -> Iterable[Row]:
    place = {"core_task_id": "work", "unit_id": "job-nord", "cohort": "all"}
    shown = {"formal": 0.7, "performed": 0.65, "performed_low": 0.59, "performed_high": 0.71}
    yield _of("core_task_views", **place, **shown, experienced=None, experienced_state="suppressed", state="final")


def _conditions() -> Iterable[Row]:
    place = {"unit_id": "job-nord", "cohort": "all", "state": "final", "evidence_level": "descriptive"}
    for task in ("work", "learning"):  # the same answers beside the effect of each core task
        trust = {"measure": "social_capital:trust", "asked": "staff", "value": 0.62, "answers": 112}
        yield _of("work_conditions", **place, **trust, core_task_id=task)
        yield _of("work_conditions", **place, measure="time:documentation", asked="time", value=0.19, minutes=18_720.0, core_task_id=task)
    felt = {"measure": "involvement", "asked": "citizens", "value": 0.59, "value_low": 0.5, "value_high": 0.67}
    yield _of("work_conditions", **place, **felt, core_task_id="work")


def _krone_row(unit: str, cohort: tuple[str, str | None, str | None], achieved: int, cost: int) -> Row:
    shared = {**_cell(unit, cohort), "attribution": "lead", "currency": "DKK", "price_year": 2026, "evidence_level": "descriptive"}
    if cohort[0] == "2025-H2":
        return _of("effect_per_krone", **shared, state="immature", reason="some of the cohort are still followed")
    if not cost:
        return _of("effect_per_krone", **shared, attributed_effects=float(achieved), state="missing", reason="no booked cost")
    low, high = max(0.0, achieved - 12.0), achieved + 12.0
    bounded = achieved > 0
    return _of(
        "effect_per_krone",
        **shared,
        attributed_effects=float(achieved),
        effects_low=low,
        effects_high=high,
        cost_ore=100 * cost,
        effects_per_million=achieved / cost * 1e6,
        epm_low=low / cost * 1e6,
        epm_high=high / cost * 1e6,
        kroner_per_effect=cost / achieved if bounded else None,
        kpe_low=cost / high,
        kpe_high=cost / low if bounded else None,
        kpe_bounded=bounded,
        net_benefit_ore=100 * (150_000 * achieved - cost) if unit == "job-nord" else None,
        net_low_ore=100 * (150_000 * int(low) - cost) if unit == "job-nord" else None,
        net_high_ore=100 * (150_000 * int(high) - cost) if unit == "job-nord" else None,
        state="final" if bounded else "not_bounded",
        reason=None if bounded else "no effect seen",
    )


def _ranks() -> Iterable[Row]:
    costed = {unit: figures for unit, figures in FIGURES.items() if figures[4]}
    by_output = sorted(costed, key=lambda unit: -costed[unit][3] / costed[unit][4])
    by_effect = sorted(costed, key=lambda unit: -costed[unit][1] / costed[unit][4])
    for name, start, end in COHORTS:
        place = {"core_task_id": "work", "indicator_id": "job_held", "cohort": name, "cohort_start": start, "cohort_end": end}
        for unit, (_, achieved, _, outputs, cost) in costed.items():
            rank = 1 + by_effect.index(unit)
            figures = {
                "outputs_per_million": outputs / cost * 1e6,
                "output_rank": 1 + by_output.index(unit),
                "effects_per_million": achieved / cost * 1e6,
                "effect_rank": rank,
                "effect_rank_low": max(1, rank - 1),
                "effect_rank_high": min(len(costed), rank + 1),
                "outputs_per_effect": outputs / achieved if achieved else None,
            }
            known = figures if name != "2025-H2" else {}
            yield _of(
                "output_vs_effect", unit_id=unit, **place, outputs=outputs, coverage=0.9, state="final" if known else "immature", **known
            )
        yield _of("output_vs_effect", unit_id="job-gratis", **place, outputs=2_000, state="missing", reason="no booked cost")
        yield _of("output_vs_effect", unit_id="job-lille", **place, state="suppressed", reason="fewer than 5")


def _outputs() -> Iterable[Row]:
    for unit, (_, _, _, outputs, _) in FIGURES.items():
        for task, output in (("work", "conversations"), (None, "employment.conversation_held")):
            yield _of(
                "output_by_unit",
                unit_id=unit,
                core_task_id=task,
                output_id=output,
                event_type="employment.conversation_held",
                period="2025",
                period_start="2025-01-01",
                period_end="2025-12-31",
                events=outputs,
                minutes=outputs * 45.0,
                participants=None,
                state="final",
            )


def _costs() -> Iterable[Row]:
    shared = {
        "period": "2025",
        "period_start": "2025-01-01",
        "period_end": "2025-12-31",
        "kind": "actual",
        "currency": "DKK",
        "price_year": 2026,
    }
    for unit, (_, _, _, _, cost) in FIGURES.items():
        if cost:
            yield _of(
                "cost_by_unit",
                unit_id=unit,
                core_task_id="work",
                cost_class="direct",
                nominal_ore=96 * cost,
                fixed_ore=100 * cost,
                **shared,
            )
    yield _of(
        "cost_by_unit",
        unit_id="job",
        core_task_id="(unallocated)",
        cost_class="unallocated",
        nominal_ore=150_000_123,
        fixed_ore=None,
        **shared,
    )
    yield _of(
        "cost_by_unit",
        unit_id="(unmatched)",
        core_task_id="(unmapped)",
        cost_class="unmapped",
        nominal_ore=50_000_000,
        fixed_ore=None,
        **shared,
    )


def _quality() -> Iterable[Row]:
    yield _of(
        "data_quality",
        source="urn:invented:job",
        check="events",
        accepted=123_456,
        watermark="2026-03-30 22:00:00",
        lag_days=1,
        coverage=1.0,
        state="final",
    )
    yield _of(
        "data_quality",
        source="feed events.ndjson",
        check="feed",
        received=125_000,
        accepted=123_456,
        duplicates=1_400,
        conflicts=4,
        quarantined=144,
        erased=0,
        state="final",
    )
    yield _of("data_quality", source="=cmd|' /C calc'!A0", check="unmatched_end", n=3, unmatched=3, state="final")
