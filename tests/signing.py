"""A server where people sign in: the app as it is, one page more, and secrets. People who come without a browser."""

import contextlib
import random
import re
from urllib.parse import urlsplit

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
    "brief": {"email": "eva@example.org", "email_verified": True, "lasts": 5},
    "wordy": {"email": "eva@example.org", "email_verified": True, "about": random.Random(7).randbytes(2500).hex()},
}
LISTED = {"KNOBS_EDITORS": "eva@example.org", "KNOBS_CHIEFS": "boss@example.org, group:chiefs"}
COOKIE_SECRET = "of these tests alone, with as many characters as it takes"
DESK = """
import streamlit as st

from knobs_ui import html, roles, shell

shell.require_router()


def do(what, role):
    st.session_state[what] = roles.require(role).name


@st.fragment
def part():
    st.button("Edit", on_click=do, args=("edited", roles.Role.EDITOR))
    st.html(f"<p>edited by [{html.escaped(st.session_state.get('edited', ''))}]</p>")


part()
st.button("Publish", on_click=do, args=("published", roles.Role.CHIEF))
who = roles.somebody()
st.html(f"<p>published by [{html.escaped(st.session_state.get('published', ''))}]</p>")
st.html(f"<p>here is [{html.escaped(who.name)}], {who.role.name.lower()}</p>")
"""


def desk(folder, people, host, base):
    """The app in a folder of its own, with the page "desk" and with secrets for a provider."""
    for name in ("knobs_core", "knobs_ui", "assets"):
        (folder / name).symlink_to(ROOT / name)
    for name in ("pages", ".streamlit"):
        (folder / name).mkdir()
    for file in (ROOT / "pages").glob("*.py"):
        (folder / "pages" / file.name).symlink_to(file)
    config = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    config = config.replace("[server]", f'[server]\nbaseUrlPath = "{base}"')
    (folder / ".streamlit" / "config.toml").write_text(config, encoding="utf-8")
    (folder / "pages" / "desk.py").write_text(DESK, encoding="utf-8")
    script, last = (ROOT / "app.py").read_text(encoding="utf-8"), 'st.Page("pages/lab.py"'
    assert last in script
    (folder / "app.py").write_text(script.replace(last, f'st.Page("pages/desk.py"),\n{last}'), encoding="utf-8")
    (folder / ".streamlit" / "secrets.toml").write_text(
        f'[auth]\nredirect_uri = "{host}{base}/oauth2callback"\ncookie_secret = "{COOKIE_SECRET}"\n'
        f'client_id = "{CLIENT}"\nclient_secret = "{SECRET}"\n'
        f'server_metadata_url = "{people.url}/.well-known/openid-configuration"\n',
        encoding="utf-8",
    )


@contextlib.contextmanager
def signing(bundle, folder, people, base="", **environment):
    """The address of such a server. base: the path below which it lies, such as "/knobs"."""
    port = free_port()
    desk(folder, people, f"http://127.0.0.1:{port}", base)
    own = {"PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1", **environment}
    with hosted(bundle, port=port, base=base, **own) as (url, _):
        yield url


class Caller:
    """Somebody with cookies and without a browser, who has signed in as ``who``, or not."""

    def __init__(self, url, people, who=None, **headers):
        self.url, self._people, self._web = url, people, requests.Session()
        self.get("/_stcore/health")
        self.get("/_stcore/host-config")
        if who:
            asked = self.get("/auth/login", headers=headers)
            assert asked.url.startswith(people.url), asked.url
            self.landed = self._web.get(f"{asked.url}&who={who}", timeout=30).url

    def get(self, path, **options):
        return self._web.get(self.url + path, timeout=30, **options)

    @property
    def cookies(self):
        return self._web.cookies.get_dict()

    def session(self, page="desk", origin=None, token=None, **cookies):
        """A session of this caller. cookies: in place of those of these names."""
        mine = {**self.cookies, **cookies}
        said = "; ".join(f"{name}={value}" for name, value in mine.items())
        home = "{0.scheme}://{0.netloc}".format(urlsplit(self.url))
        shown = mine["_streamlit_xsrf"] if token is None else token
        return session(self.url, page, token=shown, Cookie=said, Origin=origin or home)


def here(one):
    """What the desk says of whoever is here: (name, role)."""
    return re.findall(r"here is \[([^\]]*)\], (\w+)", one.text)[0]
