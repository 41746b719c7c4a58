"""The folder of publications as a reader sees it: which versions there are, which one is current, what each says of itself."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

from models.errors import ConfigurationError

MART_FILE: Final = "mart.duckdb"
MANIFEST_FILE: Final = "manifest.json"

CURRENT: Final = "CURRENT"
"""The file that names the current version."""

_VERSION = re.compile(r"v[0-9]{8}T[0-9]{6,}")


def current_version(published: Path) -> str | None:
    """The version that CURRENT names; None when nothing has been published yet."""
    try:
        version = (published / CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    return version if version.isalnum() else None


def required_version(published: Path) -> str:
    """The version that CURRENT names; ConfigurationError when nothing has been published there."""
    version = current_version(published)
    if version is None:
        raise ConfigurationError(
            f"nothing has been published in {published} yet: expected a file {CURRENT} there; run `kerneeffekt publish` first"
        )
    return version


def current_manifest(published: Path) -> dict[str, Any]:
    """What the current version says of itself; ConfigurationError when nothing has been published there."""
    text = (published / required_version(published) / MANIFEST_FILE).read_text(encoding="utf-8")
    return cast("dict[str, Any]", json.loads(text))


def published_versions(published: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(version, manifest) of every whole publication in the folder, the newest first."""
    folders = [path for path in published.iterdir() if _VERSION.fullmatch(path.name)] if published.is_dir() else []
    for folder in sorted(folders, key=lambda path: path.name, reverse=True):
        try:
            yield folder.name, json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue


def changes_file(published: Path, version: str) -> Path:
    """Where what changed with a version is kept (`pipelines/changes_kept.py`): beside the versions, which never change themselves."""
    return published / "changes" / f"{version}.json"
