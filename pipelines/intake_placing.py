"""Records laid on their layouts, a whole slice at a time: which bytes are fixed, and where each value lies.

Works on the bytes of a slice with numpy, without a loop over records. A record has a layout when it has the layout's number of
quotation marks and the same bytes in every run; values become Arrow views of the record's own bytes, so nothing is copied.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.records import MAX_BYTES
from pipelines.intake_layouts import LONGEST_LAYOUT, Layout, Mark, Pool
from pipelines.intake_times import LOW_BYTES, instants

Positions = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_INLINE = 12
"""Bytes that an Arrow view holds itself."""


@dataclass(frozen=True)
class Placed:
    """Records of one layout: their positions in the slice, and for each column where its values begin and end."""

    layout: Layout
    positions: Positions
    columns: dict[str, tuple[Positions, Positions]]

    def places(self, names: Sequence[str]) -> tuple[Positions, Positions]:
        """Where the values of several columns begin and end, one column after the other."""
        begins, ends = zip(*(self.columns[name] for name in names), strict=True)
        return np.concatenate(begins), np.concatenate(ends)

    def only(self, rows: Flags) -> "Placed":
        """Some of the records."""
        columns = {name: (begin[rows], end[rows]) for name, (begin, end) in self.columns.items()}
        return Placed(self.layout, self.positions[rows], columns)


class Scratch:
    """Room for what is worked out byte by byte, used again for every slice: fresh memory for it costs more than the working out."""

    def __init__(self) -> None:
        self._room = np.empty((5, 0), np.uint8)

    def __call__(self, n: int) -> list[npt.NDArray[np.uint8]]:
        """Five rows of so many bytes. Whatever they held before is gone."""
        if n > self._room.shape[1]:
            self._room = np.empty((5, n + n // 4), np.uint8)
        return list(self._room[:, :n])


class Bytes:
    """The bytes of a slice of texts, and what can be seen of them at once. `scratch` serves one thread."""

    def __init__(self, texts: pa.StringArray, scratch: Scratch | None = None) -> None:
        self._scratch = scratch or Scratch()
        _, offsets, data = texts.buffers()
        bounds = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
        first = int(bounds[0])
        size = int(bounds[-1]) - first
        # Room behind the end, since a run is looked for also where the slice ends before it would.
        self._data = np.zeros(size + 2 * LONGEST_LAYOUT, np.uint8)
        if size:
            self._data[:size] = np.frombuffer(data, np.uint8)[first : first + size]
        self._size = size
        self.starts, self.ends = bounds[:-1] - first, bounds[1:] - first
        self._words = np.ndarray(len(self._data) - 7, "<u8", self._data, strides=(1,))
        self._quotes = np.flatnonzero(np.equal(self._data[:size], ord('"'), out=self._flags(size)[0]))
        self._first_quote = np.searchsorted(self._quotes, bounds - first)

    @cached_property
    def plain(self) -> Flags:
        """Records of which every byte means what it looks like: no escapes, no control characters, ASCII or letters of western Europe."""
        data = self._data[: self._size]
        odd, also, _, _, _ = self._flags(self._size)
        np.less(data, ord(" "), out=odd)
        odd |= np.equal(data, ord("\\"), out=also)
        if self._size and data.max() > 0x7E:
            odd |= (data == 0x7F) | ((data >= 0xC0) & (data != 0xC3))
        return ~self._records_at(np.flatnonzero(odd)) & (self.ends - self.starts <= MAX_BYTES)

    @cached_property
    def personal(self) -> Flags:
        """Records with digits that are written as a personal number is: no letter or digit beside them, and a date by their first ones.

        Nine digits count where a number begins, since there a leading zero is lost. Wider than `models.personal_number`.
        """
        size = len(self._data)
        digit = np.subtract(self._data, ord("0"), out=self._scratch(size)[0])
        _, is_digit, two, four, six = self._flags(size)
        np.less(digit, 10, out=is_digit)
        two = np.logical_and(is_digit[:-1], is_digit[1:], out=two[:-1])
        four = np.logical_and(two[:-2], two[2:], out=four[:-3])
        places = np.flatnonzero(np.logical_and(four[:-2], two[4:], out=six[:-5]))
        before, after = self._data[places - 1], self._data[places + 6]
        places = places[~_ALPHANUMERIC[before] & (is_digit[places + 6] | (after == ord("-")) | (after == ord(" ")))]
        before, apart = self._data[places - 1], 1 - is_digit[places + 6]
        is_date = (digit[places] <= 3) & (digit[places + 2] <= 1)
        ten = is_date & four[places + 6 + apart] & ~_ALPHANUMERIC[self._data[places + 10 + apart]]
        begins = _BEFORE_NUMBER[np.where(before == ord("-"), self._data[places - 2], before)]
        nine = begins & two[places + 6] & is_digit[places + 8] & ~is_digit[places + 9]
        return self._records_at(places[ten | nine])

    def n_quotes(self) -> Positions:
        """Quotation marks of each record."""
        return np.diff(self._first_quote)

    def lay(self, layout: Layout, rows: Positions) -> tuple[Positions, list[Positions]]:
        """Those of `rows` that have this layout, and where each run starts in them; they have its number of quotation marks already."""
        numbers = self._first_quote[rows]
        if layout.type_run:  # the type tells most others apart
            before = layout.slots[layout.type_run - 1]
            if before.quote is not None:
                end = self._quotes[numbers + before.quote + 1] + 1
                fitting = self._is(end, layout.runs[layout.type_run].text)
                rows, numbers = rows[fitting], numbers[fitting]
        if not len(rows):
            return rows, []
        ends, fits = self.ends[rows], np.ones(len(rows), bool)
        starts = [self.starts[rows]]
        for number, slot in enumerate(layout.slots):
            run, following = layout.runs[number], layout.runs[number + 1]
            fits &= self._is(starts[-1], run.text)
            begin = starts[-1] + len(run.text)
            if slot.quote is not None:
                fits &= self._quotes[numbers + slot.quote] == begin
                end = self._quotes[numbers + slot.quote + 1] + 1
            else:
                end = self._quotes[numbers + following.quote] - following.at if following.has_quote else ends - len(following.text)
                fits &= end > begin
            starts.append(end)
        last = layout.runs[-1].text
        fits &= self._is(starts[-1], last) & (starts[-1] + len(last) == ends)
        return (rows, starts) if fits.all() else (rows[fits], [start[fits] for start in starts])

    def views(self, begin: Positions, end: Positions) -> pa.Array:
        """The texts between these places, as views of the bytes."""
        length = (end - begin).astype(np.uint64)
        views = np.empty((len(begin), 2), np.uint64)
        head = self._words[begin] & LOW_BYTES[np.minimum(length, 4)]
        views[:, 0] = length | (head << np.uint64(32))
        views[:, 1] = begin.astype(np.uint64) << np.uint64(32)
        short = length <= _INLINE
        tail = self._words[begin + 4] & LOW_BYTES[np.clip(length.astype(np.int64) - 4, 0, 8)]
        np.copyto(views[:, 1], tail, where=short)
        return pa.Array.from_buffers(pa.string_view(), len(begin), [None, pa.py_buffer(views), pa.py_buffer(self._data)])

    def instants(self, begin: Positions, end: Positions) -> tuple[Positions, Flags]:
        """The instants of the times between these places, and which of them are times."""
        return instants(self._words, begin, end)

    def _flags(self, n: int) -> list[Flags]:
        return [row.view(np.bool_) for row in self._scratch(n)]

    def _is(self, at: Positions, text: bytes) -> Flags:
        """Where these bytes stand. The text has no zero byte, at which numpy's comparison of bytes would end."""
        if not text:
            return np.ones(len(at), bool)
        pieces = np.ndarray(len(self._data) - len(text), f"S{len(text)}", self._data, strides=(1,))
        return pieces[at] == text  # type: ignore[no-any-return]

    def _records_at(self, places: Positions) -> Flags:
        found = np.zeros(len(self.starts), bool)
        found[np.searchsorted(self.ends, places[places < self._size], "right")] = True
        return found


_ALPHANUMERIC = np.array([chr(byte).isascii() and chr(byte).isalnum() for byte in range(256)])
_BEFORE_NUMBER = np.array([chr(byte) in ":," for byte in range(256)])


def placed(data: Bytes, pool: Pool, waiting: Flags) -> Iterator[Placed]:
    """The waiting records of each layout of the pool; takes them from `waiting`."""
    by_quotes = defaultdict(list)
    for layout in pool:
        by_quotes[layout.n_quotes].append(layout)
    n_quotes = np.where(waiting, data.n_quotes(), -1)
    for number, layouts in by_quotes.items():
        rows = np.flatnonzero(n_quotes == number)
        for layout in reversed(layouts):
            if not len(rows):
                break
            found, starts = data.lay(layout, rows)
            if len(found):
                waiting[found] = False
                rows = rows[waiting[rows]]
                pool.used(layout)
                columns = {name: (_at(starts, begin), _at(starts, end)) for name, begin, end in layout.views}
                yield Placed(layout, found, columns)


def _at(starts: list[Positions], mark: Mark) -> Positions:
    run, offset = mark
    return starts[run] + offset
