"""Old publications go when their time is over, and only then; a reader is never robbed."""

import datetime as dt
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.cli import app
from models.errors import ConfigurationError
from pipelines.publish import CURRENT
from pipelines.published import changes_file
from pipelines.retention import PRUNED_SUFFIX, prune
from tests.factories_published import publish_example

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
READER = """
import duckdb, sys
with duckdb.connect() as connection:
    connection.execute(f"ATTACH '{sys.argv[1]}' AS mart (READ_ONLY)")
    print("open", flush=True)
    sys.stdin.readline()
    print(connection.execute("SELECT count(*) FROM mart.effect_by_unit").fetchone()[0], flush=True)
"""


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_example(tmp_path_factory.mktemp("published"), "v1") / "v1"


@pytest.fixture
def published(example: Path, tmp_path: Path) -> Path:
    """Five publications, a month between two; the newest is current."""
    manifest = json.loads((example / "manifest.json").read_text())
    for month in range(1, 6):
        folder = tmp_path / f"v2026{month:02}01T120000000000"
        folder.mkdir()
        shutil.copyfile(example / "mart.duckdb", folder / "mart.duckdb")
        (folder / "manifest.json").write_text(json.dumps(manifest | {"published_at": f"2026-{month:02}-01T12:00:00+00:00"}))
    (tmp_path / CURRENT).write_text("v20260501T120000000000\n")
    return tmp_path


def fates(published: Path, keep_days: int, **options: bool) -> dict[str, str]:
    return {one.version[5:7]: one.fate for one in prune(published, keep_days, NOW, **options)}


@pytest.mark.security("S5")
def test_what_is_older_than_its_time_goes_and_the_rest_stays(published: Path) -> None:
    # On 1 June: May 31 days old, April 61, March 92, February 120, January 151.
    assert fates(published, 100) == {"05": "current", "04": "kept", "03": "kept", "02": "deleted", "01": "deleted"}
    assert sorted(path.name[5:7] for path in published.glob("v*")) == ["03", "04", "05"]
    assert list(published.glob(f".*{PRUNED_SUFFIX}")) == []


def test_what_changed_with_a_version_goes_with_it(published: Path) -> None:
    kept = {month: changes_file(published, f"v2026{month}01T120000000000") for month in ("01", "05")}
    kept["01"].parent.mkdir()
    for file in kept.values():
        file.write_text("{}")
    prune(published, 100, NOW)
    assert {month: file.exists() for month, file in kept.items()} == {"01": False, "05": True}


@pytest.mark.security("S5")
def test_a_dry_run_deletes_nothing(published: Path) -> None:
    assert fates(published, 100, dry_run=True)["01"] == "deleted"
    assert len(list(published.glob("v*"))) == 5


def test_the_current_one_and_the_one_before_stay_however_old(published: Path) -> None:
    assert fates(published, 1) == {"05": "current", "04": "kept", "03": "deleted", "02": "deleted", "01": "deleted"}


def test_current_is_what_current_says_and_not_the_newest(published: Path) -> None:
    (published / CURRENT).write_text("v20260101T120000000000\n")
    assert fates(published, 1)["01"] == "current"


def test_what_another_process_reads_stays_until_it_is_done(published: Path) -> None:
    file = published / "v20260101T120000000000" / "mart.duckdb"
    with subprocess.Popen([sys.executable, "-c", READER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        assert reader.stdout.readline() == "open\n"
        assert fates(published, 100)["01"] == "being read"
        reader.stdin.write("\n")
        reader.stdin.close()
        assert int(reader.stdout.readline()) > 0
    assert fates(published, 100)["01"] == "deleted"


def test_what_a_killed_prune_left_is_cleared_away(published: Path) -> None:
    left = published / f".v20251201T120000000000{PRUNED_SUFFIX}"
    left.mkdir()
    prune(published, 100, NOW)
    assert not left.exists()


def test_the_command_says_what_would_go(published: Path) -> None:
    asked = ["prune", "--published", str(published), "--keep-days", "1", "--dry-run"]
    answer = CliRunner().invoke(app, asked)
    assert "would be deleted" in answer.output
    assert len(list(published.glob("v*"))) == 5


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        prune(tmp_path / "nowhere", 1, NOW)
