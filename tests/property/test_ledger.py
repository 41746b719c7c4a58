"""Whatever the ledger, the rules, the keys and the steps: the classes are the ledger, and what is passed on is received, to the oere."""

import datetime as dt
import json
from collections import Counter
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import money
from pipelines.checks import invariants
from pipelines.organisation import Organisation, UnitVersion, load_placements
from pipelines.sql_texts import sql
from pipelines.tables import BY_NAME
from tests.factories_mart import Mart, catalogue

D = dt.date
UNITS, TASKS, ACCOUNTS = ("a", "b", "c", "d"), ("work", "play"), ("1", "12", "13", "2", "3", "9")
CLASSES = ("direct", "internal", "intermunicipal", "refund", "transfer", "transfer_refund", "capital")
PLAY = {"id": "play", "name": "Play", "purpose": "Joins in", "target_group": "All", "indicators": []}
TABLES = ("cost_by_unit", "cost_allocation", "ledger_reconciliation", "ledger_by_class")

entries = st.lists(
    st.fixed_dictionaries(
        {
            "on": st.dates(D(2023, 1, 1), D(2025, 12, 31)),
            "unit": st.sampled_from(UNITS),
            "account": st.sampled_from(ACCOUNTS),
            "amount_ore": st.integers(-(10**13), 10**13),
            "kind": st.sampled_from(["actual", "budget"]),
            "currency": st.sampled_from(["DKK", "DKK", "DKK", "NOK"]),
        },
        optional={"concerns": st.sampled_from(["2022", "2024", "2024-02", "2025-03-31"]), "species": st.sampled_from(["4.7", "9.1"])},
    ),
    max_size=25,
)
rules = st.lists(
    st.fixed_dictionaries(
        {"account": st.sampled_from(ACCOUNTS)},
        optional={
            "to": st.sampled_from([*TASKS, "(unallocated)"]), "class": st.sampled_from(CLASSES), "set_unit": st.sampled_from(UNITS),
            "species": st.sampled_from(["4.7", "9.1"]), "unit": st.sampled_from(UNITS), "kind": st.sampled_from(["actual", "budget"]),
            "concerns": st.just("year_before"),
        },
    ).map(lambda rule: {"to": "work"} | rule),
    max_size=6,
)  # fmt: skip
shares = st.lists(
    st.fixed_dictionaries(
        {
            "unit": st.sampled_from(UNITS),
            "core_task": st.sampled_from([*TASKS, "(unallocated)"]),
            "amount": st.decimals(0, 50, places=2),
        },
        optional={"valid_from": st.just("2024-02-15")},
    ),
    min_size=1,
    max_size=4,
)
keys = st.one_of(
    shares.map(lambda given: {"by": "headcount", "shares": given}),
    st.fixed_dictionaries({"by": st.just("direct_cost")}, optional={"units": st.sampled_from(UNITS), "core_tasks": st.sampled_from(TASKS)}),
)
steps = st.lists(st.tuples(keys, st.lists(st.sampled_from(UNITS), max_size=2), st.sampled_from(["(unallocated)", "work"])), max_size=3)


def built(given: list[dict[str, Any]], costs: dict[str, Any], grid: str) -> Mart:
    """The money of a mart alone, by the mart's own statements."""
    parts = catalogue(municipality={"period": grid, "price_year": 2024}, core_tasks=[PLAY], costs=costs)
    mart = Mart.__new__(Mart)
    mart.connection = connection = duckdb.connect()
    connection.execute("ATTACH ':memory:' AS mart")
    for name in TABLES:
        connection.execute(BY_NAME[name].ddl)
    connection.execute(sql("mart_macros"))
    connection.execute(
        "CREATE TABLE src_event"
        " (type VARCHAR, unit VARCHAR, subject VARCHAR, code VARCHAR, fields VARCHAR, amount_ore BIGINT, occurred_on DATE)"
    )
    for entry in given:
        fields = {name: entry[name] for name in ("kind", "currency", "species", "concerns") if name in entry}
        row = [None, entry["unit"], entry["account"], json.dumps(fields), entry["amount_ore"], entry["on"]]
        connection.execute("INSERT INTO src_event VALUES ('finance.ledger_posted', ?, ?, ?, ?, ?, ?)", row)
    money.map_ledger(connection, parts.costs)
    load_placements(connection, Organisation([UnitVersion(unit, unit, parent_id="a" if unit != "a" else None) for unit in UNITS]), UNITS)
    money.make_costs(connection, parts, grid, grid, D(2025, 6, 30))
    values = {"cost_grid": grid, "price_year": 2024, "currency": "DKK"}
    for name in TABLES:
        text = sql(f"mart_{name}")
        connection.execute(text, {key: value for key, value in values.items() if f"${key}" in text} or None)
    connection.execute("USE mart")
    return mart


@settings(max_examples=40, deadline=None)
@given(entries, rules, steps, st.sampled_from(["month", "quarter", "year", "all"]))
def test_classes_are_the_ledger_at_every_level(
    given: list[dict[str, Any]], given_rules: list[dict[str, Any]], given_steps: list[Any], grid: str
) -> None:
    costs = {
        "rules": given_rules,
        "keys": [{"id": f"k{n}", "name": "k", "source": "example"} | key for n, (key, _, _) in enumerate(given_steps)],
        "steps": [
            {"id": f"s{n}", "key": f"k{n}", "from": {"unit": units, "core_task": task}} for n, (_, units, task) in enumerate(given_steps)
        ],
        "price_index": {"version": "1", "source": "example", "rises": {2023: 0.03, 2024: 0.045, 2025: 0.033}},
    }
    mart = built(given, costs, grid)
    for name, query in invariants().items():
        if name.startswith(tuple(f"{table}:" for table in TABLES)):
            assert not any(next(iter(row.values())) for row in mart.rows(query)), name
    assert summed(given, "kind", "currency") == read(mart, "kind, currency", "ledger_ore", "ledger_reconciliation")
    assert summed(given, "unit", "kind", "currency") == read(mart, "unit_id, kind, currency", "ledger_ore", "ledger_by_class")
    assert read(mart, "kind, currency", "nominal_ore", "cost_by_unit") == summed(given, "kind", "currency")
    gaps = "FROM cost_by_unit WHERE nominal_ore <> direct_ore + allocated_ore OR direct_ore <> expenditure_ore + income_ore"
    assert mart.rows(gaps) == []
    # Each row of allocation is money that left its sender and came to its receiver, and no more came or went than these say.
    assert read(mart, "unit_id, kind, currency", "allocated_ore", "cost_by_unit") == moved(mart)


def summed(given: list[dict[str, Any]], *names: str) -> dict[tuple[str, ...], int]:
    sums: Counter[tuple[str, ...]] = Counter()
    for entry in given:
        sums[tuple(entry[name] for name in names)] += entry["amount_ore"]
    return {key: ore for key, ore in sums.items() if ore}


def read(mart: Mart, names: str, column: str, table: str) -> dict[tuple[str, ...], int]:
    rows = mart.connection.execute(f"SELECT {names}, sum({column})::HUGEINT FROM {table} GROUP BY {names}").fetchall()
    return {tuple(key): ore for *key, ore in rows if ore}


def moved(mart: Mart) -> dict[tuple[str, ...], int]:
    came = read(mart, "to_unit_id, kind, currency", "amount_ore", "cost_allocation WHERE state = 'final'")
    went = read(mart, "from_unit_id, kind, currency", "amount_ore", "cost_allocation WHERE state = 'final'")
    return {key: net for key in came | went if (net := came.get(key, 0) - went.get(key, 0))}
