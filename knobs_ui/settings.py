"""What the owner of a server sets in its environment; docs/hosting.md lists every setting."""

import os
import re

import streamlit as st

from knobs_core.base import ConfigError

HOST = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*")  # the star stands for any name below
MOST_SESSIONS = 200
READERS, EDITORS, CHIEFS, SIGN_IN = "KNOBS_READERS", "KNOBS_EDITORS", "KNOBS_CHIEFS", "KNOBS_SIGN_IN"
GROUP = "group:"  # before the name of a group, where others are e-mail addresses
ADDRESS = re.compile(r"[a-z0-9.!#$%&'+/=?^_`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)*")  # in lower case
LONGEST_ADDRESS = 200
CLAIM = re.compile(r"[\w.:/@-]{1,200}", re.ASCII)
SELF_SAID = {"name", "given_name", "family_name", "nickname", "preferred_username", "email", "profile", "website"}


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


def study() -> str:
    """``KNOBS_STUDY``, which ``knobs app --study`` sets: the file of the study that visitors take part in; "" for none.
    Then they see nothing else."""
    return os.environ.get("KNOBS_STUDY", "")


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


def signing_in() -> bool:
    """Whether people sign in here: somebody is listed, or everybody has to. ``provider.check`` sees at the start that
    this and Streamlit's secrets agree, so that nobody is let in because a file cannot be read for a moment."""
    return any(os.environ.get(name) for name in (READERS, EDITORS, CHIEFS, SIGN_IN))


def must_sign_in() -> bool:
    """Whether strangers see nothing but the page where they sign in: ``KNOBS_SIGN_IN=required``, or readers are listed.

    Raises:
        ConfigError: ``KNOBS_SIGN_IN`` is anything else.
    """
    told = os.environ.get(SIGN_IN, "")
    if told not in ("", "required"):
        raise ConfigError(f"{SIGN_IN} to be 'required'", f"'{told[:40]}'", "set it so, or leave it out")
    return bool(told or listed(READERS))


def listed(name: str) -> frozenset[str]:
    """Whom one of ``KNOBS_READERS``, ``KNOBS_EDITORS`` and ``KNOBS_CHIEFS`` lists, apart by commas: e-mail addresses,
    in lower case, and ``group:NAME``.

    Raises:
        ConfigError: something that is neither.
    """
    found = set()
    for told in filter(None, map(str.strip, os.environ.get(name, "").split(","))):
        group = told.removeprefix(GROUP).strip() if told.startswith(GROUP) else ""
        if not group and (not ADDRESS.fullmatch(told.lower()) or len(told) > LONGEST_ADDRESS):
            raise ConfigError(
                f"e-mail addresses and {GROUP}NAME in {name}, apart by commas", f"'{told[:60]}'",
                "name people such as eva@example.org, group:editors",
            )  # fmt: skip
        found.add(f"{GROUP}{group}" if group else told.lower())
    return frozenset(found)


def groups_claim() -> str:
    """``KNOBS_GROUPS_CLAIM``: under which name the provider says in which groups somebody is, ``groups`` by default.

    Raises:
        ConfigError: no name of a claim, or one of those that people fill in themselves.
    """
    told = os.environ.get("KNOBS_GROUPS_CLAIM") or "groups"
    if not CLAIM.fullmatch(told) or told in SELF_SAID:
        raise ConfigError(
            "KNOBS_GROUPS_CLAIM to name a claim that the provider alone fills in", f"'{told[:60]}'",
            "set it to one such as groups or roles",
        )  # fmt: skip
    return told
