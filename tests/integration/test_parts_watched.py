"""The real worker, publisher, page and intake, watched: every series asked for is there, nothing tells of a person, all end in order."""

import datetime as dt
import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from dashboard.access.users import UserFile
from dashboard.intake import BATCH_TYPE
from streams.send import send_files
from tests.broker import free_port
from tests.certificates import certificate_until
from tests.command import PROJECT
from tests.integration.test_kafka_worker import CATALOGUE, wait_for, write_events

pytestmark = pytest.mark.kafka
OPS = PROJECT / "streams" / "ops"
CANARY = "Kanariefugl"
BAD = [
    f'{{"note": "{CANARY}"'.encode(),
    json.dumps({"specversion": "1.0", "id": CANARY, "source": CANARY, "type": CANARY, "subject": CANARY, "time": CANARY}).encode(),
    json.dumps({"specversion": "1.0", "id": "1", "source": "urn:x", "type": "dk.kerneopgave.employment.benefit_started.v1",
                "subject": "p:k1.00000000000000ff", "time": CANARY, "data": {CANARY: CANARY, "note": "010190-1234"}}).encode(),
]  # fmt: skip


@dataclass
class Part:
    process: subprocess.Popen[str]
    port: int

    def ask(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.read().decode()

    def end(self) -> tuple[int, float, str]:
        began = time.monotonic()
        self.process.terminate()
        code = self.process.wait(30)
        return code, time.monotonic() - began, self.process.stderr.read() if self.process.stderr else ""


def start(*words: object) -> Part:
    port = free_port()
    command = [Path(sys.executable).with_name("kerneeffekt"), *words, "--metrics-port", port, "--log-format", "json"]
    process = subprocess.Popen([str(w) for w in command], cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return Part(process, port)


def send_by_http(port: int, events: list[bytes]) -> None:
    """Events to the intake, good and bad ones; its answer says so (207)."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/events",
        data=b"[" + b",".join(events) + b"]",
        headers={"Content-Type": BATCH_TYPE, "Authorization": "Bearer ke_watched"},
    )
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                assert answer.status == 207
                return
        except OSError:
            assert time.monotonic() < deadline, "the intake does not listen"
            time.sleep(0.05)


@pytest.fixture(scope="module")
def parts(kafka_broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Part]]:
    folder, prefix, page_port = tmp_path_factory.mktemp("watched"), "watched.", free_port()
    store, published = folder / "store", folder / "published"
    send_files([write_events(folder / "a.jsonl", range(60), extra=BAD)], kafka_broker, 2, topic_prefix=prefix)
    same = ("--catalogue", CATALOGUE, "--store", store)
    found: dict[str, Part] = {}
    try:
        found["worker"] = start("worker", *same, "--broker", kafka_broker, "--topic-prefix", prefix, "--published", published)
        wait_for(found["worker"].port, "kerneeffekt_received_total", 243, found["worker"].process)
        found["publisher"] = start("publish", *same, "--to", published, "--every", 3600)
        wait_for(found["publisher"].port, "kerneeffekt_publisher_runs_total", 1, found["publisher"].process, within_s=120)
        found["page"] = start("serve", "--published", published, "--port", page_port)
        wait_for(found["page"].port, "kerneeffekt_page_ready", 1, found["page"].process)
        urllib.request.urlopen(f"http://127.0.0.1:{page_port}/?lang=en", timeout=30).read()
        UserFile(folder / "users.json").put("fasit", ["sender"], token="ke_watched")
        intake_port, certificate = free_port(), folder / "intake.pem"
        certificate.write_text(certificate_until(dt.datetime(2030, 1, 1, tzinfo=dt.UTC)), encoding="ascii")
        words = ("--users", folder / "users.json", "--broker", kafka_broker, "--topic-prefix", prefix, "--port", intake_port)
        found["intake"] = start("intake", *words, "--certificate", certificate)
        wait_for(found["intake"].port, "kerneeffekt_intake_ready", 1, found["intake"].process)
        send_by_http(intake_port, [b"{}", BAD[1], BAD[2], *(folder / "a.jsonl").read_bytes().splitlines()[:5]])
        yield found
    finally:
        for part in found.values():
            if part.process.poll() is None:
                part.process.kill()
                part.process.wait()


def test_every_series_of_rules_and_dashboards_is_exposed_by_the_real_parts(parts: dict[str, Part]) -> None:
    texts = [file.read_text(encoding="utf-8") for file in (OPS / "alerts.yml", *(OPS / "grafana" / "dashboards").glob("*.json"))]
    asked = set(re.findall(r"(?:kerneeffekt|process)_[a-z_]+", "".join(texts)))
    asked = {name for name in asked if not name.endswith("_")}
    shown = {re.split(r"[{ ]", line)[0] for part in parts.values() for line in part.ask("/metrics").splitlines() if line[:1] != "#"}
    assert asked - shown == set()


def test_all_are_alive_and_ready(parts: dict[str, Part]) -> None:
    for name, part in parts.items():
        for path in ("/healthz", "/readyz"):
            assert json.loads(part.ask(path))["ok"] is True, (name, path)


@pytest.mark.security("S26")
def test_the_worker_opens_no_port_but_that_of_its_telemetry(parts: dict[str, Part]) -> None:
    process = psutil.Process(parts["worker"].process.pid)
    assert {one.laddr.port for one in process.net_connections() if one.status == psutil.CONN_LISTEN} == {parts["worker"].port}


@pytest.mark.security("S11")
def test_all_end_in_order_and_nothing_that_they_said_tells_of_a_person(parts: dict[str, Part]) -> None:
    """S11: canary values went down every path; neither metrics, health nor logs repeat one. Runs last: it ends the parts."""
    said = {name: part.ask("/metrics") + part.ask("/healthz") + part.ask("/readyz") for name, part in parts.items()}
    for name, part in parts.items():
        code, seconds, log = part.end()
        assert code in ((0, -15) if name in ("page", "intake") else (0,)), log
        assert seconds < 10
        lines = [json.loads(line) for line in log.splitlines()]
        assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)
        said[name] += log
    assert '"the worker ended"' in said["worker"]
    for name, text in said.items():
        assert not re.search(rf"{CANARY}|p:k1\.|010190", text), name
