"""Layouts: how a source system writes the records of one type, learnt from a few of them.

A program writes its records all alike: the same names in the same order, and only the values differ. A layout is such a text with
places for the values. A record that has the same bytes everywhere but at these places needs no parsing to be known as JSON, and
its values are pieces of its own bytes (`pipelines/intake_placing.py`). What the values may be is still judged for each record.
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from models.fields import MAX_ATTRIBUTES
from models.records import ENVELOPE_FIELDS, Envelope
from models.registry import EventType, event_type_of_wire
from pipelines.intake_sql import CUT_OUT_TIMES, MOST_PIECES, CutOut, field_rules

MOST_LAYOUTS = 256
LONGEST_LAYOUT = 4_096
"""Bytes of a layout without its values."""
_LITERALS = {"specversion": "1.0", "datacontenttype": "application/json"}
_REQUIRED = {name for name, info in Envelope.model_fields.items() if info.is_required()}
_CARRIED = ("id", "source", "subject", "time", "recordedtime")
_ATTRIBUTE_NAME = re.compile(r'[^"\\\x00-\x1f]{1,64}')

Mark = tuple[int, int]
"""A place in a record: so many bytes after the start of a run."""


@dataclass(frozen=True)
class Run:
    """Bytes that are the same in all records. `quote` is the number of the record's first quotation mark in it, `at` where that is."""

    text: bytes
    quote: int
    at: int

    @property
    def has_quote(self) -> bool:
        """Whether any quotation mark is in it."""
        return self.at >= 0


@dataclass(frozen=True)
class Slot:
    """What lies between two runs. `quote` is the number of its first quotation mark; None for what has no marks of its own around it."""

    quote: int | None


@dataclass(frozen=True)
class Layout:
    """The runs of a record with the slots between them (one fewer), and its values as pairs of marks, by column."""

    cut_out: CutOut
    runs: tuple[Run, ...]
    slots: tuple[Slot, ...]
    views: tuple[tuple[str, Mark, Mark], ...]
    n_quotes: int
    type_run: int


class _Odd(Exception):
    pass


class _Bare(str):
    """The text of a value without quotation marks."""

    __slots__ = ()


def _bare_constant(_: str) -> None:
    raise _Odd


_DECODER = json.JSONDecoder(object_pairs_hook=tuple, parse_int=_Bare, parse_float=_Bare, parse_constant=_bare_constant)


def layout_of(text: str) -> Layout | None:
    """The layout of this record; None where it is not one that others are likely to share, or not minimal JSON."""
    if "\\" in text or '"' not in text:
        return None
    try:
        document = _DECODER.decode(text)
        layout, written = _Writer().layout(document)
    except (_Odd, ValueError, RecursionError):
        return None
    return layout if written == text and sum(len(run.text) for run in layout.runs) <= LONGEST_LAYOUT else None


