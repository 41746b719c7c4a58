"""What integration tests share: one real Kafka per session, started when the first test asks for it."""

import itertools
import os
from collections.abc import Iterator

import pytest

from tests.broker import missing_tools, running_broker

_prefixes = itertools.count(1)


@pytest.fixture(scope="session")
def kafka_broker() -> Iterator[str]:
    """Address of a real broker. Where Java or Maven is missing, the test is skipped by name (KERNEEFFEKT_REQUIRE_ALL=1: it fails)."""
    lacking = missing_tools()
    if lacking and os.environ.get("KERNEEFFEKT_REQUIRE_ALL"):
        pytest.fail(lacking)
    if lacking:
        pytest.skip(lacking)
    with running_broker() as address:
        yield address


@pytest.fixture
def topic_prefix() -> str:
    """Topics of this test only."""
    return f"t{os.getpid()}-{next(_prefixes)}."


def _count_skipped(reporter: pytest.TerminalReporter) -> list[str]:
    return [report.nodeid for report in reporter.stats.get("skipped", []) if "a real Kafka needs" in str(report.longrepr)]


@pytest.hookimpl
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say by name and count which tests did not run for want of a broker."""
    names = _count_skipped(terminalreporter)
    if names:
        terminalreporter.write_line(f"{len(names)} tests did not run: {missing_tools()}")
        for name in names:
            terminalreporter.write_line(f"  {name}")
