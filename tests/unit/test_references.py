"""Reference files, what they expect, and how regressions are fitted: against statsmodels, and by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels import api as sm

from config.catalogue import check_report, load_catalogue
from models.catalogue import CaseMix, Expected
from models.errors import CatalogueError
from models.reference import Reference, Stratum, read_reference, write_reference
from outcomes.casemix import MISSING, OTHER, REST, level_names, level_of
from outcomes.reference import expected_rates
from outcomes.regression import NoSolution, fit_terms

STRATA = """# id: work-2023
# version: 2
# indicator: job
# method: strata
# case_mix: [{"attribute": "age", "bands": [30.0]}]
# covariates: age
# source: a test, with a comma
# population: invented
# fitted_on: 2024-03-01
# n: 30
# observed: 12
age,n,achieved,rate
<30,10,6,0.6
>=30,20,6,0.3
"""


def test_a_file_is_read_and_written_back_the_same() -> None:
    reference, faults = read_reference(STRATA)
    assert faults == []
    assert reference is not None
    assert [row.rate for row in reference.strata] == [0.6, 0.3]
    assert read_reference(write_reference(reference)) == (reference, [])


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        ("# version: 2", "# version: two", 2, "version"),
        ("# source: a test, with a comma\n", "", 1, "source"),
        ("# n: 30", "# number: 30", 10, "number"),
        ("age,n,achieved,rate", "age,n,total,rate", 12, "(heading)"),
        (">=30,20,6,0.3", ">=30,20,6", 14, "(row)"),
        (">=30,20,6,0.3", ">=30,20,6,often", 14, "rate"),
        (">=30,20,6,0.3", "<30,20,6,0.3", 14, "(row)"),
        ("# n: 30", "# n: 30\n# n: 31", 11, "n"),
        ("# fitted_on: 2024-03-01", "# fitted_on: March", 9, "fitted_on"),
    ],
)
def test_every_fault_has_its_line(old: str, new: str, line: int, key: str) -> None:
    reference, faults = read_reference(STRATA.replace(old, new))
    assert reference is None
    assert (faults[0].line, faults[0].key) == (line, key)


@given(st.text(max_size=300))
@settings(max_examples=50, deadline=None)
def test_no_text_is_more_than_a_fault(text: str) -> None:
    reference, faults = read_reference(text)
    assert (reference is None) == bool(faults)


def test_levels_hold_their_lower_bound_and_name_what_is_missing() -> None:
    age = CaseMix(attribute="age", bands=(30, 50))
    assert [level_of(age, value) for value in ("29.9", "30", "49", "50", "old", None)] == [
        "<30",
        "30-<50",
        "30-<50",
        ">=50",
        OTHER,
        MISSING,
    ]
    assert level_names(age) == ["<30", "30-<50", ">=50"]
    alone = CaseMix(attribute="alone", levels=(True, False))
    assert [level_of(alone, value) for value in ("true", "false", "1")] == ["true", "false", OTHER]
    kind = CaseMix(attribute="kind", levels=(1, 2))
    assert [level_of(kind, value) for value in ("1", "1.0", "2", "3")] == ["1", "1", "2", OTHER]
    assert level_of(CaseMix(attribute="town"), "Lejre") == "Lejre"
    assert level_of(CaseMix(attribute="dose", linear=True), "1e1") == "10"


def test_what_came_after_the_index_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="needs `despite`"):
        CaseMix(attribute="died", known="follow_up")
    with pytest.raises(ValueError, match="belongs to the pool"):
        Expected(reference="x", leave_one_out=True)
    with pytest.raises(ValueError, match="need a `reference`"):
        Expected(follow_up="hazard")


def test_an_unknown_stratum_has_no_rate_unless_the_small_ones_were_pooled() -> None:
    reference, _ = read_reference(STRATA)
    assert reference is not None
    found = expected_rates(reference, [(("<30",), None), ((MISSING,), None)])
    assert found[0] == 0.6
    assert np.isnan(found[1])
    pooled = reference.model_copy(update={"strata": (*reference.strata, Stratum(levels=(REST,), n=5, observed=1, rate=0.2))})
    assert expected_rates(pooled, [((MISSING,), None)]).tolist() == [0.2]


def test_an_incidence_is_the_last_one_at_or_before_the_time() -> None:
    rows = tuple(Stratum(levels=(), time=time, n=10, observed=1, rate=rate) for time, rate in ((0, 0.0), (5, 0.1), (9, 0.3)))
    reference = Reference(
        id="x", version=1, indicator="job", method="strata", follow_up="incidence", source="s", population="p", fitted_on="2024-01-01",  # type: ignore[arg-type]
        n=10, observed=3, strata=rows,
    )  # fmt: skip
    assert expected_rates(reference, [((), time) for time in (0, 4, 5, 8, 9, 400)]).tolist() == [0, 0, 0.1, 0.1, 0.3, 0.3]


PEOPLE = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.integers(0, 12)), min_size=40, max_size=120)


@given(PEOPLE)
@settings(max_examples=15, deadline=None)
def test_a_poisson_regression_is_statsmodels_own_and_expects_what_was_observed(people: list[tuple[str, int, int]]) -> None:
    case_mix = [CaseMix(attribute="kind", levels=("a", "b", "c")), CaseMix(attribute="dose", linear=True)]
    people += [(kind, dose, 1 + dose) for kind in "abc" for dose in range(4)]  # every level has answers of more than one sort
    levels, amounts = [(kind, str(dose)) for kind, dose, _ in people], [days for _, _, days in people]
    terms, dispersion = fit_terms("poisson", case_mix, levels, amounts, [1] * len(people))
    frame = pd.DataFrame(people, columns=["kind", "dose", "days"])
    fitted = smf.glm("days ~ C(kind) + dose", frame, family=sm.families.Poisson()).fit(tol=1e-12)
    found = {(one.term, one.level): (one.coefficient, one.standard_error) for one in terms}
    for name, place in (("Intercept", ("(intercept)", "")), ("C(kind)[T.b]", ("kind", "b")), ("dose", ("dose", ""))):
        assert found[place] == pytest.approx((fitted.params[name], fitted.bse[name]), rel=1e-6, abs=1e-9)
    assert dispersion == pytest.approx(fitted.pearson_chi2 / fitted.df_resid, rel=1e-6)
    reference = Reference(
        id="x", version=1, indicator="i", method="poisson", of="time", covariates=("kind", "dose"), source="s", population="p",
        fitted_on="2024-01-01", n=len(people), observed=sum(amounts), terms=terms,  # type: ignore[arg-type]
    )  # fmt: skip
    rates = expected_rates(reference, [(one, None) for one in levels])
    assert rates == pytest.approx(fitted.predict(frame).to_numpy(), rel=1e-6)
    assert rates.sum() == pytest.approx(sum(amounts), rel=1e-7)  # sum O = sum E over the reference's own records


def test_a_logistic_regression_is_statsmodels_own_also_when_records_are_counted() -> None:
    case_mix = [CaseMix(attribute="age", bands=(30,))]
    levels, amounts, counts = [("<30",), ("<30",), (">=30",), (">=30",)], [1, 0, 1, 0], [60, 40, 30, 70]
    terms, _ = fit_terms("logistic", case_mix, levels, amounts, counts)
    found = {(one.term, one.level): one.coefficient for one in terms}
    assert found["(intercept)", ""] == pytest.approx(np.log(60 / 40), rel=1e-9)
    assert found["age", ">=30"] == pytest.approx(np.log(30 / 70) - np.log(60 / 40), rel=1e-9)
    assert (found["age", "<30"], [one.n for one in terms if one.level]) == (0.0, [100, 100])


@pytest.mark.parametrize(
    ("levels", "amounts", "said"),
    [
        ([("a", "x"), ("a", "x"), ("b", "x"), ("b", "x")], [1, 0, 1, 1], "same answer"),
        ([("a", "x"), ("a", "x"), ("b", "y"), ("b", "y")], [1, 0, 1, 0], "say the same"),
        ([("a", "x"), ("b", "x")], [0, 0], "same answer"),
    ],
)
def test_a_regression_without_a_solution_says_why(levels: list[tuple[str, str]], amounts: list[int], said: str) -> None:
    case_mix = [CaseMix(attribute="one", levels=("a", "b")), CaseMix(attribute="two", levels=("x", "y"))]
    with pytest.raises(NoSolution, match=said):
        fit_terms("logistic", case_mix, levels, amounts, [50] * len(levels))


def test_a_linear_covariate_needs_its_number() -> None:
    with pytest.raises(NoSolution, match="give it bands"):
        fit_terms("poisson", [CaseMix(attribute="dose", linear=True)], [("1",), (MISSING,)], [1, 2], [5, 5])


def catalogue_folder(folder: Path, reference: str, case_mix: str = "[{attribute: age, bands: [30]}]") -> Path:
    for name in ("core_tasks", "references"):
        (folder / name).mkdir()
    (folder / "municipality.yaml").write_text("id: town\nname: Town\n", encoding="utf-8")
    (folder / "references" / "work.csv").write_text(reference, encoding="utf-8")
    (folder / "core_tasks" / "work.yaml").write_text(
        "id: work\nname: Work\npurpose: In work\ntarget_group: Out of work\nindicators:\n"
        "  - id: job\n    name: Job\n    kind: reached\n    index: employment.benefit_ended\n    target: employment.placement_started\n"
        f"    horizon: P1Y\n    case_mix: {case_mix}\n    expected: work-2023\n    effect: {{unit: job}}\n",
        encoding="utf-8",
    )
    return folder


def test_a_catalogue_takes_its_references_with_it(tmp_path: Path) -> None:
    catalogue = load_catalogue(catalogue_folder(tmp_path, STRATA))
    (_, indicator), *_ = catalogue.indicators()
    found = catalogue.reference_of(indicator)
    assert found is not None
    assert (found.id, found.version) == ("work-2023", 2)
    assert not [note for note in check_report(catalogue).notes if "references/" in note]


OF_HAZARD = STRATA.replace("# fitted_on", "# follow_up: hazard\n# fitted_on").replace("age,n", "age,time,n").replace("30,", "30,5,")


@pytest.mark.parametrize(
    ("reference", "case_mix", "said"),
    [
        (STRATA.replace(">=30,20,6,0.3", ">=30,20,6,often"), None, "references/work.csv:14: rate: "),
        (STRATA, "[{attribute: age, bands: [40]}]", "work.yaml:13: indicators[0].expected: expected a reference with the same case mix"),
        (STRATA.replace("# fitted_on", "# indicator_version: 3\n# fitted_on"), None, "version 1 of the indicator: its definition has"),
        (OF_HAZARD, None, "not achieved and hazard"),
    ],
)
def test_a_reference_that_does_not_fit_is_a_fault_with_its_place(tmp_path: Path, reference: str, case_mix: str | None, said: str) -> None:
    folder = catalogue_folder(tmp_path, reference, *([case_mix] if case_mix else []))
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    assert said in str(caught.value)


def test_a_reference_that_is_named_and_not_there_is_a_note(tmp_path: Path) -> None:
    catalogue = load_catalogue(catalogue_folder(tmp_path, STRATA.replace("# id: work-2023", "# id: other")))
    assert any("not in references/" in note and "work-2023" in note for note in check_report(catalogue).notes)
