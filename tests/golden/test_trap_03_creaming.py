"""Trap 3, creaming: the unit with the easy cases has the better crude share and is not better."""

import datetime as dt
from pathlib import Path

import pytest

from config.catalogue import load_catalogue
from models.errors import CatalogueError
from pipelines.mart import build_mart
from tests.factories_mart import Mart, StoreFile, catalogue, reached, strata_reference

INDEX = dt.date(2023, 1, 2)
CASE_MIX = [{"attribute": "need", "levels": ["easy", "hard"]}]
RATES = {"easy": (1000, 600), "hard": (1000, 200)}
UNITS = {"E": {"easy": (80, 44), "hard": (20, 3)}, "H": {"easy": (20, 13), "hard": (80, 20)}}


def mart_of(tmp_path: Path, k: int = 1) -> Mart:
    store = StoreFile(tmp_path / "store.duckdb")
    for unit, strata in UNITS.items():
        for level, (n, achieved) in strata.items():
            for number in range(n):
                store.effect("achieved" if number < achieved else "not_achieved", INDEX, 100 if number < achieved else 365, unit=unit)
                told = INDEX - dt.timedelta(days=30)
                store.event("person.condition_recorded", told, subject=f"p:{store.effects:08x}", attributes={"need": level})
    described = catalogue(
        indicators=[reached(case_mix=CASE_MIX, expected="ref")], references=[strata_reference(RATES)], municipality={"k": k}
    )
    target = tmp_path / "mart.duckdb"
    build_mart(store.save(), described, target, dt.date(2025, 1, 1))
    return Mart(target)


def test_crude_shares_mislead_and_the_ratios_cannot_be_told_from_expected(tmp_path: Path) -> None:
    mart = mart_of(tmp_path)
    easy, hard = mart.cell("E"), mart.cell("H")
    assert (easy["share"], hard["share"]) == pytest.approx((0.47, 0.33))
    assert (easy["expected"], hard["expected"]) == pytest.approx((52, 28))
    assert (easy["observed_over_expected"], hard["observed_over_expected"]) == pytest.approx((0.9038461538, 1.1785714286), rel=1e-9)
    assert (easy["oe_low"], easy["oe_high"]) == pytest.approx((0.6641121571, 1.2019237758), rel=1e-9)
    assert (hard["oe_low"], hard["oe_high"]) == pytest.approx((0.8112743419, 1.6551524739), rel=1e-9)
    assert {easy["verdict"], hard["verdict"]} == {"cannot be told from expected"}
    assert {easy["verdict_da"], hard["verdict_da"]} == {"kan ikke skelnes fra det forventede"}
    assert (easy["oe_method"], easy["reference_id"], easy["reference_version"]) == ("exact_poisson", "ref", 1)


def test_suppression_takes_the_expected_with_the_effects(tmp_path: Path) -> None:
    mart = mart_of(tmp_path, k=40)  # 33 effects are fewer than 40: nothing of H's effects is shown
    hidden = mart.cell("H")
    assert [hidden[name] for name in ("achieved", "expected", "observed", "observed_over_expected", "verdict")] == [None] * 5
    assert hidden["expected_state"] == "suppressed"
    row = mart.row("SELECT * FROM funnel WHERE unit_id = 'H' AND cohort = 'all'")
    shown = {name for name, value in row.items() if isinstance(value, float) or (isinstance(value, int) and name.startswith("oe_rank"))}
    assert (shown, row["state"]) == (set(), "suppressed")


ATTRIBUTES = """
attributes:
  - {name: need, meaning: Need, known: before}
  - {name: granted, meaning: Granted level, decided_by: unit}
"""


@pytest.mark.parametrize("covariate", ["granted", "benefit"])
def test_a_covariate_that_the_unit_decides_is_refused(tmp_path: Path, covariate: str) -> None:
    (tmp_path / "core_tasks").mkdir()
    (tmp_path / "municipality.yaml").write_text("id: town\nname: Town\n", encoding="utf-8")
    (tmp_path / "attributes.yaml").write_text(ATTRIBUTES, encoding="utf-8")
    (tmp_path / "core_tasks" / "work.yaml").write_text(
        "id: work\nname: Work\npurpose: In work\ntarget_group: Out of work\nindicators:\n"
        "  - id: job\n    name: Job\n    kind: reached\n    index: employment.benefit_ended\n    target: employment.placement_started\n"
        f"    horizon: P1Y\n    case_mix: [{{attribute: {covariate}}}]\n    expected: pool\n    effect: {{unit: job}}\n",
        encoding="utf-8",
    )
    with pytest.raises(CatalogueError, match=r"work\.yaml:12: indicators\[0\]\.case_mix\[0\]\.attribute|work\.yaml:12: case_mix|attribute"):
        load_catalogue(tmp_path)
