"""Old publications stay readable for a stated time, and are deleted afterwards; never the current one, never one that somebody reads."""

import datetime as dt
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from models.errors import ConfigurationError, StoreBusyError
from pipelines.published import MART_FILE, changes_file, current_version, published_versions

ALWAYS_KEPT: Final = 2
"""The newest ones: the current publication and the one before, which drift and "what changed" are measured against."""

PRUNED_SUFFIX: Final = ".pruned"

Fate = Literal["deleted", "kept", "current", "being read"]


@dataclass(frozen=True)
class Pruned:
    """What became, or would become, of one publication."""

    version: str
    published_at: str
    size_bytes: int
    fate: Fate


def prune(published: Path, keep_days: int, now: dt.datetime, *, dry_run: bool = False) -> list[Pruned]:
    """Delete publications older than so many days; the newest first in the answer.

    keep_days   days for which a publication stays readable after it was published
    dry_run     say what would go, and delete nothing
    raises      StoreBusyError while a publication is being made, ConfigurationError when there is no such folder
    """
    if not published.is_dir():
        raise ConfigurationError(f"the folder of publications {published} does not exist; expected what `kerneeffekt publish --to` writes")
    with _alone(published):
        current = current_version(published)
        if not dry_run:
            for left in published.glob(f".*{PRUNED_SUFFIX}"):  # of one that was stopped in the middle
                shutil.rmtree(left, ignore_errors=True)
        found = []
        for place, (version, manifest) in enumerate(published_versions(published)):
            told = str(manifest.get("published_at"))
            old = place >= ALWAYS_KEPT and now - dt.datetime.fromisoformat(told) > dt.timedelta(days=keep_days)
            found.append(_one(published / version, told, version == current, old, dry_run))
        return found


def _one(folder: Path, published_at: str, is_current: bool, is_old: bool, dry_run: bool) -> Pruned:
    size = sum(file.stat().st_size for file in folder.iterdir())
    fate: Fate = "current" if is_current else "kept"
    if is_old and not is_current:
        fate = "deleted" if _unread(folder) else "being read"
    if fate == "deleted" and not dry_run:
        aside = folder.with_name(f".{folder.name}{PRUNED_SUFFIX}")
        os.rename(folder, aside)  # gone at once for whoever looks for it; what is open stays readable to its end
        shutil.rmtree(aside)
        changes_file(folder.parent, folder.name).unlink(missing_ok=True)
    return Pruned(folder.name, published_at, size, fate)


def _unread(folder: Path) -> bool:
    """Whether no other process has the mart open: DuckDB's readers hold a shared lock on the file, a lock for one alone is refused then.

    Parquet readers hold none; what they have open stays readable after the name is gone.
    """
    try:
        opened = os.open(folder / MART_FILE, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(opened)


@contextmanager
def _alone(published: Path) -> Iterator[None]:
    lock = os.open(published / ".publishing", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreBusyError(f"a publication is being made in {published}; wait for it to end") from error
        yield
    finally:
        os.close(lock)
