"""What the worker shows of itself between commits: lag by the broker's own ends, sizes, age of the publication and of the last backup."""

import logging
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from models.errors import BrokerError
from pipelines.logs import about
from pipelines.snapshot import BACKUP_NOTE
from pipelines.telemetry import age_s
from streams.batches import BatchQueue
from streams.health import WorkerHealth
from streams.metrics import Metrics
from streams.positions import Positions
from streams.topics import Broker, Place

LOG = logging.getLogger(__name__)
SAY_EVERY_S = 60.0
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Observation:
    """Looks at broker, store folder, publication and process, and fills the gauges."""

    def __init__(
        self,
        broker: Broker,
        partitions: Mapping[str, int],
        positions: Positions,
        starts: Mapping[Place, int],
        inbox: BatchQueue,
        store: Path,
        published: Path | None,
        metrics: Metrics,
        health: WorkerHealth,
    ) -> None:
        self._broker, self._partitions, self._positions, self._starts = broker, partitions, positions, starts
        self._inbox, self._store, self._published, self._metrics, self._health = inbox, store, published, metrics, health
        self._answers = True
        self._said_at = time.monotonic()

    def look(self) -> Mapping[Place, int]:
        """Records that wait, per partition where any do; fills the gauges on the way.

        raises BrokerError when the broker does not answer; the other gauges are filled all the same.
        """
        self._look_around()
        try:
            ranges = self._broker.ranges(self._partitions)
        except BrokerError:
            self._note_broker(False)
            raise
        self._note_broker(True)
        ends = {place: kept.high for place, kept in ranges.items()}
        behind = self._positions.behind(ends, self._starts)
        self._metrics.show_lag(behind, ends)
        self._metrics.show_headroom(self._positions.headroom(ranges, self._starts))
        self._say_now_and_then(sum(behind.values()))
        return behind

    def _look_around(self) -> None:
        show = self._metrics.show
        show("kerneeffekt_queue_bytes", self._inbox.n_bytes)
        show("kerneeffekt_store_bytes", sum(file.stat().st_size for file in self._store.glob("store.duckdb*")))
        show("kerneeffekt_resident_bytes", resident_bytes())
        show("kerneeffekt_publication_age_seconds", age_s(self._published / "CURRENT" if self._published else None))
        show("kerneeffekt_backup_age_seconds", age_s(self._store / BACKUP_NOTE))
        if self._store.exists():
            volume = shutil.disk_usage(self._store)
            show("kerneeffekt_store_free_bytes", volume.free)
            show("kerneeffekt_store_volume_bytes", volume.total)

    def _note_broker(self, answers: bool) -> None:
        self._metrics.show("kerneeffekt_broker_answers", answers)
        self._health.broker_answered(answers)
        self._health.now()
        if answers != self._answers:
            self._answers = answers
            LOG.warning("the broker answers again" if answers else "the broker does not answer; reading goes on by itself when it is back")

    def _say_now_and_then(self, n_behind: int) -> None:
        if time.monotonic() - self._said_at > SAY_EVERY_S:
            self._said_at = time.monotonic()
            LOG.info("at work", extra=about(records_waiting=n_behind, resident_bytes=resident_bytes()))


def resident_bytes() -> int:
    """Memory of this process, as the kernel counts it."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE
