"""When a certificate ends, as the metrics show it: the first of a chain, a renewed one, and one that is not there."""

import datetime as dt
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from dashboard.certificates import CERTIFICATE_EXPIRES, show_certificates
from pipelines.telemetry import Board
from tests.certificates import certificate_until

SOON, LATER = dt.datetime(2026, 12, 1, tzinfo=dt.UTC), dt.datetime(2028, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def board() -> Board:
    return Board(CollectorRegistry(), (CERTIFICATE_EXPIRES,))


def shown(board: Board, file: str) -> float | None:
    return board.registry.get_sample_value(CERTIFICATE_EXPIRES.name, {"part": "page", "file": file})


def test_of_a_chain_the_first_end_counts_and_a_renewed_file_is_seen_without_a_new_start(tmp_path: Path, board: Board) -> None:
    file = tmp_path / "chain.pem"
    file.write_text(certificate_until(LATER) + certificate_until(SOON), encoding="ascii")
    show_certificates(board, [file])
    assert shown(board, "chain.pem") == SOON.timestamp()
    file.write_text(certificate_until(LATER), encoding="ascii")
    assert shown(board, "chain.pem") == LATER.timestamp()


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n"])
def test_what_cannot_be_read_looks_long_ended_so_that_the_alert_comes(tmp_path: Path, board: Board, content: bytes | None) -> None:
    file = tmp_path / "gone.pem"
    if content is not None:
        file.write_bytes(content)
    show_certificates(board, [file])
    assert shown(board, "gone.pem") == 0
