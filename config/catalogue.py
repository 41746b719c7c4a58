"""Reads a catalogue: a folder of YAML becomes one `models.catalogue.Catalogue`, or every fault with its file and line.

municipality.yaml      required   the municipality and the numbers that hold for all figures
units.yaml             optional   the units at the start; organisation events add to them
attributes.yaml        optional   what may be known of a subject, and which of it may be a covariate
core_tasks/*.yaml      at least 1 one core task a file (or a list of them)
costs.yaml             optional   mapping rules, price index, values per effect
references/*.csv       optional   frozen references of what is expected, made by `kerneeffekt reference fit`
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from config.consistency import Parts, check_consistency
from config.event_names import Registry, expand_event_names
from config.plain_words import note_faults
from config.references import read_references
from config.report import CheckReport, check_report
from config.yaml_lines import Document, Key, read_yaml
from models.catalogue import Attribute, Catalogue, CoreTask, Costs, Municipality, Unit
from models.errors import CatalogueError, CatalogueFault
from models.registry import EVENT_TYPES

__all__ = ["CheckReport", "check_report", "definition_hash", "load_catalogue"]

M = TypeVar("M", bound=BaseModel)

MAIN_FILE = "municipality.yaml"
OPTIONAL_FILES = ("units.yaml", "attributes.yaml", "costs.yaml")
CORE_TASK_FOLDER = "core_tasks"


def load_catalogue(folder: Path | str, registry: Registry = EVENT_TYPES) -> Catalogue:
    """Read and check a catalogue.

    folder    the catalogue's folder
    registry  event types that its indicators may name
    returns   the catalogue with its definition hash: the same content has the same hash, however it is laid out in files and keys
    raises    CatalogueError with every fault found, in the order of files and lines
    """
    reader = _Reader(Path(folder), registry)
    catalogue = reader.read()
    faults = reader.faults()
    if faults or catalogue is None:
        raise CatalogueError(faults)
    return catalogue.model_copy(update={"definition_hash": definition_hash(catalogue)})


def definition_hash(catalogue: Catalogue) -> str:
    """The sha256 of what a catalogue says: keys sorted, defaults filled in, so comments and layout do not count.

    Without the thresholds of the gate: they decide whether figures are published, never what they are.
    """
    content = catalogue.model_dump(mode="json", by_alias=True, exclude={"definition_hash": True, "municipality": {"gate", "audiences"}})
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


class _Reader:
    """Reads the files of one folder and keeps every document, since its faults and lines are needed to the end."""

    def __init__(self, folder: Path, registry: Registry) -> None:
        self.folder = folder
        self.parts = Parts(registry)
        self.documents: list[Document] = []
        self.broken: set[str] = set()

    def faults(self) -> list[CatalogueFault]:
        return sorted(
            {fault for document in self.documents for fault in document.faults}, key=lambda fault: (fault.file, fault.line, fault.key)
        )

    def read(self) -> Catalogue | None:
        if not self.folder.is_dir():
            self._fault(
                self.folder, f"expected a folder with {MAIN_FILE}, {', '.join(OPTIONAL_FILES)} and {CORE_TASK_FOLDER}/", "no such folder"
            )
            return None
        self._municipality()
        self._optional_files()
        self._core_tasks()
        self.parts.references = read_references(self.folder, self.documents)
        self._unknown_files()
        self.parts.incomplete = frozenset(self.broken)
        check_consistency(self.parts)
        return self._catalogue()

    def _catalogue(self) -> Catalogue | None:
        parts = self.parts
        if parts.municipality is None:
            return None
        return Catalogue(
            municipality=parts.municipality[0],
            units=tuple(unit for unit, _, _ in parts.units),
            core_tasks=tuple(task for task, _, _ in parts.core_tasks),
            costs=parts.costs[0] if parts.costs else Costs(),
            attributes=tuple(attribute for attribute, _, _ in parts.attributes),
            references=tuple(reference for reference, _ in parts.references),
        )

    def _municipality(self) -> None:
        document = self._open(self.folder / MAIN_FILE)
        municipality = self._validated(Municipality, document, document.value, ())
        self.parts.municipality = (municipality, document) if municipality else None

    def _optional_files(self) -> None:
        for path in (self.folder / name for name in OPTIONAL_FILES):
            if not path.exists():
                continue
            document = self._open(path)
            if path.name == "costs.yaml":
                empty = document.value is None and not document.faults
                costs = self._validated(Costs, document, {} if empty else document.value, ())
                self.parts.costs = (costs, document) if costs else None
            elif path.name == "units.yaml":
                self.parts.units = list(self._each(Unit, document, "units"))
            else:
                self.parts.attributes = list(self._each(Attribute, document, "attributes"))

    def _core_tasks(self) -> None:
        paths = sorted(path for pattern in ("*.yaml", "*.yml") for path in (self.folder / CORE_TASK_FOLDER).glob(pattern))
        if not paths:
            self._fault(self.folder / CORE_TASK_FOLDER, "expected at least one core task, a YAML file each", "no YAML file")
        for path in paths:
            document = self._open(path)
            expand_event_names(document, self.parts.registry)
            self.parts.core_tasks.extend(self._each(CoreTask, document, "core_tasks"))

    def _each(self, model: type[M], document: Document, name: str) -> Iterator[tuple[M, Document, Key]]:
        """The items of a file that holds a list, the same list under its own name, or one item alone."""
        value: Any = document.value
        prefix: Key = ()
        if isinstance(value, dict) and set(value) == {name}:
            value, prefix = value[name], (name,)
        alone = isinstance(value, dict)
        for place, item in enumerate([value] if alone else value if isinstance(value, list) else []):
            key: Key = prefix if alone else (*prefix, place)
            part = self._validated(model, document, item, key)
            if part is None:
                self.broken.add(name)
            else:
                yield part, document, key
        if not isinstance(value, dict | list):
            self.broken.add(name)
            if not document.faults:
                document.fault(prefix, f"expected a list of {name.replace('_', ' ')}", value)

    def _validated(self, model: type[M], document: Document, value: Any, key: Key) -> M | None:
        if value is None and document.faults:
            self.broken.add(Path(document.file).stem)
            return None
        try:
            return model.model_validate(value)
        except ValidationError as error:
            note_faults(document, error, model, key)
            self.broken.add(Path(document.file).stem)
            return None

    def _unknown_files(self) -> None:
        """A misspelt file name would be passed over in silence, and with it all that the file says."""
        known = {MAIN_FILE, *OPTIONAL_FILES}
        for path in sorted(self.folder.iterdir()):
            if path.suffix in (".yaml", ".yml") and path.name not in known:
                self._fault(path, f"expected no other YAML file than {', '.join(sorted(known))} in a catalogue's folder", path.name)

    def _open(self, path: Path) -> Document:
        document = read_yaml(path)
        self.documents.append(document)
        return document

    def _fault(self, path: Path, expected: str, got: str) -> None:
        document = Document(str(path))
        document.fault((), expected, got)
        self.documents.append(document)
