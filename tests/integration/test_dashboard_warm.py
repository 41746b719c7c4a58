"""What the first reader would wait for is done before anybody asks: once at the start, and again for each new publication."""

import threading
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboard.app import create_app
from dashboard.snapshots import Publications, Snapshot
from dashboard.warm import stay_warm, warm_publication
from tests.factories_published import publish_example
from tests.page_client import PageClient


def stopped() -> threading.Event:
    """One look and no more."""
    event = threading.Event()
    event.set()
    return event


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every question that reaches a database."""
    questions: list[str] = []
    ask = Snapshot.ask

    def noted(self: Snapshot, sql: str, *given: Any) -> Any:
        questions.append(sql)
        return ask(self, sql, *given)

    monkeypatch.setattr(Snapshot, "ask", noted)
    return questions


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_front_page_asks_nothing_that_was_not_asked_before(tmp_path: Path, asked: list[str], language: str) -> None:
    app = create_app(publish_example(tmp_path))
    warm_publication(app.state.publications.newest())
    asked.clear()
    assert PageClient(app).get(f"/?lang={language}").status_code == 200
    assert asked == []


def test_a_new_publication_is_opened_and_its_front_page_made_before_anybody_asks(tmp_path: Path, asked: list[str]) -> None:
    app = create_app(publish_example(tmp_path, "v1"))
    stay_warm(app.state.publications, stopped())
    publish_example(tmp_path, "v2")
    stay_warm(app.state.publications, stopped())
    asked.clear()
    assert PageClient(app).get("/?lang=en").text.count("v2") > 0
    assert asked == []


def test_nothing_published_yet_is_no_fault(tmp_path: Path) -> None:
    stay_warm(Publications(tmp_path), stopped())


def test_a_publication_that_cannot_be_opened_is_said_in_the_log_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(self: Publications) -> Snapshot:
        raise duckdb.IOException("a path")

    monkeypatch.setattr(Publications, "newest", broken)
    stay_warm(Publications(publish_example(tmp_path)), stopped())
    assert "cannot be made: IOException" in caplog.text
    assert "a path" not in caplog.text


def test_a_front_page_that_cannot_be_made_is_said_in_the_log_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    publications = Publications(publish_example(tmp_path))

    def broken(snapshot: Snapshot) -> None:
        raise KeyError("a secret value")

    monkeypatch.setattr("dashboard.warm.warm_publication", broken)
    stay_warm(publications, stopped())
    assert "cannot be made: KeyError" in caplog.text
    assert "a secret value" not in caplog.text
