"""The catalogues that come with the product: whole, in both languages, every indicator with figures."""

from pathlib import Path

import pytest

import models.catalogue
from config.catalogue import check_report, load_catalogue
from models.catalogue import COMPUTED_KINDS, Catalogue
from pipelines.simulate.places import LEAD_INDICATORS, UNITS

CONFIG = Path(__file__).parents[2] / "config"
SHIPPED = {"lejre": 5, "hedensted": 4, "demo": 5}


@pytest.fixture(params=sorted(SHIPPED))
def shipped(request: pytest.FixtureRequest) -> tuple[str, Catalogue]:
    return request.param, load_catalogue(CONFIG / request.param)


def test_every_core_task_says_what_it_is_for_and_shows_effect_and_output(shipped: tuple[str, Catalogue]) -> None:
    name, catalogue = shipped
    assert len([task for task in catalogue.core_tasks if task.parent is None]) == SHIPPED[name]
    for task in catalogue.core_tasks:
        assert task.purpose.da
        assert task.target_group.da
        assert task.prerequisites
        assert task.links
        assert any(indicator.kind in COMPUTED_KINDS for indicator in task.indicators), task.id
        assert task.outputs, task.id


def test_danish_and_english_differ(shipped: tuple[str, Catalogue]) -> None:
    _, catalogue = shipped
    for task in catalogue.core_tasks:
        for text in (task.purpose, task.target_group, *task.prerequisites, *(link.how for link in task.links)):
            assert text.da != text.en, text


def test_one_indicator_leads_effect_per_krone_and_money_reaches_every_core_task(shipped: tuple[str, Catalogue]) -> None:
    _, catalogue = shipped
    reached = {rule.to for rule in catalogue.costs.rules if rule.cost_class == "direct"}
    for task in catalogue.core_tasks:
        leads = [indicator.id for indicator in task.indicators if indicator.kind in COMPUTED_KINDS and indicator.lead_for_cost]
        assert len(leads) == 1, task.id
        assert task.id in reached or task.parent  # money stands at the core task that the municipality states


def test_comparisons_name_their_source_and_every_core_task_of_the_two_municipalities_has_an_experienced_view(
    shipped: tuple[str, Catalogue],
) -> None:
    name, catalogue = shipped
    assert all(comparison.source for task in catalogue.core_tasks for comparison in task.comparisons)
    assert any(task.comparisons for task in catalogue.core_tasks)
    if name != "demo":
        stated_above = [task for task in catalogue.core_tasks if task.parent is None]
        assert all(task.views and task.views.experienced for task in stated_above)


def test_every_source_is_named(shipped: tuple[str, Catalogue]) -> None:
    for task, indicator in shipped[1].indicators():
        assert indicator.source, f"{task.id}: {indicator.id}"


def test_every_kind_is_computed_and_the_report_counts_it(shipped: tuple[str, Catalogue]) -> None:
    _, catalogue = shipped
    report = check_report(catalogue)
    assert {indicator.kind for _, indicator in catalogue.indicators()} <= set(COMPUTED_KINDS)
    assert sum(report.kinds.values()) == len(catalogue.indicators())
    assert "not computed" not in str(report)


def test_the_renamed_core_task_keeps_its_old_name() -> None:
    tasks = {task.id: task for task in load_catalogue(CONFIG / "lejre").core_tasks}
    renamed = tasks["aktivt_selvstaendigt_liv"]
    assert renamed.formerly == ("Målrettet støtte",)
    assert [(said.version, said.valid_to) for said in renamed.earlier] == [(1, renamed.valid_from)]


@pytest.mark.parametrize(("name", "parent"), [("lejre", "trivsel_laering"), ("hedensted", "laering")])
def test_schools_state_the_core_task_one_level_down_and_support_is_named(name: str, parent: str) -> None:
    catalogue = load_catalogue(CONFIG / name)
    assert [task.parent for task in catalogue.core_tasks if task.parent] == [parent]
    assert [unit.profession for unit in catalogue.units if unit.support] == ["caretaker"]


def test_follow_up_of_job_and_rehabilitation_ends_as_the_domain_says() -> None:
    indicators = {indicator.id: indicator for _, indicator in load_catalogue(CONFIG / "lejre").indicators()}
    job, care = indicators["job_held_26_weeks"], indicators["without_help_6_months"]
    assert [item.event for item in job.competing] == [("person.died",), ("person.retired",), ("person.emigrated",)]
    assert ("rehabilitation.nursing_home_entered",) in [item.event for item in care.competing]
    assert ("person.retired",) not in [item.event for item in care.competing]
    assert ("person.moved_away",) in [item.event for item in care.censored_by]


def test_the_act_on_elder_care_breaks_the_series_of_rehabilitation() -> None:
    for name in ("lejre", "hedensted"):
        indicators = {indicator.id: indicator for _, indicator in load_catalogue(CONFIG / name).indicators()}
        assert "2025-07-01" in {str(point.on) for point in indicators["without_help_6_months"].breaks}


def test_the_demo_has_the_units_and_lead_indicators_of_the_invented_municipality() -> None:
    catalogue = load_catalogue(CONFIG / "demo")
    assert catalogue.municipality.invented
    assert {unit.id for unit in UNITS} <= {unit.id for unit in catalogue.units}
    leads = {task.id: indicator.id for task, indicator in catalogue.indicators() if getattr(indicator, "lead_for_cost", False)}
    assert leads == LEAD_INDICATORS
    assert {indicator.kind for _, indicator in catalogue.indicators()} >= set(COMPUTED_KINDS)


def test_every_noun_of_the_catalogue_is_in_the_glossary() -> None:
    glossary = (CONFIG.parent / "docs" / "GLOSSARY.md").read_text(encoding="utf-8")
    nouns = [name for name, item in vars(models.catalogue).items() if isinstance(item, type) and issubclass(item, models.catalogue.Part)]
    assert len(nouns) > 20
    assert [name for name in nouns if f"`{name}`" not in glossary] == []


def test_every_key_of_an_indicator_is_in_the_page_on_catalogues() -> None:
    page = (CONFIG.parent / "docs" / "catalogue.md").read_text(encoding="utf-8")
    for kind in (models.catalogue.StateAt, models.catalogue.Sustained, models.catalogue.Reached, models.catalogue.Change):
        for name in set(kind.model_fields) - {"valid_from", "valid_to", "note", "unit", "reporting_lag", "direction"}:
            assert f"{name}:" in page or f"`{name}`" in page, name
