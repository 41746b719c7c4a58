"""Runs the child until it is done, killing it on the way, and holds what is left against the clean run's (I0-I4)."""

import json
import multiprocessing
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pipelines.crashpoints import CRASH_POINTS
from pipelines.database import FILE, quoted
from pipelines.invariants import run_hashes, violations
from pipelines.publish import current_version, open_current
from tests.crash import child
from tests.crash.workload import write_workload

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tests.crash.child"])
AT_RANDOM = "at random"
VISITED_ONCE = ("compact_", "publish_")
"""A run compacts and publishes once."""

KILLS_PER_STORE = 8
CHILD_WITHIN_S = 300


class DifferentError(AssertionError):
    """A run with kills ended otherwise than the clean one."""


@dataclass(frozen=True)
class Kill:
    """Where a child is to die: the n-th visit of a crash point, or so many seconds after it has opened the store."""

    point: str
    visit: int = 1
    after_s: float = 0.0

    def __str__(self) -> str:
        return f"{self.point} after {self.after_s:.2f} s" if self.point == AT_RANDOM else f"{self.point}:{self.visit}"


@dataclass(frozen=True)
class State:
    """What a finished run left: hash per table of the store and of the mart."""

    store: dict[str, str]
    mart: dict[str, str]


@dataclass
class Harness:
    """One workload, its clean run, and as many killed runs as asked for."""

    folder: Path
    seed: int
    say: Callable[[str], None] = print
    kills: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.files = write_workload(self.folder, self.seed)
        began = time.monotonic()
        self.clean = self._finished(self.folder / "clean", [])
        self.clean_s = time.monotonic() - began

    def run(self, plan: Iterable[Kill]) -> None:
        """Go through the plan, several kills to a store; each store must end as the clean one.

        raises DifferentError with the kills that led to it.
        """
        waiting = list(plan)
        while waiting:
            folder = self.folder / "killed"
            shutil.rmtree(folder, ignore_errors=True)
            before = sum(self.kills.values())
            state = self._finished(folder, waiting)
            if state != self.clean:
                raise DifferentError(f"seed {self.seed}: the run ended otherwise than the clean one in {_differences(state, self.clean)}")
            total = sum(self.kills.values())
            self.say(f"{total:>5} kills; the store after {total - before} of them is as the clean one")

    def _finished(self, folder: Path, waiting: list[Kill]) -> State:
        """Start the child until it ends by itself; the first kills of `waiting` are used up on the way."""
        store, published = folder / "store", folder / "published"
        for n_kills in range(KILLS_PER_STORE):
            if not waiting:
                break
            kill = waiting.pop(0)
            was_killed = self._start(store, published, kill)
            self._look(published, kill)
            if not was_killed:
                # Done before it came to that: the next store begins with it.
                if kill.point != AT_RANDOM and (kill.visit > 1 or n_kills):
                    waiting.insert(0, Kill(kill.point, 1))
                break
            self.kills[kill.point] += 1
        self._start(store, published, None)
        return self._state(store, published)

    def _start(self, store: Path, published: Path, kill: Kill | None) -> bool:
        told, telling = SERVER.Pipe(duplex=False)
        crash_at = str(kill) if kill and kill.point != AT_RANDOM else None
        process = SERVER.Process(target=child.run, args=(telling, crash_at, store, published, self.files))
        process.start()
        telling.close()
        if kill and kill.point == AT_RANDOM:
            told.poll(CHILD_WITHIN_S)
            time.sleep(kill.after_s)
            process.kill()
        process.join(CHILD_WITHIN_S)
        if process.exitcode not in (0, -signal.SIGKILL):
            process.kill()
            raise DifferentError(f"seed {self.seed}, {kill}: the child ended with {process.exitcode}; its traceback is above")
        return process.exitcode == -signal.SIGKILL

    def _look(self, published: Path, kill: Kill) -> None:
        """After any kill a reader sees one whole publication, or none yet (I4)."""
        if current_version(published) is None:
            return
        _, connection = open_current(published)
        rows = connection.execute("SELECT count(*) FROM effect_by_unit").fetchall()[0][0]
        connection.close()
        if not rows:
            raise DifferentError(f"seed {self.seed}, {kill}: the publication that CURRENT names is empty")

    def _state(self, store: Path, published: Path) -> State:
        connection = duckdb.connect()
        connection.execute(f"ATTACH {quoted(store / FILE)} AS store (READ_ONLY); USE store")
        wrong = {name: n for name, n in violations(connection).items() if n}
        hashes = run_hashes(connection)
        connection.close()
        if wrong:
            raise DifferentError(f"seed {self.seed}: invariants are broken: {wrong}")
        return State(hashes, _mart_hashes(published))


def _mart_hashes(published: Path) -> dict[str, str]:
    version = current_version(published)
    manifest = json.loads((published / str(version) / "manifest.json").read_text(encoding="utf-8"))
    return {name: table["sha256"] for name, table in manifest["tables"].items()}


def _differences(one: State, other: State) -> list[str]:
    return [name for left, right in ((one.store, other.store), (one.mart, other.mart)) for name in left if left[name] != right.get(name)]


def plan(kills: int, seed: int, clean_s: float) -> list[Kill]:
    """Every crash point in turn, at its first and then at random visits; one in four kills at a random moment."""
    chance = random.Random(seed)
    kills_left: list[Kill] = []
    points = list(CRASH_POINTS)
    for number in range(kills):
        turn, place = divmod(number, len(points) + len(points) // 3)
        if place >= len(points):
            kills_left.append(Kill(AT_RANDOM, after_s=chance.uniform(0, clean_s)))
        else:
            once = turn == 0 or points[place].startswith(VISITED_ONCE)
            kills_left.append(Kill(points[place], 1 if once else chance.randint(1, 4)))
    return kills_left
