"""Who may start work on this server: its owner, who sits at the machine, and visitors if the owner lets them.

A visitor is taken for the owner when the server listens to this machine alone, the browser is on this machine, and
nothing says that the request was passed on by a proxy. A proxy on this machine that says nothing of itself cannot be
told from the owner: docs/hosting.md.
"""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from knobs_core.base import at_this_machine as at_this_machine
from knobs_core.base import is_loopback as is_loopback
from knobs_ui import settings

REFUSED = "Visitors cannot start work on this server. Its owner can let them: knobs app --jobs, or KNOBS_JOBS=1."


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
