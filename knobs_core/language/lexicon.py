"""How people talk, in English, German and Czech: what they say when they mean a theme, how sentences are put together,
and the ground forms of words.

``assets/language`` has a table of sayings a language: concept, and sayings that point at it more than at any other. A
bundle's own knobs are found by their names; a saying helps where the bundle has a knob of that name. ``words.en.csv``
has short everyday words for concepts, ``instead.csv`` what may stand for a concept that a bundle lacks, ``cues.toml``
the words that say "no", "less" or "like".
"""

import csv
import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache

import simplemma

from knobs_core.base import folded, resource, searchable

LANGUAGES = ("en", "de", "cs")
TABLES = resource("assets", "language")
ENGLISH = 0.5  # of its words, from which on a sentence is
WORDS = re.compile(r"[^\W_]+")


@lru_cache(maxsize=1)
def sayings() -> dict[str, tuple[str, tuple[tuple[str, str], ...]]]:
    """{folded name of a concept: its name and its (saying, language) pairs}; empty where the tables are not there."""
    found: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    for language in LANGUAGES:
        for row in _table(f"sayings.{language}"):
            pairs = found.setdefault(folded(row["concept"]), (row["concept"], []))[1]
            pairs.extend((saying, language) for saying in _parts(row["sayings"]))
    return {concept: (name, tuple(dict.fromkeys(pairs))) for concept, (name, pairs) in found.items()}


@lru_cache(maxsize=1)
def wordings() -> dict[str, tuple[str, ...]]:
    """{folded name of a concept: English words for it, which are looked for as they stand and not by their meaning}."""
    return {folded(row["concept"]): _parts(row["words"]) for row in _table("words.en")}


@lru_cache(maxsize=1)
def stand_ins() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """{folded name of a concept: (concepts that mean almost the same, concepts that contain it)}, the nearest first."""
    return {folded(row["concept"]): (_parts(row["near"]), _parts(row["broader"])) for row in _table("instead")}


def _table(name: str) -> list[dict[str, str]]:
    """Rows of a table; none where it is not there."""
    path = TABLES / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())


@lru_cache(maxsize=1)
def _cues() -> dict[str, dict[str, str]]:
    return tomllib.loads((TABLES / "cues.toml").read_text("utf-8"))


@lru_cache(maxsize=8)
def filler(languages: tuple[str, ...] = LANGUAGES) -> frozenset[str]:
    """Folded words that a sentence of these languages holds for its own sake."""
    return frozenset(word for language in languages for word in _cues()["filler"][language].split())


def cues() -> dict[str, str]:
    """{kind: a pattern of its cues, the longest first}, in the order in which kinds are tried."""
    kinds = _cues()["cues"]
    return {kind: "|".join(sorted(lines.splitlines(), key=len, reverse=True)) for kind, lines in kinds.items()}


@lru_cache(maxsize=1)
def eras() -> dict[str, str]:
    """{word: "before", "after" or "since"}: what it makes of the year or the decade behind it."""
    return {word: era for era, words in _cues()["years"].items() for word in words.split()}


@lru_cache(maxsize=50_000)
def ground(word: str, language: str) -> str:
    """The ground form of a word, folded: "Zombies" is "zombie"."""
    if len(word) < 4 or not word.isalpha():
        return searchable(word)
    return searchable(simplemma.lemmatize(word, lang=language)) or word


def grounds(text: str, language: str) -> tuple[str, ...]:
    """The ground forms of a text's words, in their order."""
    return tuple(ground(word, language) for word in WORDS.findall(text))


def known(word: str, languages: Iterable[str]) -> bool:
    """Whether a dictionary of one of these languages has a word."""
    return any(simplemma.is_known(word, lang=language) for language in languages)


def languages_of(sentence: str) -> tuple[str, ...]:
    """The languages that a sentence may be of, its own first: English where half of its words are, else that which has
    most of them, and English."""
    if simplemma.in_target_language(sentence, lang="en") >= ENGLISH:
        return ("en",)
    return max(LANGUAGES[1:], key=lambda language: simplemma.in_target_language(sentence, lang=language)), "en"
