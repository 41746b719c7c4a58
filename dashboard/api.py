"""The read API: every table of the publication as JSON or as a file. One answer shape, one error shape.

`GET /api/v1/tables` lists the tables. `GET /api/v1/tables/<table>` takes the filters that the list names, `limit`, `offset`;
`/api/v1/tables/<table>.xlsx` (csv, parquet, arrow, json-stat) is the whole selection as a file. The ETag is the snapshot's id: nothing
changes until the next publication.
"""

import datetime as dt
import math
import threading
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi import Path as PathValue
from fastapi.responses import JSONResponse, StreamingResponse

from dashboard.csv_export import DIALECTS, write_csv
from dashboard.errors import NotPublishedError, ReaderError
from dashboard.exports import FORMATS
from dashboard.parameters import address, one_of, read_parameters, whole_number
from dashboard.queries import Row
from dashboard.snapshots import Publications, Snapshot
from dashboard.tables import FILTERS, Table, count_rows, find_table, list_tables, select_columns, select_rows
from pipelines.tables import BY_NAME

PAGE_ROWS, MOST_PAGE_ROWS = 100, 1_000
MOST_CSV_ROWS = 100_000
MOST_OFFSET = 100_000_000
MOST_EXPORTS, EXPORT_WAIT_SECONDS = 2, 10.0
TableName = Annotated[str, PathValue(json_schema_extra={"enum": sorted(BY_NAME)})]
Ending = Annotated[str, PathValue(json_schema_extra={"enum": list(FORMATS)})]
_SCHEMAS: dict[str, dict[str, Any]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST_PAGE_ROWS, "default": PAGE_ROWS},
    "offset": {"type": "integer", "minimum": 0, "maximum": MOST_OFFSET, "default": 0},
    "dialect": {"type": "string", "enum": list(DIALECTS)},
}
CONTROLS = ("limit", "offset", "format", "dialect", "lang")


def _described_parameters(controls: tuple[str, ...]) -> dict[str, Any]:
    """For the OpenAPI document: the controls, and every filter that some table takes."""
    named = [{"name": name, "in": "query", "required": False, "schema": _SCHEMAS[name]} for name in controls]
    filters = [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string"}, "description": "Where the table has this column."}
        for name in FILTERS
    ]
    return {"parameters": named + filters}


class TooManyRowsError(ReaderError):
    """A file of more rows than its kind takes."""

    status = 413


class BusyError(ReaderError):
    """As many files are being made as this server makes at once."""

    status = 429


