"""The web application: read API and page over the published folder, nothing else.

Loopback by default, no script, no outside host. Every request passes the guard (`access/guard.py`); every answer carries the security
headers of `HEADERS`; every fault becomes one clear page (or, under `/api`, one JSON shape) that never repeats what was sent.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.exceptions import HTTPException

from dashboard import api, evidence, gate_page, health, quarantine_page
from dashboard.access import signing_in
from dashboard.access.guard import REQUESTS_PER_MINUTE, Guard
from dashboard.access.visitors import visitor_of
from dashboard.access.ways_in import Access, local_access
from dashboard.api_document import describe_rows
from dashboard.errors import ReaderError
from dashboard.pages import PAGES, Page
from dashboard.parameters import address, language_of, read_parameters
from dashboard.snapshots import Publications, Snapshot
from dashboard.texts import text
from dashboard.views import View
from dashboard.words import Words, paragraph
from models.errors import KerneeffektError
from pipelines.audit import Audit

LOG = logging.getLogger(__name__)
FOLDER = Path(__file__).parent
LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # no-referrer would make browsers send `Origin: null` with every form, which is refused
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Strict-Transport-Security": "max-age=31536000",
}
MACHINES = ("/api", "/events", "/healthz", "/readyz")
"""Addresses that programs ask: faults are JSON there."""


def create_app(
    published: Path,
    *,
    allowed_hosts: Iterable[str] = LOCAL_HOSTS,
    access: Access | None = None,
    store: Path | None = None,
    requests_per_minute: int = REQUESTS_PER_MINUTE,
) -> FastAPI:
    """The application over one published folder.

    published      the folder that `kerneeffekt publish --to` writes; may still be empty: every page then says so with status 503
    allowed_hosts  names (without port) that a request may ask for; anything else is refused, so that a foreign name cannot be pointed here
    access         how people come in; none: this machine alone, without a login, as controller
    store          the private store, for looks behind a figure and the log of who signed in; none: neither
    """
    access = access or local_access()
    app = FastAPI(title="Kerneeffekt", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    publications = Publications(published)
    app.state.publications = publications
    app.include_router(health.make_router(publications))
    app.include_router(api.make_router(publications))
    app.include_router(gate_page.make_router(published, static_address))
    app.include_router(signing_in.make_router(access, render_alone, partial(_note, Audit.beside(store) if store else None)))
    app.include_router(evidence.make_router(publications, access, store, open_view, page_answer))
    app.include_router(quarantine_page.make_router(store, render_alone))
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    for page in PAGES:
        app.add_api_route(
            page.path, _handler(page, publications), methods=["GET", "HEAD"], include_in_schema=False, response_class=HTMLResponse
        )
    app.add_middleware(
        Guard,
        routed=app,
        access=access,
        allowed_hosts=allowed_hosts,
        headers=HEADERS,
        refuse=partial(_refused, access),
        requests_per_minute=requests_per_minute,
        audience=publications.audience,
    )
    _answer_faults(app)
    describe_rows(app)
    return app


def _note(audit: Audit | None, what: str, by: str, **about: Any) -> None:
    """Log who signed in, where there is a log: a full disk keeps nobody from the published figures."""
    try:
        if audit is not None:
            audit.note(what, by, **about)
    except (OSError, KerneeffektError) as fault:
        LOG.error("the audit log cannot be written: %s", type(fault).__name__)


def _handler(page: Page, publications: Publications) -> Callable[[Request], HTMLResponse]:
    def show(request: Request) -> HTMLResponse:
        given = read_parameters(request, ("lang", *page.parameters))
        language = language_of(request)
        if given.get("lang", language) != language:
            raise ReaderError("lang is da or en", "error.value", name="lang", expected="da, en")
        view = open_view(request, publications, language, given)
        context = page.fill(view, **{name: str(value) for name, value in request.path_params.items()})
        return page_answer(request, page.template, view, context)

    return show


def page_answer(request: Request, template: str, view: View, context: dict[str, Any]) -> HTMLResponse:
    """The page for whoever asks: kept by no shared cache."""
    html = render_page(template, view, {"visitor": visitor_of(request), **context})
    return HTMLResponse(html, headers={"Cache-Control": "private, no-cache", "Content-Language": view.language})


def open_view(request: Request, publications: Publications, language: str, given: dict[str, str]) -> View:
    """The view of one request over the newest publication."""
    return view_of(publications.newest(), language, str(request.url.path), given)


def view_of(snapshot: Snapshot, language: str, path: str, given: dict[str, str]) -> View:
    """The view of one publication that an address asks for."""
    municipality = snapshot.manifest.get("municipality") or {}
    k, currency = int(municipality.get("k") or snapshot.manifest.get("k") or 5), str(municipality.get("currency") or "DKK")
    words = Words(language, snapshot.directory, k, currency)
    return View(snapshot, words, path, {name: value for name, value in given.items() if name != "lang"})


def render_page(template: str, view: View, context: dict[str, Any]) -> str:
    """The page as HTML."""
    other = "da" if view.language == "en" else "en"
    frame = {
        "v": view,
        "w": view.words,
        "t": view.words.t,
        "language": view.language,
        "other_language": other,
        "other_address": address(view.path, {**view.given, "lang": other}),
        "manifest": view.snapshot.manifest,
        "snapshot": view.snapshot,
        "municipality": municipality_name(view.snapshot.manifest, view.language),
        "trail": [],
        "visitor": None,
    }
    return environment().get_template(template).render({**frame, **context})


def municipality_name(manifest: dict[str, Any], language: str) -> str:
    """The municipality's name as the manifest gives it, in one language or in both."""
    municipality = manifest.get("municipality")
    name = municipality.get("name") if isinstance(municipality, dict) else municipality
    if isinstance(name, dict):
        name = name.get(language) or name.get("da")
    return str(name or "Kerneeffekt")


