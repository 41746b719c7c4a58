"""Serving the page: one process, loopback unless told otherwise."""

import logging
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI

from dashboard.access.guard import REQUESTS_PER_MINUTE
from dashboard.access.ways_in import AccessSettings, access_from
from dashboard.app import LOCAL_HOSTS, create_app
from dashboard.certificates import show_certificates
from dashboard.errors import NoPublicationError
from dashboard.listen import listen
from dashboard.snapshots import current_version, require_folder
from dashboard.telemetry import UNWATCHED, Counted, Watched, page_board, serve_telemetry
from dashboard.warm import stay_warm

LOG = logging.getLogger(__name__)


def serve(
    published: Path,
    port: int = 8350,
    *,
    host: str = "127.0.0.1",
    allowed_hosts: Iterable[str] = LOCAL_HOSTS,
    access: AccessSettings | None = None,
    store: Path | None = None,
    trusted_proxy: str | None = None,
    requests_per_minute: int = REQUESTS_PER_MINUTE,
    watched: Watched = UNWATCHED,
) -> None:
    """Serve the published folder until stopped. Blocks.

    published      the folder that `kerneeffekt publish --to` writes. Missing: PublishedFolderError. Still empty: serves a page that says
    so, and shows the first publication as soon as it comes
    host           where to listen; anything but loopback needs a login
    allowed_hosts  names that a request may ask for, beside `host` and the public address
    access         how people come in; none: this machine alone, without a login
    store          the private store, for looks behind a figure; none: they cannot be looked at here
    trusted_proxy  address of the proxy in front, whose word is taken on who calls and by https or not; none: nobody's
    watched        metrics and health on a port of their own
    """
    way_in = access_from(access or AccessSettings(), host)
    require_folder(published)
    try:
        current_version(published)
    except NoPublicationError as fault:
        print(f"{fault}; the page waits for the first publication", file=sys.stderr)  # noqa: T201 - said to the person at the command line
    public = {urlsplit(way_in.public_url).hostname or host} if way_in.public_url else {host}
    app = create_app(
        published, allowed_hosts={*allowed_hosts, *public}, access=way_in, store=store, requests_per_minute=requests_per_minute
    )
    stopped = threading.Event()
    threading.Thread(target=stay_warm, args=(app.state.publications, stopped), name="warm", daemon=True).start()
    try:
        run(app, host=host, port=port, watched=watched, trusted_proxy=trusted_proxy)
    finally:
        stopped.set()


def run(app: FastAPI, *, host: str, port: int, watched: Watched, trusted_proxy: str | None = None) -> None:
    """Serve an application of `create_app` until SIGTERM or SIGINT, then let answers under way finish, for five seconds at most."""
    publications = app.state.publications
    publications.stale_after_s = watched.stale_after_s
    board = page_board(publications)
    show_certificates(board, watched.certificates)
    telemetry = serve_telemetry(board, publications, watched.host, watched.port) if watched.port is not None else None
    try:
        listen(Counted(app, board), host=host, port=port, trusted_proxy=trusted_proxy)
    finally:
        if telemetry is not None:
            telemetry.close()
