"""What the page shows of itself: requests, their time, and the age of what readers see."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.certificates import CERTIFICATE_EXPIRES
from dashboard.health import readiness
from dashboard.snapshots import Publications
from pipelines.telemetry import Board, Health, Metric, TelemetryServer, age_s

METRICS: tuple[Metric, ...] = (
    Metric(
        "kerneeffekt_page_requests",
        "counter",
        "requests",
        ("route", "status"),
        "Requests answered, by route as declared (never the address that was asked for) and status class.",
        "5xx: the page's log names the kind of error and the place.",
    ),
    Metric(
        "kerneeffekt_page_request_seconds",
        "histogram",
        "seconds",
        (),
        "Time to the end of an answer.",
        "Above a second: the machine is short, or a question is; see the routes with most requests.",
    ),
    Metric(
        "kerneeffekt_page_publication_age_seconds",
        "gauge",
        "seconds",
        (),
        "Age of what readers see; -1 when nothing is published.",
        "Older than it should be: see the publisher.",
    ),
    Metric(
        "kerneeffekt_page_ready",
        "gauge",
        "1 or 0",
        (),
        "1 while /readyz says 200.",
        "0: /readyz says why.",
    ),
    CERTIFICATE_EXPIRES,
)


@dataclass(frozen=True)
class Watched:
    """How a part that answers by HTTP is watched.

    port           of its telemetry; None: none
    stale_after_s  an older publication is not called ready; None: one of any age is
    certificates   PEM files whose expiry is shown: those that the proxy in front answers with
    """

    port: int | None = None
    host: str = "127.0.0.1"
    stale_after_s: float | None = None
    certificates: tuple[Path, ...] = ()


UNWATCHED = Watched()


class Counted:
    """ASGI middleware: counts every answer of the application inside, on the board of the part that the names begin with."""

    def __init__(self, app: ASGIApp, board: Board, part: str = "kerneeffekt_page") -> None:
        self.app, self.board = app, board
        self._requests, self._seconds = f"{part}_requests", f"{part}_request_seconds"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and count what came of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), [500]

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            self.board.count(self._requests, 1, _route(scope), f"{status[0] // 100}xx")
            self.board.observe(self._seconds, time.perf_counter() - began)


def page_board(publications: Publications) -> Board:
    """The page's metrics on a registry of their own."""
    board = Board(CollectorRegistry(), METRICS)
    board.gauges["kerneeffekt_page_publication_age_seconds"].set_function(lambda: age_s(publications.published / "CURRENT"))
    board.gauges["kerneeffekt_page_ready"].set_function(lambda: readiness(publications)[0] == 200)
    return board


def serve_telemetry(board: Board, publications: Publications, host: str, port: int) -> TelemetryServer:
    """Metrics and health on a port of their own: nobody who reads figures needs them, and no role is asked for there."""
    ProcessCollector(registry=board.registry)

    def health() -> Health:
        status, body = readiness(publications)
        return Health(waiting=() if status == 200 else (str(body["error"]),))

    return TelemetryServer(host, port, board.registry, health)


def _route(scope: Scope) -> str:
    """The route as declared; what was asked for may hold anything, so it is no label."""
    route: Any = scope.get("route")
    return str(getattr(route, "path", None) or ("/static" if str(scope.get("path", "")).startswith("/static/") else "other"))
