"""Who may what: every route by every role, the three ways in, forged and oversized requests, and limits."""

import json
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from fastapi import FastAPI, Request

from dashboard.access.guard import LONGEST_QUERY, declared_routes
from dashboard.access.limits import Attempts, Bucket
from dashboard.access.rights import FORM_BYTES, MAY, ROUTES, Right, Role, Rule, rights_table
from dashboard.access.users import UserFile, new_token
from dashboard.access.visitors import visitor_of
from dashboard.access.ways_in import Access, AccessSettings, access_from, local_access
from dashboard.app import HEADERS, create_app
from models.catalogue import AudienceRole
from models.errors import ConfigurationError
from tests.factories_published import publish_example
from tests.page_client import Browser, PageClient

PASSWORD = "korrekt hest batteri"
OPENID: dict[str, Any] = {
    "mode": "openid",
    "public_url": "https://e.dk",
    "openid_issuer": "https://i.dk",
    "openid_client_id": "c",
    "openid_roles": ("a=reader",),
}
FILLED = {"core_task_id": "work", "indicator_id": "job_held", "unit_id": "job-nord", "table": "dim_unit", "name": "dim_unit"}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_example(tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="module")
def tokens() -> dict[Role, str]:
    return {role: new_token() for role in Role}


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory, tokens: dict[Role, str]) -> UserFile:
    """A person, and a program for every role."""
    file = UserFile(tmp_path_factory.mktemp("users") / "users.json")
    file.put("anne", ["controller"], password=PASSWORD)
    for role, token in tokens.items():
        file.put(f"program-{role}", [role], token=token)
    return file


@pytest.fixture(scope="module")
def access(users: UserFile) -> Access:
    return access_from(AccessSettings("users", users_file=users.path), "127.0.0.1")


@pytest.fixture
def app(published: Path, access: Access) -> FastAPI:
    return create_app(published, access=access)


@pytest.fixture
def client(app: FastAPI) -> PageClient:
    return PageClient(app)


def as_role(token: str) -> dict[str, dict[str, str]]:
    return {"headers": {"Authorization": f"Bearer {token}", "Accept-Language": "en"}}


def address_of(path: str) -> str:
    filled = re.sub(r"{(\w+)}", lambda found: FILLED.get(found[1], "x"), path)
    return filled + "/style.css" if path == "/static" else filled


@pytest.mark.security("S9")
def test_every_route_by_every_role(app: FastAPI, client: PageClient, tokens: dict[Role, str]) -> None:
    tried = 0
    for route in declared_routes(app):
        for method in route.methods - {"HEAD"}:
            rule = ROUTES[f"{method} {route.path}"]  # every route stands in the table
            for role in Role:
                answer = client.request(method, address_of(route.path), **as_role(tokens[role]))
                refused = answer.status_code == 403 and "your role may not" in answer.text.lower()
                assert refused == (rule.right is not Right.OPEN and role not in MAY[rule.right]), (method, route.path, role)
                tried += 1
    assert tried >= len(Role) * 15


def test_figures_that_were_made_for_an_audience_are_shown_to_its_roles_alone(
    tmp_path: Path, access: Access, tokens: dict[Role, str]
) -> None:
    published = publish_example(tmp_path, audience={"id": "controllers", "k": 3, "roles": ["controller", "admin"]})
    client = PageClient(create_app(published, access=access))
    figures = [path for path, rule in ROUTES.items() if rule.right is Right.FIGURES]
    for route in figures:
        for role in Role:
            answer = client.get(address_of(route.removeprefix("GET ")), **as_role(tokens[role]))
            assert (answer.status_code == 403) == (role not in (Role.CONTROLLER, Role.ADMIN)), (route, role)
            assert role in (Role.CONTROLLER, Role.ADMIN) or "job_held" not in answer.text
    page = client.get("/", **as_role(tokens[Role.CONTROLLER]))
    assert "Only for controllers" in page.text or "Kun for controllers" in page.text
    assert client.get("/api/v1/tables", **as_role(tokens[Role.ADMIN])).json()["audience"] == "controllers"


def test_an_audience_can_be_of_any_role_that_reads() -> None:
    assert set(get_args(AudienceRole)) == {str(role) for role in MAY[Right.FIGURES]}


