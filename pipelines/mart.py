"""The mart: from the store's current effect records, outputs and ledger to the published tables, for one day and one state of knowledge.

All heavy work is set-based: DuckDB counts, numpy estimates whole matrices of cells, and only public tables reach the target file.
"""

import datetime as dt
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from models.catalogue import Catalogue
from models.registry import EVENT_TYPES
from outcomes import funnel, ranks
from outcomes.attribution import PARTS
from outcomes.estimators import share, wilson
from pipelines import as_it_is, dimensions, disclosure, measured, money
from pipelines.activities import make_amounts, make_outputs, outputs_of, types_named
from pipelines.allocation import units_named
from pipelines.attribution import limit_claims, make_claims
from pipelines.breaks import mark_cohorts, mark_rows
from pipelines.case_mix import Standardisation, standardisations
from pipelines.comparison import Setting, make_comparisons
from pipelines.conditions import CONDITION_TYPES, make_conditions
from pipelines.curves import make_curves
from pipelines.effect_ranks import make_effect_ranks
from pipelines.expected import make_expectations, make_expected
from pipelines.krone import complete_krone, index_rows, value_rows
from pipelines.levels import make_levels
from pipelines.links import make_links
from pipelines.organisation import load_placements, read_organisation
from pipelines.prices import effective_price_year
from pipelines.sql_texts import sql
from pipelines.tables import TABLES, UNMATCHED
from pipelines.timings import Timings

REPORTED = "organisation.counts_reported"

GRIDS = ("month", "quarter", "half_year", "year", "all")
"""Period grids from fine to coarse; each period of one lies within one period of the next."""

_COMMENT = re.compile(r"--.*")
_PARAMETER = re.compile(r"\$(\w+)")

LOCKED_COLUMNS = {
    "unit_id": "VARCHAR", "core_task_id": "VARCHAR", "indicator_id": "VARCHAR", "indicator_version": "INTEGER", "cohort": "VARCHAR",
    "cohort_start": "DATE", "cohort_end": "DATE", "state": "VARCHAR", "achieved": "BIGINT", "denominator": "BIGINT", "share": "DOUBLE",
    "share_low": "DOUBLE", "share_high": "DOUBLE", "cost_ore": "BIGINT", "price_year": "INTEGER", "effects_per_million": "DOUBLE",
    "approved_at": "TIMESTAMP", "approved_role": "VARCHAR", "approved_version": "VARCHAR",
}  # fmt: skip
"""What the mart is told of a locked figure."""

SOURCES = ("effect", "feed_offset", "quarantine", "dropped_field")


@dataclass(frozen=True)
class MartRequest:
    """What a mart is asked for.

    as_of        the day whose knowledge of the world the figures show
    known_at     events recorded later are left out; None: everything recorded. The store file must hold that state already
    snapshot_id  the publication that the rows belong to
    threads      DuckDB's; None: as many as there are processors, at most 4
    memory       what DuckDB may use of it before it goes on in files; the process takes about 600 MiB more
    locked       figures that were approved, as `approvals.locked_now` gives them
    timings      where the seconds of each step are written
    through_batch  effect records written by a later batch are left out; None: none
    """

    as_of: dt.date
    known_at: dt.datetime | None = None
    snapshot_id: str = ""
    threads: int | None = None
    memory: str = "1GiB"
    locked: tuple[dict[str, Any], ...] = ()
    timings: Timings = field(default_factory=Timings)
    through_batch: int | None = None


def build_mart(
    store_file: Path, catalogue: Catalogue, target_file: Path, as_of: dt.date, known_at: dt.datetime | None = None, **options: Any
) -> None:
    """Build every published table from a store file (read only) into a new file, suppressed where cells are small.

    store_file   a store at rest, or a private copy of one, with the state of knowledge that is asked for
    target_file  must not exist; holds public tables only, since it is made new
    options      the other fields of MartRequest
    """
    request = MartRequest(as_of, known_at, **options)
    with _workshop(store_file, target_file, request) as connection:
        _Builder(connection, catalogue, request).build()


