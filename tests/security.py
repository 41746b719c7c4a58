"""The security checklist: what each number demands, and which tests show it. `python -m tests.security` writes its page in docs.

A test says which numbers it shows by `@pytest.mark.security("S9", "S21")`, or a whole module by `pytestmark`; nothing else is kept by hand.
"""

import ast
import sys
from collections.abc import Iterator

from tests.command import PROJECT

TESTS = PROJECT / "tests"
PAGE = PROJECT / "docs" / "security-checklist.md"

DEMANDS = {
    "S1": "Nothing like a civil registration number gets past the intake",
    "S2": "Pseudonyms are keyed, with a key of 256 bits for each purpose; without a safe key nothing starts",
    "S3": "A new key changes no outcome",
    "S4": "An erased person is in no byte of the store, and no replay or restore brings them back",
    "S5": "What is older than its time goes by itself; a dry run says what would",
    "S6": "A citizen's question is answered: what is held about a pseudonym",
    "S7": "Every published column has meaning, unit and privacy category",
    "S8": "Fields that no contract knows are dropped, and counted",
    "S9": "Every route asks who it is; what is not allowed is refused",
    "S10": "Every look at persons is logged first, in a chain that shows any change, with a monthly sample",
    "S11": "No person in logs, metrics, health, errors or the gate's findings",
    "S12": "Suppression holds against arithmetic, and between two publications",
    "S13": "No cell of an exported file can run as a formula",
    "S14": "What a request says is compared and never SQL; SQL is made from our own texts only",
    "S15": "Rows, time, memory and requests have limits",
    "S16": "A path or archive leads nowhere else; no address, device or folder is read as a file of events",
    "S17": "An address inside an event is never fetched",
    "S18": "JSON has limits, and both readers refuse the same",
    "S19": "A bomb does not take the process with it",
    "S20": "Published DuckDB files are read through a locked connection",
    "S21": "Secrets come from files or the environment, and are in no text and no file of the project",
    "S22": "TLS 1.2 or newer, verified, to Kafka, PostgreSQL and by HTTP; logins and rights on the broker",
    "S23": "Files with persons are for their owner only",
    "S24": "Containers run as nobody, without rights and on read-only ground",
    "S25": "Web headers, escaping, forged requests, no other host",
    "S26": "Faust opens no port, nothing is unpickled, no fault shows itself",
    "S27": "Every dependency is pinned by its hash",
    "S28": "No telemetry: everything works without a network",
    "S29": "A lost store comes back whole; the drill leaves nothing behind",
    "S30": "Which persons were in a version is answered within minutes",
    "S31": "There is no way back from a pseudonym to a number",
}
OPEN = {
    "S12": "What two publications tell of few is counted and said, not hidden ([ADR 31](adr/0031-successive-publications.md)).",
    "S5": "Kafka's own retention is the broker's.",
    "S16": "Files of the file feed are named by whoever starts the command; there is no upload of files.",
    "S19": "Events are parsed in the process that stores them, within limits of size and depth; only the gate is a process of its own.",
    "S22": "TLS of page and intake ends in a proxy in front.",
    "S23": "Encryption of the volume is the machine's ([operations](operations.md)); DuckDB's own is not used.",
    "S24": "The base image has a shell and is pinned by version, not by digest; images were not run on a Docker engine here.",
    "S27": "No vulnerability audit, list of parts (SBOM) or signature yet.",
    "S29": "Nightly backup and weekly drill are started by the operator's scheduler (compose has the backup).",
}
"""What a number also demands and no test here shows."""


def shown() -> dict[str, list[str]]:
    """The tests of each number, as `file::test`, sorted; a whole module as its file."""
    found: dict[str, list[str]] = {number: [] for number in DEMANDS}
    for file in sorted(TESTS.rglob("test_*.py")):
        for name, numbers in _marked(ast.parse(file.read_text(encoding="utf-8"))):
            place = str(file.relative_to(PROJECT)) + (f"::{name}" if name else "")
            for number in numbers:
                found.setdefault(number, []).append(place)
    return found


def page() -> str:
    """The table as Markdown."""
    lines = [
        "# The security checklist",
        "",
        "What has to hold, and the tests by which `make test` holds it; run those of one number by name. Written by",
        "`python -m tests.security`; a test keeps it true, and fails while a number has no test. How it is built: [security](security.md),",
        "[privacy](privacy.md).",
        "",
        "| | demand | tests | not shown by a test |",
        "|---|---|---|---|",
    ]
    for number, places in shown().items():
        tests = "<br>".join(f"`{place.removeprefix('tests/')}`" for place in places)
        lines.append(f"| {number} | {DEMANDS[number]} | {tests} | {OPEN.get(number, '')} |")
    return "\n".join(lines) + "\n"


def _marked(module: ast.Module) -> Iterator[tuple[str, list[str]]]:
    for node in module.body:
        if isinstance(node, ast.FunctionDef):
            yield from ((node.name, numbers) for decorator in node.decorator_list if (numbers := _numbers(decorator)))
        elif isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets):
            marks = node.value.elts if isinstance(node.value, ast.List) else [node.value]
            yield from (("", numbers) for mark in marks if (numbers := _numbers(mark)))


def _numbers(mark: ast.expr) -> list[str]:
    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.security":
        return [str(ast.literal_eval(argument)) for argument in mark.args]
    return []


if __name__ == "__main__":
    sys.stdout.write(page())
