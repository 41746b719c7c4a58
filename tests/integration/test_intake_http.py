"""`POST /events`: who may send, what is said of each event, and that what was accepted is safe and counts once."""

import json
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dashboard.access.sessions import Sessions
from dashboard.access.users import UserFile
from dashboard.access.ways_in import Access
from dashboard.intake import BATCH_TYPE, MOST_EVENTS, SINGLE_TYPE, BodyError, create_intake, documents_of
from dashboard.intake_telemetry import AWAY_S, IntakeCounts
from models.errors import BrokerError, ConfigurationError
from models.records import parse_record
from pipelines.sending.segments import SegmentDelivery
from tests.bad_events import good_event
from tests.broker import free_port
from tests.command import PROJECT, kerneeffekt
from tests.page_client import PageClient


class Kept:
    """Keeps what it takes, or refuses as a broker does that is away."""

    at_once = True

    def __init__(self) -> None:
        self.events: list[bytes] = []
        self.is_away = False

    def put(self, events: Sequence[bytes]) -> None:
        if self.is_away:
            raise BrokerError("away")
        self.events += events

    def finish(self) -> str:
        return "kept"


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> UserFile:
    file = UserFile(tmp_path_factory.mktemp("users") / "users.json")
    file.put("fasit", ["sender"], token="ke_sender")
    file.put("bi-tool", ["reader"], token="ke_reader")
    return file


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def client(users: UserFile, kept: Kept) -> PageClient:
    access = Access("users", Sessions(b"x" * 32), users=users)
    return PageClient(create_intake(access, kept, allowed_hosts=("127.0.0.1", "testserver", "localhost")))


def events(n: int) -> list[dict[str, Any]]:
    rng = random.Random(5)
    return [good_event(rng, number) for number in range(n)]


def post(client: PageClient, content: object, token: str | None = "ke_sender", content_type: str = BATCH_TYPE) -> Any:
    body = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    headers = {"Content-Type": content_type} | ({"Authorization": f"Bearer {token}"} if token else {})
    return client.request("POST", "/events", content=body, headers=headers)


def test_a_batch_is_answered_event_by_event_and_kept_as_it_was_sent(client: PageClient, kept: Kept) -> None:
    sent = events(3)
    answer = post(client, sent)
    assert answer.status_code == 202
    assert answer.json()["accepted"] == 3
    assert answer.json()["events"][2] == {"index": 2, "id": sent[2]["id"], "status": "accepted"}
    assert [json.loads(event) for event in kept.events] == sent


def test_one_event_alone(client: PageClient, kept: Kept) -> None:
    assert post(client, events(1)[0], content_type=SINGLE_TYPE).status_code == 202
    assert len(kept.events) == 1


def test_a_bad_event_hides_no_good_one_and_is_answered_with_what_is_wrong(client: PageClient, kept: Kept) -> None:
    sent = events(4)
    sent[1]["data"]["unit"] = 7
    sent[2]["type"] = "dk.kerneopgave.employment.unheard_of.v1"
    answer = post(client, sent)
    assert answer.status_code == 207
    told = answer.json()
    assert (told["accepted"], told["refused"], len(kept.events)) == (2, 2, 2)
    assert told["events"][1]["class"] == "payload"
    assert told["events"][1]["faults"] == [{"field": "data.unit", "fault": "string_type"}]
    assert told["events"][2]["class"] == "unknown_type"


