"""From a published figure to the records and events behind it: they agree with the publication, and every look is logged."""

import datetime as dt
import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from config.cli import app
from models.catalogue import Catalogue
from models.errors import ConfigurationError, StoreError
from pipelines import chain
from pipelines.audit import FILE, LEAST_PURPOSE, Audit, stated
from pipelines.compare import open_version
from pipelines.explain import COUNTED, Figure, Look, Looker, cohort_days, explain
from pipelines.persons import held_about, persons_of
from tests.factories_mart import catalogue
from tests.town import Town, job, person, replaced, retracted, said, spell

D = dt.date
WHO = Looker("anne", "complaint about unit A", ("controller",))
WORK = "job"
FIRST: list[str] = []
"""The first publication: others follow."""


@pytest.fixture(scope="module")
def definitions() -> Catalogue:
    return catalogue(municipality={"k": 5})


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, definitions: Catalogue) -> Town:
    """Thirty citizens of two units; a correction, a retraction; then a publication, more events, and a second one."""
    town = Town(tmp_path_factory.mktemp("town"), definitions)
    events = []
    for number in range(30):
        unit = "A" if number < 27 else "B"
        events += spell(person(number), D(2024, 1 + number % 3, 10), unit)
        if number % 2:
            events.append(job(person(number), D(2024, 6, 1), unit))
    wrong = events[-1]
    town.feed(events)
    town.feed([replaced(wrong, D(2024, 7, 1), time=D(2024, 7, 15), data=wrong["data"]), retracted(events[4], D(2024, 7, 2))])
    FIRST.append(town.publish(D(2025, 6, 1)).version)
    town.feed(spell(person(99), D(2024, 2, 2), "A"))
    return town


def look(town: Town, figure: Figure, version: str | None = None, **options: int) -> Look:
    return explain(town.store, figure, WHO, version=open_version(town.published, version or FIRST[0]), **options)


def published_figures(town: Town, version: str | None = None) -> list[Figure]:
    mart = open_version(town.published, version or FIRST[0]).folder / "mart.duckdb"
    with duckdb.connect(str(mart), read_only=True) as connection:
        rows = connection.execute("SELECT indicator_id, unit_id, cohort FROM effect_by_unit WHERE unit_id <> '(unmatched)'").fetchall()
    return [Figure(*row) for row in rows]


def test_every_published_figure_agrees_with_the_records_behind_it(town: Town) -> None:
    figures = published_figures(town)
    assert {(figure.unit, figure.cohort) for figure in figures} >= {("A", "2024-Q1"), ("(all)", "all"), ("B", "2024-Q1")}
    for figure in figures:
        found = look(town, figure, limit=1_000)
        assert found.differing == [], figure
        assert found.total == len(found.records)


def test_below_k_the_records_are_there_and_the_publication_is_silent(town: Town) -> None:
    found = look(town, Figure(WORK, "B", "2024-Q1"))
    assert (found.published["cohort_size"], found.published["state"]) == (None, "suppressed")
    assert found.total == 3


def test_an_event_leads_to_where_it_was_read_and_a_corrected_one_says_so(town: Town) -> None:
    records = look(town, Figure(WORK, "A", "2024-Q1"), limit=100).records
    (first, *_) = [record for record in records if record.subject == person(0)]
    assert next((event.type, event.place) for event in first.evidence) == ("employment.benefit_started", "town[0]@0")
    (moved,) = [record for record in look(town, Figure(WORK, "B", "2024-Q1")).records if record.subject == person(29)]
    assert [(event.occurred_on, event.corrected) for event in moved.evidence if event.corrected] == [(D(2024, 7, 15), True)]


def test_what_came_after_the_publication_is_not_behind_its_figure(town: Town) -> None:
    then = look(town, Figure(WORK, "A", "2024-Q1"), limit=100)
    now = explain(town.store, Figure(WORK, "A", "2024-Q1"), WHO, as_of=D(2025, 6, 1), limit=100)
    assert person(99) not in {record.subject for record in then.records}
    assert person(99) in {record.subject for record in now.records}
    assert (now.total - then.total, now.version) == (1, None)


def test_a_version_of_an_earlier_state_of_knowledge_agrees_too(town: Town) -> None:
    made = town.publish(D(2025, 6, 1), known_at=D(2024, 7, 1))
    for figure in published_figures(town, made.version)[::4]:  # each translates everybody as known then
        assert look(town, figure, made.version).differing == [], figure


def test_records_come_in_pages_without_gap(town: Town) -> None:
    figure = Figure(WORK, "A", "all")
    whole = [record.subject for record in look(town, figure, limit=100).records]
    pages = [record.subject for offset in range(0, 40, 14) for record in look(town, figure, limit=14, offset=offset).records]
    assert pages == whole
    assert len(whole) == len(set(whole)) == look(town, figure).total


