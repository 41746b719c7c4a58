"""The read API over a published folder: filters, paging, ETag, CSV, refusals, and the folder that is missing, empty, renewed or broken."""

import csv
import io
import json
import os
import time
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.api import NOTICE
from dashboard.app import create_app
from dashboard.csv_export import neutralise, write_csv
from dashboard.errors import NoPublicationError, PublishedFolderError
from dashboard.server import serve
from dashboard.snapshots import Publications, Snapshot, open_snapshot
from pipelines.tables import BY_NAME as TABLE
from pipelines.tables import TABLES
from tests.factories_published import publish_example
from tests.page_client import PageClient

VERSION = "v20260331T120000-abc123"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_example(tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="module")
def client(published: Path) -> PageClient:
    return PageClient(create_app(published))


@pytest.fixture(scope="module")
def snapshot(published: Path) -> Snapshot:
    return open_snapshot(published, VERSION)


def test_every_mart_table_is_listed_with_what_its_columns_mean(client: PageClient) -> None:
    listed = {table["name"]: table for table in client.get("/api/v1/tables").json()["tables"]}
    assert {name for name in listed if not name.startswith("v_")} == {table.name for table in TABLES}
    for table in TABLES:
        meanings = {column["name"]: column["meaning"] for column in listed[table.name]["columns"]}
        assert meanings == {column.name: column.comment for column in table.columns}


def test_every_view_answers_too_though_it_has_no_order_of_its_own(client: PageClient) -> None:
    views = [table["name"] for table in client.get("/api/v1/tables").json()["tables"] if table["name"].startswith("v_")]
    assert len(views) == 10
    for view in views:
        assert client.get(f"/api/v1/tables/{view}").status_code == 200
        assert client.get(f"/api/v1/tables/{view}.csv?notes=no").status_code == 200


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_every_table_answers_as_json_and_csv(client: PageClient, table: str) -> None:
    body = client.get(f"/api/v1/tables/{table}?limit=1000").json()
    rows = list(csv.reader(io.StringIO(client.get(f"/api/v1/tables/{table}.csv?notes=no").text)))
    assert body["ok"] is True
    assert (body["snapshot_id"], body["as_of"], body["invented"]) == (VERSION, "2026-03-31", True)
    assert len(rows) == 1 + body["total"] == 1 + len(body["rows"])


@pytest.mark.security("S14")
def test_filters_are_bound_and_exact(client: PageClient) -> None:
    body = client.get("/api/v1/tables/effect_by_unit?unit_id=job-nord&cohort=2025-H1").json()
    assert [(row["unit_id"], row["cohort"], row["achieved"]) for row in body["rows"]] == [("job-nord", "2025-H1", 156)]
    assert client.get("/api/v1/tables/effect_by_unit?cohort_start=2025-07-01&unit_id=job-nord").json()["total"] == 1
    assert client.get("/api/v1/tables/effect_by_unit?unit_id=job-nord' OR '1'='1").json()["total"] == 0


def test_pages_follow_one_another_without_gap(client: PageClient) -> None:
    address, seen = "/api/v1/tables/effect_by_unit?limit=7", []
    while address:
        body = client.get(address).json()
        seen += [(row["unit_id"], row["cohort"]) for row in body["rows"]]
        address = body["next"]
    assert len(seen) == len(set(seen)) == body["total"] == 36


def test_etag_is_the_snapshot(client: PageClient) -> None:
    first = client.get("/api/v1/tables/effect_by_unit")
    assert first.headers["ETag"] == f'"{VERSION}"'
    again = client.get("/api/v1/tables/effect_by_unit", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/api/v1/tables/effect_by_unit", headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("achieved=5", "unknown parameter"),  # no figure is a filter: one could be taken apart by it
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=１０", "limit"),
        ("limit=1e3", "limit"),
        ("offset=-1", "offset"),
        ("format=csv", "unknown parameter"),
        ("cohort_start=yesterday", "cohort_start"),
        ("indicator_version=one", "indicator_version"),
        ("indicator_version=nan", "indicator_version"),
        ("unit_id=a&unit_id=b", "unit_id"),
        ("unit_id=a%00b", "unit_id"),
        ("unit_id); DROP TABLE dim_unit;--=x", "unknown parameter"),
    ],
)
def test_a_wrong_request_gets_one_clear_error(client: PageClient, query: str, named: str) -> None:
    answer = client.get(f"/api/v1/tables/effect_by_unit?{query}")
    body = answer.json()
    assert (answer.status_code, body["ok"], body["status"]) == (400, False, 400)
    assert named in body["error"]
    assert "DROP" not in body["error"]


