"""The table `core_task_link`: what an effect in one core task goes with in another. Always a description."""

from typing import Any

import duckdb
import numpy as np

from models.catalogue import Catalogue, CoreTask, Link
from outcomes.differences import Difference, difference_in_shares, ratio_of_shares
from pipelines import dimensions
from pipelines.disclosure import OFF, is_small
from pipelines.sql_texts import sql

Row = dict[str, Any]


def make_links(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, k: int) -> None:
    """Fill `core_task_link`. Needs `record`, `indicator`, `lead_indicator`, `cohort_grid` and the table itself."""
    declared = [(task, link) for task in catalogue.core_tasks for link in task.links]
    columns = {"link_no": "INTEGER", "from_core_task_id": "VARCHAR", "to_core_task_id": "VARCHAR"}
    rows = [{"link_no": n, "from_core_task_id": task.id, "to_core_task_id": link.to} for n, (task, link) in enumerate(declared)]
    dimensions.create_from(connection, "link", columns, rows)
    found = connection.execute(sql("mart_link_pair")).fetchall()
    pairs = [_names(*declared[number]) | _figures(*rest, k=k) for number, *rest in found]
    paired = {number for number, *_ in found}
    alone = [
        _names(task, link) | {"cohort": "all", "state": "missing", "reason": "nobody has a known answer in both core tasks"}
        for number, (task, link) in enumerate(declared)
        if number not in paired
    ]
    every = sorted([*pairs, *alone], key=lambda row: (row["from_core_task_id"], row["to_core_task_id"], row["cohort"]))
    dimensions.fill(connection, "core_task_link", every)


def _names(task: CoreTask, link: Link) -> Row:
    return {
        "from_core_task_id": task.id, "to_core_task_id": link.to, "how": link.how.da, "how_en": link.how.en,
        "evidence_level": "descriptive", "method": "newcombe",
    }  # fmt: skip


def _figures(
    cohort: str, start: Any, end: Any, with_effect: int, with_achieved: int, without: int, without_achieved: int, *, k: int
) -> Row:
    """One link and cohort; empty where a group, its effects or its failures are fewer than k, or the same for a whole group."""
    row: Row = {"cohort": cohort, "cohort_start": start, "cohort_end": end}
    groups = (with_achieved, with_effect), (without_achieved, without)
    if any(is_small(n, k) for achieved, of in groups for n in (of, achieved, of - achieved)) or any(
        k > OFF and of > 0 and achieved == of for achieved, of in groups
    ):
        return row | {
            "state": "suppressed",
            "reason": f"fewer than {k} persons behind a group or an outcome of it, or the same for everybody",
        }
    difference = difference_in_shares("newcombe", *groups)
    row |= {
        "with_effect": with_effect, "with_share": with_achieved / with_effect if with_effect else None, "without_effect": without,
        "without_share": without_achieved / without if without else None,
        **_limits("difference", difference), **_limits("ratio", ratio_of_shares(*groups)),
    }  # fmt: skip
    if difference is None:
        return row | {"state": "missing", "reason": "one of the groups is empty, so there is nothing to compare"}
    return row | {"state": "final"}


def _limits(name: str, found: Difference | None) -> Row:
    values = (found.estimate, found.low, found.high) if found else (np.nan, np.nan, np.nan)
    return {column: None if np.isnan(value) else value for column, value in zip((name, f"{name}_low", f"{name}_high"), values, strict=True)}
