"""The page behind a figure: `/evidence?indicator=...&unit=...&cohort=...`. First why one looks,
then the records and events; each look is logged.

It reads the private store, so it is there only where `serve` was given one (`--store`), and only for roles with the right `evidence`.
"""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from dashboard.access.signing_in import read_form
from dashboard.access.visitors import Visitor, visitor_of
from dashboard.access.ways_in import Access
from dashboard.errors import NotPublishedError, ReaderError
from dashboard.parameters import bad_value, language_of, read_parameters, whole_number
from dashboard.snapshots import Publications
from dashboard.views import View
from models.errors import ConfigurationError, KerneeffektError, StoreBusyError
from pipelines.audit import LEAST_PURPOSE, MOST_PURPOSE, stated
from pipelines.compare import open_version
from pipelines.database import FILE
from pipelines.explain import COUNTED, PAGE, Figure, Look, Looker, explain

FIGURE = ("indicator", "unit", "cohort")
MOST_OFFSET = 10_000_000
PATIENCE_SECONDS = 20.0
"""A running worker gives a copy of its store between two batches; nobody waits for it longer than this before a page."""


OpenView = Callable[[Request, Publications, str, dict[str, str]], View]
AnswerPage = Callable[[Request, str, View, dict[str, Any]], HTMLResponse]


class StoreAwayError(ReaderError):
    """The store cannot be read now."""

    status = 503


def make_router(publications: Publications, access: Access, store: Path | None, open_view: OpenView, answer_page: AnswerPage) -> APIRouter:
    """The two routes: the form, and what it leads to.

    store        folder of the private store; None: the form says that there is none
    open_view, answer_page   the application's own views and pages
    """
    router = APIRouter(include_in_schema=False)
    one_at_a_time = threading.Lock()

    def opened(request: Request) -> tuple[View, Figure]:
        given = read_parameters(request, ("lang", *FIGURE))
        view = open_view(request, publications, language_of(request), given)
        return view, _figure(view, given)

    def shown(request: Request, view: View, figure: Figure, **context: Any) -> HTMLResponse:
        token = access.form_token(request, visitor_of(request))
        connected = store is not None and (store / FILE).exists()
        frame = {"figure": figure, "row": _row(view, figure), "look": None, "purpose": "", "refused": False, "token": token}
        frame |= {"connected": connected, "page": PAGE, "section": "overview", "least": LEAST_PURPOSE, "most": MOST_PURPOSE}
        answer = answer_page(request, "evidence.html", view, {**frame, "trail": _trail(view, figure), **context})
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def looked(view: View, figure: Figure, who: Looker, offset: int) -> Look:
        if store is None or not (store / FILE).exists():
            raise StoreAwayError("this server was started without a store", "evidence.no_store")
        with one_at_a_time:
            return _look(store, publications, view, partial(explain, store, figure, who, offset=offset))

    @router.get("/evidence")
    def ask_why(request: Request) -> Response:
        view, figure = opened(request)
        return shown(request, view, figure)

    @router.post("/evidence")
    async def look_behind(request: Request) -> Response:
        form = read_form(await request.body())
        offset = whole_number("offset", form.get("offset", "0"), 0, MOST_OFFSET)
        view, figure = await run_in_threadpool(opened, request)
        try:
            purpose = stated(form.get("purpose", ""))
        except ConfigurationError:
            refused = await run_in_threadpool(shown, request, view, figure, refused=True)
            refused.status_code = 400
            return refused
        look = await run_in_threadpool(looked, view, figure, _looker(visitor_of(request), purpose), offset)
        differing = [name for name in COUNTED if name in look.differing]
        return await run_in_threadpool(shown, request, view, figure, look=look, purpose=purpose, differing=differing)

    return router


def _look(store: Path, publications: Publications, view: View, ask: Callable[..., Look]) -> Look:
    try:
        version = open_version(publications.published, view.snapshot.version)
        return ask(version=version, within_s=PATIENCE_SECONDS)
    except StoreBusyError:
        raise StoreAwayError("the store is in use; try again in a moment", "evidence.busy") from None
    except ConfigurationError as fault:
        raise NotPublishedError(str(fault), "evidence.none") from None
    except (KerneeffektError, OSError) as fault:
        raise StoreAwayError("the store cannot be read, or the look not logged: nothing is shown", "evidence.away") from fault


def _figure(view: View, given: dict[str, str]) -> Figure:
    missing = [name for name in FIGURE if name not in given]
    if missing:
        raise bad_value(missing[0], "which figure: indicator, unit and cohort")
    return Figure(**{name: given[name] for name in FIGURE})


def _row(view: View, figure: Figure) -> dict[str, Any]:
    """The figure as the publication shows it; NotPublishedError when it does not."""
    rows = view.rows("figure", indicator=figure.indicator, unit=figure.unit, cohort=figure.cohort)
    if not rows:
        raise NotPublishedError("this publication shows no such figure", "evidence.none")
    return rows[0]


def _trail(view: View, figure: Figure) -> list[tuple[str, str | None]]:
    words = view.words
    return [(str(words.indicator(figure.indicator)), view.link(f"/indicators/{figure.indicator}")), (words.t("evidence.title"), None)]


def _looker(visitor: Visitor, purpose: str) -> Looker:
    return Looker(visitor.name, purpose, tuple(sorted(visitor.roles)))
