"""What changed between two publications, and why: the mart recomputed stepwise from the store, one cause at a time.

Works from what each version says of itself: as-of date, known at, last batch, and the definitions that it keeps (`catalogue.json`). Every
mart on the way goes through the same suppression as a publication, in a private folder beside the store. Without a store it is told which
figures changed, not why.
"""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
from pydantic import ValidationError

from models.catalogue import Catalogue
from models.errors import ConfigurationError
from models.registry import EVENT_TYPES
from outcomes.translation import compile_translation
from pipelines.before import held_against
from pipelines.beside_worker import store_file
from pipelines.compared import A_FEW, CAUSES, NOT_REPRODUCED, Change, Figure, change_of
from pipelines.database import quoted
from pipelines.disclosure import is_small
from pipelines.known_at import EVENT_KINDS, EventKind, Knowledge, fill_as_known, known_by, load_frontier, workshop
from pipelines.mart import build_mart
from pipelines.publish import CATALOGUE_FILE, CURRENT, MART_FILE, current_version
from pipelines.settings_kept import translation_hash
from pipelines.sql_texts import sql

CAUSE_OF: dict[EventKind, str] = {
    "event": "new_events", "correction": "corrections", "ledger": "ledger", "organisation": "organisation",
}  # fmt: skip
PRICE_SETTINGS = ("price_year", "currency")
"""Settings of the municipality that belong to prices; all others are definitions."""


@dataclass(frozen=True)
class Version:
    """A publication as it lies in its folder. `catalogue` is None where the version keeps none that this program can read."""

    name: str
    folder: Path
    manifest: dict[str, Any]
    catalogue: Catalogue | None

    @property
    def as_of(self) -> dt.date:
        """The day that its figures show."""
        return dt.date.fromisoformat(self.manifest["as_of"])

    @property
    def known(self) -> Knowledge:
        """What was known of when it was made."""
        at = self.manifest["known_at"]
        return known_by(dt.datetime.fromisoformat(at) if at else None, int(self.manifest["last_batch"]))


@dataclass(frozen=True)
class State:
    """What a mart is built from."""

    known: Knowledge
    catalogue: Catalogue
    as_of: dt.date


@dataclass(frozen=True)
class Comparison:
    """Two versions and what lies between them.

    events    cause -> event type -> number of events, or "a few"
    changes   changed figures, the largest change first
    not_split  why there is no split by cause; None: there is one
    persons   in how many cells the two differ by few persons (`before.held_against`)
    """

    before: Version
    after: Version
    k: int
    events: dict[str, dict[str, int | str]]
    definitions: list[dict[str, Any]]
    changes: list[Change]
    not_split: str | None
    persons: dict[str, Any] | None = None

    def totals(self) -> list[Change]:
        """The changes of whole indicators: the municipality, all cohorts together."""
        return [change for change in self.changes if change.unit_id == "(all)" and change.cohort == "all"]

    def figures_by_cause(self) -> dict[str, int]:
        """How many figures each cause had a part in."""
        return {cause: n for cause in CAUSES if (n := sum(cause in change.causes for change in self.changes))}

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        versions = {
            name: {"version": version.name} | {key: version.manifest[key] for key in ("as_of", "known_at", "last_batch", "definition_hash")}
            for name, version in (("before", self.before), ("after", self.after))
        }
        return versions | {
            "k": self.k, "order_of_causes": list(CAUSES), "not_split": self.not_split, "events": self.events,
            "definitions": self.definitions, "figures_by_cause": self.figures_by_cause(), "few_persons": self.persons,
            "totals": [change.as_dict() for change in self.totals()], "changes": [change.as_dict() for change in self.changes],
        }  # fmt: skip


