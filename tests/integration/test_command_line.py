"""The commands as people start them: one clear sentence and the agreed exit code for each thing that goes wrong, never a traceback."""

import gzip
import json
import shutil
from pathlib import Path

import pytest

from tests.bad_events import good_event
from tests.command import kerneeffekt

DEMO = "config/demo"


def _events(folder: Path, n: int = 50) -> Path:
    import random

    rng = random.Random(1)
    target = folder / "events.ndjson"
    target.write_text("".join(json.dumps(good_event(rng, number)) + "\n" for number in range(n)), encoding="utf-8")
    return target


def _is_one_sentence(text: str, *words: str) -> None:
    assert "Traceback" not in text
    assert text.startswith("kerneeffekt: ")
    for word in words:
        assert word in text


@pytest.mark.parametrize("catalogue", ["lejre", "hedensted", "demo"])
def test_check_accepts_the_catalogues_that_come_with_the_product(catalogue: str) -> None:
    done = kerneeffekt("check", f"config/{catalogue}", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ok"] is True


def test_check_names_file_line_key_and_what_was_expected(tmp_path: Path) -> None:
    shutil.copytree(DEMO, tmp_path / "catalogue")
    municipality = tmp_path / "catalogue" / "municipality.yaml"
    municipality.write_text(municipality.read_text(encoding="utf-8") + "\nk_anonymity: 5\n", encoding="utf-8")
    done = kerneeffekt("check", tmp_path / "catalogue")
    line = len(municipality.read_text(encoding="utf-8").splitlines())
    assert done.returncode == 2
    _is_one_sentence(done.stderr, "municipality.yaml", f":{line}", "k_anonymity")


def test_replay_twice_counts_nothing_twice(tmp_path: Path) -> None:
    events, store = _events(tmp_path), tmp_path / "store"
    first = kerneeffekt("replay", events, "--catalogue", DEMO, "--store", store, "--json")
    packed = tmp_path / "again.ndjson.gz"
    packed.write_bytes(gzip.compress(events.read_bytes()))
    again = kerneeffekt("replay", events, packed, "--catalogue", DEMO, "--store", store, "--json")
    assert json.loads(first.stdout)["accepted"] == 50
    assert json.loads(again.stdout)["accepted"] == 0
    assert json.loads(again.stdout)["duplicates"] == 50


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    done = kerneeffekt("replay", tmp_path / "nowhere.ndjson", "--catalogue", DEMO, "--store", tmp_path / "store")
    assert done.returncode in {1, 2}
    _is_one_sentence(done.stderr, "nowhere.ndjson")


def test_a_missing_catalogue_is_one_sentence(tmp_path: Path) -> None:
    done = kerneeffekt("replay", _events(tmp_path), "--catalogue", tmp_path / "none", "--store", tmp_path / "store")
    assert done.returncode == 2
    _is_one_sentence(done.stderr, "none")


def test_an_unreachable_broker_is_one_sentence(tmp_path: Path) -> None:
    events = _events(tmp_path, 3)
    sent = kerneeffekt("send", events, "--broker", "127.0.0.1:1", timeout=60)
    worked = kerneeffekt(
        "worker", "--catalogue", DEMO, "--store", tmp_path / "store", "--broker", "127.0.0.1:1", "--until-caught-up", timeout=60
    )
    for done in (sent, worked):
        assert done.returncode == 1
        _is_one_sentence(done.stderr, "127.0.0.1:1")


def test_a_store_opened_twice_is_one_sentence(tmp_path: Path) -> None:
    from pipelines.lease import Lease

    with Lease(tmp_path / "store"):
        done = kerneeffekt("replay", _events(tmp_path), "--catalogue", DEMO, "--store", tmp_path / "store")
    assert done.returncode == 2
    _is_one_sentence(done.stderr, "in use")


def test_serving_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    done = kerneeffekt("serve", "--published", tmp_path / "none")
    assert done.returncode == 2
    _is_one_sentence(done.stderr, "none")


def test_publishing_without_a_store_is_one_sentence(tmp_path: Path) -> None:
    done = kerneeffekt("publish", "--catalogue", DEMO, "--store", tmp_path / "none", "--to", tmp_path / "published")
    assert done.returncode in {1, 2}
    _is_one_sentence(done.stderr, "none")


def test_a_wrong_date_is_one_sentence(tmp_path: Path) -> None:
    done = kerneeffekt("publish", "--catalogue", DEMO, "--store", tmp_path / "s", "--to", tmp_path / "p", "--as-of", "31/12/2025")
    assert done.returncode == 2
    _is_one_sentence(done.stderr, "--as-of", "2025-12-31")


def test_schema_is_written(tmp_path: Path) -> None:
    done = kerneeffekt("schema", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "asyncapi.json").read_text(encoding="utf-8"))["asyncapi"].startswith("3.")
