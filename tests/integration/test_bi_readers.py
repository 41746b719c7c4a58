"""How BI tools read a publication, each with its own program: DuckDB in another process, Parquet, CSV."""

import io
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pytest

from dashboard.app import create_app
from pipelines.parquet_files import write_parquet_files
from pipelines.views import add_views
from tests.factories_published import publish_example
from tests.page_client import PageClient

QUESTION = "SELECT unit_id, share FROM mart.effect_by_unit WHERE state = 'final' ORDER BY ALL"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    published = publish_example(tmp_path_factory.mktemp("published"))
    version = next(published.glob("*/mart.duckdb")).parent
    add_views(version / "mart.duckdb")
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{version / 'mart.duckdb'}' AS mart (READ_ONLY)")
        write_parquet_files(connection, version)
    return version


@pytest.fixture(scope="module")
def answer(folder: Path) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{folder / 'mart.duckdb'}' AS mart (READ_ONLY)")
        return connection.execute(QUESTION).fetchall()


def test_two_processes_read_the_duckdb_file_at_once(folder: Path) -> None:
    code = (
        f"import duckdb; c = duckdb.connect({str(folder / 'mart.duckdb')!r}, read_only=True); print(len(c.sql('FROM v_trend').fetchall()))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert {int(one.communicate(timeout=60)[0]) for one in running} == {_trend(folder)}


def _trend(folder: Path) -> int:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{folder / 'mart.duckdb'}' AS mart (READ_ONLY)")
        row = connection.execute("SELECT count(*) FROM mart.v_trend").fetchone()
        assert row is not None
        return int(row[0])


def test_pandas_polars_and_a_pyarrow_data_set_read_the_parquet_folder(folder: Path, answer: list[tuple[object, ...]]) -> None:
    file = folder / "effect_by_unit.parquet"
    frame = pd.read_parquet(file).query("state == 'final'")
    assert sorted(zip(frame["unit_id"], frame["share"], strict=True)) == sorted(answer)
    by_polars = pl.read_parquet(file).filter(pl.col("state") == "final").select("unit_id", "share")
    assert sorted(by_polars.rows()) == sorted(answer)
    rows = ds.dataset(file, format="parquet")
    table = rows.to_table(columns=["unit_id", "share"], filter=ds.field("state") == "final")
    assert sorted((row["unit_id"], row["share"]) for row in table.to_pylist()) == sorted(answer)
    assert rows.schema.field("share").metadata[b"unit"] == b"share, 0 to 1"


def test_csv_over_the_api_has_the_rows_of_a_view(folder: Path) -> None:
    text = PageClient(create_app(folder.parent)).get("/api/v1/tables/v_trend.csv?notes=no").text
    assert len(pd.read_csv(io.StringIO(text.removeprefix("\ufeff")))) == _trend(folder)