def compare(published: Path, before: str, after: str, store_dir: Path | None = None, *, by_cause: bool = True) -> Comparison:
    """Compare two versions of a folder of publications.

    before, after   names of versions, or CURRENT
    store_dir       the store that they were made from; None: no split by cause, and no count of events
    by_cause        False: count the events in between, but do not rebuild the mart once for each cause
    raises          ConfigurationError for a version that is not there; StoreError, StoreBusyError as in `publish`
    """
    old, new = open_version(published, before), open_version(published, after)
    k = max(int(version.manifest["municipality"]["k"]) for version in (old, new))
    why_not = _why_not_split(old, new, store_dir) or (None if by_cause else "the causes were not asked for")
    ends = [figures(version.folder / MART_FILE) for version in (old, new)]
    causes: list[str] = ["", NOT_REPRODUCED]
    on_the_way: list[dict[tuple[str, str, str], Figure]] = []
    events: dict[str, dict[str, int | str]] = {}
    if why_not is None and store_dir is not None:
        steps, events = _recomputed(old, new, store_dir, k)
        causes = ["", *(cause for cause, _ in steps), NOT_REPRODUCED]
        on_the_way = [found for _, found in steps]
    elif store_dir is not None:
        with store_file(store_dir) as file:
            events = _told_events(_events_between(file, old.known, new.known), k)
    series = [ends[0], *on_the_way, ends[1]]
    keys = sorted(set().union(*ends))
    found = [change_of([(cause, step.get(key)) for cause, step in zip(causes, series, strict=True)], k) for key in keys]
    changes = [_without_split(change) if why_not else change for change in found if change]
    changes.sort(key=lambda change: tuple(-part for part in change.size))
    persons = held_against(new.folder / MART_FILE, old.folder / MART_FILE, k)
    return Comparison(old, new, k, events, _changed_definitions(old, new), changes, why_not, persons)


def open_version(published: Path, name: str) -> Version:
    """A version with its manifest and the definitions it was made by."""
    known = sorted(path.parent.name for path in published.glob("v*/manifest.json"))
    wanted = current_version(published) if name == CURRENT else name
    if wanted not in known:
        listed = ", ".join(known[-5:]) or "none"
        raise ConfigurationError(
            f"there is no version {name} in {published}: expected {CURRENT} or one of its versions; the last are: {listed}"
        )
    folder = published / wanted
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return Version(wanted, folder, manifest, _kept_catalogue(folder / CATALOGUE_FILE))


