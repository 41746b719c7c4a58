"""The pages that compare: expected and observed, what stands out, the kroner, and what changed since the last publication."""

from pathlib import Path

import pytest

from dashboard.app import create_app
from tests.factories_published import publish_example
from tests.integration.test_dashboard_pages import at, row_of, words_of
from tests.page_client import PageClient


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> PageClient:
    return PageClient(create_app(publish_example(tmp_path_factory.mktemp("published"))))


def test_the_overview_says_who_lasts_longer_than_expected_and_leads_there(client: PageClient) -> None:
    page = at(client, "/", "en")
    assert "Jobcenter Nord : Job held 26 weeks. 1.27 times what was expected (1.15–1.40)" in words_of(page)
    assert "/indicators/job_held/expected?cohort=all&amp;lang=en" in page


def test_the_overview_shows_three_views_side_by_side(client: PageClient) -> None:
    words = words_of(at(client, "/", "en"))
    assert "Target 50% Performed 57.0% 54.0–60.0% Experienced 48.0% 41.0–55.0%" in words
    assert "Performed is 7.0 percentage points above from the target" not in words
    assert "Performed: 7.0 percentage points above the target." in words


def test_expected_and_observed_stand_with_verdict_ratio_and_ranks(client: PageClient) -> None:
    page = at(client, "/indicators/job_held/expected", "en")
    north = row_of(page, "Jobcenter Nord")
    assert north[0] == "Clearly above what was expected (99.8%)"
    assert north[1:4] == ["260", "205.0", "1.27 1.15–1.40"]
    assert row_of(page, "Jobcenter Syd")[0] == "Below what was expected (95%)"
    assert "2 of 5 units lie outside the 95% limits" in words_of(page)
    assert "about 0.25, even if all were equally good" in words_of(page)


def test_what_stands_out_comes_first_and_what_is_hidden_last(client: PageClient) -> None:
    page = at(client, "/indicators/job_held/expected", "en")
    table = page[page.index("<tbody>") :]
    places = [table.index(name) for name in ("Jobcenter Nord", "Jobcenter Syd", "Jobcenter Vest", "Lille Jobcenter")]
    assert places == sorted(places)
    assert "fewer than 5" in words_of(table).lower()


def test_every_krone_is_placed_by_what_is_known_of_it(client: PageClient) -> None:
    words = words_of(at(client, "/kroner", "en"))
    assert "No core task" in words
    assert "Effort with a known effect" in words


def test_changes_tell_before_after_and_each_causes_part(client: PageClient) -> None:
    page = at(client, "/changes", "en")
    assert row_of(page, "All units") == [
        "Job held 26 weeks",
        "All cohorts",
        "55.0%",
        "57.0%",
        "14.0 → 14.6",
        "New events (+3.0), Corrections (−1.0)",
    ]
    words = words_of(page)
    assert "employment: placement started: 41" in words
    assert "correction: event replaced: a few" in words


def test_a_change_of_a_few_persons_is_told_without_its_numbers(client: PageClient) -> None:
    row = row_of(at(client, "/changes?indicator=job_held&unit=job-nord", "en"), "Jobcenter Nord")
    assert row[2:4] == ["a few", "a few"]
    assert row[-1] == "New events"


def test_the_first_publication_has_nothing_to_be_held_against(tmp_path: Path) -> None:
    published = publish_example(tmp_path)
    (published / "changes" / "v20260331T120000-abc123.json").unlink()
    assert "There is no earlier publication" in words_of(at(PageClient(create_app(published)), "/changes", "en"))


@pytest.mark.parametrize("path", ["/changes?unit=nobody", "/indicators/job_held/expected?limits=none", "/kroner?cohort=all"])
def test_a_choice_that_is_not_there_is_refused(client: PageClient, path: str) -> None:
    assert client.get(path).status_code == 400
