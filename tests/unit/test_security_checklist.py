"""The security checklist is whole: every number has a test, every mark a number, and the page says so; what the project's files show."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.command import PROJECT
from tests.security import DEMANDS, PAGE, page, shown

CODE = ("config", "dashboard", "models", "outcomes", "pipelines", "streams")


def test_every_number_has_a_test_and_every_mark_a_number() -> None:
    found = shown()
    assert [number for number in DEMANDS if not found[number]] == []
    assert found.keys() - DEMANDS.keys() == set()
    assert list(DEMANDS) == [f"S{number}" for number in range(1, 32)]


def test_the_page_is_up_to_date() -> None:
    """After a change: python -m tests.security > docs/security-checklist.md."""
    assert PAGE.read_text(encoding="utf-8") == page()


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True, timeout=60).stdout
    return [PROJECT / name for name in listed.decode().split("\0") if name and (PROJECT / name).is_file()]


SECRET = re.compile(
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{20}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[abp]-[0-9A-Za-z-]{20}"
)


@pytest.mark.security("S21")
def test_no_file_of_the_project_holds_a_key_or_token() -> None:
    assert SECRET.search(b"-----BEGIN EC PRIVATE KEY-----\n" + b"A" * 64), "the search finds what it should"
    assert [file for file in tracked() if SECRET.search(file.read_bytes())] == []


@pytest.mark.security("S27")
@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_dependency_is_pinned_by_its_hash(name: str) -> None:
    text = (PROJECT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    wanted = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(wanted) > 50
    assert [line for line in wanted if not re.match(r"[A-Za-z0-9_.\[\],-]+==\S+.*--hash=sha256:[0-9a-f]{64}", line)] == []


@pytest.mark.security("S31")
def test_only_a_sender_makes_pseudonyms_and_nothing_goes_back() -> None:
    """The number goes into a keyed hash at the sender; no part that stores, translates, publishes or shows even imports that."""
    importers = {file.relative_to(PROJECT).as_posix() for file in code_files() if "models.pseudonyms" in file.read_text(encoding="utf-8")}
    sending = {name for name in importers if name.startswith("pipelines/sending/")}
    assert sending, "the search finds what it should"
    assert importers - sending <= {"config/cli_send.py", "config/mapping.py", "models/mapping.py"}
    schema = (PROJECT / "pipelines" / "sql" / "schema.sql").read_text(encoding="utf-8").lower()
    columns = re.findall(r"\b\w*(?:cpr|civil|personal_number|clear_name)\w*\s+(?:VARCHAR|BLOB|BIGINT)", schema, re.IGNORECASE)
    assert columns == []


def code_files() -> list[Path]:
    return [file for package in CODE for file in sorted((PROJECT / package).rglob("*.py"))]


COMPOSED = re.compile(r"\b(?:select|insert|update|delete|create|attach|copy|drop|alter)\b", re.IGNORECASE)


def composed_sql(tree: ast.AST) -> list[str]:
    """SQL texts of a module that are put together from something."""
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        and COMPOSED.match("".join(str(part.value) for part in node.values if isinstance(part, ast.Constant)).lstrip())
    ]


@pytest.mark.security("S14")
def test_what_the_page_asks_is_no_sql_put_together_outside_the_list_of_tables() -> None:
    """Only these compose SQL where requests are read: a table's rows, by the names it is listed with, and attaching a publication."""
    assert composed_sql(ast.parse("f'SELECT * FROM {name}'")), "the search finds what it should"
    composing = {
        file.relative_to(PROJECT).as_posix()
        for package in ("dashboard", "streams")
        for file in (PROJECT / package).rglob("*.py")
        if composed_sql(ast.parse(file.read_text(encoding="utf-8")))
    }
    assert composing <= {"dashboard/tables.py", "dashboard/snapshots.py"}
