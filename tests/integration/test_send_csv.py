"""From a source system's CSV to the store: what rows become, what is said of those that become nothing, and nothing counted twice."""

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from config.mapping import load_mapping
from models.errors import ConfigurationError
from models.pseudonyms import read_key_ring
from pipelines.intake import Intake
from pipelines.sending.deliveries import FileDelivery
from pipelines.sending.rejects import Rejects
from pipelines.sending.resume import Progress
from pipelines.sending.send import CsvSummary, Sending
from tests.command import PROJECT, kerneeffekt
from tests.export_like import HEADER, row, text_of, write_export

MAPPING = PROJECT / "docs" / "examples" / "jobcenter.yaml"
RING = f"k1 effects {'0f' * 32}\nk2 effects {'a1' * 32}\n"


def good(number: int = 1, **changes: str) -> list[str]:
    """A row of the export, with some cells as given."""
    cells = dict(zip(HEADER, row(random.Random(number), number), strict=True))
    cells |= {
        "CPR": "010170-1234",
        "Startdato": "01-02-2023",
        "Slutdato": "31-03-2023",
        "Løn (kr.)": "12.345,67",
        "Enhed": "Jobcenter Nord",
        "Årsag": "Sygdom",
    }
    return list((cells | changes).values())


@pytest.fixture(scope="module", autouse=True)
def one_intake() -> Iterator[None]:
    """One record path for all sendings of this module: it takes a moment to start."""
    with Intake(threads=1) as intake:
        INTAKES.append(intake)
        yield
    INTAKES.clear()


INTAKES: list[Intake] = []


def send(folder: Path, content: bytes, resume: Path | None = None, name: str = "export.csv") -> tuple[CsvSummary, list[dict]]:
    """Send a CSV by the mapping of the documents; returns what was said and the events."""
    export = folder / name
    export.write_bytes(content)
    mapping, target = load_mapping(MAPPING), folder / "out.ndjson"
    target.unlink(missing_ok=True)
    with FileDelivery(target) as delivery, Rejects(folder / "rejects.csv", mapping.csv) as rejects:
        sending = Sending(mapping, read_key_ring(RING, "ring"), delivery, rejects, Progress(resume, mapping), INTAKES[0])
        summary = sending.send([export], lambda rows: None)
    lines = target.read_text(encoding="utf-8").splitlines() if target.exists() else []
    return summary, [json.loads(line) for line in lines]


def as_csv(*rows: list[str], encoding: str = "cp1252") -> bytes:
    return text_of(list(rows)).encode(encoding)


def test_one_row_makes_its_events(tmp_path: Path) -> None:
    summary, events = send(
        tmp_path, as_csv(good(**{"Ydelse": "Kontanthjælp", "Branche": "Ældrepleje", "Timer før": "1.234,5", "Årsag": "Sygdom"}))
    )
    started, ended, income = events
    assert started["type"] == "dk.kerneopgave.employment.benefit_started.v1"
    assert started["subject"] == ended["subject"] == income["subject"]
    assert started["subject"].startswith("p:k1.")
    assert started["time"] == "2023-02-01T00:00:00+01:00"
    assert started["data"] == {
        "unit": "jobcenter-nord",
        "spell_id": "S-0000001",
        "benefit": "kontanthjaelp",
        "attributes": {"branche": "Ældrepleje", "timer_foer": 1234.5},
    }
    assert ended["time"] == "2023-04-01T00:00:00+02:00"  # the last day with it was 31 March; summer time began in between
    assert income["data"] == {"period": "2023-02", "amount_ore": 1234567}
    assert summary.by_type == Counter({rule.type: 1 for rule in load_mapping(MAPPING).events})


