"""Alerts, runbook, dashboards and compose file: they name what there is, and the tools that read them accept them."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from dashboard import intake_telemetry as intake
from dashboard import telemetry as page
from pipelines import publisher
from streams import metrics as worker
from streams.dashboards import DASHBOARDS, texts

PROJECT = Path(__file__).parent.parent.parent
OPS = PROJECT / "streams" / "ops"
PARTS = (worker.METRICS, publisher.METRICS, page.METRICS, intake.METRICS)
needs_promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")


def exposed_names() -> set[str]:
    """Every series name that the parts declare."""
    return {series for part in PARTS for metric in part for series in metric.series()}


def rules() -> dict[str, dict[str, dict[str, str]]]:
    groups = yaml.safe_load((OPS / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


@pytest.mark.parametrize("file", ["alerts.yml", *(f"grafana/dashboards/{name}" for name in sorted(DASHBOARDS))])
def test_every_series_that_is_asked_for_exists(file):
    asked = set(re.findall(r"kerneeffekt_\w+", (OPS / file).read_text(encoding="utf-8")))
    assert asked
    assert asked <= exposed_names()


def test_the_dashboards_show_every_metric():
    shown = "".join(texts().values())
    assert [metric.name for part in PARTS for metric in part if metric.name not in shown] == []


def test_the_dashboards_are_what_the_code_makes():
    """After a change in streams/dashboards.py: python -m streams.dashboards."""
    kept = {file.name: file.read_text(encoding="utf-8") for file in (OPS / "grafana" / "dashboards").glob("*.json")}
    assert kept == texts()


@pytest.mark.parametrize("name", sorted(DASHBOARDS))
def test_a_dashboard_is_valid_and_its_panels_do_not_overlap(name):
    panels = json.loads(texts()[name])["panels"]
    sources = yaml.safe_load((OPS / "grafana/provisioning/datasources/prometheus.yml").read_text(encoding="utf-8"))["datasources"]
    assert {panel["datasource"]["uid"] for panel in panels} == {source["uid"] for source in sources}
    cells = [(x, y) for p in panels for x in range(p["gridPos"]["x"], p["gridPos"]["x"] + p["gridPos"]["w"]) for y in [p["gridPos"]["y"]]]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_names_on_the_wire_are_those_of_the_list():
    families = {family.name for family in worker.Metrics(CollectorRegistry()).registry.collect()}
    assert families == {metric.name for metric in worker.METRICS}


def test_every_alert_says_how_urgent_what_and_where_to_read_on():
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.strip("# ").lower()).replace(" ", "-")
        for line in (PROJECT / "docs" / "runbook.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("#")
    }
    for name, rule in rules().items():
        assert rule["labels"]["severity"] in ("page", "ticket"), name
        assert rule["annotations"]["summary"].endswith("."), name
        file, anchor = rule["annotations"]["runbook_url"].split("#")
        assert (file, anchor) == ("docs/runbook.md", name.lower())
        assert anchor in headings, f"docs/runbook.md has no entry for {name}"


def test_every_runbook_entry_of_an_alert_says_its_severity():
    text = (PROJECT / "docs" / "runbook.md").read_text(encoding="utf-8")
    said = dict(re.findall(r"^### (\w+)\n\*(page|ticket)\.\*", text, re.MULTILINE))
    assert said == {name: rule["labels"]["severity"] for name, rule in rules().items()}


def test_every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_is_quiet():
    cases = yaml.safe_load((OPS / "alerts_test.yml").read_text(encoding="utf-8"))["tests"]
    looks = [(look["alertname"], bool(look.get("exp_alerts"))) for case in cases for look in case["alert_rule_test"]]
    assert set(looks) == {(name, fires) for name in rules() for fires in (True, False)}


def promtool(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)


@needs_promtool
@pytest.mark.parametrize(
    "arguments", [("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml"), ("check", "config", "prometheus.yml")]
)
def test_promtool_accepts_the_rules_and_their_tests(arguments):
    *words, file = arguments
    done = promtool(*words, OPS / file)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_an_alert_that_never_fires_does_not_pass_its_tests(tmp_path):
    """The control: each alert's expression is made empty, and promtool must name every one."""
    broken = re.sub(r"expr: (.*)", r"expr: (\1) unless on() vector(1)", (OPS / "alerts.yml").read_text(encoding="utf-8"))
    (tmp_path / "alerts.yml").write_text(broken, encoding="utf-8")
    shutil.copy(OPS / "alerts_test.yml", tmp_path)
    done = promtool("test", "rules", tmp_path / "alerts_test.yml")
    assert done.returncode == 1
    failed = set(re.findall(r"alertname: (\w+)", done.stdout + done.stderr))
    assert failed == set(rules())


