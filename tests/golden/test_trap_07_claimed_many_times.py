"""Trap 7: one job and five units that took part. Each may have its share, and at the municipality it is still one job."""

import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from outcomes.attribution import PARTS
from tests.factories_feed import Feed
from tests.factories_mart import Mart, catalogue, reached

D = dt.date
AS_OF = D(2025, 6, 1)
RULES = ("lead", "equal", "effort", "shapley")
UNITS = [
    {"id": "town", "name": "Town", "level": "municipality"},
    {"id": "jobs", "name": "Jobs", "level": "administration", "parent": "town"},
    {"id": "health", "name": "Health", "level": "administration", "parent": "town"},
    {"id": "A", "name": "A", "level": "department", "parent": "jobs"},
    {"id": "B", "name": "B", "level": "department", "parent": "jobs"},
    {"id": "C", "name": "C", "level": "department", "parent": "jobs"},
    {"id": "D", "name": "D", "level": "department", "parent": "health"},
    {"id": "E", "name": "E", "level": "department", "parent": "health"},
]
COSTS = {"rules": [{"to": "work"}]}
JOB = reached(index="employment.benefit_started")


def built(feed: Feed, folder: Path, **parts: Any) -> Mart:
    return feed.mart(folder, catalogue(**({"units": UNITS, "costs": COSTS, "indicators": [JOB]} | parts)), AS_OF)


def one_job() -> Feed:
    """One citizen of unit A; B, C, D and E took part before the job, F after it."""
    feed = Feed()
    feed.event("employment.benefit_started", D(2024, 2, 1), unit="A", spell_id="s", benefit="kontanthjaelp")
    feed.event("employment.conversation_held", D(2024, 2, 10), unit="A", minutes=30)
    feed.event("employment.programme_started", D(2024, 2, 5), unit="A", programme_id="p", programme="mentor", effort={"B": 60, "C": 90})
    feed.event("employment.conversation_held", D(2024, 3, 1), unit="D", minutes=100)
    feed.event("employment.programme_ended", D(2024, 3, 20), unit="A", programme_id="p", effort={"E": 20})
    feed.event("employment.placement_started", D(2024, 4, 1), unit="A", placement_id="j")
    feed.event("employment.conversation_held", D(2024, 5, 1), unit="F", minutes=500)
    for unit, kroner in {"A": 1000, "B": 100, "C": 300, "D": 600, "E": 50}.items():
        feed.ledger(D(2024, 2, 15), unit, kroner)
    return feed


def shares(mart: Mart, rule: str, cohort: str = "2024-Q1") -> dict[str, float]:
    rows = mart.rows("SELECT unit_id, share FROM attribution_by_unit WHERE attribution = ? AND cohort = ?", rule, cohort)
    return {row["unit_id"]: row["share"] for row in rows}


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Mart:
    return built(one_job(), tmp_path_factory.mktemp("job"))


