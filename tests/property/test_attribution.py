"""Over any organisation, effort and mergers: shares of one effect add up to one, and what is above holds what is below, exactly (I6)."""

import datetime as dt
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from outcomes.attribution import PARTS
from pipelines.mart import build_mart
from tests.factories_mart import Mart, StoreFile, catalogue

D = dt.date
UNITS = "ABCDEF"
CENTRES = ("north", "south")
DAYS = st.integers(0, 700).map(lambda days: D(2022, 1, 1) + dt.timedelta(days=days))

cases = st.tuples(
    DAYS,
    st.sampled_from(UNITS) | st.none(),
    st.sampled_from(["achieved", "achieved", "not_achieved", "competing", "censored"]),
    st.dictionaries(st.sampled_from(UNITS), st.integers(0, 400).map(float), max_size=5),
    st.integers(0, 8),
)
changes = st.tuples(DAYS, st.sampled_from(UNITS), st.sampled_from([*CENTRES, *UNITS]), st.booleans())


@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # a mart takes too long to shrink
@given(
    st.lists(cases, min_size=1, max_size=25),
    st.lists(changes, max_size=4),
    st.lists(st.sampled_from(CENTRES), min_size=6, max_size=6),
    st.none() | st.floats(0, 0.9),
)
def test_attributed_effects_add_up_at_every_level(told: list[Any], changed: list[Any], parents: list[str], own: float | None) -> None:
    mart = built(told, changed, parents, own)
    achieved = sum(outcome == "achieved" for _, _, outcome, _, _ in told)
    for (rule, cohort), rows in by_cohort(mart).items():
        whole = rows["(all)"]["own_parts"]
        if rows["(all)"]["state"] == "missing":  # nobody with a known answer: nothing is shared, and nothing is called zero
            assert whole is None
            continue
        assert sum(row["own_parts"] or 0 for unit, row in rows.items() if unit != "(all)") == whole, (rule, cohort)
        if cohort == "all":
            assert whole == achieved * PARTS
            assert rows["(all)"]["achieved"] == achieved
        if not changed:
            for centre in CENTRES:
                below = [
                    rows[unit]["own_effects"] or 0 for unit, parent in zip(UNITS, parents, strict=True) if parent == centre and unit in rows
                ]
                assert abs(sum(below) - (rows.get(centre, {}).get("attributed_effects") or 0)) < 1e-9
        held = [row for row in rows.values() if row["state"] == "final"]
        assert all(row["own_parts"] >= 0 and row["achieved"] <= rows["(all)"]["achieved"] for row in held)
    # Today's organisation holds the same cases as the one that was.
    whole = "SELECT cohort, cohort_size, achieved, censored FROM {} WHERE unit_id = '(all)' ORDER BY ALL"
    assert mart.rows(whole.format("effect_by_unit_as_is")) == mart.rows(whole.format("effect_by_unit"))
    for row in mart.rows(
        "SELECT k.attribution, k.cohort, sum(a.own_parts) AS parts, any_value(k.attributed_effects) AS units FROM attribution_by_unit AS a"
        " JOIN effect_per_krone AS k USING (indicator_id, cohort, attribution)"
        " WHERE k.unit_id = '(all)' AND k.attributed_effects IS NOT NULL"
        " AND a.unit_id NOT IN ('(all)', '(citizen)') GROUP BY ALL"
    ):
        assert abs(row["parts"] / PARTS - row["units"]) < 1e-9


def by_cohort(mart: Mart) -> dict[tuple[str, str], dict[str, dict[str, Any]]]:
    found: dict[tuple[str, str], dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in mart.rows("FROM attribution_by_unit"):
        found[row["attribution"], row["cohort"]][row["unit_id"]] = row
    return found


def built(told: list[Any], changed: list[Any], parents: list[str], own: float | None) -> Mart:
    with tempfile.TemporaryDirectory() as folder:
        store = StoreFile(Path(folder) / "store.duckdb")
        for on, unit, other, is_merger in changed:
            if is_merger and other in UNITS and other != unit:
                store.event("organisation.unit_merged", on, subject=unit, unit=unit, into=other)
            elif other != unit:
                store.event("organisation.unit_moved", on, subject=unit, unit=unit, parent=other)
        for on, unit, outcome, effort, person in told:
            store.effect(outcome, on, 10, unit=unit, resolves=30, contributors=effort, subject=f"p:{person:08x}")
        target = Path(folder) / "mart.duckdb"
        build_mart(store.save(), catalogue(units=organisation(parents), municipality=settings_of(own)), target, D(2025, 1, 1))
        return Mart(target)


def organisation(parents: list[str]) -> list[dict[str, Any]]:
    top = {"id": "top", "name": "Top", "level": "municipality"}
    centres = [{"id": centre, "name": centre, "level": "administration", "parent": "top"} for centre in CENTRES]
    return [top, *centres, *({"id": u, "name": u, "level": "department", "parent": p} for u, p in zip(UNITS, parents, strict=True))]


def settings_of(own: float | None) -> dict[str, Any]:
    return {"attribution": {"citizen": None if own is None else {"share": own, "source": "drawn"}, "least_cases": 2}}
