"""A published demo, a server on a socket, and a real headless Chromium: made once for all browser tests."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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
    """A demo municipality of 1,500, through the real way: simulated, replayed, translated, published."""
    from rich.console import Console
    from rich.progress import Progress

    folder = tmp_path_factory.mktemp("demo")
    quiet = Console(quiet=True)
    run_demo(citizens=1_500, folder=folder, out=quiet, bar=Progress(console=quiet))
    return folder / "published"


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
