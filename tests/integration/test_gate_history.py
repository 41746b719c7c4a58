"""What the gate said is kept, and read as a list, as a page without another host, and as metrics."""

import datetime as dt
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.catalogue import load_catalogue
from config.cli import app
from dashboard.app import create_app
from models.catalogue import Catalogue
from models.errors import CatalogueError, QualityGateError
from models.gate import Gate, RuleSeverity
from pipelines.gate_findings import Finding, Verdict
from pipelines.gate_history import HISTORY, append, entry_of, last_check, read_history
from pipelines.gate_page import TEXTS, page
from pipelines.judging import publication_before
from pipelines.publish import REFUSAL, publish
from tests.factories_mart import StoreFile, catalogue
from tests.page_client import PageClient

D = dt.date
SHARE = Finding("effect_by_unit.share", "block", "a share lies between 0 and 1", 2, ({"unit_id": "A<b>", "cohort": None},))
SILENT = Finding("drift.silent", "warn", "a source of events fell silent", 1, ({"source": "urn:x"},))


def entry(*findings: Finding, version: str = "v1") -> dict[str, object]:
    return entry_of(Verdict.of(findings, 100, "v0"), version, D(2025, 6, 1), None, Gate(), 4.2)


@pytest.fixture
def store_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    store = StoreFile(folder / "store.duckdb")
    for number in range(20):
        store.effect("achieved" if number < 8 else "not_achieved", D(2024, 1, 5), 10 if number < 8 else 365)
    store.save()
    return folder


def test_every_check_is_kept_the_newest_first(tmp_path: Path) -> None:
    append(tmp_path, entry(version="v1"))
    append(tmp_path, entry(SHARE, SILENT, version="v2"))
    found = read_history(tmp_path)
    assert [(one["version"], one["passed"]) for one in found] == [("v2", False), ("v1", True)]
    assert found[0]["failed"] == ["effect_by_unit.share: a share lies between 0 and 1 (2 rows: unit_id A<b>, cohort -)"]
    assert last_check(tmp_path) == found[0]


def test_a_line_that_a_crash_cut_off_spoils_itself_only(tmp_path: Path) -> None:
    append(tmp_path, entry(version="v1"))
    with (tmp_path / HISTORY).open("a") as file:
        file.write('{"at": "2025-')
    append(tmp_path, entry(version="v2"))
    assert [one["version"] for one in read_history(tmp_path)] == ["v2", "v1"]


def test_without_a_check_there_is_no_history(tmp_path: Path) -> None:
    assert (read_history(tmp_path), last_check(tmp_path)) == ([], None)
    assert "Nothing has been checked yet" in page([])


def test_publishing_keeps_what_was_refused_and_why_and_which_rows(store_dir: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    publish(store_dir, catalogue(), out, D(2025, 6, 1), gate=lambda mart, k: Verdict.of([SILENT], 100))
    with pytest.raises(QualityGateError, match="unit_id A<b>"):
        publish(store_dir, catalogue(), out, D(2025, 6, 1), gate=lambda mart, k: Verdict.of([SHARE], 100))
    refused, passed = read_history(out)
    assert (refused["passed"], passed["passed"], len(passed["warned"])) == (False, True, 1)
    assert json.loads((out / REFUSAL).read_text())["findings"][0]["examples"] == [{"unit_id": "A<b>", "cohort": None}]
    told = CliRunner().invoke(app, ["gate", "history", "--published", str(out)]).output
    assert "REFUSED" in told
    assert "warned: drift.silent: a source of events fell silent (1 row: source urn:x)" in told


def test_drift_is_measured_against_the_newest_earlier_publication_of_everything_known(store_dir: Path, tmp_path: Path) -> None:
    out, own = tmp_path / "out", catalogue()

    def passing(mart: Path, k: int) -> Verdict:
        return Verdict(True, 1, ())

    assert publication_before(out, own, D(2025, 6, 1), None) is None
    first = publish(store_dir, own, out, D(2025, 6, 1), gate=passing)
    publish(store_dir, own, out, D(2025, 6, 1), dt.datetime(2024, 6, 1, tzinfo=dt.UTC), gate=passing)
    publish(store_dir, own, out, D(2025, 12, 1), gate=passing)
    assert publication_before(out, own, D(2025, 6, 1), None) == first.folder / "mart.duckdb"
    assert publication_before(out, own, D(2025, 6, 1), dt.datetime(2025, 1, 1, tzinfo=dt.UTC)) is None


@pytest.mark.parametrize("language", ["en", "da"])
def test_the_page_stands_alone_escapes_and_says_everything(language: str) -> None:
    text = page([entry(SHARE, SILENT), entry(version="v0")], language)
    assert "A&lt;b&gt;" in text
    assert "A<b>" not in text
    assert text.index("effect_by_unit.share") < text.index("drift.silent"), "what blocks comes first"
    assert re.search(r"(src|href)=|url\(|@import|<script", text) is None
    assert TEXTS["refused"][0 if language == "da" else 1] in text


def test_the_page_is_served_with_the_style_sheet_as_a_file_also_before_anything_is_published(tmp_path: Path) -> None:
    client = PageClient(create_app(tmp_path))
    assert "Intet er kontrolleret endnu" in client.get("/gate?lang=da").text
    append(tmp_path, entry(SHARE))
    answer = client.get("/gate?lang=en")
    assert (answer.status_code, "<style" in answer.text) == (200, False)
    assert "effect_by_unit.share" in answer.text
    assert "style.css" in answer.text
    assert client.get("/gate?nonsense=1").status_code == 400


def test_the_rules_are_listed_with_the_severity_of_the_catalogue() -> None:
    answer = CliRunner().invoke(app, ["gate", "rules", "--catalogue", "config/demo", "--json"])
    rules = {one["rule"]: one for one in json.loads(answer.output)}
    assert (rules["drift.silent"]["severity"], rules["effect_by_unit.smallest"]["severity"]) == ("warn", "block")


def with_gate(folder: Path, lines: str) -> Path:
    """The demo's catalogue with a gate of its own."""
    import shutil

    shutil.copytree("config/demo", folder)
    with (folder / "municipality.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\ngate:\n{lines}")
    return folder


def test_thresholds_come_from_the_catalogue_and_do_not_touch_what_figures_mean(tmp_path: Path) -> None:
    own: Catalogue = load_catalogue(
        with_gate(tmp_path / "own", "  silent_days: 30\n  severities:\n    - {rule: drift.silent, severity: block, why: monthly by law}\n")
    )
    assert own.municipality.gate == Gate(
        silent_days=30, severities=(RuleSeverity(rule="drift.silent", severity="block", why="monthly by law"),)
    )
    assert own.definition_hash == load_catalogue("config/demo").definition_hash


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("  share_jump: 2\n", "share_jump"),
        ("  severities:\n    - {rule: nonsense, severity: warn, why: x}\n", "id of a rule of the quality gate"),
        ("  severities:\n    - {rule: effect_by_unit.smallest, severity: warn, why: x}\n", "a rule that may be softened"),
    ],
)
def test_a_wrong_threshold_is_found_with_its_line(tmp_path: Path, lines: str, said: str) -> None:
    with pytest.raises(CatalogueError) as fault:
        load_catalogue(with_gate(tmp_path / "own", lines))
    assert said in str(fault.value)
    assert re.search(r"municipality\.yaml:\d+", str(fault.value))
