"""A sentence taken apart: its words, and for each of them whether it tells of something wanted or unwanted.

Cues turn what follows them: "no", "without", "sick of" to unwanted, "less", "not too" to less of it, "more", "lots of"
back to wanted. A turn holds until a mark, a "but" or another cue; over a list ("without gore, blood or guts") until its
last member. Negations that are none are known ("not only", "nothing beats"), and so are those that belong to the story
("a couple who cannot stand each other"): what stands behind them is neither wanted nor unwanted by itself. Cues are
those of English, German and Czech.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from knobs_core.base import searchable
from knobs_core.language import cues

MORE, MUCH, LITTLE = 0.4, 0.6, 0.2  # amounts of what is wanted
NONE, LESS = -1.0, -0.5  # and of what is not
TURNS = {"none": NONE, "less": LESS, "but": MORE}  # what cues turn what follows them to
RATHER = re.compile(r"\b(?:rather|sooner|prefer|lieber|eher|spis|radsi|radeji)\b")
ITEM = "\N{BULLET}"  # what stands for a title
LISTED = 4  # words of a member of a list, at most
BREAKS = re.compile(r"[,;.!?:()\n/\u2013\u2014]|\s-\s")
WORD = re.compile(r"[^\W_]+(?:['\u2019\u2010-][^\W_]+)*")


class Word(NamedTuple):
    """A word of a sentence. text: folded, by ``base.searchable``; start, end: where it stands, with what a hyphen ties
    to it; typed: as it stands there."""

    text: str
    start: int
    end: int
    typed: str = ""


class Clause(NamedTuple):
    """What stands between two marks or cues.

    words: without the cue; amount: above 0 wanted, below 0 unwanted
    tells: for each word, whether it says by itself what is wanted, as those behind "who cannot" do not
    """

    words: tuple[Word, ...]
    amount: float
    tells: tuple[bool, ...]


def words_of(sentence: str) -> list[Word]:
    """The words of a sentence; "anti-war" is two, "don't" is "dont"."""
    found = []
    for match in WORD.finditer(sentence):
        tied = re.split(r"[-\u2010]", match[0])  # one by one, as an article in front of a text is left out: "A-Team"
        parts = [part for one in tied for part in searchable(one).split()] or [match[0].lower()]
        found += [Word(part, *match.span(), part if len(parts) > 1 else match[0]) for part in parts]
    return found


def led_to(words: Sequence[Word]) -> list[bool]:
    """For each word, whether "like" or its kin stands before it."""
    text = " ".join(word.text for word in words)
    starts = _starts(words)
    ends = {match.end() + 1 for match in re.finditer(rf"\b(?:{cues()['like']}|{cues()['than']}|rather)(?= )", text)}
    return [start in ends for start in starts[:-1]]


def clauses_of(sentence: str, words: Sequence[Word], whole: Mapping[int, int]) -> list[Clause]:
    """The clauses of a sentence in their order; those without words are left out.

    Args:
        whole: {place of a word: that after the last} of titles, each of which is one word, ITEM, of its clause.
    """
    found: list[Clause] = []
    part: list[Word] = []
    place = 0
    while place < len(words):
        if part and BREAKS.search(sentence, part[-1].end, words[place].start):
            found += _clauses(part)
            part = []
        last = whole.get(place, place + 1)
        title = Word(ITEM, words[place].start, words[last - 1].end)
        part.append(title if place in whole else words[place])
        place = last
    return _lists(found + _clauses(part))


def _starts(words: Sequence[Word]) -> list[int]:
    """Where words begin in their text with single spaces, and where one more would."""
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word.text) + 1)
    return starts


def _clauses(part: Sequence[Word]) -> list[Clause]:
    """The clauses of what stands between two marks."""
    text = " ".join(word.text for word in part)
    if re.search(r"\S (?:no|not|nope|nein|ne)$", text):  # "tarantino no"
        return [Clause(tuple(part[:-1]), NONE, (True,) * (len(part) - 1))]
    starts = _starts(part)
    at = {start: place for place, start in enumerate(starts)}
    found: list[Clause] = []
    words: list[tuple[Word, bool]] = []  # of the present clause, and whether they tell
    amount, barred, place = MORE, False, 0

    def close() -> None:
        if words:
            found.append(Clause(tuple(word for word, _ in words), amount, tuple(tells for _, tells in words)))
        words.clear()

    while place < len(part):
        match = _pattern().match(text, starts[place])
        kind = match.lastgroup if match else None
        if match is None or kind is None or (kind == "over" and not RATHER.search(text)):
            words.append((part[place], not barred))
            place += 1
            continue
        last = at[match.end() + 1]
        if kind == "story":
            words += [(word, False) for word in part[place:last]]
            barred = True
        elif kind in TURNS or kind == "over" or (kind == "than" and RATHER.search(text)):
            close()
            amount, barred = TURNS.get(kind, NONE), False
        elif kind == "more" or (kind in ("much", "little") and amount > 0):
            close()
            amount = (amount if amount > 0 else MORE) if kind == "more" else MUCH if kind == "much" else LITTLE
            barred &= kind != "more"
        elif kind == "like":
            close()
        place = last
    close()
    return found


def _lists(clauses: Sequence[Clause]) -> list[Clause]:
    """Clauses in which "without gore, blood or guts" is unwanted to its last member."""
    found = list(clauses)
    for last, clause in enumerate(found):
        words = [word.text for word in clause.words]
        if not {"or", "nor", "oder", "nebo", "ani"} & set(words) or clause.amount < 0 or last == 0:
            continue
        first = last - 1
        while first >= 0 and found[first].amount > 0 and len(found[first].words) <= LISTED:
            first -= 1
        if first >= 0 and found[first].amount < 0 and len(words) <= 2 * LISTED:
            for place in range(first + 1, last + 1):
                found[place] = found[place]._replace(amount=found[first].amount)
    return found


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    """All cues at the place of a word: the first kind that fits counts."""
    return re.compile(rf"\b(?:{'|'.join(f'(?P<{kind}>{pattern})' for kind, pattern in cues().items())})(?= |$)")
