"""Expected against observed: what each cell's case mix lets expect, and what the difference says, unit by unit."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import duckdb
import pyarrow as pa

from models.catalogue import Catalogue
from pipelines.case_mix import Standardisation, count_profiles, rate_profiles
from pipelines.comparing import LIMITS, Cohorts, Units
from pipelines.reference_tables import fill_references
from pipelines.sql_texts import sql

MOST_THREADS = 2
"""Comparisons that are worked out side by side; each draws a thousand ranks of all units of a cohort at a time."""

NUMBERS = (
    *("observed", "compared", "expected", "observed_over_expected", "oe_low", "oe_high", "value", "target"),
    *LIMITS, *(f"wide_{name}" for name in LIMITS), *("z", "shrunk", "shrunk_low", "shrunk_high"),
)  # fmt: skip
WORDS = (
    *("oe_method", "scale", "limits_method", "wide_method", "z_method", "shrunk_method", "verdict_unadjusted_code", "verdict_code"),
    *("verdict", "verdict_da", "expected_method", "reference_id", "expected_state", "expected_reason"),
)
COUNTS = ("cell_id", "reference_version", "oe_rank", "oe_rank_low", "oe_rank_high")


def make_expectations(connection: duckdb.DuckDBPyConnection, wanted: Sequence[Standardisation]) -> None:
    """Make `expectation`: observed and expected in every cell. Needs `record`, `indicator`, `spread` and `place`."""
    count_profiles(connection, wanted)
    rate_profiles(connection, wanted)
    connection.execute(sql("mart_profile_cell"))
    connection.execute(sql("mart_expectation"))


def make_expected(
    connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, wanted: Sequence[Standardisation], cohorts: Cohorts, k: int
) -> None:
    """Make `expected_of` (cell_id -> everything of the standardisation) and `funnel_group` (one row per standardisation and cohort).

    Needs `expectation`, `judged` and `placement`; `cohorts` says which days each cohort spans.
    """
    parts = [Units(one, connection, k, cohorts) for one in wanted]
    with ThreadPoolExecutor(MOST_THREADS) as pool:  # simulated ranks are numpy's own work, so two comparisons do use two processors
        groups = [group for found in pool.map(Units.compare, parts) for group in found]
    types = {name: pa.int64() for name in COUNTS} | {name: pa.float64() for name in NUMBERS} | {name: pa.string() for name in WORDS}
    columns = {name: pa.chunked_array([part.column(name, kind) for part in parts], kind) for name, kind in types.items()}
    connection.register("incoming", pa.table(columns))
    connection.execute("CREATE TABLE expected_of AS FROM incoming")
    connection.unregister("incoming")
    _load_groups(connection, groups)
    fill_references(connection, catalogue, k)


GROUP_TYPES = {
    "position": pa.int32(), "grid": pa.string(), "cohort_start": pa.date32(), "n_units": pa.int64(), "phi": pa.float64(),
    "tau2": pa.float64(), "n_dispersion": pa.int64(), "overdispersion_method": pa.string(), "prior_a": pa.float64(),
    "prior_b": pa.float64(), "prior_mean": pa.float64(), "prior_how": pa.string(), "outside_95": pa.int64(), "outside_998": pa.int64(),
    "outside_wide_95": pa.int64(), "outside_wide_998": pa.int64(),
}  # fmt: skip


def _load_groups(connection: duckdb.DuckDBPyConnection, groups: list[dict[str, Any]]) -> None:
    def plain(value: Any) -> Any:
        return None if isinstance(value, float) and value != value else value

    columns = {name: pa.array([plain(group[name]) for group in groups], kind) for name, kind in GROUP_TYPES.items()}
    connection.register("incoming", pa.table(columns))
    connection.execute("CREATE TABLE funnel_group AS FROM incoming")
    connection.unregister("incoming")
