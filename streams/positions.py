"""Where reading stands: the store's offsets, known to every thread of the worker. Kafka's own committed offsets are never read."""

import threading
from collections.abc import Mapping

from models.errors import OffsetGapError
from streams.topics import Place, Range


class Positions:
    """The next offset of each partition that the store holds; moved by the writer after each commit."""

    def __init__(self, durable: Mapping[Place, int]) -> None:
        self._durable: dict[tuple[str, int], int] = {(place.topic, place.partition): offset for place, offset in durable.items()}
        self._lock = threading.Lock()
        self._to_seek = threading.Event()

    def durable(self, place: tuple[str, int]) -> int | None:
        """The next offset of a partition; None when the store has read nothing of it."""
        return self._durable.get(place)

    def move(self, reached: Mapping[Place, int]) -> None:
        """After a commit: these are the next offsets now."""
        with self._lock:
            self._durable.update({(place.topic, place.partition): offset for place, offset in reached.items()})

    def request_seek(self) -> None:
        """Ask for the client to go back to what the store holds: records did not arrive."""
        self._to_seek.set()

    def take_seek_request(self) -> bool:
        """Whether somebody asked for it; a request is taken once."""
        wanted = self._to_seek.is_set()
        self._to_seek.clear()
        return wanted

    def snapshot(self) -> dict[tuple[str, int], int]:
        """All of them, at one moment."""
        with self._lock:
            return dict(self._durable)

    def start_of(self, ranges: Mapping[Place, Range]) -> dict[Place, int]:
        """Where reading begins in each partition: the store's offset, or the broker's first record where the store has none.

        raises OffsetGapError when the broker no longer has the store's offset, or does not have it yet.
        """
        return {place: self._start(place, kept) for place, kept in ranges.items()}

    def _start(self, place: Place, kept: Range) -> int:
        stored = self._durable.get(place)
        if stored is None:
            return kept.low
        if stored < kept.low:
            raise OffsetGapError(
                f"{place}: the store has read up to offset {stored}, but the broker's first record is {kept.low}: "
                "the records between are gone. Feed them from files (kerneeffekt replay) into a new store, or restore the topic"
            )
        if stored > kept.high:
            raise OffsetGapError(
                f"{place}: the store has read up to offset {stored}, but the broker ends at {kept.high}: "
                "the topic was made anew, or another broker answers. Check --broker, or begin a new store"
            )
        return stored

    def headroom(self, ranges: Mapping[Place, Range], starts: Mapping[Place, int]) -> dict[Place, int]:
        """Records that the broker may still delete before it deletes one that was not read, per partition; below 0: it has."""
        durable = self.snapshot()
        return {place: durable.get(place, starts.get(place, kept.low)) - kept.low for place, kept in ranges.items()}

    def behind(self, ends: Mapping[Place, int], starts: Mapping[Place, int]) -> dict[Place, int]:
        """Records still to be read, per partition, where there are any. `starts` is where reading began."""
        durable = self.snapshot()
        missing = {place: end - durable.get(place, starts.get(place, 0)) for place, end in ends.items()}
        return {place: n for place, n in missing.items() if n > 0}
