"""The headline table: per core task the units side by side, what they did and what came of it per krone, from a published mart.

The cohort shown is the newest one in which most units have a figure. Nothing is worked out here: every number is a column of the mart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from models.errors import ConfigurationError
from pipelines.sql_texts import sql

INVENTED = "Everything here is invented: citizens, companies, units, money and the differences between them."
STATE_WORDS = {
    "immature": "not mature yet",
    "missing": "no figure",
    "suppressed": "hidden",
    "no_reference": "no reference",
    "not_bounded": "not bounded",
}
DASH = "–"


@dataclass(frozen=True)
class HeadlineRow:
    """One unit in one core task: outputs beside effects, as they stand in the mart. Null is never zero; `state` and `reason` say why."""

    core_task: str
    indicator: str
    cohort: str
    unit_id: str
    unit: str
    outputs: int | None
    outputs_per_million: float | None
    achieved: int | None
    denominator: int | None
    share: float | None
    share_low: float | None
    share_high: float | None
    effects_per_million: float | None
    epm_low: float | None
    epm_high: float | None
    kroner_per_effect: float | None
    kpe_low: float | None
    kpe_high: float | None
    output_rank: int | None
    effect_rank: int | None
    effect_rank_low: int | None
    effect_rank_high: int | None
    state: str
    reason: str | None


@dataclass(frozen=True)
class Headline:
    """The rows of the table, and what they rest on."""

    rows: tuple[HeadlineRow, ...]
    as_of: str
    version: str


def read_headline(published: Path | str) -> Headline:
    """Read the headline figures of the current publication.

    published  folder with CURRENT in it
    raises     ConfigurationError when nothing is published there
    """
    folder = Path(published)
    try:
        version = (folder / "CURRENT").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise ConfigurationError(f"nothing is published in {folder}: expected a file CURRENT there; publish first") from None
    # An in-memory database with the file attached: a handle to a published file must never outlive a newer publication.
    with duckdb.connect() as connection:
        mart = str(folder / version / "mart.duckdb").replace("'", "''")
        connection.execute(f"ATTACH '{mart}' AS mart (READ_ONLY)")
        rows = connection.execute(sql("headline")).fetchall()
        found = connection.execute("SELECT max(as_of) FROM mart.effect_by_unit").fetchone()
    return Headline(tuple(HeadlineRow(*row) for row in rows), str(found[0]) if found else "", version)


def headline_table(published: Path | str) -> RenderableType:
    """The current publication's headline figures as tables for a terminal, one per core task, with what they are and are not."""
    headline = read_headline(published)
    tables = [_table(name, list(rows)) for name, rows in _grouped(headline.rows)]
    return Group(*tables, *_reading(headline))


def surprises(rows: Iterable[HeadlineRow]) -> list[str]:
    """Core tasks whose unit with most outputs per krone is clearly not first by effects per krone: its rank interval leaves out the top."""
    found = []
    for name, group in _grouped(rows):
        units = list(group)
        busiest = next((row for row in units if row.output_rank == 1), None)
        best = next((row for row in units if row.effect_rank == 1), None)
        if busiest and best and (busiest.effect_rank_low or 1) > 1:
            found.append(f"{name}: {busiest.unit} does most per krone, {best.unit} achieves most per krone.")
    return found


def _grouped(rows: Iterable[HeadlineRow]) -> list[tuple[str, list[HeadlineRow]]]:
    groups: dict[str, list[HeadlineRow]] = {}
    for row in rows:
        groups.setdefault(row.core_task, []).append(row)
    return list(groups.items())


def _table(name: str, rows: list[HeadlineRow]) -> Table:
    first = rows[0]
    table = Table(
        title=f"{name}: {first.indicator}, cohort {first.cohort}",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    table.add_column("Unit", no_wrap=True)
    for heading in ("Out-\nputs", "Effects", "Share", "Per mill.\nkroner", "Kroner\neach", "Rank out-\nput→effect"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(row.unit, *_cells(row))
    return table


def _cells(row: HeadlineRow) -> list[str]:
    """One unit's figures, each over its 95 % interval, so that a terminal of 80 columns shows the table whole."""
    why = STATE_WORDS.get(row.state, DASH)
    counted = f"{row.achieved} of {row.denominator}" if row.achieved is not None and row.denominator is not None else why
    return [
        _whole(row.outputs) if row.outputs is not None else DASH,
        counted,
        _interval(row.share, row.share_low, row.share_high, scale=100, digits=0, unit=" %") or DASH,
        _interval(row.effects_per_million, row.epm_low, row.epm_high, digits=1) or DASH,
        _kroner(row) or DASH,
        f"{row.output_rank or DASH}→{_rank(row)}",
    ]


def _interval(value: float | None, low: float | None, high: float | None, *, scale: float = 1, digits: int = 0, unit: str = "") -> str:
    if value is None:
        return ""
    text = f"{value * scale:,.{digits}f}{unit}"
    return text if low is None or high is None else f"{text}\n{low * scale:,.{digits}f}{DASH}{high * scale:,.{digits}f}"


def _kroner(row: HeadlineRow) -> str:
    """Kroner per effect, or that it has no upper limit; empty when there is no figure at all."""
    if row.effects_per_million is None:
        return ""
    if row.kroner_per_effect is None or row.kpe_high is None:
        return STATE_WORDS["not_bounded"]
    text = f"{row.kroner_per_effect:,.0f}"
    return text if row.kpe_low is None else f"{text}\n{_thousands(row.kpe_low)}{DASH}{_thousands(row.kpe_high)}"


def _thousands(kroner: float) -> str:
    return f"{kroner / 1000:,.0f}k" if kroner >= 20_000 else f"{kroner / 1000:,.1f}k"


def _rank(row: HeadlineRow) -> str:
    if row.effect_rank is None:
        return DASH
    if row.effect_rank_low is None or row.effect_rank_high is None or row.effect_rank_low == row.effect_rank_high:
        return str(row.effect_rank)
    return f"{row.effect_rank} ({row.effect_rank_low}{DASH}{row.effect_rank_high})"


def _whole(number: int) -> str:
    return f"{number:,}"


def _reading(headline: Headline) -> list[Text]:
    lines = [Text(f"As of {headline.as_of}, publication {headline.version}. {INVENTED}", style="bold")]
    lines += [Text(line) for line in surprises(headline.rows)]
    if any(row.state == "suppressed" for row in headline.rows):
        lines.append(Text("Hidden: the figure rests on few persons, or would give one away that does; more citizens show more."))
    lines.append(
        Text(
            "Below each figure stands its 95 % interval; ranks in brackets are the places that cannot be told apart. "
            "Units get different citizens; a difference is not yet merit."
        )
    )
    return lines
