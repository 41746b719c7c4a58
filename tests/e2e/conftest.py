"""A published demo, a server on a socket, and a real headless Chromium: made once for all browser tests."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.progress import Progress

from config.demo import run_demo
from dashboard.app import create_app
from tests.listening import serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo municipality of 1,500, through the real way: simulated, replayed, translated, published.

    It is made once; each process of the run has a copy, since a store is for one process at a time.
    """
    of_the_run = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        of_the_run = of_the_run.parent
    folder, made = of_the_run / "demo", of_the_run / "demo-made"
    with (of_the_run / "demo-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            quiet = Console(quiet=True)
            run_demo(citizens=1_500, folder=folder, out=quiet, bar=Progress(console=quiet))
            made.touch()
    return shutil.copytree(folder, tmp_path_factory.mktemp("demo") / "copy", symlinks=True) / "published"


@pytest.fixture(scope="session")
def address(published: Path) -> Iterator[str]:
    """Where the demo is served."""
    with serving(create_app(published)) as front:
        yield front


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The browser; skips by name where it is missing."""
    playwright_api = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: the page is not tried in a browser")
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