@pytest.mark.security("S1")
def test_a_civil_registration_number_is_refused_and_not_repeated(client: PageClient, kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    sent = events(1)
    sent[0]["id"] = "case 010170-1234"
    answer = post(client, sent)
    assert answer.status_code == 422
    assert answer.json()["events"] == [
        {"index": 0, "id": None, "status": "refused", "class": "personal_number", "faults": [{"field": None, "fault": "personal_number"}]}
    ]
    assert "010170" not in answer.text + caplog.text
    assert not kept.events


def test_what_the_list_says_twice_is_seen_as_it_was_sent(client: PageClient, kept: Kept) -> None:
    twice = json.dumps(events(1)[0]).replace('"specversion"', '"specversion": "1.0", "specversion"', 1)
    answer = post(client, f"[{twice}]".encode())
    assert answer.json()["events"][0]["faults"] == [{"field": None, "fault": "duplicate_key"}]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "a JSON list"),
        (b"{}", "a JSON list"),
        (b"[{}", "a comma or the end of the list after event 0"),
        (b"[{},]", "event 1 of the list cannot be read"),
        (b'[{"a": }]', "event 0 of the list cannot be read"),
        (b"[{}] {}", "nothing after the list"),
        (b"[\xff]", "byte 1 is not"),
        (b"[" + b"[" * 100_000, "event 0 of the list cannot be read"),
        (b"[" + b"1," * MOST_EVENTS + b"1]", f"at most {MOST_EVENTS} events"),
    ],
)
def test_a_body_that_is_no_list_is_refused_whole(client: PageClient, kept: Kept, body: bytes, says: str) -> None:
    answer = post(client, body)
    assert answer.status_code == 400
    assert says in answer.json()["error"]
    assert not kept.events


def test_documents_are_cut_where_they_end() -> None:
    assert documents_of(b'\xef\xbb\xbf [ {"a": "],{"} ,\n[1], "x" ] ') == [b'{"a": "],{"}', b"[1]", b'"x"']
    assert documents_of(b"[ ]") == []
    with pytest.raises(BodyError):
        documents_of(b"[1")


@pytest.mark.parametrize(("token", "status"), [(None, 401), ("ke_wrong", 401), ("ke_reader", 403)])
@pytest.mark.security("S9")
def test_only_a_sender_may_send(client: PageClient, kept: Kept, token: str | None, status: int) -> None:
    assert post(client, events(1), token).status_code == status
    assert not kept.events


def test_other_content_types_and_addresses_are_refused(client: PageClient) -> None:
    assert post(client, events(1), content_type="application/json").status_code == 415
    assert post(client, events(1), content_type="text/plain").status_code == 403
    assert client.get("/events", headers={"Authorization": "Bearer ke_sender"}).status_code in (403, 405)
    assert client.get("/", headers={"Authorization": "Bearer ke_sender"}).status_code in (403, 404)


@pytest.mark.security("S19")
def test_too_much_at_a_time_is_refused(client: PageClient) -> None:
    assert post(client, b"[" + b" " * (16 << 20) + b"]").status_code == 413


def test_what_cannot_be_kept_is_not_accepted(client: PageClient, kept: Kept) -> None:
    kept.is_away = True
    answer = post(client, events(2))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert "nothing counts as taken" in answer.json()["error"]


def figures(counts: IntakeCounts) -> dict[str, float]:
    """Events by what became of them; a class without any is left out."""
    return {
        "/".join([sample.name.removeprefix("kerneeffekt_intake_"), *sample.labels.values()]): sample.value
        for family in counts.board.registry.collect()
        for sample in family.samples
        if sample.name.endswith("_total") and sample.value
    }


def test_what_became_of_events_is_counted_by_class_and_health_tells_whether_they_can_be_kept(users: UserFile, kept: Kept) -> None:
    access = Access("users", Sessions(b"x" * 32), users=users)
    counts = IntakeCounts(access)
    client = PageClient(create_intake(access, kept, allowed_hosts=("127.0.0.1",), counts=counts))
    sent = events(4)
    sent[1]["data"]["unit"] = 7
    sent[2]["id"] = "case 010170-1234"
    post(client, sent)
    assert figures(counts) == {"accepted_total": 2, "refused_total/payload": 1, "refused_total/personal_number": 1}
    assert counts.health().reasons == ()
    kept.is_away = True
    post(client, events(3))
    assert figures(counts)["not_kept_total"] == 3
    assert "could not be kept" in counts.health().reasons[0]
    assert counts.health().failing == ()
    kept.is_away = False
    post(client, events(1))
    assert counts.health().reasons == ()
    assert counts.board.registry.get_sample_value("kerneeffekt_intake_ready") == 1


