"""The worker: Faust reads, one thread takes records apart, one thread writes. Start, orderly end, and being caught up."""

import asyncio
import gc
import hashlib
import logging
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector

from models.catalogue import Catalogue
from models.errors import BrokerSilentError, ConfigurationError
from pipelines.database import Resources
from pipelines.intake import Intake
from pipelines.invariants import violations
from pipelines.logs import about
from pipelines.quarantine import KEPT_DAYS
from pipelines.store import Store
from pipelines.telemetry import TelemetryServer
from streams.app import GroupMember, WorkerApp, build_app
from streams.batches import BatchQueue
from streams.connection import Connection, connection_to
from streams.effects import EffectSender
from streams.halt import INFRASTRUCTURE_FAILED, halt
from streams.health import WorkerHealth
from streams.holes import BrokerHoles
from streams.housekeeping import Housekeeping
from streams.memory import hold_little
from streams.metrics import Metrics
from streams.observation import Observation
from streams.positions import Positions
from streams.priority import make_way
from streams.reader import Parser, Reader
from streams.staging import StagingQueue
from streams.topics import DEFAULT_PARTITIONS, EFFECTS_TOPIC, Broker, Place, event_topics
from streams.watchdog import NO_PROGRESS_S, Watchdog
from streams.writer import BatchStore, Writer

LOG = logging.getLogger(__name__)
INBOX_BYTES = 16 << 20
RESOURCES = Resources(threads=1, memory="256MiB")
"""Of the store's DuckDB: less than a rebuild may use, since a batch needs no more and the rest of the worker lies beside it."""
END_WITHIN_S = 9.0
"""An orderly end that takes longer is cut short: the store's offsets make that safe."""
LOOK_AT_GOAL_EVERY_S = 0.05
QUIET_S = 3.0
"""Nothing moved for so long while records seem to wait: ask the broker whether there are any."""


@dataclass(frozen=True)
class WorkerSettings:
    """What a worker needs to know.

    store             folder of the private store
    broker            how it is reached, or `host:port` of one on this machine
    until_caught_up   end with 0 once every partition is read to the end that it had at the start
    partitions        of topics that do not exist yet
    metrics_port      Prometheus port; None: none. 0: any free one
    topic_prefix      sets installations that share a broker apart
    published         folder of publications, for the metric of their age
    no_progress_s     the watchdog's patience
    quarantine_days   rejected records keep what they said for so long
    """

    store: Path
    catalogue: Catalogue
    broker: str | Connection
    until_caught_up: bool = False
    partitions: int = DEFAULT_PARTITIONS
    metrics_port: int | None = None
    metrics_host: str = "127.0.0.1"
    topic_prefix: str = ""
    published: Path | None = None
    no_progress_s: float = NO_PROGRESS_S
    quarantine_days: float = KEPT_DAYS

    @property
    def member(self) -> GroupMember:
        """A group per store: two stores on one broker each read everything, and a restarted worker is the same member as before."""
        name = hashlib.sha256(str(self.store.resolve()).encode()).hexdigest()[:12]
        return GroupMember(f"kerneeffekt-{name}", f"kerneeffekt-{name}-writer")


@dataclass(frozen=True)
class RunReport:
    """What one run of a worker did. seconds: from the first poll to the last commit; 0 when nothing was committed."""

    records: int
    batches: int
    seconds: float


def run_worker(settings: WorkerSettings, report: Callable[[RunReport], None] | None = None) -> int:
    """Read events from Kafka into the store until told to stop (SIGTERM, SIGINT) or caught up; returns the exit code 0.

    Blocks; `report` is called once at the end. Infrastructure faults on the way end the process with code 70, a standstill with 75
    (streams/halt.py).
    raises  StoreBusyError, StoreError, BrokerError (unreachable at the start), OffsetGapError (the broker lacks the store's offset)
    """
    hold_little()
    store = Store.open(settings.store, settings.catalogue, resources=RESOURCES)
    try:
        if store.rebuild_due:
            raise ConfigurationError(
                f"the catalogue defines other indicators than the effects in {settings.store} were made with: run kerneeffekt rebuild first"
            )
        worker = Worker(
            settings,
            store,
            Intake(settings.catalogue.municipality.time_zone, initializer=make_way),
            check=lambda: violations(store.connection),
            between_batches=Housekeeping(store, settings.quarantine_days).between_batches,
        )
        asyncio.run(worker.run())
        worker.end_threads()
        if report is not None:
            report(worker.report())
    finally:
        store.close()
    LOG.info("the worker ended", extra=about(**asdict(worker.report())))
    return 0


