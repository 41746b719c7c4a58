"""What changed between two publications and why: one cause at a time, in numbers that add up, and nothing told of a few persons."""

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console

from config.comparison_text import tables_of
from models.catalogue import Catalogue
from models.errors import ConfigurationError
from pipelines.compare import Comparison, compare
from pipelines.compared import CAUSES, Change
from tests.factories_mart import catalogue, reached
from tests.town import Event, Town, job, person, replaced, retracted, said, spell

D = dt.date
AS_OF = D(2024, 6, 1)
JANUARY, FEBRUARY = D(2024, 1, 10), D(2024, 2, 1)


def definitions(k: int = 1, horizon: str = "P60D", rate: float = 0.03, **parts: object) -> Catalogue:
    costs = {
        "version": "1", "rules": [{"account": "6", "to": "work"}],
        "price_index": {"version": "1", "source": "test", "rises": {2025: rate}},
    }  # fmt: skip
    return catalogue(municipality={"k": k, "price_year": 2025}, indicators=[reached(horizon=horizon)], **({"costs": costs} | parts))


def people(first: int, n: int, achieved: int, ended: dt.date = JANUARY, unit: str = "A") -> list[Event]:
    found = ended + dt.timedelta(days=40)
    return [
        event
        for number in range(first, first + n)
        for event in spell(person(number), ended, unit) + [job(person(number), found, unit)] * (number < first + achieved)
    ]


def booked(amount: int, on: dt.date = FEBRUARY, unit: str = "A") -> Event:
    return said("finance.ledger_posted", unit, on, account="6", amount_ore=amount)


FIRST = people(0, 20, 10)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """20 persons at A, 10 of them with a job after 40 days; half a million kroner."""
    made = Town(tmp_path, definitions())
    made.feed([*FIRST, booked(50_000_000)])
    return made


def compared(town: Town, before: str, after: str) -> Comparison:
    return compare(town.published, before, after, town.store)


def change(found: Comparison, unit: str = "A", cohort: str = "2024-Q1") -> Change:
    (only,) = [item for item in found.changes if (item.unit_id, item.cohort) == (unit, cohort)]
    return only


def test_two_publications_of_one_state_do_not_differ(town: Town) -> None:
    one, two = town.publish(AS_OF), town.publish(AS_OF)
    found = compared(town, one.version, two.version)
    assert (found.changes, found.events, found.definitions) == ([], {}, [])


def test_each_cause_alone_is_named_and_has_all_of_the_change(town: Town) -> None:
    late, wrong = people(20, 10, 10), spell(person(90), D(2024, 1, 10))
    moved = [said("organisation.unit_moved", "A", D(2024, 1, 1), unit="A", parent="north")]
    steps = {
        "new_events": lambda: town.feed([*late, *wrong]),
        "corrections": lambda: town.feed([retracted(event, D(2024, 7, 1)) for event in wrong]),
        "ledger": lambda: town.feed([booked(10_000_000)]),
        "organisation": lambda: town.feed(moved),
        "definitions": lambda: town.rebuild(definitions(horizon="P30D")),
        "prices": lambda: setattr(town, "catalogue", definitions(horizon="P30D", rate=0.10)),
    }
    before = town.publish(AS_OF)
    for cause, happens in steps.items():
        happens()
        after = town.publish(AS_OF)
        found = compared(town, before.version, after.version)
        assert set(found.figures_by_cause()) == {cause}
        before = after


def test_the_parts_of_many_causes_add_up_to_the_change_exactly(town: Town) -> None:
    before = town.publish(D(2024, 3, 31))
    town.feed([*people(20, 7, 6), *people(40, 9, 3, D(2024, 3, 20)), booked(7_654_321)])
    jobs = [event for event in FIRST if event["type"].endswith("placement_started.v1")]
    town.feed([retracted(jobs[0], D(2024, 5, 1)), replaced(jobs[1], D(2024, 5, 2), time=D(2024, 5, 20), data=jobs[1]["data"])])
    town.feed([said("organisation.unit_opened", "A", D(2024, 2, 1), unit="A", parent="north", name="A", level="department")])
    town.rebuild(definitions(horizon="P35D", rate=0.05))
    after = town.publish(AS_OF)
    found = compared(town, before.version, after.version)
    for item in found.changes:
        for measure, parts in item.by_cause.items():
            assert sum(parts.values(), Decimal(0)) == (item.after[measure] or 0) - (item.before[measure] or 0), (item, measure)
            assert "not_reproduced" not in parts
    assert set(found.figures_by_cause()) == set(CAUSES) - {"not_reproduced"}
    assert change(found, "A", "2024-Q1").by_cause["cost_ore"].keys() == {"ledger", "prices"}
    assert found.changes == sorted(found.changes, key=lambda item: item.size, reverse=True)
    assert [item["indicator_id"] for item in found.definitions] == ["job"]


def test_maturing_is_time_and_a_ratio_that_was_not_there_says_with_what_it_came(town: Town) -> None:
    before, after = town.publish(D(2024, 2, 28)), town.publish(AS_OF)
    item = change(compared(town, before.version, after.version))
    assert (item.state_before, item.state_after) == ("immature", "final")
    assert item.by_cause["achieved"] == {"time": 10}
    assert item.before["effects_per_million"] is None
    assert item.appeared_by["effects_per_million"] == "time"


