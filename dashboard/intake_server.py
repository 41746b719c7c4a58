"""Serving the intake of events: one process, loopback unless told otherwise."""

from collections.abc import Callable
from urllib.parse import urlsplit

from dashboard.access.ways_in import AccessSettings, access_from
from dashboard.app import LOCAL_HOSTS
from dashboard.certificates import show_certificates
from dashboard.intake import create_intake
from dashboard.intake_telemetry import PART, IntakeCounts, serve_intake_telemetry
from dashboard.listen import listen
from dashboard.telemetry import UNWATCHED, Counted, Watched
from pipelines.sending.deliveries import Delivery


def serve_intake(
    settings: AccessSettings,
    delivery: Callable[[], Delivery],
    *,
    host: str,
    port: int,
    trusted_proxy: str | None,
    requests_per_minute: int,
    watched: Watched = UNWATCHED,
) -> None:
    """Serve until stopped, then let answers under way finish. Blocks.

    settings  who may send; held against the host before anything is opened, as the page's are
    delivery  opens where the events go
    watched   metrics and health on a port of their own
    """
    access = access_from(settings, host)
    public = urlsplit(access.public_url).hostname if access.public_url else None
    counts = IntakeCounts(access)
    show_certificates(counts.board, watched.certificates, "intake")
    app = create_intake(
        access, delivery(), allowed_hosts={*LOCAL_HOSTS, public or host}, requests_per_minute=requests_per_minute, counts=counts
    )
    telemetry = serve_intake_telemetry(counts, watched.host, watched.port) if watched.port is not None else None
    try:
        listen(Counted(app, counts.board, PART), host=host, port=port, trusted_proxy=trusted_proxy)
    finally:
        if telemetry is not None:
            telemetry.close()
