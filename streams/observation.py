"""What the worker shows of itself between commits: lag by the broker's own ends, sizes, age of the publication."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

from streams.batches import BatchQueue
from streams.metrics import Metrics
from streams.positions import Positions
from streams.topics import Broker, Place

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
    ) -> None:
        self._broker, self._partitions, self._positions, self._starts = broker, partitions, positions, starts
        self._inbox, self._store, self._published, self._metrics = inbox, store, published, metrics

    def look(self) -> Mapping[Place, int]:
        """Records that wait, per partition where any do; fills the gauges on the way.

        raises BrokerError when the broker does not answer; the other gauges are filled all the same.
        """
        show = self._metrics.show
        show("kerneeffekt_queue_bytes", self._inbox.n_bytes)
        show("kerneeffekt_store_bytes", sum(file.stat().st_size for file in self._store.glob("store.duckdb*")))
        show("kerneeffekt_resident_bytes", resident_bytes())
        show("kerneeffekt_publication_age_seconds", publication_age_s(self._published))
        ends = self._broker.ends(self._partitions)
        behind = self._positions.behind(ends, self._starts)
        self._metrics.show_lag(behind, ends)
        return behind


def resident_bytes() -> int:
    """Memory of this process, as the kernel counts it."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE


def publication_age_s(published: Path | None) -> float:
    """Seconds since the folder's `CURRENT` was written; -1 when there is none."""
    current = published / "CURRENT" if published else None
    return time.time() - current.stat().st_mtime if current is not None and current.exists() else -1.0