def test_the_intake_asks_for_events_again_some_time_after_it_could_not_keep_any(users: UserFile, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = IntakeCounts(Access("users", Sessions(b"x" * 32), users=users))
    counts.not_kept(3)
    assert counts.health().reasons
    later = time.monotonic() + AWAY_S
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert counts.health().reasons == (), "else a proxy that sends to the ready only would never send again"


def test_the_intake_is_not_ready_while_nobody_may_send(kept: Kept, tmp_path: Path) -> None:
    counts = IntakeCounts(Access("users", Sessions(b"x" * 32), users=UserFile(tmp_path / "gone.json")))
    assert "there is no user file" in counts.health().reasons[0]
    assert counts.board.registry.get_sample_value("kerneeffekt_intake_ready") == 0


def test_a_segment_appears_whole_and_a_line_that_was_cut_off_does_not(tmp_path: Path) -> None:
    delivery = SegmentDelivery(tmp_path)
    with pytest.raises(ConfigurationError, match="another intake"):
        SegmentDelivery(tmp_path)
    delivery.put([b'{"a":\n1}', b'{"b":2}'])
    assert not list(tmp_path.glob("*.ndjson"))
    (part,) = tmp_path.glob(".intake-*.part")
    assert part.read_bytes() == b'{"a": 1}\n{"b":2}\n'
    delivery.finish()
    (shown,) = tmp_path.glob("*.ndjson")
    assert shown.stat().st_mode & 0o777 == 0o600
    (tmp_path / ".intake-killed.part").write_bytes(b'{"c":3}\n{"d"')
    SegmentDelivery(tmp_path).finish()
    assert (tmp_path / "intake-killed.ndjson").read_bytes() == b'{"c":3}\n'


def test_a_segment_becomes_visible_after_its_time(tmp_path: Path) -> None:
    delivery = SegmentDelivery(tmp_path, visible_after_s=0.05)
    delivery.put([b"{}"])
    deadline = time.monotonic() + 10
    while not list(tmp_path.glob("*.ndjson")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    delivery.finish()


def test_the_real_command_takes_the_same_batch_twice_and_the_store_counts_it_once(tmp_path: Path) -> None:
    token = kerneeffekt("users", "token", "fasit", "--role", "sender", "--users", tmp_path / "users.json").stdout
    secret = next(word for word in token.split() if word.startswith("ke_"))
    port, drop = free_port(), tmp_path / "drop"
    command = [str(Path(sys.executable).with_name("kerneeffekt")), "intake", "--users", str(tmp_path / "users.json"), "--out", str(drop)]
    with subprocess.Popen([*command, "--port", str(port)], cwd=PROJECT, stderr=subprocess.PIPE) as process:
        sent = [json.dumps(event) for event in events(20)]
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/events",
            data=f"[{','.join(sent)}]".encode(),
            headers={"Content-Type": BATCH_TYPE, "Authorization": f"Bearer {secret}"},
        )
        answers = [_answer(request, process) for _ in range(2)]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in (0, -signal.SIGTERM)
    assert [answer["accepted"] for answer in answers] == [20, 20]
    assert all(not hasattr(parse_record(line.encode()), "reason") for line in sent)
    replayed = kerneeffekt("replay", *drop.glob("*.ndjson"), "--catalogue", "config/demo", "--store", tmp_path / "store", "--json")
    assert replayed.returncode == 0, replayed.stderr
    assert (json.loads(replayed.stdout)["accepted"], json.loads(replayed.stdout)["duplicates"]) == (20, 20)


def _answer(request: urllib.request.Request, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError:
            raise
        except OSError:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.1)
