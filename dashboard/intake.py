"""`POST /events`: source systems send CloudEvents by HTTP. Each is judged as the store judges it, and safe before it is answered.

An application of its own, beside the page: the process that shows figures holds no right to write. The guard, the user file and the role
`sender` are those of the page.
"""

import json
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from dashboard.access.guard import REQUESTS_PER_MINUTE, Guard
from dashboard.access.visitors import visitor_of
from dashboard.access.ways_in import Access
from dashboard.app import HEADERS
from dashboard.intake_telemetry import IntakeCounts
from models.errors import KerneeffektError
from models.records import Quarantined, parse_record
from pipelines.sending.deliveries import Delivery

LOG = logging.getLogger(__name__)
BATCH_TYPE: Final = "application/cloudevents-batch+json"
SINGLE_TYPE: Final = "application/cloudevents+json"
MOST_EVENTS: Final = 5_000
RETRY_AFTER_S: Final = 10
_DECODER = json.JSONDecoder()
_BLANK: Final = " \t\r\n"


class BodyError(ValueError):
    """What was sent is no list of JSON documents; the message says what was expected and where."""


def create_intake(
    access: Access,
    delivery: Delivery,
    *,
    allowed_hosts: Iterable[str],
    requests_per_minute: int = REQUESTS_PER_MINUTE,
    counts: IntakeCounts | None = None,
) -> FastAPI:
    """The application.

    access    programs by their tokens
    delivery  where accepted events go, safe when `put` returns (`at_once`), finished at the end. What it raises is answered with 503: the
              sender sends the same again, and nothing counts twice
    counts    where what became of events is counted; none: where nobody looks
    """
    told_to = counts or IntakeCounts(access)

    @asynccontextmanager
    async def until_stopped(app: FastAPI) -> AsyncIterator[None]:
        yield
        delivery.finish()  # here, since the server ends the process by the very signal that stopped it

    app = FastAPI(title="Kerneeffekt: intake of events", docs_url=None, redoc_url=None, openapi_url=None, lifespan=until_stopped)

    @app.post("/events")
    async def events(request: Request) -> JSONResponse:
        """Take one event, or a batch of them."""
        return await run_in_threadpool(_take, delivery, told_to, _type_of(request), await request.body(), visitor_of(request).name)

    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        """The process answers."""
        return _answer(200, {"ok": True})

    @app.exception_handler(HTTPException)
    async def fault(request: Request, error: HTTPException) -> JSONResponse:
        return _fault(error.status_code, "expected POST /events" if error.status_code in (404, 405) else str(error.detail))

    app.add_middleware(
        Guard,
        routed=app,
        access=access,
        allowed_hosts=allowed_hosts,
        headers=HEADERS,
        refuse=lambda request, status, key, message: _fault(status, message),
        requests_per_minute=requests_per_minute,
    )
    return app


def documents_of(body: bytes) -> list[bytes]:
    """The documents of a JSON list, each as it was written, so that the record path sees what was sent and not a reading of it.

    raises  BodyError for what is no JSON list, or has too many entries
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BodyError(f"expected UTF-8 text; byte {error.start} is not") from None
    at = _past_blanks(text, 0)
    if text[at : at + 1] != "[":
        raise BodyError("expected a JSON list of events")
    found: list[bytes] = []
    at = _past_blanks(text, at + 1)
    if text[at : at + 1] == "]":
        return _ended(text, at, found)
    while True:
        end = _end_of(text, at, len(found))
        found.append(text[at:end].encode())
        if len(found) > MOST_EVENTS:
            raise BodyError(f"expected at most {MOST_EVENTS} events at a time")
        at = _past_blanks(text, end)
        if text[at : at + 1] == "]":
            return _ended(text, at, found)
        if text[at : at + 1] != ",":
            raise BodyError(f"expected a comma or the end of the list after event {len(found) - 1}")
        at = _past_blanks(text, at + 1)


def _end_of(text: str, at: int, index: int) -> int:
    try:
        return _DECODER.raw_decode(text, at)[1]
    except (ValueError, RecursionError):
        raise BodyError(f"expected valid JSON; event {index} of the list cannot be read") from None


def _ended(text: str, at: int, found: list[bytes]) -> list[bytes]:
    if _past_blanks(text, at + 1) != len(text):
        raise BodyError("expected nothing after the list of events")
    return found


def _past_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _take(delivery: Delivery, counts: IntakeCounts, content_type: str, body: bytes, sender: str) -> JSONResponse:
    if content_type not in (BATCH_TYPE, SINGLE_TYPE):
        return _fault(415, f"expected the content type {BATCH_TYPE}, or {SINGLE_TYPE} for one event")
    try:
        documents = documents_of(body) if content_type == BATCH_TYPE else [body]
    except BodyError as error:
        return _fault(400, f"{error}; nothing of it was taken")
    parsed = [parse_record(document) for document in documents]
    good = [document for document, one in zip(documents, parsed, strict=True) if not isinstance(one, Quarantined)]
    try:
        if good:
            delivery.put(good)
    except (KerneeffektError, OSError) as error:
        LOG.error("events of %s could not be put away: %s", sender, type(error).__name__)
        counts.not_kept(len(good))
        answer = _fault(503, "the events cannot be kept at the moment; nothing counts as taken, send the same again")
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
        return answer
    counts.kept(len(good), [one.reason for one in parsed if isinstance(one, Quarantined)])
    LOG.info("%s sent %d events, %d refused", sender, len(documents), len(documents) - len(good))
    return _told(parsed)


def _told(parsed: Sequence[Any]) -> JSONResponse:
    """202: all accepted; 207: some; 422: none of them."""
    told = [_event_told(index, one) for index, one in enumerate(parsed)]
    refused = sum(event["status"] == "refused" for event in told)
    status = 202 if not refused else 207 if refused < len(told) else 422
    return _answer(status, {"ok": not refused, "accepted": len(told) - refused, "refused": refused, "events": told})


def _event_told(index: int, one: Any) -> dict[str, Any]:
    if not isinstance(one, Quarantined):
        return {"index": index, "id": one.id, "status": "accepted"}
    faults = [{"field": fault.field, "fault": fault.fault} for fault in one.faults]
    return {"index": index, "id": one.id, "status": "refused", "class": one.reason, "faults": faults}


def _type_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _fault(status: int, message: str) -> JSONResponse:
    return _answer(status, {"ok": False, "status": status, "error": message})


def _answer(status: int, content: dict[str, Any]) -> JSONResponse:
    return JSONResponse(content, status_code=status, headers={"Cache-Control": "no-store"})
