"""What was read of a text is kept for texts that come again: an export says the same units, dates and persons many times."""

from collections.abc import Callable
from typing import TypeVar

Read = TypeVar("Read")
KEPT = 8_192
"""Texts that are kept of one column; when there are so many it begins again, so that memory is bounded."""


class Memo(dict[str, Read]):
    """`memo[text]` is what `read(text)` gives. A text that is refused (read raises) is not kept.

    Lives no longer than the sending of one file: what it holds of persons (numbers, and the pseudonyms made of them) is in the memory of
    this process anyway, as the file is read.
    """

    def __init__(self, read: Callable[[str], Read]) -> None:
        self._read = read

    def __missing__(self, text: str) -> Read:
        value = self._read(text)
        if len(self) >= KEPT:
            self.clear()
        self[text] = value
        return value
