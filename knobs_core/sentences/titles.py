"""Titles of items in a sentence: whole ones, by any name that an item goes by; words that mean something else as well
only where "like" leads to them, or a capital or a quotation mark."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from rapidfuzz import fuzz, process

from knobs_core.base import main_title, searchable
from knobs_core.data import Interactions
from knobs_core.language import filler, known
from knobs_core.sentences.clauses import Word

LONGEST = 10  # words of a title that are looked for
ARTICLES = ("the", "a", "an")  # that ``searchable`` leaves out
ALIKE = 88  # of 100, from which on a title with slips of the finger is meant where "like" leads to it


class Named(NamedTuple):
    """A title in a sentence: the item's column, and its words' places, the last one excluded."""

    column: int
    first: int
    last: int


class Titles:
    """The titles of some items, the most liked first where two are called the same."""

    def __init__(self, data: Interactions) -> None:
        self._data = data

    @cached_property
    def _columns(self) -> dict[str, int]:
        likes = self._data.matrix.getnnz(axis=0)
        found: dict[str, int] = {}
        for column in sorted(range(self._data.n_items), key=lambda column: -likes[column]):
            for name in names_of(str(self._data.items["title"].iat[column])):
                found.setdefault(name, column)
        return found

    def named(self, sentence: str, words: Sequence[Word], led: Sequence[bool]) -> Iterator[Named]:
        """The titles in a sentence, from the left, the longest first.

        Args:
            led: for each word, whether "like" or its kin leads to it.
        """
        place = 0
        while place < len(words):
            found = self._at(sentence, words, led, place)
            if found:
                yield found
                place = found.last
            else:
                place += 1

    def _at(self, sentence: str, words: Sequence[Word], led: Sequence[bool], place: int) -> Named | None:
        for last in range(min(len(words), place + LONGEST), place, -1):
            text = searchable(" ".join(word.text for word in words[place:last]))
            column = self._columns.get(text)
            if column is None:
                continue
            first = place + (last > place + 1 and not self._begins(column, words[place].text))
            if led[place] or _told(sentence, words[first:last], first):
                return Named(column, place, last)
        if led[place] and not (place and led[place - 1]):
            return self._slipped(words, place)
        return None

    def _begins(self, column: int, word: str) -> bool:
        """Whether a word is no article, or one that a title begins with: "a love affair" is not "Love Affair"."""
        title = str(self._data.items["title"].iat[column])
        article = rf"(?:^|\(){word} |, {word}(?:\)| \(|$)"
        return word not in ARTICLES or re.search(article, title, re.IGNORECASE) is not None

    def _slipped(self, words: Sequence[Word], place: int) -> Named | None:
        """A title with slips of the finger, right behind "like"."""
        for last in range(min(len(words), place + 5), place, -1):
            text = searchable(" ".join(word.text for word in words[place:last]))
            if len(text) < 5 or all(known(word.text, ("en",)) for word in words[place:last]):
                continue
            match = process.extractOne(text, self._columns.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE)
            if match:
                return Named(self._columns[match[0]], place, last)
        return None


def names_of(title: str) -> list[str]:
    """The names that an item goes by, searchable: "Hate (Haine, La)" also as "hate", "la haine" and "haine"."""
    inside = re.findall(r"\(([^()]*)\)", title)
    bare = re.sub(r"(\s+\([^()]*\))+\s*$", "", title)
    texts = [title, main_title(title), bare, *(re.sub(r"^a\.k\.a\.\s*", "", part) for part in inside)]
    tied = [re.sub(r"^(.*), (\w{1,3}')$", r"\2\1", text) for text in texts]
    turned = [re.sub(r"^(.*), (\w{1,3})$", r"\2 \1", text) for text in tied]
    return [name for name in dict.fromkeys(searchable(text) for text in (*texts, *turned)) if len(name) > 1]


def _told(sentence: str, words: Sequence[Word], place: int) -> bool:
    """Whether words that nothing leads to are meant as a title: two rare words or more, or written as one."""
    written = sentence[words[0].start : words[-1].end]
    quoted = sentence[: words[0].start].rstrip(" ").endswith(("'", '"', "\u201c", "\u201e", "\u2018", "\u00ab"))
    common = [word.text in filler() or (word.text.isalpha() and known(word.text, ("en",))) for word in words]
    capitals = written[:1].isupper() and place > 0
    if quoted or (capitals and not sentence.isupper()):
        return True
    return not all(common) or (len(words) >= 3 and not all(word.text in filler() for word in words))
