"""Tables as files: every format by an independent reader, definitions and notes within, formulas harmless, nothing cut off in silence."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import exports
from dashboard.app import create_app
from dashboard.exports import FORMATS, Asked
from dashboard.snapshots import Snapshot, open_snapshot
from dashboard.tables import FILTERS, Table, find_table
from pipelines.tables import TABLES
from tests.factories_published import publish_example
from tests.page_client import PageClient

VERSION = "v20260331T120000-abc123"
HOSTILE = "=+-@\t\r\n a\u00a01\uff1d'\""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_example(tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="module")
def client(published: Path) -> PageClient:
    return PageClient(create_app(published))


@pytest.fixture(scope="module")
def snapshot(published: Path) -> Snapshot:
    return open_snapshot(published, VERSION)


def file(client: PageClient, name: str, **filters: str) -> bytes:
    answer = client.get(f"/api/v1/tables/{name}", params=filters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{name.partition(".")[0]}-{VERSION}.')
    return answer.content


def asked(client: PageClient, table: str, **filters: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get(f"/api/v1/tables/{table}", params={"limit": "1000", **filters}).json()["rows"]
    return rows


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_every_table_in_every_format(client: PageClient, table: str) -> None:
    n = client.get(f"/api/v1/tables/{table}").json()["total"]
    assert len(pq.read_table(io.BytesIO(file(client, f"{table}.parquet")))) == n
    assert len(pa.ipc.open_stream(file(client, f"{table}.arrow")).read_all()) == n
    book = openpyxl.load_workbook(io.BytesIO(file(client, f"{table}.xlsx")), read_only=True)
    assert len(list(book["data"].iter_rows())) == n + 1
    cube = client.get(f"/api/v1/tables/{table}.json-stat")
    assert cube.status_code in (200, 400), cube.text


def test_a_view_is_a_file_too(client: PageClient) -> None:
    views = [table["name"] for table in client.get("/api/v1/tables").json()["tables"] if table["name"].startswith("v_")]
    assert views
    for view in views:
        assert client.get(f"/api/v1/tables/{view}.xlsx").status_code == 200


def test_every_key_that_is_no_figure_can_be_filtered_by() -> None:
    keys = {name for table in TABLES for name in table.key}
    assert keys <= set(FILTERS), "a table could not be read piece by piece"


def test_csv_carries_its_notes_where_readers_skip_them(client: PageClient, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(file(client, "effect_by_unit.csv", unit_id="job-lille"))
    head = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    assert any("rest on 1 to 4 persons" in line for line in head)
    assert any(line.startswith("# cohort_size (") for line in head)
    with duckdb.connect() as reader:
        rows = reader.execute(f"SELECT unit_id, cohort_size, state FROM read_csv('{path}', comment = '#')").fetchall()
    assert rows == [("job-lille", None, "suppressed")] * 3


def test_excel_has_rows_definitions_and_notes(client: PageClient) -> None:
    book = openpyxl.load_workbook(io.BytesIO(file(client, "effect_by_unit.xlsx", unit_id="job-nord", cohort="2025-H1")))
    assert book.sheetnames == ["data", "definitions", "notes"]
    names, values = ([cell.value for cell in row] for row in book["data"].iter_rows())
    row = dict(zip(names, values, strict=True))
    (wanted,) = asked(client, "effect_by_unit", unit_id="job-nord", cohort="2025-H1")
    assert (row["achieved"], row["share"]) == (wanted["achieved"], pytest.approx(wanted["share"]))
    assert row["cohort_start"].date().isoformat() == wanted["cohort_start"]
    assert {cell.value for cell in book["definitions"]["A"]} >= set(wanted)
    assert any("rest on 1 to 4 persons" in str(cell.value) for cell in book["notes"]["B"])


def test_parquet_and_arrow_say_at_each_column_what_it_means(client: PageClient) -> None:
    for found in (
        pq.read_table(io.BytesIO(file(client, "effect_by_unit.parquet"))).schema,
        pa.ipc.open_stream(file(client, "effect_by_unit.arrow")).schema,
    ):
        assert found.field("cohort_size").metadata[b"comment"]
        assert b"rest on 1 to 4 persons" in found.metadata[b"hidden"]
        assert json.loads(found.metadata[b"columns"])["achieved"]


def test_json_stat_by_an_independent_reader(client: PageClient) -> None:
    from pyjstat import pyjstat

    text = file(client, "effect_by_unit.json-stat", indicator_id="job_held", cohort="2025-H1").decode()
    cube = json.loads(text)
    assert (cube["version"], cube["class"]) == ("2.0", "dataset")
    assert cube["role"]["metric"] == ["figure"]
    frame = pyjstat.Dataset.read(text).write("dataframe", naming="id")
    for row in asked(client, "effect_by_unit", indicator_id="job_held", cohort="2025-H1"):
        cells = frame[(frame["unit_id"] == row["unit_id"])].set_index("figure")["value"]
        for measure in ("cohort_size", "achieved", "share"):
            value = cells[measure]
            assert (None if value != value else value) == (None if row[measure] is None else pytest.approx(row[measure]))
    assert "suppressed" in set(cube["status"].values())
    assert any("rest on 1 to 4 persons" in note for note in cube["note"])


def test_a_table_without_figures_is_no_cube(client: PageClient) -> None:
    answer = client.get("/api/v1/tables/dim_core_task.json-stat")
    assert (answer.status_code, "csv" in answer.json()["error"]) == (400, True)


def test_a_huge_export_is_refused_with_what_to_do(client: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    small = {ending: exports.Format(one.media_type, 10, one.write) for ending, one in FORMATS.items()}
    monkeypatch.setattr("dashboard.api.FORMATS", small)
    answer = client.get("/api/v1/tables/effect_by_unit.xlsx")
    assert answer.status_code == 413
    assert answer.json()["error"].startswith("36 rows are too many for xlsx, which takes 10")
    assert client.get("/api/v1/tables/effect_by_unit.xlsx?unit_id=job-nord").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("effect_by_unit.exe", 404),
        ("nope.xlsx", 404),
        ("effect_by_unit.xlsx?achieved=1", 400),
        ("effect_by_unit.xlsx?unit_id=a&unit_id=b", 400),
        ("effect_by_unit.csv?dialect=tab", 400),
        ("effect_by_unit.csv?limit=5", 400),
        ("effect_by_unit.xlsx?unit_id=x' OR '1'='1", 200),
        ("..%2F..%2Fetc%2Fpasswd.csv", 404),
    ],
)
def test_a_wrong_request_gets_one_clear_error(client: PageClient, path: str, status: int) -> None:
    answer = client.get(f"/api/v1/tables/{path}")
    assert answer.status_code == status
    if status != 200:
        assert set(answer.json()) == {"ok", "status", "error"}


def test_files_carry_the_snapshots_etag(client: PageClient) -> None:
    first = client.get("/api/v1/tables/dim_unit.parquet")
    again = client.get("/api/v1/tables/dim_unit.parquet", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.security("S15")
def test_as_many_files_as_the_server_makes_at_once(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.api.MOST_EXPORTS", 0)
    monkeypatch.setattr("dashboard.api.EXPORT_WAIT_SECONDS", 0.01)
    assert PageClient(create_app(published)).get("/api/v1/tables/dim_unit.csv").status_code == 429


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(st.text(alphabet=st.sampled_from(HOSTILE), max_size=12), min_size=25, max_size=25), number=st.integers(-(2**50), 2**50)
)
@pytest.mark.security("S13")
def test_no_cell_of_a_file_is_a_formula_and_numbers_are_unharmed(snapshot: Snapshot, texts: list[str], number: int) -> None:
    table = Table("t", {"text": "VARCHAR", "amount_ore": "BIGINT"}, {"text": "=1+1", "amount_ore": None})
    content = pa.table({"text": pa.array(texts, pa.string()), "amount_ore": pa.array([number] * len(texts), pa.int64())})
    sheet = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].write(snapshot, table, content, Asked())))["data"]
    for row in list(sheet.iter_rows())[1:]:
        assert row[0].data_type in ("s", "n"), "never f: a formula"
        assert not str(row[0].value or "").lstrip("\u00a0 \r\n\t").startswith(("=", "+", "-", "@", "\uff1d"))
        assert row[1].value == number
    for dialect, parted in (("comma", ","), ("semicolon", ";")):
        body = FORMATS["csv"].write(snapshot, table, content, Asked(dialect)).decode("utf-8-sig")
        rows = list(
            csv.reader(io.StringIO("".join(line for line in io.StringIO(body, newline="") if not line.startswith("#"))), delimiter=parted)
        )
        cells = [cell for row in rows[1:] for cell in row[:1]]
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@", "\uff1d")) for cell in cells)


@pytest.mark.security("S14")
def test_the_api_keeps_what_its_document_says_under_schemathesis(published: Path) -> None:
    """In a process of its own: its plug-in for this test runner is not wanted here."""
    script = Path(__file__).parents[1] / "fuzz_api.py"
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz_api", str(published), "--examples", "15"],
        cwd=script.parents[1],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert "requests" in done.stdout


def test_a_suppressed_value_is_in_no_answer(client: PageClient, snapshot: Snapshot) -> None:
    table = find_table(snapshot, "effect_by_unit")
    for ending in FORMATS:
        content = client.get(f"/api/v1/tables/effect_by_unit.{ending}?unit_id=job-lille").content
        assert content
    for row in asked(client, "effect_by_unit", unit_id="job-lille"):
        assert [row[name] for name, kind in table.columns.items() if kind in ("BIGINT", "DOUBLE") and row[name] is not None] == []
