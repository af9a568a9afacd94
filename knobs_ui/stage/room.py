"""The invitation to everybody in the room: a QR code of the present state's address, drawn on this machine."""

import socket
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import segno

from knobs_ui import settings
from knobs_ui.state import query

EVERYWHERE = ("", "0.0.0.0", "::")  # what a server that listens on all of its addresses is told
OURS = ("localhost", "127.0.0.1", "::1")  # hosts that are this very machine, whoever names them
ELSEWHERE = ("192.0.2.1", 9)  # an address that nobody has (RFC 5737); the socket sends nothing


class Invitation(NamedTuple):
    """link: the address that opens the same state; image: its QR code as a data URI, "" where it does not fit into
    one; note: what to do where phones cannot open it, "" where they can."""

    link: str
    image: str
    note: str


def invitation(page: str, parameters: Mapping[str, str]) -> Invitation:
    """The invitation to a state. page: address of the page as the browser has it; parameters: what holds the state."""
    address = urlsplit(page)
    host, note = address.netloc, ""
    if address.hostname in OURS:
        if settings.address() not in EVERYWHERE:
            note = "This address is for this machine alone. For the room, start with: knobs app --address 0.0.0.0"
        elif own := _own_address():
            host = own if address.port is None else f"{own}:{address.port}"
            note = "Phones have to be in the same network as this machine."
        else:
            note = "This machine is in no network that phones could reach it by."
    link = urlunsplit(("http" if not address.scheme else address.scheme, host, address.path, query(parameters), ""))
    try:
        image = segno.make(link, error="l", micro=False).svg_data_uri(border=4)
    except segno.DataOverflowError:
        return Invitation(link, "", "This state is too long for a QR code. Send its address instead.")
    return Invitation(link, image, note)


def _own_address() -> str:
    """This machine's address in its network, "" without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as route:
        try:
            route.connect(ELSEWHERE)
        except OSError:
            return ""
        return str(route.getsockname()[0])
