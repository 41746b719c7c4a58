"""What a store remembers about itself between runs: time zone, catalogue, by which SQL its effects were made."""

import hashlib

import duckdb

from models.catalogue import Catalogue
from models.errors import ConfigurationError
from pipelines.versions import Translation


class Kept:
    """The `meta` table: one text per key."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def get(self, key: str) -> str | None:
        """The value of a key, or None."""
        row = self.connection.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
        return None if row is None else str(row[0])

    def put(self, key: str, value: str) -> None:
        """Set a key; part of whatever transaction is open."""
        self.connection.execute("DELETE FROM meta WHERE key = ?", [key])
        self.connection.execute("INSERT INTO meta VALUES (?, ?)", [key, value])

    def drop(self, key: str) -> None:
        """Forget a key."""
        self.connection.execute("DELETE FROM meta WHERE key = ?", [key])


def translation_hash(translation: Translation) -> str:
    """Identity of the SQL that makes effect records: another catalogue that translates alike needs no rebuild."""
    return hashlib.sha256("\n".join(translation.statements()).encode()).hexdigest()


def catalogue_text(catalogue: Catalogue) -> str:
    """A catalogue as JSON that reads back as the same catalogue."""
    return catalogue.model_dump_json(by_alias=True, exclude_unset=True)


def catalogue_from(kept: Kept, where: str) -> Catalogue:
    """The catalogue that the store was last used with; ConfigurationError when it was never used with one."""
    text = kept.get("catalogue")
    if text is None:
        raise ConfigurationError(f"the store {where} is new and knows no catalogue yet: name one with --catalogue, or feed it first")
    return Catalogue.model_validate_json(text)
