"""What one writes first with Faust: an agent that takes one event after the other, a pydantic model, a dictionary. For benchmarks/kafka.py.

python -m benchmarks.stock_faust BROKER PREFIX EVENTS FOLDER     prints events per second as JSON and ends
"""

import json
import os
import sys
import time
from collections import defaultdict
from typing import Any

import faust
from pydantic import BaseModel, ValidationError


class Event(BaseModel):
    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    recordedtime: str
    data: dict[str, Any]


def main(broker: str, prefix: str, n_events: int, folder: str) -> None:
    app = faust.App(
        f"stock-{os.getpid()}",
        broker=f"kafka://{broker}",
        value_serializer="raw",
        key_serializer="raw",
        web_enabled=False,
        autodiscover=False,
        consumer_auto_offset_reset="earliest",
        topic_disable_leader=True,
        datadir=folder,
        broker_max_poll_records=10_000,
    )
    sums: defaultdict[tuple[str, str], float] = defaultdict(float)
    seen = {"n": 0, "first": 0.0}

    @app.agent(app.topic(f"{prefix}kerneeffekt.employment", f"{prefix}kerneeffekt.finance", key_type=bytes, value_type=bytes))
    async def add(stream: Any) -> None:
        async for value in stream:
            if not seen["n"]:
                seen["first"] = time.perf_counter()
            seen["n"] += 1
            try:
                event = Event.model_validate_json(value)
            except ValidationError:
                sums["quarantined", ""] += 1
            else:
                sums[event.type, str(event.data.get("unit"))] += event.data.get("minutes") or event.data.get("amount_ore") or 1
            if seen["n"] == n_events:
                # Faust turns `print` into log lines.
                os.write(1, json.dumps({"events_per_second": (n_events - 1) / (time.perf_counter() - seen["first"])}).encode())
                os._exit(0)

    faust.Worker(app, loglevel="ERROR").execute_from_commandline()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
