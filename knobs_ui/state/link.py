"""A choice as query parameters of the address bar, and back. Parameters come from anybody."""

import re
from collections.abc import Container, Mapping

from knobs_core.base import ConfigError
from knobs_core.bundles import Bundle
from knobs_core.data import GROUP_SIZE, Filters, genres_of
from knobs_ui.state.choice import LENGTHS, MOST_PINS, Choice, Dials

PINS = ["pinned", *(f"pinned{n}" for n in range(2, MOST_PINS + 1))]


def to_link(choice: Choice) -> dict[str, str]:
    """Query parameters that hold a choice."""
    written = {
        "user": ",".join(choice.user_ids),
        "items": ",".join(choice.item_ids),
        "dials": _write_dials(choice.dials),
        "seen": ",".join(choice.seen),
        **{name: _write_dials(dials) for name, dials in zip(PINS, choice.pins, strict=False)},
        **_write_filters(choice.filters),
        "n": str(choice.n) if choice.n != Choice.n else "",
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

    length = next((n for n in LENGTHS if str(n) == parameters.get("n")), Choice.n)
    user_ids = known("user", data.row_of, "user")[:GROUP_SIZE]
    choice = Choice(
        user_ids=user_ids,
        item_ids=() if len(user_ids) > 1 else known("items", data.column_of, "item"),
        dials=dials("dials"),
        seen=known("seen", data.column_of, "item"),
        pins=tuple(filter(None, map(dials, PINS))),
        filters=_read_filters(bundle, parameters, problems),
        n=length,
    )
    return choice, problems


def _write_dials(dials: Dials) -> str:
    return "~".join(f"{key}:{amount:g}" for key, amount in dials)


def _write_filters(filters: Filters) -> dict[str, str]:
    first, last = ("" if year is None else str(year) for year in (filters.first, filters.last))
    return {
        "years": f"{first}..{last}" if first or last else "",
        "only": "|".join(filters.only),
        "without": "|".join(filters.without),
        "fresh": "1" if filters.fresh else "",
    }


def _read_filters(bundle: Bundle, parameters: Mapping[str, str], problems: list[str]) -> Filters:
    years = re.fullmatch(r"(-?\d{1,5})?\.\.(-?\d{1,5})?", parameters.get("years", ".."))
    if years is None:
        problems.append(f"The link holds years that are none: '{parameters['years'][:40]}'.")
    genres: set[str] = set(genres_of(bundle.interactions))

    def listed(name: str) -> tuple[str, ...]:
        wanted = dict.fromkeys(filter(None, parameters.get(name, "").split("|")))
        problems.extend(
            f"The link names a genre that is not here: '{one[:40]}'." for one in wanted if one not in genres
        )
        return tuple(one for one in wanted if one in genres)

    first, last = (int(year) if year else None for year in (years.groups() if years else ("", "")))
    return Filters(first, last, listed("only"), listed("without"), parameters.get("fresh") == "1")
