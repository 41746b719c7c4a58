"""What stands around the figures: a core task's levels, versions and breaks; a unit's views, staff, citizens and money by class."""

from typing import Any

from dashboard.directory import CoreTask
from dashboard.queries import Row
from dashboard.views import View

Context = dict[str, Any]
ASKED = ("staff", "citizens", "time")
"""Who says so, in the order of the page."""


def around_core_task(view: View, task: CoreTask) -> Context:
    """A core task's links in figures, versions, breaks in its series, and persons counted once with the core tasks below it."""
    return {
        "versions": view.rows("core_task_versions", core_task_id=task.id),
        "breaks": _rows_if(view, "dim_break", "breaks_of_core_task", core_task_id=task.id),
        "link_figures": {
            row["to_core_task_id"]: row for row in _rows_if(view, "core_task_link", "links_of_all") if row["from_core_task_id"] == task.id
        },
        "together": _rows_if(view, "effect_by_core_task", "core_task_together", core_task_id=task.id),
    }


def around_unit(view: View, unit_id: str, cohort: str) -> Context:
    """A unit's core tasks in three views, what staff and citizens say, how time goes, its money by class, and what became of it."""
    conditions = _rows_if(view, "work_conditions", "conditions_of_unit", unit_id=unit_id, cohort=cohort)
    changes = [row for row in _rows_if(view, "unit_change", "unit_changes") if row["unit_id"] == unit_id]
    return {
        "views": _rows_if(view, "core_task_views", "views_of_unit", unit_id=unit_id, cohort=cohort),
        "conditions": {asked: [row for row in conditions if row["asked"] == asked] for asked in ASKED},
        "cost_classes": _rows_if(view, "cost_by_unit", "cost_classes_of_unit", unit_id=unit_id),
        "unit_changes": changes,
    }


def _rows_if(view: View, table: str, question: str, **values: Any) -> list[Row]:
    return view.rows(question, **values) if view.snapshot.has(table) else []