@pytest.mark.security("S9")
def test_nobody_gets_to_what_is_not_open(app: FastAPI, client: PageClient) -> None:
    for route in declared_routes(app):
        for method in route.methods:
            answer = client.request(method, address_of(route.path))
            if ROUTES[f"{method} {route.path}"].right is Right.OPEN:
                assert "WWW-Authenticate" not in answer.headers
            elif method == "GET" and not route.path.startswith("/api"):
                assert (answer.status_code, answer.headers["Location"][:7]) == (303, "/login?")
            else:
                assert answer.status_code == 401
                assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.security("S9")
def test_a_route_that_is_not_in_the_table_is_refused_for_everybody(
    app: FastAPI, client: PageClient, tokens: dict[Role, str], caplog: pytest.LogCaptureFixture
) -> None:
    reached: list[str] = []
    app.add_api_route("/forgotten", lambda: reached.append("x"), methods=["GET", "POST"])
    for role in Role:
        assert client.get("/forgotten", **as_role(tokens[role])).status_code == 403
    assert client.get("/forgotten").status_code == 303
    assert client.request("POST", "/forgotten").status_code == 401
    assert reached == []
    assert "GET /forgotten is not in the table of rights" in caplog.text


def test_who_may_not_read_is_not_told_what_exists(client: PageClient, tokens: dict[Role, str]) -> None:
    assert client.get("/units/nowhere").status_code == 303
    assert client.get("/no/such/page", **as_role(tokens[Role.SENDER])).status_code == 403
    assert client.get("/no/such/page", **as_role(tokens[Role.READER])).status_code == 404


def test_the_document_has_the_table_as_it_is() -> None:
    shown = (Path(__file__).parents[2] / "docs/security.md").read_text(encoding="utf-8")
    assert rights_table() in shown, "write it anew: python -m dashboard.access.rights"


@pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer"}, {"Authorization": "Basic ???"}])
@pytest.mark.security("S9")
def test_a_wrong_token_is_nobody(client: PageClient, given: dict[str, str]) -> None:
    assert client.get("/api/v1/tables", headers=given).status_code == 401


def test_a_spreadsheet_may_send_its_token_as_a_password(client: PageClient, tokens: dict[Role, str]) -> None:
    sent = httpx.BasicAuth("anything", tokens[Role.READER])
    assert client.get("/api/v1/tables", auth=sent).status_code == 200


@pytest.mark.security("S25")
def test_every_answer_carries_the_headers(client: PageClient, tokens: dict[Role, str]) -> None:
    for answer in (
        client.get("/login"),
        client.get("/"),
        client.get("/api/v1/tables"),
        client.get("/healthz"),
        client.get("/units", **as_role(tokens[Role.READER])),
        client.get("/x", **as_role(tokens[Role.READER])),
        client.get("/", headers={"Host": "elsewhere.example"}),
    ):
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] in ("no-store", "private, no-cache")


# signing in by password


@pytest.fixture
def browser(app: FastAPI) -> Browser:
    return Browser(app)


def sign_in(browser: Browser, name: str = "anne", password: str = PASSWORD, **also: str) -> httpx.Response:
    return browser.send_form("/login", {"name": name, "password": password, **also}, on="/login")


def test_signing_in_and_out(browser: Browser) -> None:
    there = browser.get("/units?lang=en")
    assert there.headers["Location"] == "/login?lang=en&next=%2Funits%3Flang%3Den"
    answer = sign_in(browser, next="/units?lang=en")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/units?lang=en")
    page = browser.get("/units?lang=en").text
    assert "Signed in as anne" in page
    kept = dict(browser.cookies)
    assert browser.send_form("/logout", {}, on="/units").status_code == 303
    assert browser.get("/units").status_code == 303
    browser.cookies.update(kept)
    assert browser.get("/units").status_code == 303, "a session that was ended is not taken again"


def test_the_cookie_is_signed_and_kept_from_scripts(browser: Browser) -> None:
    cookie = sign_in(browser).headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    name, value = next(iter(browser.cookies.items()))
    browser.cookies[name] = value[:10] + ("A" if value[10] != "A" else "B") + value[11:]
    assert browser.get("/units").status_code == 303


def test_behind_https_the_cookie_goes_no_other_way(published: Path, users: UserFile) -> None:
    settings = AccessSettings("users", users_file=users.path, public_url="https://effekt.example.dk")
    app = create_app(published, access=access_from(settings, "0.0.0.0"), allowed_hosts=["effekt.example.dk"])
    browser = Browser(app, "https://effekt.example.dk")
    cookie = sign_in(browser).headers["Set-Cookie"]
    assert cookie.startswith("__Host-kerneeffekt_session=")
    assert "Secure" in cookie.split("; ")
    assert browser.get("/units").status_code == 200


