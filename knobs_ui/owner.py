"""Who may start work on this server: its owner, who sits at the machine, and visitors if the owner lets them.

A visitor is taken for the owner when the server listens to this machine alone, the browser is on this machine, and
nothing says that the request was passed on by a proxy. A proxy on this machine that says nothing of itself cannot be
told from the owner: docs/hosting.md.
"""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from knobs_ui import settings

REFUSED = "Visitors cannot start work on this server. Its owner can let them: knobs app --jobs, or KNOBS_JOBS=1."
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


def is_owner() -> bool:
    """Whether the visitor of this session is taken for the owner."""
    headers = st.context.headers.to_dict()  # none where there is no browser, and then nobody is
    return at_this_machine(st.context.ip_address or "127.0.0.1", headers)


def at_home() -> bool:
    """Whether the visitor of this session is the owner of a server that nobody but this machine reaches."""
    return is_loopback(settings.address()) and is_owner()


def may_work() -> bool:
    """Whether the visitor of this session may start jobs."""
    said = settings.jobs()
    return said == "1" or (said == "" and at_home())


def visitor() -> str:
    """What tells this session from all others; its own browser alone knows it."""
    context = get_script_run_ctx()
    return context.session_id if context else ""
