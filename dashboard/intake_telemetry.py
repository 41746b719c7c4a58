"""What the intake shows of itself: events accepted and refused by class, requests, and whether it can keep what it is sent."""

import time
from collections import Counter
from collections.abc import Iterable
from typing import get_args

from prometheus_client import CollectorRegistry, ProcessCollector

from dashboard.access.ways_in import Access
from dashboard.certificates import CERTIFICATE_EXPIRES
from models.errors import ConfigurationError
from models.records import QuarantineClass
from pipelines.telemetry import Board, Health, Metric, TelemetryServer

PART = "kerneeffekt_intake"
AWAY_S = 60.0
"""So long it is not ready after events could not be kept. Whoever sends only to what is ready must then try again, or it would never be."""

METRICS: tuple[Metric, ...] = (
    Metric(
        "kerneeffekt_intake_accepted",
        "counter",
        "events",
        (),
        "Events accepted and safe, repeated ones included.",
        "Flat on a working day: ask whoever runs the sources.",
    ),
    Metric(
        "kerneeffekt_intake_refused",
        "counter",
        "events",
        ("class",),
        "Events refused to their sender, by class; nothing of them is kept.",
        "Many: the log names the sender; the answer told it every fault. personal_number: tell the sender's owner and the DPO.",
    ),
    Metric(
        "kerneeffekt_intake_not_kept",
        "counter",
        "events",
        (),
        "Events answered with 503, because they could not be kept; the sender sends them again.",
        "Above 0: look at the broker, or at the folder's disk.",
    ),
    Metric(
        "kerneeffekt_intake_requests",
        "counter",
        "requests",
        ("route", "status"),
        "Requests answered, by route as declared and status class.",
        "4xx: a sender without a token, or whose events are refused.",
    ),
    Metric(
        "kerneeffekt_intake_request_seconds",
        "histogram",
        "seconds",
        (),
        "Time to the end of an answer, until the events are safe.",
        "Above a second: the broker acknowledges slowly, or senders send thousands at a time.",
    ),
    Metric(
        "kerneeffekt_intake_ready",
        "gauge",
        "1 or 0",
        (),
        "1 while /readyz says 200.",
        "0: /readyz says why.",
    ),
    CERTIFICATE_EXPIRES,
)


class IntakeCounts:
    """The intake's metrics on a registry of their own, and what they say of its health. No label says who sent, or about whom."""

    def __init__(self, access: Access) -> None:
        self.board = Board(CollectorRegistry(), METRICS)
        self._access = access
        self._away_until = 0.0
        for one in get_args(QuarantineClass):
            self.board.counters["kerneeffekt_intake_refused"].labels(one)
        self.board.gauges["kerneeffekt_intake_ready"].set_function(lambda: not self.health().reasons)

    def kept(self, n_accepted: int, refused: Iterable[str]) -> None:
        """A request was answered: so many events are safe, these classes were refused."""
        self.board.count("kerneeffekt_intake_accepted", n_accepted)
        for one, n in Counter(refused).items():
            self.board.count("kerneeffekt_intake_refused", n, one)
        if n_accepted:
            self._away_until = 0.0

    def not_kept(self, n: int) -> None:
        """So many events could not be put away."""
        self.board.count("kerneeffekt_intake_not_kept", n)
        self._away_until = time.monotonic() + AWAY_S

    def health(self) -> Health:
        """Alive while it answers; ready while it can read who may send, and what was sent within `AWAY_S` could be kept."""
        return Health(waiting=tuple(filter(None, (self._away(), self._locked()))))

    def _away(self) -> str:
        if time.monotonic() >= self._away_until:
            return ""
        return "the last events could not be kept: the broker, or the folder's disk, takes none; the log says more"

    def _locked(self) -> str:
        try:
            if self._access.users is not None:
                self._access.users.users()
        except ConfigurationError as fault:
            return str(fault)
        return ""


def serve_intake_telemetry(counts: IntakeCounts, host: str, port: int) -> TelemetryServer:
    """Metrics and health on a port of their own."""
    ProcessCollector(registry=counts.board.registry)
    return TelemetryServer(host, port, counts.board.registry, counts.health)