def test_somebody_erased_since_is_missed_and_that_is_said(tmp_path: Path, definitions: Catalogue) -> None:
    town = Town(tmp_path, definitions)
    town.feed([event for number in range(12) for event in spell(person(number), D(2024, 1, 10))])
    town.publish(D(2025, 6, 1))
    town.feed([said("privacy.subject_erased", person(3), D(2024, 9, 1), legal_basis="GDPR 17")])
    found = look(town, Figure(WORK, "A", "2024-Q1"), "CURRENT")
    assert (found.published["cohort_size"], found.total) == (12, 11)
    assert "cohort_size" in found.differing


@pytest.mark.parametrize(
    ("figure", "said_then"),
    [
        (Figure("nothing", "A", "all"), "shows no figure"),
        (Figure(WORK, "nowhere", "all"), "shows no figure"),
        (Figure(WORK, "A", "2024-Q5"), "2024-Q1"),
        (Figure(WORK, "A", "0000"), "2024-Q1"),
        (Figure(WORK, "' OR 1=1 --", "all"), "shows no figure"),
    ],
)
def test_a_figure_that_there_is_not(town: Town, figure: Figure, said_then: str) -> None:
    before = len(Audit.beside(town.store).entries())
    with pytest.raises(ConfigurationError, match=said_then):
        look(town, figure)
    assert len(Audit.beside(town.store).entries()) == before


# the log


@pytest.mark.security("S10")
def test_every_look_is_logged_with_why_and_without_whom(town: Town) -> None:
    look(town, Figure(WORK, "A", "2024-Q1"))
    last = Audit.beside(town.store).entries()[-1]
    assert {name: last[name] for name in ("what", "by", "roles", "purpose", "indicator", "unit", "cohort")} == {
        "what": "looked_behind_figure",
        "by": "anne",
        "roles": ["controller"],
        "purpose": "complaint about unit A",
        "indicator": WORK,
        "unit": "A",
        "cohort": "2024-Q1",
    }
    assert (last["total"], last["records"]) == (27, 27)
    text = (town.store / FILE).read_text(encoding="utf-8")
    assert not any(person(number) in text for number in range(30))
    assert (town.store / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("purpose", ["", "   ", "why not", "x" * 400, "citizen 010190-1234 complains", "borger 0101901234"])
def test_a_look_needs_a_purpose_that_may_be_logged(town: Town, purpose: str) -> None:
    before = (town.store / FILE).read_bytes()
    with pytest.raises(ConfigurationError) as refused:
        explain(town.store, Figure(WORK, "A", "all"), Looker("anne", purpose))
    assert "0101901234" not in str(refused.value).replace("-", "")
    assert (town.store / FILE).read_bytes() == before
    assert len(stated("x" * LEAST_PURPOSE)) == LEAST_PURPOSE


@pytest.mark.security("S10")
def test_what_cannot_be_logged_is_not_shown(tmp_path: Path, definitions: Catalogue) -> None:
    town = Town(tmp_path, definitions)
    town.feed(spell(person(1), D(2024, 1, 10)))
    (town.store / FILE).mkdir()
    with pytest.raises(OSError, match="directory"):
        explain(town.store, Figure(WORK, "A", "all"), WHO, as_of=D(2025, 6, 1))


def written(folder: Path, n: int = 4) -> Path:
    audit = Audit(folder / FILE)
    for number in range(n):
        audit.note("tried", f"person {number}", purpose="æøå and “quotes”", number=number)
    return audit.path


@pytest.mark.security("S10")
def test_one_flipped_bit_anywhere_is_found(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()
    assert Audit(path).verify().lines == 4
    for place in range(len(whole)):
        for bit in (0, 5):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << bit)]) + whole[place + 1 :])
            with pytest.raises((StoreError, UnicodeDecodeError)):
                Audit(path).verify()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_lines_taken_out_put_in_or_changed_places_are_found(data: st.DataObject) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder))
        lines = path.read_bytes().splitlines(keepends=True)
        chosen = data.draw(st.lists(st.sampled_from(range(4)), min_size=1, max_size=5))
        path.write_bytes(b"".join(lines[number] for number in chosen))
        if chosen == list(range(len(chosen))):  # only cut off at the end: whoever kept the head notices
            kept = str(chain.Head(4, __import__("hashlib").sha256(lines[3].rstrip(b"\n")).hexdigest()))
            if len(chosen) < 4:
                with pytest.raises(ConfigurationError, match="cut off"):
                    Audit(path).verify(kept)
        else:
            with pytest.raises(StoreError, match="line"):
                Audit(path).verify()


