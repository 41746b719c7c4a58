"""The page's application asked in-process, as a browser would ask it, without a socket."""

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI


class PageClient:
    """Asks one application. A fault inside it becomes the answer that a reader would get, unless `raise_faults`."""

    def __init__(self, app: FastAPI, *, raise_faults: bool = True) -> None:
        self._app = app
        self._raise_faults = raise_faults

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        """One request, one answer; redirects are not followed."""
        return asyncio.run(self._ask(method, path, **given))

    def get(self, path: str, **given: Any) -> httpx.Response:
        """The same, for reading."""
        return self.request("GET", path, **given)

    async def _ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=self._app, raise_app_exceptions=self._raise_faults)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, **given)
