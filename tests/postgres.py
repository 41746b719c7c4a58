"""A real PostgreSQL for tests: Debian's own, started as a process on a free port in a folder of its own, and stopped again."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

PASSWORD = "not-a-secret-1"


@dataclass(frozen=True)
class Server:
    """A running server: its superuser is `postgres`."""

    port: int
    folder: Path

    def address(self, user: str = "postgres", database: str = "postgres") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"


def binaries() -> Path | None:
    """Where initdb and postgres are; None when they are not installed."""
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    found = shutil.which("initdb")
    places += [Path(found).parent] if found else []
    return next((place for place in places if (place / "initdb").exists()), None)


@contextmanager
def running_postgres() -> Iterator[Server]:
    """A new cluster with password logins over TCP. Run as root it belongs to Debian's user `postgres`, since root may not run it."""
    place = binaries()
    assert place is not None
    folder = Path(tempfile.mkdtemp(prefix="kerneeffekt-pg-"))
    data, as_user = folder / "data", _as_user(folder)
    (folder / "password").write_text(PASSWORD)
    os.chmod(folder / "password", 0o644)
    initdb = [place / "initdb", "-D", data, "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "-E", "UTF8"]
    subprocess.run([*as_user, *map(str, initdb), "--no-sync"], check=True, capture_output=True, cwd=folder)
    port = _free_port()
    options = ["-D", str(data), "-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*as_user, str(place / "postgres"), *options], stdout=log, stderr=log, cwd=folder)
    try:
        yield _answering(Server(port, folder), process)
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _as_user(folder: Path) -> list[str]:
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    os.chmod(folder, 0o755)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]


def _answering(server: Server, process: subprocess.Popen[bytes]) -> Server:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        assert process.poll() is None, (server.folder / "log").read_text()
        try:
            psycopg.connect(server.address(), password=PASSWORD).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return server
    raise AssertionError("PostgreSQL did not answer within 30 s: " + (server.folder / "log").read_text())


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
