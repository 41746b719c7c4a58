"""What people come for, in a real Chromium, counted in clicks from the front page; pictures of where they end under build/screenshots."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from dashboard.access.ways_in import local_access
from dashboard.app import create_app
from tests.factories_published import publish_example
from tests.listening import serving

pytestmark = pytest.mark.timeout(900)  # the first test waits for the demo
SHOTS = Path(__file__).parents[2] / "build" / "screenshots"
DESK = {"width": 1280, "height": 900}


class Reader:
    """Somebody at the page who counts the clicks."""

    def __init__(self, page: Any, front: str) -> None:
        self.page, self.clicks = page, 0
        page.goto(f"{front}/?lang=en")

    def click(self, what: Any) -> None:
        what.first.click()
        self.page.wait_for_load_state("load")
        self.clicks += 1

    def picture(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(SHOTS / f"{name}.png"), full_page=True)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The small publication with every state."""
    with serving(create_app(publish_example(tmp_path_factory.mktemp("example")))) as front:
        yield front


@pytest.fixture
def reader(browser: Any, example: str) -> Iterator[Reader]:
    page = browser.new_page(viewport=DESK)
    yield Reader(page, example)
    page.close()


def test_which_kroner_have_no_known_effect_in_three_clicks(reader: Reader) -> None:
    reader.click(reader.page.get_by_role("link", name="Which kroner have no known effect?"))
    shown = reader.page.locator("main").inner_text()
    assert "Effort with a known effect" in shown
    assert "Unallocated" in shown
    reader.picture("kroner")
    assert reader.clicks <= 3


def test_why_a_figure_changed_in_three_clicks(browser: Any, address: str) -> None:
    page = browser.new_page(viewport=DESK)
    reader = Reader(page, address)
    reader.click(page.get_by_role("link", name="What changed since the last publication?"))
    assert "Figures that changed" in page.locator("main").inner_text()
    told = page.locator("main").inner_text().replace("\u00a0", " ")
    assert "counted as of 15 January 2026 instead of 15 December 2025" in told, "the reason that all of them have in common"
    table = page.get_by_role("table")
    assert table.get_by_role("columnheader").last.inner_text() == "Why"
    reasons = [row.get_by_role("cell").last.inner_text() for row in table.locator("tbody tr").all()]
    assert reasons, "some figure moved"
    assert all(reasons), "each figure that moved has its reason beside it"
    split = [reason for reason in reasons if re.search(r"\([+\u2212]\d+\.\d\)", reason)]
    assert split, "where it may be told, how much of the change is each cause's"
    reader.picture("changes")
    assert reader.clicks <= 3
    page.close()


def test_the_unit_that_lasts_longer_than_expected_in_three_clicks(reader: Reader) -> None:
    card = reader.page.locator(".card", has=reader.page.get_by_role("heading", name="Lasts longer, or comes oftener, than expected"))
    unit = card.get_by_role("link").first.inner_text()
    reader.click(card.get_by_role("link"))
    row = reader.page.get_by_role("row").filter(has=reader.page.get_by_role("rowheader", name=unit))
    assert "above what was expected" in row.first.inner_text().lower()
    reader.picture("expected")
    assert reader.clicks <= 3


def test_the_table_into_excel_in_two_clicks(reader: Reader) -> None:
    reader.click(reader.page.locator(".task-figure h3 a"))
    with reader.page.expect_download() as awaited:
        reader.page.get_by_role("link", name="Download for Excel").first.click()
    reader.clicks += 1
    book = load_workbook(BytesIO(Path(awaited.value.path()).read_bytes()), read_only=True)
    assert any("job-nord" in row for sheet in book for row in sheet.iter_rows(values_only=True))
    assert reader.clicks <= 2


def test_the_evidence_behind_a_figure_as_controller(reader: Reader) -> None:
    reader.click(reader.page.locator(".task-figure h3 a"))
    reader.click(reader.page.get_by_role("link", name="See what the figure rests on Jobcenter Nord"))
    assert "Jobcenter Nord" in reader.page.locator("main").inner_text()
    assert reader.page.url.split("?")[0].endswith("/evidence")
    assert reader.clicks <= 4


def test_the_records_behind_a_figure_in_four_clicks(browser: Any, published: Path) -> None:
    page = browser.new_page(viewport=DESK)
    with serving(create_app(published, store=published.parent / "store")) as front:
        reader = Reader(page, front)
        reader.click(page.locator(".task-figure h3 a").last)
        reader.click(page.get_by_role("link", name="See what the figure rests on").first)
        page.get_by_role("textbox", name="Why do you look?").fill("Checking the figure before the yearly report")
        reader.click(page.get_by_role("button", name="Show the courses"))
        assert page.get_by_role("table", name="Records").locator("tbody tr").count() > 0
        assert "events.ndjson" in page.locator("main").text_content(), "each event has its file and line"
        reader.picture("evidence")
    assert reader.clicks <= 4
    page.close()


def test_a_reader_sees_no_way_behind_a_figure_and_is_refused(browser: Any, tmp_path: Path) -> None:
    page = browser.new_page(viewport=DESK)
    with serving(create_app(publish_example(tmp_path), access=local_access("reader"))) as front:
        reader = Reader(page, front)
        reader.click(page.locator(".task-figure h3 a"))
        assert page.get_by_role("link", name="See what the figure rests on").count() == 0
        refused = page.goto(f"{front}/evidence?indicator=job_held&unit=job-nord&cohort=all&lang=en")
        assert refused.status == 403
    page.close()


def test_a_language_switch_loses_no_state(reader: Reader, example: str) -> None:
    reader.page.goto(f"{example}/indicators/job_held/krone?lang=en&cohort=2025-H1&level=institution&attribution=equal")
    reader.click(reader.page.get_by_role("link", name="Vis siden p\u00e5 dansk"))
    for kept in ("cohort=2025-H1", "level=institution", "attribution=equal", "lang=da"):
        assert kept in reader.page.url
