"""Limits of each unit's rank by effects per krone: cost is a full count, so chance lies in the shares."""

from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any

import duckdb
import numpy as np

from outcomes.ranks import rank_limits, share_draws
from pipelines.dimensions import create_from
from pipelines.expected import MOST_THREADS
from pipelines.sql_texts import sql

TYPES = {"unit_id": "VARCHAR", "core_task_id": "VARCHAR", "cohort": "VARCHAR", "rank_low": "INTEGER", "rank_high": "INTEGER"}


def make_effect_ranks(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `effect_rank_of`: within each core task and cohort, where a unit's rank may lie."""
    found = connection.execute(sql("mart_effect_ranked")).fetchall()
    groups = [list(group) for _, group in groupby(found, key=lambda row: (row[1], row[2]))]
    with ThreadPoolExecutor(MOST_THREADS) as pool:
        create_from(connection, "effect_rank_of", TYPES, [row for rows in pool.map(_ranked, groups) for row in rows])


def _ranked(units: list[Any]) -> list[dict[str, Any]]:
    """Limits of the ranks of one core task's units in one cohort."""
    achieved, denominator, cost = (np.array([row[place] for row in units], dtype=np.float64) for place in (3, 4, 5))
    low, high = rank_limits(share_draws(achieved, denominator) * (denominator / cost)[:, None])
    return [
        {"unit_id": row[0], "core_task_id": row[1], "cohort": row[2], "rank_low": int(best), "rank_high": int(worst)}
        for row, best, worst in zip(units, low, high, strict=True)
    ]
