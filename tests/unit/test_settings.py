"""Every option of the command line can come from the environment, under one name, and the page says so."""

import os
import subprocess
import sys
from pathlib import Path

import typer

from config.cli import app
from config.settings import name_in_environment, settings_of, settings_page

ROOT = Path(__file__).parents[2]


def test_every_option_has_one_name_in_the_environment() -> None:
    settings = list(settings_of(name_in_environment(typer.main.get_command(app))))
    assert {"check", "simulate", "publish", "quarantine retry"} <= {setting.command for setting in settings}
    assert all(setting.variable.startswith("KERNEEFFEKT_") for setting in settings)
    by_option: dict[str, set[str]] = {}
    for setting in settings:
        by_option.setdefault(setting.option, set()).add(setting.variable)
    # Where the same word means another thing in another command: a backup goes elsewhere, at other times, than a publication.
    assert {option: names for option, names in by_option.items() if len(names) > 1} == {
        "--every": {"KERNEEFFEKT_BACKUP_EVERY", "KERNEEFFEKT_PUBLISH_EVERY"},
        "--to": {"KERNEEFFEKT_BACKUPS", "KERNEEFFEKT_PUBLISHED"},
    }


def test_as_of_has_its_name() -> None:
    assert "| `--as-of` | `KERNEEFFEKT_AS_OF` | `publish`, `explain`, `reference fit` |" in settings_page(typer.main.get_command(app))


def test_an_option_from_the_environment_counts(tmp_path: Path) -> None:
    environment = {**os.environ, "KERNEEFFEKT_YEARS": "1", "KERNEEFFEKT_CITIZENS": "20"}
    command = [sys.executable, "-c", "from config.cli import main; main()", "simulate", "--out", str(tmp_path / "events"), "--seed", "3"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=60)
    truth = (tmp_path / "events.truth.json").read_text(encoding="utf-8")
    assert '"years": 1' in truth
    assert '"citizens": 20' in truth


def test_the_page_is_up_to_date() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == settings_page(typer.main.get_command(app))
