"""`/quarantine`: rejected events by class, redacted; a file for their sender; taking them up again. For operator and DPO.

Never a value of an event, never its bytes: these are to be had on the machine itself (`quarantine show`, logged) by who may read the store.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dashboard.access.rights import Right
from dashboard.access.visitors import Visitor, visitor_of
from dashboard.errors import NotPublishedError, ReaderError
from dashboard.parameters import address, language_of, one_of, read_parameters, whole_number
from dashboard.quarantine_texts import class_words, say
from models.errors import KerneeffektError
from pipelines.audit import Audit
from pipelines.quarantine import count_by_class, list_rejected
from pipelines.quarantine_beside import quarantine_of, retry_beside
from pipelines.quarantine_told import for_sender

SHOWN = 100
CLASSES = ("malformed", "envelope", "unknown_type", "payload", "personal_number", "conflict")
Render = Callable[..., str]
"""(request, template, context) -> HTML."""


class StoreAwayError(ReaderError):
    """The store cannot be asked just now."""

    status = 503


def make_router(store: Path | None, render: Render) -> APIRouter:
    """The routes over one private store; none: they say that there is nothing to see here."""
    router = APIRouter(include_in_schema=False)

    @router.get("/quarantine")
    def show(request: Request) -> HTMLResponse:
        given = read_parameters(request, ("lang", "class", "taken", "left"))
        chosen = _class(given)
        with _opened(store) as (folder, quarantine):
            counts, rejected = count_by_class(quarantine), list_rejected(quarantine, chosen, SHOWN)
        visitor = visitor_of(request)
        _log(folder, visitor, "quarantine_seen", chosen)
        language = language_of(request)
        context = {
            "say": lambda key, **values: say(key, language, **values),
            "class_words": lambda name: class_words(name, language),
            "counts": counts,
            "total": sum(counts.values()),
            "rejected": rejected,
            "chosen": chosen,
            "shown": SHOWN,
            "link": lambda path, **values: address(path, {"lang": language, **values}),
            "token": visitor.token,
            "may_retry": visitor.may(Right.QUARANTINE_CHANGE),
            "done": {name: whole_number(name, given[name], 0, 999_999_999) for name in ("taken", "left") if name in given},
        }
        return HTMLResponse(
            render(request, "quarantine.html", context), headers={"Cache-Control": "no-store", "Content-Language": language}
        )

    @router.get("/quarantine/download")
    def download(request: Request) -> Response:
        chosen = _class(read_parameters(request, ("lang", "class")))
        with _opened(store) as (folder, quarantine):
            lines = "".join(_lines(for_sender(quarantine, chosen)))
        _log(folder, visitor_of(request), "quarantine_downloaded", chosen)
        name = f"rejected{'-' + chosen if chosen else ''}.jsonl"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(lines, media_type="application/x-ndjson", headers=headers)

    @router.post("/quarantine/retry")
    def retry(request: Request) -> Response:
        read_parameters(request, ("lang",))
        folder = _there(store)
        _log(folder, visitor_of(request), "quarantine_retried", None)
        try:
            done = retry_beside(folder, None)
        except KerneeffektError as fault:
            raise _away(fault) from fault
        then = address("/quarantine", {"lang": language_of(request), "taken": done.taken_up, "left": done.tried - done.taken_up})
        return RedirectResponse(then, status_code=303)

    return router


class _opened:  # noqa: N801 - reads as a verb where it is used
    """The quarantine, and the store's folder, with faults turned into an answer."""

    def __init__(self, store: Path | None) -> None:
        self._folder = _there(store)

    def __enter__(self) -> tuple[Path, Any]:
        self._held = quarantine_of(self._folder)
        try:
            return self._folder, self._held.__enter__()
        except KerneeffektError as fault:
            raise _away(fault) from fault

    def __exit__(self, *told: Any) -> None:
        self._held.__exit__(*told)


def _there(store: Path | None) -> Path:
    if store is None:
        raise NotPublishedError("this page was started without the private store: see --store", "error.not_found")
    return store


def _away(fault: KerneeffektError) -> StoreAwayError:
    return StoreAwayError(f"the store cannot be asked just now ({type(fault).__name__}); try again in a minute", "error.too_slow")


def _class(given: dict[str, str]) -> str | None:
    return one_of("class", given["class"], CLASSES) if "class" in given else None


def _log(folder: Path, visitor: Visitor, what: str, chosen: str | None) -> None:
    Audit.beside(folder).note(what, visitor.name or visitor.way, roles=visitor.roles, fault_class=chosen)


def _lines(told: Iterator[dict[str, Any]]) -> Iterator[str]:
    for one in told:
        yield json.dumps(one, ensure_ascii=False) + "\n"
