"""The routes for signing in and out."""

import logging
from collections.abc import Callable
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dashboard.access.guard import MOST_FIELDS
from dashboard.access.limits import Attempts
from dashboard.access.openid import OpenIdSignIn
from dashboard.access.visitors import visitor_of
from dashboard.access.ways_in import Access
from dashboard.errors import ReaderError
from dashboard.parameters import read_parameters

LOG = logging.getLogger(__name__)
TRIES_PER_NAME, TRIES_PER_ADDRESS, WINDOW_SECONDS = 5, 30, 900
Render = Callable[..., str]
"""(request, template, context) -> HTML."""
Note = Callable[..., None]
"""(what, by, **about) -> the audit log."""


class TooManyTriesError(ReaderError):
    """Too many wrong passwords; the next try must wait."""

    status = 429


class WrongPasswordError(ReaderError):
    """No such name and password. Which of the two is wrong is not said."""

    status = 401


def make_router(access: Access, render: Render, note: Note) -> APIRouter:
    """The routes of the chosen way in."""
    router = APIRouter(include_in_schema=False)
    openid = OpenIdSignIn(access.openid, access.sessions, access.public_url or "") if access.openid else None
    by_name, by_address = Attempts(TRIES_PER_NAME, WINDOW_SECONDS), Attempts(TRIES_PER_ADDRESS, WINDOW_SECONDS)

    @router.get("/login")
    def show_login(request: Request) -> Response:
        given = read_parameters(request, ("lang", "next"))
        then = local_address(given.get("next", "/"))
        if access.mode == "local" or visitor_of(request).known:
            return RedirectResponse(then, status_code=303)
        return _login_page(request, access, render, then=then)

    @router.post("/login")
    async def sign_in(request: Request) -> Response:
        form = read_form(await request.body())
        name, then = form.get("name", "")[:64], local_address(form.get("next", "/"))
        if access.mode != "users" or access.users is None:
            raise WrongPasswordError("there is no sign-in by password here", "error.password")
        address = request.client.host if request.client else ""
        wait = max(by_name.wait(name), by_address.wait(address))
        if wait:
            note("sign_in_blocked", name)
            minutes = max(1, round(wait / 60))
            raise TooManyTriesError(f"too many wrong passwords; wait {minutes} minutes", "error.too_many_tries", minutes=minutes)
        user = await run_in_threadpool(access.users.signed_in, name, form.get("password", ""))
        if user is None:
            by_name.failed(name)
            by_address.failed(address)
            note("sign_in_refused", name)
            return _login_page(request, access, render, then=then, wrong=True)
        by_name.succeeded(name)
        note("signed_in", user.name, roles=sorted(user.roles))
        answer = RedirectResponse(then, status_code=303)
        access.sessions.start(answer, user.name, user.role_set, stamp=user.stamp)
        return answer

    @router.post("/logout")
    async def sign_out(request: Request) -> Response:
        answer = RedirectResponse("/login" if access.mode != "local" else "/", status_code=303)
        access.sessions.end(request, answer)
        if visitor_of(request).way == "session":
            note("signed_out", visitor_of(request).name)
        return answer

    @router.get("/login/openid")
    async def leave_for_provider(request: Request) -> Response:
        given = read_parameters(request, ("lang", "next"))
        return await _required(openid).leave(request, local_address(given.get("next", "/")))

    @router.get("/login/callback")
    async def come_back(request: Request) -> Response:
        name, roles, then = await _required(openid).come_back(request)
        if not roles:
            note("sign_in_refused", name, reason="in no group that has a role")
            raise NoRoleError("you are signed in, but in no group that has a role here; ask whoever gives roles", "error.no_role")
        note("signed_in", name, roles=sorted(roles))
        answer = RedirectResponse(local_address(then), status_code=303)
        access.sessions.start(answer, name, roles)
        access.sessions.drop(answer, "kerneeffekt_openid")
        return answer

    return router


class NoRoleError(ReaderError):
    """Signed in, but nothing may be seen."""

    status = 403


def read_form(body: bytes) -> dict[str, str]:
    """The fields of a form, each the first time it stands."""
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS).items()}


def local_address(given: str) -> str:
    """An address of this server to go on to; anything else becomes the first page."""
    safe = given.startswith("/") and not given.startswith(("//", "/\\")) and given.isprintable() and "\\" not in given
    return given if safe and not given.startswith(("/login", "/logout")) else "/"


def _login_page(request: Request, access: Access, render: Render, *, then: str, wrong: bool = False) -> Response:
    answer = HTMLResponse("", status_code=401 if wrong else 200, headers={"Cache-Control": "no-store"})
    token = access.sessions.form_token(request) or access.sessions.give_form_token(answer)
    ways = {"password": access.mode == "users", "openid": access.mode == "openid"}
    answer.body = bytes(answer.render(render(request, "login.html", {"token": token, "then": then, "wrong": wrong, **ways})))
    answer.headers["Content-Length"] = str(len(answer.body))
    return answer


def _required(openid: OpenIdSignIn | None) -> OpenIdSignIn:
    if openid is None:
        raise WrongWayError("there is no sign-in by an OpenID provider here", "error.not_found")
    return openid


class WrongWayError(ReaderError):
    """A way in that is not the one that was chosen."""

    status = 404