@pytest.mark.parametrize(
    ("changes", "column", "says"),
    [
        ({"CPR": "320170-1234"}, "CPR", "not a date"),
        ({"CPR": ""}, "CPR", "expected whom the event is about"),
        ({"Startdato": "2023-02-01"}, "Startdato", "expected a date such as 31-12-2025 (%d-%m-%Y)"),
        ({"Startdato": ""}, "Startdato", "expected a date, this is empty"),
        ({"Startdato": "31-02-2023"}, "Startdato", "expected a date such as"),
        ({"Timer før": "12.5"}, "Timer før", "expected a number such as 1.234,50"),
        ({"Løn (kr.)": "100,005"}, "Løn (kr.)", "expected kroner with at most two decimals"),
        ({"Enhed": "Jobcenter Vest"}, "Enhed", "expected a text of the code table `enhed`: Jobcenter Nord, Jobcenter Sydøst"),
        ({"Sagsnr": ""}, "Sagsnr", "part of the event's id"),
        ({"Sagsnr": "020280-1111"}, "Sagsnr", "expected no civil registration number here"),
        ({"Sagsnr": "x" * 70}, "Sagsnr", "string_too_long"),
        ({"Årsag": "020280-1111 ringer"}, "Årsag", "expected no civil registration number here"),
        ({"Årsag": "y" * 65}, "Årsag", "`data.reason` of employment.benefit_ended"),
    ],
)
def test_a_faulty_row_is_said_with_line_and_column_and_the_good_ones_are_sent(
    tmp_path: Path, changes: dict[str, str], column: str, says: str
) -> None:
    summary, events = send(tmp_path, as_csv(good(1), good(2, **changes), good(3)))
    assert (summary.rows, summary.rejected, len(events)) == (3, 1, 6)
    found = [fault for fault in summary.faults if fault.column == column and says in fault.expected]
    assert found, summary.faults
    assert {fault.line for fault in summary.faults} == {3}
    value = changes[column]
    assert not value or all(value not in str(fault) for fault in summary.faults)
    rejected = (tmp_path / "rejects.csv").read_bytes()
    assert os.stat(tmp_path / "rejects.csv").st_mode & 0o777 == 0o600
    mended = (
        rejected.replace(*(text.encode("cp1252") for text in (value, dict(zip(HEADER, good(2), strict=True))[column]))) if value else b""
    )
    if mended:
        again, resent = send(tmp_path, mended)
        assert (again.rejected, len(resent)) == (0, 3)


def test_a_row_that_is_no_row_hides_no_other(tmp_path: Path) -> None:
    lines = as_csv(*(good(n) for n in range(8))).split(b"\r\n")
    lines[2] += b";one too many"
    lines[4] = b'S-9;"never closed;' + lines[4]
    summary, events = send(tmp_path, b"\r\n".join(lines))
    assert [(fault.line, fault.column) for fault in summary.faults] == [(3, None), (5, None)]
    assert "expected 11 columns as the header has, this row has 12" in summary.faults[0].expected
    assert "quotation mark" in summary.faults[1].expected
    assert len(events) == 6 * 3


def test_bytes_of_another_encoding_are_a_fault_of_their_line(tmp_path: Path) -> None:
    mapping = tmp_path / "utf8.yaml"
    mapping.write_text(MAPPING.read_text(encoding="utf-8").replace("windows-1252", "utf-8"), encoding="utf-8")
    export = tmp_path / "export.csv"
    lines = as_csv(good(1), good(2), good(3), encoding="utf-8").split(b"\r\n")
    lines[2] = lines[2].decode().encode("cp1252")
    export.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(lines))
    made = load_mapping(mapping)
    with FileDelivery(tmp_path / "out.ndjson") as delivery:
        summary = Sending(made, read_key_ring(RING, "ring"), delivery, None, Progress(None, made)).send([export], lambda rows: None)
    assert [str(fault) for fault in summary.faults] == ["line 3: expected text in utf-8, these are other bytes"]
    assert summary.sent == 6


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b"", b"\xff\xfe"])
def test_a_file_in_evidently_another_encoding_is_refused_before_anything_is_sent(tmp_path: Path, start: bytes) -> None:
    with pytest.raises(ConfigurationError, match=r"UTF-8 text, the mapping says windows-1252|UTF-16"):
        send(tmp_path, start + as_csv(good(1), encoding="utf-8"))
    assert not (tmp_path / "out.ndjson").exists()


def test_a_missing_column_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no column `Årsag` \(did you mean `Årsager`\?\)"):
        send(tmp_path, as_csv(good(1)).replace("Årsag;".encode("cp1252"), "Årsager;".encode("cp1252"), 1))


def test_one_id_that_says_two_things_is_a_fault_and_a_repeated_row_is_sent_once(tmp_path: Path) -> None:
    summary, events = send(tmp_path, as_csv(good(1), good(1), good(1, Ydelse="Dagpenge", **{"Timer før": "7"})))
    assert (summary.repeated, summary.rejected, len(events)) == (3, 1, 3)
    assert summary.faults[0].line == 4
    assert "says something else" in summary.faults[0].expected


