"""Every page, in both languages and in every state, over a published folder that has them all."""

import re
from html import unescape
from pathlib import Path

import pytest

from dashboard.app import HEADERS, create_app
from dashboard.texts import LANGUAGES, TEXTS
from tests.factories_published import NASTY, publish_example
from tests.page_client import PageClient

PAGES = (
    "/",
    "/core-tasks/work",
    "/core-tasks/learning",
    "/core-tasks/work/ranks",
    "/core-tasks/learning/ranks",
    "/indicators/job_held",
    "/indicators/job_held?cohort=2025-H2",
    "/indicators/job_held?organisation=is",
    "/indicators/job_held/krone",
    "/indicators/job_held/krone?cohort=2025-H1&organisation=is&attribution=equal",
    "/indicators/job_held/krone?cohort=2025-H1&level=institution&attribution=lead",
    "/indicators/job_held/expected",
    "/indicators/job_held/expected?cohort=all&level=institution&limits=plain",
    "/indicators/loneliness/expected",
    "/kroner",
    "/changes",
    "/changes?indicator=job_held&unit=nasty",
    "/indicators/job_held/time",
    "/indicators/job_held/time?unit=job-nord&cohort=all",
    "/indicators/job_held/time?unit=job-lille",
    "/indicators/loneliness",
    "/indicators/loneliness/krone",
    "/indicators/loneliness/time",
    "/units",
    "/units/job-nord",
    "/units/job-lille",
    "/units/nasty",
    "/units/(unmatched)",
    "/quality",
    "/tables",
    "/reading",
)

