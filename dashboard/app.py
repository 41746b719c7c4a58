"""The web application: read API and page over the published folder, nothing else.

Read only, loopback by default, no script, no outside host. Every answer carries the security headers of `HEADERS`; every fault becomes
one clear page (or, under `/api`, one JSON shape) that never repeats what was sent.
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.exceptions import HTTPException

from dashboard import api, health
from dashboard.errors import NotPublishedError, ReaderError
from dashboard.pages import PAGES, Page
from dashboard.parameters import address, language_of, read_parameters
from dashboard.snapshots import Publications
from dashboard.texts import text
from dashboard.views import View
from dashboard.words import Words, paragraph

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
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Strict-Transport-Security": "max-age=31536000",
}
NEXT = Callable[[Request], Awaitable[Response]]


def create_app(published: Path, *, allowed_hosts: Iterable[str] = LOCAL_HOSTS) -> FastAPI:
    """The application over one published folder.

    published      the folder that `kerneeffekt publish --to` writes; may still be empty: every page then says so with status 503
    allowed_hosts  names (without port) that a request may ask for; anything else is refused, so that a foreign name cannot be pointed here
    """
    app = FastAPI(title="Kerneeffekt", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    publications = Publications(published)
    app.state.publications = publications
    app.include_router(health.make_router(publications))
    app.include_router(api.make_router(publications))
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    for page in PAGES:
        app.add_api_route(
            page.path, _handler(page, publications), methods=["GET", "HEAD"], include_in_schema=False, response_class=HTMLResponse
        )
    _guard(app, frozenset(allowed_hosts))
    _answer_faults(app, publications)
    return app


def _handler(page: Page, publications: Publications) -> Callable[[Request], HTMLResponse]:
    def show(request: Request) -> HTMLResponse:
        given = read_parameters(request, ("lang", *page.parameters))
        language = language_of(request)
        if given.get("lang", language) != language:
            raise ReaderError("lang is da or en", "error.value", name="lang", expected="da, en")
        view = open_view(request, publications, language, given)
        context = page.fill(view, **{name: str(value) for name, value in request.path_params.items()})
        return HTMLResponse(render_page(page.template, view, context), headers={"Cache-Control": "no-cache", "Content-Language": language})

    return show


def open_view(request: Request, publications: Publications, language: str, given: dict[str, str]) -> View:
    """The view of one request over the newest publication."""
    snapshot = publications.newest()
    municipality = snapshot.manifest.get("municipality") or {}
    k, currency = int(municipality.get("k") or snapshot.manifest.get("k") or 5), str(municipality.get("currency") or "DKK")
    path = str(request.url.path)
    return View(
        snapshot, Words(language, snapshot.directory, k, currency), path, {name: value for name, value in given.items() if name != "lang"}
    )


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


def _guard(app: FastAPI, allowed_hosts: frozenset[str]) -> None:
    @app.middleware("http")
    async def guard(request: Request, call_next: NEXT) -> Response:
        host = request.headers.get("host", "")
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if name not in allowed_hosts and "*" not in allowed_hosts:
            response: Response = _fault(request, None, 400, "error.host", "this server does not answer to that name")
        elif request.method not in ("GET", "HEAD"):
            response = _fault(request, None, 405, "error.not_allowed", "this place is for reading only")
            response.headers["Allow"] = "GET, HEAD"
        else:
            response = await call_next(request)
        for header, value in HEADERS.items():
            response.headers.setdefault(header, value)
        if request.url.path.startswith("/static/") and response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def _answer_faults(app: FastAPI, publications: Publications) -> None:
    @app.exception_handler(ReaderError)
    async def reader_fault(request: Request, fault: ReaderError) -> Response:
        return _fault(request, publications, fault.status, fault.key, str(fault), **fault.values)

    @app.exception_handler(HTTPException)
    async def http_fault(request: Request, fault: HTTPException) -> Response:
        key = "error.not_found" if fault.status_code == 404 else "error.not_allowed" if fault.status_code == 405 else "error.internal"
        return _fault(request, publications, fault.status_code, key, text(key, "en"))

    @app.exception_handler(Exception)
    async def own_fault(request: Request, fault: Exception) -> Response:
        LOG.error("page failed: %s", type(fault).__name__, exc_info=fault)
        response = _fault(request, publications, 500, "error.internal", text("error.internal", "en"))
        response.headers.update(HEADERS)  # this answer is made outside the guard
        return response


def _fault(request: Request, publications: Publications | None, status: int, key: str, message: str, **values: object) -> Response:
    if request.url.path.startswith("/api"):
        return JSONResponse({"ok": False, "status": status, "error": message}, status_code=status)
    language = language_of(request)
    values = {"hint": "", **values}
    context = {
        "language": language,
        "status": status,
        "message": text(key, language, **values),
        "waiting": key == "error.no_publication",
        "t": lambda name, **given: text(name, language, **given),
        "home": address("/", {"lang": language}),
    }
    return HTMLResponse(environment().get_template("error.html").render(context), status_code=status, headers={"Cache-Control": "no-store"})


__all__ = ["HEADERS", "NotPublishedError", "create_app", "open_view", "render_page"]