def test_sending_goes_on_where_it_was_when_the_file_grew(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    first, _ = send(tmp_path, as_csv(good(1), good(2)), state)
    grown, events = send(tmp_path, as_csv(good(1), good(2), good(3)), state)
    assert (first.rows, grown.rows, grown.already_sent, len(events)) == (2, 1, 2, 3)
    changed, events = send(tmp_path, as_csv(good(4), good(2), good(3)), state)
    assert (changed.rows, changed.already_sent, len(events)) == (3, 0, 9)


def _effects(store: Path) -> list[tuple]:
    with duckdb.connect(str(store / "store.duckdb"), read_only=True) as connection:
        return connection.execute("SELECT indicator_id, index_on, outcome, count(*) FROM effect GROUP BY ALL ORDER BY ALL").fetchall()


@pytest.mark.security("S3")
def test_end_to_end_twice_and_under_a_new_key(tmp_path: Path) -> None:
    """S3: rotation keeps outcomes. The same export under a new key makes a new store with the same effects, person by person."""
    export = write_export(tmp_path / "export.csv", 400)
    results, subjects = [], []
    for kid in ("k1", "k2"):
        keys, drop, store = tmp_path / f"keys-{kid}", tmp_path / f"drop-{kid}", tmp_path / f"store-{kid}"
        assert kerneeffekt("key", "new", keys, "--kid", kid).returncode == 0
        drop.mkdir()
        mapping = tmp_path / f"{kid}.yaml"
        mapping.write_text(MAPPING.read_text(encoding="utf-8").replace("kid: k1", f"kid: {kid}"), encoding="utf-8")
        for _ in range(2):
            sent = kerneeffekt("send", export, "--mapping", mapping, "--pseudonym-keys", keys, "--out", drop, "--json")
            assert sent.returncode == 0, sent.stderr
            (events,) = drop.glob("*.ndjson")
            replayed = kerneeffekt("replay", events, "--catalogue", "config/demo", "--store", store, "--json")
            assert replayed.returncode == 0, replayed.stderr
            results.append(json.loads(replayed.stdout))
        lines = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
        subjects.append({line["id"]: line["subject"] for line in lines})
        assert json.loads(sent.stdout)["sent"] == len(lines) == results[-2]["accepted"]
        assert results[-2]["quarantined"] == results[-1]["accepted"] == 0
    assert _effects(tmp_path / "store-k1") == _effects(tmp_path / "store-k2")
    assert subjects[0].keys() == subjects[1].keys()  # ids do not depend on the key
    pairs = {(subjects[0][name], subjects[1][name]) for name in subjects[0]}
    assert len(pairs) == len({old for old, _ in pairs}) == len({new for _, new in pairs})  # one to one


def test_no_number_and_no_name_of_a_person_leaves_the_sender(tmp_path: Path) -> None:
    export = write_export(tmp_path / "export.csv", 300)
    keys = tmp_path / "keys"
    kerneeffekt("key", "new", keys)
    sent = kerneeffekt("send", export, "--mapping", MAPPING, "--pseudonym-keys", keys, "--out", tmp_path / "out.ndjson")
    told = sent.stdout + sent.stderr + (tmp_path / "out.ndjson").read_text(encoding="utf-8")
    rows = [line.split(";") for line in export.read_bytes().decode("cp1252").splitlines()[1:]]
    for cells in rows:
        assert cells[1] not in told
        assert cells[1].replace("-", "") not in told
        assert cells[2] not in told
    assert keys.read_text(encoding="utf-8").split()[-1] not in told


@pytest.mark.parametrize(
    ("mode", "content", "says"),
    [
        (0o444, RING, "read by everybody"),
        (0o400, "k1 effects 0f0f\n", "too short"),
        (None, "", "cannot be read"),
        (0o400, "", "too short"),
    ],
)
@pytest.mark.security("S2")
def test_sending_does_not_start_without_a_safe_key(tmp_path: Path, mode: int | None, content: str, says: str) -> None:
    export, keys = write_export(tmp_path / "export.csv", 3), tmp_path / "keys"
    if mode is not None:
        keys.write_text(content, encoding="utf-8")
        keys.chmod(mode)
    sent = kerneeffekt("send", export, "--mapping", MAPPING, "--pseudonym-keys", keys, "--out", tmp_path / "out.ndjson")
    assert sent.returncode == 2
    assert says in sent.stderr
    assert "0f0f" not in sent.stderr
    assert not (tmp_path / "out.ndjson").exists()


@pytest.mark.security("S21")
def test_the_key_may_come_from_the_environment_and_none_is_said(tmp_path: Path) -> None:
    export = write_export(tmp_path / "export.csv", 3)
    command = ("send", export, "--mapping", MAPPING, "--trial")
    assert "needs a key" in kerneeffekt(*command).stderr
    assert kerneeffekt(*command, KERNEEFFEKT_PSEUDONYM_KEY_RING=RING).returncode == 0


def test_faulty_rows_end_in_exit_code_1_with_a_sentence_each(tmp_path: Path) -> None:
    export = tmp_path / "export.csv"
    export.write_bytes(as_csv(good(1), good(2, Startdato="tomorrow")))
    sent = kerneeffekt("send", export, "--mapping", MAPPING, "--out", tmp_path / "out.ndjson", KERNEEFFEKT_PSEUDONYM_KEY_RING=RING)
    assert sent.returncode == 1
    assert "line 3, column `Startdato`: expected a date such as 31-12-2025 (%d-%m-%Y)" in sent.stderr
    assert "1 rows rejected" in sent.stdout
    assert len((tmp_path / "out.ndjson").read_text(encoding="utf-8").splitlines()) == 3
