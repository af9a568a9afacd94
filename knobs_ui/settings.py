"""What the owner of a server sets in its environment; docs/hosting.md lists every setting."""

import os
import re

import streamlit as st

from knobs_core.base import ConfigError

HOST = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*")  # the star stands for any name below
MOST_SESSIONS = 200


def address() -> str:
    """Where the server listens: ``KNOBS_ADDRESS``, which ``knobs app --address`` sets, else as Streamlit was told; ""
    is everywhere."""
    return os.environ.get("KNOBS_ADDRESS") or str(st.get_option("server.address") or "")


def jobs() -> str:
    """``KNOBS_JOBS``: "1" lets every visitor start jobs, "0" nobody, "" the owner at this machine alone.

    Raises:
        ConfigError: anything else.
    """
    told = os.environ.get("KNOBS_JOBS", "")
    if told not in ("", "0", "1"):
        raise ConfigError("KNOBS_JOBS to be 1 or 0", f"'{told[:40]}'", "set it so, or leave it out")
    return told


def most_sessions() -> int:
    """``KNOBS_MAX_SESSIONS``: how many browsers may be connected at once.

    Raises:
        ConfigError: no whole number above 0.
    """
    told = os.environ.get("KNOBS_MAX_SESSIONS") or str(MOST_SESSIONS)
    if not re.fullmatch(r"[1-9]\d{0,6}", told):
        raise ConfigError("KNOBS_MAX_SESSIONS to be a whole number above 0", f"'{told}'", "set it to one such as 200")
    return int(told)


def image_hosts() -> tuple[str, ...]:
    """``KNOBS_IMAGE_HOSTS``: hosts that pictures of the data may come from, in lower case, apart by commas or spaces;
    none by default.

    Raises:
        ConfigError: something that is no host.
    """
    hosts = tuple(filter(None, re.split(r"[\s,]+", os.environ.get("KNOBS_IMAGE_HOSTS", "").lower())))
    for host in hosts:
        if not HOST.fullmatch(host):
            raise ConfigError("hosts in KNOBS_IMAGE_HOSTS", f"'{host[:60]}'", "name them such as covers.example.org")
    return hosts
