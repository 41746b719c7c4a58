"""The one way out when going on could misstate an outcome: a sentence on standard error and an exit code, at once, from any thread."""

import logging
import os
import sys
from collections.abc import Callable
from typing import Never

from pipelines.logs import about

LOG = logging.getLogger(__name__)

INFRASTRUCTURE_FAILED = 70
"""A disk, a database or a broker failed in a way that only a fresh start mends. Nothing is lost: the store's offsets say where to go on."""
NO_PROGRESS = 75
"""Behind, and not moving: the watchdog's verdict."""

Halt = Callable[[int, str], None]


def halt(exit_code: int, sentence: str) -> Never:
    """End the process now, without closing anything.

    Not `sys.exit`: in a thread that ends the thread only, and an orderly end would wait for the very part that is stuck.
    """
    LOG.critical("%s", sentence, extra=about(exit_code=exit_code))
    sys.stderr.flush()
    os._exit(exit_code)
