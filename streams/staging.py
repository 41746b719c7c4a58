"""The queue between the reader and the writer: bounded, and taken whole."""

import threading

from pipelines.staged import Staged

MAX_RECORDS = 190_000
MAX_BYTES = 120 << 20
LINGER_S = 0.5
"""How long a small batch waits for company: one transaction per record would cost a disk flush each."""
IN_FLOW_S = 3.0
"""How long it waits while more is being taken apart: the fixed price of a transaction is that of 20,000 records."""
ENOUGH_RECORDS = 160_000


class StagingQueue:
    """Stretches in order. The reader waits while it is full; the writer takes all that is there, so its batches grow with the backlog."""

    def __init__(
        self, max_records: int = MAX_RECORDS, max_bytes: int = MAX_BYTES, linger_s: float = LINGER_S, in_flow_s: float = IN_FLOW_S
    ) -> None:
        self._max_records, self._max_bytes, self._linger_s, self._in_flow_s = max_records, max_bytes, linger_s, in_flow_s
        self._stretches: list[Staged] = []
        self._n_records = self._n_bytes = 0
        self._closed = False
        self._in_flow = self._has_begun = False
        self._changed = threading.Condition()

    @property
    def n_records(self) -> int:
        """Records waiting."""
        return self._n_records

    def put(self, stretch: Staged, n_bytes: int) -> None:
        """Append; blocks while the queue is full. What is put into a closed queue is gone: it will be read again after the restart."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._has_room())
            if self._closed:
                return
            self._stretches.append(stretch)
            self._n_records += stretch.received
            self._n_bytes += n_bytes
            self._changed.notify_all()

    def flow(self, goes_on: bool) -> None:
        """Whether the reader is at work on what will be put next."""
        with self._changed:
            self._in_flow = goes_on
            self._changed.notify_all()

    def take(self, timeout_s: float) -> list[Staged]:
        """All that waits, after letting a small batch gather for a moment; empty after the timeout or when closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._stretches or self._closed, timeout_s)
            if self._stretches:
                self._gather()
            taken = [] if self._closed else self._stretches
            self._stretches, self._n_records, self._n_bytes = [], 0, 0
            self._changed.notify_all()
            return taken

    def _gather(self) -> None:
        self._changed.wait_for(lambda: self._closed or self._enough(), self._linger_s)
        if self._has_begun:  # after a restart something is stored soon
            self._changed.wait_for(lambda: self._closed or self._enough() or not self._in_flow, self._in_flow_s)
        self._has_begun = True

    def close(self) -> None:
        """Let nobody wait any longer, on either side."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _has_room(self) -> bool:
        return self._n_records < self._max_records and self._n_bytes < self._max_bytes

    def _enough(self) -> bool:
        return self._n_records >= ENOUGH_RECORDS or not self._has_room()
