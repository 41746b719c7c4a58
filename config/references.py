"""Reads the frozen references of a catalogue (`references/*.csv`) and holds them against the indicators that name them."""

import json
from collections.abc import Sequence
from pathlib import Path

from config.yaml_lines import Document, Key
from models.catalogue import IndicatorBase, Reached, Sustained
from models.errors import CatalogueFault
from models.reference import Reference, read_reference
from outcomes.casemix import case_mix_text

FOLDER = "references"
MAXIMUM_BYTES = 20_000_000


def read_references(folder: Path, documents: list[Document]) -> list[tuple[Reference, str]]:
    """Every reference of a catalogue's folder with its file; faults go to documents of their own, with file and line."""
    found: list[tuple[Reference, str]] = []
    for path in sorted((folder / FOLDER).glob("*")):
        document = Document(str(path))
        documents.append(document)
        if path.suffix != ".csv":
            document.fault((), f"expected only CSV files in {FOLDER}/, made by `kerneeffekt reference fit`", path.name)
            continue
        reference = _read(path, document)
        if reference is not None:
            _note_twice(reference, found, document)
            found.append((reference, str(path)))
    return found


def _read(path: Path, document: Document) -> Reference | None:
    try:
        raw = path.read_bytes()
        if len(raw) > MAXIMUM_BYTES:
            document.fault((), f"expected a file of at most {MAXIMUM_BYTES} bytes", f"{len(raw)} bytes")
            return None
        text = raw.decode("utf-8-sig")
    except OSError as error:
        document.fault((), "expected a readable file", error.strerror)
        return None
    except UnicodeDecodeError:
        document.fault((), "expected UTF-8 text", "other bytes")
        return None
    reference, faults = read_reference(text)
    document.faults += [CatalogueFault(document.file, fault.line, fault.key, fault.expected, fault.got) for fault in faults]
    return reference


def _note_twice(reference: Reference, before: Sequence[tuple[Reference, str]], document: Document) -> None:
    for other, file in before:
        if (other.id, other.version) == (reference.id, reference.version):
            document.fault((), f"expected each id and version once ({file} has it too)", f"{reference.id} version {reference.version}")


def check_expected(indicator: IndicatorBase, references: Sequence[tuple[Reference, str]], document: Document, key: Key) -> None:
    """Add a fault where an indicator and the reference that it names do not say the same."""
    asked = indicator.expected
    if asked is None:
        return
    where = (*key, "expected")
    if asked.of == "time" and not isinstance(indicator, Reached | Sustained):
        document.fault((*where, "of"), "expected `of: time` on a kind that has a time to the effect (reached, sustained)", asked.of)
    if asked.reference is None and any(one.linear for one in indicator.case_mix):
        document.fault(where, "expected a `reference` fitted by regression: a pool has no slope for a `linear` covariate", "the pool")
    if asked.limits == "arcsine" and (indicator.case_mix or asked.of != "achieved" or asked.follow_up != "matured"):
        document.fault((*where, "limits"), "expected `arcsine` only for a plain share: achieved, matured, without case mix", asked.limits)
    named = [(one, file) for one, file in references if one.id == asked.reference]
    versions = [one.version for one, _ in named]
    if asked.reference_version is not None and named and asked.reference_version not in versions:
        expected = f"expected a version that is in {FOLDER}/ ({', '.join(map(str, sorted(versions)))})"
        document.fault((*where, "reference_version"), expected, asked.reference_version)
    wanted = [(one, file) for one, file in named if one.version == (asked.reference_version or max(versions))]
    for reference, file in wanted:
        for fault in _differences(indicator, reference):
            document.fault((*where, "reference"), f"{fault} ({file})", f"{reference.id} version {reference.version}")


def _differences(indicator: IndicatorBase, reference: Reference) -> list[str]:
    """What of a reference does not fit the indicator that names it."""
    asked = indicator.expected
    found = []
    if asked and (reference.of, reference.follow_up) != (asked.of, asked.follow_up):
        found.append(
            f"expected a reference with of: {asked.of} and follow_up: {asked.follow_up}, not {reference.of} and {reference.follow_up}"
        )
    if json.loads(case_mix_text(indicator.case_mix)) != _parsed(reference.case_mix):
        found.append("expected a reference with the same case mix as the indicator: fit it again, as a new version")
    if reference.indicator == indicator.id and reference.indicator_version != indicator.version:
        found.append(f"expected a reference of version {indicator.version} of the indicator: its definition has changed, so fit it again")
    return found


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
