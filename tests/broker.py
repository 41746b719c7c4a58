"""A real Apache Kafka for tests and benchmarks, by the same scripts that `make kafka` calls."""

import contextlib
import os
import random
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).parent.parent
SCRIPTS = PROJECT / "streams" / "kafka"
NO_MORE: Mapping[str, tuple[int, str]] = {}


def missing_tools() -> str:
    """What a broker needs and this machine lacks, in words; empty when nothing is missing."""
    fetched = any((PROJECT / "build" / "kafka" / "lib").glob("kafka_*.jar"))
    lacking = [name for name, tool in (("Java 17", "java"), ("Maven", "mvn")) if not shutil.which(tool) and not (tool == "mvn" and fetched)]
    return f"a real Kafka needs {' and '.join(lacking)}" if lacking else ""


def free_port() -> int:
    """A TCP port that nobody uses at this moment, and that the system gives to no outgoing connection before it is used."""
    while True:
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", random.SystemRandom().randrange(15_000, 32_000)))
            return int(listener.getsockname()[1])


def start(port: int, controller_port: int, heap: str = "384m", properties: Path | None = None) -> str:
    """Start a broker and wait until it answers; returns its address. Raises RuntimeError with what the script said.

    properties  settings that win over those of the script
    """
    command = [str(SCRIPTS / "start.sh"), str(port), str(controller_port)]
    environment = os.environ | {"KERNEEFFEKT_KAFKA_HEAP": heap} | ({"KERNEEFFEKT_KAFKA_PROPERTIES": str(properties)} if properties else {})
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False, env=environment)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return f"127.0.0.1:{port}"


def stop(port: int, *, erase: bool = False) -> None:
    """Stop the broker on a port; with `erase` its data goes too."""
    subprocess.run([str(SCRIPTS / "stop.sh"), str(port), *(["--erase"] if erase else [])], capture_output=True, timeout=60, check=True)


@contextmanager
def running_broker(heap: str = "384m", properties: Path | None = None, listeners: Mapping[str, tuple[int, str]] = NO_MORE) -> Iterator[str]:
    """A broker on a free port for as long as the block lasts; its data is erased at the end.

    properties  settings that win over those of the script
    listeners   port and protocol of more listeners on localhost, by name
    """
    port, controller = free_port(), free_port()
    if properties is not None and listeners:
        _add_listeners(properties, port, controller, listeners)
    try:
        yield start(port, controller, heap, properties)
    finally:
        stop(port, erase=True)


def _add_listeners(properties: Path, port: int, controller: int, listeners: Mapping[str, tuple[int, str]]) -> None:
    own = [f"{name}://localhost:{number}" for name, (number, _) in listeners.items()]
    protocols = ["PLAINTEXT:PLAINTEXT", "CONTROLLER:PLAINTEXT", *(f"{name}:{protocol}" for name, (_, protocol) in listeners.items())]
    with properties.open("a", encoding="utf-8") as file:
        file.write(f"listeners={','.join([f'PLAINTEXT://127.0.0.1:{port}', f'CONTROLLER://127.0.0.1:{controller}', *own])}\n")
        file.write(f"advertised.listeners={','.join([f'PLAINTEXT://127.0.0.1:{port}', *own])}\n")
        file.write(f"listener.security.protocol.map={','.join(protocols)}\n")