def test_a_log_written_anew_is_not_the_one_that_was_kept(tmp_path: Path) -> None:
    kept = str(Audit(written(tmp_path)).verify())
    assert Audit(tmp_path / FILE).verify(kept).lines == 4
    (tmp_path / FILE).unlink()
    written(tmp_path, 6)
    with pytest.raises(ConfigurationError, match="written anew"):
        Audit(tmp_path / FILE).verify(kept)


def test_a_torn_last_line_is_found_and_nothing_is_added_to_it(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(StoreError, match="line 4"):
        Audit(path).verify()
    with pytest.raises(StoreError, match="torn"):
        Audit(path).note("tried", "x")


@pytest.mark.security("S10")
def test_a_month_is_reported_with_a_sample_that_nobody_chose(tmp_path: Path) -> None:
    audit = Audit(written(tmp_path, 12))
    month = audit.entries()[0]["at"][:7]
    report = audit.report(month, 3)
    assert (report.entries, len(report.sample), report.counts["tried", "person 1"]) == (12, 3, 1)
    assert audit.report(month, 3) == report
    assert audit.report("1999-01", 3).entries == 0


@pytest.mark.parametrize(
    ("cohort", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-H2", "2024-07-01", "2024-12-31"),
        ("2024-Q1", "2024-01-01", "2024-03-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2024-12", "2024-12-01", "2024-12-31"),
    ],
)
def test_days_of_a_cohort(cohort: str, first: str, last: str) -> None:
    assert tuple(map(str, cohort_days(cohort))) == (first, last)


def test_on_the_command_line(town: Town) -> None:
    run, where = CliRunner(), ["--store", str(town.store)]
    asked = ["explain", *where, WORK, "A", "2024-Q1", "--published", str(town.published), "--version", FIRST[0]]
    asked += ["--purpose", "yearly control of unit A"]
    shown = run.invoke(app, asked).output
    assert "27 records behind job, A, 2024-Q1 in version v" in shown
    assert f"{person(0)}  2024-01-10" in shown
    assert "town[0]@1" in shown
    told = json.loads(run.invoke(app, [*asked, "--json", "--limit", "2"]).output)
    assert (len(told["records"]), told["counts"]["cohort_size"], told["differing"]) == (2, 27, [])
    assert set(told["counts"]) == set(COUNTED)
    verified = run.invoke(app, ["audit", "verify", *where]).output
    head = verified.split()[-1]
    assert run.invoke(app, ["audit", "verify", *where, "--head", head]).exit_code == 0
    assert "looked_behind_figure" in run.invoke(app, ["audit", "list", *where, "--limit", "1"]).output
    month = Audit.beside(town.store).entries()[-1]["at"][:7]
    assert "to look into (2 drawn)" in run.invoke(app, ["audit", "report", *where, "--month", month, "--sample", "2"]).output


@pytest.mark.security("S30")
def test_the_persons_of_a_version_are_those_behind_its_figures_and_the_look_is_logged(town: Town) -> None:
    version = open_version(town.published, FIRST[0])
    behind = {record.subject for figure in published_figures(town, version.name) for record in look(town, figure).records}
    counted = persons_of(town.store, version, WHO)
    assert {one.subject for one in counted} == behind == {person(number) for number in range(30)}
    assert person(99) not in {one.subject for one in counted}, "came after that publication"
    entry = Audit.beside(town.store).entries()[-1]
    assert (entry["what"], entry["version"], entry["persons"]) == ("listed_persons_of_version", version.name, len(counted))
    assert "p:" not in json.dumps(entry)


@pytest.mark.security("S6")
def test_a_citizen_is_told_everything_that_is_held_and_nobody_elses(town: Town) -> None:
    asked = ["persons", "--store", str(town.store), "--purpose", "a citizen asks, case 12", "--subject", person(3), "--json"]
    told = CliRunner().invoke(app, asked)
    held = json.loads(told.output)
    assert [event["type"] for event in held["events"]] == [
        f"employment.{fact}" for fact in ("benefit_started", "benefit_ended", "placement_started")
    ]
    assert [(effect["indicator_id"], effect["outcome"]) for effect in held["effects"]] == [(WORK, "achieved")]
    assert "p:" not in told.output.replace(person(3), "")
    entry = Audit.beside(town.store).entries()[-1]
    assert (entry["what"], entry["events"]) == ("told_what_is_held", 3)
    assert person(3) not in json.dumps(entry)
    with pytest.raises(ConfigurationError, match="nothing is held"):
        held_about(town.store, "p:nobody", WHO)
    with pytest.raises(ConfigurationError):
        held_about(town.store, person(3), Looker("anne", ""))