@contextmanager
def opened_records(
    store_file: Path, catalogue: Catalogue, as_of: dt.date, scratch: Path, *, through_batch: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the mart's working tables `record`, `indicator` and `cohort_grid`, for those who need the records themselves.

    scratch   a folder for a file that is thrown away
    """
    request = MartRequest(as_of, through_batch=through_batch)
    with _workshop(store_file, scratch / "records.duckdb", request) as connection:
        _Builder(connection, catalogue, request).records()
        yield connection


def coarser(first: str, second: str) -> str:
    """The coarser of two period grids."""
    return max(first, second, key=GRIDS.index)


@contextmanager
def _workshop(store_file: Path, target_file: Path, request: MartRequest) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database with the store attached to read and the new file attached to write; closed and checkpointed at the end."""
    config: dict[str, Any] = {"temp_directory": str(target_file.parent / "spill"), "autoinstall_known_extensions": False}
    config |= {"threads": request.threads or min(4, len(os.sched_getaffinity(0)))}
    config |= {"memory_limit": request.memory}
    connection = duckdb.connect(config=config)
    try:
        connection.execute(f"ATTACH {quoted(store_file)} AS store (READ_ONLY)")
        connection.execute(f"ATTACH {quoted(target_file)} AS mart")
        yield connection
        with request.timings.step("file"):
            connection.execute("CHECKPOINT mart")
            connection.execute("DETACH mart")
    finally:
        connection.close()


def quoted(path: Path) -> str:
    """A path as an SQL string literal."""
    return "'" + str(path).replace("'", "''") + "'"


class _Builder:
    """One build: the steps in order, each a few statements over working tables."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, request: MartRequest) -> None:
        self.connection, self.catalogue, self.request = connection, catalogue, request
        municipality = catalogue.municipality
        self.grid: str = municipality.period
        self.cost_grid: str = municipality.cost_period or municipality.period
        # Where money comes in coarser periods than cohorts, the two meet in the money's: a year's cost has no quarters.
        self.meeting_grid = coarser(self.grid, self.cost_grid)
        self.k = municipality.k

    def build(self) -> None:
        """Everything, in an order in which each step finds what it reads."""
        for name, step in (
            ("tables", self._create_tables),
            ("sources", self._read_store),
            ("dimensions", self._dimensions),
            ("records", self._records),
            ("costs", self._costs),
            ("effects", self._effects),
            ("activities", self._activities),
            ("comparisons", self._comparisons),
            ("as it is", self._as_it_is),
            ("hiding", self._marked_and_hidden),
            ("approved", self._approved),
            ("quality", self._quality),
        ):
            with self.request.timings.step(name):
                step()

    def records(self) -> None:
        """The effect records only."""
        self._create_tables()
        self._read_store()
        self._dimensions()
        self._records()

    def run(self, name: str, **values: object) -> None:
        """Run one SQL file with the values that it names."""
        text = sql(name)
        wanted = set(_PARAMETER.findall(_COMMENT.sub("", text)))
        self.connection.execute(text, {key: value for key, value in (self._values() | values).items() if key in wanted} or None)

    def _values(self) -> dict[str, object]:
        municipality = self.catalogue.municipality
        return {
            "as_of": self.request.as_of,
            "known_at": self.request.known_at.astimezone(dt.UTC).replace(tzinfo=None) if self.request.known_at else None,
            "snapshot_id": self.request.snapshot_id,
            "grid": self.grid,
            "cost_grid": self.cost_grid,
            "meeting_grid": self.meeting_grid,
            "k": self.k,
            "currency": municipality.currency,
            "price_year": effective_price_year(self.catalogue),
        }

    def _create_tables(self) -> None:
        self.connection.execute("BEGIN")  # one write of the log instead of one per comment
        for table in TABLES:
            self.connection.execute(table.ddl)
            self.connection.execute(f"COMMENT ON TABLE mart.\"{table.name}\" IS '{_escaped(f'One row per {table.grain}. {table.about}')}'")
            for column in table.columns:
                self.connection.execute(f'COMMENT ON COLUMN mart."{table.name}"."{column.name}" IS \'{_escaped(column.comment)}\'')
        self.connection.execute("COMMIT")
        self.connection.execute(sql("mart_macros"))

    def _read_store(self) -> None:
        for name in SOURCES:
            known = f" WHERE batch <= {self.request.through_batch:d}" if name == "effect" and self.request.through_batch is not None else ""
            self.connection.execute(f"CREATE TEMP VIEW src_{name} AS FROM store.{name}{known}")
        self.connection.execute("CREATE TEMP VIEW src_event AS FROM store.standing_event")
        self.connection.execute(sql("mart_event_alone"))
        self.connection.execute("CREATE TEMP VIEW src_accepted AS FROM store.event")

    def _dimensions(self) -> None:
        self.positions = dimensions.load_indicators(self.connection, self.catalogue, self.request.as_of)
        dimensions.load_leading(self.connection, self.catalogue)
        dimensions.load_levels(self.connection, self.catalogue)
        money.map_ledger(self.connection, self.catalogue.costs)
        self.run("mart_named_unit", types=[*types_named(self.catalogue), *CONDITION_TYPES, REPORTED])
        named = {unit for (unit,) in self.connection.execute("SELECT unit_id FROM named_unit").fetchall()}
        named |= units_named(self.catalogue.costs)
        self.organisation = organisation = read_organisation(self.connection, self.catalogue, named - {UNMATCHED}, self.request.as_of)
        load_placements(self.connection, organisation, named)
        dimensions.fill(self.connection, "dim_unit", dimensions.unit_rows(organisation))
        self.connection.execute("CREATE TABLE unit_stands AS SELECT unit_id, valid_from, valid_to FROM mart.dim_unit")
        dimensions.fill(self.connection, "dim_core_task", dimensions.core_task_rows(self.catalogue))
        dimensions.fill(self.connection, "dim_indicator", dimensions.indicator_rows(self.catalogue))
        dimensions.fill(self.connection, "dim_output", outputs_of(self.catalogue))
        dimensions.fill(self.connection, "dim_value", value_rows(self.catalogue, self.request.as_of))
        dimensions.fill(self.connection, "dim_price_index", index_rows(self.catalogue, self.request.as_of))

    def _records(self) -> None:
        self.run("mart_standing")
        self._grid_table("cohort_grid", dict.fromkeys((self.grid, self.meeting_grid, "all")))
        self.run("mart_record")

    def _effects(self) -> None:
        self._cells(meanwhile=self._claims)
        make_levels(self.connection, self.run)

    def _cells(self, meanwhile: Callable[[], None] | None = None) -> None:
        """Cells of `record` by `placement_unit`, with everything that is told of them.

        meanwhile   what else needs nothing of what is hidden, for the time in which that is sought
        """
        self.run("mart_spread")
        self.run("mart_place")
        self.run("mart_cohort_of")
        self.run("mart_placed")
        self.run("mart_cell")
        self.run("mart_reported_part")
        self.run("mart_reported")
        self.run("mart_follow_up")
        make_curves(self.connection, self.positions, self.k, (self.grid, "all"))
        self._shares()
        wanted = standardisations(self.catalogue, [position for position, _ in self.positions])

        def beside() -> None:
            make_expectations(self.connection, wanted)
            measured.make_means(self.connection)
            if meanwhile:
                meanwhile()

        disclosure.judge_cells(self.connection, self.k, self._grids(), beside)
        self._expected(wanted)
        self.run("mart_effect_by_unit")
        measured.show(self.connection, self.k)
        self.run("mart_effect_empty")
        self.run("mart_effect_curve")
        disclosure.blank(self.connection, self.k)

    def _grids(self) -> tuple[str, ...]:
        """Period grids of the cells, coarse to fine."""
        return tuple(sorted({self.grid, self.meeting_grid, "all"}, key=GRIDS.index, reverse=True))

    def _expected(self, wanted: list[Standardisation]) -> None:
        cohorts = mark_cohorts(self.connection, self.catalogue)
        make_expected(self.connection, self.catalogue, wanted, cohorts, self.k)
        self.run("mart_funnel", rank_method=ranks.METHOD)
        self.run("mart_funnel_summary", alert=funnel.ALERT, alarm=funnel.ALARM, fewest=funnel.FEWEST_UNITS)

    def _shares(self) -> None:
        """`share_of`: the matured share of each cell with Wilson's limits, over all cells at once."""
        cells = self.connection.execute(
            "SELECT cell_id, achieved, achieved + not_achieved + competing AS denominator FROM cell ORDER BY cell_id"
        ).fetchnumpy()
        low, high = wilson(cells["achieved"], cells["denominator"])
        shares = {"share": share(cells["achieved"], cells["denominator"]), "share_low": low, "share_high": high}
        measured.load_columns(self.connection, "share_of", shares, cells["cell_id"])

    def _costs(self) -> None:
        self.run("mart_doing", types=types_named(self.catalogue))
        money.make_costs(self.connection, self.catalogue, self.cost_grid, self.meeting_grid, self.request.as_of)
        for name in ("mart_cost_by_unit", "mart_cost_allocation", "mart_ledger_reconciliation", "mart_ledger_by_class"):
            self.run(name)

    def _activities(self) -> None:
        self.run("mart_covered_subject")
        make_outputs(self.connection, self.catalogue, self.grid)
        make_amounts(self.connection, self.catalogue, self.grid)
        self.run("mart_output_by_unit")
        self.run("mart_amount_by_unit")

    def _claims(self) -> None:
        self._grid_table("meeting_grid", dict.fromkeys((self.meeting_grid, "all")))
        make_claims(self.connection, self.catalogue, self.organisation, self.run)

    def _comparisons(self) -> None:
        limit_claims(self.connection, self.organisation, self.k)
        self._per_krone()
        self.run("mart_indirect")
        self.run("mart_attribution_by_unit", parts=PARTS)
        make_effect_ranks(self.connection)
        self.run("mart_output_vs_effect", rank_method=ranks.METHOD)
        make_links(self.connection, self.catalogue, self.k)
        make_conditions(self.connection, self.run)
        self.run("mart_core_task_views")
        price_year = effective_price_year(self.catalogue)
        setting = Setting(self.request.as_of, self.grid, self.meeting_grid, self.k, self.catalogue.municipality.currency, price_year)
        make_comparisons(self.connection, self.catalogue, setting)

    def _per_krone(self) -> None:
        """Effects met with the cost of the same unit, core task and period."""
        self.run("mart_cost_meeting", effort=list(money.EFFORT_CLASSES), direct=list(money.DIRECT_CLASSES))
        self.run("mart_claimed", parts=PARTS)
        self.run("mart_effect_per_krone")
        complete_krone(self.connection, self.catalogue, self.run)
        self.run("mart_extra_effects")

    def _as_it_is(self) -> None:
        """The organisation of today beside the one as it was; made again only where the two differ."""
        dimensions.fill(self.connection, "unit_change", dimensions.change_rows(self.organisation))
        self.run("mart_unit_changes")
        if as_it_is.load_today(self.connection, self.organisation, self.request.as_of):
            with as_it_is.another_mart(self.connection):
                self._cells()
                self.run("as_is_no_claims")
                self._per_krone()
                disclosure.blank(self.connection, self.k)
            as_it_is.publish_today(self.connection, self.k)
        else:
            as_it_is.publish_as_it_was(self.connection)
        as_it_is.sum_costs(self.connection)

    def _marked_and_hidden(self) -> None:
        mark_rows(self.connection)
        disclosure.blank(self.connection, self.k)

    def _approved(self) -> None:
        """Last of the figures: what is locked stands beside what is published now, with all that is hidden hidden."""
        dimensions.create_from(self.connection, "locked", LOCKED_COLUMNS, self.request.locked)
        self.run("mart_approved_figure")

    def _quality(self) -> None:
        types = [
            {"type": name, "state": event_type.state, "reads_as": reads, "has_episode": event_type.episode is not None}
            for name, event_type in EVENT_TYPES.items()
            for reads in event_type.reads_as
            if reads in ("start", "end")
        ]
        columns = {"type": "VARCHAR", "state": "VARCHAR", "reads_as": "VARCHAR", "has_episode": "BOOLEAN"}
        dimensions.create_from(self.connection, "state_type", columns, types)
        unit_types = [name for name, event_type in EVENT_TYPES.items() if event_type.unit_required]
        self.run("mart_data_quality", unit_types=unit_types)

    def _grid_table(self, name: str, grids: dict[str, None]) -> None:
        dimensions.create_from(self.connection, name, {"grid": "VARCHAR"}, [{"grid": grid} for grid in grids])


def _escaped(text: str) -> str:
    return text.replace("'", "''")
