"""Every metric of the worker, in one list: name, kind, unit, labels, meaning, and what to do when it moves.

No label ever holds a subject, a unit or anything else that an event says. The registry is passed in, so each test has its own.
"""

import time
from collections.abc import Mapping

from prometheus_client import CollectorRegistry

from pipelines.staged import BatchSummary, Staged
from pipelines.telemetry import Board, Metric
from streams.topics import Place

QUARANTINE_CLASSES = ("malformed", "envelope", "unknown_type", "payload", "personal_number", "conflict")
INVARIANTS = ("I1", "I2", "I3")

METRICS: tuple[Metric, ...] = (
    Metric(
        "kerneeffekt_received",
        "counter",
        "records",
        ("topic",),
        "Records stored or set aside, since the start.",
        "Flat while lag grows: see seconds_since_progress.",
    ),
    Metric(
        "kerneeffekt_accepted",
        "counter",
        "events",
        (),
        "Events accepted.",
        "Compare with received; the rest is below.",
    ),
    Metric(
        "kerneeffekt_duplicates",
        "counter",
        "events",
        (),
        "Events that were there already, with the same content.",
        "A jump after a source's restart is normal; a steady high share means that a source sends everything twice.",
    ),
    Metric(
        "kerneeffekt_quarantined",
        "counter",
        "records",
        ("class",),
        "Records rejected, by class.",
        "Above 1 % of received, or any personal_number: kerneeffekt quarantine list, then tell the source's owner.",
    ),
    Metric(
        "kerneeffekt_erased",
        "counter",
        "events",
        (),
        "Events of erased subjects, not kept.",
        "Tell the source that it still sends them.",
    ),
    Metric(
        "kerneeffekt_batches_committed",
        "counter",
        "batches",
        (),
        "Transactions committed.",
        "Flat while lag grows: the worker is stuck.",
    ),
    Metric(
        "kerneeffekt_effect_versions",
        "counter",
        "records",
        (),
        "New versions of effect records.",
        "None for long while events come: look at the catalogue.",
    ),
    Metric(
        "kerneeffekt_effects_sent",
        "counter",
        "messages",
        (),
        "Effect changes put on the topic `effects`.",
        "Behind effect_versions: look at the broker.",
    ),
    Metric(
        "kerneeffekt_lag_records",
        "gauge",
        "records",
        ("topic", "partition"),
        "Records that the broker has and the store has not.",
        "Growing for minutes: too little machine, or a stuck worker.",
    ),
    Metric(
        "kerneeffekt_retention_headroom_records",
        "gauge",
        "records",
        ("topic", "partition"),
        "Records from the broker's first one to the next that the store reads: so many may be deleted before something is lost.",
        "Falling to 0 while records wait: lengthen the topics' retention before the broker deletes what was not read.",
    ),
    Metric(
        "kerneeffekt_seconds_since_progress",
        "gauge",
        "seconds",
        (),
        "Seconds since the last commit, 0 while nothing waits.",
        "Above 60: look at the log; the watchdog ends the worker by itself.",
    ),
    Metric(
        "kerneeffekt_commit_seconds",
        "histogram",
        "seconds",
        (),
        "Length of one transaction, translation included.",
        "Above 30: disk or memory is short, or a correction touches very many subjects.",
    ),
    Metric(
        "kerneeffekt_validation_seconds",
        "histogram",
        "seconds",
        (),
        "Time to take one stretch of records apart.",
        "Rises with rejected records.",
    ),
    Metric(
        "kerneeffekt_queue_bytes",
        "gauge",
        "bytes",
        (),
        "Bytes read from the broker that wait to be taken apart.",
        "Always full: the writer is the bottleneck.",
    ),
    Metric(
        "kerneeffekt_store_bytes",
        "gauge",
        "bytes",
        (),
        "Size of the store's file and write-ahead log.",
        "Plan the disk: twice this and 1 GiB must be free.",
    ),
    Metric(
        "kerneeffekt_publication_age_seconds",
        "gauge",
        "seconds",
        (),
        "Age of what is published; -1 when nothing is.",
        "Older than the cadence: kerneeffekt publish by hand and read what the gate says.",
    ),
    Metric(
        "kerneeffekt_invariant_violations",
        "gauge",
        "violations",
        ("invariant",),
        "I1 counts add up, I2 offsets only advance, I3 no event twice; looked at hourly.",
        "Anything but 0: stop, keep the store's folder, restore the last backup and replay.",
    ),
    Metric(
        "kerneeffekt_resident_bytes",
        "gauge",
        "bytes",
        (),
        "Memory of the worker.",
        "Growing for hours: restart it, and tell us.",
    ),
    Metric(
        "kerneeffekt_store_free_bytes",
        "gauge",
        "bytes",
        (),
        "Bytes free on the store's volume.",
        "Below a fifth of the volume, or less than the store's own size: make room before a batch is refused.",
    ),
    Metric(
        "kerneeffekt_store_volume_bytes",
        "gauge",
        "bytes",
        (),
        "Size of the store's volume.",
        "For the share that is free.",
    ),
    Metric(
        "kerneeffekt_broker_answers",
        "gauge",
        "1 or 0",
        (),
        "1 while the broker answers the watchdog, which has a client of its own.",
        "0: look at the broker and the network; the worker goes on by itself when it is back.",
    ),
    Metric(
        "kerneeffekt_worker_ready",
        "gauge",
        "1 or 0",
        (),
        "1 while /readyz says 200.",
        "0: /readyz says why.",
    ),
    Metric(
        "kerneeffekt_backup_age_seconds",
        "gauge",
        "seconds",
        (),
        "Age of the last backup of this store; -1 when there is none.",
        "Older than a day and a bit: run kerneeffekt backup by hand and read what it says.",
    ),
)


