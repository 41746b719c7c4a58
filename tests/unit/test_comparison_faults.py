"""What `check` says of a comparison that claims more than its design deserves, or does not hold together."""

from pathlib import Path

import pytest

from config.catalogue import load_catalogue
from models.errors import CatalogueError

TASK = """\
id: work
name: Work
purpose: lasting work
target_group: those without it
indicators:
  - id: job
    kind: reached
    name: A job
    index: benefit_started
    target: placement_started
    horizon: P6M
    effect: {unit: citizen in work}
comparisons:
  - {id: c, name: C, indicators: job, %s}
"""
SCORE = "{event: function_assessed, field: score, window: {to: P9D}}"
ARMS = "design: parallel, treated: {known: {arm: a}}"
ALONE = f"design: before_after, value: {SCORE}, before: {SCORE}"


def folder(tmp_path: Path, comparison: str) -> Path:
    (tmp_path / "core_tasks").mkdir()
    (tmp_path / "municipality.yaml").write_text("id: test\nname: Test\n", encoding="utf-8")
    (tmp_path / "attributes.yaml").write_text(
        "attributes: [{name: level, meaning: Level, decided_by: unit}, {name: age, meaning: Age}]\n", encoding="utf-8"
    )
    (tmp_path / "core_tasks" / "work.yaml").write_text(TASK % comparison, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "comparison",
    [
        ARMS + ", randomised: true, evidence: experimental",
        ARMS + ", cost: {treated: ledger, control: 0}",
        ARMS + f", mean: [welch, ols], value: {SCORE}, covariates: [{{attribute: age}}]",
        "design: roll_out, change: new_way, share: [stacked, two_way], evidence: controlled",
        "design: before_after, change: new_way",
        ALONE + ", regression_to_the_mean: {above: 60}",
        "design: before_after, regression_to_the_mean: {below: 2, mean: 3, deviation: 1, correlation: 0.5}",
    ],
)
def test_comparisons_that_hold(tmp_path: Path, comparison: str) -> None:
    assert load_catalogue(folder(tmp_path, comparison)).core_tasks[0].comparisons[0].id == "c"


@pytest.mark.parametrize(
    ("comparison", "key", "expected"),
    [
        (ARMS + ", evidence: controlled", "evidence", "expected at most `descriptive`"),
        (
            ARMS + f", mean: [ols], value: {SCORE}, covariates: [{{attribute: age}}], evidence: controlled",
            "evidence",
            "expected at most `standardised`",
        ),
        ("design: roll_out, change: x, evidence: experimental", "evidence", "expected at most `controlled`"),
        ("design: before_after, change: x, evidence: controlled", "evidence", "expected at most `descriptive`"),
        ("design: roll_out, change: x, randomised: true", "randomised", "not drawn by lot"),
        (
            "design: parallel, randomised: true, treated: {with_event: programme_started, window: {to: P30D}}",
            "randomised",
            "settled by the index",
        ),
        ("design: parallel", "treated", "expected `treated`"),
        ("design: roll_out", "change", "expected `change`"),
        (ARMS + ", change: x", "change", "roll_out and before_after only"),
        (ARMS + ", share: stacked", "share", "expected methods of this design"),
        ("design: roll_out, change: x, share: newcombe", "share", "expected methods of this design"),
        (ARMS + f", mean: [ols], value: {SCORE}", "covariates", "expected `covariates`"),
        (ARMS + ", covariates: [{attribute: age}]", "covariates", "no other method uses covariates"),
        (ARMS + f", mean: ols, value: {SCORE}, covariates: [{{attribute: level}}]", "attribute", "not decided by the unit"),
        (ARMS + f", mean: ols, value: {SCORE}, covariates: [{SCORE}]", "window", "hides the effect"),
        (ARMS + ", value: {event: function_assessed, field: skore}", "field", "holds a number"),
        (f"design: before_after, value: {SCORE}", "before", "together, or neither"),
        (ARMS + f", before: {SCORE}", "before", "compared with themselves"),
        (
            ARMS + ", regression_to_the_mean: {above: 60, mean: 50, deviation: 10, correlation: 0.7}",
            "regression_to_the_mean",
            "compared with themselves",
        ),
        ("design: before_after, regression_to_the_mean: {above: 60}", "regression_to_the_mean", "the measurement to estimate them from"),
        ("design: roll_out, change: x, cost: {treated: ledger}", "cost", "stated amounts"),
        ("design: parallel, treated: {}", "treated", "at least one of: units, known, with_event"),
        (ALONE + ", regression_to_the_mean: {above: 60, mean: 50}", "regression_to_the_mean", "together, or none"),
    ],
)
def test_what_does_not_hold_is_named(tmp_path: Path, comparison: str, key: str, expected: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder(tmp_path, comparison))
    (fault,) = caught.value.faults
    assert key in str(fault)
    assert expected in str(fault)


def test_an_indicator_of_another_core_task_is_not_there(tmp_path: Path) -> None:
    made = folder(tmp_path, ARMS)
    file = made / "core_tasks" / "work.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("indicators: job,", "indicators: other,"), encoding="utf-8")
    with pytest.raises(CatalogueError, match="expected indicators of this core task"):
        load_catalogue(made)
