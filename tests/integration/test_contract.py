"""The data contract of a publication: valid by the standard, true of the files, and in the same words everywhere."""

import datetime as dt
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pyarrow.parquet as pq
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard
from typer.testing import CliRunner

from config.cli import app
from pipelines.contract import CONTRACT_FILE, contract_of, contract_text
from pipelines.gate import Verdict
from pipelines.publish import publish
from pipelines.tables import BY_NAME, TABLES
from pipelines.tables.views import VIEWS
from tests.factories_mart import StoreFile, catalogue

D = dt.date


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication of twenty records."""
    folder = tmp_path_factory.mktemp("contract")
    (folder / "store").mkdir()
    store = StoreFile(folder / "store" / "store.duckdb")
    for number in range(20):
        store.effect("achieved" if number < 8 else "not_achieved", D(2024, 1, 5), 10 if number < 8 else 365)
    store.save()
    return publish(
        folder / "store", catalogue(), folder / "out", D(2025, 6, 1), gate=lambda mart, k: Verdict(True, 1, ()), keep_days=400
    ).folder


@pytest.fixture(scope="module")
def mart(version: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{version / 'mart.duckdb'}' AS bi (READ_ONLY)")
        yield connection


def standard() -> dict[str, Any]:
    text = (files("open_data_contract_standard") / "schema.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def test_the_contract_is_valid_by_the_standard(version: Path) -> None:
    told = yaml.safe_load((version / CONTRACT_FILE).read_text(encoding="utf-8"))
    schema = standard()
    faults = list(jsonschema.validators.validator_for(schema)(schema).iter_errors(told))
    assert faults == []
    assert OpenDataContractStandard.model_validate(told).id == "kerneeffekt-mart"
    facts = {item["property"]: item["value"] for item in told["customProperties"]}
    assert (facts["snapshotId"], facts["asOf"]) == (version.name, "2025-06-01")
    assert [(one["property"], one["value"], one["unit"]) for one in told["slaProperties"]] == [("retention", 400, "d")]


def test_a_contract_with_a_wrong_word_is_found_out() -> None:
    schema, told = standard(), contract_of()
    told["schema"][0]["properties"][0]["logicalType"] = "words"
    assert list(jsonschema.validators.validator_for(schema)(schema).iter_errors(told))


def test_the_contract_is_true_of_the_duckdb_file(version: Path, mart: duckdb.DuckDBPyConnection) -> None:
    told = yaml.safe_load((version / CONTRACT_FILE).read_text(encoding="utf-8"))
    promised = {
        (item["name"], column["name"], column["physicalType"], column["description"])
        for item in told["schema"]
        for column in item["properties"]
    }
    held = mart.execute("SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE database_name = 'bi'").fetchall()
    assert promised == set(held)
    about = dict(mart.execute("SELECT table_name, comment FROM duckdb_tables() WHERE database_name = 'bi'").fetchall())
    about |= dict(mart.execute("SELECT view_name, comment FROM duckdb_views() WHERE database_name = 'bi'").fetchall())
    assert {name: text.split(". ", 1)[-1] for name, text in about.items() if name in BY_NAME} == {t.name: t.about for t in TABLES}
    assert all(view.question in about[view.name] for view in VIEWS)


@pytest.mark.parametrize("table", [table.name for table in TABLES])
@pytest.mark.security("S7")
def test_parquet_says_meaning_unit_and_privacy_at_each_column(version: Path, table: str) -> None:
    schema = pq.read_schema(version / f"{table}.parquet")
    for column in BY_NAME[table].columns:
        said = {name.decode(): value.decode() for name, value in (schema.field(column.name).metadata or {}).items()}
        assert (said["comment"], said["privacy"]) == (column.comment, column.privacy)
        assert said.get("unit") == (column.unit.name if column.unit else None)


def test_the_command_writes_the_contract_with_and_without_a_publication(version: Path, tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["contract", "--out", str(tmp_path / "product.yaml")]).exit_code == 0
    assert (tmp_path / "product.yaml").read_text(encoding="utf-8") == contract_text()
    asked = ["contract", "--out", str(tmp_path / "own.yaml"), "--published", str(version.parent)]
    assert CliRunner().invoke(app, asked).exit_code == 0
    assert (tmp_path / "own.yaml").read_bytes() == (version / CONTRACT_FILE).read_bytes()
