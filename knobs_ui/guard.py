"""What a visitor reads when something goes wrong: one line, and how to go on. What the owner reads stands in the log.

Streamlit hands every exception that a page, a fragment or a callback does not catch to two functions, one that logs it
and one that shows it; here are ours. A KnobsError is a line already. Of anything else the page says no more than an
incident number, under which the log has the traceback: a hash of it, so that a fault that comes again keeps its number.
How Streamlit ends a run or begins another one is no Exception and passes.
"""

import logging
import traceback
import zlib

import streamlit as st
from streamlit import error_util

from knobs_core.base import KnobsError
from knobs_ui import html

LOG = logging.getLogger("knobs")
AGAIN = '<p class="knobs-note"><a href="panel">Start again</a>, with nothing chosen.</p>'


def stand() -> None:
    """Stand guard over all pages of this process; once or many times."""
    error_util._log_uncaught_app_exception = log
    error_util.show_uncaught_app_exception = show


def log(ex: BaseException) -> None:
    """Tell the owner: of what a visitor can put right a line, of anything else the traceback under its number."""
    if isinstance(ex, KnobsError):
        LOG.warning("a visitor was told: %s", ex)
    else:
        LOG.error("incident %s", incident(ex), exc_info=ex)


def show(ex: BaseException) -> None:
    """Tell the visitor."""
    said = str(ex) if isinstance(ex, KnobsError) else (
        f"Something went wrong here. The server's log says what, as incident {incident(ex)}."
    )  # fmt: skip
    st.error(html.plain(said), icon=":material/error:")
    st.html(AGAIN)


def incident(error: BaseException) -> str:
    """The number of an incident."""
    return f"{zlib.crc32(''.join(traceback.format_exception(error)).encode(errors='replace')):08x}"
