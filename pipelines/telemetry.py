"""What every running part shows of itself on a port of its own: `/metrics` for Prometheus, `/healthz` and `/readyz` for whoever watches it.

A part declares its metrics in one list. No label ever holds a subject, a unit or anything else that an event says.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any, Literal
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, make_wsgi_app

from models.errors import ConfigurationError

SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True)
class Metric:
    """One line of a part's list. `unit` is part of the name where there is one."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    unit: str
    labels: tuple[str, ...]
    meaning: str
    what_to_do: str

    def series(self) -> set[str]:
        """The names under which Prometheus sees it."""
        endings = {"counter": ("_total", "_created"), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count", "_created")}
        return {self.name + ending for ending in endings[self.kind]}


class Board:
    """The metrics of one list on one registry. The registry is passed in, so each test has its own."""

    def __init__(self, registry: CollectorRegistry, metrics: Iterable[Metric]) -> None:
        self.registry = registry
        self.counters: dict[str, Counter] = {}
        self.gauges: dict[str, Gauge] = {}
        self.histograms: dict[str, Histogram] = {}
        for metric in metrics:
            self._declare(metric)

    def _declare(self, metric: Metric) -> None:
        text = f"{metric.meaning} {metric.what_to_do}"
        if metric.kind == "counter":
            self.counters[metric.name] = Counter(metric.name, text, metric.labels, registry=self.registry)
        elif metric.kind == "gauge":
            self.gauges[metric.name] = Gauge(metric.name, text, metric.labels, registry=self.registry)
        else:
            self.histograms[metric.name] = Histogram(metric.name, text, metric.labels, registry=self.registry, buckets=SECONDS)

    def show(self, name: str, value: float, *labels: str) -> None:
        """Set a gauge by its name."""
        gauge = self.gauges[name]
        (gauge.labels(*labels) if labels else gauge).set(value)

    def count(self, name: str, n: float = 1, *labels: str) -> None:
        """Add to a counter by its name."""
        counter = self.counters[name]
        (counter.labels(*labels) if labels else counter).inc(n)

    def observe(self, name: str, seconds: float, *labels: str) -> None:
        """Put a duration into a histogram by its name."""
        histogram = self.histograms[name]
        (histogram.labels(*labels) if labels else histogram).observe(seconds)


@dataclass(frozen=True)
class Health:
    """What a part says of itself, in words without any name or value of an event.

    failing   why it should be started again; empty: it is alive
    waiting   why it cannot do its work just now, though a new start would not help; empty, and nothing failing: it is ready
    about     what else is worth knowing
    """

    failing: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is not ready."""
        return self.failing + self.waiting


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the standard library's
        """Who asks for health is nobody's business."""


class TelemetryServer:
    """Answers `/metrics`, `/healthz` (200: alive) and `/readyz` (200: doing its work) from a thread of its own; anything else is 404."""

    def __init__(self, host: str, port: int, registry: CollectorRegistry, health: Callable[[], Health]) -> None:
        """Listen at once; port 0: any free one.

        raises ConfigurationError when the port cannot be used.
        """
        try:
            self._server = make_server(host, port, _application(registry, health), _Server, _Silent)
        except OSError as error:
            raise ConfigurationError(f"the metrics port {host}:{port} cannot be used ({error.strerror}); give another one") from error
        self.port: int = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, name="telemetry", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _application(registry: CollectorRegistry, health: Callable[[], Health]) -> Callable[..., Iterable[bytes]]:
    metrics = make_wsgi_app(registry)

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            found: Iterable[bytes] = metrics(environ, start_response)
            return found
        if path not in ("/healthz", "/readyz"):
            return _json(start_response, "404 Not Found", {"ok": False, "error": "expected /metrics, /healthz or /readyz"})
        said = health()
        reasons = said.failing if path == "/healthz" else said.reasons
        status = "503 Service Unavailable" if reasons else "200 OK"
        return _json(start_response, status, {"ok": not reasons, "reasons": list(reasons), **said.about})

    return answer


def _json(start_response: Any, status: str, body: dict[str, Any]) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
    return [json.dumps(body).encode()]


def age_s(file: Path | None) -> float:
    """Seconds since a file was written; -1 when there is none."""
    try:
        return -1.0 if file is None else max(0.0, time.time() - file.stat().st_mtime)
    except FileNotFoundError:
        return -1.0
