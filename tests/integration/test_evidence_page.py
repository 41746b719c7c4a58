"""The page behind a figure: a purpose, the records, where each event was read; refused to readers, every look logged."""

import datetime as dt
import re
from pathlib import Path

import pytest

from dashboard.access.ways_in import local_access
from dashboard.app import create_app
from pipelines.audit import Audit
from pipelines.lease import Lease
from tests.factories_mart import catalogue
from tests.page_client import Browser
from tests.town import Town, job, person, spell

D = dt.date
FIGURE = "/evidence?indicator=job&unit=A&cohort=2024-Q1&lang=en"
SMALL = "/evidence?indicator=job&unit=B&cohort=2024-Q1&lang=en"
PURPOSE = "yearly control of unit A"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    town = Town(tmp_path_factory.mktemp("town"), catalogue(municipality={"k": 5}))
    events = []
    for number in range(93):
        unit = "A" if number < 60 else "B" if number < 63 else "C"  # C is hidden with B, so that B does not follow from the whole
        events += spell(person(number), D(2024, 1 + number % 3, 10), unit)
        if number % 2:
            events.append(job(person(number), D(2024, 6, 1), unit))
    town.feed(events)
    town.publish(D(2025, 6, 1))
    return town


@pytest.fixture
def browser(town: Town) -> Browser:
    return Browser(create_app(town.published, store=town.store))


def ask(browser: Browser, figure: str = FIGURE, purpose: str = PURPOSE, **fields: str) -> str:
    answer = browser.send_form(figure, {"purpose": purpose, **fields}, on=figure)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.text


def test_first_why_then_the_records_and_events_and_the_look_is_logged(browser: Browser, town: Town) -> None:
    before = len(Audit.beside(town.store).entries())
    form = browser.get(FIGURE)
    assert "Why do you look?" in form.text
    assert person(0) not in form.text
    page = ask(browser)
    assert "The records are what was published: 60." in page
    assert "Records 1 to 50 of 60" in page
    assert person(0) in page
    assert "town[0]@0" in page
    entries = Audit.beside(town.store).entries()[before:]
    kept = [(entry["by"], entry["roles"], entry["purpose"], entry["records"]) for entry in entries]
    assert kept == [("local", ["controller"], PURPOSE, 50)]


def test_the_next_page_of_records_is_a_look_of_its_own(browser: Browser, town: Town) -> None:
    before = len(Audit.beside(town.store).entries())
    page = ask(browser, offset="50")
    assert "Records 51 to 60 of 60" in page
    assert len(set(re.findall(r"p:[0-9a-f]{8}", page))) == 10
    assert [entry["offset"] for entry in Audit.beside(town.store).entries()[before:]] == [50]


def test_below_k_for_the_role_that_may(browser: Browser) -> None:
    page = ask(browser, SMALL)
    assert "The publication hides this figure" in page
    assert len(set(re.findall(r"p:[0-9a-f]{8}", page))) == 3


def test_in_danish_too(browser: Browser) -> None:
    page = ask(browser, FIGURE.replace("lang=en", "lang=da"))
    assert "Forløbene svarer til det udgivne tal: 60." in page


@pytest.mark.parametrize("role", ["reader", "operator", "admin", "sender"])
def test_other_roles_are_refused_and_see_nothing(town: Town, role: str) -> None:
    browser = Browser(create_app(town.published, store=town.store, access=local_access(role)))
    before = len(Audit.beside(town.store).entries())
    for answer in (browser.get(FIGURE), browser.post(FIGURE, data={"purpose": PURPOSE})):
        assert answer.status_code == 403
        assert "Your role may not see this page" in answer.text
        assert "p:0000" not in answer.text
    assert len(Audit.beside(town.store).entries()) == before


@pytest.mark.parametrize("purpose", ["", "short", "citizen 010190-1234"])
def test_without_a_purpose_that_may_be_logged_nothing_is_shown(browser: Browser, town: Town, purpose: str) -> None:
    before = len(Audit.beside(town.store).entries())
    answer = browser.send_form(FIGURE, {"purpose": purpose}, on=FIGURE)
    assert answer.status_code == 400
    assert "State the purpose" in answer.text
    assert "010190" not in answer.text
    assert len(Audit.beside(town.store).entries()) == before


def test_a_forged_look_is_refused(browser: Browser) -> None:
    assert browser.post(FIGURE, data={"purpose": PURPOSE, "token": "guess"}).status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("indicator=job&unit=A", 400),
        ("indicator=job&unit=nowhere&cohort=all", 404),
        ("indicator=job&unit=A'--&cohort=all", 404),
        ("indicator=job&unit=A&cohort=all&x=1", 400),
        ("indicator=job&unit=A&unit=B&cohort=all", 400),
    ],
)
def test_a_figure_that_is_not_published_gets_a_clear_answer(browser: Browser, query: str, status: int) -> None:
    assert browser.get(f"/evidence?{query}").status_code == status


def test_without_a_store_the_page_says_so(town: Town, tmp_path: Path) -> None:
    for store in (None, tmp_path / "nowhere"):
        browser = Browser(create_app(town.published, store=store))
        assert "started without a store" in browser.get(FIGURE).text


def test_a_store_in_use_is_said_and_not_waited_for_long(browser: Browser, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.evidence.PATIENCE_SECONDS", 0.2)
    with Lease(town.store, "test"):
        answer = browser.send_form(FIGURE, {"purpose": PURPOSE}, on=FIGURE)
    assert answer.status_code == 503
    assert "The store is in use" in answer.text


@pytest.mark.security("S10")
def test_a_look_that_cannot_be_logged_shows_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipelines.chain.add", full)
    browser = Browser(create_app(town.published, store=town.store))
    answer = browser.send_form(FIGURE, {"purpose": PURPOSE}, on=FIGURE)
    assert answer.status_code == 503
    assert "nothing is shown" in answer.text
    assert "p:0000" not in answer.text
