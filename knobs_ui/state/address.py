"""The address bar: it says the present choice without a step of the browser's history, so that Back leaves the page.

Streamlit's own ``st.query_params`` adds a step with each change; assets/shared/address.js replaces the present one.
"""

import streamlit as st

from knobs_ui import front_end

_address = st.components.v2.component("knobs_address", js=front_end.module("shared/address.js"))


def write_address(query: str) -> None:
    """Let the address bar hold these query parameters; once a page."""
    with st.container(key="luggage-address"):
        _address(data={"query": query}, key="address")
