"""Pictures of items. Their addresses are data, and every visitor's browser would ask for them and so tell a stranger
who looks at what; they are shown only from hosts that the owner of the server lists (``settings.image_hosts``).
"""

import re

ADDRESS = re.compile(  # as browsers and we read it alike: no user, no backslash, no other alphabet in the host
    r"(?P<scheme>https?)://(?P<host>[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:\d{1,5})?(/[^\s\\]*)?", re.IGNORECASE
)
LOOPBACK = ("localhost", "127.0.0.1")  # which alone need no https
LONGEST = 2_000  # characters of an address


def address_of(image: str, listed: tuple[str, ...]) -> str:
    """The address of a picture where it may be asked for, else "". listed: hosts; the star of ``*.example.org`` stands
    for any name below."""
    found = ADDRESS.fullmatch(image) if listed and len(image) <= LONGEST else None
    if found is None:
        return ""
    host = found["host"].lower()
    safe = found["scheme"].lower() == "https" or host in LOOPBACK
    there = any(host.endswith(one[1:]) if one.startswith("*.") else host == one for one in listed)
    return image if safe and there else ""
