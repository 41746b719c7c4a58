"""Which of the worker's threads goes first where there are more of them than processors.

Every record waits for the writer: one transaction after another, on one thread. What reads ahead and what sends on afterwards is done in
good time when it takes what the writer leaves; asked to share alike, the writer got little more than half of a processor.
"""

import os
import sys
import threading

_LATER, _LAST = 10, 19
"""Of nice(1): about a tenth of the processor where the writer wants it too."""


def make_way() -> None:
    """Let the calling thread come after the others of this process from now on.

    Linux only: elsewhere the nice value is the process's. Nor for the main thread, from which new threads and processes have theirs.
    """
    if sys.platform == "linux" and threading.current_thread() is not threading.main_thread():
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, min(_LAST, os.getpriority(os.PRIO_PROCESS, thread) + _LATER))