class Metrics(Board):
    """The metrics of METRICS on one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__(registry, METRICS)
        self._progress_at = time.monotonic()
        self._behind = 0
        for quarantine_class in QUARANTINE_CLASSES:
            self.counters["kerneeffekt_quarantined"].labels(quarantine_class)
        for invariant in INVARIANTS:
            self.gauges["kerneeffekt_invariant_violations"].labels(invariant).set(0)
        self.gauges["kerneeffekt_publication_age_seconds"].set(-1)
        self.gauges["kerneeffekt_backup_age_seconds"].set(-1)
        self.gauges["kerneeffekt_seconds_since_progress"].set_function(self.seconds_since_progress)

    def count_commit(self, stretches: list[Staged], summary: BatchSummary, seconds: float) -> None:
        """One batch was committed."""
        for stretch in stretches:
            self.counters["kerneeffekt_received"].labels(stretch.feed).inc(stretch.received)
        for name in ("accepted", "duplicates", "erased"):
            self.counters[f"kerneeffekt_{name}"].inc(getattr(summary, name))
        for quarantine_class, n in summary.quarantined_by_class:
            self.counters["kerneeffekt_quarantined"].labels(quarantine_class).inc(n)
        self.counters["kerneeffekt_batches_committed"].inc()
        self.counters["kerneeffekt_effect_versions"].inc(summary.effects)
        self.histograms["kerneeffekt_commit_seconds"].observe(seconds)
        if summary.received != summary.accepted + summary.duplicates + summary.quarantined + summary.erased:
            self.gauges["kerneeffekt_invariant_violations"].labels("I1").inc()
        self._progress_at = time.monotonic()

    def observe_validation(self, seconds: float) -> None:
        """One stretch of records was taken apart."""
        self.histograms["kerneeffekt_validation_seconds"].observe(seconds)

    def count_effects_sent(self, n: int) -> None:
        """Effect messages that the broker has acknowledged."""
        self.counters["kerneeffekt_effects_sent"].inc(n)

    def show_lag(self, behind: Mapping[Place, int], places: Mapping[Place, int]) -> None:
        """Records still to be read, per partition; `places` are all partitions, so that those without lag show 0."""
        self._behind = sum(behind.values())
        for place in places:
            self.gauges["kerneeffekt_lag_records"].labels(place.topic, str(place.partition)).set(behind.get(place, 0))
        if not self._behind:
            self._progress_at = time.monotonic()

    def show_headroom(self, headroom: Mapping[Place, int]) -> None:
        """Records between the broker's first one and the next to be read, per partition; below 0: some are gone unread."""
        for place, n in headroom.items():
            self.gauges["kerneeffekt_retention_headroom_records"].labels(place.topic, str(place.partition)).set(n)

    def show_violations(self, found: Mapping[str, int]) -> None:
        """What an invariant check found; keys begin with the invariant's name (`I1_counts_add_up`)."""
        for invariant in INVARIANTS:
            n = sum(count for check, count in found.items() if check.startswith(invariant))
            self.gauges["kerneeffekt_invariant_violations"].labels(invariant).set(n)

    @property
    def n_behind(self) -> int:
        """Records that wait at the broker, when it was last asked."""
        return self._behind

    def seconds_since_progress(self) -> float:
        """Seconds since the last commit while records wait, else 0."""
        return time.monotonic() - self._progress_at if self._behind else 0.0
