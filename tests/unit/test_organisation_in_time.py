"""Where a unit's history stands in the organisation of a day: heirs, chains of mergers, and mergers that have not come yet."""

import datetime as dt

import pytest

from pipelines.organisation import Organisation, UnitChange, UnitVersion

D = dt.date


def unit(name: str, parent: str | None = None, until: dt.date = dt.date(9999, 12, 31), into: str | None = None) -> UnitVersion:
    return UnitVersion(name, name, parent_id=parent, valid_to=until, merged_into=into)


TOWN = Organisation(
    [
        unit("top"), unit("north", "top", D(2023, 1, 1), "south"), unit("south", "top"),
        unit("A", "north", D(2024, 1, 1), "B"), unit("B", "north", D(2025, 1, 1), "C"), unit("C", "south"),
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("day", "line"),
    [
        (D(2022, 6, 1), ("A", "north", "top")),
        (D(2023, 6, 1), ("A", "south", "top")),  # its centre has been merged
        (D(2024, 1, 1), ("B", "south", "top")),  # on the first day after it closed
        (D(2025, 6, 1), ("C", "south", "top")),  # and what took over was taken over
    ],
)
def test_history_follows_mergers_up_to_the_day_and_no_further(day: dt.date, line: tuple[str, ...]) -> None:
    assert TOWN.line_as_is("A", day) == line


def test_units_that_are_merged_into_each_other_end_somewhere() -> None:
    circle = Organisation([unit("A", None, D(2024, 1, 1), "B"), unit("B", None, D(2024, 1, 1), "A")])
    assert circle.heir("A", D(2025, 1, 1)) == "B"
    assert circle.heir("unheard of", D(2025, 1, 1)) == "unheard of"


def test_a_merger_without_a_date_holds_and_a_closed_unit_without_heir_keeps_its_place() -> None:
    town = Organisation([unit("A", "top", into="B"), unit("B", "top"), unit("C", "top", D(2020, 1, 1)), unit("top")])
    assert town.heir("A", D(2025, 1, 1)) == "B"
    assert town.line_as_is("C", D(2025, 1, 1)) == ("C", "top")


def test_changes_name_every_unit_that_holds_something_else_afterwards() -> None:
    changes = [change for change in TOWN.changes() if change.changed_on == D(2025, 1, 1)]
    assert changes == [
        UnitChange("B", D(2025, 1, 1), "merged into", "C"),
        UnitChange("C", D(2025, 1, 1), "took over", "B"),
        UnitChange("north", D(2025, 1, 1), "lost", "B"),
        UnitChange("south", D(2025, 1, 1), "gained", "B"),
    ]