FOLLOWED: set[str] = set()
"""Links that have been tried already: pages share most of theirs."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> PageClient:
    published = publish_example(tmp_path_factory.mktemp("published"))
    return PageClient(create_app(published))


def at(client: PageClient, path: str, language: str) -> str:
    answer = client.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
    assert answer.status_code == 200, (path, answer.text[:300])
    return answer.text


def words_of(page: str) -> str:
    """What a reader sees: tags gone, hard spaces plain."""
    page = re.sub(r"<(style|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " "))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_in_both_languages(client: PageClient, path: str, language: str) -> None:
    page = at(client, path, language)
    assert f'<html lang="{language}">' in page
    assert TEXTS["site.invented"][language == "en"] in unescape(page)
    assert page.count("<h1") == 1
    assert "as_of" not in words_of(page) or path == "/tables"
    assert "v20260331T120000-abc123" in page
    assert re.search(r"\bNone(?! of)", words_of(page)) is None


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.security("S25")
def test_no_outside_host_no_script_no_style_in_line(client: PageClient, path: str) -> None:
    page = at(client, path, "da")
    addresses = re.findall(r'(?:href|src|action|xlink:href)="([^"]*)"', page)
    assert addresses
    assert [address for address in addresses if not address.startswith(("/", "#"))] == []
    assert "<script" not in page
    assert " style=" not in page
    assert re.search(r"\son[a-z]+=", page) is None
    outside = {found for found in re.findall(r"https?://[^\s\"'<]+", page) if "www.w3.org" not in found}
    assert outside == set()


@pytest.mark.parametrize("path", PAGES)
def test_every_link_inside_leads_somewhere_and_keeps_the_language(client: PageClient, path: str) -> None:
    page = at(client, path, "en")
    links = {unescape(link) for link in re.findall(r'<a [^>]*href="(/[^"]*)"', page)}
    assert [link for link in links if "lang=" not in link] == []
    for link in links - FOLLOWED:
        assert client.get(link).status_code == 200, link
    FOLLOWED.update(links)
    assert sum("lang=da" in link for link in links) == 1, "only the language switch leaves the language"


def test_language_switch_keeps_the_whole_view(client: PageClient) -> None:
    page = at(client, "/indicators/job_held?cohort=2025-H1&level=institution", "da")
    other = unescape(re.search(r'class="language"><a href="([^"]+)"', page)[1])  # type: ignore[index]
    assert other == "/indicators/job_held?cohort=2025-H1&level=institution&lang=en"


def test_language_follows_the_browser_when_the_address_says_nothing(client: PageClient) -> None:
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    assert '<html lang="da">' in client.get("/", headers={"Accept-Language": "fr,da;q=0.5"}).text


@pytest.mark.parametrize(
    "path", [*PAGES, "/nope", "/api/v1/tables", "/api/v1/tables/effect_by_unit", "/api/nope", "/healthz", "/readyz", "/?x=1"]
)
@pytest.mark.security("S25")
def test_security_headers_on_every_answer(client: PageClient, path: str) -> None:
    headers = client.get(path).headers
    for name, value in HEADERS.items():
        assert headers[name] == value
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "script-src" not in policy, "scripts fall back to 'none'"


def test_overview_tells_the_lead_indicator_with_its_uncertainty(client: PageClient) -> None:
    words = words_of(at(client, "/", "en"))
    # 850 of 1,615 with a known result; limits as published; 95 still followed
    assert "52.6% achieved the effect" in words
    assert "850 of 1,615 with a known result. With 95% confidence the share lies between 46.6% and 58.6%." in words
    assert "95 of 1,720 are still being followed." in words
    assert "17.6 effects per million kroner (17.3 to 17.8)" in words
    assert "None of this core task's indicators is computed yet." in words


def test_numbers_are_written_as_the_language_writes_them(client: PageClient) -> None:
    danish = words_of(at(client, "/", "da"))
    assert "52,6 % opnåede effekten" in danish
    assert "850 af 1.615 med kendt resultat" in danish


def test_indicator_shows_counts_interval_estimate_and_method(client: PageClient) -> None:
    row = row_of(at(client, "/indicators/job_held", "en"), "Jobcenter Nord")
    # in cohort, share, estimate, against what was expected, pending, matured, censored, unmeasured, denominator, achieved, not achieved,
    # competing, outputs, state
    cells = [
        "420",
        "65.0% 59.0–71.0%",
        "63.7% 57.0–70.0%",
        "more than expected expected 205.0; O/E 1.27 (1.12–1.43)",
        "10",
        "410",
        "10",
        "0",
        "400",
        "260",
        "140",
        "0",
        "9,800",
        "Not mature See what the figure rests on Jobcenter Nord",
    ]
    assert row == cells
    assert "Interval of the matured share: Wilson. Estimate for everybody: Aalen-Johansen" in words_of(
        at(client, "/indicators/job_held", "en")
    )


def test_what_was_expected_is_drawn_as_a_tick_and_explained_below_the_chart(client: PageClient) -> None:
    page = at(client, "/indicators/job_held", "da")
    assert "forventet andel ud fra enhedens egne borgere" in page
    assert "flere end forventet" in row_of(page, "Jobcenter Nord")[3]
    assert row_of(page, "Jobcenter Syd")[3] == "ingen reference"
    today = at(client, "/indicators/job_held?organisation=is", "da")
    assert "Over for det forventede" not in today, "in today's organisation nothing is expected"


@pytest.mark.parametrize("path", ["/indicators/job_held", "/indicators/job_held/krone", "/units/job-nord"])
def test_one_step_through_the_cohorts_keeps_the_rest_of_the_view(client: PageClient, path: str) -> None:
    page = at(client, path + "?cohort=2025-H1", "en")
    steps = re.findall(r'<a rel="(?:prev|next)" href="([^"]*)"', page)
    assert steps, "a step to at least one side"
    assert all("cohort=" in step and "lang=en" in step for step in steps)


def row_of(page: str, unit: str) -> list[str]:
    """The cells of a unit's row in the page's first table that has it, as a reader sees them."""
    row = next(row for row in re.findall(r"<tr.*?</tr>", page, flags=re.DOTALL) if unit in unescape(row))
    return [words_of(cell).strip() for cell in re.findall(r"<td.*?</td>", row, flags=re.DOTALL)]


def test_a_hidden_count_in_a_row_that_shows_the_rest(client: PageClient) -> None:
    assert row_of(at(client, "/indicators/job_held", "en"), "Jobcenter Vest")[6] == "hidden"
    assert "Hidden to protect persons: the figure rests on fewer than 5" in words_of(at(client, "/indicators/job_held", "en"))


@pytest.mark.parametrize(
    ("path", "unit", "sentence"),
    [
        ("/indicators/job_held", "Lille Jobcenter", "Hidden to protect persons"),
        ("/indicators/job_held/krone", "Lille Jobcenter", "Hidden to protect persons"),
        ("/indicators/job_held/krone", "Jobcenter uden udgift", "A missing cost is not a free effect."),
        ("/indicators/job_held/krone", "Nyt Jobcenter", "not bounded"),
        ("/indicators/job_held/krone?cohort=2025-H2", "Jobcenter Nord", "Not mature yet"),
        ("/indicators/job_held?cohort=2025-H2", "Jobcenter Nord", "not known yet"),
        ("/core-tasks/work/ranks?cohort=2025-H2", "Jobcenter Nord", "Not mature yet"),
        ("/core-tasks/work/ranks", "Jobcenter uden udgift", "A missing cost is not a free effect."),
    ],
)
def test_states_are_told_in_words(client: PageClient, path: str, unit: str, sentence: str) -> None:
    assert sentence in " ".join(row_of(at(client, path, "en"), unit))


@pytest.mark.parametrize("path", PAGES)
def test_no_cell_is_blank(client: PageClient, path: str) -> None:
    for cell in re.findall(r"<t[dh][ >].*?</t[dh]>", at(client, path, "da"), flags=re.DOTALL):
        assert words_of(cell).strip(), cell


def test_missing_cost_never_becomes_zero(client: PageClient) -> None:
    row = row_of(at(client, "/indicators/job_held/krone", "en"), "Jobcenter uden udgift")
    assert row[0] == "50"
    assert "0" not in row[1]


def test_unallocated_kroner_are_a_line(client: PageClient) -> None:
    words = words_of(at(client, "/indicators/job_held/krone", "en"))
    assert re.search(r"Unallocated .{0,80}DKK 1,500,001", words)
    assert re.search(r"No rule fits .{0,80}DKK 500,000", words)


def test_every_attribution_rule_stands_side_by_side(client: PageClient) -> None:
    page = at(client, "/indicators/job_held/krone?cohort=2025-H1", "en")
    table = page[page.index('id="rules"') :]
    # 260 effects of the lead and 217 in equal shares, both over 12.4 million kroner; limits 12 effects to either side
    assert row_of(table, "Jobcenter Nord") == ["21.0 20.0\u201321.9 260 effects", "17.5 16.5\u201318.5 217 effects"]
    assert row_of(table, "Jobcenter Vest")[1] == "not stated", "the rule gives this unit no row"
    assert row_of(table, "No unit is named") == ["12 effects 1.4%", "12 effects 1.4%"]


def test_the_organisation_of_today_on_request(client: PageClient) -> None:
    then, today = (at(client, f"/indicators/job_held{asked}", "en") for asked in ("", "?organisation=is"))
    assert "Nyt Jobcenter" in then
    assert "Jobcenter Nord took over Nyt Jobcenter" in words_of(then)
    assert "Nyt Jobcenter" not in today
    assert "/api/v1/tables/effect_by_unit_as_is" in today, "the download is of the table that is shown"


def test_a_rule_that_today_has_not_is_no_fault_when_the_organisation_is_switched(client: PageClient) -> None:
    page = at(client, "/indicators/job_held/krone?cohort=2025-H1&attribution=equal&organisation=is", "en")
    assert "attributed by the lead unit" in words_of(page)


def test_kroner_per_effect_has_its_interval(client: PageClient) -> None:
    row = row_of(at(client, "/indicators/job_held/krone", "en"), "Jobcenter Nord")
    # 12.4 million over 260 effects; limits 272 and 248 effects
    assert row[3] == "DKK 47,692 45,588–DKK 50,000"


def test_ranks_tell_who_is_first_in_which(client: PageClient) -> None:
    page = at(client, "/core-tasks/work/ranks", "en")
    assert "Jobcenter Syd is number 1 in outputs, Jobcenter Nord in effect." in unescape(page)
    assert row_of(page, "Jobcenter Nord")[2:5] == ["3", "21.0", "1 1–2"]


def test_curve_has_numbers_at_risk(client: PageClient) -> None:
    page = at(client, "/indicators/job_held/time?unit=job-nord", "en")
    body = words_of(re.search(r"<tbody>.*?</tbody>", page, flags=re.DOTALL)[0])  # type: ignore[index]
    assert body.split()[:2] == ["0", "400"]
    assert "Jobcenter Nord rises from 0 to 60.7% after 26 weeks" in unescape(page)


def test_quality_shows_ledger_gate_and_findings(client: PageClient) -> None:
    words = words_of(at(client, "/quality", "en"))
    assert "The publication is approved: 61 checks passed." in words
    assert "The ledger adds up" in words
    assert "48,400,001.23" in words
    assert "125,000 1,400 144 0" in words
    assert "End without start 3" in words
    assert "In 37 of 1,200 cells a shown count differs from that of v0 by fewer than 5, and in 2 a count is hidden" in words
    assert "I 37 af 1.200 celler er et vist antal ændret med færre end 5 siden v0, og i 2 er et antal skjult" in words_of(
        at(client, "/quality", "da")
    )


def test_unit_page_shows_effects_outputs_and_money(client: PageClient) -> None:
    words = words_of(at(client, "/units/job-nord", "en"))
    assert "Education & work" in words
    assert "Conversations" in words
    assert "employment: conversation held" not in words, "shown once, under the catalogue's name"
    assert "DKK 11,904,000" in words
    assert "DKK 12,400,000" in words


def part_of(page: str, mark: str) -> str:
    """One section of a page, from its heading to the next section."""
    return page[page.index(f'id="{mark}"') :].split("<section", 1)[0]


def test_unit_page_shows_three_views_staff_citizens_and_time(client: PageClient) -> None:
    page = at(client, "/units/job-nord", "en")
    assert row_of(part_of(page, "views"), "Education")[:4] == ["70%", "65.0% 59.0\u201371.0%", "hidden", "not stated"]
    voices = part_of(page, "voices")
    assert row_of(voices, "Social capital: trust")[:2] == ["62.0%", "112"]
    assert row_of(voices, "Felt involved")[:2] == ["59.0% 50.0\u201367.0%", "not shown"]
    assert row_of(voices, "Documentation")[:2] == ["19.0%", "312"], "minutes as hours"
    assert words_of(voices).count("Social capital: trust") == 1, "once, though it stands beside two core tasks"


def test_unit_page_shows_money_by_class_and_what_became_of_the_unit(client: PageClient) -> None:
    page = at(client, "/units/job-nord", "en")
    assert "Direct" in words_of(part_of(page, "money"))
    assert "Jobcenter Nord took over Nyt Jobcenter" in words_of(page)


def test_core_task_page_shows_levels_versions_breaks_and_persons_once(client: PageClient) -> None:
    page = at(client, "/core-tasks/work", "en")
    assert row_of(part_of(page, "units"), "Jobcenter Nord")[0] == "Institution"
    assert row_of(part_of(page, "units"), "Beskæftigelse")[0] == "Administration"
    assert row_of(part_of(page, "together"), "All units")[:4] == ["1,500", "900", "60", "60.0% 57.0\u201363.0%"]
    assert "1 January 2025 Job held 26 weeks New law" in words_of(part_of(page, "breaks"))
    assert row_of(part_of(page, "versions"), "Education")[1] == "Always"


def test_a_link_between_core_tasks_has_its_figure(client: PageClient) -> None:
    words = words_of(at(client, "/core-tasks/work", "en"))
    assert "60.0% of those with an effect here have one there too, against 50.0% of the others (difference 2.0 to 18.0 points" in words


def test_ranks_are_drawn_with_their_intervals(client: PageClient) -> None:
    page = at(client, "/core-tasks/work/ranks", "en")
    wide = re.search(r'<svg class="chart-wide".*?</svg>', page, flags=re.DOTALL)[0]  # type: ignore[index]
    n_ranked = 6  # units with a cost and effects known
    assert len(re.findall(r'stroke-width="4"', wide)) == n_ranked


@pytest.mark.security("S25")
def test_hostile_names_are_text_everywhere(client: PageClient) -> None:
    for path in PAGES:
        page = at(client, path, "da")
        assert "<script>alert" not in page, path
    assert NASTY in unescape(at(client, "/units/nasty", "da"))


def test_chart_rows_stand_beside_their_own_bars(client: PageClient) -> None:
    """Name, dot and bar of one unit share a height: Jobcenter Syd has most outputs and nearly the lowest share."""
    page = unescape(at(client, "/indicators/job_held", "da"))
    wide = re.search(r'<svg class="chart-wide".*?</svg>', page, flags=re.DOTALL)[0]  # type: ignore[index]
    texts = re.findall(r'<text[^>]*transform="translate\(([-\d.]+),([-\d.]+)\)"[^>]*>([^<]*)</text>', wide)
    heights = {text.replace("\u00a0", " "): float(y) for _, y, text in texts}
    assert heights["Jobcenter Syd"] == heights["15.200"]
    assert heights["Jobcenter Nord"] == heights["9.800"]
    assert heights["Jobcenter Nord"] < heights["Jobcenter Vest"] < heights["Jobcenter Syd"], "highest share first, whatever the names"


def test_charts_are_named_and_described_and_their_ids_are_unique(client: PageClient) -> None:
    for path in ("/indicators/job_held", "/indicators/job_held/krone", "/indicators/job_held/time", "/core-tasks/work/ranks"):
        page = at(client, path, "da")
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids)), path
        for svg in re.findall(r'<svg class="chart.*?</svg>', page, flags=re.DOTALL):
            assert re.search(r"<title id=.+?</title><desc id=.+?</desc>", svg, flags=re.DOTALL)
            assert "#00000" not in svg, "stand-in colours are swapped"


def test_tables_have_captions_and_headers_with_scope(client: PageClient) -> None:
    for path in PAGES:
        page = at(client, path, "da")
        assert page.count("<table") == page.count("<caption")
        assert not re.findall(r"<th(?![^>]*scope=)[ >]", page), path


@pytest.mark.parametrize(
    "path",
    [
        "/?colour=red",
        "/?lang=de",
        "/?lang=da&lang=en",
        "/indicators/job_held?cohort=1999-H1",
        "/indicators/job_held?level=planet",
        "/indicators/job_held?cohort=all'%20OR%201=1--",
        "/indicators/job_held?cohort=" + "x" * 300,
        "/indicators/job_held/time?unit=job%00nord",
        "/indicators/job_held/krone?attribution=%3Cscript%3E",
        "/units/job-nord?cohort=%27;DROP%20TABLE%20dim_unit;--",
    ],
)
def test_wrong_parameters_get_a_clear_page(client: PageClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 400
    assert "<h1" in answer.text
    for sent in ("<script>", "DROP", "OR 1=1", "1999", "planet", "xxxx"):
        assert sent not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/core-tasks/nope",
        "/indicators/nope",
        "/indicators/nope/krone",
        "/indicators/job_held'--",
        "/units/nope",
        "/static/../app.py",
        "/docs",
    ],
)
def test_unknown_pages_are_404(client: PageClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "<h1" in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_only_reading(client: PageClient, method: str) -> None:
    answer = client.request(method, "/")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.security("S25")
def test_foreign_host_names_are_refused(client: PageClient) -> None:
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/", headers={"Host": "localhost:8080"}).status_code == 200


def test_public_publication_is_not_called_invented(tmp_path: Path) -> None:
    client = PageClient(create_app(publish_example(tmp_path, invented=False)))
    assert "findes ikke" not in client.get("/?lang=da").text


@pytest.mark.security("S26")
def test_a_fault_of_ours_says_nothing_of_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = publish_example(tmp_path)
    app = create_app(published)
    client = PageClient(app, raise_faults=False)
    monkeypatch.setattr("dashboard.app.render_page", lambda *_: 1 / 0)
    answer = client.get("/quality")
    assert answer.status_code == 500
    assert "division" not in answer.text
    assert str(tmp_path) not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
