"""What goes wrong gets a clear answer: an old publication, one that cannot be opened, a missing folder, a huge export, a bad parameter.

A wrong password has its own cases in `test_access.py`, a folder that is missing at the start in `test_dashboard_api.py`.
"""

import dataclasses
import io
import os
import time
from pathlib import Path

import openpyxl
import pytest
from fastapi import FastAPI

from dashboard import exports
from dashboard.app import create_app
from dashboard.texts import TEXTS
from tests.factories_published import publish_example
from tests.page_client import PageClient

DAY_S = 86_400.0
FILES = "/api/v1/tables/effect_by_unit"


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    app = create_app(publish_example(tmp_path / "published", "v1"))
    app.state.publications.stale_after_s = DAY_S
    return app


@pytest.fixture
def stale(app: FastAPI, tmp_path: Path) -> PageClient:
    """Published two and a half days ago, where one a day is expected."""
    then = time.time() - 2.5 * DAY_S
    os.utime(tmp_path / "published" / "CURRENT", (then, then))
    return PageClient(app)


@pytest.mark.parametrize(("language", "words"), [("da", "Tallene er 2,5 døgn gamle"), ("en", "These figures are 2.5 days old")])
@pytest.mark.parametrize("path", ["/", "/indicators/job_held", "/changes", "/quality"])
def test_a_stale_publication_says_so_on_every_page_and_is_still_shown(stale: PageClient, path: str, language: str, words: str) -> None:
    answer = stale.get(f"{path}?lang={language}")
    assert answer.status_code == 200
    assert words in answer.text


def test_a_stale_publication_says_so_to_programs_and_in_files(stale: PageClient) -> None:
    assert "nothing newer came" in stale.get(FILES).json()["notice"]
    assert "nothing newer came" in stale.get("/api/v1/tables").json()["notice"]
    csv = stale.get(f"{FILES}.csv")
    assert "nothing newer came" in csv.text.split("\r\nunit_id")[0], "among the notes above the rows"
    assert "nothing newer came" in csv.headers["kerneeffekt-notice"]
    book = openpyxl.load_workbook(io.BytesIO(stale.get(f"{FILES}.xlsx").content), read_only=True)
    assert any("nothing newer came" in str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    assert "nothing newer came" in stale.get(f"{FILES}.parquet").headers["kerneeffekt-notice"]


def test_who_has_the_publication_already_is_told_all_the_same(stale: PageClient) -> None:
    snapshot_id = stale.get(FILES).json()["snapshot_id"]
    again = stale.get(FILES, headers={"If-None-Match": f'"{snapshot_id}"'})
    assert again.status_code == 200, "what they have says nothing of it"
    assert again.json()["notice"]


def test_a_fresh_publication_says_nothing_of_it(app: FastAPI) -> None:
    fresh = PageClient(app)
    assert 'class="outdated"' not in fresh.get("/").text
    answer = fresh.get(FILES)
    assert answer.json()["notice"] is None
    assert "kerneeffekt-notice" not in answer.headers
    assert fresh.get(FILES, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_a_newer_version_that_cannot_be_opened_is_said_on_the_page(app: FastAPI, tmp_path: Path) -> None:
    client = PageClient(app)
    assert client.get("/").status_code == 200
    (tmp_path / "published" / "CURRENT").write_text("v2")
    shown = client.get("/?lang=en")
    assert shown.status_code == 200
    assert TEXTS["site.behind"][1] in shown.text
    assert "v2" in client.get(FILES).json()["notice"]


def test_a_folder_that_goes_away_leaves_what_was_read_and_a_word_about_it(app: FastAPI, tmp_path: Path) -> None:
    client = PageClient(app)
    assert client.get("/").status_code == 200
    (tmp_path / "published").rename(tmp_path / "elsewhere")
    assert TEXTS["site.behind"][0] in client.get("/?lang=da").text
    assert client.get("/readyz").status_code == 503
    assert str(tmp_path) not in client.get("/readyz").text + client.get(FILES).text, "no path of this machine"


@pytest.mark.security("S15")
def test_a_huge_export_is_refused_whole_and_says_what_to_do(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    small = {ending: dataclasses.replace(known, most_rows=1) for ending, known in exports.FORMATS.items()}
    monkeypatch.setattr("dashboard.api.FORMATS", small)
    for ending in small:
        answer = PageClient(app).get(f"{FILES}.{ending}")
        assert answer.status_code == 413, ending
        assert "narrow it by a filter" in answer.json()["error"]


@pytest.mark.parametrize(
    "given",
    [
        "cohort=<script>alert(1)</script>",
        "cohort=%27%20OR%201=1--",
        "cohort=%00",
        "level=../../etc/passwd",
        "sort=share",
        "cohort=all&cohort=all",
    ],
)
@pytest.mark.security("S14")
def test_a_malicious_parameter_is_refused_and_not_repeated(app: FastAPI, given: str) -> None:
    client = PageClient(app)
    page = client.get(f"/indicators/job_held?lang=en&{given}")
    assert page.status_code == 400
    for sent in ("<script", "OR 1=1", "passwd"):
        assert sent not in page.text
    asked = client.get(f"{FILES}?{given}")
    assert asked.status_code == 400 or asked.json()["rows"] == [], "a filter's value is compared with what is published, and is never SQL"
