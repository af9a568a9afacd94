"""A server where people sign in: the app as it is, one page more, and secrets. And people who come without a browser."""

import contextlib
import re

import requests

from tests.given import ROOT
from tests.openid import CLIENT, SECRET
from tests.serving import free_port, hosted
from tests.strangers import session

PEOPLE = {
    "rita": {"email": "rita@example.org", "email_verified": True, "name": "Rita"},
    "eva": {"email": "Eva@Example.org", "email_verified": True, "name": "Eva"},
    "cleo": {"name": "<b>Cleo</b>", "groups": ["news", "chiefs"]},
    "mallory": {"email": "eva@example.org", "email_verified": False, "name": "eva@example.org"},
    "late": {"email": "eva@example.org", "email_verified": True, "lasts": -5},
    "wordy": {"email": "eva@example.org", "email_verified": True, "about": "x" * 6000},
}
LISTED = {"KNOBS_EDITORS": "eva@example.org", "KNOBS_CHIEFS": "boss@example.org, group:chiefs"}
COOKIE_SECRET = "of these tests alone, with as many characters as it takes"
DESK = '''
import streamlit as st

from knobs_ui import html, roles, shell

shell.require_router()


def do(what, role):
    st.session_state[what] = roles.require(role).name


@st.fragment
def part():
    st.button("Edit", on_click=do, args=("edited", roles.Role.EDITOR))


part()
st.button("Publish", on_click=do, args=("published", roles.Role.CHIEF))
who = roles.somebody()
st.html(f"<p>[{html.escaped(who.name)}] is {who.role.name}, did {[one for one in ('edited', 'published') if st.session_state.get(one)]}</p>")
'''


def desk(folder, people, port, base=""):
    """The app in a folder of its own, with the page "desk" and with secrets for a provider."""
    for name in ("knobs_core", "knobs_ui", "assets"):
        (folder / name).symlink_to(ROOT / name)
    for name in ("pages", ".streamlit"):
        (folder / name).mkdir()
    for file in (*(ROOT / "pages").glob("*.py"), ROOT / ".streamlit" / "config.toml"):
        (folder / file.relative_to(ROOT)).symlink_to(file)
    (folder / "pages" / "desk.py").write_text(DESK, encoding="utf-8")
    last = '        st.Page("pages/lab.py"'
    script = (ROOT / "app.py").read_text(encoding="utf-8")
    assert last in script
    (folder / "app.py").write_text(script.replace(last, f'        st.Page("pages/desk.py", title="Desk"),\n{last}'))
    (folder / ".streamlit" / "secrets.toml").write_text(
        f'[auth]\nredirect_uri = "http://127.0.0.1:{port}{base}/oauth2callback"\ncookie_secret = "{COOKIE_SECRET}"\n'
        f'client_id = "{CLIENT}"\nclient_secret = "{SECRET}"\n'
        f'server_metadata_url = "{people.url}/.well-known/openid-configuration"\n'
    )


@contextlib.contextmanager
def signing(bundle, folder, people, base="", **environment):
    """The address of such a server."""
    port = free_port()
    desk(folder, people, port, base)
    own = {"PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1", **environment}
    with hosted(bundle, port=port, **own) as (url, _):
        yield url


class Caller:
    """Somebody with cookies and without a browser, who has signed in as ``who``, or not."""

    def __init__(self, url, people, who=None, base=""):
        self.url, self._people = url, people
        self._web = requests.Session()
        self.get(f"{base}/_stcore/health")
        self.get(f"{base}/_stcore/host-config")
        if who:
            asked = self.get(f"{base}/auth/login")
            assert asked.url.startswith(people.url), asked.url
            self.answer = self._web.get(f"{asked.url}&who={who}", timeout=30)

    def get(self, path, **options):
        return self._web.get(self.url + path, timeout=30, **options)

    @property
    def cookies(self):
        return self._web.cookies

    def session(self, page="desk", origin=None, **cookies):
        """A session of this caller. cookies: in place of those of these names."""
        mine = {**self._web.cookies.get_dict(), **cookies}
        said = "; ".join(f"{name}={value}" for name, value in mine.items())
        return session(self.url, page, token=mine["_streamlit_xsrf"], Cookie=said, Origin=origin or self.url)


def here(one):
    """What the desk says of whoever is here: (name, role, what they did)."""
    [found] = re.findall(r"\[([^\]]*)\] is (\w+), did (\[.*?\])", one.text) or [None]
    return found
