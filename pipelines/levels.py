"""Core tasks on several levels: the figures of one that others make more concrete, counted from persons and not from the figures below."""

from collections.abc import Callable

import duckdb
import pyarrow as pa

from outcomes.estimators import share, wilson


def make_levels(connection: duckdb.DuckDBPyConnection, run: Callable[..., None]) -> None:
    """Fill `effect_by_core_task`. Needs `level_indicator`, `record`, `judged`, `placement_unit` and `cohort_grid`."""
    run("mart_level_cell")
    cells = connection.execute("SELECT level_no, achieved, persons FROM level_cell ORDER BY level_no").fetchnumpy()
    low, high = wilson(cells["achieved"], cells["persons"])
    columns = {"level_no": cells["level_no"], "share": share(cells["achieved"], cells["persons"]), "share_low": low, "share_high": high}
    connection.register("incoming", pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()}))
    connection.execute("CREATE TABLE level_share AS FROM incoming")
    connection.unregister("incoming")
    run("mart_effect_by_core_task")
