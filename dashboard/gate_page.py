"""`/gate`: what the quality gate said of each version, the refused ones included. The template is that of the file `gate.html`."""

from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.parameters import address, language_of, read_parameters
from pipelines.gate_history import read_history
from pipelines.gate_page import MOST_SHOWN, page


def make_router(published: Path, style_sheet: Callable[[str], str]) -> APIRouter:
    """The route over one published folder; answers also while nothing is published, since that may be why.

    style_sheet  gives the address of a static file
    """
    router = APIRouter()

    @router.get("/gate", include_in_schema=False)
    def gate(request: Request) -> HTMLResponse:
        language = language_of(request)
        read_parameters(request, ("lang",))
        home = address("/", {"lang": language})
        text = page(read_history(published, MOST_SHOWN), language, style_sheet("style.css"), home)
        return HTMLResponse(text, headers={"Cache-Control": "no-store", "Content-Language": language})

    return router
