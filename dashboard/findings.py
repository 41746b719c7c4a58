"""What stands out in a publication, by its own views: where a reader who has one minute should look."""

from typing import Any

from dashboard.queries import Row
from dashboard.views import View

MOST_FINDINGS = 6
WITH_EFFECT = "effort with a known effect"
PARTS = (WITH_EFFECT, "effort without a known effect", "not effort", "no core task")
"""Every part of the ledger that v_kroner_by_knowledge knows, in the order of the page."""


def findings(view: View) -> dict[str, Any]:
    """Units that last longer than expected, those that do most with least effect, and the kroner without a known effect."""
    return {
        "longer": _known_units(view, "longer_than_expected", "v_longer_than_expected"),
        "much_for_little": _known_units(view, "outputs_without_effect", "v_outputs_without_effect"),
        "kroner": kroner_by_part(_ledger(view)),
    }


def _known_units(view: View, question: str, table: str) -> list[Row]:
    rows = view.rows(question) if view.snapshot.has(table) else []
    return [row for row in rows if row["indicator_id"] in view.directory.indicators][:MOST_FINDINGS]


def _ledger(view: View) -> list[Row]:
    return view.rows("kroner_by_knowledge") if view.snapshot.has("v_kroner_by_knowledge") else []


def kroner_by_part(rows: list[Row]) -> list[Row]:
    """(currency, part) -> oere and its share of the currency's ledger; empty where nothing is booked."""
    sums: list[Row] = []
    for currency in dict.fromkeys(row["currency"] for row in rows):
        own = [row for row in rows if row["currency"] == currency]
        whole = sum(row["nominal_ore"] for row in own)
        for part in PARTS:
            ore = sum(row["nominal_ore"] for row in own if row["part"] == part)
            sums.append({"currency": currency, "part": part, "nominal_ore": ore, "of_all": ore / whole if whole else None})
    return sums


def kroner(view: View) -> dict[str, Any]:
    """The page of the whole ledger by what is known of its effect."""
    rows = _ledger(view)
    return {"sums": kroner_by_part(rows), "rows": rows, "with_effect": WITH_EFFECT, "section": "kroner"}
