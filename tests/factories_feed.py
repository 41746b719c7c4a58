"""From events on the wire to a mart, through the real store: the file feed, the translation and the build, as a municipality runs them."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

from models.catalogue import Catalogue
from pipelines.mart import build_mart
from pipelines.replay import replay
from pipelines.store import Store
from tests.factories_mart import Mart


class Feed:
    """Events of a test, in the order in which they are told."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def event(self, kind: str, on: dt.date, subject: str = "p:0000000a", **data: Any) -> str:
        """One event at noon; returns its id."""
        number = f"e{len(self.lines) + 1}"
        self.lines.append(
            {
                "specversion": "1.0", "id": number, "source": "urn:test", "type": f"dk.kerneopgave.{kind}.v1", "subject": subject,
                "time": f"{on.isoformat()}T12:00:00+01:00", "data": data,
            }
        )  # fmt: skip
        return number

    def ledger(self, on: dt.date, unit: str, kroner: int, account: str = "1") -> None:
        """A posting at a unit."""
        self.event("finance.ledger_posted", on, subject=unit, unit=unit, account=account, amount_ore=kroner * 100)

    def mart(self, folder: Path, catalogue: Catalogue, as_of: dt.date) -> Mart:
        """The mart of a store that was fed with these events."""
        file, target = folder / "events.ndjson", folder / "mart.duckdb"
        file.write_text("".join(json.dumps(line) + "\n" for line in self.lines), encoding="utf-8")
        with Store.open(folder / "store", catalogue) as store:
            summary = replay([file], store)
        assert summary.accepted == len(self.lines), summary.sentence()
        build_mart(folder / "store" / "store.duckdb", catalogue, target, as_of)
        return Mart(target)
