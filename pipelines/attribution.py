"""Attribution in the mart: which units took part in each case, and how one effect is shared between them under each rule (ADR 18).

The lead rule gives a case to the unit of its index event, as the other tables do. The other rules need the cases themselves: shares
are worked out case by case in whole parts, so that a parent, the municipality and any other sum holds each case once.
"""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import duckdb
import numpy as np
import pyarrow as pa

from models.catalogue import Catalogue, CitizenShare, CoreTask
from outcomes.attribution import PARTS, Coalition, largest_remainder, shapley_stakes, whole_parts
from outcomes.estimators import share, wilson
from pipelines.activities import MINUTES_TYPES, OUTPUT_TYPES, chosen_by
from pipelines.claims_hidden import hide_claims
from pipelines.organisation import Organisation
from pipelines.sql_texts import sql

Run = Callable[..., None]


def make_claims(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, organisation: Organisation, run: Run) -> None:
    """From cases to `claim_cell`: what every unit is given under each rule but lead; and `whole`.

    Needs `doing`, `placement` and `meeting_grid`. run: runs one SQL file with the build's values
    """
    rules = [rule for rule in catalogue.municipality.attribution.rules if rule != "lead"]
    _load_whole(connection, catalogue)
    _load_support(connection, catalogue, organisation)
    run("mart_case")
    run("mart_case_effort")
    for task in catalogue.core_tasks:
        if any(indicator.lead_for_cost for indicator in task.indicators):
            connection.execute(
                sql("mart_case_output").replace("/*chosen*/ true", _outputs_of(task)),
                {"core_task_id": task.id, "minutes_types": list(MINUTES_TYPES)},
            )
    run("mart_party")
    run("mart_combination")
    _load_shapley(connection, catalogue.municipality.attribution.least_cases)
    run("mart_claim", rules=rules)
    run("mart_took_part")
    run("mart_claim_cell", rules=rules)


def citizen_share(catalogue: Catalogue, stated: CitizenShare | None) -> CitizenShare | None:
    """The citizen's own share that holds for an indicator: its own, else the municipality's, else none."""
    return stated or catalogue.municipality.attribution.citizen


def shared_parts(citizen: CitizenShare | None) -> int:
    """Whole parts of one effect that the units share: all but the citizen's own."""
    return PARTS - (whole_parts(Fraction(Decimal(repr(citizen.share)))) if citizen else 0)


def _load_whole(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """`whole`: for each indicator that leads for cost, the parts of one effect that units share, and the source of the citizen's share."""
    rows = [
        (position, citizen_share(catalogue, indicator.effect.citizen))
        for position, (_, indicator) in enumerate(catalogue.indicators())
        if indicator.lead_for_cost
    ]
    _table(
        connection,
        "whole",
        position=pa.array([position for position, _ in rows], pa.int32()),
        parts=pa.array([shared_parts(citizen) for _, citizen in rows], pa.int64()),
        source=pa.array([citizen.source if citizen else None for _, citizen in rows], pa.string()),
    )


def _load_support(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, organisation: Organisation) -> None:
    professions = set(catalogue.municipality.attribution.support_professions)
    units = sorted({unit.unit_id for unit in organisation.versions() if unit.support or unit.profession in professions})
    _table(connection, "support_unit", unit_id=pa.array(units, pa.string()))


def _outputs_of(task: CoreTask) -> str:
    """SQL over `doing`: an output that the core task declares; where it declares none, any output."""
    if not task.outputs:
        return " OR ".join(f"type = '{name}'" for name in OUTPUT_TYPES).join("()")
    return " OR ".join(f"({chosen_by(output)})" for output in task.outputs).join("()")


def _load_shapley(connection: duckdb.DuckDBPyConnection, least_cases: int) -> None:
    """`shapley_stake`: for each combination whose every part was seen often enough, what each unit's part is in proportion to."""
    seen: dict[int, dict[Coalition, Fraction]] = defaultdict(dict)
    several: list[tuple[int, list[str]]] = []
    for position, units, cases, achieved in connection.execute(
        "SELECT position, units, cases, achieved FROM combination ORDER BY combination_no"
    ).fetchall():
        if cases >= least_cases:
            seen[position][frozenset(units)] = Fraction(achieved, cases)
        if len(units) > 1:
            several.append((position, units))
    rows: list[tuple[int, list[str], str, int]] = []
    for position, units in several:
        stakes = shapley_stakes(units, seen[position])
        if stakes:
            rows += [(position, units, unit, parts) for unit, parts in largest_remainder(stakes, PARTS).items()]
    _table(
        connection,
        "shapley_stake",
        position=pa.array([row[0] for row in rows], pa.int32()),
        units=pa.array([row[1] for row in rows], pa.list_(pa.string())),
        unit_id=pa.array([row[2] for row in rows], pa.string()),
        stake=pa.array([row[3] for row in rows], pa.int64()),
    )


def limit_claims(connection: duckdb.DuckDBPyConnection, organisation: Organisation, k: int) -> None:
    """Make `claim_limit`: limits of each cell's attributed effects, without weight, and whether the cell must be hidden. Needs `judged`.

    The attributed effects are a sum of shares s over achieved cases. Their limits are Wilson's for the weighted share of effects
    sum(s y) / sum(s), with the effective number of cases (sum s)^2 / sum(s^2) (Kish 1965, Survey Sampling, section 11.7), times
    sum(s). Where every share is 1 this is the lead rule's own interval. Shares themselves are taken as known.
    """
    cells = connection.execute(
        "SELECT claim_no, stake_parts::DOUBLE AS stake, square_parts::DOUBLE AS square, effect_parts::DOUBLE AS effect"
        " FROM claim_cell ORDER BY claim_no"
    ).fetchnumpy()
    effective = share(np.square(cells["stake"]), cells["square"])
    low, high = wilson(share(cells["effect"], cells["stake"]) * effective, effective)
    stakes = cells["stake"] / PARTS
    _table(
        connection,
        "claim_limit",
        claim_no=pa.array(cells["claim_no"]),
        low=pa.array(np.nan_to_num(low) * stakes),
        high=pa.array(np.nan_to_num(high) * stakes),
        is_hidden=pa.array(hide_claims(connection, organisation, k), pa.bool_()),
    )


def _table(connection: duckdb.DuckDBPyConnection, name: str, **columns: pa.Array) -> None:
    connection.register("incoming", pa.table(columns))
    connection.execute(f'CREATE TABLE "{name}" AS FROM incoming')
    connection.unregister("incoming")