@pytest.mark.parametrize(("name", "password"), [("anne", "wrong"), ("anne", ""), ("nobody", PASSWORD), ("program-reader", PASSWORD)])
def test_a_wrong_password_gets_a_clear_answer_that_tells_nothing_else(browser: Browser, name: str, password: str) -> None:
    answer = sign_in(browser, name, password)
    assert answer.status_code == 401
    assert "User name and password do not belong together" in answer.text
    assert browser.get("/units").status_code == 303


def test_guessing_is_slowed_down(browser: Browser) -> None:
    answers = [sign_in(browser, password="wrong").status_code for _ in range(5)]
    assert answers == [401] * 5
    blocked = sign_in(browser)
    assert blocked.status_code == 429, "also with the right one"
    assert "wait 15 minutes" in blocked.text.lower()


@pytest.mark.parametrize("then", ["https://evil.example", "//evil.example", "/\\evil.example", "/login", "javascript:x", "\n//evil"])
def test_signing_in_leads_to_no_other_site(browser: Browser, then: str) -> None:
    assert sign_in(browser, next=then).headers["Location"] == "/"


def test_taking_somebody_out_ends_their_session(published: Path, tmp_path: Path) -> None:
    file = UserFile(tmp_path / "users.json")
    file.put("bo", ["reader"], password=PASSWORD)
    browser = Browser(create_app(published, access=access_from(AccessSettings("users", users_file=file.path), "127.0.0.1")))
    sign_in(browser, "bo")
    assert browser.get("/units").status_code == 200
    file.put("bo", ["sender"])
    assert browser.get("/units").status_code == 403, "other roles hold at once"
    file.put("bo", ["reader"], password=PASSWORD + "!")
    assert browser.get("/units").status_code == 303, "a new password ends the sessions of the old one"


# forged, oversized, too many


@pytest.mark.security("S25")
def test_a_form_without_its_token_is_refused(browser: Browser) -> None:
    browser.get("/login")
    given = {"name": "anne", "password": PASSWORD}
    assert browser.post("/login", data=given).status_code == 403
    assert browser.post("/login", data={**given, "token": "guess"}).status_code == 403
    assert browser.post("/login", json=given).status_code == 403
    assert browser.post("/login", data={f"f{n}": "x" for n in range(200)}).status_code == 403


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
)
@pytest.mark.security("S25")
def test_a_form_from_another_site_is_refused(browser: Browser, headers: dict[str, str]) -> None:
    answer = browser.send_form("/login", {"name": "anne", "password": PASSWORD}, on="/login", headers=headers)
    assert answer.status_code == 403


def test_another_sessions_token_is_no_good(app: FastAPI) -> None:
    one, other = Browser(app), Browser(app)
    sign_in(one)
    sign_in(other)
    token = other.token_on("/units")
    assert one.post("/logout", data={"token": token}).status_code == 403
    assert one.get("/units").status_code == 200