def figures(mart: Path) -> dict[tuple[str, str, str], Figure]:
    """(unit, indicator, cohort) -> the figures of a mart."""
    connection = duckdb.connect()
    try:
        connection.execute(f"ATTACH {quoted(mart)} AS mart (READ_ONLY)")
        result = connection.execute(sql("compare_figures"))
        names = [column[0] for column in result.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    finally:
        connection.close()
    return {(row["unit_id"], row["indicator_id"], row["cohort"]): row for row in rows}


def states_between(old: Version, new: Version, kinds: set[EventKind]) -> Iterator[tuple[str, State]]:
    """The states on the way, each with the cause that makes it differ from the one before; the first is the earlier version itself.

    kinds   kinds of events that one version knew and the other did not; what does not differ makes no step
    """
    was, becomes = _catalogue(old), _catalogue(new)
    state = State(old.known, was, old.as_of)
    yield NOT_REPRODUCED, state
    for kind in ("event", "correction", "ledger", "organisation"):
        moved = {kind: new.known[kind]} if kind in kinds else {}
        units = {"units": becomes.units} if kind == "organisation" and was.units != becomes.units else {}
        if moved or units:
            state = replace(state, known=state.known | moved, catalogue=state.catalogue.model_copy(update=units))
            yield CAUSE_OF[kind], state
    priced = becomes.model_copy(update=_prices(was, becomes))
    for cause, catalogue in (("definitions", priced), ("prices", becomes)):
        if _content(catalogue) != _content(state.catalogue):
            state = replace(state, catalogue=catalogue)
            yield cause, state
    if old.as_of != new.as_of:
        yield "time", replace(state, as_of=new.as_of)


def _prices(was: Catalogue, becomes: Catalogue) -> dict[str, Any]:
    """The parts of a catalogue that are about prices, as they were."""
    settings = {name: getattr(was.municipality, name) for name in PRICE_SETTINGS}
    return {"costs": was.costs, "municipality": becomes.municipality.model_copy(update=settings)}


def _content(catalogue: Catalogue) -> dict[str, Any]:
    return catalogue.model_dump(mode="json", exclude={"definition_hash"})


def _catalogue(version: Version) -> Catalogue:
    if version.catalogue is None:
        raise ConfigurationError(f"version {version.name} keeps no definitions that can be applied again: compare without --store")
    return version.catalogue


def _recomputed(
    old: Version, new: Version, store_dir: Path, k: int
) -> tuple[list[tuple[str, dict[tuple[str, str, str], Figure]]], dict[str, dict[str, int | str]]]:
    with store_file(store_dir) as file, workshop(store_dir) as folder:
        counted = _events_between(file, old.known, new.known)
        found: list[tuple[str, dict[tuple[str, str, str], Figure]]] = []
        made: tuple[object, ...] = ()
        for number, (cause, state) in enumerate(states_between(old, new, {kind for kind, _, _ in counted})):
            scratch, mart = folder / "store.duckdb", folder / f"{number}.duckdb"
            wanted = (state.known, translation_hash(compile_translation(state.catalogue, EVENT_TYPES)))
            if wanted != made:
                fill_as_known(file, scratch, state.catalogue, state.known)
                made = wanted
            build_mart(scratch, state.catalogue, mart, state.as_of)
            found.append((cause, figures(mart)))
    return found, _told_events(counted, k)


def _told_events(counted: list[tuple[EventKind, str, int]], k: int) -> dict[str, dict[str, int | str]]:
    """cause -> event type -> number of events, or "a few" where it would tell of few persons."""
    events: dict[str, dict[str, int | str]] = {}
    for kind, name, n in counted:
        few = is_small(n, k) and kind in ("event", "correction")
        events.setdefault(CAUSE_OF[kind], {})[name] = A_FEW if few else n
    return events


def _events_between(file: Path, before: Knowledge, after: Knowledge) -> list[tuple[EventKind, str, int]]:
    connection = duckdb.connect()
    try:
        connection.execute(f"ATTACH {quoted(file)} AS whole (READ_ONLY)")
        load_frontier(connection, "frontier_before", before)
        load_frontier(connection, "frontier_after", after)
        connection.execute(sql("known_kind"))
        rows = connection.execute(sql("compare_events")).fetchall()
    finally:
        connection.close()
    by_name: dict[str, EventKind] = {kind: kind for kind in EVENT_KINDS}
    return [(by_name[kind], name, n) for kind, name, n in rows]


def _why_not_split(old: Version, new: Version, store_dir: Path | None) -> str | None:
    if store_dir is None:
        return "no store was given, so the causes cannot be told apart"
    lacking = [version.name for version in (old, new) if version.catalogue is None]
    return f"{' and '.join(lacking)} keeps no definitions that this program can apply again" if lacking else None


def _without_split(change: Change) -> Change:
    return replace(change, by_cause={}, appeared_by={}, causes=())


def _kept_catalogue(path: Path) -> Catalogue | None:
    try:
        return Catalogue.model_validate_json(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValidationError):
        return None


def _changed_definitions(old: Version, new: Version) -> list[dict[str, Any]]:
    """Indicators that were added, removed or defined anew, by id."""
    if old.catalogue is None or new.catalogue is None:
        return []
    was, now = ({i.id: i for _, i in catalogue.indicators()} for catalogue in (old.catalogue, new.catalogue))
    changed: list[dict[str, Any]] = []
    for name in sorted(was | now):
        earlier, later = was.get(name), now.get(name)
        if earlier == later:
            continue
        what = "changed" if earlier and later else "added" if later else "removed"
        versions = {"version_before": earlier.version if earlier else None, "version_after": later.version if later else None}
        changed.append({"indicator_id": name, "change": what} | versions)
    return changed
