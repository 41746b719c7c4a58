"""A running writer's copy for the publisher."""

import threading
import time
from pathlib import Path

import pytest

from models.errors import StoreBusyError
from pipelines.snapshot import REQUEST, answer_request, ask_for_snapshot


class FakeStore:
    """A store whose file gets its content at the checkpoint."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def checkpoint(self) -> None:
        (self.folder / "store.duckdb").write_text("checkpointed", encoding="utf-8")


def test_nobody_asked_nothing_is_copied(tmp_path: Path) -> None:
    assert answer_request(FakeStore(tmp_path)) is False
    assert list(tmp_path.iterdir()) == []


def test_the_copy_holds_what_was_checkpointed(tmp_path: Path) -> None:
    (tmp_path / "store.duckdb").write_text("before", encoding="utf-8")

    def writer() -> None:
        while not answer_request(FakeStore(tmp_path)):
            time.sleep(0.01)

    thread = threading.Thread(target=writer)
    thread.start()
    copy = ask_for_snapshot(tmp_path, within_s=10)
    thread.join()
    assert copy.read_text(encoding="utf-8") == "checkpointed"


def test_without_an_answer_the_request_is_taken_back(tmp_path: Path) -> None:
    with pytest.raises(StoreBusyError, match="only a running worker"):
        ask_for_snapshot(tmp_path, within_s=0.2)
    assert not (tmp_path / REQUEST).exists()
