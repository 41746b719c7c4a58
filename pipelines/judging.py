"""Whether a new version may be published: invariants, the gate, and what is kept of their verdict."""

import datetime as dt
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import duckdb

from models.catalogue import Catalogue
from models.errors import QualityGateError
from pipelines.gate import Verdict, invariant_findings, run_gate
from pipelines.gate_history import Entry, append, entry_of, read_history
from pipelines.gate_page import MOST_SHOWN, PAGE, write_page
from pipelines.published import MART_FILE, current_version, published_versions

REFUSAL: Final = "refused.json"
"""What the gate said when it last refused; gone with the next publication."""

Gate = Callable[[Path, int], Verdict]


@dataclass(frozen=True)
class Candidate:
    """A version that is built and not yet published.

    mart      its file
    to        the folder of publications
    """

    mart: Path
    to: Path
    version: str
    catalogue: Catalogue
    as_of: dt.date
    known_at: dt.datetime | None
    started: float = field(default_factory=time.monotonic)


def judged(candidate: Candidate, gate: Gate | None = None) -> Verdict:
    """The verdict of the SQL invariants and, unless one of them is broken already, of the gate. It is kept in the history.

    gate   in place of the gate's own process (tests)
    raises QualityGateError when it refuses: the last version stays
    """
    verdict = _verdict(candidate, gate)
    entry = entry_of(
        verdict, candidate.version, candidate.as_of, candidate.known_at, candidate.catalogue.municipality.gate,
        time.monotonic() - candidate.started,
    )  # fmt: skip
    append(candidate.to, entry)
    write_page(candidate.to / PAGE, read_history(candidate.to, MOST_SHOWN))
    write_page(candidate.mart.parent / PAGE, [entry])
    _refuse_unless_passed(verdict, entry, candidate.to)
    return verdict


def publication_before(to: Path, catalogue: Catalogue, as_of: dt.date, known_at: dt.datetime | None) -> Path | None:
    """The mart that drift is measured against: the newest of the same municipality, of everything known, as of the same day or earlier."""
    if known_at is not None:
        return None  # an earlier state is another world, not a change
    for version, manifest in published_versions(to):
        same = (manifest.get("municipality") or {}).get("id") == catalogue.municipality.id
        mart = to / version / MART_FILE
        if same and manifest.get("known_at") is None and str(manifest.get("as_of")) <= as_of.isoformat() and mart.is_file():
            return mart
    return None


def _verdict(candidate: Candidate, gate: Gate | None) -> Verdict:
    if Path(f"{candidate.mart}.wal").exists():
        return Verdict(False, 0, ("the new version is not whole: a log was left beside it",))
    with _mart(candidate.mart) as connection:
        broken = invariant_findings(connection)
    if broken:
        return Verdict.of(broken, len(broken))
    return (gate or _own_gate(candidate))(candidate.mart, candidate.catalogue.municipality.k)


def _own_gate(candidate: Candidate) -> Gate:
    before = publication_before(candidate.to, candidate.catalogue, candidate.as_of, candidate.known_at)
    return partial(run_gate, gate=candidate.catalogue.municipality.gate, before=before)


def _refuse_unless_passed(verdict: Verdict, entry: Entry, to: Path) -> None:
    if verdict.passed:
        (to / REFUSAL).unlink(missing_ok=True)
        return
    (to / REFUSAL).write_text(json.dumps(entry, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    stays = current_version(to)
    kept = f"version {stays} stays published" if stays else "nothing is published yet"
    raise QualityGateError(f"the quality gate refused the new version ({'; '.join(verdict.failed)}): {kept}; see {to / REFUSAL}")


@contextmanager
def _mart(mart: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        path = str(mart).replace("'", "''")
        connection.execute(f"ATTACH '{path}' AS mart (READ_ONLY)")
        yield connection
