"""What changed with a publication, kept beside it for readers who have no store: `changes/<version>.json` in the published folder.

A version itself is never changed after it has its name, so this stands beside it. It is what `compare` tells, and hides what that hides;
only the largest changes are kept, with the number of all of them.
"""

import json
import os
from pathlib import Path
from typing import Any, Final

from pipelines.compare import Comparison, compare
from pipelines.published import changes_file, current_version

MOST_CHANGES: Final = 2_000


def keep_changes(published: Path, before: str | None, store_dir: Path, *, by_cause: bool = False) -> Path | None:
    """Compare the version that CURRENT names with the one before it and keep the answer; None where there is nothing to compare.

    before    the version that was current until now
    by_cause  also which cause has which part of each change; rebuilds the mart once for each cause
    raises    as `compare`
    """
    after = current_version(published)
    if before is None or after is None or before == after or not (published / before).is_dir():
        return None
    return write_changes(published, compare(published, before, after, store_dir, by_cause=by_cause))


def write_changes(published: Path, found: Comparison) -> Path:
    """Write a comparison where readers of the later version find it; whole or not at all."""
    told: dict[str, Any] = found.as_dict()
    told["n_changes"] = len(found.changes)
    told["changes"] = told["changes"][:MOST_CHANGES]
    path = changes_file(published, found.after.name)
    path.parent.mkdir(exist_ok=True)
    fresh = path.with_suffix(".tmp")
    fresh.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    os.replace(fresh, path)
    return path