class Worker:
    """The parts of one running worker and how they are joined."""

    def __init__(
        self,
        settings: WorkerSettings,
        store: BatchStore,
        intake: Parser,
        *,
        check: Callable[[], Mapping[str, int]] = dict,
        between_batches: Callable[[], object] = bool,
    ) -> None:
        self._settings = settings
        self._connection = connection_to(settings.broker)
        broker = Broker(self._connection)
        self._partitions = broker.ensure_topics(event_topics(settings.topic_prefix), settings.partitions)
        effects_topic = settings.topic_prefix + EFFECTS_TOPIC
        broker.ensure_topics([effects_topic], settings.partitions)
        ranges = broker.ranges(self._partitions)
        held = {Place(feed, part): offset for (feed, part), offset in store.offsets().items()}
        self._positions = Positions({place: offset for place, offset in held.items() if place in ranges})
        self._starts = self._positions.start_of(ranges)
        self._goal = {place: kept.high for place, kept in ranges.items()}
        self._metrics = Metrics(CollectorRegistry())
        self._inbox, self._staging = BatchQueue(INBOX_BYTES), StagingQueue()
        store.claim()
        self._holes = BrokerHoles(self._connection)
        source = f"urn:kerneeffekt:{settings.catalogue.municipality.id}"
        self._outlet = EffectSender(self._connection, effects_topic, source, store.effects_sent_through(), self._metrics, halt)
        again = self._positions.request_seek
        self._reader = Reader(self._inbox, intake, self._staging, self._holes, self._starts, self._metrics, halt, again)
        self._writer = Writer(store, self._staging, self._positions, self._outlet, self._metrics, halt, check, between_batches)
        self._health = WorkerHealth(
            settings.store, self._metrics, (self._reader, self._writer, self._outlet), patience_s=settings.no_progress_s
        )
        observation = Observation(
            broker,
            self._partitions,
            self._positions,
            self._starts,
            self._inbox,
            settings.store,
            settings.published,
            self._metrics,
            self._health,
        )
        self._watchdog = Watchdog(observation.look, self._positions.snapshot, halt, nudge=again, patience_s=settings.no_progress_s)
        self._server: TelemetryServer | None = None
        self._deadline: threading.Timer | None = None
        self._first_poll_at = 0.0

    async def run(self) -> None:
        """Read until told to stop or caught up."""
        asked_to_stop = asyncio.Event()
        self._listen_to_signals(asked_to_stop)
        self._serve_metrics()
        self._start_threads()
        app = self._build_app()
        await app.start()
        self._health.reads()
        LOG.info("the worker reads", extra=about(topics=len(self._partitions), partitions=len(self._goal), broker=str(self._connection)))
        try:
            if self._settings.until_caught_up:
                await self._wait_until_caught_up(app, asked_to_stop)
            else:
                await self._wait_for_end(app, asked_to_stop)
        finally:
            self._health.ends()
            LOG.info("the worker ends", extra=about(asked_to_stop=asked_to_stop.is_set()))
            self._limit_the_end()
            self._watchdog.stop()
            self._inbox.close()
            self._first_poll_at = app.first_poll_at
            await app.stop()

    def end_threads(self) -> None:
        """Let each thread finish what it has begun, and no more."""
        self._reader.stop()
        self._staging.close()
        self._writer.stop()
        self._outlet.stop()
        for thread in (self._reader, self._writer, self._outlet):
            thread.join()
        if self._deadline is not None:
            self._deadline.cancel()
        if self._server is not None:
            self._server.close()

    def report(self) -> RunReport:
        """What this run did, so far."""
        done = self._writer
        seconds = done.last_commit_at - self._first_poll_at if done.n_batches else 0.0
        return RunReport(done.n_records, done.n_batches, seconds)

    def _build_app(self) -> WorkerApp:
        folder = self._settings.store / "faust"
        app = build_app(self._connection, self._settings.member, sorted(self._partitions), self._inbox, folder, self._positions, halt)
        app.on_seek = self._reader.start_at
        return app

    def _start_threads(self) -> None:
        # What was imported lives as long as the process: the collector need not look at it again and again.
        gc.freeze()
        gc.set_threshold(50_000, 50, 100)
        for thread in (self._reader, self._writer, self._outlet, self._watchdog):
            thread.start()

    def _listen_to_signals(self, asked_to_stop: asyncio.Event) -> None:
        if threading.current_thread() is threading.main_thread():
            for name in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(name, asked_to_stop.set)

    def _serve_metrics(self) -> None:
        if self._settings.metrics_port is None:
            return
        registry = self._metrics.registry
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self._server = TelemetryServer(self._settings.metrics_host, self._settings.metrics_port, registry, self._health.now)

    async def _wait_for_end(self, app: WorkerApp, asked_to_stop: asyncio.Event) -> None:
        while not asked_to_stop.is_set():
            self._check(app)
            await asyncio.sleep(0.2)

    async def _wait_until_caught_up(self, app: WorkerApp, asked_to_stop: asyncio.Event) -> None:
        seen, moved_at = self._positions.snapshot(), time.monotonic()
        while not asked_to_stop.is_set():
            self._check(app)
            behind = self._positions.behind(self._goal, self._starts)
            if not behind and self._writer.all_sent:
                return
            now = self._positions.snapshot()
            if now != seen:
                seen, moved_at = now, time.monotonic()
            elif behind and time.monotonic() - moved_at > QUIET_S and self._inbox.n_bytes == 0:
                moved_at = time.monotonic()
                await asyncio.to_thread(self._forget_holes_at_the_end, list(behind))
            await asyncio.sleep(LOOK_AT_GOAL_EVERY_S)

    def _forget_holes_at_the_end(self, places: list[Place]) -> None:
        """The last offsets of a transactional or compacted topic may hold no record: nothing will come that could reach the goal.

        Where there is one that does not come, it is read again.
        """
        for place in places:
            reached = self._positions.durable(place)
            with suppress(BrokerSilentError):  # a busy broker says nothing of what it has: asked again in a while
                if self._holes.next_record(place, self._starts[place] if reached is None else reached) is None:
                    self._goal.pop(place)
                else:
                    self._positions.request_seek()

    def _check(self, app: WorkerApp) -> None:
        reason = app.crash_reason
        if reason is not None:
            halt(INFRASTRUCTURE_FAILED, f"the Kafka client failed ({type(reason).__name__}); start the worker again")

    def _limit_the_end(self) -> None:
        sentence = f"the worker did not end within {END_WITHIN_S:.0f} s and was cut short; the next start goes on at the store's offsets"
        self._deadline = threading.Timer(END_WITHIN_S, halt, (INFRASTRUCTURE_FAILED, sentence))
        self._deadline.daemon = True
        self._deadline.start()
