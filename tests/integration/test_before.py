"""A publication held against the one before: where the difference of two counts tells of few persons, it is counted and said."""

import datetime as dt
import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from config.comparison_text import tables_of
from pipelines.before import changed_by_unit, compared_tables, held_against
from pipelines.compare import compare
from pipelines.publish import Publication
from pipelines.tables import BY_NAME
from tests.factories_mart import catalogue, reached
from tests.town import Event, Town, job, person, retracted, spell

D = dt.date
AS_OF = D(2024, 6, 1)
JANUARY = D(2024, 1, 10)
K = 5


def people(first: int, n: int, achieved: int) -> list[Event]:
    """Some at A whose benefit ended in January, the first of them with a job after 40 days."""
    found = JANUARY + dt.timedelta(days=40)
    return [
        event
        for number in range(first, first + n)
        for event in spell(person(number), JANUARY) + [job(person(number), found)] * (number < first + achieved)
    ]


@dataclass
class Series:
    """Publications of one town, one after the other, each held against the one before."""

    town: Town
    first: Publication
    one_more: Publication
    nothing_new: Publication
    ten_more: Publication
    as_known: Publication
    few_left: Publication


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Series:
    """12 of 24 with a job; one more of each; nothing new; ten more, five of each kind; as known early; fifteen who had no job after all."""
    town = Town(tmp_path_factory.mktemp("series"), catalogue(municipality={"k": K}, indicators=[reached(horizon="P60D")]))
    begun = people(0, 24, 12)
    town.feed(begun)
    first = town.publish(AS_OF)
    town.feed(people(24, 1, 1))
    one_more, nothing_new = town.publish(AS_OF), town.publish(AS_OF)
    ten = people(25, 10, 5)
    town.feed(ten)
    ten_more, as_known = town.publish(AS_OF), town.publish(AS_OF, D(2025, 1, 1))
    jobs = [event for event in [*begun, *ten] if event["type"].endswith("placement_started.v1")]
    town.feed([retracted(event, D(2024, 7, 1)) for event in jobs[:15]])
    return Series(town, first, one_more, nothing_new, ten_more, as_known, town.publish(AS_OF))


def held(publication: Publication) -> dict[str, Any]:
    """What a manifest says of the publication before."""
    told = publication.manifest["held_against"]
    assert told is not None
    return dict(told)


def effects(publication: Publication) -> tuple[int, int, int]:
    """compared, few changed, shown before: of `effect_by_unit`."""
    found = held(publication)["tables"]["effect_by_unit"]
    return found["compared"], found["few_changed"], found["shown_before"]


def test_a_count_that_goes_from_twelve_to_thirteen_tells_of_one_person(series: Series) -> None:
    compared, few, gone = effects(series.one_more)
    assert compared > 0
    assert (few, gone) == (compared, 0), "A and everybody, in each period: all of them hold the one new person"
    told = held(series.one_more)
    assert (told["version"], told["k"]) == (series.first.version, K)
    assert told["few_changed"] >= few


def test_nothing_new_differs_in_nothing_and_is_the_same_whatever_it_is_held_against(series: Series) -> None:
    told = held(series.nothing_new)
    assert (told["version"], told["few_changed"], told["shown_before"]) == (series.one_more.version, 0, 0)
    assert series.nothing_new.manifest["tables"] == series.one_more.manifest["tables"]


def test_k_persons_more_of_each_outcome_tell_of_nobody(series: Series) -> None:
    assert effects(series.ten_more)[1:] == (0, 0)


def test_what_is_hidden_now_was_shown_before(series: Series) -> None:
    # 18 effects of 35 were shown; 15 of them were wrong, and the 3 that are left are hidden.
    compared, few, gone = effects(series.few_left)
    assert (few, gone) == (0, compared)


def test_a_first_publication_and_an_earlier_state_are_held_against_none(series: Series) -> None:
    assert series.first.manifest["held_against"] is None
    assert series.as_known.manifest["held_against"] is None
    assert held(series.few_left)["version"] == series.ten_more.version, "an earlier state is no publication to hold one against"


