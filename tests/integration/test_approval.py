"""A period is approved and locked; what comes later shows as a revision beside the locked figure."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from models.errors import ConfigurationError, StoreError
from pipelines.approvals import FILE, period_label, read_register
from pipelines.approving import approve, unlock
from tests.factories_mart import catalogue, reached
from tests.integration.test_compare import FIRST, booked, definitions, people
from tests.town import Town

D = dt.date
AS_OF = D(2024, 6, 1)
SCOPE = ("A", "work", "2024-Q1")
ANNA = "Anna Holm (controller)"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """20 persons at A, 10 of them with a job; half a million kroner; k = 5."""
    made = Town(tmp_path, definitions(k=5))
    made.feed([*FIRST, booked(50_000_000)])
    return made


def approved(town: Town, **question: Any) -> dict[str, Any]:
    return town.mart(AS_OF, **question).row("FROM approved_figure")


def test_what_is_locked_stays_and_a_correction_shows_beside_it(town: Town) -> None:
    version = town.publish(AS_OF).version
    approve(town.published, *SCOPE, ANNA, note="accounts of the first quarter")
    same = approved(town)
    assert (same["locked_share"], same["share"], same["revised"], same["share_revision"]) == (0.5, 0.5, False, 0.0)
    town.feed(people(20, 10, 10))
    row = approved(town)
    assert (row["locked_achieved"], row["locked_denominator"], row["locked_share"]) == (10, 20, 0.5)
    # Ten more with a job: 20 of 30, none of them fewer than k.
    assert (row["achieved"], row["denominator"], row["revised"]) == (20, 30, True)
    assert row["share_revision"] == pytest.approx(20 / 30 - 0.5)
    assert row["effects_per_million_revision"] == pytest.approx(row["effects_per_million"] - row["locked_effects_per_million"])
    assert (row["approved_version"], row["approved_role"]) == (version, "controller")


def test_a_revision_by_a_few_is_said_and_not_by_how_many(town: Town) -> None:
    town.publish(AS_OF)
    approve(town.published, *SCOPE, ANNA)
    town.feed(people(20, 3, 3))
    row = approved(town)
    assert (row["revised"], row["state"], row["reason"]) == (True, "suppressed", "revised by fewer than 5 persons since it was approved")
    assert [row[name] for name in ("achieved", "denominator", "share", "share_revision", "effects_per_million")] == [None] * 5
    assert row["locked_share"] == 0.5


def test_what_is_not_mature_cannot_be_locked_and_can_be_later(tmp_path: Path) -> None:
    slow = reached(id="slow", horizon="P200D", lead_for_cost=False)
    town = Town(tmp_path, catalogue(indicators=[reached(horizon="P60D"), slow]))
    town.feed(FIRST)
    town.publish(AS_OF)
    first = approve(town.published, *SCOPE, ANNA)
    assert ([figure["indicator_id"] for figure in first.entry.figures], first.immature) == (["job"], ["slow"])
    with pytest.raises(ConfigurationError, match=r"cannot be approved .* locked already"):
        approve(town.published, *SCOPE, ANNA)
    town.publish(D(2025, 1, 1))
    second = approve(town.published, *SCOPE, ANNA)
    assert ([figure["indicator_id"] for figure in second.entry.figures], second.locked_before) == (["slow"], ["job"])
    assert [row["indicator_id"] for row in town.mart(D(2025, 1, 1)).rows("FROM approved_figure ORDER BY 3")] == ["job", "slow"]


def test_unlocking_needs_a_reason_and_both_stay_in_the_register(town: Town) -> None:
    town.publish(AS_OF)
    approve(town.published, *SCOPE, ANNA)
    with pytest.raises(ConfigurationError, match="--reason"):
        unlock(town.published, *SCOPE, ANNA, " ")
    unlock(town.published, "A", "work", "2024Q1", "Bo (director)", "a source was late")
    assert [(entry.what, entry.by, entry.role) for entry in read_register(town.published)] == [
        ("approved", "Anna Holm", "controller"), ("unlocked", "Bo", "director"),
    ]  # fmt: skip
    assert town.mart(AS_OF).rows("FROM approved_figure") == []
    with pytest.raises(ConfigurationError, match="nothing is locked"):
        unlock(town.published, *SCOPE, ANNA, "again")


def test_an_earlier_state_knows_no_later_approval_and_no_name_is_published(town: Town) -> None:
    town.publish(AS_OF)
    approve(town.published, *SCOPE, ANNA, note="Ellen asked for it")
    made = town.publish(AS_OF)
    assert town.mart(AS_OF, known_at=D(2024, 6, 1)).rows("FROM approved_figure") == []
    for path in made.folder.iterdir():
        assert b"Holm" not in path.read_bytes(), path.name
        assert b"Ellen" not in path.read_bytes(), path.name


@pytest.mark.parametrize("harm", ["changed", "taken out", "torn"])
def test_a_register_that_was_tampered_with_is_noticed(town: Town, harm: str) -> None:
    town.publish(AS_OF)
    approve(town.published, *SCOPE, ANNA)
    unlock(town.published, *SCOPE, ANNA, "a source was late")
    register = town.published / FILE
    first, second = register.read_text().splitlines()
    harmed = {
        "changed": [json.dumps(json.loads(first) | {"by": "Somebody"}, sort_keys=True), second],
        "taken out": [second],
        "torn": [first, second[:40]],
    }
    register.write_text("\n".join(harmed[harm]) + "\n")
    with pytest.raises(StoreError, match=r"line [12]"):
        read_register(town.published)


def test_what_is_not_there_is_one_sentence(town: Town) -> None:
    town.publish(AS_OF)
    with pytest.raises(ConfigurationError, match="no figures of unit Z"):
        approve(town.published, "Z", "work", "2024-Q1", ANNA)
    with pytest.raises(ConfigurationError, match="2024-Q1"):
        approve(town.published, "A", "work", "first quarter", ANNA)
    with pytest.raises(ConfigurationError, match="--by"):
        approve(town.published, *SCOPE, "()")


@pytest.mark.parametrize(
    ("given", "label"), [("2024Q1", "2024-Q1"), ("2024-H2", "2024-H2"), ("202403", "2024-03"), ("2024", "2024"), ("all", "all")]
)
def test_periods_are_written_as_in_the_tables(given: str, label: str) -> None:
    assert period_label(given) == label
