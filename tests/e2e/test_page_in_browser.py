"""The page in a real headless Chromium, over a real published mart: desk and phone, light and dark, keyboard, print, axe-core.

Skips by name where Chromium is missing. axe-core comes from npm into build/ at set-up; without it only that one check skips.
"""

import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.access.users import UserFile
from dashboard.access.ways_in import AccessSettings, access_from, local_access
from dashboard.app import create_app
from dashboard.snapshots import Publications
from tests.listening import serving

pytestmark = pytest.mark.timeout(900)  # the first test waits for the demo
AXE = "axe-core@4.14.1"
BUILD = Path(__file__).parents[2] / "build"
SHOTS = BUILD / "screenshots"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
VIEWS = [("desk", DESK, "light"), ("phone", PHONE, "light"), ("desk-dark", DESK, "dark"), ("phone-dark", PHONE, "dark")]
PICTURED = {("desk", "da"), ("phone-dark", "en")}
"""Views and languages of which a picture of every page stays, under build/screenshots."""


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


@pytest.mark.parametrize(("view", "size", "scheme"), VIEWS, ids=[view for view, *_ in VIEWS])
@pytest.mark.security("S25")
def test_no_fault_no_outside_request_no_sideways_scroll(
    browser: Any, address: str, paths: list[str], view: str, size: dict[str, int], scheme: str
) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
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
            if (view, language) in PICTURED:
                page.screenshot(path=str(SHOTS / f"{_name_of(path)}-{view}-{language}.png"), full_page=True)
    assert told == []
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    context.close()


def _name_of(path: str) -> str:
    """What a page's picture is called: its address in one word."""
    return path.partition("?")[0].strip("/").replace("/", "_") or "overview"


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
            # Python has the filter from 3.11.4 on, Debian 12 has 3.11.2.
            archive.extractall(script.parent.parent, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    return script.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def behind_doors(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Addresses that are not for everybody: sign-in, rejected events, the gate's history, what a figure rests on; as who may see them."""
    users = UserFile(tmp_path_factory.mktemp("users") / "users.json")
    users.put("anne", ["controller"], password="a word that is long")
    store = published.parent / "store"
    by_password = create_app(published, access=access_from(AccessSettings("users", users_file=users.path), "127.0.0.1"))
    by_role = create_app(published, store=store, access=local_access("operator", "data_protection_officer"))
    with serving(by_password) as signing_in, serving(by_role) as inside:
        unit = next(unit.id for unit in Publications(published).newest().directory.units.values() if unit.level == "department")
        figure = f"/evidence?indicator=job_held_26_weeks&unit={unit}&cohort=all"
        yield [
            f"{signing_in}/login",
            f"{signing_in}/nowhere-at-all",
            *(f"{inside}{path}" for path in ("/quarantine", "/gate", figure, "/none")),
        ]


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_axe_finds_nothing_serious(browser: Any, address: str, paths: list[str], axe: str, size: dict[str, int], scheme: str) -> None:
    assert _serious(browser, [f"{address}{path}" for path in paths], axe, size, scheme) == []


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_axe_finds_nothing_serious_behind_doors(browser: Any, behind_doors: list[str], axe: str, size: dict[str, int], scheme: str) -> None:
    assert _serious(browser, behind_doors, axe, size, scheme) == []


def _serious(browser: Any, addresses: list[str], axe: str, size: dict[str, int], scheme: str) -> list[tuple[str, ...]]:
    context = browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    found = []
    for address in addresses:
        page.goto(f"{address}{'&' if '?' in address else '?'}lang=da")
        page.evaluate(axe)
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        found += [(address, fault["id"], fault["impact"], fault["nodes"][0]["html"][:160]) for fault in result["violations"]]
    context.close()
    return [fault for fault in found if fault[2] in ("serious", "critical")]


def test_rejected_events_stand_in_the_menu_of_who_may_see_them(browser: Any, address: str, behind_doors: list[str]) -> None:
    page = browser.new_page(viewport=DESK)
    page.goto(f"{address}/?lang=en")
    assert page.get_by_role("link", name="Rejected events").count() == 0, "a controller may not"
    page.goto(behind_doors[2].replace("/quarantine", "/?lang=en"))
    page.get_by_role("link", name="Rejected events").click()
    page.wait_for_load_state("load")
    assert page.get_by_role("heading", name="Rejected events").is_visible()
    page.screenshot(path=str(SHOTS / "quarantine-desk-en.png"), full_page=True)
    page.close()


def test_a_wrong_password_is_told_on_the_page_and_the_language_stays(browser: Any, behind_doors: list[str]) -> None:
    page = browser.new_page(viewport=DESK)
    page.goto(f"{behind_doors[0]}?lang=da&next=/units")
    page.get_by_role("link", name="Show this page in English").click()
    page.wait_for_load_state("load")
    assert "next=%2Funits" in page.url
    page.get_by_label("User name").fill("anne")
    page.get_by_label("Password").fill("not that word")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state("load")
    assert page.get_by_role("alert").inner_text()
    assert page.evaluate("document.documentElement.lang") == "en"
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(SHOTS / "login-desk-en.png"), full_page=True)
    page.get_by_label("User name").fill("anne")
    page.get_by_label("Password").fill("a word that is long")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state("load")
    assert page.url.split("?")[0].endswith("/units")
    page.close()