@pytest.mark.parametrize(
    "table", ["nope", "duckdb_tables", "information_schema.tables", "effect_by_unit;--", "../manifest.json", "sqlite_master"]
)
@pytest.mark.security("S14")
def test_only_listed_tables_can_be_asked(client: PageClient, table: str) -> None:
    answer = client.get(f"/api/v1/tables/{table}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith(("application/json", "text/html"))


@pytest.mark.parametrize(("query", "named"), [("dialect=tab", "dialect"), ("notes=some", "notes"), ("limit=5", "unknown parameter")])
def test_a_wrong_request_for_a_file_gets_one_clear_error(client: PageClient, query: str, named: str) -> None:
    answer = client.get(f"/api/v1/tables/effect_by_unit.csv?{query}")
    assert (answer.status_code, answer.json()["ok"]) == (400, False)
    assert named in answer.json()["error"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/api", "/api/v1/tables"),
        ("/api?lang=en", "/api/v1/tables?lang=en"),
        ("/api/effect_by_unit?unit_id=job-nord&limit=5", "/api/v1/tables/effect_by_unit?unit_id=job-nord&limit=5"),
        ("/api/v_trend?format=csv&dialect=semicolon", "/api/v1/tables/v_trend.csv?notes=no&dialect=semicolon"),
        ("/api/..%5c..%0d%0aX:1", "/api/v1/tables/..%5C..%0D%0AX%3A1"),
        ("/api/nope//elsewhere.example", None),
    ],
)
def test_addresses_from_before_there_were_versions_lead_to_those_of_now(client: PageClient, old: str, new: str | None) -> None:
    answer = client.get(old)
    assert (answer.status_code, answer.headers.get("Location")) == ((308, new) if new else (404, None))


def test_csv_for_a_danish_spreadsheet(client: PageClient) -> None:
    answer = client.get("/api/v1/tables/effect_per_krone.csv?notes=no&dialect=semicolon&unit_id=job-nord&cohort=all")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="effect_per_krone-{VERSION}.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    row = dict(zip(*csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"), strict=True))
    assert row["attributed_effects"] == "260,0"
    assert row["extra_effects_per_million"] == "", "nothing is not zero"


def test_csv_neutralises_formulas(client: PageClient) -> None:
    text = client.get("/api/v1/tables/data_quality.csv?notes=no").text
    assert "'=cmd|' /C calc'!A0" in text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\u00a0=1", "＝1"])
def test_what_could_be_a_formula_gets_an_apostrophe(text: str) -> None:
    assert neutralise(text).startswith("'")
    assert neutralise("a\n" + text).startswith("a\n'")
    assert neutralise(text).replace("'", "") == text
    assert neutralise("a" + text.strip()) == "a" + text.strip()


@given(st.text(alphabet=st.sampled_from("=+-@\t\r\n a\u00a01")))
@example("\n-1")
@pytest.mark.security("S13")
def test_no_line_of_a_cell_starts_as_a_formula(text: str) -> None:
    shown = neutralise(text)
    assert shown.replace("'", "") == text
    assert not any(line.lstrip().startswith(("=", "+", "-", "@")) for line in shown.replace("\r", "\n").split("\n"))


@given(st.integers(min_value=-(2**62), max_value=2**62))
@pytest.mark.security("S13")
def test_negative_numbers_are_unharmed(number: int) -> None:
    written = "".join(write_csv(["amount_ore"], [{"amount_ore": number}]))
    assert written == f"amount_ore\r\n{number}\r\n"


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE x (a INTEGER)",
        "DELETE FROM effect_by_unit",
        "COPY effect_by_unit TO '/tmp/x.csv'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "ATTACH '/tmp/other.duckdb' AS other",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "PRAGMA database_list; CREATE TEMP TABLE y AS SELECT * FROM glob('/*')",
    ],
)
@pytest.mark.security("S20")
def test_the_connection_is_locked(snapshot: Snapshot, statement: str) -> None:
    with pytest.raises(duckdb.Error):
        snapshot.ask(statement, [])


def test_a_new_publication_is_noticed_and_the_old_page_stays_whole(tmp_path: Path) -> None:
    published = publish_example(tmp_path, "v1")
    publications = Publications(published)
    client = PageClient(create_app(published))
    before = publications.newest()
    assert client.get("/api/v1/tables").json()["snapshot_id"] == "v1"
    publish_example(published, "v2")
    assert client.get("/api/v1/tables").json()["snapshot_id"] == "v2"
    assert publications.newest().version == "v2"
    assert before.rows("effects_of_all"), "who still reads the old one can go on"
    assert client.get("/readyz").json()["snapshot_id"] == "v2"


