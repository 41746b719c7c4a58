"""Money: which unit, core task and period each ledger entry belongs to, and at which prices.

Whole oere all the way: the rows of `cost_by_unit` add up to the ledger exactly, with what no rule catches as a line of its own. Shared
cost is spread in `pipelines/allocation.py`, prices stand in `pipelines/prices.py`.
"""

import datetime as dt

import duckdb
import pyarrow as pa

from models.catalogue import Catalogue, Costs, MappingRule
from pipelines.allocation import allocate
from pipelines.prices import effective_price_year, indices_on
from pipelines.sql_texts import sql
from pipelines.tables import UNALLOCATED

DIRECT_CLASSES = ("direct", "internal", "intermunicipal")
"""What a unit's own effort costs: without any of it a unit's cost is missing, whatever was allocated to it."""

EFFORT_CLASSES = (*DIRECT_CLASSES, "allocated")
"""What effect is held against: the effort itself, gross of refund. Internal trade cancels in the total; what others pay us comes off."""


def make_costs(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, cost_grid: str, compare_grid: str, as_of: dt.date) -> None:
    """From ledger entries to `cost_cell`: mapped, placed in the organisation, shared cost spread, nominal and in fixed prices.

    Needs `cost_line`, `placement`, `placement_unit` and `doing`.
    """
    municipality = catalogue.municipality
    connection.execute(sql("money_pool"), {"cost_grid": cost_grid, "compare_grid": compare_grid, "as_of": as_of})
    allocate(connection, catalogue, DIRECT_CLASSES)
    _load_factors(connection, catalogue, as_of)
    connection.execute(sql("money_cost"), {"currency": municipality.currency})


def map_ledger(connection: duckdb.DuckDBPyConnection, costs: Costs) -> None:
    """Make `posting` and `cost_line`: every ledger entry with its unit, core task and class by the first rule that fits."""
    _load_rules(connection, costs.rules)
    connection.execute(sql("money_posting"))
    connection.execute(sql("money_mapping"))


def _load_factors(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, day: dt.date) -> None:
    """Make `price_factor`: cost class x year -> factor to the price year and the index that gives it. A class without index has no row."""
    price_year = effective_price_year(catalogue)
    years = [year for (year,) in connection.execute("SELECT DISTINCT cost_year FROM cost_pool ORDER BY 1").fetchall()]
    rows: list[tuple[str, int, int | None, str | None]] = [
        (cost_class, year, index.factor(price_year, year), index.name)
        for index in (indices_on(catalogue, day) if price_year is not None else [])
        for cost_class in index.series.covers
        for year in years
        if price_year is not None
    ]
    _register(
        connection,
        "price_factor",
        pa.table(
            {
                "cost_class": pa.array([row[0] for row in rows], pa.string()),
                "cost_year": pa.array([row[1] for row in rows], pa.int64()),
                "factor": pa.array([row[2] for row in rows], pa.int64()),
                "price_index": pa.array([row[3] for row in rows], pa.string()),
            }
        ),
    )
    connection.execute("ALTER TABLE price_factor ALTER factor TYPE HUGEINT")


def _load_rules(connection: duckdb.DuckDBPyConnection, rules: tuple[MappingRule, ...]) -> None:
    ranks = range(len(rules))
    _register(
        connection,
        "mapping_rule",
        pa.table(
            {
                "rank": pa.array(list(ranks), pa.int32()),
                "core_task_id": pa.array([rule.to for rule in rules], pa.string()),
                "set_unit": pa.array([rule.set_unit for rule in rules], pa.string()),
                "cost_class": pa.array([_class_of(rule) for rule in rules], pa.string()),
                "kind": pa.array([rule.kind for rule in rules], pa.string()),
                "units": pa.array([list(rule.unit) or None for rule in rules], pa.list_(pa.string())),
                "species": pa.array([list(rule.species) or None for rule in rules], pa.list_(pa.string())),
                "is_year_before": pa.array([rule.concerns == "year_before" for rule in rules], pa.bool_()),
                "valid_from": pa.array([rule.valid_from for rule in rules], pa.date32()),
                "valid_to": pa.array([rule.valid_to for rule in rules], pa.date32()),
            }
        ),
    )
    patterns = [(rank, *_pattern(account)) for rank, rule in zip(ranks, rules, strict=True) for account in rule.account or ("",)]
    _register(
        connection,
        "mapping_pattern",
        pa.table(
            {
                "rank": pa.array([rank for rank, _, _ in patterns], pa.int32()),
                "prefix": pa.array([prefix for _, prefix, _ in patterns], pa.string()),
                "glob": pa.array([glob for _, _, glob in patterns], pa.string()),
            }
        ),
    )


def _pattern(account: str) -> tuple[str | None, str | None]:
    """(prefix, glob): an account with `*` or `?` must fit whole; brackets have no meaning of their own."""
    if "*" in account or "?" in account:
        return None, account.replace("[", "[[]")
    return account, None


def _class_of(rule: MappingRule) -> str:
    """The rule's class; what is knowingly not placed is a class of its own unless the rule names another."""
    return "unallocated" if rule.to == UNALLOCATED and rule.cost_class == "direct" else rule.cost_class


def _register(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    connection.register("incoming", rows)
    connection.execute(f'CREATE TABLE "{name}" AS FROM incoming')
    connection.unregister("incoming")
