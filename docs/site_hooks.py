"""What the documentation site makes itself: the list of decisions, from the decisions there are."""

from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "adr"


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Below the words of `adr/index.md`, every decision with its number and title."""
    return markdown + decisions() if page.file.src_uri == "adr/index.md" else markdown


def decisions() -> str:
    """The decisions as a Markdown table, oldest first."""
    rows = []
    for path in sorted(FOLDER.glob("0*.md")):
        number, _, title = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").partition(". ")
        rows.append(f"| {number} | [{title}]({path.name}) |\n")
    return "\n| | |\n|---|---|\n" + "".join(rows)
