"""Signing in through an OpenID provider: authorization code flow with PKCE, state and nonce (Authlib), groups to roles by settings."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from httpx2 import HTTPError
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from dashboard.access.rights import Role
from dashboard.access.sessions import Sessions
from dashboard.access.ways_in import OpenId
from dashboard.errors import ReaderError

LOG = logging.getLogger(__name__)
FLOW, FLOW_SECONDS = "kerneeffekt_openid", 600
"""Between leaving for the provider and coming back."""
SIGNATURES: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures by a key pair only: none that the client's secret, or nothing, could make."""
_NAMES = ("preferred_username", "email", "sub")


class SignInError(ReaderError):
    """The provider did not sign anybody in, or said something that cannot be trusted."""

    status = 401


class ProviderError(ReaderError):
    """The provider does not answer."""

    status = 503


class OpenIdSignIn:
    """Sends people to the provider and takes them back."""

    def __init__(self, openid: OpenId, sessions: Sessions, public_url: str) -> None:
        self.openid, self.sessions = openid, sessions
        self.return_to = f"{public_url}/login/callback"
        self._client = OAuth().register(
            name="provider",
            client_id=openid.client_id,
            client_secret=openid.client_secret,
            server_metadata_url=f"{openid.issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": openid.scope, "code_challenge_method": "S256", "timeout": 10.0},
        )

    async def leave(self, request: Request, then: str) -> Response:
        """To the provider; `then` is the page to come back to."""
        request.scope["session"] = {}
        try:
            await self._prepared()
            answer: Response = await self._client.authorize_redirect(request, self.return_to)
        except (HTTPError, AuthlibBaseError, ValueError) as fault:
            raise _unreachable(fault) from None
        self.sessions.put(answer, FLOW, {"flow": request.scope["session"], "then": then}, FLOW_SECONDS)
        return answer

    async def come_back(self, request: Request) -> tuple[str, frozenset[Role], str]:
        """(name, roles, page to go on to) of whoever the provider signed in; SignInError when it did not."""
        kept = self.sessions.get(request, FLOW, FLOW_SECONDS)
        request.scope["session"] = kept.get("flow", {})
        try:
            await self._prepared()
            token = await self._client.authorize_access_token(request)
            claims = await self._claims(token)
        except (AuthlibBaseError, JoseError, KeyError, ValueError) as fault:
            LOG.warning("the OpenID provider signed nobody in: %s", type(fault).__name__)
            raise SignInError("the sign-in was not completed; start again", "error.openid") from None
        except HTTPError as fault:
            raise _unreachable(fault) from None
        return name_of(claims), roles_of(claims, self.openid), str(kept.get("then") or "/")

    async def _claims(self, token: Mapping[str, Any]) -> Mapping[str, Any]:
        """The checked id token's claims, with those of the user info where the groups are told only there."""
        claims: Mapping[str, Any] = token["userinfo"]
        if self.openid.claim in claims:
            return claims
        told: Mapping[str, Any] = await self._client.userinfo(token=token)
        # OpenID Connect Core 5.3.2: user info of anybody else must not be used.
        return {**told, **claims} if told.get("sub") == claims["sub"] else claims

    async def _prepared(self) -> None:
        metadata = await self._client.load_server_metadata()
        if str(metadata.get("issuer", "")).rstrip("/") != self.openid.issuer:
            raise ValueError("the provider names another issuer")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in SIGNATURES]


def roles_of(claims: Mapping[str, Any], openid: OpenId) -> frozenset[Role]:
    """The roles of the groups that the claim names; a claim may be a list, or one text."""
    told = claims.get(openid.claim) or []
    groups = [told] if isinstance(told, str) else [str(group) for group in told]
    return frozenset(openid.roles[group] for group in groups if group in openid.roles)


def name_of(claims: Mapping[str, Any]) -> str:
    """What the audit log calls a person: the name they sign in with."""
    return next(str(claims[name]) for name in _NAMES if claims.get(name))


def _unreachable(fault: Exception) -> ProviderError:
    LOG.error("the OpenID provider cannot be asked: %s", type(fault).__name__)
    return ProviderError("the sign-in service does not answer as expected; try again in a moment", "error.openid_down")
