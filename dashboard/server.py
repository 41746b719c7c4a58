"""Serving the page: one process, loopback unless told otherwise."""

import logging
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

import uvicorn

from dashboard.app import LOCAL_HOSTS, create_app
from dashboard.errors import NoPublicationError
from dashboard.snapshots import current_version, require_folder
from dashboard.svg import warm_up

LOG = logging.getLogger(__name__)


def serve(published: Path, port: int = 8350, *, host: str = "127.0.0.1", allowed_hosts: Iterable[str] = LOCAL_HOSTS) -> None:
    """Serve the published folder until stopped. Blocks.

    published      the folder that `kerneeffekt publish --to` writes. Missing: PublishedFolderError. Still empty: serves a page that says
    so, and shows the first publication as soon as it comes
    host           where to listen; anything but loopback belongs behind a server that knows who may read
    allowed_hosts  names that a request may ask for, beside `host`
    """
    require_folder(published)
    try:
        current_version(published)
    except NoPublicationError as fault:
        print(f"{fault}; the page waits for the first publication", file=sys.stderr)  # noqa: T201 - said to the person at the command line
    app = create_app(published, allowed_hosts={*allowed_hosts, host})
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
    uvicorn.run(app, host=host, port=port, log_level="warning", server_header=False, date_header=True, timeout_graceful_shutdown=5)
