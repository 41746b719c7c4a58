"""A thousand rejected events: seen without a value, told to their sender, mended, taken up once; and forgotten in time."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from models import registry
from pipelines.intake import Intake
from pipelines.invariants import violations
from pipelines.quarantine import count_by_class, expire, list_rejected, retry, show
from pipelines.quarantine_beside import WORKER_ANSWERS, quarantine_of, retry_beside
from pipelines.quarantine_told import for_sender, shape
from pipelines.snapshot import answer_request
from pipelines.store import Store
from tests.store_factories import FEED, counts, erasure, open_store, staged

NEW_TYPE = "employment.conversation_held"
CANARY = "Kanariefugl"
ZONE = "Europe/Copenhagen"


def record(n: int, fact: str = "benefit_started", **changes: object) -> bytes:
    event = {
        "specversion": "1.0",
        "id": f"{CANARY}-{n}",
        "source": "urn:test:fagsystem",
        "type": f"dk.kerneopgave.employment.{fact}.v1",
        "subject": f"p:k1.{n:016x}",
        "time": "2024-01-02T10:00:00+01:00",
        "data": {"unit": "u1", "spell_id": f"s{n}", "benefit": "dagpenge"},
    }
    return json.dumps(event | changes).encode()


def thousand_bad() -> list[bytes]:
    """400 of a type that this version does not know, 200 cut off, 200 with a wrong value, 150 without a time, 50 with a personal number."""
    told = [record(n, "conversation_held", data={"unit": "u1", "minutes": 30}) for n in range(400)]
    told += [record(n)[:90] for n in range(400, 600)]
    told += [record(n, data={"unit": "u1", "spell_id": 7, "benefit": [CANARY]}) for n in range(600, 800)]
    told += [record(n, time=f"{CANARY} i morgen") for n in range(800, 950)]
    return told + [record(n, data={"unit": "u1", "note": "010190-1234"}) for n in range(950, 1000)]


def everything(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


@pytest.fixture
def older_version(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A version of the program that does not know one type of event; `undo` brings the mended one, and the end the order of all types."""
    whole = dict(registry.EVENT_TYPES)
    monkeypatch.delitem(registry.EVENT_TYPES, NEW_TYPE)
    yield monkeypatch
    monkeypatch.undo()
    registry.EVENT_TYPES.clear()
    registry.EVENT_TYPES.update(whole)


@pytest.fixture
def folder(tmp_path: Path, older_version: pytest.MonkeyPatch) -> Path:
    """A store that has read ten good events and a thousand bad ones; the model is mended afterwards."""
    with open_store(tmp_path) as store:
        good = [record(n) for n in range(2000, 2010)]
        store.commit([Intake(ZONE, threads=1).read(FEED, 0, 0, good + thousand_bad())])
        assert counts(store) == (1010, 10, 0, 1000, 0)
    older_version.undo()
    return tmp_path


def test_a_thousand_rejected_are_mended_and_taken_up_once(folder):
    with open_store(folder) as store:
        before = count_by_class(store)
        assert before == {"envelope": 150, "malformed": 200, "payload": 200, "personal_number": 50, "unknown_type": 400}
        done = retry(store, Intake(ZONE, threads=1))
        assert (done.tried, done.taken_up, done.accepted, done.duplicates) == (950, 400, 400, 0)
        assert counts(store) == (1010, 410, 0, 600, 0)
        assert count_by_class(store) == {name: n for name, n in before.items() if name != "unknown_type"}
        again = retry(store, Intake(ZONE, threads=1))
        assert (again.taken_up, again.accepted) == (0, 0)
        assert counts(store) == (1010, 410, 0, 600, 0)
        assert not any(violations(store.connection).values())
        sent_again = [record(n, "conversation_held", data={"unit": "u1", "minutes": 30}) for n in range(400)]
        store.commit([Intake(ZONE, threads=1).read(FEED, 0, 1010, sent_again)])
        assert counts(store) == (1410, 410, 400, 600, 0), "what the source sends again after a retry is a duplicate"