def compose() -> dict[str, dict[str, Any]]:
    services: dict[str, dict[str, Any]] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    return services


ONCE = ("accounts",)
"""Runs to its end before the page starts."""

WRITES_ITS_CONFIGURATION = ("broker",)


def test_the_compose_file_has_the_whole_topology():
    assert set(compose()) == {
        "intake", "broker", "worker", "publisher", "backup", "accounts", "page", "prometheus", "grafana", "postgresql",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(compose()))
@pytest.mark.security("S24")
def test_every_container_is_watched_unprivileged_and_reachable_from_this_machine_only(name):
    service = compose()[name]
    assert "healthcheck" in service or name in ONCE
    assert service["user"].split(":")[0] not in ("root", "0")
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is (name not in WRITES_ITS_CONFIGURATION)
    assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", []))
    assert "privileged" not in service
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", []))


@pytest.mark.parametrize("name", sorted(compose()))
@pytest.mark.security("S24")
def test_every_image_of_others_is_of_a_whole_version(name):
    service = compose()[name]
    assert "build" in service or re.fullmatch(r"[a-z/]+:v?\d+\.\d+(\.\d+)?(-\w+)?", service["image"])


def test_every_secret_is_a_file():
    text = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
    assert re.findall(r"PASSWORD: +[^\s\"$]", text) == []


@pytest.mark.parametrize("job", ["worker", "publisher", "page", "intake"])
def test_prometheus_asks_each_part_where_it_listens(job):
    config = yaml.safe_load((OPS / "prometheus.yml").read_text(encoding="utf-8"))
    targets = {one["job_name"]: one["static_configs"][0]["targets"] for one in config["scrape_configs"]}
    service = compose()[job]
    assert targets[f"kerneeffekt-{job}"] == [f"{job}:{service['environment']['KERNEEFFEKT_METRICS_PORT']}"]
    assert "inside" in service["networks"]


@pytest.mark.parametrize("file", ["streams/ops/prometheus.yml", "streams/ops/alerts.yml"])
def test_mounted_files_exist(file):
    assert f"./{file}:" in (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
    assert (PROJECT / file).is_file()


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions and what they are given, lines that go on joined."""
    text = re.sub(r"\\\n", " ", (PROJECT / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word.upper(), rest) for word, _, rest in (line.partition(" ") for line in lines)]


@pytest.mark.security("S24")
def test_the_image_is_built_in_stages_pinned_and_runs_as_nobody_special():
    """The rules of hadolint that matter most here (CI runs all of them): DL3006, DL3007, DL3002, DL3020, DL3025, DL3042."""
    given = instructions()
    bases = [rest for word, rest in given if word == "FROM"]
    assert len(bases) == 2
    assert re.fullmatch(r"PYTHON_IMAGE=python:\d+\.\d+-slim-\w+(@sha256:[0-9a-f]{64})?", dict(given)["ARG"])
    assert [rest for word, rest in given if word == "USER"][-1] == "10001:10001"
    assert not [rest for word, rest in given if word == "ADD"]
    assert all(json.loads(rest) for word, rest in given if word in ("CMD", "ENTRYPOINT"))
    assert "--require-hashes" in "".join(rest for word, rest in given if word == "RUN" and "pip install" in rest)
    assert "PIP_NO_CACHE_DIR=1" in "".join(rest for word, rest in given if word == "ENV")
    assert not re.search(r"\b(sudo|curl|wget|apt-get)\b", " ".join(rest for word, rest in given if word == "RUN"))
