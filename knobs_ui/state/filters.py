"""Filters of the list as query parameters, and back. Parameters come from anybody."""

import re
from collections.abc import Mapping

from knobs_core.base import quoted
from knobs_core.bundles import Bundle
from knobs_core.data import Filters, genres_of

YEARS = re.compile(r"(-?\d{1,5})?\.\.(-?\d{1,5})?")


def write_filters(filters: Filters) -> dict[str, str]:
    """Query parameters of filters, "" for those that are not set."""
    first, last = ("" if year is None else str(year) for year in (filters.first, filters.last))
    return {
        "years": f"{first}..{last}" if first or last else "",
        "only": "|".join(filters.only),
        "without": "|".join(filters.without),
        "fresh": "1" if filters.fresh else "",
    }


def read_filters(bundle: Bundle, parameters: Mapping[str, str], missing: list[str]) -> Filters:
    """The filters that query parameters hold; what could not be used joins what is missing."""
    years = YEARS.fullmatch(parameters.get("years", ".."))
    if years is None:
        missing.append(f"years {quoted(parameters['years'])}")
    genres = set(genres_of(bundle.interactions))

    def listed(name: str) -> tuple[str, ...]:
        wanted = dict.fromkeys(filter(None, parameters.get(name, "").split("|")))
        missing.extend(f"genre {quoted(one)}" for one in wanted if one not in genres)
        return tuple(one for one in wanted if one in genres)

    first, last = (int(year) if year else None for year in (years.groups() if years else ("", "")))
    return Filters(first, last, listed("only"), listed("without"), parameters.get("fresh") == "1")
