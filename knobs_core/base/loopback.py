"""Whether a request comes from the very machine that a server runs on, and not through a proxy."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

PASSED_ON = {"forwarded", "via", "x-real-ip", "true-client-ip", "cf-connecting-ip", "x-client-ip"}  # and X-Forwarded-*


def at_this_machine(address: str, headers: Mapping[str, str]) -> bool:
    """Whether a request comes from a browser on this machine, and not through a proxy.

    Args:
        address: where the connection comes from; headers: of the request, names in any case.
    """
    named = {name.lower(): value for name, value in headers.items()}
    passed_on = any(name in PASSED_ON or name.startswith("x-forwarded") for name in named)
    hosts = [urlsplit(f"//{named.get('host', '')}"), *([urlsplit(named["origin"])] if "origin" in named else [])]
    return not passed_on and is_loopback(address) and all(is_loopback(host.hostname or "") for host in hosts)


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this very machine's own."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
