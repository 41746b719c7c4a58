"""Fits a reference: what became of past records, by case mix, frozen with its origin.

A reference is made once and never changed; a later fit is a new version. Strata with fewer than k records are pooled into one, since a rate
of a few persons says nothing of others and something of them.
"""

import datetime as dt
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from models.catalogue import Catalogue, Expected
from models.errors import ConfigurationError, StoreBusyError
from models.reference import Method, Reference, Stratum, write_reference
from outcomes.casemix import REST, case_mix_text
from outcomes.regression import NoSolution, fit_terms
from outcomes.survival import aalen_johansen, kaplan_meier, nelson_aalen, risk_table
from pipelines.at_rest import at_rest
from pipelines.case_mix import Standardisation, count_profiles
from pipelines.dimensions import AALEN_JOHANSEN, method_of
from pipelines.explain import cohort_days
from pipelines.mart import opened_records
from pipelines.publish import require_same_translation
from pipelines.snapshot import ask_for_snapshot
from pipelines.sql_texts import sql


@dataclass(frozen=True)
class FitRequest:
    """What to fit.

    cohorts    names such as 2023, 2024-Q1 or all
    as_of      the day whose knowledge counts; fitted_on: the day on which this is done
    id, version, source, population   what the reference says of itself; None: worked out
    """

    indicator: str
    method: Method
    cohorts: tuple[str, ...]
    as_of: dt.date
    fitted_on: dt.date
    id: str | None = None
    version: int | None = None
    source: str | None = None
    population: str | None = None


def fit_reference(store_dir: Path, catalogue: Catalogue, request: FitRequest, target: Path) -> Reference:
    """Fit a reference from a store (beside a running worker: from a copy that it makes), and write it to a new file.

    raises   ConfigurationError when the indicator is not there or not computed, the file exists, the records are too few, or the
             regression has no solution; StoreBusyError when something else than a worker has the store open
    """
    if target.exists():
        raise ConfigurationError(f"{target} is there already: a reference is frozen, so give the new version a file of its own")
    standardisation = _standardisation(catalogue, request)
    with _resting(store_dir) as file, tempfile.TemporaryDirectory(prefix="kerneeffekt-fit-") as scratch:
        require_same_translation(file, catalogue)
        with opened_records(file, catalogue, request.as_of, Path(scratch)) as connection:
            reference = _fit(connection, catalogue, standardisation, request, target.stem)
    _write(target, write_reference(reference))
    return reference


@contextmanager
def _resting(store_dir: Path) -> Iterator[Path]:
    """The store's file while nobody writes it, or a copy that its worker makes between two batches."""
    try:
        with at_rest(store_dir) as file:
            yield file
            return
    except StoreBusyError:
        copy = ask_for_snapshot(store_dir)
    try:
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _standardisation(catalogue: Catalogue, request: FitRequest) -> Standardisation:
    found = [(place, task, one) for place, (task, one) in enumerate(catalogue.indicators()) if one.id == request.indicator]
    if not found:
        names = ", ".join(sorted(one.id for _, one in catalogue.indicators()))
        raise ConfigurationError(f"the catalogue has no indicator {request.indicator!r}; it has: {names}")
    position, task, indicator = max(found, key=lambda one: one[2].version)
    asked = (getattr(indicator, "expected", None) or Expected()).model_copy(update={"reference": request.id or "new"})
    if request.method != "strata" and asked.follow_up != "matured":
        raise ConfigurationError(f"--method {request.method} fits matured records; `follow_up: {asked.follow_up}` needs --method strata")
    if request.method == "logistic" and asked.of != "achieved":
        raise ConfigurationError("--method logistic fits whether an effect was achieved; `of: time` needs poisson or strata")
    if request.method == "strata" and any(one.linear for one in indicator.case_mix):
        raise ConfigurationError("a `linear` covariate needs a regression: --method logistic or poisson, or give it bands")
    return Standardisation(position, indicator, asked, None, catalogue.breaks_of(task, indicator), indicator.time_unit)


def _fit(
    connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, standardisation: Standardisation, request: FitRequest, stem: str
) -> Reference:
    _keep_only(connection, standardisation.position, request.cohorts)
    count_profiles(connection, [standardisation])
    n, observed, persons, first, last = connection.execute(
        "SELECT count(*), coalesce(sum(amount), 0), count(DISTINCT subject_key), min(index_on), max(index_on) FROM compared"
    ).fetchall()[0]
    k = catalogue.municipality.k
    if persons < max(k, 1):
        raise ConfigurationError(
            f"only {'a few' if persons else 'no'} records of {request.indicator} count in the cohorts {', '.join(request.cohorts)} as of"
            f" {request.as_of}: a reference needs at least {k}; take longer or earlier cohorts"
        )
    indicator, asked = standardisation.indicator, standardisation.asked
    name = request.id or (indicator.expected.reference if indicator.expected else None) or stem
    newest = max((one.version for one in catalogue.references if one.id == name), default=0)
    cohorts = ", ".join(request.cohorts)
    return Reference(
        id=name, version=request.version or newest + 1, indicator=indicator.id, indicator_version=indicator.version, method=request.method,
        of=asked.of, follow_up=asked.follow_up, case_mix=case_mix_text(indicator.case_mix),
        covariates=tuple(one.attribute for one in indicator.case_mix),
        source=request.source or f"kerneeffekt reference fit, events of {catalogue.municipality.name.en}",
        population=request.population or f"{catalogue.municipality.name.en}: all units, cohorts {cohorts}",
        fitted_on=request.fitted_on, as_of=request.as_of, cohorts=cohorts, first_index_on=first, last_index_on=last,
        n=n, observed=float(observed), **_rows(connection, standardisation, request.method, k),
    )  # fmt: skip


