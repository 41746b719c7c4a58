"""A new version becomes visible at once, or the last one stays."""

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from models.catalogue import Audience, Catalogue
from models.errors import ConfigurationError, QualityGateError, StoreBusyError
from pipelines.crashpoints import VARIABLE
from pipelines.gate import Finding, Verdict
from pipelines.lease import Lease
from pipelines.publish import CURRENT, REFUSAL, current_version, open_current, publish
from pipelines.tables import TABLES
from tests.factories_mart import StoreFile, catalogue

D = dt.date
AS_OF = D(2025, 6, 1)


def passing(mart: Path, k: int) -> Verdict:
    return Verdict(True, 1, ())


def refusing(mart: Path, k: int) -> Verdict:
    return Verdict(False, 1, ("a rule does not hold",))


@pytest.fixture
def store_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    store = StoreFile(folder / "store.duckdb")
    for number in range(20):
        store.effect("achieved" if number < 8 else "not_achieved", D(2024, 1, 5), 10 if number < 8 else 365)
    store.event("employment.conversation_held", D(2024, 1, 5), unit="A", minutes=30.0)
    store.save()
    return folder


@pytest.fixture
def definitions() -> Catalogue:
    return catalogue()


def test_a_publication_is_whole_and_says_what_it_is(store_dir: Path, tmp_path: Path, definitions: Catalogue) -> None:
    made = publish(store_dir, definitions, tmp_path / "out", AS_OF, gate=passing)
    assert (tmp_path / "out" / CURRENT).read_text().strip() == made.version == made.folder.name
    manifest = json.loads((made.folder / "manifest.json").read_text())
    assert (manifest["as_of"], manifest["known_at"], manifest["invented"], manifest["municipality"]["k"]) == ("2025-06-01", None, True, 1)
    assert manifest["watermarks"] == {"urn:test": "2024-01-05T12:00:00Z"}
    assert {"build", "effects", "gate", "parquet"} <= set(manifest["timings"]) and manifest["timings"]["build"]["seconds"] > 0
    assert {path.name for path in made.folder.iterdir()} == {
        "mart.duckdb",
        "catalogue.json",
        "manifest.json",
        "gate.json",
        "contract.yaml",
        "gate.html",
        *(f"{table.name}.parquet" for table in TABLES),
    }
    for table in TABLES:
        parquet = pq.read_table(made.folder / f"{table.name}.parquet")
        assert parquet.num_rows == manifest["tables"][table.name]["rows"]
        assert parquet.column_names == [column.name for column in table.columns]
        assert b"grain" in pq.read_metadata(made.folder / f"{table.name}.parquet").metadata


def test_no_person_is_in_what_is_published(store_dir: Path, tmp_path: Path, definitions: Catalogue) -> None:
    made = publish(store_dir, definitions, tmp_path / "out", AS_OF, gate=passing)
    for path in made.folder.iterdir():
        assert b"p:0000" not in path.read_bytes(), path.name


@pytest.mark.security("S20")
def test_readers_can_read_and_do_nothing_else(store_dir: Path, tmp_path: Path, definitions: Catalogue) -> None:
    made = publish(store_dir, definitions, tmp_path / "out", AS_OF, gate=passing)
    version, connection = open_current(tmp_path / "out")
    assert version == made.version
    assert connection.execute("SELECT achieved FROM effect_by_unit WHERE unit_id = 'A' AND cohort = 'all'").fetchone() == (8,)
    for forbidden in ("DELETE FROM effect_by_unit", "COPY effect_by_unit TO 'x.csv'", "SET threads = 2", "FROM read_csv('/etc/passwd')"):
        with pytest.raises(duckdb.Error):
            connection.execute(forbidden)


def test_the_same_state_hashes_alike_and_another_does_not(store_dir: Path, tmp_path: Path, definitions: Catalogue) -> None:
    one, two = (publish(store_dir, definitions, tmp_path / "out", AS_OF, gate=passing) for _ in range(2))
    other = publish(store_dir, definitions, tmp_path / "out", D(2024, 3, 1), gate=passing)
    assert one.version != two.version
    assert one.manifest["tables"] == two.manifest["tables"]
    assert one.manifest["tables"]["effect_by_unit"] != other.manifest["tables"]["effect_by_unit"]
    assert one.manifest["tables"]["dim_unit"] == other.manifest["tables"]["dim_unit"]


def test_a_refusing_gate_leaves_the_last_version_and_exits_3(store_dir: Path, tmp_path: Path, definitions: Catalogue) -> None:
    out = tmp_path / "out"
    made = publish(store_dir, definitions, out, AS_OF, gate=passing)
    before = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in made.folder.iterdir()}
    with pytest.raises(QualityGateError, match="a rule does not hold") as refusal:
        publish(store_dir, definitions, out, AS_OF, gate=refusing)
    assert refusal.value.exit_code == 3
    assert current_version(out) == made.version
    assert {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in made.folder.iterdir()} == before
    assert json.loads((out / REFUSAL).read_text())["failed"] == ["a rule does not hold"]
    assert {path.name for path in out.iterdir()} == {CURRENT, REFUSAL, ".publishing", made.version, "gate.jsonl", "gate.html"}


