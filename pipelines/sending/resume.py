"""How far a file was sent, kept beside it, so that a sending that broke off (or a file that grew) goes on where it was."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from models.errors import ConfigurationError
from models.mapping import Mapping
from pipelines.lines import LineFile


class Progress:
    """The state of one sending: for each file the last line that was sent, and the fingerprint of everything up to it."""

    def __init__(self, state: Path | None, mapping: Mapping) -> None:
        self._state = state
        self._mapping = hashlib.sha256(mapping.model_dump_json(by_alias=True).encode()).hexdigest()
        self._files: dict[str, dict[str, Any]] = self._read()
        self._hashing: tuple[Path, LineFile, int] | None = None

    def sent_through(self, path: Path) -> int:
        """The last line of a file that was sent already; 0 where the file is another than it was up to there."""
        known = self._files.get(str(path.absolute()))
        if known is None:
            return 0
        with LineFile(path) as file:
            same = file.skip(known["line"]) == known["fingerprint"]
        return int(known["line"]) if same else 0

    def save(self, path: Path, line: int) -> None:
        """Note that everything up to a line is safe."""
        if self._state is None or not line:
            return
        self._files[str(path.absolute())] = {"line": line, "fingerprint": self._fingerprint(path, line)}
        fresh = self._state.with_name(f"{self._state.name}.new")
        fresh.write_text(json.dumps({"mapping": self._mapping, "files": self._files}, indent=2), encoding="utf-8")
        os.replace(fresh, self._state)

    def _fingerprint(self, path: Path, line: int) -> str | None:
        """The fingerprint up to a line, read on from the last one asked for."""
        if self._hashing is None or self._hashing[0] != path or self._hashing[2] > line:
            self._hashing = (path, LineFile(path), 0)
        _, file, done = self._hashing
        self._hashing = (path, file, line)
        return file.skip(line - done)

    def _read(self) -> dict[str, dict[str, Any]]:
        if self._state is None or not self._state.exists():
            return {}
        try:
            kept = json.loads(self._state.read_text(encoding="utf-8"))
            same, files = kept["mapping"] == self._mapping, dict(kept["files"])
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(
                f"{self._state} does not say how far a sending came; give another --resume file, or remove it"
            ) from error
        # By another mapping the same rows are other events: all of it is sent again.
        return files if same else {}
