"""The publisher as a part that keeps running: a publication on a cadence, what became of each, and an orderly end."""

import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, ProcessCollector

from models.errors import KerneeffektError, QualityGateError
from pipelines.cadence import Cadence
from pipelines.gate_history import last_check
from pipelines.logs import about
from pipelines.publish import CURRENT, Publication
from pipelines.telemetry import Board, Health, Metric, TelemetryServer, age_s

LOG = logging.getLogger(__name__)
RESULTS = ("published", "refused", "failed")

METRICS: tuple[Metric, ...] = (
    Metric(
        "kerneeffekt_publisher_runs",
        "counter",
        "publications",
        ("result",),
        "Publications tried: published, refused by the gate, failed for another reason.",
        "refused or failed: the publisher's log says why in one sentence.",
    ),
    Metric(
        "kerneeffekt_publisher_gate_refused",
        "gauge",
        "1 or 0",
        (),
        "1 when the gate refused the last version that was built.",
        "1: refused.json in the published folder names the checks; the old version stays readable.",
    ),
    Metric(
        "kerneeffekt_publisher_gate_findings",
        "gauge",
        "rules",
        ("severity",),
        "Rules that the last version broke, by severity: block, warn; -1 before the first check.",
        "block: the version was refused. warn: it is published; kerneeffekt gate history names the rules and the rows.",
    ),
    Metric(
        "kerneeffekt_publisher_gate_seconds",
        "gauge",
        "seconds",
        (),
        "Length of the last check by the gate; -1 before the first.",
        "Minutes: the gate is short of memory or processor; at its time limit it refuses.",
    ),
    Metric(
        "kerneeffekt_publisher_run_seconds",
        "gauge",
        "seconds",
        (),
        "Length of the last publication.",
        "Near the cadence: give the publisher more time between two, or more machine.",
    ),
    Metric(
        "kerneeffekt_publisher_cadence_seconds",
        "gauge",
        "seconds",
        (),
        "Time between two publications, as set.",
        "For alerts: what is published should not be older than three of these.",
    ),
    Metric(
        "kerneeffekt_publisher_publication_age_seconds",
        "gauge",
        "seconds",
        (),
        "Age of what is published; -1 when nothing is.",
        "Older than three cadences: the gate refuses, or the publisher is stuck; its log says which.",
    ),
    Metric(
        "kerneeffekt_publisher_free_bytes",
        "gauge",
        "bytes",
        (),
        "Bytes free on the volume of the published folder.",
        "A version needs room beside the old ones.",
    ),
)


@dataclass(frozen=True)
class Watched:
    """Where the publisher can be asked how it is; port None: nowhere."""

    port: int | None = None
    host: str = "127.0.0.1"


class Publisher:
    """Publishes until told to stop. A refusal or a fault is logged and counted, and the next one is tried all the same."""

    def __init__(
        self, to: Path, every_s: float, watched: Watched, publish_once: Callable[[], Publication], said: Callable[[Publication], None]
    ) -> None:
        self._every_s, self._watched, self._publish_once, self._said = every_s, watched, publish_once, said
        self.board = Board(CollectorRegistry(), METRICS)
        self._failed = ""
        self._to = to
        board = self.board
        self._show_gate()
        for result in RESULTS:
            board.counters["kerneeffekt_publisher_runs"].labels(result)
        board.show("kerneeffekt_publisher_cadence_seconds", every_s)
        board.gauges["kerneeffekt_publisher_publication_age_seconds"].set_function(lambda: age_s(to / CURRENT))
        board.gauges["kerneeffekt_publisher_free_bytes"].set_function(lambda: _free_bytes(to))

    def run(self) -> None:
        """Publish, wait, and again, until SIGTERM or SIGINT; a version that is being built then is thrown away."""
        server = self._telemetry()
        try:
            if not Cadence(self._every_s).run(self._once):
                LOG.info("the publisher was stopped while it built a version; the last one stays")
        finally:
            if server is not None:
                server.close()

    def health(self) -> Health:
        """Alive while it answers; ready while its last publication passed."""
        age = self.board.registry.get_sample_value("kerneeffekt_publisher_publication_age_seconds")
        return Health(waiting=(self._failed,) if self._failed else (), about={"publication_age_seconds": round(age or 0.0)})

    def _once(self) -> None:
        began = time.monotonic()
        try:
            made = self._publish_once()
        except QualityGateError as refused:
            self._note("refused", str(refused))
        except KerneeffektError as fault:
            self._note("failed", str(fault))
        else:
            self._note("published", "")
            LOG.info("published", extra=about(version=made.version))
            self._said(made)
        finally:
            self.board.show("kerneeffekt_publisher_run_seconds", time.monotonic() - began)
            self._show_gate()

    def _show_gate(self) -> None:
        check = last_check(self._to) or {"failed": None, "warned": None, "seconds": -1}
        for severity, kind in (("block", "failed"), ("warn", "warned")):
            found = check[kind]
            self.board.show("kerneeffekt_publisher_gate_findings", -1 if found is None else len(found), severity)
        self.board.show("kerneeffekt_publisher_gate_seconds", check["seconds"])

    def _note(self, result: str, why: str) -> None:
        self.board.count("kerneeffekt_publisher_runs", 1, result)
        self.board.show("kerneeffekt_publisher_gate_refused", result == "refused")
        self._failed = why
        if why:
            LOG.error("%s; the next try in %g s", why, self._every_s)

    def _telemetry(self) -> TelemetryServer | None:
        if self._watched.port is None:
            return None
        ProcessCollector(registry=self.board.registry)
        return TelemetryServer(self._watched.host, self._watched.port, self.board.registry, self.health)


def _free_bytes(folder: Path) -> float:
    return float(shutil.disk_usage(folder).free) if folder.exists() else -1.0
