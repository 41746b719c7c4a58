"""How a part answers by HTTP: one process, nothing said of its server, and an end in order."""

import uvicorn
from starlette.types import ASGIApp

ANSWERS_END_WITHIN_S = 5


def listen(app: ASGIApp, *, host: str, port: int, trusted_proxy: str | None) -> None:
    """Serve until SIGTERM or SIGINT, then let answers under way finish, for five seconds at most. Blocks.

    trusted_proxy   address whose headers say who asks; None: those of nobody
    """
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=ANSWERS_END_WITHIN_S,
        proxy_headers=trusted_proxy is not None,
        forwarded_allow_ips=trusted_proxy,
    )
