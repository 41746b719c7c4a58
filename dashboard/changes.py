"""The page "What changed": this publication against the one before it, figure by figure, with the causes where they were worked out."""

import json
import logging
from typing import Any

from dashboard.directory import ALL_UNITS
from dashboard.queries import Row
from dashboard.views import MOST_TABLE_ROWS, View
from pipelines.published import changes_file

LOG = logging.getLogger(__name__)
Context = dict[str, Any]
EVERYTHING, FIRST = "all", "first"
FIRST_ROWS = 60
"""How many changed figures are shown at once: the municipality's own and those that moved most."""


def changes(view: View) -> Context:
    """What changed since the last publication: events, definitions, and the figures that moved most."""
    told = read_changes(view)
    if told is None:
        return {"told": None, "section": "changes"}
    rows: list[Row] = [*told["totals"], *(row for row in told["changes"] if row not in told["totals"])]
    indicators = [EVERYTHING, *dict.fromkeys(row["indicator_id"] for row in rows)]
    units = [EVERYTHING, *sorted({row["unit_id"] for row in rows}, key=lambda unit: (unit != ALL_UNITS, unit))]
    indicator = view.chosen("indicator", indicators, EVERYTHING)
    unit = view.chosen("unit", units, EVERYTHING)
    rows_chosen = view.chosen("rows", (FIRST, EVERYTHING), FIRST)
    wanted = [row for row in rows if indicator in (EVERYTHING, row["indicator_id"]) and unit in (EVERYTHING, row["unit_id"])]
    return {
        "told": told,
        "rows": wanted[: MOST_TABLE_ROWS if rows_chosen == EVERYTHING else FIRST_ROWS],
        "more": rows_chosen != EVERYTHING,
        "n_rows": len(wanted),
        "indicators": indicators,
        "indicator_chosen": indicator,
        "units": units,
        "unit_chosen": unit,
        "with_causes": told["not_split"] is None,
        "section": "changes",
    }


def read_changes(view: View) -> Context | None:
    """What is kept beside the publication; None where it is the first, or nothing was kept."""
    if view.snapshot.published is None:
        return None
    try:
        told: Context = json.loads(changes_file(view.snapshot.published, view.snapshot.version).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as fault:
        LOG.error("what changed with %s cannot be read: %s", view.snapshot.version, type(fault).__name__)
        return None
    return told
