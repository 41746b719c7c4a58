"""What core tasks say at any time: their versions side by side, never two on one day, and who stands above whom on each day."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from config.yaml_lines import Document, Key
from models.catalogue import CoreTask, EarlierCoreTask


@dataclass(frozen=True)
class Statement:
    """One version of a core task, with where it stands."""

    core_task_id: str
    said: CoreTask | EarlierCoreTask
    document: Document
    key: Key

    @property
    def place(self) -> str:
        """File and line, for a fault elsewhere that speaks of this one."""
        return f"{self.document.file}:{self.document.place(self.key)[0]}"

    @property
    def first(self) -> dt.date:
        """First day on which it holds."""
        return self.said.valid_from or dt.date.min

    @property
    def end(self) -> dt.date:
        """First day on which it no longer holds."""
        return self.said.valid_to or dt.date.max


def statements(core_tasks: Iterable[tuple[CoreTask, Document, Key]]) -> list[Statement]:
    """Every version of every core task, in the order of the files."""
    found: list[Statement] = []
    for task, document, key in core_tasks:
        found += [Statement(task.id, said, document, (*key, "earlier", place)) for place, said in enumerate(task.earlier)]
        found.append(Statement(task.id, task, document, key))
    return found


def check_versions(found: list[Statement]) -> None:
    """Add a fault for each version that holds on a day on which another one does, and for each number used twice."""
    by_task: dict[str, list[Statement]] = defaultdict(list)
    for statement in found:
        for other in by_task[statement.core_task_id]:
            if other.said.version == statement.said.version:
                _fault(statement, "version", f"expected each core task once per version ({other.place} has it too)")
            elif statement.first < other.end and other.first < statement.end:
                _fault(statement, "valid_from", f"expected versions that do not overlap ({other.place} holds on some of these days too)")
        by_task[statement.core_task_id].append(statement)


def levels_by_day(found: list[Statement]) -> Iterator[tuple[list[Statement], dict[str, str | None]]]:
    """For every day on which a version begins: the versions that hold on it, and who stands above whom."""
    for day in sorted({statement.first for statement in found}):
        holding = [statement for statement in found if statement.first <= day < statement.end]
        yield holding, {statement.core_task_id: statement.said.parent for statement in holding}


def _fault(statement: Statement, name: str, expected: str) -> None:
    value = getattr(statement.said, name)
    statement.document.fault((*statement.key, name), expected, "from the beginning" if value is None else str(value))
