"""What a published table and a column are, and how they are written down: one line per column, shared groups by name."""

from dataclasses import dataclass

from pipelines.tables.meanings import ALLOWED, ALWAYS, NULLABLE_KEYS, Unit, privacy_of, unit_of

ALL_UNITS = "(all)"
UNMATCHED = "(unmatched)"
UNALLOCATED = "(unallocated)"
UNMAPPED = "(unmapped)"


CELL_PARTS = ("size", "sight", "share", "split", "estimate")
"""Parts of an effect cell that are shown or hidden together (`disclosure_cell.sql`): what a figure made of the cell rests on."""

ROW, NOBODY = "row", "nobody"
"""What else a number may rest on: counts that the table's own statement judges, or no person at all (money, versions, targets)."""

RESTS_ON = (*CELL_PARTS, ROW, NOBODY)


@dataclass(frozen=True)
class Column:
    """One published column: its name, DuckDB type and meaning with unit.

    rests_on   for a number: which count of persons it would give away (RESTS_ON). `disclosure.blank` empties it where that is hidden
    """

    name: str
    type: str
    comment: str
    rests_on: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether it holds figures: these must say what they rest on."""
        return self.type.startswith(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL", "FLOAT", "DOUBLE"))

    @property
    def unit(self) -> Unit | None:
        """What a number counts or measures, by its name; None for words and dates."""
        return unit_of(self.name) if self.is_number else None

    @property
    def privacy(self) -> str | None:
        """One of `meanings.PRIVACY`; None while nobody has said it."""
        return privacy_of(self.name, self.rests_on, NOBODY)


@dataclass(frozen=True)
class Table:
    """One published table: its grain, what it is for, and its columns in order."""

    name: str
    grain: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when there is none."""
        return {column.name: column for column in self.columns}[name]

    def allowed(self, column: Column) -> tuple[str, ...] | None:
        """The values that a column of this table may have; None: any."""
        return ALLOWED.get(f"{self.name}.{column.name}") or ALLOWED.get(column.name)

    def is_required(self, column: Column) -> bool:
        """Whether the column is never null."""
        if column.name in self.key:
            return f"{self.name}.{column.name}" not in NULLABLE_KEYS
        return column.name in ALWAYS and not self.name.startswith("dim_")

    @property
    def ddl(self) -> str:
        """The CREATE TABLE statement, without schema."""
        columns = ", ".join(f'"{column.name}" {column.type}' for column in self.columns)
        return f'CREATE TABLE mart."{self.name}" ({columns})'


def columns_of(text: str) -> tuple[Column, ...]:
    """Read `name TYPE:what it rests on  meaning` lines (`:...` for numbers only); shared groups are written `@group`."""
    found: list[Column] = []
    for line in filter(None, (part.strip() for part in text.splitlines())):
        if line.startswith("@"):
            found.extend(columns_of(_SHARED[line[1:]]))
            continue
        name, kind, comment = line.split(None, 2)
        kind, _, rests_on = kind.partition(":")
        found.append(Column(name, kind, comment, rests_on or None))
    return tuple(found)


_SHARED = {
    "unit": """
        unit_id VARCHAR Unit id as on the wire; `(all)`: the whole municipality; `(unmatched)`: the event named no unit
    """,
    "cell": """
        unit_id VARCHAR Unit id as on the wire, or an ancestor; `(all)`: the whole municipality; `(unmatched)`: the event named no unit
        core_task_id VARCHAR Core task of the indicator
        indicator_id VARCHAR Indicator
        indicator_version INTEGER:nobody Version of the indicator's definition
        cohort VARCHAR Period of the index dates: `2024-03`, `2024-Q1`, `2024-H1`, `2024`, or `all`
        cohort_start DATE First index date of the cohort; null for `all`
        cohort_end DATE Last index date of the cohort; null for `all`
    """,
    "period": """
        period VARCHAR Period: `2024-03`, `2024-Q1`, `2024-H1`, `2024`, or `all`
        period_start DATE First day of the period; null for `all`
        period_end DATE Last day of the period; null for `all`
    """,
    "state": """
        state VARCHAR final, immature, missing, suppressed, not_bounded or no_reference
        reason VARCHAR Why the state is what it is, in words; null where nothing needs saying
    """,
    "validity": """
        valid_from DATE First day of validity; null: from the beginning
        valid_to DATE First day after validity; null: still valid
    """,
    "breaks": """
        breaks VARCHAR Dates of breaks inside the cohort or its follow-up, comma separated; null: none
        comparable_from DATE The last break before the cohort: only rows with the same one, and no breaks inside, make a trend
    """,
    "snapshot": """
        as_of DATE The day whose knowledge of the world the figure shows
        known_at TIMESTAMP Events recorded later than this (UTC) are left out; null: everything recorded counts
        snapshot_id VARCHAR The publication that the row belongs to
    """,
}
