"""The control panel's entry: what listens, and what every visitor's session runs.

Start it with ``streamlit run app.py`` or ``knobs app``.
"""

import streamlit as st

from knobs_ui import gate, roles, settings, shell, sign_in


def start() -> None:
    """The bare address greets whoever comes; with a link's parameters it leads to the Panel. So every page has an
    address of its own. Where there is a study, it leads visitors to that."""
    link = st.query_params.to_dict()
    st.switch_page("pages/study.py" if alone() else "pages/panel.py" if link else "pages/user.py", query_params=link)


def alone() -> bool:
    """Whether this visitor sees the study alone: a look at the panel would tell what it compares."""
    return bool(settings.study()) and roles.somebody().role < roles.Role.EDITOR


if __name__ == "__main__":  # in a session
    st.set_page_config(page_title="Knobs", page_icon="🎛️", layout="wide")
    for_editors = "visible" if roles.somebody().role >= roles.Role.EDITOR else "hidden"
    pages = [
        st.Page(start, title="Start", default=True, visibility="hidden"),
        st.Page("pages/panel.py", title="Panel", icon=":material/tune:"),
        st.Page("pages/map.py", title="Map", icon=":material/map:"),
        st.Page("pages/user.py", title="User", icon=":material/person:"),
        st.Page("pages/lab.py", title="Lab", icon=":material/science:"),
        st.Page("pages/studio.py", title="Studio", icon=":material/edit_note:", visibility=for_editors),
        st.Page("pages/recipe.py", title="Recipe", visibility="hidden"),
    ]
    study = [st.Page("pages/study.py", title="Study", icon=":material/how_to_vote:")] if settings.study() else []
    pages = [pages[0], *study] if alone() else [*pages, *study]
    if not roles.may_read():
        pages = [st.Page(sign_in.page, title="Sign in")]
    page = st.navigation(pages, position="top")
    shell.prepare()
    page.run()
    shell.footer()
else:  # the server imports it, and finds Streamlit's application behind our gate
    app = st.App(__file__, middleware=gate.layers())
    gate.check()
