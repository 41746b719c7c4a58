"""Core tasks on several levels and over time: persons count once, a rename keeps the identity, and what does not fit is refused by line."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from config.catalogue import load_catalogue
from models.errors import CatalogueError
from pipelines.mart import build_mart
from tests.factories_mart import Mart, StoreFile, catalogue, reached

D = dt.date
BELOW = {
    "id": "study", "name": "Study", "purpose": "A completed study", "target_group": "The young", "parent": "work",
    "indicators": [reached(id="study_done", target="education.completed")],
}  # fmt: skip
WORK = """\
- id: work
  version: 2
  name: Work
  valid_from: 2024-01-01
  purpose: lasting work
  target_group: those without it
  earlier:
    - {version: 1, name: Jobs, purpose: jobs, target_group: those without it, valid_to: 2024-01-01}
- id: study
  name: Study
  parent: work
  purpose: a completed study
  target_group: the young
"""


@pytest.fixture
def store(tmp_path: Path) -> StoreFile:
    return StoreFile(tmp_path / "store.duckdb")


def built(store: StoreFile, **parts: Any) -> Mart:
    target = store.path.parent / "mart.duckdb"
    build_mart(store.save(), catalogue(core_tasks=[BELOW], **parts), target, D(2026, 1, 1))
    return Mart(target)


def test_a_citizen_with_effects_in_two_core_tasks_counts_once_above_them(store: StoreFile) -> None:
    # Ten citizens: four with a job, four with a study, two of these with both. Above them six of ten got somewhere, not 4 + 4 of 20.
    for number in range(10):
        who = f"p:{number:08x}"
        store.effect("achieved" if number < 4 else "not_achieved", D(2024, 2, 1), 30, unit="A", subject=who)
        store.effect("achieved" if 2 <= number < 6 else "competing", D(2024, 2, 1), 30, unit="B", subject=who, indicator="study_done")
    mart = built(store)
    whole = mart.row("FROM effect_by_core_task WHERE unit_id = '(all)' AND cohort = 'all'")
    assert (whole["core_task_id"], whole["persons"], whole["achieved"], whole["several"], whole["share"]) == ("work", 10, 6, 2, 0.6)
    assert (whole["share_low"], whole["share_high"]) == pytest.approx((0.3126738, 0.8318197), abs=1e-6)
    assert whole["indicators"] == '["job","study_done"]'
    assert mart.row("SELECT achieved FROM effect_by_core_task WHERE unit_id = 'A' AND cohort = 'all'")["achieved"] == 4
    assert mart.rows("FROM effect_by_core_task WHERE core_task_id = 'study'") == []


def test_who_is_pending_in_one_is_not_decided_above(store: StoreFile) -> None:
    store.effect("achieved", D(2024, 2, 1), 30, subject="p:0000000a")
    store.effect("not_achieved", D(2024, 2, 1), 800, resolves=800, subject="p:0000000a", indicator="study_done")
    row = built(store).row("FROM effect_by_core_task WHERE unit_id = '(all)' AND cohort = 'all'")
    assert (row["state"], row["persons"], row["achieved"]) == ("immature", 0, 0)


def test_few_persons_in_both_hide_the_figure_above(store: StoreFile) -> None:
    # Two with both: above less below would say who.
    for number in range(40):
        who = f"p:{number:08x}"
        store.effect("achieved" if number < 12 else "not_achieved", D(2024, 2, 1), 30, subject=who)
        if number < 2 or number >= 20:
            store.effect("achieved" if number < 2 or number < 30 else "competing", D(2024, 2, 1), 30, subject=who, indicator="study_done")
    rows = built(store, municipality={"k": 5}).rows("SELECT state, persons FROM effect_by_core_task")
    assert {(row["state"], row["persons"]) for row in rows} == {("suppressed", None)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "core_tasks").mkdir()
    (tmp_path / "municipality.yaml").write_text("id: test\nname: Test\n", encoding="utf-8")
    return tmp_path


def read(folder: Path, text: str) -> Any:
    (folder / "core_tasks" / "all.yaml").write_text(text, encoding="utf-8")
    return load_catalogue(folder)


def test_a_renamed_core_task_has_a_row_per_version_under_one_id(folder: Path, store: StoreFile) -> None:
    loaded = read(folder, WORK)
    build_mart(store.save(), loaded, folder / "mart.duckdb", D(2026, 1, 1))
    rows = Mart(folder / "mart.duckdb").rows("SELECT version, name, valid_from, valid_to FROM dim_core_task WHERE core_task_id = 'work'")
    assert rows == [
        {"version": 1, "name": "Jobs", "valid_from": None, "valid_to": D(2024, 1, 1)},
        {"version": 2, "name": "Work", "valid_from": D(2024, 1, 1), "valid_to": None},
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("valid_to: 2024-01-01}", "valid_to: 2024-06-01}", 4, "expected versions that do not overlap"),
        ("{version: 1, name: Jobs", "{version: 2, name: Jobs", 2, "expected each core task once per version"),
        ("target_group: those without it\n  earlier", "target_group: those without it\n  parent: study\n  earlier", 7, "expected a tree"),
        ("target_group: those without it, valid_to", "target_group: they, parent: study, valid_to", 8, "expected a tree"),
        ("parent: work", "parent: job", 11, "expected a core task of this catalogue"),
    ],
)
def test_versions_that_overlap_and_circles_on_any_day_are_refused(folder: Path, old: str, new: str, line: int, expected: str) -> None:
    assert old in WORK
    with pytest.raises(CatalogueError) as caught:
        read(folder, WORK.replace(old, new, 1))
    assert any(fault.line == line and expected in fault.expected for fault in caught.value.faults), caught.value.faults