def test_a_broken_publication_leaves_the_last_good_one_and_says_so(tmp_path: Path) -> None:
    published = publish_example(tmp_path, "v1")
    client = PageClient(create_app(published))
    assert client.get("/readyz").status_code == 200
    (published / "CURRENT").write_text("v2")
    assert client.get("/api/v1/tables").json()["snapshot_id"] == "v1"
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert "v2" in ready.json()["error"]
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("current", [None, "", "../../etc", "v1'; DROP", "nothing-there"])
def test_without_a_publication_every_page_says_so(tmp_path: Path, current: str | None) -> None:
    if current is not None:
        (tmp_path / "CURRENT").write_text(current)
    client = PageClient(create_app(tmp_path))
    page = client.get("/?lang=en")
    assert page.status_code == 503
    assert "Nothing has been published yet." in page.text
    assert client.get("/api/v1/tables/effect_by_unit").json()["status"] == 503
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_the_first_publication_appears_by_itself(tmp_path: Path) -> None:
    client = PageClient(create_app(tmp_path))
    assert client.get("/").status_code == 503
    publish_example(tmp_path)
    assert client.get("/").status_code == 200


def test_a_missing_folder_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(PublishedFolderError, match=r"does not exist; expected the folder that `kerneeffekt publish --to` writes") as caught:
        serve(tmp_path / "nope")
    assert caught.value.exit_code == 2
    (tmp_path / "file").write_text("")
    with pytest.raises(PublishedFolderError, match="is not a folder"):
        serve(tmp_path / "file")


def test_a_version_without_manifest_is_refused(tmp_path: Path) -> None:
    published = publish_example(tmp_path, "v1")
    (published / "v1" / "manifest.json").write_text("{")
    with pytest.raises(NoPublicationError):
        Publications(published).newest()


def rows_as_described(document: dict[str, Any], body: dict[str, Any]) -> list[str]:
    """What of an answer is not as the document says."""
    reference = document["components"]["schemas"][f"Page_{body['table']}"]
    whole = {**reference, "components": document["components"]}
    return [fault.message for fault in jsonschema.Draft202012Validator(whole).iter_errors(body)]


def test_every_answer_is_what_the_document_says_of_its_table(client: PageClient) -> None:
    document = client.get("/api/openapi.json").json()
    names = [table["name"] for table in client.get("/api/v1/tables").json()["tables"]]
    assert {f"Row_{name}" for name in names} == {name for name in document["components"]["schemas"] if name.startswith("Row_")}
    for name in names:
        body = client.get(f"/api/v1/tables/{name}?limit=1000").json()
        assert rows_as_described(document, body) == [], name


@pytest.mark.parametrize("spoil", [{"share": "a third"}, {"state": "excellent"}, {"subject_key": "p:k1.00"}, {"cohort_size": 1.5}])
def test_the_document_is_strict_enough_to_notice_another_answer(client: PageClient, spoil: dict[str, Any]) -> None:
    document = client.get("/api/openapi.json").json()
    body = client.get("/api/v1/tables/effect_by_unit?limit=1").json()
    body["rows"][0] |= spoil
    assert rows_as_described(document, body)


def test_a_column_has_in_the_document_what_the_contract_says_of_it(client: PageClient) -> None:
    row = client.get("/api/openapi.json").json()["components"]["schemas"]["Row_effect_by_unit"]["properties"]
    share = TABLE["effect_by_unit"].column("share")
    assert row["share"] == {
        "type": ["number", "null"], "description": share.comment, "x-unit": share.unit.name, "x-privacy": share.privacy,
    }  # fmt: skip
    assert row["cohort_start"]["format"] == "date"


def test_a_stale_publication_says_so_in_every_answer_and_file(tmp_path: Path) -> None:
    published = publish_example(tmp_path)
    app = create_app(published)
    client, address = PageClient(app), "/api/v1/tables/effect_by_unit"
    fresh = client.get(address)
    assert (fresh.json()["notice"], fresh.headers.get(NOTICE)) == (None, None)
    app.state.publications.stale_after_s = 60
    os.utime(published / "CURRENT", (time.time() - 90, time.time() - 90))
    stale = client.get(address, headers={"If-None-Match": fresh.headers["ETag"]})
    assert stale.status_code == 200, "who has the answer from before has not seen the notice"
    assert stale.json()["notice"] == stale.headers[NOTICE]
    assert "older than 60 s" in stale.json()["notice"]
    assert client.get("/api/v1/tables").json()["notice"]
    again = client.get(address, headers={"If-None-Match": stale.headers["ETag"]})
    assert (again.status_code, again.headers[NOTICE]) == (304, stale.headers[NOTICE])
    text = client.get(f"{address}.csv")
    assert "# notice: the publication is older than 60 s" in text.text
    assert text.headers[NOTICE]
    assert pq.read_schema(io.BytesIO(client.get(f"{address}.parquet").content)).metadata[b"notice"]


def test_openapi_is_ours_and_names_no_outside_host(client: PageClient) -> None:
    document = client.get("/api/openapi.json")
    assert document.status_code == 200
    assert "/api/v1/tables/{table}" in document.json()["paths"]
    assert "http://" not in json.dumps(document.json())
    assert "https://" not in json.dumps(document.json())