def test_late_events_and_a_retraction_are_told_apart(town: Town) -> None:
    before = town.publish(AS_OF)
    late = people(20, 4, 3)
    town.feed(late)
    town.feed([retracted(late[2], D(2024, 7, 1))])
    after = town.publish(AS_OF)
    found = compared(town, before.version, after.version)
    assert change(found).by_cause["achieved"] == {"new_events": 3, "corrections": -1}
    assert change(found).by_cause["denominator"] == {"new_events": 4}
    share = change(found).by_cause["share"]
    assert share == {"new_events": Decimal(repr(13 / 24)) - Decimal("0.5"), "corrections": Decimal("0.5") - Decimal(repr(13 / 24))}
    assert found.events["corrections"] == {"correction.event_retracted": 1}


def test_a_known_at_version_is_compared_by_what_it_knew(town: Town) -> None:
    town.feed([event | {"recordedtime": "2024-09-01T12:00:00Z"} for event in people(20, 6, 6)])
    then, now = town.publish(AS_OF, known_at=AS_OF), town.publish(AS_OF)
    assert change(compared(town, then.version, now.version)).by_cause["achieved"] == {"new_events": 6}
    assert change(compared(town, now.version, then.version)).by_cause["achieved"] == {"new_events": -6}


def test_erasure_is_what_cannot_be_reproduced_and_the_parts_still_add_up(town: Town) -> None:
    before = town.publish(AS_OF)
    town.feed([said("privacy.subject_erased", person(0), D(2024, 8, 1), legal_basis="asked")])
    found = compared(town, before.version, town.publish(AS_OF).version)
    assert change(found).by_cause["achieved"] == {"not_reproduced": -1}


@pytest.fixture
def careful(tmp_path: Path) -> Town:
    """The same town with k = 5."""
    made = Town(tmp_path, definitions(k=5))
    made.feed([*people(0, 20, 10), booked(50_000_000)])
    return made


@pytest.mark.security("S12")
def test_a_change_of_fewer_than_k_is_a_few_and_none_of_its_numbers_is_told(careful: Town) -> None:
    before = careful.publish(AS_OF)
    careful.feed(people(20, 3, 3))
    item = change(compared(careful, before.version, careful.publish(AS_OF).version))
    assert (item.hidden, item.causes) == ("a few", ("new_events",))
    assert item.before.keys() == item.after.keys() == {"cost_ore"}
    assert item.by_cause == {"cost_ore": {}}


def test_a_few_behind_one_cause_hide_the_split_but_not_the_change(careful: Town) -> None:
    before = careful.publish(AS_OF)
    late = people(20, 10, 10)
    careful.feed(late)
    careful.feed([retracted(late[2], D(2024, 7, 1)), retracted(late[5], D(2024, 7, 1))])
    found = compared(careful, before.version, careful.publish(AS_OF).version)
    # 10 came and 2 of them lost their effect: 8 more effects may be told, but neither +10 nor -2, since each gives the other away.
    assert change(found).hidden == "a few"  # ten more in all, eight with the effect, so two without it: a few
    assert found.events["corrections"] == {"correction.event_retracted": "a few"}
    careful.feed(people(40, 10, 5))
    found = compared(careful, before.version, careful.publish(AS_OF).version)
    item = change(found)
    assert (item.hidden, item.split_hidden, item.causes) == (None, True, ("new_events", "corrections"))
    assert item.after["achieved"] - item.before["achieved"] == 13  # type: ignore[operator]
    assert set(item.by_cause) == {"cost_ore"}


def test_what_is_hidden_in_either_version_stays_hidden(careful: Town) -> None:
    careful.feed(people(50, 4, 2, unit="B"))
    before = careful.publish(AS_OF)
    careful.feed(people(60, 20, 8, unit="B"))
    found = compared(careful, before.version, careful.publish(AS_OF).version)
    item = change(found, "B")
    assert (item.state_before, item.state_after, item.hidden) == ("suppressed", "final", "suppressed")
    assert set(item.after) == {"cost_ore"}


def test_without_a_store_it_says_what_changed_and_not_why(town: Town) -> None:
    before = town.publish(AS_OF)
    town.feed(people(20, 10, 10))
    after = town.publish(AS_OF)
    found = compare(town.published, before.version, "CURRENT")
    assert found.after.name == after.version
    assert found.not_split is not None
    assert (change(found).before["achieved"], change(found).after["achieved"], change(found).by_cause) == (10, 20, {})


def test_a_version_that_is_not_there_is_one_sentence(town: Town) -> None:
    made = town.publish(AS_OF)
    with pytest.raises(ConfigurationError, match=f"no version v1 .*{made.version}"):
        compare(town.published, made.version, "v1")


def test_the_terminal_says_what_came_between_and_what_of_it_made_the_change(town: Town) -> None:
    before = town.publish(AS_OF)
    late = people(20, 4, 3)
    town.feed(late)
    town.feed([retracted(late[2], D(2024, 7, 1))])
    found = compared(town, before.version, town.publish(AS_OF).version)
    shown = Console(width=240, record=True, file=io.StringIO())
    for part in tables_of(found, limit=1):
        shown.print(part)
    text = shown.export_text()
    for words in ("1 correction.event_retracted", "new events +3, corrections -1", "Changed figures: 1 of", "effects"):
        assert words in text
