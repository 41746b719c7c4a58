"""What the writer does between two batches beside its work: answers what others ask of the store, and lets rejected records expire."""

import logging
import time

from pipelines.logs import about
from pipelines.quarantine import expire
from pipelines.quarantine_beside import WORKER_ANSWERS
from pipelines.snapshot import answer_request
from pipelines.store import Store

LOG = logging.getLogger(__name__)
EXPIRE_EVERY_S = 3600.0


class Housekeeping:
    """For one store. Call it from the writer's thread only, several times a second."""

    def __init__(self, store: Store, quarantine_days: float) -> None:
        self._store, self._days = store, quarantine_days
        self._expire_at = 0.0

    def between_batches(self) -> None:
        """Whatever is due now."""
        answer_request(self._store, WORKER_ANSWERS)
        if time.monotonic() >= self._expire_at:
            self._expire_at = time.monotonic() + EXPIRE_EVERY_S
            expired = expire(self._store, self._days)
            if expired:
                LOG.info("rejected records expired", extra=about(**expired))
