"""The worker as `kerneeffekt worker` runs it, with what the benchmark wants to know at the end. For benchmarks/kafka.py.

python -m benchmarks.worker_process BROKER PREFIX STORE METRICS_PORT [--stay]
"""

import json
import sys
from pathlib import Path

from config.catalogue import load_catalogue
from streams.worker import RunReport, WorkerSettings, run_worker

CATALOGUE = Path(__file__).parent / "catalogue"


def tell(report: RunReport) -> None:
    told = {"records": report.records, "batches": report.batches, "seconds": report.seconds, "peak_rss_mib": peak_rss_mib()}
    print(json.dumps(told), flush=True)


def peak_rss_mib() -> float:
    """Of this process since it began. `getrusage` would count what the parent held when it started this one."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def main(broker: str, prefix: str, store: str, port: str, *flags: str) -> int:
    settings = WorkerSettings(
        store=Path(store),
        catalogue=load_catalogue(CATALOGUE),
        broker=broker,
        until_caught_up="--stay" not in flags,
        topic_prefix=prefix,
        metrics_port=int(port),
    )
    return run_worker(settings, tell)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
