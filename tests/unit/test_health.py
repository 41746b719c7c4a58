"""What the worker says of itself when something is wrong; and the server that says it."""

import json
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from models.errors import ConfigurationError
from pipelines.telemetry import Health, TelemetryServer
from streams.health import WorkerHealth
from streams.metrics import Metrics
from streams.topics import Place

HERE = Place("kerneeffekt.employment", 0)


class Clockwork(Metrics):
    """Metrics that say how long ago the last commit was."""

    seconds = 0.0

    def seconds_since_progress(self) -> float:
        return self.seconds


@pytest.fixture
def worker(tmp_path: Path) -> tuple[WorkerHealth, Clockwork, Path]:
    (tmp_path / "store.duckdb").touch()
    metrics = Clockwork(CollectorRegistry())
    health = WorkerHealth(tmp_path, metrics, (threading.current_thread(),), patience_s=120)
    health.reads()
    return health, metrics, tmp_path


def ready(metrics: Metrics) -> float | None:
    return metrics.registry.get_sample_value("kerneeffekt_worker_ready")


def test_a_worker_that_reads_is_alive_and_ready(worker):
    health, metrics, _ = worker
    assert health.now().reasons == ()
    assert ready(metrics) == 1


def test_starting_and_ending_are_said(worker, tmp_path):
    health, metrics, _ = worker
    health.ends()
    assert health.now().reasons == ("it is ending",)
    assert WorkerHealth(tmp_path, metrics, (), patience_s=120).now().reasons == ("it is starting",)
    assert ready(metrics) == 0


def test_a_standstill_is_first_not_ready_and_then_not_alive(worker):
    health, metrics, _ = worker
    metrics.show_lag({HERE: 7}, {HERE: 7})
    metrics.seconds = 61
    assert health.now().failing == ()
    assert health.now().waiting == ("7 records wait and none was stored for 61 s",)
    metrics.seconds = 121
    assert health.now().failing == ("7 records wait and none was stored for 121 s",)


def test_a_silent_broker_is_no_reason_to_start_again(worker):
    health, _, _ = worker
    health.broker_answered(False)
    health.broker_answered(False)
    assert health.now().failing == ()
    assert health.now().waiting == ("the broker has not answered for 0 s",)
    health.broker_answered(True)
    assert health.now().reasons == ()


def test_a_store_that_went_away_is_said(worker):
    health, _, folder = worker
    (folder / "store.duckdb").unlink()
    assert health.now().waiting == ("the store's file is gone, or its folder cannot be written",)


def test_a_thread_that_ended_is_a_reason_to_start_again(tmp_path):
    (tmp_path / "store.duckdb").touch()
    done = threading.Thread(target=bool, name="writer")
    done.start()
    done.join()
    health = WorkerHealth(tmp_path, Metrics(CollectorRegistry()), (done,), patience_s=120)
    health.reads()
    assert health.now().failing == ("the thread writer has ended",)


def ask(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_the_server_tells_alive_from_ready():
    said = [Health(about={"records_waiting": 3})]
    server = TelemetryServer("127.0.0.1", 0, Metrics(CollectorRegistry()).registry, lambda: said[0])
    try:
        assert ask(server.port, "/healthz") == (200, '{"ok": true, "reasons": [], "records_waiting": 3}')
        said[0] = Health(waiting=("no broker",))
        assert ask(server.port, "/healthz")[0] == 200
        assert ask(server.port, "/readyz")[0] == 503
        said[0] = Health(failing=("stuck",), waiting=("no broker",))
        assert ask(server.port, "/healthz")[0] == 503
        assert json.loads(ask(server.port, "/readyz")[1])["reasons"] == ["stuck", "no broker"]
        assert "kerneeffekt_accepted_total 0.0" in ask(server.port, "/metrics")[1]
        assert ask(server.port, "/metrics/../etc/passwd")[0] == 404
    finally:
        server.close()


def test_a_port_that_is_taken_is_said_in_one_sentence():
    registry = CollectorRegistry()
    server = TelemetryServer("127.0.0.1", 0, registry, Health)
    try:
        with pytest.raises(ConfigurationError, match=f"the metrics port 127.0.0.1:{server.port} cannot be used"):
            TelemetryServer("127.0.0.1", server.port, registry, Health)
    finally:
        server.close()