@dataclass
class _Writer:
    """Writes a document as minimal JSON, noting what of it is fixed and where values lie."""

    runs: list[str] = field(default_factory=lambda: [""])
    first_quotes: list[int] = field(default_factory=lambda: [0])
    slots: list[Slot] = field(default_factory=list)
    views: list[tuple[str, Mark, Mark]] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    n_quotes: int = 0
    type_run: int = 0

    def layout(self, document: object) -> tuple[Layout, str]:
        envelope = _pairs(document, ENVELOPE_FIELDS)
        if not {name for name, _ in envelope} >= _REQUIRED:
            raise _Odd
        wire = dict(envelope).get("type")
        event_type = event_type_of_wire(wire) if isinstance(wire, str) else None
        if event_type is None:
            raise _Odd
        for name, value in self._named(envelope):
            self._attribute(event_type, name, value)
        runs = tuple(Run(text.encode(), quote, text.encode().find(b'"')) for text, quote in zip(self.runs, self.first_quotes, strict=True))
        columns = {name for name, _, _ in self.views}
        times = tuple(name for name in CUT_OUT_TIMES if name in columns)
        cut_out = CutOut(event_type.name, times, tuple(sorted(columns.difference(times))))
        layout = Layout(cut_out, runs, tuple(self.slots), tuple(self.views), self.n_quotes, self.type_run)
        return layout, "".join(self.written)

    def _named(self, pairs: Sequence[tuple[str, object]]) -> Iterator[tuple[str, object]]:
        """Go through an object's pairs, with its punctuation and names written around them."""
        for number, (name, value) in enumerate(pairs):
            self._fixed(f'{"," if number else "{"}"{name}":')
            yield name, value
        self._fixed("}" if pairs else "{}")

    def _attribute(self, event_type: EventType, name: str, value: object) -> None:
        """One attribute of the envelope."""
        if name == "data":
            self._data(event_type, value)
        elif name == "type" or _LITERALS.get(name) == value:
            self.type_run = len(self.runs) - 1 if name == "type" else self.type_run
            self._fixed(f'"{value}"')
        elif name in _CARRIED and type(value) is str:
            self._text(f"ce_{name}", value)
        else:
            raise _Odd

    def _data(self, event_type: EventType, data: object) -> None:
        rules = field_rules(event_type)
        if any(rule.required and name not in dict(_pairs(data)) for name, rule in rules.items()):
            raise _Odd
        for name, value in self._named(_pairs(data, rules)):
            kind = rules[name].kind
            if kind == "attributes":
                self._attributes(_pairs(value))
            elif kind == "effort":
                self._effort(_pairs(value))
            elif type(value) is (str if kind == "text" else _Bare) and kind != "document":
                self._text(name, value) if kind == "text" else self._value(name, value)
            else:
                raise _Odd

    def _attributes(self, pairs: Sequence[tuple[str, object]]) -> None:
        """Names of attributes are part of the layout, so what can be said of them is said here: all different, in order or not."""
        names = [name for name, _ in pairs]
        in_order = names == sorted(names)
        if len(names) > (MAX_ATTRIBUTES if in_order else MOST_PIECES) or not all(map(_ATTRIBUTE_NAME.fullmatch, names)):
            raise _Odd
        begin, pieces = self._mark(), {}
        for name, value in self._named(pairs):
            run, offset = self._mark()
            self._value(None, value) if type(value) is not str else self._text(None, value)
            pieces[name] = ((run, offset - len(f'"{name}":'.encode())), self._mark())
        self.views.append(("attributes", begin, self._mark()))
        if not in_order:
            self.views.extend((f"piece_{number}", *pieces[name]) for number, name in enumerate(sorted(pieces)))

    def _effort(self, pairs: Sequence[tuple[str, object]]) -> None:
        """Units and minutes differ from record to record: the whole object is one value."""
        if not all(isinstance(value, _Bare) for _, value in pairs):
            raise _Odd
        text = "{" + ",".join(f'"{name}":{value}' for name, value in pairs) + "}"
        self._value("effort", _Bare(text))

    def _fixed(self, text: str) -> None:
        self.runs[-1] += text
        self.written.append(text)
        self.n_quotes += text.count('"')

    def _text(self, column: str | None, value: str) -> None:
        """A text: its quotation marks belong to the slot, the value is what is between them."""
        run, offset = self._mark()
        self._slot(Slot(self.n_quotes), f'"{value}"')
        if column:
            self.views.append((column, (run, offset + 1), (run + 1, -1)))

    def _value(self, column: str | None, value: object) -> None:
        constants = {True: "true", False: "false", None: "null"}
        text = value if isinstance(value, _Bare) else constants.get(value) if isinstance(value, bool | None) else None
        if text is None:
            raise _Odd
        begin = self._mark()
        self._slot(Slot(None), text)
        if column:
            self.views.append((column, begin, self._mark()))

    def _slot(self, slot: Slot, text: str) -> None:
        self.slots.append(slot)
        self.written.append(text)
        self.n_quotes += text.count('"')
        self.runs.append("")
        self.first_quotes.append(self.n_quotes)

    def _mark(self) -> Mark:
        return len(self.runs) - 1, len(self.runs[-1].encode())


def _pairs(value: object, known: Collection[str] | None = None) -> Sequence[tuple[str, object]]:
    """The pairs of an object whose names are all different, and known."""
    if not isinstance(value, tuple):
        raise _Odd
    names = [name for name, _ in value]
    if len(set(names)) != len(names) or (known is not None and not all(name in known for name in names)):
        raise _Odd
    return value


class Pool:
    """The layouts that were met, the latest used last; a bounded number."""

    def __init__(self) -> None:
        self._layouts: dict[Layout, None] = {}

    def __iter__(self) -> Iterator[Layout]:
        return iter(list(self._layouts))

    def used(self, layout: Layout) -> None:
        """Note that a layout is in use."""
        self._layouts.pop(layout, None)
        self._layouts[layout] = None
        if len(self._layouts) > MOST_LAYOUTS:
            del self._layouts[next(iter(self._layouts))]

    def learn(self, texts: Sequence[str | None]) -> bool:
        """Take up the layouts of these records; whether any was new."""
        found = {layout for text in texts if text is not None and (layout := layout_of(text)) is not None}
        new = [layout for layout in found if layout not in self._layouts]
        for layout in new:
            self.used(layout)
        return bool(new)
