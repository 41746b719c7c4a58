"""YAML with a line for every key: what a catalogue's error messages point at.

Two things differ from PyYAML's `safe_load`, both because they turn a catalogue into something its author did not write. The words `on`,
`off`, `yes` and `no`, dates, sexagesimal and octal numbers stay text (`on: 2025-07-01` is a key named "on", account `0310` is not 200). A
key written twice is a fault, not a silent overwrite.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from models.errors import CatalogueFault

Key = tuple[str | int, ...]
"""Where something stands in a file: `("indicators", 0, "index")`."""

MAXIMUM_BYTES = 4 * 1024 * 1024
MAXIMUM_NODES = 200_000
"""Far above any real catalogue; what a file of nested aliases would blow past."""


PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str", "int", "float", "bool", "null"))


class _Loader(yaml.SafeLoader):
    """A safe loader that knows text, decimal numbers, true, false and null, and nothing else."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]{0,17})$"), list("-0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^-?(?:0|[1-9][0-9]*)\.[0-9]+(?:e[+-]?[0-9]+)?$"), list("-0123456789"))


@dataclass
class Document:
    """One YAML file: its plain values, the line of every key, and the faults that YAML itself has."""

    file: str
    value: Any = None
    lines: dict[Key, int] = field(default_factory=dict)
    faults: list[CatalogueFault] = field(default_factory=list)

    def place(self, path: tuple[Any, ...]) -> tuple[int, str, Key]:
        """The line and the written key of the deepest part of `path` that exists in the file.

        Components that exist only in the validator's mind (the tag of a union, the name of a check) are stepped over.
        """
        real: Key = ()
        for part in path:
            if (*real, part) in self.lines:
                real = (*real, part)
        return self.lines.get(real, 1), written(real), real

    def at(self, key: Key) -> Any:
        """The value that stands at a key; None where there is none."""
        value = self.value
        for part in key:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def fault(self, path: tuple[Any, ...], expected: str, got: Any) -> None:
        """Note that what stands at `path` is not what was expected."""
        line, key, _ = self.place(path)
        self.faults.append(CatalogueFault(self.file, line, key, expected, shown(got)))


def written(key: Key) -> str:
    """A key as people write it: `indicators[0].index`."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "(file)"


def shown(value: Any) -> str:
    """What stood there, short enough for one line."""
    text = "nothing" if value is None or value == "" else str(value) if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def read_yaml(path: Path) -> Document:
    """Read one file. Whatever is wrong is a fault in the document, with its line; nothing is raised."""
    document = Document(str(path))
    try:
        raw = path.read_bytes()
    except OSError as error:
        document.fault((), "expected a readable file", error.strerror)
        return document
    if len(raw) > MAXIMUM_BYTES:
        document.fault((), f"expected a file of at most {MAXIMUM_BYTES} bytes", f"{len(raw)} bytes")
        return document
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        document.faults.append(
            CatalogueFault(str(path), raw[: error.start].count(b"\n") + 1, "(file)", "expected UTF-8 text", "other bytes")
        )
        return document
    _compose(document, text)
    return document


def _compose(document: Document, text: str) -> None:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is not None:
            document.value = _Builder(document, loader).build(node, ())
    except yaml.MarkedYAMLError as error:
        got = error.problem or "text that is not YAML"
        # What was opened and never closed is found out at the end of the file; the fault is where it was opened.
        mark = error.context_mark if "end of stream" in got and error.context_mark else error.problem_mark or error.context_mark
        document.faults.append(CatalogueFault(document.file, mark.line + 1 if mark else 1, "(file)", "expected valid YAML", got))
    except yaml.YAMLError as error:
        document.fault((), "expected valid YAML", str(error).splitlines()[0])
    except RecursionError:
        document.fault((), "expected valid YAML", "nesting without end")
    finally:
        loader.dispose()


class _Builder:
    """Turns YAML's nodes into plain values and remembers where each stood."""

    def __init__(self, document: Document, loader: _Loader) -> None:
        self.document = document
        self.loader = loader
        self.nodes = 0

    def build(self, node: Node, path: Key) -> Any:
        self.nodes += 1
        if self.nodes > MAXIMUM_NODES:
            raise yaml.YAMLError(f"more than {MAXIMUM_NODES} values")
        self.document.lines.setdefault(path, node.start_mark.line + 1)
        if node.tag not in PLAIN_TAGS:
            self.document.fault(path, "expected plain YAML without tags of a programming language", node.tag)
            return None
        if isinstance(node, MappingNode):
            return {key: self.build(value, (*path, key)) for key, value in self._pairs(node, path)}
        if isinstance(node, SequenceNode):
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _scalar(self, node: Node, path: Key) -> Any:
        try:
            return self.loader.construct_object(node)
        except (yaml.constructor.ConstructorError, ValueError):
            self.document.fault(path, f"expected a value that its tag {node.tag} can hold", node.value)
            return None

    def _pairs(self, node: MappingNode, path: Key) -> Iterator[tuple[str, Node]]:
        seen: dict[str, int] = {}
        for key_node, value in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                self.document.faults.append(
                    CatalogueFault(self.document.file, line, written(path), "expected a key that is a word", "a list or mapping")
                )
                continue
            key = str(key_node.value)
            if key in seen:
                expected = f"expected each key once (it stands on line {seen[key]} already): keep one of the two"
                self.document.faults.append(CatalogueFault(self.document.file, line, written((*path, key)), expected, "the key again"))
                continue
            seen[key] = line
            self.document.lines[(*path, key)] = line
            yield key, value
