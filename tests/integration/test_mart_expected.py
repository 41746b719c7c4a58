"""Expected against observed through the store and the mart: what was known in time, pools, censoring, sums of times, fitted references."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import ConfigurationError
from models.reference import read_reference
from pipelines.mart import build_mart
from pipelines.reference_fit import FitRequest, fit_reference
from tests.factories_mart import Mart, StoreFile, catalogue, reached, strata_reference

D = dt.date
INDEX, AS_OF = D(2023, 1, 10), D(2026, 1, 1)
NEED = [{"attribute": "need", "levels": ["easy", "hard"]}]
RATES = {"easy": (100, 60), "hard": (100, 20)}


@pytest.fixture
def store(tmp_path: Path) -> StoreFile:
    return StoreFile(tmp_path / "store.duckdb")


def built(store: StoreFile, as_of: D = AS_OF, **parts: Any) -> Mart:
    target = store.path.parent / "mart.duckdb"
    target.unlink(missing_ok=True)
    build_mart(store.save(), catalogue(**parts), target, as_of)
    return Mart(target)


def person(store: StoreFile, *, achieved: bool, told: list[tuple[D, str]], unit: str = "A") -> None:
    number = 1_000_000 + store.effects  # no event of these stores is an index event unless a test says so
    store.effect("achieved" if achieved else "not_achieved", INDEX, 100 if achieved else 365, unit=unit, key=number)
    for on, level in told:
        store.event("person.condition_recorded", on, subject=f"p:{store.effects:08x}", attributes={"need": level})


def fit(store_file: Path, described: Any, method: Any = "strata", cohorts: tuple[str, ...] = ("all",), **rest: Any) -> Any:
    """Fit and read back what was written."""
    folder = store_file.parent / f"fit-{len(list(store_file.parent.iterdir()))}"
    folder.mkdir()
    target = folder / "ref.csv"
    request = FitRequest("job", method, cohorts, AS_OF, D(2026, 1, 2), id="ref", **rest)
    made = fit_reference(store_file.parent, described, request, target)
    reference, faults = read_reference(target.read_text(encoding="utf-8"))
    assert faults == []
    assert reference == made
    return reference


def test_the_newest_value_on_or_before_the_index_day_counts_and_the_index_event_comes_first(store: StoreFile) -> None:
    # Told easy long before, hard on the index day, easy again the day after: hard counts, 0.2 expected.
    person(store, achieved=False, told=[(D(2022, 1, 1), "easy"), (INDEX, "hard"), (D(2023, 1, 11), "easy")])
    # The index event itself says easy, though something else was told on the same day: 0.6.
    store.event("employment.benefit_ended", INDEX, subject="p:000000ff", unit="A", attributes={"need": "easy"}, spell_id="s")
    store.event("person.condition_recorded", INDEX, subject="p:000000ff", attributes={"need": "hard"})
    store.effect("achieved", INDEX, 100, subject="p:000000ff", key=store.events - 1)
    mart = built(store, indicators=[reached(case_mix=NEED, expected="ref")], references=[strata_reference(RATES)])
    assert mart.cell("A")["expected"] == pytest.approx(0.8)


def test_a_stratum_without_a_rate_counts_with_the_overall_rate_and_many_of_them_with_none(store: StoreFile) -> None:
    for number in range(40):
        person(store, achieved=number < 20, told=[(D(2022, 1, 1), "easy")] if number else [])
    for number in range(10):
        person(store, achieved=number < 5, told=[(D(2022, 1, 1), "easy")] if number > 3 else [], unit="B")
    mart = built(store, indicators=[reached(case_mix=NEED, expected="ref")], references=[strata_reference(RATES)])
    few, many = mart.cell("A"), mart.cell("B")
    assert few["expected"] == pytest.approx(39 * 0.6 + 0.4)
    assert few["expected_reason"] == "some records are of strata without a rate: they count with the overall rate"
    assert (many["expected"], many["expected_state"]) == (None, "no_reference")
    assert many["expected_reason"] == "too many records are of strata without a rate"


def test_without_a_reference_there_is_no_verdict_and_it_is_said_why(store: StoreFile) -> None:
    person(store, achieved=True, told=[])
    path = store.save()
    for number, (asked, said) in enumerate(((None, "names nothing to compare with"), ("absent", "which is not there yet"))):
        target = path.parent / f"{number}.duckdb"
        build_mart(path, catalogue(indicators=[reached(expected=asked)]), target, AS_OF)
        cell = Mart(target).cell("A")
        assert (cell["expected_state"], cell["verdict"], cell["expected"]) == ("no_reference", None, None)
        assert said in cell["expected_reason"]


def test_nothing_expected_has_no_ratio(store: StoreFile) -> None:
    person(store, achieved=True, told=[(D(2022, 1, 1), "easy")])
    mart = built(
        store, indicators=[reached(case_mix=NEED, expected="ref")], references=[strata_reference({"easy": (50, 0), "hard": (50, 10)})]
    )
    cell = mart.cell("A")
    assert (cell["expected"], cell["observed"], cell["observed_over_expected"], cell["expected_state"]) == (0, 1, None, "not_bounded")


UNITS = st.lists(st.tuples(st.sampled_from("ABCD"), st.sampled_from(["easy", "hard", None]), st.booleans()), min_size=1, max_size=40)


@given(UNITS)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_pool_expects_in_all_what_it_observed(
    tmp_path_factory: pytest.TempPathFactory, people: list[tuple[str, str | None, bool]]
) -> None:
    store = StoreFile(tmp_path_factory.mktemp("pool") / "store.duckdb")
    for unit, level, achieved in people:
        person(store, achieved=achieved, told=[(D(2022, 1, 1), level)] if level else [], unit=unit)
    path, described = store.save(), catalogue(indicators=[reached(case_mix=NEED, expected="pool")])
    target = path.parent / "mart.duckdb"
    build_mart(path, described, target, AS_OF)
    mart = Mart(target)
    rows = mart.rows("SELECT * FROM funnel WHERE cohort = 'all'")
    observed = sum(achieved for _, _, achieved in people)
    assert sum(row["expected"] or 0 for row in rows) == pytest.approx(observed, abs=1e-9)
    assert mart.cell()["expected"] == pytest.approx(observed, abs=1e-9)
    # A fitted reference of the same records expects the same, stratum by stratum.
    reference = fit(path, described)
    frozen = catalogue(indicators=[reached(case_mix=NEED, expected="ref")], references=[reference.model_dump()])
    build_mart(path, frozen, path.parent / "frozen.duckdb", AS_OF)
    assert Mart(path.parent / "frozen.duckdb").rows("SELECT unit_id, round(expected, 9) AS e FROM funnel ORDER BY 1, cohort") == mart.rows(
        "SELECT unit_id, round(expected, 9) AS e FROM funnel ORDER BY 1, cohort"
    )


def test_a_unit_can_be_left_out_of_its_own_pool(store: StoreFile) -> None:
    for unit, achieved in (("A", 9), ("B", 3)):
        for number in range(10):
            person(store, achieved=number < achieved, told=[], unit=unit)
    path = store.save()
    found = {}
    for leave in (False, True):
        target = path.parent / f"{leave}.duckdb"
        build_mart(path, catalogue(indicators=[reached(expected={"leave_one_out": leave})]), target, AS_OF)
        mart = Mart(target)
        found[leave] = [mart.cell(unit)["expected"] for unit in ("A", "B")]
        whole = mart.cell()
        assert (whole["expected_state"], whole["expected"]) == (("no_reference", None) if leave else ("final", pytest.approx(12)))
    assert found == {False: [pytest.approx(6), pytest.approx(6)], True: [pytest.approx(3), pytest.approx(9)]}


def test_a_sum_of_times_is_held_against_a_sum_of_times(store: StoreFile) -> None:
    for days in (2, 4, 6):
        store.effect("achieved", INDEX, days, unit="A")
    for days in (1, 7):
        store.effect("achieved", INDEX, days, unit="B")
    store.effect("not_achieved", INDEX, 365, unit="B")
    row = built(store, indicators=[reached(expected={"of": "time"})]).cell("A")
    assert (row["observed"], row["expected"]) == (12, pytest.approx(3 * 20 / 5))


def followed(store: StoreFile, unit: str, index_on: D, ends: list[tuple[str, int]]) -> None:
    for outcome, days in ends:
        store.effect(outcome, index_on, days, unit=unit, resolves=12)


@pytest.mark.parametrize("follow_up", ["incidence", "hazard"])
def test_under_censoring_everybody_counts_with_what_the_reference_says_of_his_own_follow_up(store: StoreFile, follow_up: str) -> None:
    cohort = [("achieved", 2), ("censored", 3), ("competing", 4), ("achieved", 5), ("censored", 6), ("achieved", 8), ("competing", 9)]
    followed(store, "A", D(2023, 1, 1), cohort + [("not_achieved", 12)] * 3)
    parts = {"horizon": "P12D", "competing": ["person.died"], "expected": {"reference": "ref", "follow_up": follow_up}}
    described = catalogue(indicators=[reached(**parts)])
    reference = fit(store.save(), described)
    # Aalen-Johansen's own figures of this cohort: 0.1, 0.2125 and 0.3475; Nelson-Aalen's: 1/10, + 1/7, + 1/5.
    rates = {row.time: row.rate for row in reference.strata}
    wanted = (0.1, 0.2125, 0.3475) if follow_up == "incidence" else (1 / 10, 1 / 10 + 1 / 7, 1 / 10 + 1 / 7 + 1 / 5)
    assert (rates[2], rates[5], rates[8]) == pytest.approx(wanted)
    second = StoreFile(store.path.parent / "later.duckdb")
    followed(second, "B", D(2023, 6, 1), [("achieved", 5), ("not_achieved", 12), ("not_achieved", 12)])
    frozen = catalogue(indicators=[reached(**parts)], references=[reference.model_dump()])
    build_mart(second.save(), frozen, store.path.parent / "mart.duckdb", D(2023, 6, 7))  # six days of follow-up for everybody
    cell = Mart(store.path.parent / "mart.duckdb").cell("B")
    own = np.array([wanted[1]] * 3)  # incidence: at the possible follow-up, day 6; hazard: own follow-up is day 5, 6 and 6
    assert (cell["observed"], cell["expected"]) == (1, pytest.approx(own.sum()))
    assert follow_up in cell["expected_method"]


def test_the_cumulative_hazard_expects_in_all_what_its_own_records_had(store: StoreFile) -> None:
    rng = np.random.default_rng(7)
    for number in range(120):
        outcome = ("achieved", "censored", "competing", "not_achieved")[rng.integers(4)]
        days = 30 if outcome == "not_achieved" else int(rng.integers(1, 30))
        store.effect(outcome, D(2023, 1, 1) + dt.timedelta(days=int(rng.integers(60))), days, unit="AB"[number % 2], resolves=30)
    parts = {"horizon": "P30D", "competing": ["person.died"], "expected": {"reference": "ref", "follow_up": "hazard"}}
    path = store.save()
    reference = fit(path, catalogue(indicators=[reached(**parts)]))
    build_mart(path, catalogue(indicators=[reached(**parts)], references=[reference.model_dump()]), path.parent / "m.duckdb", AS_OF)
    whole = Mart(path.parent / "m.duckdb").cell()
    assert whole["expected"] == pytest.approx(whole["observed"], rel=1e-9)


def test_small_strata_are_pooled_and_a_reference_is_never_written_over(store: StoreFile) -> None:
    for number in range(24):
        person(store, achieved=number % 2 == 0, told=[(D(2022, 1, 1), "easy" if number < 20 else f"odd{number % 2}")])
    described = catalogue(indicators=[reached(case_mix=[{"attribute": "need"}], expected="ref")], municipality={"k": 5})
    path = store.save()
    reference = fit(path, described)
    # odd0 and odd1 have two records each; with k = 5 they are pooled, and the pool takes the next smallest until it has five.
    assert {row.levels: row.n for row in reference.strata} == {("(rest)",): 24}
    target = path.parent / "again.csv"
    target.write_text("something", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="frozen"):
        fit_reference(path.parent, described, FitRequest("job", "strata", ("all",), AS_OF, AS_OF), target)
    assert target.read_text(encoding="utf-8") == "something"


def test_a_fit_without_records_or_indicator_says_so(store: StoreFile) -> None:
    person(store, achieved=True, told=[])
    described, path = catalogue(indicators=[reached(expected="ref")], municipality={"k": 5}), store.save()
    for request, said in (
        (FitRequest("job", "strata", ("2020",), AS_OF, AS_OF), "no records of job"),
        (FitRequest("job", "strata", ("all",), AS_OF, AS_OF), "only a few records"),
        (FitRequest("absent", "strata", ("all",), AS_OF, AS_OF), "no indicator 'absent'"),
        (FitRequest("job", "logistic", ("2023-13",), AS_OF, AS_OF), "cohort must be a period"),
    ):
        with pytest.raises(ConfigurationError, match=said):
            fit_reference(path.parent, described, request, path.parent / "never.csv")
    assert not (path.parent / "never.csv").exists()


def test_extra_effects_per_million_are_those_beyond_expected(store: StoreFile) -> None:
    for unit, achieved in (("A", 26), ("B", 14)):
        for number in range(40):
            person(store, achieved=number < achieved, told=[(D(2022, 1, 1), "easy")], unit=unit)
        store.ledger(INDEX, unit, "5689010", 400_000_000)  # 4 million kroner
    mart = built(
        store, indicators=[reached(case_mix=NEED, expected="ref")], references=[strata_reference({"easy": (100, 50), "hard": (100, 20)})],
        costs={"rules": [{"account": "5", "to": "work"}]},
    )  # fmt: skip
    row = mart.row("SELECT * FROM effect_per_krone WHERE unit_id = 'A' AND cohort = 'all' AND attribution = 'lead'")
    # 26 against 20 expected: 6 extra for 4 million; the exact limits of 26 are 16.98 and 38.10.
    assert row["extra_effects_per_million"] == pytest.approx(1.5)
    assert (row["extra_low"], row["extra_high"]) == pytest.approx(((0.8492031608 - 1) * 5, (1.9048012042 - 1) * 5), rel=1e-8)


def test_twelve_units_with_one_far_out_are_judged_by_both_pairs_of_limits(store: StoreFile) -> None:
    for number in range(12):
        achieved = 38 if number == 0 else 16 + number % 3
        for one in range(40):
            person(store, achieved=one < achieved, told=[], unit=f"u{number:02d}")
    mart = built(store, indicators=[reached(expected="pool")])
    first, *others = mart.rows("SELECT * FROM funnel WHERE cohort = 'all' ORDER BY unit_id")
    assert (first["verdict_unadjusted_code"], first["scale"], first["limits_method"]) == ("alarm_high", "share", "exact_binomial")
    assert {row["verdict_unadjusted_code"] for row in others} == {"within"}
    summary = mart.row("SELECT * FROM funnel_summary WHERE cohort = 'all'")
    assert (summary["n_units"], summary["outside_998"], summary["outside_wide_998"]) == (12, 1, 1)
    assert summary["phi"] > 0
    assert first["shrunk"] < first["observed_over_expected"]
    assert (first["oe_rank"], first["oe_rank_low"], first["oe_rank_high"]) == (1, 1, 1)


def test_a_sum_of_times_is_shown_where_everybody_has_the_effect_and_hidden_where_few_have(store: StoreFile) -> None:
    for unit, people in (("A", 12), ("B", 8), ("C", 3)):
        for number in range(people):
            store.effect("achieved", INDEX, 2 + number % 4, unit=unit)
    mart = built(store, indicators=[reached(expected={"of": "time"})], municipality={"k": 5})
    shown, few = (mart.row("SELECT * FROM funnel WHERE unit_id = ? AND cohort = 'all'", unit) for unit in ("A", "C"))
    # All twelve were effects, so the share is hidden; how long they took says nothing of one of them.
    assert mart.cell("A")["share"] is None
    assert (shown["observed"], shown["compared"], shown["state"]) == (42, None, "final")
    assert (few["observed"], few["expected"], few["value"], few["verdict"], few["state"]) == (None, None, None, None, "suppressed")


def test_byar_s_interval_stands_in_from_ten_observed_and_is_named(store: StoreFile) -> None:
    for unit, achieved in (("A", 26), ("B", 4)):
        for number in range(40):
            person(store, achieved=number < achieved, told=[(D(2022, 1, 1), "easy")], unit=unit)
    parts = {"case_mix": NEED, "expected": {"reference": "ref", "interval": "byar"}}
    mart = built(store, indicators=[reached(**parts)], references=[strata_reference({"easy": (100, 50), "hard": (100, 20)})])
    many, few = mart.cell("A"), mart.cell("B")
    assert (many["oe_method"], few["oe_method"]) == ("byar", "exact_poisson")
    assert (many["oe_low"], many["oe_high"]) == pytest.approx((0.8489877903, 1.9048771074), rel=1e-9)
    assert (few["oe_low"] * 20, few["oe_high"] * 20) == pytest.approx((1.0898653736, 10.2415886754), rel=1e-9)


def test_a_covariate_from_the_follow_up_is_said_in_every_row(store: StoreFile) -> None:
    for number in range(6):
        person(store, achieved=number < 3, told=[(INDEX + dt.timedelta(days=50), "easy")])
    late = [{"attribute": "need", "levels": ["easy", "hard"], "known": "follow_up", "despite": "As published"}]
    case_mix = '[{"attribute": "need", "levels": ["easy", "hard"], "known": "follow_up"}]'
    mart = built(store, indicators=[reached(case_mix=late, expected="ref")], references=[strata_reference(RATES, case_mix=case_mix)])
    cell = mart.cell("A")
    assert cell["expected"] == pytest.approx(6 * 0.6)
    assert cell["expected_reason"] == "adjusts for what was known only after the index (need)"
