"""A choice as query parameters of the address bar, and back. Parameters come from anybody."""

import re
from collections.abc import Container, Mapping

from knobs_core.base import ConfigError
from knobs_core.bundles import Bundle
from knobs_core.data import GROUP_SIZE
from knobs_ui.state.choice import Choice, Dials


def to_link(choice: Choice) -> dict[str, str]:
    """Query parameters that hold a choice."""
    written = {
        "user": ",".join(choice.user_ids),
        "items": ",".join(choice.item_ids),
        "dials": _write_dials(choice.dials),
        "seen": ",".join(choice.seen),
        "pinned": _write_dials(choice.pinned or ()),
    }
    return {name: value for name, value in written.items() if value}


def from_link(bundle: Bundle, parameters: Mapping[str, str]) -> tuple[Choice, list[str]]:
    """The choice that query parameters hold, and what in them could not be used, in words.

    Parameters come from anybody: unknown names and amounts out of range are left out and reported.
    """
    data = bundle.interactions
    problems: list[str] = []

    def known(name: str, among: Container[str], what: str) -> tuple[str, ...]:
        wanted = [part for part in parameters.get(name, "").split(",") if part]
        problems.extend(
            f"The link names {what} '{part[:40]}', which is not here." for part in wanted if part not in among
        )
        return tuple(dict.fromkeys(part for part in wanted if part in among))

    def dials(name: str) -> Dials:
        read: dict[str, float] = {}
        for part in re.findall(r"(~?[^~]+)(?:~|$)", parameters.get(name, "")):  # a knob made of an item begins with ~
            key, _, amount = part.rpartition(":")
            try:
                read[key] = bundle.knobs[key].dial(float(amount)).amount
            except (KeyError, ValueError, ConfigError):
                problems.append(f"The link holds a dial that is not here: '{part[:40]}'.")
        return tuple(read.items())

    user_ids = known("user", data.row_of, "user")[:GROUP_SIZE]
    choice = Choice(
        user_ids=user_ids,
        item_ids=() if len(user_ids) > 1 else known("items", data.column_of, "item"),
        dials=dials("dials"),
        seen=known("seen", data.column_of, "item"),
        pinned=dials("pinned") or None,
    )
    return choice, problems


def _write_dials(dials: Dials) -> str:
    return "~".join(f"{key}:{amount:g}" for key, amount in dials)
