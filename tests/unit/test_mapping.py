"""Mappings: what is wrong in one is said with its line and what was expected."""

from pathlib import Path

import pytest

from config.mapping import load_mapping
from models.errors import CatalogueError

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "jobcenter.yaml"


def faults_of(folder: Path, before: str, after: str) -> list[str]:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert before in text
    changed = folder / "mapping.yaml"
    changed.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match="the mapping is not valid") as refused:
        load_mapping(changed)
    return [str(fault).removeprefix(f"{changed}:") for fault in refused.value.faults]


def test_the_mapping_of_the_documents_is_valid() -> None:
    mapping = load_mapping(EXAMPLE)
    assert [rule.type for rule in mapping.events] == [
        "employment.benefit_started",
        "employment.benefit_ended",
        "employment.income_registered",
    ]
    assert mapping.needs_key


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("type: employment.benefit_started", "type: employment.benefit_begun", "16: events[0].type: expected a known event type"),
        (
            "      benefit: {column",
            "      benefitt: {column",
            "events[0].data.benefitt: expected one of the fields attributes, benefit",
        ),
        ("      spell_id: {column: Sagsnr}\n", "", "events[0].data: expected the field `spell_id`"),
        ("codes: enhed}", "codes: enheder}", "events[0].data.unit.codes: expected a table of `codes`: enhed, ydelse"),
        ("subject: {person: CPR}", "subject: {person: CPR, company: CVR}", "expected exactly one of: person, household"),
        ("subject: {person: CPR}", "subject: {unit: Enhed}", "employment.benefit_started is not about a unit"),
        ("windows-1252", "ebcdic", "4: csv.encoding: expected 'utf-8', 'latin-1' or 'windows-1252'"),
        ('thousands: "."', 'thousands: ","', "4: csv: expected `decimal` and `thousands` to be unlike"),
        ("as: number", "as: numbers", "events[0].data.attributes.timer_foer.as: expected 'text', 'number'"),
        ("as: month, format", "as: month, formt", "expected one of the keys"),
        ('{column: Startdato, as: month, format: "%d-%m-%Y"}', "{column: Startdato, as: month}", "expected the key `format`"),
        ("kid: k1", "kid: KEY", "5: pseudonym.kid"),
        ("source: ydelsessystem\n", "", "expected the key `source`"),
        ("name: jobcenter", "name: Job Center", "2: name"),
        ("source: ydelsessystem", "source: ydelsessystem\ntime_zone: Europe/Kobenhavn", "4: time_zone: expected a time zone"),
        ("lost_leading_zero: restore", "lost_leading_zero: maybe", "pseudonym.lost_leading_zero: expected 'refuse' or 'restore'"),
        ("id: [Sagsnr]", "id: []", "events[0].id"),
        ("codes:\n", "codes: [\n", "expected valid YAML"),
    ],
)
def test_every_fault_has_its_line_and_what_was_expected(tmp_path: Path, before: str, after: str, says: str) -> None:
    found = faults_of(tmp_path, before, after)
    assert any(says in fault for fault in found), found
    assert all(fault.split(":")[0].isdecimal() for fault in found)


def test_a_missing_mapping_is_said(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="No such file"):
        load_mapping(tmp_path / "none.yaml")
