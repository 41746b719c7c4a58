"""Alerts, dashboard and compose file: they name what there is, and the tools that read them accept them."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry

from streams.metrics import METRICS, Metrics

PROJECT = Path(__file__).parent.parent.parent
OPS = PROJECT / "streams" / "ops"


def exposed_names() -> set[str]:
    """Every series name that the worker can expose."""
    names = set()
    for metric in METRICS:
        endings = {"counter": ("_total", "_created"), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count", "_created")}[metric.kind]
        names |= {metric.name + ending for ending in endings}
    return names


@pytest.mark.parametrize("file", ["alerts.yml", "grafana/dashboards/worker.json"])
def test_every_series_that_is_asked_for_exists(file):
    asked = set(re.findall(r"kerneeffekt_\w+", (OPS / file).read_text(encoding="utf-8")))
    assert asked
    assert asked <= exposed_names()


def test_the_dashboard_shows_every_metric():
    shown = (OPS / "grafana/dashboards/worker.json").read_text(encoding="utf-8")
    assert [metric.name for metric in METRICS if metric.name not in shown] == []


def test_names_on_the_wire_are_those_of_the_list():
    families = {family.name for family in Metrics(CollectorRegistry()).registry.collect()}
    assert families == {metric.name for metric in METRICS}


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_promtool_accepts_the_alerts():
    done = subprocess.run(["promtool", "check", "rules", OPS / "alerts.yml"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def compose() -> dict[str, dict[str, object]]:
    services: dict[str, dict[str, object]] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    return services


def test_the_compose_file_has_the_whole_topology():
    assert set(compose()) == {"broker", "worker", "publisher", "page", "prometheus", "grafana"}


@pytest.mark.parametrize("name", ["broker", "worker", "publisher", "page", "prometheus", "grafana"])
def test_every_container_is_watched_unprivileged_and_reachable_from_this_machine_only(name):
    service = compose()[name]
    assert "healthcheck" in service
    assert service["user"] not in ("root", "0", "0:0")
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", []))


@pytest.mark.parametrize("file", ["streams/ops/prometheus.yml", "streams/ops/alerts.yml"])
def test_mounted_files_exist(file):
    assert f"./{file}:" in (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
    assert (PROJECT / file).is_file()


def test_the_grafana_dashboard_is_valid_json_with_its_data_source():
    panels = json.loads((OPS / "grafana/dashboards/worker.json").read_text(encoding="utf-8"))["panels"]
    assert {panel["datasource"]["uid"] for panel in panels} == {"prometheus"}
