"""`/healthz`: the process answers. `/readyz`: what is served is what CURRENT names, it can be asked, and it is not stale."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from dashboard.errors import ReaderError
from dashboard.snapshots import Publications


def make_router(publications: Publications) -> APIRouter:
    """The two routes over these publications."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="The process answers")
    async def healthz() -> JSONResponse:
        """Says nothing of the publication: a page without one is alive, and starting it again would not help."""
        return JSONResponse({"ok": True}, headers={"Cache-Control": "no-store"})

    @router.get("/readyz", summary="The newest publication is served")
    def readyz() -> JSONResponse:
        """200 when the newest publication is open, answers and is not stale; 503 and why otherwise."""
        status, body = readiness(publications)
        return JSONResponse(body, status_code=status, headers={"Cache-Control": "no-store"})

    return router


def readiness(publications: Publications) -> tuple[int, dict[str, Any]]:
    """Status and body of `/readyz`."""
    try:
        snapshot = publications.newest()
        n_tables = len(snapshot.rows("columns"))
        behind = publications.notice()
    except ReaderError as fault:
        return 503, {"ok": False, "status": 503, "error": str(fault)}
    about = {"snapshot_id": snapshot.snapshot_id, "version": snapshot.version, "as_of": snapshot.manifest.get("as_of")}
    if behind or not n_tables:
        return 503, {"ok": False, "status": 503, "error": behind or "the publication holds no table", **about}
    return 200, {"ok": True, **about, "published_at": snapshot.manifest.get("published_at")}
