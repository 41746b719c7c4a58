"""A real Apache Kafka for tests and benchmarks, by the same scripts that `make kafka` calls."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).parent.parent
SCRIPTS = PROJECT / "streams" / "kafka"


def missing_tools() -> str:
    """What a broker needs and this machine lacks, in words; empty when nothing is missing."""
    fetched = any((PROJECT / "build" / "kafka" / "lib").glob("kafka_*.jar"))
    lacking = [name for name, tool in (("Java 17", "java"), ("Maven", "mvn")) if not shutil.which(tool) and not (tool == "mvn" and fetched)]
    return f"a real Kafka needs {' and '.join(lacking)}" if lacking else ""


def free_port() -> int:
    """A TCP port that nobody uses at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def start(port: int, controller_port: int, heap: str = "384m") -> str:
    """Start a broker and wait until it answers; returns its address. Raises RuntimeError with what the script said."""
    command = [str(SCRIPTS / "start.sh"), str(port), str(controller_port)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=180, check=False, env=os.environ | {"KERNEEFFEKT_KAFKA_HEAP": heap}
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return f"127.0.0.1:{port}"


def stop(port: int, *, erase: bool = False) -> None:
    """Stop the broker on a port; with `erase` its data goes too."""
    subprocess.run([str(SCRIPTS / "stop.sh"), str(port), *(["--erase"] if erase else [])], capture_output=True, timeout=60, check=True)


@contextmanager
def running_broker(heap: str = "384m") -> Iterator[str]:
    """A broker on a free port for as long as the block lasts; its data is erased at the end."""
    port = free_port()
    try:
        yield start(port, free_port(), heap)
    finally:
        stop(port, erase=True)
