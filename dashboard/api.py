"""The read API: every table of the publication as JSON or as a file. One answer shape, one error shape.

`GET /api/v1/tables` lists the tables. `GET /api/v1/tables/<table>` takes the filters that the list names, `limit`, `offset`;
`/api/v1/tables/<table>.xlsx` (csv, parquet, arrow, json-stat) is the whole selection as a file. The ETag is the snapshot's id: nothing
changes until the next publication.
"""

import datetime as dt
import math
import threading
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Self

from fastapi import APIRouter, Request, Response
from fastapi import Path as PathValue
from fastapi.responses import JSONResponse, RedirectResponse

from dashboard.csv_export import DIALECTS
from dashboard.errors import NotPublishedError, ReaderError
from dashboard.exports import FORMATS, Asked
from dashboard.parameters import address, one_of, read_parameters, whole_number
from dashboard.queries import Row
from dashboard.snapshots import Publications, Snapshot
from dashboard.tables import FILTERS, Table, count_rows, find_table, list_tables, select_columns, select_rows
from pipelines.tables import BY_NAME
from pipelines.tables.views import VIEWS

PAGE_ROWS, MOST_PAGE_ROWS = 100, 1_000
MOST_OFFSET = 100_000_000
MOST_EXPORTS, EXPORT_WAIT_SECONDS = 2, 10.0
TableName = Annotated[str, PathValue(json_schema_extra={"enum": sorted([*BY_NAME, *(view.name for view in VIEWS)])})]
Ending = Annotated[str, PathValue(json_schema_extra={"enum": list(FORMATS)})]
_SCHEMAS: dict[str, dict[str, Any]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST_PAGE_ROWS, "default": PAGE_ROWS},
    "offset": {"type": "integer", "minimum": 0, "maximum": MOST_OFFSET, "default": 0},
    "dialect": {"type": "string", "enum": list(DIALECTS)},
    "notes": {"type": "string", "enum": ["yes", "no"], "default": "yes", "description": "CSV only: no leaves the rows and their head."},
}
CONTROLS = ("limit", "offset", "lang")
FILE_CONTROLS = ("dialect", "notes", "lang")
NOTICE = "Kerneeffekt-Notice"
"""Header that says what a reader should know of the publication, such as that it is stale; in every answer, 304 too."""


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
    """The API's routes over these publications; addresses from before there were versions lead to those of v1."""
    router = APIRouter(tags=["tables"])
    exporting = threading.BoundedSemaphore(MOST_EXPORTS)

    @router.get("/api/v1/tables", summary="The tables of the publication", response_class=JSONResponse)
    def get_tables(request: Request) -> Response:
        """Every table: its rows, its columns with meaning, and what it can be filtered by."""
        read_parameters(request, ("lang",))
        current = _Current.of(publications)
        body = {**current.head(), "tables": [_described(current.snapshot, table) for table in list_tables(current.snapshot)]}
        return current.unchanged(request) or JSONResponse(body, headers=current.headers)

    @router.get("/api/v1/tables/{table}.{ending}", summary="One table as a file", openapi_extra=_described_parameters(("dialect", "notes")))
    def get_file(request: Request, table: TableName, ending: Ending) -> Response:
        """The whole selection as csv, xlsx, parquet, arrow or json-stat, with definitions and notes in the file."""
        current = _Current.of(publications)
        snapshot = current.snapshot
        found, wanted = find_table(snapshot, table), FORMATS.get(ending)
        if wanted is None:
            raise NotPublishedError(f"a file ends in {', '.join(FORMATS)}", "error.not_found")
        given = read_parameters(request, (*FILE_CONTROLS, *found.filters))
        controls = {name: given.pop(name) for name in FILE_CONTROLS if name in given}
        dialect = one_of("dialect", controls.get("dialect", "comma"), DIALECTS)
        bare = one_of("notes", controls.get("notes", "yes"), ("yes", "no")) == "no"
        total = count_rows(snapshot, found, given)
        if total > wanted.most_rows:
            raise TooManyRowsError(
                f"{total} rows are too many for {ending}, which takes {wanted.most_rows}: narrow it by a filter, or page as JSON",
                "error.too_many_rows",
            )
        unchanged = current.unchanged(request)
        if unchanged:
            return unchanged
        if not exporting.acquire(timeout=EXPORT_WAIT_SECONDS):
            raise BusyError("other files are being made; try again in a moment", "error.too_many")
        try:
            content = select_columns(snapshot, found, given, limit=wanted.most_rows)
            written = wanted.write(snapshot, found, content, Asked(dialect, bare, current.notice))
        finally:
            exporting.release()
        name = f"{found.name}-{snapshot.version}.{ending.replace('json-stat', 'json')}"
        headers = {**current.headers, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(written, media_type=wanted.media_type, headers=headers)

    @router.get(
        "/api/v1/tables/{table}",
        summary="Rows of one table",
        response_class=JSONResponse,
        openapi_extra=_described_parameters(("limit", "offset")),
    )
    def get_table(request: Request, table: TableName) -> Response:
        """One page of a table's rows, filtered by published dimensions."""
        current = _Current.of(publications)
        found = find_table(current.snapshot, table)
        given = read_parameters(request, (*CONTROLS, *found.filters))
        controls = {name: given.pop(name) for name in CONTROLS if name in given}
        limit = whole_number("limit", controls.get("limit", str(PAGE_ROWS)), 1, MOST_PAGE_ROWS)
        offset = whole_number("offset", controls.get("offset", "0"), 0, MOST_OFFSET)
        unchanged = current.unchanged(request)
        if unchanged:
            return unchanged
        rows = select_rows(current.snapshot, found, given, limit=limit, offset=offset)
        return _page(current, found, given, rows, path=request.url.path, limit=limit, offset=offset)

    @router.get("/api", include_in_schema=False)
    def moved_list(request: Request) -> Response:
        """Where the list is now."""
        return _moved("/api/v1/tables", dict(request.query_params))

    @router.get("/api/{table}", include_in_schema=False)
    def moved_table(request: Request, table: str) -> Response:
        """Where the table is now; what was CSV by a parameter is a file without notes."""
        given = dict(request.query_params)
        as_csv = given.pop("format", "json") == "csv"
        return _moved(f"/api/v1/tables/{table}{'.csv' if as_csv else ''}", ({"notes": "no"} if as_csv else {}) | given)

    return router


@dataclass(frozen=True)
class _Current:
    """The publication that one request reads, and what a reader should know of it."""

    snapshot: Snapshot
    notice: str | None

    @classmethod
    def of(cls, publications: Publications) -> Self:
        """The newest."""
        return cls(publications.newest(), publications.notice())

    @property
    def tag(self) -> str:
        """Changes with the publication, and when a notice comes or goes."""
        return f'"{self.snapshot.snapshot_id}{"-notice" if self.notice else ""}"'

    @property
    def headers(self) -> dict[str, str]:
        """Of every answer."""
        return {"ETag": self.tag, "Cache-Control": "private, no-cache"} | ({NOTICE: self.notice} if self.notice else {})

    def head(self) -> dict[str, Any]:
        """What every JSON answer begins with."""
        manifest = self.snapshot.manifest
        return {
            "ok": True,
            "snapshot_id": self.snapshot.snapshot_id,
            "as_of": plain(manifest.get("as_of")),
            "known_at": plain(manifest.get("known_at")),
            "invented": bool(manifest.get("invented")),
            "audience": (manifest.get("audience") or {}).get("id"),
            "notice": self.notice,
        }

    def unchanged(self, request: Request) -> Response | None:
        """304 where the reader has this answer already."""
        known = request.headers.get("if-none-match", "")
        tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
        return Response(status_code=304, headers=self.headers) if self.tag in tags or "*" in tags else None


def _page(current: _Current, table: Table, filters: dict[str, str], rows: list[Row], *, path: str, limit: int, offset: int) -> JSONResponse:
    total = count_rows(current.snapshot, table, filters)
    following = {**filters, "limit": limit, "offset": offset + limit} if offset + limit < total else None
    body = {
        **current.head(),
        "table": table.name,
        "total": total,
        "limit": limit,
        "offset": offset,
        "next": address(path, following) if following else None,
        "rows": [{name: plain(value) for name, value in row.items()} for row in rows],
    }
    return JSONResponse(body, headers=current.headers)


def _moved(path: str, given: dict[str, str]) -> Response:
    return RedirectResponse(address(path, given), status_code=308)


def _described(snapshot: Snapshot, table: Table) -> dict[str, Any]:
    columns = [{"name": name, "type": kind, "meaning": table.comments[name]} for name, kind in table.columns.items()]
    href = f"/api/v1/tables/{table.name}"
    return {"name": table.name, "rows": count_rows(snapshot, table, {}), "href": href, "filters": list(table.filters), "columns": columns}


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
