"""The Faust app: one agent per event family, raw bytes, no tables, no web server, no exactly-once mode."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import faust

from streams import transport
from streams.agents import record_events
from streams.batches import BatchQueue
from streams.connection import Connection
from streams.halt import Halt
from streams.positions import Positions
from streams.topics import Place

GROUP_SESSION_S = 60.0
HEARTBEAT_S = 3.0
MAX_POLL_INTERVAL_S = 1000.0
MAX_POLL_BATCHES = 4
"""The client counts a record batch (streams/fetched.py) as one record."""
MAX_FETCH_BYTES = 1 << 20
"""Per partition and fetch, of many partitions at once. A record may be larger (`LARGEST_RECORD_BYTES`): a broker sends the first batch of a
fetch whole, however large, and nothing of another that does not fit (KIP-74)."""
BATCHES_PER_STREAM = 2
"""Faust counts messages here, and one message is a whole record batch."""


@dataclass(frozen=True)
class GroupMember:
    """Who reads: `group` owns the partitions; a static `instance` gets them back at once after a kill, before its session times out."""

    group: str
    instance: str


class WorkerApp(faust.App):
    """A Faust app that knows the store's positions and how to stop the process.

    first_poll_at      by the performance counter; 0 before it
    sought_generation  of the group, whose partitions were set to the store's offsets; None before the first
    """

    positions: Positions
    halt: Halt
    on_seek: Callable[[Mapping[Place, int]], None]
    first_poll_at: float
    sought_generation: int | None


def build_app(
    broker: Connection, member: GroupMember, topics: list[str], inbox: BatchQueue, folder: Path, positions: Positions, halt: Halt
) -> WorkerApp:
    """An app whose agents put every record batch of `topics` into `inbox`.

    folder  where Faust may keep files of its own; it keeps none that matter
    """
    transport.register()
    logging.getLogger("faust").setLevel(logging.ERROR)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    app = WorkerApp(
        member.group,
        broker=[f"{transport.SCHEME}://{address}" for address in broker.address.split(",")],
        broker_credentials=broker.for_faust(),
        autodiscover=False,
        datadir=folder,
        key_serializer="raw",
        value_serializer="raw",
        web_enabled=False,
        store="memory://",
        processing_guarantee="at_least_once",
        topic_disable_leader=True,
        topic_allow_declare=False,
        stream_wait_empty=False,
        stream_buffer_maxsize=BATCHES_PER_STREAM,
        broker_session_timeout=GROUP_SESSION_S,
        broker_request_timeout=GROUP_SESSION_S + 30.0,
        broker_heartbeat_interval=HEARTBEAT_S,
        broker_max_poll_interval=MAX_POLL_INTERVAL_S,
        broker_max_poll_records=MAX_POLL_BATCHES,
        broker_commit_interval=1.0,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=MAX_FETCH_BYTES,
        consumer_group_instance_id=member.instance,
    )
    app.positions, app.halt = positions, halt
    app.on_seek = lambda starts: None
    app.first_poll_at = 0.0
    app.sought_generation = None
    for topic in topics:
        channel = app.topic(topic, key_type=bytes, value_type=bytes)
        app.agent(channel, name=f"agent.{topic}", concurrency=1)(record_events(inbox, halt))
    return app