def make_router(publications: Publications) -> APIRouter:
    """The API's routes over these publications; `/api` and `/api/<table>` are the addresses from before there were versions."""
    router = APIRouter(tags=["tables"])
    exporting = threading.BoundedSemaphore(MOST_EXPORTS)

    @router.get("/api/v1/tables", summary="The tables of the publication", response_class=JSONResponse)
    @router.get("/api", include_in_schema=False)
    def get_tables(request: Request) -> Response:
        """Every table: its rows, its columns with meaning, and what it can be filtered by."""
        read_parameters(request, ("lang",))
        snapshot = publications.newest()
        body = {**_head(snapshot), "tables": [_described(snapshot, table) for table in list_tables(snapshot)]}
        return _unchanged(request, snapshot) or JSONResponse(body, headers=_caching(snapshot))

    @router.get("/api/v1/tables/{table}.{ending}", summary="One table as a file", openapi_extra=_described_parameters(("dialect",)))
    def get_file(request: Request, table: TableName, ending: Ending) -> Response:
        """The whole selection as csv, xlsx, parquet, arrow or json-stat, with definitions and notes in the file."""
        snapshot = publications.newest()
        found, wanted = find_table(snapshot, table), FORMATS.get(ending)
        if wanted is None:
            raise NotPublishedError(f"a file ends in {', '.join(FORMATS)}", "error.not_found")
        given = read_parameters(request, ("dialect", "lang", *found.filters))
        dialect = one_of("dialect", given.pop("dialect", "comma"), DIALECTS)
        given.pop("lang", None)
        total = count_rows(snapshot, found, given)
        if total > wanted.most_rows:
            raise TooManyRowsError(
                f"{total} rows are too many for {ending}, which takes {wanted.most_rows}: narrow it by a filter, or page as JSON",
                "error.too_many_rows",
            )
        unchanged = _unchanged(request, snapshot)
        if unchanged:
            return unchanged
        if not exporting.acquire(timeout=EXPORT_WAIT_SECONDS):
            raise BusyError("other files are being made; try again in a moment", "error.too_many")
        try:
            content = wanted.write(snapshot, found, select_columns(snapshot, found, given, limit=wanted.most_rows), dialect)
        finally:
            exporting.release()
        name = f"{found.name}-{snapshot.version}.{ending.replace('json-stat', 'json')}"
        headers = {**_caching(snapshot), "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=wanted.media_type, headers=headers)

    @router.get(
        "/api/v1/tables/{table}",
        summary="Rows of one table",
        response_class=JSONResponse,
        openapi_extra=_described_parameters(("limit", "offset")),
    )
    @router.get("/api/{table}", include_in_schema=False)
    def get_table(request: Request, table: TableName) -> Response:
        """One page of a table's rows, filtered by published dimensions; or the whole selection as CSV."""
        snapshot = publications.newest()
        found = find_table(snapshot, table)
        given = read_parameters(request, (*CONTROLS, *found.filters))
        controls = {name: given.pop(name) for name in CONTROLS if name in given}
        as_csv = one_of("format", controls.get("format", "json"), ("json", "csv")) == "csv"
        dialect = one_of("dialect", controls.get("dialect", "comma"), DIALECTS)
        most = MOST_CSV_ROWS if as_csv else MOST_PAGE_ROWS
        limit = whole_number("limit", controls.get("limit", str(most if as_csv else PAGE_ROWS)), 1, most)
        offset = whole_number("offset", controls.get("offset", "0"), 0, MOST_OFFSET)
        unchanged = _unchanged(request, snapshot)
        if unchanged:
            return unchanged
        rows = select_rows(snapshot, found, given, limit=limit, offset=offset)
        if as_csv:
            return _csv(snapshot, found, rows, dialect)
        return _page(snapshot, found, given, rows, path=request.url.path, limit=limit, offset=offset)

    return router


def _page(
    snapshot: Snapshot, table: Table, filters: dict[str, str], rows: list[Row], *, path: str, limit: int, offset: int
) -> JSONResponse:
    total = count_rows(snapshot, table, filters)
    following = {**filters, "limit": limit, "offset": offset + limit} if offset + limit < total else None
    body = {
        **_head(snapshot),
        "table": table.name,
        "total": total,
        "limit": limit,
        "offset": offset,
        "next": address(path, following) if following else None,
        "rows": [{name: plain(value) for name, value in row.items()} for row in rows],
    }
    return JSONResponse(body, headers=_caching(snapshot))


def _csv(snapshot: Snapshot, table: Table, rows: list[Row], dialect: str) -> StreamingResponse:
    name = f"{table.name}-{snapshot.version}.csv"
    headers = {**_caching(snapshot), "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(write_csv(list(table.columns), rows, dialect), media_type="text/csv; charset=utf-8", headers=headers)


def _head(snapshot: Snapshot) -> dict[str, Any]:
    manifest = snapshot.manifest
    return {
        "ok": True,
        "snapshot_id": snapshot.snapshot_id,
        "as_of": plain(manifest.get("as_of")),
        "known_at": plain(manifest.get("known_at")),
        "invented": bool(manifest.get("invented")),
    }


def _described(snapshot: Snapshot, table: Table) -> dict[str, Any]:
    columns = [{"name": name, "type": kind, "meaning": table.comments[name]} for name, kind in table.columns.items()]
    href = f"/api/{table.name}"
    return {"name": table.name, "rows": count_rows(snapshot, table, {}), "href": href, "filters": list(table.filters), "columns": columns}


def _caching(snapshot: Snapshot) -> dict[str, str]:
    return {"ETag": f'"{snapshot.snapshot_id}"', "Cache-Control": "private, no-cache"}


def _unchanged(request: Request, snapshot: Snapshot) -> Response | None:
    known = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    same = f'"{snapshot.snapshot_id}"' in tags or "*" in tags
    return Response(status_code=304, headers=_caching(snapshot)) if same else None


def plain(value: Any) -> Any:
    """A database value as JSON has it: dates in ISO 8601, exact decimals as numbers when whole, no NaN or infinity."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, dict):
        return {str(name): plain(entry) for name, entry in value.items()}
    return value if value is None or isinstance(value, str | int | bool) else str(value)
