"""Money: which unit, core task and period each ledger entry belongs to, and at which prices.

Whole oere all the way: the rows of `cost_by_unit` add up to the ledger exactly, with what no rule catches as a line of its own.
"""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import duckdb
import pyarrow as pa

from models.catalogue import Catalogue, Costs, MappingRule, PriceIndex
from pipelines.sql_texts import sql
from pipelines.tables import UNALLOCATED

FACTOR_SCALE = 10**12
"""Price factors are whole numbers of this part: a factor of 1.079485 is 1 079 485 000 000."""

EFFORT_CLASSES = ("direct", "internal", "intermunicipal")
"""What effect is held against: the effort itself, gross of refund. Internal trade cancels in the total; what others pay us comes off."""

DEFLATED_CLASSES = (*EFFORT_CLASSES, "refund")
"""What an index of service costs covers. Benefits and investments follow other indices; of unplaced money the nature is not known."""


def price_factor(index: PriceIndex, price_year: int, year: int) -> int | None:
    """The factor from prices of `year` to those of `price_year`, in units of 1/FACTOR_SCALE, rounded half up.

    I(price_year) / I(year) with I chained from (1 + yearly rise), worked out exactly and rounded once.
    None when a rise on the way is missing.
    """
    low, high = sorted((year, price_year))
    if any(step not in index.rises for step in range(low + 1, high + 1)):
        return None
    chain = Fraction(1)
    for step in range(low + 1, high + 1):
        chain *= 1 + Fraction(Decimal(repr(float(index.rises[step]))))
    factor = chain if year <= price_year else 1 / chain
    exact = Decimal(factor.numerator * FACTOR_SCALE) / Decimal(factor.denominator)
    return int(exact.to_integral_value(rounding=ROUND_HALF_UP))


def fixed_ore(amount: int, factor: int) -> int:
    """An amount at another year's prices: whole numbers, rounded half away from zero. The same sum as in `money_cost.sql`."""
    return (1 if amount >= 0 else -1) * ((abs(amount) * factor + FACTOR_SCALE // 2) // FACTOR_SCALE)


def make_costs(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, cost_grid: str, compare_grid: str, as_of: dt.date) -> None:
    """From ledger entries to `cost_cell`: mapped, placed in the organisation, nominal and in fixed prices.

    Needs `cost_line` and `placement`.
    """
    municipality = catalogue.municipality
    _load_factors(connection, catalogue)
    connection.execute(
        sql("money_cost"),
        {
            "cost_grid": cost_grid,
            "compare_grid": compare_grid,
            "currency": municipality.currency,
            "deflated": list(DEFLATED_CLASSES),
            "as_of": as_of,
        },
    )


def map_ledger(connection: duckdb.DuckDBPyConnection, costs: Costs) -> None:
    """Make `posting` and `cost_line`: every ledger entry with its unit, core task and class by the first rule that fits."""
    _load_rules(connection, costs.rules)
    connection.execute(sql("money_posting"))
    connection.execute(sql("money_mapping"))


def effective_price_year(catalogue: Catalogue) -> int | None:
    """The price year of fixed prices, or None where the catalogue gives no year or no index: costs then stand as booked."""
    return catalogue.municipality.price_year if catalogue.costs.price_index else None


def value_of(catalogue: Catalogue, value_id: str | None) -> int | None:
    """What one effect is worth in oere at the mart's prices; None where the catalogue has no such value, or no index for its year."""
    found = next((value for value in catalogue.costs.values if value.id == value_id), None)
    if found is None:
        return None
    year, index = effective_price_year(catalogue), catalogue.costs.price_index
    if year is None or index is None:
        return found.ore
    factor = price_factor(index, year, found.price_year)
    return None if factor is None else fixed_ore(found.ore, factor)


def _load_factors(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    price_year, index = effective_price_year(catalogue), catalogue.costs.price_index
    rows: list[tuple[int, int | None]] = []
    for (year,) in connection.execute("SELECT DISTINCT year(booked_on) FROM cost_line ORDER BY 1").fetchall():
        rows.append((year, FACTOR_SCALE if price_year is None or index is None else price_factor(index, price_year, year)))
    _register(
        connection,
        "price_factor",
        pa.table({"booked_year": pa.array([y for y, _ in rows], pa.int64()), "factor": pa.array([f for _, f in rows], pa.int64())}),
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
