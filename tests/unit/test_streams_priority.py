"""The threads that read ahead come after the writer."""

import os
import sys
import threading

import pytest

from pipelines.intake import Intake
from streams.priority import make_way


def nice_of_this_thread() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a nice value for each thread")
def test_only_the_thread_that_makes_way_comes_later():
    before, seen = nice_of_this_thread(), []

    def run() -> None:
        make_way()
        seen.append(nice_of_this_thread())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [min(19, before + 10)]
    assert nice_of_this_thread() == before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a nice value for each thread")
def test_the_main_thread_stays_where_it_is():
    before = nice_of_this_thread()
    make_way()
    assert nice_of_this_thread() == before


def test_each_thread_of_the_intake_is_prepared_once():
    prepared = []
    with Intake(threads=2, initializer=lambda: prepared.append(threading.current_thread().name)) as intake:
        intake.read("feed", 0, 0, [b"no record"] * 600)
    assert 1 <= len(prepared) <= 2
    assert all(name.startswith("intake") for name in prepared)
