"""Whether a host is this machine: what may then be said without TLS, and served without a login."""

import ipaddress


def is_loopback(host: str) -> bool:
    """`localhost` or a loopback address, an IPv6 one with or without brackets. A name is not looked up: whoever answers for it may lie."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