def _keep_only(connection: duckdb.DuckDBPyConnection, position: int, cohorts: Sequence[str]) -> None:
    """Leave the records of one indicator and these cohorts."""
    connection.execute("DELETE FROM record WHERE position <> ?", [position])
    connection.execute("CREATE TEMP TABLE asked_days (first_on DATE, last_on DATE)")
    connection.executemany("INSERT INTO asked_days VALUES (?, ?)", [cohort_days(cohort) for cohort in cohorts])
    connection.execute(
        "DELETE FROM record"
        " WHERE NOT EXISTS (SELECT 1 FROM asked_days WHERE record.index_on BETWEEN asked_days.first_on AND asked_days.last_on)"
    )


def _rows(connection: duckdb.DuckDBPyConnection, standardisation: Standardisation, method: Method, k: int) -> dict[str, Any]:
    if method != "strata":
        return _regression(connection, standardisation, method)
    if standardisation.asked.follow_up != "matured":
        return {"strata": tuple(_curves(connection, standardisation, k))}
    found = connection.execute("SELECT levels, count(*), sum(amount) FROM profiled GROUP BY levels ORDER BY levels").fetchall()
    counts = {tuple(levels): (int(n), int(total)) for levels, n, total in found}
    small = _small({levels: n for levels, (n, _) in counts.items()}, k)
    pooled: dict[tuple[str, ...], tuple[int, int]] = {}
    for levels, (n, total) in counts.items():
        name = (REST,) * len(levels) if levels in small else levels
        before = pooled.get(name, (0, 0))
        pooled[name] = before[0] + n, before[1] + total
    return {"strata": tuple(Stratum(levels=name, n=n, observed=total, rate=total / n) for name, (n, total) in sorted(pooled.items()))}


def _small(sizes: dict[tuple[str, ...], int], k: int) -> set[tuple[str, ...]]:
    """Strata to pool: all below k, and as many of the next smallest as it takes until the pool has k."""
    ordered = sorted(sizes, key=lambda levels: (sizes[levels], levels))
    pool = [levels for levels in ordered if sizes[levels] < k]
    rest = iter(ordered[len(pool) :])
    while pool and sum(sizes[levels] for levels in pool) < k and (more := next(rest, None)) is not None:
        pool.append(more)
    return set(pool)


def _curves(connection: duckdb.DuckDBPyConnection, standardisation: Standardisation, k: int) -> list[Stratum]:
    """Incidence or cumulative hazard of each stratum, one row per time at which it rises."""
    found = connection.execute(sql("reference_ends")).fetchall()
    sizes: dict[tuple[str, ...], int] = {}
    for levels, _, _, n in found:
        sizes[tuple(levels)] = sizes.get(tuple(levels), 0) + n
    small = _small(sizes, k)
    strata = sorted({(REST,) * len(levels) if levels in small else levels for levels in sizes})
    places = {levels: strata.index((REST,) * len(levels) if levels in small else levels) for levels in sizes}
    group, time, ending, n = (
        np.array(column, dtype=np.int64)
        for column in zip(*[(places[tuple(levels)], at, how, count) for levels, at, how, count in found], strict=True)
    )
    table = risk_table(group, time, ending, n, len(strata), int(time.max()) + 1)
    if standardisation.asked.follow_up == "hazard":
        values = nelson_aalen(table)
    else:
        values = (aalen_johansen if method_of(standardisation.indicator) == AALEN_JOHANSEN else kaplan_meier)(table).incidence
    rises = np.array(table.events > 0)
    rises[:, 0] = True
    return [
        Stratum(
            levels=strata[place], time=int(at), n=int(table.at_risk[place, at]), observed=float(table.events[place, at]),
            rate=float(values[place, at]),
        )
        for place, at in zip(*np.nonzero(rises), strict=True)
    ]  # fmt: skip


def _regression(connection: duckdb.DuckDBPyConnection, standardisation: Standardisation, method: Method) -> dict[str, Any]:
    found = connection.execute("SELECT levels, amount, count(*) FROM profiled GROUP BY levels, amount ORDER BY levels, amount").fetchall()
    try:
        terms, dispersion = fit_terms(
            method, standardisation.indicator.case_mix, [tuple(levels) for levels, _, _ in found],
            [amount for _, amount, _ in found], [n for _, _, n in found],
        )  # fmt: skip
    except NoSolution as error:
        raise ConfigurationError(f"the {method} regression of {standardisation.indicator.id} has no solution: {error}") from error
    return {"terms": terms, "dispersion": dispersion}


def _write(target: Path, text: str) -> None:
    """A whole file or none, and never over one that is there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.new")
    fresh.write_text(text, encoding="utf-8")
    os.link(fresh, target)
    fresh.unlink()