def test_a_publication_with_other_tables_cannot_be_held_against(series: Series, tmp_path: Path) -> None:
    old = Path(shutil.copy(series.first.folder / "mart.duckdb", tmp_path / "mart.duckdb"))
    with duckdb.connect(str(old)) as connection:
        connection.execute("DROP VIEW IF EXISTS v_trend; ALTER TABLE core_task_link RENAME TO links_of_old")
    told = held_against(series.one_more.folder / "mart.duckdb", old, K)
    assert told is not None
    assert (told["version"], told["few_changed"]) == (tmp_path.name, None)


def test_compare_says_in_how_many_cells_two_publications_differ_by_few(series: Series) -> None:
    found = compare(series.town.published, series.first.version, series.one_more.version)
    assert found.as_dict()["few_persons"] == held(series.one_more)
    screen = io.StringIO()
    console = Console(file=screen, width=300)
    for part in tables_of(found, 5):
        console.print(part)
    assert f"{held(series.one_more)['few_changed']} differ by fewer than 5 persons" in screen.getvalue()


NAMES = ("cohort_size", "denominator", "achieved")
COUNT = st.one_of(st.none(), st.integers(0, 12))
ROWS = st.dictionaries(st.sampled_from("ABCDE"), st.tuples(COUNT, COUNT, COUNT), max_size=5)


@pytest.fixture(scope="module")
def pair() -> Iterator[duckdb.DuckDBPyConnection]:
    """Two marts with the one table."""
    with duckdb.connect() as connection:
        for database in ("mart", "before"):
            connection.execute(f"ATTACH ':memory:' AS {database}")
            connection.execute(BY_NAME["effect_by_unit"].ddl.replace("mart.", f"{database}.", 1))
        yield connection


def tell(connection: duckdb.DuckDBPyConnection, database: str, rows: dict[str, tuple[int | None, ...]]) -> None:
    connection.execute(f"DELETE FROM {database}.effect_by_unit")
    for unit, counts in rows.items():
        state = "suppressed" if None in counts else "final"
        connection.execute(
            f"INSERT INTO {database}.effect_by_unit (unit_id, indicator_id, indicator_version, cohort, state, {', '.join(NAMES)})"
            " VALUES (?, 'job', 1, 'all', ?, ?, ?, ?)",
            [unit, state, *counts],
        )


def figures(counts: tuple[int | None, ...]) -> list[int | None]:
    """What a reader has of a row: its counts, and the differences of two of them."""
    size, of, achieved = counts
    differences = [None if None in pair else pair[0] - pair[1] for pair in ((of, achieved), (size, of))]  # type: ignore[operator]
    return [*counts, *differences]


@settings(max_examples=40, deadline=None)
@given(before=ROWS, now=ROWS, k=st.integers(1, 6))
def test_what_sql_counts_is_what_a_reader_of_both_sees(
    pair: duckdb.DuckDBPyConnection, before: dict[str, tuple[int | None, ...]], now: dict[str, tuple[int | None, ...]], k: int
) -> None:
    tell(pair, "before", before)
    tell(pair, "mart", now)
    expected = {}
    for unit in sorted(before.keys() & now.keys()):
        both = list(zip(figures(before[unit]), figures(now[unit]), strict=True))
        few = any(was is not None and is_ is not None and 0 < abs(is_ - was) < k for was, is_ in both)
        gone = any(was is not None and is_ is None for was, is_ in both)
        expected[unit] = (1, int(few), int(gone))
    found = pair.execute(
        f"SELECT unit_id, compared, few_changed, shown_before FROM ({changed_by_unit(BY_NAME['effect_by_unit'])})", {"k": k}
    ).fetchall()
    assert {unit: tuple(counts) for unit, *counts in found} == expected


def test_every_table_that_counts_persons_is_held_against_its_like() -> None:
    names = {table.name for table in compared_tables()}
    assert {"effect_by_unit", "effect_by_unit_as_is", "effect_by_core_task", "effect_curve", "output_by_unit", "comparison"} <= names
    assert not {name for name in names if name.startswith("dim_")} | (names & {"data_quality", "cost_by_unit"})


def test_nothing_is_said_where_there_was_nothing_before(tmp_path: Path) -> None:
    assert held_against(tmp_path / "mart.duckdb", None, K) is None
