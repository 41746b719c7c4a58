"""The gate's results as a page for people: one HTML file that needs no other host, no script and no server.

The same template is served by the page at `/gate`, with its style sheet as a file, since its content policy allows no style inside.
"""

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from models.gate import Gate
from pipelines.gate_findings import Finding, key_text
from pipelines.gate_history import Entry
from pipelines.gate_rules import RuleRow, rule_list

PAGE: Final = "gate.html"

MOST_SHOWN: Final = 50
"""Checks in the table of history."""

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "title": ("Kvalitetskontrol", "Quality gate"),
    "lead": (
        "Hver ny udgivelse måles mod disse regler, før nogen ser den. Fejler en blokerende regel, bliver den forrige udgivelse stående.",
        "Every new publication is held against these rules before anybody sees it. Where a blocking rule fails, the one before stays.",
    ),
    "passed": ("Godkendt: {checks} regler holdt", "Passed: {checks} rules looked at"),
    "refused": ("Afvist: den forrige udgivelse bliver stående", "Refused: the publication before stays"),
    "none": ("Intet er kontrolleret endnu.", "Nothing has been checked yet."),
    "of": ("Version {version}, opgjort {as_of}, kontrolleret {at}", "Version {version}, as of {as_of}, checked {at}"),
    "compared": ("Sammenlignet med {version}", "Compared with {version}"),
    "not_compared": ("Ikke sammenlignet med en tidligere udgivelse", "Not compared with an earlier publication"),
    "findings": ("Hvad der ikke holder", "What does not hold"),
    "nothing": ("Alle regler holder.", "Every rule holds."),
    "severity": ("Følge", "Severity"),
    "block": ("blokerer", "blocks"),
    "warn": ("advarer", "warns"),
    "rule": ("Regel", "Rule"),
    "why": ("Hvorfor", "Why"),
    "rows": ("Rækker", "Rows"),
    "which": ("Hvilke (nøgler, aldrig personer)", "Which (keys, never persons)"),
    "more": ("og {n} til", "and {n} more"),
    "history": ("De seneste kontroller", "The latest checks"),
    "at": ("Tidspunkt (UTC)", "When (UTC)"),
    "version": ("Version", "Version"),
    "as_of": ("Opgjort", "As of"),
    "verdict": ("Afgørelse", "Verdict"),
    "yes": ("godkendt", "passed"),
    "no": ("afvist", "refused"),
    "blocked": ("Blokerede", "Blocked"),
    "warned": ("Advarsler", "Warnings"),
    "seconds": ("Sekunder", "Seconds"),
    "rules": ("Alle {n} regler", "All {n} rules"),
    "category": ("Art", "Kind"),
    "thresholds": ("Grænser", "Thresholds"),
    "back": ("Til siden", "To the page"),
}


def page(entries: Sequence[Entry], language: str = "en", style_sheet: str | None = None, home: str | None = None) -> str:
    """The page over checks, the newest first.

    language     da or en; what a rule asks is said in English
    style_sheet  address of the style sheet; None: the style stands inside, for a file of its own
    home         address of the page that it belongs to; None: it stands alone
    """
    latest = entries[0] if entries else None
    text: str = _template().render(
        t=lambda name, **values: TEXTS[name][0 if language == "da" else 1].format(**values),
        language=language,
        style_sheet=style_sheet,
        home=home,
        latest=latest,
        findings=_findings(latest),
        entries=entries[:MOST_SHOWN],
        rules=_rules(latest),
        thresholds={name: value for name, value in (latest or {}).get("thresholds", {}).items() if name != "severities"},
    )
    return text


def write_page(file: Path, entries: Sequence[Entry]) -> None:
    """Write the page as a file, whole or not at all."""
    fresh = file.with_name(f".{file.name}.tmp")
    fresh.write_text(page(entries), encoding="utf-8")
    os.replace(fresh, file)


def _findings(entry: Entry | None) -> list[dict[str, Any]]:
    """Findings as rows, the blocking ones first; a refusal without findings (a crash, a silence) in its own words."""
    if entry is None:
        return []
    found = [Finding.from_dict(one) for one in entry.get("findings", ())]
    if not found:
        return [{"severity": "block", "rule": "-", "why": said, "rows": None, "keys": [], "more": 0} for said in entry["failed"]]
    return [
        {
            "severity": one.severity,
            "rule": one.rule,
            "why": one.why,
            "rows": one.rows,
            "keys": [key_text(key) for key in one.examples],
            "more": (one.rows or 0) - len(one.examples),
        }
        for one in sorted(found, key=lambda one: (one.severity != "block", one.rule))
    ]


def _rules(entry: Entry | None) -> list[RuleRow]:
    return rule_list(Gate.model_validate(entry["thresholds"]) if entry and "thresholds" in entry else Gate())


@cache
def _template() -> Any:
    environment = Environment(
        loader=PackageLoader("pipelines", "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(PAGE)
