"""The Grafana dashboards, written once as rows of panels; `python -m streams.dashboards FOLDER` makes the JSON that Grafana provisions."""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).parent / "ops" / "grafana" / "dashboards"
SOURCE = {"type": "prometheus", "uid": "prometheus"}
WIDTH = 24


@dataclass(frozen=True)
class Panel:
    """One picture: a number (stat) or curves (timeseries). shows: PromQL by curve; red_from, red_below: limits."""

    title: str
    shows: dict[str, str]
    unit: str = "short"
    kind: Literal["stat", "timeseries"] = "timeseries"
    about: str = ""
    red_from: float | None = None
    red_below: float | None = None

    def as_json(self, number: int, place: dict[str, int]) -> dict[str, Any]:
        """As Grafana wants it."""
        return {
            "id": number,
            "title": self.title,
            "type": self.kind,
            "description": self.about,
            "datasource": SOURCE,
            "gridPos": place,
            "fieldConfig": {"defaults": {"unit": self.unit, "thresholds": self._thresholds()}, "overrides": []},
            "targets": [
                {"refId": chr(ord("A") + i), "datasource": SOURCE, "expr": query, "legendFormat": legend}
                for i, (legend, query) in enumerate(self.shows.items())
            ],
        }

    def _thresholds(self) -> dict[str, Any]:
        steps: list[dict[str, Any]] = [{"color": "green" if self.red_below is None else "red", "value": None}]
        if self.red_from is not None:
            steps.append({"color": "red", "value": self.red_from})
        if self.red_below is not None:
            steps.append({"color": "green", "value": self.red_below})
        return {"mode": "absolute", "steps": steps}


