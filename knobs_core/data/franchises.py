"""Which titles go on with each other: "Rocky" and "Rocky III", "Star Wars: Episode V - The Empire Strikes Back".

A title's stem is what it begins with, worked out from its words alone: of the main title with its article in front,

    what stands before ": " or " - "           "Alien: Resurrection"            -> Alien
    without a number behind it                 "Back to the Future Part II"     -> Back to the Future
    without a word that only sequels end on    "The Matrix Reloaded"            -> The Matrix
    two words or more before "and the"         "Harry Potter and the ..."       -> Harry Potter

Titles with one stem, articles and accents aside, are a franchise where at least two of them are called differently: two
that are both called "Heat" need not have anything to do with each other.

It reads and does not know. It misses parts that begin otherwise ("Aliens", "Live Free or Die Hard"), and it joins what
begins alike by chance ("The Mission" and "Mission: Impossible"); docs/lists.md says how often.
"""

import re
from collections.abc import Sequence

from knobs_core.base import main_title, searchable
from knobs_core.data.sources.movielens import natural_title

LONGEST = 300  # characters of a title that are looked at
BEHIND = re.compile(r"(?::|\s[-\u2013\u2014])\s.*$")
NUMBER = re.compile(
    r"[\s,]+(?:(?:part|chapter|episode|volume|vol\.?|book|no\.?)\s\w+|\d{1,2}(?:\s\d/\d)?|x{0,2}(?:ix|iv|v?i{1,3}|v|x))$"
    "|\\s?[\u00b2\u00b3]$",
    re.IGNORECASE,
)
SEQUEL = re.compile(
    r"\s(?:returns|begins|rises|lives|again|reborn|reloaded|revolutions|resurrection|salvation|strikes back|"
    r"forever(?: after)?)$",
    re.IGNORECASE,
)
AND_THE = re.compile(r"\s(?:and|&)\sthe\s.*$", re.IGNORECASE)


def stem(title: str) -> str:
    """What a title begins with: "The Godfather" for "Godfather, The: Part II" and "The Godfather: Part II"."""
    whole = natural_title(main_title(title[:LONGEST]))
    found = BEHIND.sub("", whole)
    for ending in (NUMBER, NUMBER, SEQUEL):  # "Vol. 2, Part 1" are two
        found = ending.sub("", found)
    before = AND_THE.sub("", found)
    chosen = (before if " " in searchable(before) else found).strip(" ,")
    return natural_title(chosen) if searchable(chosen) else whole


def franchises(titles: Sequence[str]) -> list[str]:
    """The franchise of each of the titles, as the first of it is called; "" for one that belongs to none."""
    stems = [stem(title) for title in titles]
    keys = [searchable(one) for one in stems]
    called: dict[str, set[str]] = {}
    first: dict[str, str] = {}
    for title, one, key in zip(titles, stems, keys, strict=True):
        called.setdefault(key, set()).add(searchable(main_title(title)))
        first.setdefault(key, one)
    return [first[key] if key and len(called[key]) > 1 else "" for key in keys]
