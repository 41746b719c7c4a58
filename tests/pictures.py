"""Pictures for the documents: what a real Prometheus draws of a real worker and publisher while events flow through a real Kafka.

    python -m tests.pictures [--seconds 150]     (`make pictures`; needs Java, Debian's prometheus and chromium)

Events of an invented municipality are sent in rounds, with records among them that cannot be taken, while a publisher publishes on its
cadence. Then Chromium opens Prometheus' own graph page with expressions of the Grafana dashboards: docs/images/prometheus-*.png.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.broker import free_port, running_broker
from tests.command import PROJECT, kerneeffekt

IMAGES = PROJECT / "docs" / "images"
LARGEST_BYTES = 150_000
ROUNDS = 8
PICTURES = {
    "prometheus-records": "sum by (topic) (rate(kerneeffekt_received_total[20s]))",
    "prometheus-lag": "sum(kerneeffekt_lag_records)",
    "prometheus-quarantined": "sum by (class) (increase(kerneeffekt_quarantined_total[1m]))",
}
"""Name of the file: what is drawn, as the panels of the Grafana dashboards ask it, over spans that fit a few minutes."""
DONE = ("sum(kerneeffekt_lag_records) == 0", "kerneeffekt_publisher_publication_age_seconds >= 0")
"""What is waited for once all is sent, each for so long at the most:"""
PATIENCE_SECONDS = 90


@contextmanager
def process(log: Path, *command: object) -> Iterator[None]:
    """A process for as long as the block lasts, ended by SIGTERM; what it says goes to a file."""
    with log.open("wb") as said, subprocess.Popen([*map(str, command)], cwd=PROJECT, stdout=said, stderr=said) as started:
        try:
            yield
        finally:
            started.send_signal(signal.SIGTERM)
            try:
                started.wait(20)
            except subprocess.TimeoutExpired:
                started.kill()


def configuration(worker: int, publisher: int) -> str:
    jobs = [{"job_name": f"kerneeffekt-{name}", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
            for name, port in (("worker", worker), ("publisher", publisher))]  # fmt: skip
    return json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": jobs})


def rounds(folder: Path) -> list[Path]:
    """Files of events, one for each round; in some, records that cannot be taken."""
    events = folder / "events.ndjson"
    done = kerneeffekt("simulate", "--out", events, "--citizens", 3000, "--years", 4, "--seed", 1)
    if done.returncode:
        raise RuntimeError(done.stderr)
    lines = events.read_bytes().splitlines()
    files = []
    for number in range(ROUNDS):
        part = lines[number::ROUNDS]
        bad = [line.replace(b'"time":"', b'"time":"x') for line in part[: 60 * (number % 3)]]
        files.append(folder / f"round-{number}.ndjson")
        files[-1].write_bytes(b"\n".join(part + [line.replace(b'"id":"', b'"id":"bad-') for line in bad]) + b"\n")
    return files


def wait_for(address: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def wait_until(prometheus: str, expression: str, seconds: float) -> None:
    """Until Prometheus finds the expression true, or the time is over: then a picture shows what is."""
    end, asked = time.monotonic() + seconds, urllib.parse.urlencode({"query": expression})
    while time.monotonic() < end:
        with urllib.request.urlopen(f"{prometheus}/api/v1/query?{asked}", timeout=10) as answer:
            if json.load(answer)["data"]["result"]:
                return
        time.sleep(1)
    print(f"still not true after {seconds:.0f} s: {expression}")


def send_rounds(files: Sequence[Path], broker: str, seconds: float) -> None:
    """One file after the other, spread over so many seconds."""
    began = time.monotonic()
    for number, file in enumerate(files):
        kerneeffekt("send", file, "--broker", broker)
        time.sleep(max(0.0, began + (number + 1) * seconds / len(files) - time.monotonic()))


def take(page: Page, prometheus: str, name: str, expression: str, seconds: int) -> Path:
    asked = urllib.parse.urlencode({"g0.expr": expression, "g0.tab": 0, "g0.range_input": f"{seconds}s"})
    page.goto(f"{prometheus}/graph?{asked}")
    page.wait_for_selector("svg, canvas", timeout=20_000)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1_000)
    target = IMAGES / f"{name}.png"
    page.screenshot(path=str(target), full_page=True)
    return target


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=150)
    seconds = parser.parse_args().seconds
    kerneeffekt_, own = Path(sys.executable).with_name("kerneeffekt"), [free_port() for _ in range(3)]
    address = f"http://127.0.0.1:{own[2]}"
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        files = rounds(folder)
        broker = held.enter_context(running_broker())
        (folder / "prometheus.yml").write_text(configuration(*own[:2]), encoding="utf-8")
        common = ("--catalogue", "config/demo", "--store", folder / "store", "--metrics-port")
        held.enter_context(process(folder / "worker.log", kerneeffekt_, "worker", "--broker", broker, *common, own[0]))
        wait_for(f"http://127.0.0.1:{own[0]}/metrics")
        publish = ("publish", "--to", folder / "published", "--every", 40, *common, own[1])
        held.enter_context(process(folder / "publisher.log", kerneeffekt_, *publish))
        held.enter_context(process(
            folder / "prometheus.log", "prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{own[2]}",
        ))  # fmt: skip
        wait_for(f"{address}/-/ready")
        began = time.monotonic()
        send_rounds(files, broker, seconds)
        for done in DONE:
            wait_until(address, done, PATIENCE_SECONDS)
        spanned = round(time.monotonic() - began) + 15
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else [])
            page = browser.new_page(viewport={"width": 1100, "height": 620})
            made = [take(page, address, name, asked, spanned) for name, asked in PICTURES.items()]
            browser.close()
    for picture in made:
        size = picture.stat().st_size
        print(f"{picture.relative_to(PROJECT)}  {size / 1000:.0f} kB")
        if size > LARGEST_BYTES:
            raise SystemExit(f"{picture} is larger than {LARGEST_BYTES} bytes")


if __name__ == "__main__":
    main()
