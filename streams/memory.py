"""How the worker's process holds memory: large tables come and go with every batch, and what is freed should go back to the system."""

import ctypes
import sys
from typing import Any

import pyarrow as pa

_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3
"""Of glibc's mallopt(3)."""
_ARENAS = 2
_APART_FROM_BYTES = 200_000
"""A block of DuckDB (256 KiB) and whatever is larger is got from the system and goes back to it alone, and leaves no hole behind."""


def _c_library_has(name: str) -> Any:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None


def hold_little() -> None:
    """Few arenas of the C library instead of eight per processor, and none of Arrow's own beside them; call it before threads start.

    Where the C library is another one, only Arrow's part is done.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    mallopt = _c_library_has("mallopt")
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)
        mallopt(_M_MMAP_THRESHOLD, _APART_FROM_BYTES)


def give_back() -> None:
    """What was freed goes back to the system, which would else lie about in pieces. Takes some milliseconds."""
    malloc_trim = _c_library_has("malloc_trim")
    if malloc_trim is not None:
        malloc_trim(0)
