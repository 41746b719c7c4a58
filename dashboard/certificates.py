"""When certificates end: the PEM files that the proxy in front answers with, shown as a metric so that somebody renews them in time."""

import logging
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Final

from cryptography import x509

from pipelines.telemetry import Board, Metric

LOG = logging.getLogger(__name__)
UNREADABLE: Final = 0.0
"""Shown where a file holds no certificate: long past, so that the alert comes."""

CERTIFICATE_EXPIRES: Final = Metric(
    "kerneeffekt_certificate_expires_seconds",
    "gauge",
    "seconds since 1970",
    ("part", "file"),
    "When the first certificate of a file ends, by the file's name; 0: it cannot be read.",
    "Less than three weeks ahead: renew it, and let the proxy read it again.",
)


def show_certificates(board: Board, files: Iterable[Path], part: str = "page") -> None:
    """Show when the certificates of these files end, read anew at each look, so that a renewed one is seen."""
    for file in files:
        board.gauges[CERTIFICATE_EXPIRES.name].labels(part, file.name).set_function(partial(expires_at, file))


def expires_at(file: Path) -> float:
    """Seconds since 1970 at which the first certificate of a PEM file to end does so; UNREADABLE where there is none."""
    try:
        held = x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        LOG.warning("the certificate %s cannot be read (%s); expected a PEM file", file.name, type(error).__name__)
        return UNREADABLE
    return min(one.not_valid_after_utc.timestamp() for one in held)
