"""The catalogue's frozen references as published tables."""

from typing import Any

import duckdb

from models.catalogue import Catalogue
from models.reference import Reference
from pipelines.dimensions import fill


def fill_references(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, k: int) -> None:
    """`dim_reference` and `reference_row`: every frozen reference of the catalogue; rows only where none of them is small."""
    fill(connection, "dim_reference", [_described(one) for one in catalogue.references])
    fill(connection, "reference_row", [row for one in catalogue.references if may_be_shown(one, k) for row in _reference_rows(one)])


def _described(one: Reference) -> dict[str, Any]:
    return {
        "reference_id": one.id, "version": one.version, "indicator_id": one.indicator, "indicator_version": one.indicator_version,
        "method": one.method, "quantity": one.of, "follow_up": one.follow_up, "case_mix": one.case_mix, "source": one.source,
        "population": one.population, "fitted_on": one.fitted_on, "as_of": one.as_of, "cohorts": one.cohorts,
        "first_index_on": one.first_index_on, "last_index_on": one.last_index_on, "n": one.n, "observed": one.observed,
        "overall_rate": one.overall_rate, "dispersion": one.dispersion,
    }  # fmt: skip


def may_be_shown(one: Reference, k: int) -> bool:
    """Whether no row rests on 1 to k - 1 records, effects or failures: one hidden row would follow from the others and the total."""
    counts = [row.n for row in one.strata] + [term.n for term in one.terms]
    if one.of == "achieved":
        counts += [count for row in one.strata for count in (int(row.observed), row.n - int(row.observed))]
    return one.follow_up == "matured" and all(count == 0 or count >= k for count in counts)


def _reference_rows(one: Reference) -> list[dict[str, Any]]:
    common = {"reference_id": one.id, "version": one.version}
    strata = [
        common | {"term": ", ".join(one.covariates), "level": ", ".join(row.levels), "n": row.n, "observed": row.observed, "rate": row.rate}
        for row in one.strata
    ]
    return strata + [
        common
        | {
            "term": term.term, "level": term.level, "n": term.n, "coefficient": term.coefficient, "standard_error": term.standard_error,
        }
        for term in one.terms
    ]  # fmt: skip
