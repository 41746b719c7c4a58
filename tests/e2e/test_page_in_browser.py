"""The page in a real headless Chromium, over a real published mart: desk and phone, light and dark, keyboard, print, axe-core.

Skips by name where Chromium is missing. axe-core comes from npm into build/ at set-up; without it only that one check skips.
"""

import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from dashboard.snapshots import Publications

AXE = "axe-core@4.14.1"
BUILD = Path(__file__).parents[2] / "build"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def paths(published: Path) -> list[str]:
    """One page of each kind, with the indicator that leads most units."""
    directory = Publications(published).newest().directory
    indicator = directory.indicators["job_held_26_weeks"]
    own = f"/indicators/{indicator.id}"
    unit = next(unit.id for unit in directory.units.values() if unit.level == "department")
    task = f"/core-tasks/{indicator.core_task}"
    return [
        "/",
        task,
        f"{task}/ranks",
        own,
        f"{own}/krone",
        f"{own}/time",
        f"{own}/expected",
        "/kroner",
        "/changes",
        "/units",
        f"/units/{unit}",
        "/quality",
        "/tables",
        "/reading",
    ]


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "light"), (DESK, "dark"), (PHONE, "dark")])
def test_no_fault_no_outside_request_no_sideways_scroll(
    browser: Any, address: str, paths: list[str], size: dict[str, int], scheme: str
) -> None:
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page, asked, told = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    for path in paths:
        for language in ("da", "en"):
            assert page.goto(f"{address}{path}{'&' if '?' in path else '?'}lang={language}").status == 200
            page.wait_for_load_state("load")
            wide, seen = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
            assert wide <= seen, (path, wide)
    assert told == []
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    context.close()


def test_a_chart_is_shown_in_the_shape_of_the_screen(browser: Any, address: str, paths: list[str]) -> None:
    for size, shown, hidden in ((DESK, "wide", "narrow"), (PHONE, "narrow", "wide")):
        page = browser.new_page(viewport=size)
        page.goto(f"{address}{paths[3]}")
        assert page.locator(f"svg.chart-{shown}").is_visible()
        assert not page.locator(f"svg.chart-{hidden}").is_visible()
        page.close()


def test_charts_follow_light_and_dark(browser: Any, address: str, paths: list[str]) -> None:
    fills = set()
    for scheme in ("light", "dark"):
        page = browser.new_page(viewport=DESK, color_scheme=scheme)
        page.goto(f"{address}{paths[3]}")
        fills.add(page.evaluate("getComputedStyle(document.querySelector('svg.chart-wide [fill*=\"--accent\"]')).fill"))
        page.close()
    assert len(fills) == 2


def test_the_keyboard_reaches_the_content_first(browser: Any, address: str) -> None:
    page = browser.new_page(viewport=DESK)
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.close()


def test_choosing_a_cohort_makes_an_address_that_shows_it(browser: Any, address: str, paths: list[str]) -> None:
    page = browser.new_page(viewport=DESK)
    page.goto(f"{address}{paths[3]}?lang=en")
    page.select_option("select[name=cohort]", "2024-H1")
    page.click("form.choose button")
    assert "cohort=2024-H1" in page.url
    assert "lang=en" in page.url
    assert "2024-H1" in page.locator("caption").first.inner_text()
    page.close()


def test_print_leaves_out_what_paper_cannot_use(browser: Any, address: str, paths: list[str]) -> None:
    page = browser.new_page(viewport=DESK)
    page.goto(f"{address}{paths[3]}")
    page.emulate_media(media="print")
    assert not page.locator("header nav").is_visible()
    assert page.locator("table").first.is_visible()
    page.close()


@pytest.fixture(scope="module")
def axe() -> str:
    """The text of axe-core, fetched once by npm."""
    script = BUILD / "axe" / "package" / "axe.min.js"
    if not script.is_file():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("npm is not installed: axe-core is not fetched")
        script.parent.parent.mkdir(parents=True, exist_ok=True)
        fetched = subprocess.run([npm, "pack", AXE], cwd=script.parent.parent, capture_output=True, text=True, timeout=60, check=False)
        if fetched.returncode:
            pytest.skip("npm could not fetch axe-core")
        with tarfile.open(script.parent.parent / fetched.stdout.split()[-1]) as archive:
            archive.extractall(script.parent.parent, filter="data")
    return script.read_text(encoding="utf-8")


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_axe_finds_nothing_serious(browser: Any, address: str, paths: list[str], axe: str, size: dict[str, int], scheme: str) -> None:
    context = browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    found = []
    for path in paths:
        page.goto(f"{address}{path}{'&' if '?' in path else '?'}lang=da")
        page.evaluate(axe)
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        found += [(path, fault["id"], fault["impact"], fault["nodes"][0]["html"][:160]) for fault in result["violations"]]
    assert [fault for fault in found if fault[2] in ("serious", "critical")] == []
    context.close()