def test_a_running_worker_shows_its_quarantine_and_takes_up_again(folder):
    with open_store(folder) as store:
        seen: list[object] = []

        def asker() -> None:
            with quarantine_of(folder) as opened:
                seen.append(count_by_class(opened)["unknown_type"])
                seen.append(len(list(for_sender(opened))))
            seen.append(retry_beside(folder, None).taken_up)

        thread = threading.Thread(target=asker)
        thread.start()
        while thread.is_alive():
            answer_request(store, WORKER_ANSWERS)
            thread.join(0.02)
        assert seen == [400, 1000, 400]
        assert counts(store) == (1010, 410, 0, 600, 0)
    assert list((folder / "snapshot").glob("*")) == []


def test_the_sender_is_told_place_fault_and_shape_and_nothing_that_was_said(folder):
    with quarantine_of(folder) as opened:
        told = list(for_sender(opened))
        assert len(told) == 1000
        wrong = next(one for one in told if one["class"] == "payload")
        assert wrong["event"]["data"] == {"unit": "(text)", "spell_id": "(number)", "benefit": ["(text)", "(1 items)"]}
        assert wrong["event"]["type"] == "dk.kerneopgave.employment.benefit_started.v1"
        assert {fault["field"] for fault in wrong["faults"]} >= {"data.spell_id"}
        text = json.dumps([{name: value for name, value in one.items() if name != "id"} for one in told])
        assert CANARY not in text, "only the sender's own id is repeated, to find the event by"
        assert "p:k1." not in text
        assert "010190" not in text
        with_bytes = list(for_sender(opened, "malformed", with_bytes=True))
        assert all(one["bytes"].startswith('{"specversion"') for one in with_bytes)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"\xff\xfe", "(2 bytes, not JSON)"),
        (b'{"010190-1234": 1, "p:deadbeefdeadbeef": {"ok": null}}', {"(another name)": {"ok": None}}),
        (b'{"type": "010190-1234", "x": ["a", "b"]}', {"type": "(text)", "x": ["(text)", "(2 items)"]}),
        (b"[true, 1.5]", ["(yes or no)", "(2 items)"]),
        (b'{"a": ""}', {"a": "(empty text)"}),
    ],
)
def test_a_shape_says_names_and_kinds(raw, told):
    assert shape(raw) == told


@pytest.mark.security("S5")
def test_what_was_rejected_is_forgotten_in_time_and_the_counts_stay(folder):
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=15)
    assert CANARY.encode() + b"-500" in everything(folder), "the control: a search for bytes finds what is there"
    with open_store(folder) as store:
        assert expire(store, 14) == {}
        assert sum(expire(store, 14, dry_run=True, now=later).values()) == 1000
        assert sum(expire(store, 14, now=later).values()) == 1000
        assert expire(store, 14, now=later) == {}
        assert counts(store) == (1010, 10, 0, 1000, 0)
        assert not any(violations(store.connection).values())
        assert retry(store, Intake(ZONE, threads=1)).tried == 0
        first = list_rejected(store)[0]
        assert "expired" in show(store, first.feed, first.part, first.offset)[1]
    assert CANARY.encode() + b"-500" not in everything(folder)


@pytest.mark.security("S4")
def test_erasure_reaches_the_quarantine(folder):
    with open_store(folder) as store:
        gone = "p:k1." + f"{3:016x}"
        store.commit([staged([erasure("x", gone)], first=1010)])
        assert count_by_class(store)["unknown_type"] == 399
        assert not any(violations(store.connection).values())
        assert retry(store, Intake(ZONE, threads=1)).taken_up == 399


def test_a_store_of_another_process_is_not_touched(folder):
    with quarantine_of(folder) as opened:
        assert count_by_class(opened)["unknown_type"] == 400
    with Store.open(folder) as store:
        assert counts(store)[0] == 1010
