"""SQL texts, one file per step, read from the package."""

from functools import cache
from importlib.resources import files


@cache
def sql(name: str) -> str:
    """The text of `pipelines/sql/<name>.sql`."""
    return (files("pipelines") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