def test_broken_sums_are_refused_before_the_gate_is_asked(
    store_dir: Path, tmp_path: Path, definitions: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Finding("the ledger is whole", "block", "this invariant does not hold", 1, ({"kind": "actual"},))
    monkeypatch.setattr("pipelines.judging.invariant_findings", lambda connection: [broken])
    with pytest.raises(QualityGateError, match="the ledger is whole"):
        publish(store_dir, definitions, tmp_path / "out", AS_OF, gate=passing)


def test_a_running_worker_is_not_disturbed(store_dir: Path, tmp_path: Path, definitions: Catalogue) -> None:
    with Lease(store_dir, "worker"), pytest.raises(StoreBusyError, match="in use by"):
        publish(store_dir, definitions, tmp_path / "out", AS_OF, gate=passing)


def test_a_worker_publishes_from_a_copy_made_under_its_lock(store_dir: Path, tmp_path: Path, definitions: Catalogue) -> None:
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes((store_dir / "store.duckdb").read_bytes())
    with Lease(store_dir, "worker"):
        made = publish(store_dir, definitions, tmp_path / "out", AS_OF, source=copy, gate=passing)
    assert made.manifest["tables"]["effect_by_unit"]["rows"] > 0


def test_a_store_that_a_crash_left_is_still_looked_at_with_care(store_dir: Path, tmp_path: Path, definitions: Catalogue) -> None:
    (store_dir / "lease").write_text("process 1 (worker)")
    publish(store_dir, definitions, tmp_path / "out", AS_OF, gate=passing)
    lease = Lease(store_dir)
    assert not lease.was_left_in_order
    lease.release()


def test_without_a_store_or_a_publication_one_sentence_says_so(tmp_path: Path, definitions: Catalogue) -> None:
    with pytest.raises(ConfigurationError, match="there is no store"):
        publish(tmp_path / "nowhere", definitions, tmp_path / "out", AS_OF, gate=passing)
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(ConfigurationError, match="nothing has been published"):
        open_current(tmp_path / "out")


CHILD = """
import datetime, sys
from pathlib import Path
from pipelines.publish import publish
from tests.factories_mart import catalogue
from tests.integration.test_publish import passing
publish(Path(sys.argv[1]), catalogue(), Path(sys.argv[2]), datetime.date(2025, 6, 1), gate=passing)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("point", "is_current"),
    [
        ("publish_after_build", False),
        ("publish_after_gate", False),
        ("publish_before_rename", False),
        ("publish_after_rename", False),
        ("publish_after_current", True),
    ],
)
def test_killed_at_any_step_readers_see_one_whole_version(
    store_dir: Path, tmp_path: Path, definitions: Catalogue, point: str, is_current: bool
) -> None:
    out = tmp_path / "out"
    first = publish(store_dir, definitions, out, AS_OF, gate=passing)
    root = Path(__file__).resolve().parents[2]
    killed = subprocess.run(
        [sys.executable, "-c", CHILD, str(store_dir), str(out)],
        env=os.environ | {VARIABLE: f"{point}:1", "PYTHONPATH": str(root)},
        check=False,
    )
    assert killed.returncode == -9
    version, connection = open_current(out)
    assert (version != first.version) is is_current
    assert connection.execute("SELECT count(*) FROM effect_by_unit").fetchone() != (0,)
    again = publish(store_dir, definitions, out, AS_OF, gate=passing)
    assert again.manifest["tables"] == first.manifest["tables"]
    assert not list(out.glob(".v*.tmp"))


def for_controllers(definitions: Catalogue, k: int = 3) -> Catalogue:
    audience = Audience(id="controllers", k=k, roles=("controller",))
    return definitions.model_copy(update={"municipality": definitions.municipality.model_copy(update={"audiences": (audience,)})})


def n_hidden(published: Path) -> int:
    _, connection = open_current(published)
    with connection:
        return connection.execute("SELECT count(*) FROM effect_by_unit WHERE state = 'suppressed'").fetchall()[0][0]


def test_an_audience_has_its_own_smallest_count_and_its_own_folder(store_dir: Path, definitions: Catalogue, tmp_path: Path) -> None:
    everybody = for_controllers(definitions)
    everybody = everybody.model_copy(update={"municipality": everybody.municipality.model_copy(update={"k": 10})})  # 8 of 20 achieved
    publish(store_dir, everybody, tmp_path / "public", AS_OF, gate=passing)
    made = publish(store_dir, everybody, tmp_path / "controllers", AS_OF, gate=passing, audience="controllers")
    assert n_hidden(tmp_path / "public") > 0
    assert n_hidden(tmp_path / "controllers") == 0
    assert made.manifest["audience"] == {"id": "controllers", "k": 3, "roles": ["controller"]}
    assert made.manifest["municipality"]["k"] == 3
    for audience, folder in ((None, "controllers"), ("controllers", "public")):
        with pytest.raises(ConfigurationError, match="a folder of its own"):
            publish(store_dir, everybody, tmp_path / folder, AS_OF, gate=passing, audience=audience)


def test_an_audience_that_the_catalogue_does_not_have_is_named(store_dir: Path, definitions: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no audience press: .* controllers"):
        publish(store_dir, for_controllers(definitions), tmp_path / "p", AS_OF, gate=passing, audience="press")
