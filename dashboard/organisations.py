"""As it was or as it is: the same figures in the organisation of their time, or in that of the day they are counted on."""

from collections.abc import Sequence
from typing import Any

from dashboard.queries import Row
from dashboard.views import View

AS_WAS, AS_IS = "was", "is"
ORGANISATIONS = (AS_WAS, AS_IS)


def in_organisation(view: View, question: str, table: str, **values: Any) -> tuple[list[Row], str, list[str]]:
    """The rows of a question in the chosen organisation, which it is, and which there are to choose from.

    question   named question over `table`; with `_as_is` it asks the table of today's organisation
    """
    choices = list(ORGANISATIONS) if view.snapshot.has(f"{table}_as_is") else [AS_WAS]
    chosen = view.chosen("organisation", choices, AS_WAS)
    return view.rows(f"{question}_as_is" if chosen == AS_IS else question, **values), chosen, choices


def table_of(table: str, organisation: str) -> str:
    """The published table behind a figure in that organisation."""
    return f"{table}_as_is" if organisation == AS_IS else table


def changes_of(view: View, rows: Sequence[Row]) -> list[Row]:
    """When what these units hold changed, oldest first."""
    shown = {row["unit_id"] for row in rows}
    found = view.rows("unit_changes") if view.snapshot.has("unit_change") else []
    return [row for row in found if row["unit_id"] in shown]
