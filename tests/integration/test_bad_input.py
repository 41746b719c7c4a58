"""100,000 events of which 10,000 are broken in every way: none lost, each reason right, the good ones unharmed."""

from pathlib import Path

import duckdb
import pytest

from tests.bad_events import BREAKERS, CIVIL_NUMBER, workload
from tests.command import kerneeffekt

N, EVERY = 100_000, 10
Fed = tuple[Path, dict[int, frozenset[str]]]


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory) -> Fed:
    """A store after the whole workload went through the real command, and what was broken."""
    folder = tmp_path_factory.mktemp("bad-input")
    lines, expected = workload(N, EVERY, seed=3)
    (folder / "events.ndjson").write_bytes(b"\n".join(lines) + b"\n")
    done = kerneeffekt("replay", folder / "events.ndjson", "--catalogue", "config/demo", "--store", folder / "store")
    assert done.returncode == 0, done.stderr
    return folder / "store", expected


def _rows(store: Path, sql: str) -> list[tuple]:  # type: ignore[type-arg]
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{store / 'store.duckdb'}' AS store (READ_ONLY); USE store")
        return con.execute(sql).fetchall()


def test_nothing_is_lost(fed: Fed) -> None:
    store, expected = fed
    [(received, accepted, duplicates, quarantined, erased)] = _rows(
        store, "select sum(received), sum(accepted), sum(duplicates), sum(quarantined), sum(erased) from feed_offset"
    )
    assert received == N == accepted + duplicates + quarantined + erased
    assert quarantined == len(expected) == N // EVERY
    assert _rows(store, "select count(*) from event") == [(N - N // EVERY,)]


def test_each_reason_is_right(fed: Fed) -> None:
    store, expected = fed
    given = dict(_rows(store, 'select "offset", class from quarantine'))
    wrong = {
        BREAKERS[(position // EVERY) % len(BREAKERS)][0]: (given.get(position), classes)
        for position, classes in expected.items()
        if given.get(position) not in classes
    }
    assert wrong == {}


@pytest.mark.security("S1")
def test_no_civil_number_is_kept_anywhere(fed: Fed) -> None:
    store, _ = fed
    for name in ("event", "quarantine", "dropped_field"):
        text = "\n".join(str(row) for row in _rows(store, f"select * from {name}"))
        for form in (CIVIL_NUMBER, f"{CIVIL_NUMBER[:6]}-{CIVIL_NUMBER[6:]}", "2107561234", "070756-1234"):
            assert form not in text


def test_good_events_keep_their_values(fed: Fed) -> None:
    store, _ = fed
    assert _rows(store, "select sum(value) from event") == [(sum(30 + n % 30 for n in range(N) if n % EVERY != EVERY - 1),)]