def test_more_than_a_form_is_not_read(app: FastAPI, client: PageClient, tokens: dict[Role, str]) -> None:
    assert client.request("POST", "/login", data={"token": "x" * FORM_BYTES}).status_code == 413

    async def pieces() -> Any:
        for _ in range(FORM_BYTES // 1000 + 2):
            yield b"x" * 1000

    assert client.request("POST", "/login", content=pieces()).status_code == 413
    assert client.get(f"/api/v1/tables/dim_unit?unit_id={'x' * LONGEST_QUERY}", **as_role(tokens[Role.READER])).status_code == 414


def test_a_route_for_programs_takes_what_it_declares_and_no_form(app: FastAPI, client: PageClient, tokens: dict[Role, str]) -> None:
    async def take(request: Request) -> dict[str, Any]:
        return {"n": len(await request.body()), "by": visitor_of(request).name}

    app.add_api_route("/events", take, methods=["POST"])
    ROUTES.setdefault("POST /events", Rule(Right.SEND, machine=True, most_bytes=100_000))
    sent = as_role(tokens[Role.SENDER])
    sent["headers"]["Content-Type"] = "application/cloudevents+json"
    assert client.request("POST", "/events", content=b"x" * 50_000, **sent).json() == {"n": 50_000, "by": "program-sender"}
    most = ROUTES["POST /events"].most_bytes

    async def pieces() -> Any:
        for _ in range(most // 65_536 + 2):
            yield b"x" * 65_536

    assert client.request("POST", "/events", content=pieces(), **sent).status_code == 413
    sent["headers"]["Content-Type"] = "text/plain"
    assert client.request("POST", "/events", content=b"x", **sent).status_code == 403, "a browser can be made to send this"


@pytest.mark.security("S15")
def test_whoever_asks_too_much_waits(published: Path) -> None:
    client = PageClient(create_app(published, requests_per_minute=10))
    answers = [client.get("/healthz") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert "wait" in answers[-1].json()["error"]


def test_a_bucket_fills_again_for_each_asker() -> None:
    now = [0.0]
    bucket = Bucket(60, clock=lambda: now[0])
    assert [bucket.take("a") for _ in range(30)] == [0.0] * 30
    assert bucket.take("a") == pytest.approx(1.0)
    assert bucket.take("b") == 0
    now[0] = 2.0
    assert [bucket.take("a") > 0 for _ in range(3)] == [False, False, True]


def test_attempts_are_forgotten_after_their_window_or_a_success() -> None:
    now = [0.0]
    attempts = Attempts(2, 60, clock=lambda: now[0])
    attempts.failed("a")
    assert attempts.wait("a") == 0
    attempts.failed("a")
    now[0] = 20
    assert attempts.wait("a") == 40
    now[0] = 61
    assert attempts.wait("a") == 0
    attempts.failed("a")
    attempts.succeeded("a")
    attempts.failed("a")
    assert attempts.wait("a") == 0


# this machine alone


def test_without_a_login_this_machine_is_a_controller(published: Path) -> None:
    client = PageClient(create_app(published))
    assert client.get("/units").status_code == 200
    assert client.get("/login").headers["Location"] == "/"
    for header in ("X-Forwarded-For", "Forwarded", "X-Forwarded-Host"):
        assert client.get("/units", headers={header: "for=10.0.0.1"}).status_code == 401, "it came from elsewhere"
    far = PageClient(create_app(published), caller="10.0.0.7")
    assert far.get("/units").status_code == 401
    assert PageClient(create_app(published, access=local_access("sender"))).get("/units").status_code == 403


@pytest.mark.parametrize(
    ("settings", "host", "said"),
    [
        ({}, "0.0.0.0", "this machine alone"),
        ({"local_roles": ("king",)}, "127.0.0.1", "no role 'king'"),
        ({"mode": "users"}, "127.0.0.1", "--users"),
        ({"mode": "users", "users_file": Path("/nowhere.json")}, "127.0.0.1", "no user file"),
        ({"mode": "users", "users_file": Path("/nowhere.json")}, "0.0.0.0", "--public-url is needed"),
        ({"mode": "users", "public_url": "http://effekt.example.dk"}, "0.0.0.0", "must be https"),
        ({"mode": "users", "public_url": "https://effekt.example.dk/path"}, "0.0.0.0", "without a path"),
        ({"mode": "openid", "public_url": "https://e.dk"}, "0.0.0.0", "--openid-issuer"),
        (
            {
                "mode": "openid",
                "public_url": "https://e.dk",
                "openid_issuer": "http://i.dk",
                "openid_client_id": "c",
                "openid_roles": ("a=reader",),
            },
            "0.0.0.0",
            "--openid-issuer must be https",
        ),
        (
            {
                "mode": "openid",
                "public_url": "https://e.dk",
                "openid_issuer": "https://i.dk",
                "openid_client_id": "c",
                "openid_roles": ("a=king",),
            },
            "0.0.0.0",
            "no role 'king'",
        ),
    ],
)
@pytest.mark.security("S22")
def test_settings_that_are_not_whole_or_not_safe_are_refused_at_the_start(settings: dict[str, Any], host: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        access_from(AccessSettings(**settings), host)


# the user file and secrets


@pytest.mark.security("S23")
def test_the_user_file_holds_no_password_and_is_for_its_owner_alone(users: UserFile, tokens: dict[Role, str]) -> None:
    text = users.path.read_text(encoding="utf-8")
    assert PASSWORD not in text
    assert not any(token in text for token in tokens.values())
    assert "$argon2id$" in text
    assert stat.S_IMODE(users.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file.put("cy", ["king"], password=PASSWORD), "no role 'king'"),
        (lambda file: file.put("c y", ["reader"], password=PASSWORD), "name must be"),
        (lambda file: file.put("cy", ["reader"], password="short"), "12 to 200"),
        (lambda file: file.put("cy", ["reader"]), "needs a password or a token"),
        (lambda file: file.remove("cy"), "is not in"),
    ],
)
def test_a_wrong_change_of_the_user_file_changes_nothing(tmp_path: Path, change: Any, said: str) -> None:
    file = UserFile(tmp_path / "users.json")
    file.put("bo", ["reader"], password=PASSWORD)
    before = file.path.read_bytes()
    with pytest.raises(ConfigurationError, match=said):
        change(file)
    assert file.path.read_bytes() == before


@pytest.mark.parametrize(
    "content", ["", "{}", '{"users": [{"name": "a"}]}', '{"users": [{"name":"a","kind":"person","roles":["king"],"check":"x"}]}']
)
def test_a_damaged_user_file_lets_nobody_in(tmp_path: Path, content: str) -> None:
    path = tmp_path / "users.json"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(ConfigurationError):
        UserFile(path).users()


@pytest.mark.security("S21")
def test_a_file_that_everybody_can_read_is_refused(tmp_path: Path) -> None:
    file = UserFile(tmp_path / "users.json")
    file.put("bo", ["reader"], password=PASSWORD)
    file.path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        UserFile(file.path).users()
    key = tmp_path / "key"
    key.write_text("k" * 40)
    key.chmod(0o644)
    settings = AccessSettings("users", users_file=file.path, session_key_file=key)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        access_from(settings, "127.0.0.1")
    key.chmod(0o600)
    key.write_text("short")
    with pytest.raises(ConfigurationError, match="at least 32 bytes"):
        access_from(settings, "127.0.0.1")


@pytest.mark.security("S21")
def test_a_secret_is_in_no_text_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, users: UserFile) -> None:
    monkeypatch.setenv("KERNEEFFEKT_OPENID_CLIENT_SECRET", "canary-secret")
    settings = AccessSettings(**OPENID)
    made = access_from(settings, "0.0.0.0")
    assert made.openid is not None
    assert made.openid.client_secret == "canary-secret"
    assert "canary" not in repr(made) + repr(settings)
    key = tmp_path / "key"
    key.write_text("canary" * 8)
    key.chmod(0o600)
    kept = access_from(AccessSettings("users", users_file=users.path, session_key_file=key), "127.0.0.1")
    assert kept.sessions.key == b"canary" * 8
    assert "canary" not in repr(kept)


def test_commands_for_the_user_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from typer.testing import CliRunner

    from config.cli import app

    run, path = CliRunner(), str(tmp_path / "users.json")
    added = run.invoke(app, ["users", "add", "bo", "--role", "reader", "--users", path], input=PASSWORD + "\n")
    assert added.output.strip() == "bo may sign in as reader"
    monkeypatch.setenv("KERNEEFFEKT_PASSWORD", "another password")
    assert "already" in run.invoke(app, ["users", "add", "bo", "--if-missing", "--users", path]).output
    assert UserFile(Path(path)).signed_in("bo", PASSWORD) is not None
    run.invoke(app, ["users", "add", "bo", "--users", path])
    assert UserFile(Path(path)).signed_in("bo", PASSWORD) is None
    token = run.invoke(app, ["users", "token", "jobsystem", "--role", "sender", "--users", path]).output.strip()
    program = UserFile(Path(path)).of_token(token)
    assert program is not None
    assert program.roles == ("sender",)
    run.invoke(app, ["users", "roles", "bo", "--role", "admin", "--role", "controller", "--users", path])
    assert run.invoke(app, ["users", "list", "--users", path]).output == "bo  person  admin, controller\njobsystem  program  sender\n"
    run.invoke(app, ["users", "remove", "bo", "--users", path])
    assert [entry["name"] for entry in json.loads(Path(path).read_text())["users"]] == ["jobsystem"]


@pytest.fixture(autouse=True)
def _no_added_rule_stays() -> Iterator[None]:
    before = dict(ROUTES)
    yield
    ROUTES.clear()
    ROUTES.update(before)
    os.environ.pop("KERNEEFFEKT_PASSWORD", None)