@cache
def environment() -> Environment:
    """The templates: escaped always, and a name that is not given is a fault and not a blank."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["paragraph"] = paragraph
    made.globals["static"] = static_address
    made.globals["text"] = text
    return made


@cache
def static_address(name: str) -> str:
    """The address of a static file, with a mark of its content so that a new release is never served from an old cache."""
    mark = hashlib.sha256((FOLDER / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={mark}"


def render_alone(request: Request, template: str, context: dict[str, Any]) -> str:
    """A page that needs no publication."""
    language = language_of(request)
    other = "da" if language == "en" else "en"
    frame = {
        "language": language,
        "other_language": other,
        "other_address": address(request.url.path, {**request.query_params, "lang": other}),
        "t": lambda name, **given: text(name, language, **given),
        "home": address("/", {"lang": language}),
    }
    return environment().get_template(template).render({**frame, **context})


def _refused(access: Access, request: Request, status: int, key: str, message: str) -> Response:
    """What the guard answers; somebody who is not signed in and opens a page is shown where to sign in."""
    if status == 401 and access.mode != "local" and request.method == "GET" and not _is_for_machines(request):
        there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(address("/login", {"lang": language_of(request), "next": there}), status_code=303)
    return _fault(request, status, key, message)


def _is_for_machines(request: Request) -> bool:
    return request.url.path.startswith(MACHINES)


def _answer_faults(app: FastAPI) -> None:
    @app.exception_handler(ReaderError)
    async def reader_fault(request: Request, fault: ReaderError) -> Response:
        return _fault(request, fault.status, fault.key, str(fault), **fault.values)

    @app.exception_handler(HTTPException)
    async def http_fault(request: Request, fault: HTTPException) -> Response:
        key = "error.not_found" if fault.status_code == 404 else "error.not_allowed" if fault.status_code == 405 else "error.internal"
        response = _fault(request, fault.status_code, key, text(key, "en"))
        if fault.status_code == 405:
            response.headers["Allow"] = ", ".join(sorted((fault.headers or {}).get("Allow", "GET, HEAD").split(", ")))
        return response

    @app.exception_handler(Exception)
    async def own_fault(request: Request, fault: Exception) -> Response:
        LOG.error("page failed: %s", type(fault).__name__, exc_info=fault)
        response = _fault(request, 500, "error.internal", text("error.internal", "en"))
        response.headers.update(HEADERS)  # this answer is made outside the guard
        return response


def _fault(request: Request, status: int, key: str, message: str, **values: object) -> Response:
    if _is_for_machines(request):
        return JSONResponse({"ok": False, "status": status, "error": message}, status_code=status, headers={"Cache-Control": "no-store"})
    context = {
        "status": status,
        "message": text(key, language_of(request), **{"hint": "", **values}),
        "waiting": key == "error.no_publication",
    }
    return HTMLResponse(render_alone(request, "error.html", context), status_code=status, headers={"Cache-Control": "no-store"})
