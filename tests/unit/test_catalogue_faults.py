"""What a wrong catalogue is told: file, line, key, what was expected, what stood there; every fault, not only the first."""

from dataclasses import replace
from pathlib import Path

import pytest

from config.catalogue import load_catalogue
from models.errors import CatalogueError, CatalogueFault
from models.registry import EVENT_TYPES

MUNICIPALITY = "id: test\nname: Test\n"
CORE_TASK = """\
id: work
name: Work
purpose: lasting work
target_group: those without it
indicators:
  - id: job
    kind: reached
    name: A job
    index: benefit_started
    target: placement_started
    horizon: P6M
    effect: {unit: citizen in work}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "core_tasks").mkdir()
    (tmp_path / "municipality.yaml").write_text(MUNICIPALITY, encoding="utf-8")
    (tmp_path / "core_tasks" / "work.yaml").write_text(CORE_TASK, encoding="utf-8")
    return tmp_path


def faults(folder: Path) -> list[CatalogueFault]:
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    return caught.value.faults


def only_fault(folder: Path) -> CatalogueFault:
    found = faults(folder)
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


def core_task(folder: Path, old: str, new: str) -> None:
    assert old in CORE_TASK
    (folder / "core_tasks" / "work.yaml").write_text(CORE_TASK.replace(old, new, 1), encoding="utf-8")


def test_a_small_catalogue_is_valid_and_names_are_whole(folder: Path) -> None:
    indicator = load_catalogue(folder).core_tasks[0].indicators[0]
    assert indicator.index.event == ("employment.benefit_started",)
    assert indicator.target[0].event == ("employment.placement_started",)


CASES = [
    # what is changed, into what, line and key of the fault, a word of what is expected, what stood there
    ("kind: reached", "kind: reachd", 7, "indicators[0]", "'reached'", "reachd"),
    ("horizon: P6M", "horizon: 6 months", 11, "indicators[0].horizon", "ISO 8601", "6 months"),
    ("    name: A job\n", "    name: A job\n    colour: red\n", 9, "indicators[0].colour", "one of the keys", "the key `colour`"),
    (
        "    name: A job\n",
        "    name: A job\n    censored: [died]\n",
        9,
        "indicators[0].censored",
        "did you mean `censored_by`?",
        "censored",
    ),
    ("    horizon: P6M\n", "", 6, "indicators[0]", "the key `horizon`", "nothing"),
    ("target: placement_started", "target: placement_begun", 10, "indicators[0].target", "an event type", "placement_begun"),
    ("target: placement_started", "target: employment.placement_startd", 10, "indicators[0].target", "did you mean", "placement_startd"),
    (
        "target: placement_started",
        "target: {event: placement_started, where: {pay: {min: 1}}}",
        10,
        "indicators[0].target.where.pay",
        "a field of employment.placement_started",
        "pay",
    ),
    (
        "target: placement_started",
        "target: {event: placement_started, where: {form: normal}}",
        10,
        "indicators[0].target.where.form",
        "flexjob",
        "normal",
    ),
    ("target: placement_started", "target: {event: placement_started, where: {form: {}}}", 10, "where.form", "at least one of", "{}"),
    (
        "index: benefit_started",
        "index: {event: benefit_started, every: first_after_gap}",
        9,
        "indicators[0].index",
        "gap",
        "first_after_gap",
    ),
    ("index: benefit_started", "index: {event: benefit_started, every: last}", 9, "index.every", "'first'", "last"),
    (
        "    horizon: P6M\n",
        "    horizon: P6M\n    case_mix: [{attribute: hours_per_week}]\n",
        12,
        "case_mix[0].attribute",
        "not a data field of employment.placement_started",
        "hours_per_week",
    ),
    (
        "    horizon: P6M\n",
        "    horizon: P6M\n    case_mix: [{attribute: age, bands: [50, 30]}]\n",
        12,
        "case_mix[0].bands",
        "rising",
        "[50.0, 30.0]",
    ),
    ("    horizon: P6M\n", "    horizon: P6M\n    time_unit: hour\n", 12, "time_unit", "'day', 'week' or 'month'", "hour"),
    ("    horizon: P6M\n", "    horizon: P6M\n    same_episode: true\n", 12, "same_episode", "an id of its episode", "True"),
    ("    horizon: P6M\n", "    horizon: {field: deadline}\n", 11, "horizon", "a date field of the index event", "deadline"),
    ("    horizon: P6M\n", "    horizon: P6M\n    version: 0\n", 12, "version", "at least 1", "0"),
    ("    horizon: P6M\n", "    horizon: P6M\n    breaks: [{on: July 2025, why: law}]\n", 12, "breaks[0].on", "2025-07-01", "July 2025"),
    ("{unit: citizen in work}", "{unit: citizen in work, value: lasting_job}", 12, "effect.value", "a value of costs.yaml", "lasting_job"),
    ("purpose: lasting work", "purpose: lasting work\nparent: nobody", 4, "parent", "a core task", "nobody"),
    ("purpose: lasting work", "purpose: lasting work\nlinks: [{to: work, how: itself}]", 4, "links[0].to", "another core task", "work"),
    (
        "purpose: lasting work",
        "purpose: lasting work\nviews: {performed: jobs}",
        4,
        "views.performed",
        "an indicator of this core task",
        "jobs",
    ),
    ("purpose: lasting work", "purpose: lasting work\npurpose: twice", 4, "purpose", "each key once", "the key again"),
    ("purpose: lasting work", "purpose: 'lasting work", 3, "(file)", "valid YAML", ""),
    (
        "purpose: lasting work",
        "purpose: {da: arbejde, der varer, en: lasting work}",
        3,
        "purpose.der varer",
        "a comma needs quotes",
        "der varer",
    ),
    ("purpose: lasting work", "purpose: 7", 3, "purpose", "keys and values", "7"),
]


@pytest.mark.parametrize(("old", "new", "line", "key", "expected", "got"), CASES, ids=[case[3] + " " + case[4][:20] for case in CASES])
def test_fault_names_line_key_expectation_and_what_stood_there(
    folder: Path, old: str, new: str, line: int, key: str, expected: str, got: str
) -> None:
    core_task(folder, old, new)
    fault = faults(folder)[0]
    assert fault.file.endswith("work.yaml")
    assert key in fault.key
    assert expected in fault.expected
    assert got in fault.got
    assert fault.line == line, fault


def test_every_fault_of_every_file_is_told_at_once(folder: Path) -> None:
    (folder / "municipality.yaml").write_text("id: test\nname: Test\nk: 0\ntime_zone: Europa/København\n", encoding="utf-8")
    (folder / "units.yaml").write_text(
        "- {id: a, name: A, level: team}\n- {id: b, name: B, level: department, parent: z}\n", encoding="utf-8"
    )
    core_task(folder, "horizon: P6M", "horizon: soon\n    direction: sideways")
    told = [(Path(fault.file).name, fault.key) for fault in faults(folder)]
    assert ("municipality.yaml", "k") in told
    assert ("units.yaml", "[0].level") in told
    assert ("work.yaml", "indicators[0].horizon") in told
    assert ("work.yaml", "indicators[0].direction") in told


def test_time_zone_must_exist(folder: Path) -> None:
    (folder / "municipality.yaml").write_text(MUNICIPALITY + "time_zone: Europa/København\n", encoding="utf-8")
    assert only_fault(folder).key == "time_zone"


def test_ambiguous_fact_lists_the_families(folder: Path) -> None:
    twice = {
        **EVENT_TYPES,
        "growth.placement_started": replace(EVENT_TYPES["employment.placement_started"], name="growth.placement_started"),
    }
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder, twice)
    assert "employment.placement_started or growth.placement_started" in caught.value.faults[0].expected


def test_units_that_form_a_circle(folder: Path) -> None:
    lines = "\n".join(
        f"- {{id: {unit}, name: U, level: department, parent: {parent}}}" for unit, parent in (("a", "b"), ("b", "c"), ("c", "a"))
    )
    (folder / "units.yaml").write_text(lines, encoding="utf-8")
    found = faults(folder)
    assert [fault.line for fault in found] == [1, 2, 3]
    assert "a circle: a -> b -> c -> a" in found[0].got


def test_one_unit_twice_on_one_day_but_not_in_two_stretches(folder: Path) -> None:
    first, second = (
        "- {id: a, name: U, level: department, valid_to: 2024-01-01}\n",
        "- {id: a, name: V, level: department, valid_from: 2024-01-01}\n",
    )
    (folder / "units.yaml").write_text(first + second, encoding="utf-8")
    assert len(load_catalogue(folder).units) == 2
    (folder / "units.yaml").write_text(first + second.replace("2024-01-01", "2023-12-31"), encoding="utf-8")
    fault = only_fault(folder)
    assert (fault.line, fault.key) == (2, "[1].id")


def test_mapping_rules_lead_to_core_tasks_or_nowhere_knowingly(folder: Path) -> None:
    rules = "rules:\n  - {account: '5.68', to: work}\n  - {account: '6', to: (unallocated)}\n  - {account: '3', to: school}\n"
    (folder / "costs.yaml").write_text(rules, encoding="utf-8")
    fault = only_fault(folder)
    assert (fault.line, fault.key, fault.got) == (4, "rules[2].to", "school")


def test_account_written_as_a_number_needs_quotes(folder: Path) -> None:
    (folder / "costs.yaml").write_text("rules:\n  - {account: 5.68, to: work}\n", encoding="utf-8")
    fault = only_fault(folder)
    assert (fault.line, fault.key) == (2, "rules[0].account")


def test_account_with_leading_zero_and_the_word_on_stay_text(folder: Path) -> None:
    (folder / "costs.yaml").write_text("rules:\n  - {account: 0310, to: work, note: on}\n", encoding="utf-8")
    rule = load_catalogue(folder).costs.rules[0]
    assert (rule.account, rule.note) == (("0310",), "on")


def test_price_index_without_a_year_between(folder: Path) -> None:
    (folder / "costs.yaml").write_text("price_index: {version: a, source: b, rises: {2021: 0.01, 2023: 0.02}}\n", encoding="utf-8")
    assert "2022" in only_fault(folder).got


def test_payers_shares_add_up(folder: Path) -> None:
    value = "values: [{id: v, ore: 1, price_year: 2025, version: a, source: b, payers: {municipality: 0.6, state: 0.3}}]\n"
    (folder / "costs.yaml").write_text(value, encoding="utf-8")
    assert only_fault(folder).key == "values[0].payers"


def test_declared_attributes_decide_what_is_a_covariate(folder: Path) -> None:
    attributes = "- {name: age, meaning: a}\n- {name: granted, meaning: g, decided_by: unit}\n- {name: later, meaning: x, known: after}\n"
    (folder / "attributes.yaml").write_text(attributes, encoding="utf-8")
    core_task(
        folder, "horizon: P6M", "horizon: P6M\n    case_mix: [{attribute: age}, {attribute: granted}, {attribute: later}, {attribute: sex}]"
    )
    assert [fault.key.rpartition(".")[0] for fault in faults(folder)] == [f"indicators[0].case_mix[{place}]" for place in (1, 2, 3)]


def test_state_names_and_codes(folder: Path) -> None:
    state = "kind: state_at\n    state: {name: employment, codes: [ordinary, normal]}"
    core_task(folder, "kind: reached", state)
    path = folder / "core_tasks" / "work.yaml"
    text = path.read_text(encoding="utf-8").replace("    target: placement_started\n", "")
    path.write_text(text, encoding="utf-8")
    assert only_fault(folder).got == "normal"
    path.write_text(text.replace("employment, codes: [ordinary, normal]", "job"), encoding="utf-8")
    fault = only_fault(folder)
    assert fault.key == "indicators[0].state.name"
    assert "membership" in fault.expected


def test_one_id_twice(folder: Path) -> None:
    (folder / "core_tasks" / "again.yaml").write_text(CORE_TASK, encoding="utf-8")
    told = {fault.expected.split(" once")[0] for fault in faults(folder)}
    assert told == {"expected each core task", "expected each indicator"}


def test_misspelt_file_name_is_not_passed_over(folder: Path) -> None:
    (folder / "cost.yaml").write_text("rules: []\n", encoding="utf-8")
    assert "costs.yaml" in only_fault(folder).expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"id: \xff\n", "UTF-8"),
        (b"id: !!python/object/apply:os.system [x]\n", "plain YAML"),
        (b"- [[[", "valid YAML"),
        (b"", "keys and values"),
    ],
)
def test_files_that_are_no_catalogue(folder: Path, content: bytes, expected: str) -> None:
    (folder / "municipality.yaml").write_bytes(content)
    assert any(expected in fault.expected for fault in faults(folder))


def test_aliases_that_multiply_are_refused(folder: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{step}: &a{step} [{', '.join([f'*a{step - 1}'] * 10)}]" for step in range(1, 9)]
    (folder / "municipality.yaml").write_text("\n".join(lines), encoding="utf-8")
    assert any("more than" in fault.got for fault in faults(folder))


def test_missing_folder_and_missing_files(tmp_path: Path) -> None:
    assert "a folder with municipality.yaml" in only_fault(tmp_path / "nowhere").expected
    told = [(Path(fault.file).name, fault.got) for fault in faults(tmp_path)]
    assert told == [("core_tasks", "no YAML file"), ("municipality.yaml", "No such file or directory")]


def test_hash_is_of_the_content_not_of_the_layout(folder: Path) -> None:
    before = load_catalogue(folder).definition_hash
    (folder / "municipality.yaml").write_text("# a remark\nname: {en: Test, da: Test}\nid: test\nk: 5\n", encoding="utf-8")
    assert load_catalogue(folder).definition_hash == before
    (folder / "municipality.yaml").write_text(MUNICIPALITY + "k: 6\n", encoding="utf-8")
    assert load_catalogue(folder).definition_hash != before


FAULTY_COSTS = {
    "keys[0].outputs": "keys: [{id: k, name: k, by: outputs, outputs: lessons_in_chess, source: s}]\n",
    "keys[0].shares[0].core_task": "keys: [{id: k, name: k, by: weights, shares: [{unit: a, core_task: nothing, amount: 1}], source: s}]\n",
    "steps[0].key": "steps: [{id: s, key: gone}]\n",
    "price_indices": "price_indices: [{id: a, covers: [direct], versions: [{version: v, source: s, rises: {2024: 0.01}}]}]\n",
    "price_indices[0].versions[0].rises": (
        "price_indices: [{id: a, covers: [capital], versions: [{version: v, source: s, rises: {2022: 0.01, 2024: 0.01}}]}]\n"
    ),
    "values[0].years": "values: [{id: v, ore: 1, years: 3, price_year: 2025, version: a, source: b}]\n",
    "values[0].index": "values: [{id: v, ore: 1, index: gone, price_year: 2025, version: a, source: b}]\n",
}


@pytest.mark.parametrize(("key", "text"), FAULTY_COSTS.items())
def test_faults_of_keys_steps_indices_and_values(folder: Path, key: str, text: str) -> None:
    (folder / "costs.yaml").write_text(text, encoding="utf-8")
    assert only_fault(folder).key == key


def test_a_source_that_passed_its_cost_on_is_no_receiver(folder: Path) -> None:
    (folder / "costs.yaml").write_text(
        """
keys: [{id: k, name: k, by: headcount, shares: [{unit: a, core_task: (unallocated), amount: 1}], source: s}]
steps: [{id: one, key: k, from: {unit: a}}]
""",
        encoding="utf-8",
    )
    assert only_fault(folder).got == "a, (unallocated)"


@pytest.mark.parametrize(
    "text",
    [
        "keys: [{id: k, name: k, by: direct_cost, outputs: x, source: s}]\n",
        "keys: [{id: k, name: k, by: weights, source: s}]\n",
        "discounting: {tiers: [{through: 35, rate: 0.035}], source: s}\n",
        "discounting: {tiers: [{through: 70, rate: 0.03}, {through: 35, rate: 0.02}, {rate: 0.01}], source: s}\n",
        "price_indices: [{id: a, covers: [unallocated], versions: [{version: v, source: s, rises: {}}]}]\n",
    ],
)
def test_parts_of_costs_that_contradict_themselves(folder: Path, text: str) -> None:
    (folder / "costs.yaml").write_text(text, encoding="utf-8")
    assert only_fault(folder).file.endswith("costs.yaml")
