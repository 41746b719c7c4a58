"""Signing in through a real OpenID provider on this machine: code flow with PKCE, groups to roles, and everything that must not pass."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import httpx
import oidc_provider_mock
import pytest
import werkzeug.serving
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from dashboard.access.ways_in import AccessSettings, access_from
from dashboard.app import create_app
from tests.factories_published import publish_example
from tests.page_client import Browser

PUBLIC = "http://127.0.0.1"
PEOPLE = {
    "anne": {"preferred_username": "anne@example.dk", "groups": ["kommune-controllere", "kantinen"]},
    "bo": {"preferred_username": "bo@example.dk", "groups": ["kantinen"]},
    "cy": {"groups": "kommune-dpo"},
}


@dataclass
class Provider:
    """The provider and what it saw; `change` may spoil an id token's claims on its way."""

    issuer: str = ""
    seen: list[dict[str, str]] = field(default_factory=list)
    challenges: set[str] = field(default_factory=set)
    change: Callable[[dict[str, Any]], str] | None = None


def challenge_of(verifier: str) -> str:
    """RFC 7636, 4.2: S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    people = [oidc_provider_mock.User(sub=sub, claims=claims) for sub, claims in PEOPLE.items()]
    app = oidc_provider_mock.app(require_nonce=True, user_claims=people)
    provider = Provider()

    @app.before_request
    def hold_to_pkce() -> Any:
        """The provider itself does not: refuse a code without the verifier of a challenge that it was shown."""
        if flask.request.path.endswith("/authorize"):
            assert flask.request.args["code_challenge_method"] == "S256"
            provider.challenges.add(flask.request.args["code_challenge"])
        if flask.request.path.endswith("/token"):
            provider.seen.append(flask.request.form.to_dict())
            if challenge_of(flask.request.form.get("code_verifier", "")) not in provider.challenges:
                return {"error": "invalid_grant"}, 400
        return None

    @app.after_request
    def spoil(answer: flask.Response) -> flask.Response:
        if provider.change and flask.request.path.endswith("/token") and answer.status_code == 200:
            content = json.loads(answer.get_data())
            middle = content["id_token"].split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
            answer.set_data(json.dumps(content | {"id_token": provider.change(claims)}))
        return answer

    server = werkzeug.serving.make_server("127.0.0.1", 0, app, threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_example(tmp_path_factory.mktemp("published"))


@pytest.fixture
def browser(provider: Provider, published: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    monkeypatch.setenv("KERNEEFFEKT_OPENID_CLIENT_SECRET", "client-secret")
    settings = AccessSettings(
        "openid",
        public_url=PUBLIC,
        openid_issuer=provider.issuer,
        openid_client_id="kerneeffekt",
        openid_roles=("kommune-controllere=controller", "kommune-dpo=data_protection_officer"),
    )
    yield Browser(create_app(published, access=access_from(settings, "127.0.0.1")))
    provider.change = None


def at_the_provider(browser: Browser, person: str | None, then: str = "/units?lang=en") -> str:
    """Leave for the provider and sign in there; gives the address that it sends the browser back to."""
    there = browser.get("/login/openid", params={"next": then}).headers["Location"]
    told = {"sub": person} if person else {"action": "deny"}
    back = httpx.post(there, data=told, follow_redirects=False).headers["Location"]
    assert back.startswith(f"{PUBLIC}/login/callback?")
    return back.removeprefix(PUBLIC)


def test_a_controller_signs_in_and_comes_back_to_the_page_they_wanted(browser: Browser, provider: Provider) -> None:
    assert browser.get("/units?lang=en").headers["Location"].startswith("/login?")
    assert "Sign in with your work account" in browser.get("/login?lang=en&next=%2Funits%3Flang%3Den").text
    answer = browser.get(at_the_provider(browser, "anne"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/units?lang=en")
    assert "Signed in as anne@example.dk" in browser.get("/units?lang=en").text
    assert "code_verifier" in provider.seen[-1]
    assert "client-secret" not in str(browser.cookies)


def test_what_leaves_for_the_provider_has_state_nonce_and_challenge(browser: Browser) -> None:
    given = parse_qs(urlsplit(browser.get("/login/openid").headers["Location"]).query)
    assert given["response_type"] == ["code"]
    assert given["code_challenge_method"] == ["S256"]
    assert given["redirect_uri"] == [f"{PUBLIC}/login/callback"]
    assert len(given["state"][0]) >= 20
    assert len(given["nonce"][0]) >= 20


def test_a_group_alone_and_as_text_gives_its_role(browser: Browser) -> None:
    browser.get(at_the_provider(browser, "cy"))
    assert browser.get("/units").status_code == 200
    assert "Signed in as cy" in browser.get("/units").text


def test_somebody_without_a_group_that_counts_comes_in_as_nobody(browser: Browser) -> None:
    answer = browser.get(at_the_provider(browser, "bo"))
    assert answer.status_code == 403
    assert "in no group that has a role" in answer.text
    assert browser.get("/units").status_code == 303


def test_whoever_says_no_at_the_provider_is_not_in(browser: Browser) -> None:
    answer = browser.get(at_the_provider(browser, None))
    assert answer.status_code == 401
    assert "Start again" in answer.text


def test_a_code_that_somebody_else_was_given_is_no_good(browser: Browser) -> None:
    stolen = at_the_provider(browser, "anne")
    victim = Browser(browser._app)
    assert victim.get(stolen).status_code == 401, "its browser did not leave for the provider"
    at_the_provider(victim, "bo")
    assert victim.get(stolen).status_code == 401, "the state is another"


def test_a_code_is_taken_once(browser: Browser) -> None:
    back = at_the_provider(browser, "anne")
    kept = dict(browser.cookies)
    assert browser.get(back).status_code == 303
    browser.cookies.clear()
    browser.cookies.update(kept)
    assert browser.get(back).status_code == 401


def signed_by_another(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256"}, claims, RSAKey.generate_key(2048))


def signed_by_the_secret(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("client-secret-that-is-long-enough-for-it"))


def not_signed(claims: dict[str, Any]) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


@pytest.mark.parametrize("forge", [signed_by_another, signed_by_the_secret, not_signed])
def test_a_forged_id_token_signs_nobody_in(browser: Browser, provider: Provider, forge: Callable[[dict[str, Any]], str]) -> None:
    provider.change = lambda claims: forge({**claims, "groups": ["kommune-controllere"]})
    assert browser.get(at_the_provider(browser, "bo")).status_code == 401
    assert browser.get("/units").status_code == 303


def test_a_provider_that_does_not_answer_is_said(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = AccessSettings(
        "openid", public_url=PUBLIC, openid_issuer="http://127.0.0.1:9", openid_client_id="c", openid_roles=("a=reader",)
    )
    answer = Browser(create_app(published, access=access_from(settings, "127.0.0.1"))).get("/login/openid")
    assert answer.status_code == 503
    assert "does not answer" in answer.text
