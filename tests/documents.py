"""Documents that are run: each fenced block of a page, in order, in a folder of its own.

A comment in front of a block says what else it is: `file: NAME [encoding]` writes it, `not run: REASON` leaves it, and `gives` is what the
SQL before it gives.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

PROJECT = Path(__file__).parent.parent
RUN = ("bash", "sh", "python", "sql", "yaml")
_BLOCK = re.compile(r"(?:<!-- (?P<mark>[^>]*?) -->\n)?^```(?P<language>[a-z]*)[^\n]*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: where, in which language, what the comment before it says, and its text."""

    page: str
    line: int
    language: str
    mark: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line} ({self.language})"


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(page.name, text[: found.start("text")].count("\n") + 1, found["language"], found["mark"] or "", found["text"])
        for found in _BLOCK.finditer(text)
    ]


def run_page(page: Path, folder: Path) -> int:
    """Run a page; returns how many blocks did something. A block that fails, or gives something else than it says, is an AssertionError."""
    (folder / "config").symlink_to(PROJECT / "config")
    n, given = 0, ""
    for block in blocks_of(page):
        if block.mark.startswith("not run: "):
            continue
        if block.mark.startswith("file: "):
            _write(block, folder)
        elif block.mark == "gives":
            assert given.strip() == block.text.strip(), f"{block} gives something else:\n{given}"
        elif block.language in ("bash", "sh"):
            _shell(block, ["bash", "-euo", "pipefail", "-c", block.text], folder)
        elif block.language == "python":
            _shell(block, [sys.executable, "-c", block.text], folder)
        elif block.language == "sql":
            given = _query(block, folder)
        else:
            assert block.language not in RUN, f"{block}: needs a mark in front: `file: NAME` or `not run: REASON`"
            continue
        n += 1
    return n


def _write(block: Block, folder: Path) -> None:
    name, *encoding = block.mark.removeprefix("file: ").split()
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(block.text, encoding=encoding[0] if encoding else "utf-8")


def _shell(block: Block, command: list[str], folder: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False, env={**os.environ, "PATH": path})
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"


def _query(block: Block, folder: Path) -> str:
    published = folder / "published"
    mart = published / (published / "CURRENT").read_text(encoding="utf-8").strip() / "mart.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{mart}' AS mart (READ_ONLY)")
        connection.execute("USE mart")
        answer = connection.execute(block.text)
        names = [column[0] for column in answer.description]
        rows = answer.fetchall()
    assert rows, f"{block} gives no row"
    return "\n".join(" | ".join(map(_shown, row)) for row in [names, *rows])


def _shown(value: object) -> str:
    return "" if value is None else str(value)