@pytest.fixture(scope="module")
def job_with_own_share(tmp_path_factory: pytest.TempPathFactory) -> Mart:
    own = {"share": 0.3, "source": "settled by the council, 2024"}
    return built(one_job(), tmp_path_factory.mktemp("own"), municipality={"attribution": {"citizen": own}})


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("own", [False, True])
def test_shares_of_one_job_and_what_nobody_claims_are_one_job(job: Mart, job_with_own_share: Mart, rule: str, own: bool) -> None:
    mart = job_with_own_share if own else job
    rows = mart.rows("SELECT * FROM attribution_by_unit WHERE attribution = ? AND cohort = '2024-Q1'", rule)
    parts = {row["unit_id"]: row["own_parts"] for row in rows}
    assert sum(number for unit, number in parts.items() if unit != "(all)") == parts["(all)"] == PARTS
    assert parts["(citizen)"] == (PARTS * 3 // 10 if own else 0)
    assert parts["(unclaimed)"] == 0
    citizen = next(row for row in rows if row["unit_id"] == "(citizen)")
    assert citizen["reason"] == ("stated: settled by the council, 2024" if own else "the catalogue states no share of the citizen's own: 0")


def test_each_rule_gives_other_shares_of_the_same_job(job: Mart) -> None:
    mart = job
    assert {unit: share for unit, share in shares(mart, "lead").items() if share} == {"A": 1, "jobs": 1, "town": 1, "(all)": 1}
    equal = shares(mart, "equal")
    assert [equal[unit] for unit in "ABCDE"] == [0.2] * 5
    effort = shares(mart, "effort")  # 30, 60, 90, 100 and 20 of 300 minutes; unit F came after the effect and is no contributor
    assert [effort[unit] for unit in "ABCDE"] == pytest.approx([0.1, 0.2, 0.3, 1 / 3, 1 / 15], abs=1e-12)
    assert "F" not in effort
    # One case tells nothing of combinations, so Shapley's rule falls back, and says so.
    assert shares(mart, "shapley") == equal
    assert mart.row("SELECT DISTINCT basis FROM attribution_by_unit WHERE attribution = 'shapley' AND unit_id = 'A'")["basis"] == "equal"


@pytest.mark.parametrize("rule", RULES)
def test_at_the_municipality_it_is_one_job(job: Mart, rule: str) -> None:
    mart = job
    rows = mart.rows("FROM attribution_by_unit WHERE attribution = ? AND cohort = 'all'", rule)
    found = {row["unit_id"]: row for row in rows}
    assert (found["town"]["cases"], found["town"]["achieved"], found["town"]["attributed_effects"]) == (1, 1, 1.0)
    # Three of the contributors are in one centre: it took part in one case, and holds the sum of its units' shares.
    assert found["jobs"]["cases"] == 1
    assert found["jobs"]["attributed_effects"] == pytest.approx(sum(found[unit]["attributed_effects"] for unit in "ABC" if unit in found))
    krone = mart.row("SELECT attributed_effects FROM effect_per_krone WHERE unit_id = '(all)' AND cohort = 'all' AND attribution = ?", rule)
    assert krone["attributed_effects"] == 1.0


def test_a_share_by_cost_is_refused_with_the_reason() -> None:
    # Three units that spend 100, 300 and 600 on one effect would each come out at 0.001 effect per krone: the comparison would say nothing.
    spent = {"A": 100, "B": 300, "C": 600}
    by_cost = {unit: Fraction(cost, sum(spent.values())) / cost for unit, cost in spent.items()}
    assert set(by_cost.values()) == {Fraction(1, 1000)}
    with pytest.raises(ValidationError, match="the same for every unit by construction"):
        catalogue(municipality={"attribution": {"rules": ["lead", "cost_share"]}})


def test_effects_per_krone_differ_between_units_where_costs_do(job: Mart) -> None:
    rows = job.rows("SELECT unit_id, effects_per_million FROM effect_per_krone WHERE cohort = '2024-Q1' AND attribution = 'equal'")
    found = {row["unit_id"]: row["effects_per_million"] for row in rows}
    assert [found[unit] for unit in "ABCD"] == pytest.approx([0.2 / 1000 * 1e6, 0.2 / 100 * 1e6, 0.2 / 300 * 1e6, 0.2 / 600 * 1e6])


COMBINATIONS = {"A": (20, 4), "B": (20, 2), "C": (20, 0), "AB": (25, 9), "AC": (20, 5), "BC": (25, 3), "ABC": (20, 9)}
"""Cases and jobs of each combination: 0.20, 0.10, 0, 0.36, 0.25, 0.12 and 0.45 of them."""


def combined() -> Feed:
    feed = Feed()
    for units, (cases, jobs) in COMBINATIONS.items():
        for number in range(cases):
            who = f"p:{sorted(COMBINATIONS).index(units):04x}{number:04x}"
            feed.event("employment.benefit_started", D(2024, 2, 1), who, unit=units[0], spell_id=who, benefit="dagpenge")
            for unit in units:
                feed.event("employment.conversation_held", D(2024, 2, 2), who, unit=unit, minutes=30)
            if number < jobs:
                feed.event("employment.placement_started", D(2024, 3, 1), who, unit=units[0], placement_id=who)
    return feed


def test_shapley_from_observed_combinations(tmp_path: Path) -> None:
    mart = built(combined(), tmp_path, indicators=[JOB | {"horizon": "P90D"}])
    found = shares(mart, "shapley", "all")
    assert sum(found[unit] for unit in ("A", "B", "C", "(citizen)", "(unclaimed)")) == pytest.approx(found["(all)"], abs=1e-12)
    # Nine jobs of A, B and C together, by 0.261667, 0.146667 and 0.041667 of 0.45; of A and B by 0.23 and 0.13 of 0.36; of A and C by
    # 0.225 and 0.025 of 0.25; of B and C by 0.11 and 0.01 of 0.12; alone: 4 and 2.
    a = 4 + 9 * 0.2616666667 / 0.45 + 9 * 0.23 / 0.36 + 5 * 0.225 / 0.25
    c = 9 * 0.0416666667 / 0.45 + 5 * 0.025 / 0.25 + 3 * 0.01 / 0.12
    effects = mart.rows("FROM attribution_by_unit WHERE attribution = 'shapley' AND cohort = 'all'")
    by_unit = {row["unit_id"]: row["attributed_effects"] for row in effects}
    assert (by_unit["A"], by_unit["C"], by_unit["(all)"]) == (pytest.approx(a, rel=1e-8), pytest.approx(c, rel=1e-8), 32.0)
    assert {row["basis"] for row in effects if row["unit_id"] in "ABC"} == {"shapley"}


def test_too_few_cases_of_one_combination_and_its_cases_are_shared_equally(tmp_path: Path) -> None:
    # At least 21 cases: no combination but AB and BC has them, and neither has its parts, so everything shared is shared equally.
    mart = built(combined(), tmp_path, indicators=[JOB | {"horizon": "P90D"}], municipality={"attribution": {"least_cases": 21}})
    assert shares(mart, "shapley", "all") == shares(mart, "equal", "all")


def test_support_units_stand_in_lines_of_their_own_and_take_no_effect(tmp_path: Path) -> None:
    feed = one_job()
    feed.event("employment.programme_started", D(2024, 2, 6), unit="A", programme_id="q", programme="mentor", effort={"clean": 45})
    feed.ledger(D(2024, 2, 15), "clean", 70)
    units = [*UNITS, {"id": "clean", "name": "Cleaning", "level": "department", "parent": "town", "support": True}]
    mart = built(feed, tmp_path, units=units)
    line = mart.row("SELECT * FROM attribution_by_unit WHERE unit_id = 'clean' AND attribution = 'equal' AND cohort = '2024-Q1'")
    assert (line["role"], line["cases"], line["minutes"], line["cost_ore"], line["attributed_effects"]) == ("indirect", 1, 45.0, 7000, None)
    assert shares(mart, "equal")["A"] == 0.2


def test_a_profession_may_be_support_wherever_it_works(tmp_path: Path) -> None:
    units = [*UNITS, {"id": "caretaker", "name": "Caretakers", "level": "department", "parent": "town", "profession": "caretaker"}]
    feed = one_job()
    feed.event("employment.programme_started", D(2024, 2, 6), unit="A", programme_id="q", programme="mentor", effort={"caretaker": 45})
    mart = built(feed, tmp_path, units=units, municipality={"attribution": {"support_professions": ["caretaker"]}})
    assert mart.row("SELECT DISTINCT role FROM attribution_by_unit WHERE unit_id = 'caretaker'")["role"] == "indirect"


def test_a_case_that_names_no_unit_is_claimed_by_nobody(tmp_path: Path) -> None:
    feed = Feed()
    for who, unit in (("p:0000000a", "A"), ("p:0000000b", "B")):
        feed.event("employment.income_registered", D(2024, 2, 1), who, period="2024-02", amount_ore=1)
        feed.event("employment.placement_started", D(2024, 4, 1), who, unit=unit, placement_id=who)
    mart = built(feed, tmp_path, indicators=[reached(index="employment.income_registered")])
    rows = mart.rows("SELECT unit_id, share, own_parts FROM attribution_by_unit WHERE cohort = 'all'")
    assert {row["unit_id"]: row["share"] for row in rows} == {"(all)": 1.0, "(citizen)": 0.0, "(unclaimed)": 1.0}


SCHOOLS = [
    {"id": "town", "name": "Town", "level": "municipality"},
    {"id": "jobs", "name": "North", "level": "administration", "parent": "town"},
    {"id": "south", "name": "South", "level": "administration", "parent": "town"},
    {"id": "A", "name": "School A", "level": "institution", "parent": "jobs"},
    {"id": "B", "name": "School B", "level": "institution", "parent": "south"},
]


def two_schools() -> Feed:
    """Twenty pupils a year; 10 of A's and 14 of B's come through. A is merged into B on 1 August 2024, and 24 of 40 still do."""
    feed = Feed()
    for year, schools in ((2023, {"A": (20, 10), "B": (20, 14)}), (2024, {"A": (20, 10), "B": (20, 14)}), (2025, {"B": (40, 24)})):
        for school, (pupils, through) in schools.items():
            for number in range(pupils):
                who = f"p:{year}{ord(school):02x}{number:04x}"
                feed.event("employment.benefit_started", D(year, 2, 1), who, unit=school, spell_id=who, benefit="su")
                if number < through:
                    feed.event("employment.placement_started", D(year, 3, 1), who, unit=school, placement_id=who)
            feed.ledger(D(year, 2, 15), school, pupils * 1000)
    feed.event("organisation.unit_merged", D(2024, 8, 1), subject="A", unit="A", into="B")
    return feed


def schools(folder: Path) -> Mart:
    job = JOB | {"horizon": "P60D"}
    town = {"municipality": {"period": "year"}, "units": SCHOOLS, "indicators": [job], "costs": COSTS}
    return two_schools().mart(folder, catalogue(**town), D(2026, 1, 1))


def line(mart: Mart, table: str, unit: str) -> dict[str, tuple[int, int]]:
    rows = mart.rows(f"SELECT cohort, cohort_size, achieved FROM {table} WHERE unit_id = ?", unit)
    return {row["cohort"]: (row["cohort_size"], row["achieved"]) for row in rows}


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Mart:
    return schools(tmp_path_factory.mktemp("schools"))


def test_history_of_a_merged_school_as_it_was(merged: Mart) -> None:
    mart = merged
    assert line(mart, "effect_by_unit", "A") == {"2023": (20, 10), "2024": (20, 10), "all": (40, 20)}
    assert line(mart, "effect_by_unit", "B") == {"2023": (20, 14), "2024": (20, 14), "2025": (40, 24), "all": (80, 52)}
    assert line(mart, "effect_by_unit", "jobs")["2023"] == (20, 10)
    # B falls from 70 to 60 % in 2025, and nobody at B did anything: the row in which the merger falls says that no trend crosses it.
    changes = mart.rows("SELECT cohort, unit_changes FROM effect_by_unit WHERE unit_id = 'B' AND cohort <> 'all' ORDER BY cohort")
    assert [row["unit_changes"] for row in changes] == [None, "2024-08-01 took over A", None]
    assert mart.rows("SELECT unit_id, change, other_unit_id FROM unit_change ORDER BY unit_id") == [
        {"unit_id": "A", "change": "merged into", "other_unit_id": "B"},
        {"unit_id": "B", "change": "took over", "other_unit_id": "A"},
        {"unit_id": "jobs", "change": "lost", "other_unit_id": "A"},
        {"unit_id": "south", "change": "gained", "other_unit_id": "A"},
    ]


def test_history_of_a_merged_school_as_it_is_has_no_jump(merged: Mart) -> None:
    mart = merged
    whole = {"2023": (40, 24), "2024": (40, 24), "2025": (40, 24), "all": (120, 72)}
    assert line(mart, "effect_by_unit_as_is", "B") == line(mart, "effect_by_unit_as_is", "south") == whole
    assert line(mart, "effect_by_unit_as_is", "town") == line(mart, "effect_by_unit", "town") == whole
    assert line(mart, "effect_by_unit_as_is", "A") == line(mart, "effect_by_unit_as_is", "jobs") == {}
    shares = mart.rows("SELECT DISTINCT share, unit_changes FROM effect_by_unit_as_is WHERE unit_id = 'B'")
    assert shares == [{"share": 0.6, "unit_changes": None}]


def test_money_follows_the_merger_and_effects_per_krone_do_not_jump(merged: Mart) -> None:
    mart = merged
    cost = mart.rows("SELECT unit_id, period, nominal_ore FROM cost_by_unit_as_is ORDER BY period")
    assert cost == [{"unit_id": "B", "period": str(year), "nominal_ore": 4_000_000} for year in (2023, 2024, 2025)]
    krone = mart.rows("SELECT cohort, effects_per_million FROM effect_per_krone_as_is WHERE unit_id = 'B' ORDER BY cohort")
    assert [row["effects_per_million"] for row in krone] == pytest.approx([600.0] * 4)
    was = mart.row("SELECT effects_per_million FROM effect_per_krone WHERE unit_id = 'B' AND cohort = '2023'")
    assert was["effects_per_million"] == pytest.approx(700.0)


def test_a_small_school_is_not_given_away_by_the_difference_between_the_two_organisations(tmp_path: Path) -> None:
    feed = two_schools()
    for number in range(3):
        who = f"p:cccc{number:04x}"
        feed.event("employment.benefit_started", D(2023, 2, 1), who, unit="C", spell_id=who, benefit="su")
    feed.event("organisation.unit_merged", D(2024, 8, 1), subject="C", unit="C", into="B")
    town = {"municipality": {"period": "year", "k": 5}, "units": [*SCHOOLS, SCHOOLS[3] | {"id": "C", "name": "School C"}], "costs": COSTS}
    mart = feed.mart(tmp_path, catalogue(**town, indicators=[JOB | {"horizon": "P60D"}]), D(2026, 1, 1))
    shown = {row["cohort"]: (row["state"], row["cohort_size"]) for row in mart.rows("FROM effect_by_unit_as_is WHERE unit_id = 'B'")}
    # Three of School C in 2023: B then and B now would differ by them, and so would all years together.
    assert shown["2023"] == shown["all"] == ("suppressed", None)
    assert shown["2025"] == ("final", 40)
