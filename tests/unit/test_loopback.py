"""Whether a host is this machine: what decides on TLS and logins in every part."""

import pytest

from pipelines.loopback import is_loopback


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example.org", "localhost.example.org", "loopback", "2130706433", "[", "0x7f000001"]
)
def test_not_this_machine_or_not_sure(host: str) -> None:
    assert not is_loopback(host)