@dataclass(frozen=True)
class Dashboard:
    """Rows of panels, each row as high as given, the panels in it equally wide."""

    uid: str
    title: str
    rows: list[tuple[int, list[Panel]]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As Grafana wants it."""
        panels: list[dict[str, Any]] = []
        y = 0
        for height, row in self.rows:
            width = WIDTH // len(row)
            for i, panel in enumerate(row):
                panels.append(panel.as_json(len(panels) + 1, {"x": i * width, "y": y, "w": width, "h": height}))
            y += height
        return {
            "uid": self.uid,
            "title": self.title,
            "tags": ["kerneeffekt"],
            "timezone": "browser",
            "schemaVersion": 39,
            "version": 1,
            "refresh": "15s",
            "time": {"from": "now-3h", "to": "now"},
            "editable": False,
            "panels": panels,
        }


def _stat(title: str, query: str, unit: str = "short", about: str = "", **limits: float) -> Panel:
    return Panel(title, {"": query}, unit, "stat", about, **limits)


def _quantile(share: float, histogram: str) -> str:
    return f"histogram_quantile({share}, sum by (le) (rate({histogram}_bucket[5m])))"


WORKER = Dashboard(
    "kerneeffekt-worker",
    "Kerneeffekt: the worker",
    [
        (
            5,
            [
                _stat("Ready", "kerneeffekt_worker_ready", about="1: /readyz says 200.", red_below=1),
                _stat("Broker answers", "kerneeffekt_broker_answers", about="Asked by a client of its own.", red_below=1),
                _stat("Records waiting", "sum(kerneeffekt_lag_records)", about="Records that the broker has and the store has not."),
                _stat("Since progress", "kerneeffekt_seconds_since_progress", "s", "0 while nothing waits.", red_from=60),
                _stat(
                    "Invariant violations", "sum(kerneeffekt_invariant_violations)", about="Anything but 0: stop and restore.", red_from=1
                ),
                _stat("Age of the backup", "kerneeffekt_backup_age_seconds", "s", "-1: there is none.", red_from=93600),
            ],
        ),
        (
            8,
            [
                Panel("Records per second, by topic", {"{{topic}}": "sum by (topic) (rate(kerneeffekt_received_total[1m]))"}),
                Panel(
                    "What became of them, per second",
                    {
                        "accepted": "rate(kerneeffekt_accepted_total[1m])",
                        "duplicates": "rate(kerneeffekt_duplicates_total[1m])",
                        "quarantined": "sum(rate(kerneeffekt_quarantined_total[1m]))",
                        "erased": "rate(kerneeffekt_erased_total[1m])",
                    },
                ),
            ],
        ),
        (
            8,
            [
                Panel("Rejected per hour, by class", {"{{class}}": "sum by (class) (increase(kerneeffekt_quarantined_total[1h]))"}),
                Panel("Lag, by partition", {"{{topic}} {{partition}}": "kerneeffekt_lag_records > 0"}),
                Panel(
                    "Kept by the broker before the next record to be read",
                    {"{{topic}} {{partition}}": "kerneeffekt_retention_headroom_records and kerneeffekt_lag_records > 0"},
                    about="Where records wait: at 0 the broker deletes what was not read.",
                ),
            ],
        ),
        (
            8,
            [
                Panel(
                    "Length of a transaction",
                    {"half": _quantile(0.5, "kerneeffekt_commit_seconds"), "99 %": _quantile(0.99, "kerneeffekt_commit_seconds")},
                    "s",
                ),
                Panel("Time to take records apart", {"99 %": _quantile(0.99, "kerneeffekt_validation_seconds")}, "s"),
                Panel(
                    "Effects",
                    {"new versions": "rate(kerneeffekt_effect_versions_total[1m])", "sent": "rate(kerneeffekt_effects_sent_total[1m])"},
                ),
            ],
        ),
        (
            8,
            [
                Panel(
                    "Store and room",
                    {
                        "store": "kerneeffekt_store_bytes",
                        "free": "kerneeffekt_store_free_bytes",
                        "volume": "kerneeffekt_store_volume_bytes",
                    },
                    "bytes",
                ),
                Panel("Memory", {"worker": "kerneeffekt_resident_bytes", "waiting to be taken apart": "kerneeffekt_queue_bytes"}, "bytes"),
                Panel("Transactions per second", {"transactions": "rate(kerneeffekt_batches_committed_total[1m])"}),
            ],
        ),
    ],
)

PUBLICATION = Dashboard(
    "kerneeffekt-publication",
    "Kerneeffekt: publication and page",
    [
        (
            5,
            [
                _stat("Page ready", "kerneeffekt_page_ready", about="1: /readyz says 200.", red_below=1),
                _stat(
                    "Age of what readers see", "kerneeffekt_page_publication_age_seconds", "s", "-1: nothing is published.", red_from=7200
                ),
                _stat("The gate refuses", "kerneeffekt_publisher_gate_refused", about="refused.json names the checks.", red_from=1),
                _stat("Room for versions", "kerneeffekt_publisher_free_bytes", "bytes", red_below=1e9),
            ],
        ),
        (
            8,
            [
                Panel("Publications per day", {"{{result}}": "sum by (result) (increase(kerneeffekt_publisher_runs_total[1d]))"}),
                Panel(
                    "Age of the publication",
                    {
                        "published folder": "kerneeffekt_publisher_publication_age_seconds",
                        "as the worker sees it": "kerneeffekt_publication_age_seconds >= 0",
                        "cadence": "kerneeffekt_publisher_cadence_seconds",
                    },
                    "s",
                ),
                Panel(
                    "Length of a publication",
                    {"whole": "kerneeffekt_publisher_run_seconds", "of it, the gate": "kerneeffekt_publisher_gate_seconds"},
                    "s",
                ),
                Panel("Rules broken, last check", {"{{severity}}": "kerneeffekt_publisher_gate_findings >= 0"}),
            ],
        ),
        (
            8,
            [
                Panel("Requests per second, by route", {"{{route}}": "sum by (route) (rate(kerneeffekt_page_requests_total[5m]))"}),
                Panel("Requests per second, by status", {"{{status}}": "sum by (status) (rate(kerneeffekt_page_requests_total[5m]))"}),
                Panel(
                    "Time to answer",
                    {
                        "half": _quantile(0.5, "kerneeffekt_page_request_seconds"),
                        "95 %": _quantile(0.95, "kerneeffekt_page_request_seconds"),
                    },
                    "s",
                ),
            ],
        ),
    ],
)

INTAKE = Dashboard(
    "kerneeffekt-intake",
    "Kerneeffekt: intake by HTTP",
    [
        (
            5,
            [
                _stat("Intake ready", "kerneeffekt_intake_ready", about="1: /readyz says 200.", red_below=1),
                _stat("Accepted today", "increase(kerneeffekt_intake_accepted_total[1d])", about="Repeated ones included."),
                _stat(
                    "Refused today", "sum(increase(kerneeffekt_intake_refused_total[1d]))", about="Told to their sender, event by event."
                ),
                _stat(
                    "Not kept this hour", "increase(kerneeffekt_intake_not_kept_total[1h])", about="Sent again by the sender.", red_from=1
                ),
                _stat(
                    "First certificate ends in",
                    "min(kerneeffekt_certificate_expires_seconds) - time()",
                    "s",
                    "Of the files given with --certificate.",
                    red_below=1814400,
                ),
            ],
        ),
        (
            8,
            [
                Panel(
                    "Events per second",
                    {
                        "accepted": "rate(kerneeffekt_intake_accepted_total[5m])",
                        "refused": "sum(rate(kerneeffekt_intake_refused_total[5m]))",
                        "not kept": "rate(kerneeffekt_intake_not_kept_total[5m])",
                    },
                ),
                Panel("Refused per hour, by class", {"{{class}}": "sum by (class) (increase(kerneeffekt_intake_refused_total[1h]))"}),
            ],
        ),
        (
            8,
            [
                Panel("Requests per second, by status", {"{{status}}": "sum by (status) (rate(kerneeffekt_intake_requests_total[5m]))"}),
                Panel(
                    "Time to answer",
                    {
                        "half": _quantile(0.5, "kerneeffekt_intake_request_seconds"),
                        "95 %": _quantile(0.95, "kerneeffekt_intake_request_seconds"),
                    },
                    "s",
                ),
            ],
        ),
    ],
)

DASHBOARDS = {"worker.json": WORKER, "publication.json": PUBLICATION, "intake.json": INTAKE}


def texts() -> dict[str, str]:
    """File name -> the JSON that stands in it."""
    return {name: json.dumps(board.as_json(), indent=1, ensure_ascii=False) + "\n" for name, board in DASHBOARDS.items()}


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for file_name, text in texts().items():
        (target / file_name).write_text(text, encoding="utf-8")
