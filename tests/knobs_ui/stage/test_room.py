"""The invitation: where it leads, what its code says, and what it tells where phones cannot follow."""

import re
from urllib.parse import unquote

import numpy as np
import pytest
import segno
import streamlit as st

from knobs_ui.stage import invitation, room

STATE = {"user": "15", "dials": "film-noir:0.3~#12:-0.5"}


@pytest.fixture
def listens(monkeypatch):
    """A function that says where the server listens, and which address this machine has."""

    def set_to(address, own="192.168.1.7"):
        monkeypatch.setattr(st, "get_option", lambda name: {"server.address": address}[name])
        monkeypatch.setattr(room, "_own_address", lambda: own)

    return set_to


def drawn(image):
    """The modules of a code as they are drawn: rows of an SVG path of strokes one unit high."""
    text = unquote(image.partition(",")[2])
    [path] = re.findall(r"\bd='([^']+)'", text)
    [side] = {int(n) for n in re.findall(r"(?:width|height)='(\d+)'", text)}
    grid, x, y = np.zeros((side, side), int), 0.0, 0.0
    for kind, numbers in re.findall(r"([Mmh])([-\d. ]+)", path):
        moves = [float(number) for number in re.findall(r"-?\d*\.?\d+", numbers)]
        if kind == "M":
            x, y = moves
        elif kind == "m":
            x, y = x + moves[0], y + moves[1]
        else:
            grid[int(y), int(x) : int(x + moves[0])] = 1
            x += moves[0]
    return grid


def expected_code(link):
    """The modules of a link's code with the quiet zone around them."""
    return np.pad(np.array(segno.make(link, error="l", micro=False).matrix, int), 4)


def test_the_code_says_the_link(listens):
    listens("0.0.0.0")
    found = invitation("https://knobs.example:8501/panel?old=1", STATE)
    assert found.link == "https://knobs.example:8501/panel?user=15&dials=film-noir:0.3~%2312:-0.5"
    assert found.note == ""
    assert np.array_equal(drawn(found.image), expected_code(found.link))


def test_a_server_for_this_machine_alone_says_how_to_open_it(listens):
    listens("127.0.0.1")
    found = invitation("http://127.0.0.1:8501/panel", STATE)
    assert found.link.startswith("http://127.0.0.1:8501/panel?user=15")
    assert "knobs app --address 0.0.0.0" in found.note


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_server_for_all_offers_this_machines_address(listens, host):
    listens("0.0.0.0")
    found = invitation(f"http://{host}:8501/panel", STATE)
    assert found.link.startswith("http://192.168.1.7:8501/panel?user=15")
    assert "same network" in found.note
    listens(None, own="")
    assert "no network" in invitation(f"http://{host}:8501/panel", STATE).note


def test_what_does_not_fit_into_a_code_has_none(listens):
    listens("0.0.0.0")
    found = invitation("http://knobs.example/panel", {"items": "1234567890," * 400})
    assert found.image == ""
    assert "too long" in found.note


def test_this_machines_address_is_asked_without_sending_anything():
    assert re.fullmatch(r"|\d+\.\d+\.\d+\.\d+", room._own_address())
