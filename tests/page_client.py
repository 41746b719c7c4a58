"""The page's application asked in-process, as a browser would ask it, without a socket."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from fastapi import FastAPI


class PageClient:
    """Asks one application. A fault inside it becomes the answer that a reader would get, unless `raise_faults`."""

    def __init__(self, app: FastAPI, *, raise_faults: bool = True, caller: str = "127.0.0.1", base_url: str = "http://127.0.0.1") -> None:
        self._app = app
        self._raise_faults = raise_faults
        self._caller, self._base_url = caller, base_url
        self.cookies: dict[str, str] = {}

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        """One request, one answer; redirects are not followed."""
        # In a thread of its own: a browser's tests leave a loop running in this one.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, self._ask(method, path, **given)).result()

    def get(self, path: str, **given: Any) -> httpx.Response:
        """The same, for reading."""
        return self.request("GET", path, **given)

    async def _ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=self._app, raise_app_exceptions=self._raise_faults, client=(self._caller, 12345))
        async with httpx.AsyncClient(transport=transport, base_url=self._base_url, cookies=self.cookies) as client:
            return await client.request(method, path, **given)


class Browser(PageClient):
    """Asks as a browser does: keeps cookies, and sends the forms that it was shown."""

    def __init__(self, app: FastAPI, base_url: str = "http://127.0.0.1", **given: Any) -> None:
        super().__init__(app, base_url=base_url, **given)
        self._own = {"Origin": base_url, "Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        """One request with the cookies there are; keeps those that the answer sets, and forgets those that it ends."""
        own = self._own if method == "POST" else {"Accept-Language": "en"}
        answer = super().request(method, path, **{**given, "headers": {**own, **given.get("headers", {})}})
        for cookie in answer.headers.get_list("set-cookie"):
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies.pop(name, None)
            if value.strip('"'):
                self.cookies[name] = value
        return answer

    def post(self, path: str, **given: Any) -> httpx.Response:
        """The same, for sending."""
        return self.request("POST", path, **given)

    def token_on(self, page: str) -> str:
        """The word that the forms of a page carry."""
        found = re.search(r'name="token" value="([^"]+)"', self.get(page).text)
        assert found, f"no form on {page}"
        return found[1]

    def send_form(self, path: str, fields: dict[str, str], *, on: str, **given: Any) -> httpx.Response:
        """Open a page and send its form."""
        return self.post(path, data={"token": self.token_on(on), **fields}, **given)
