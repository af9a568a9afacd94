"""A sentence becomes chips: what it asks for and what it does not want, each as a dial beside the words it came from.

In each clause (``clauses.py``) the titles of items are found first, then decades, then knobs by their names and by
sayings (``lexicon.py``), the longest first; what is left is sought by meaning (``index.py``): of all runs of words
those that are nearest to a knob, from NEAR on. Nothing is turned: a chip proposes. What nothing was found for is said.
``benchmarks/words.py`` says how often that is right, and what led to these numbers.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from knobs_core.base import main_title
from knobs_core.bundles import Bundle, Knob
from knobs_core.language import eras, filler, ground, known, languages_of
from knobs_core.sentences.clauses import ITEM, Clause, Word, clauses_of, led_to, words_of
from knobs_core.sentences.index import LONGEST, Index, Near, Said, index_of

NEAR = {1: 0.75, 2: 0.74, 3: 0.72}  # likeness from which on a run of so many words, or more, means a knob
FAINT = {1: 0.6, 2: 0.6, 3: 0.55}  # the same where nothing else was understood: whoever reads it should doubt it
RUN = 5  # words of a run that is sought by meaning
MUTE = {"cs"}  # languages that the encoder does not know
OTHERS = 3  # knobs that are named beside a chip, to take instead
MOST = 8  # chips of a sentence
STANDS_IN = 0.85  # certainty of a chip for a theme that has no knob of its own
ERA = 0.84  # the same of the nearest of all decades before or since: they come behind what else is asked for
MISSED = 2  # words beside a chip that nothing was found for, before it is said


class Chip(NamedTuple):
    """A dial that a sentence proposes.

    key: of the knob; amount: in [-1, 1]; said: the words it came from; start, end: where they stand in the sentence
    by: ``title``, ``decade``, ``name``, ``saying`` or ``meaning``; certainty: in [0, 1]
    others: keys of knobs that may be meant instead
    """

    key: str
    name: str
    amount: float
    said: str
    start: int
    end: int
    by: str
    certainty: float
    others: tuple[str, ...] = ()


class Reading(NamedTuple):
    """What a sentence comes to. nothing: the parts for which no knob was found, as they were typed."""

    sentence: str
    chips: tuple[Chip, ...]
    nothing: tuple[str, ...]


DECADE = re.compile(r"(?P<century>19|20)?(?:(?P<ten>\d)0s|(?P<german>\d)0er(?:n|jahre)?)|(?P<of>19|20)(?P<year>\d)\d")
FIRST_DECADE, LAST_DECADE = 1880, 2090
TENS = {"twenties": 2, "thirties": 3, "forties": 4, "fifties": 5, "sixties": 6, "seventies": 7, "eighties": 8,
        "nineties": 9, "noughties": 0, "naughties": 0, "aughts": 0}  # fmt: skip


def read(bundle: Bundle, sentence: str) -> Reading:
    """What a sentence asks of a bundle's knobs."""
    return Reader(bundle, index_of(bundle)).read(sentence)


class Reader:
    """Reads sentences for one bundle; nothing of what it read is kept."""

    def __init__(self, bundle: Bundle, index: Index) -> None:
        self._bundle, self._index = bundle, index

    def read(self, sentence: str) -> Reading:
        """What a sentence asks for."""
        words, languages = words_of(sentence), languages_of(sentence)
        titles = {one.first: one for one in self._index.titles.named(sentence, words, led_to(words))}
        columns = {words[one.first].start: one.column for one in titles.values()}
        clauses = clauses_of(sentence, words, {first: one.last for first, one in titles.items()})
        parts = [_Part(sentence, clause, self._index, languages) for clause in clauses]
        for part in parts:
            self._literal(part, columns)
            part.sought(NEAR)
        if not any(part.chips for part in parts) and (wanted := [part for part in parts if part.wanted]):
            max(wanted, key=lambda part: part.likeness).sought(FAINT)
        chips = _once([chip for part in parts for chip in part.chips])[:MOST]
        nothing = dict.fromkeys(missed for part in parts for missed in part.missed)
        return Reading(sentence, tuple(self._others(chips, mute=not MUTE.isdisjoint(languages))), tuple(nothing))

    def _others(self, chips: Sequence[Chip], mute: bool) -> Iterator[Chip]:
        """Chips with the knobs that may be meant instead. mute: what was said means nothing to the encoder, so that
        they are those near to the knob."""
        said = [chip.name if mute else chip.said for chip in chips if chip.by != "title"]
        near = self._index.near(said, OTHERS + 1)
        instead = iter(near)
        for chip in chips:
            keys = [one.knob.key for one in next(instead)] if chip.by != "title" else []
            yield chip._replace(others=tuple(key for key in keys if key != chip.key)[:OTHERS])

    def _literal(self, part: "_Part", columns: Mapping[int, int]) -> None:
        """The chips of titles, decades, names and sayings."""
        knobs, item_ids = self._bundle.knobs, self._bundle.interactions.item_ids
        for place, word in enumerate(part.words):
            if word.text == ITEM:
                part.take(knobs[f"~{item_ids[columns[word.start]]}"], place, place + 1, "title", 1.0)
            elif decade := _decade(part.words, place):
                first, keys = _era(part.words, place, decade)
                for at, key in enumerate(key for key in keys if key in knobs):
                    part.take(knobs[key], first, place + 1, "decade", 1.0 if first == place else ERA - at / 100)
        for length in range(LONGEST, 0, -1):
            for first in range(len(part.words) - length + 1):
                if part.free(first, first + length) and (said := part.called(first, first + length)):
                    by, certainty = ("name", 1.0) if said.own else ("saying", STANDS_IN if said.instead else 0.95)
                    part.take(said.knob, first, first + length, by, certainty)


class _Part:
    """A clause while it is read: what was found in it, and which of its words are taken."""

    def __init__(self, sentence: str, clause: Clause, index: Index, languages: tuple[str, ...]) -> None:
        self._sentence, self._clause, self._index, self._languages = sentence, clause, index, languages
        self.words, self.chips = clause.words, list[Chip]()
        self._taken, self._forms = [False] * len(self.words), dict[str, list[str]]()
        self._aside = set[int]()  # words that say what there is no knob for
        self._filler = filler(languages)

    @cached_property
    def _texts(self) -> list[str]:
        """The words without slips of the finger."""
        return [
            word.text if word.text == ITEM or word.text in self._filler or self._accented(word)
            else self._index.mended(word.text, self._languages)
            for word in self.words
        ]  # fmt: skip

    def _accented(self, word: Word) -> bool:
        """Whether a dictionary has a word with the accents that folding takes away."""
        typed = word.typed.lower()
        return typed != word.text and known(typed, self._languages)

    def free(self, first: int, last: int) -> bool:
        """Whether none of some words is taken, and one of them says something."""
        run = range(first, last)
        barred = any(self._taken[i] or i in self._aside or not self._clause.tells[i] for i in run)
        return not barred and any(self._says(i) for i in run)

    def called(self, first: int, last: int) -> Said | None:
        """Who is called by some words, as they stand or in their ground forms, or stands for the theme that is.

        Where an unwanted theme has neither, its words are put aside: "no jump scares" is not "no scares".
        """
        forms = [(form[first:last], one) for one in self._languages for form in (self._texts, self._grounds(one))]
        if said := next(filter(None, (self._index.called(*form) for form in forms)), None):
            return said
        theme = next(filter(None, (self._index.elsewhere(*form) for form in forms)), None)
        if theme is None:
            return None
        instead = self._index.stands_in(theme, self.wanted)
        if not instead and not self.wanted:
            self._aside.update(range(first, last))
        return instead

    def _grounds(self, language: str) -> list[str]:
        if language not in self._forms:
            pairs = zip(self.words, self._texts, strict=True)
            self._forms[language] = [
                text if language == "cs" and text.startswith("ne")  # "nezpívá" is no kind of "zpívá"
                else ground(word.typed if word.text == text else text, language)
                for word, text in pairs
            ]  # fmt: skip
        return self._forms[language]

    def take(self, knob: Knob, first: int, last: int, by: str, certainty: float) -> None:
        """Let some words be a chip."""
        start, end = self.words[first].start, self.words[last - 1].end
        said, amount = self._sentence[start:end], self._clause.amount
        self.chips.append(Chip(knob.key, main_title(knob.title), amount, said, start, end, by, round(certainty, 2)))
        self._taken[first:last] = [True] * (last - first)

    def sought(self, least: Mapping[int, float]) -> None:
        """Take the runs of words that are near enough to a knob, the nearest first.

        Args:
            least: likeness that is asked of a run by its number of words; of longer ones that of the largest.
        """
        for (first, last), near in self._near:
            asked = least.get(min(last - first, max(least)))
            if asked is not None and near.likeness >= asked and not any(self._taken[first:last]):
                self.take(near.knob, first, last, "meaning", near.likeness)

    @property
    def wanted(self) -> bool:
        """Whether it tells of something wanted."""
        return self._clause.amount > 0

    @property
    def likeness(self) -> float:
        """Of its run that is nearest to a knob."""
        return max((near.likeness for _, near in self._near), default=0.0)

    @cached_property
    def _near(self) -> list[tuple[tuple[int, int], Near]]:
        """Runs of words that are not taken with the knob nearest to each, the nearest first."""
        n = len(self.words)
        runs = [
            (first, last)
            for first in range(n)
            for last in range(first + 1, n + 1)
            if self._says(first) and self._says(last - 1) and not any(self._taken[first:last])
            and (1 < last - first <= RUN or (first, last) == self._whole)
            and any(self._clause.tells[first:last]) and self._aside.isdisjoint(range(first, last))
        ] if not MUTE & set(self._languages) else []  # fmt: skip
        near = self._index.near([" ".join(self._texts[first:last]) for first, last in runs], 1)
        found = [(run, some[0]) for run, some in zip(runs, near, strict=True) if some]
        return sorted(found, key=lambda one: -one[1].likeness)

    @property
    def _whole(self) -> tuple[int, int]:
        """All words but those that say nothing at both ends."""
        saying = [i for i in range(len(self.words)) if self._says(i)]
        return (saying[0], saying[-1] + 1) if saying else (0, 0)

    def _says(self, place: int) -> bool:
        """Whether a word is more than filler."""
        return self._texts[place] not in self._filler

    @property
    def missed(self) -> list[str]:
        """What should have meant something, as it was typed: all of it where nothing was found, else what stands beside
        chips, from MISSED words on."""
        found: list[str] = []
        first = 0
        for last in range(len(self.words) + 1):
            if last < len(self.words) and not self._taken[last]:
                continue
            saying = [i for i in range(first, last) if self._says(i)]
            if len(saying) >= (MISSED if self.chips else 1):
                found.append(self._sentence[self.words[saying[0]].start : self.words[saying[-1]].end])
            first = last + 1
        return found


def _decade(words: Sequence[Word], place: int) -> str:
    """The decade that a word says, as a knob's key; "" where it says none."""
    text, before = words[place].text, words[place - 1].text if place else ""
    if text in TENS:
        ten, century = TENS[text], {"nineteen": "19", "twenty": "20"}.get(before)
    elif match := DECADE.fullmatch(text):
        century = match["century"] or match["of"]
        ten = int(match["ten"] or match["german"] or match["year"])
    else:
        return ""
    return f"{century or (20 if ten < 2 else 19)}{ten}0s"


def _era(words: Sequence[Word], place: int, decade: str) -> tuple[int, list[str]]:
    """The place of the first word of what stands before a year or a decade, and the decades both mean, the nearest
    first."""
    first, told = place, eras()
    for before in (place - 1, place - 2):
        if before >= 0 and words[before].text in told:
            first = before
            break
        if before >= 0 and words[before].text not in ("than", "the", "to", "den", "dem"):
            break
    if first == place:
        return place, [decade]
    start, era, text = int(decade[:4]), told[words[first].text], words[place].text
    year = int(text) if text.isdecimal() and len(text) == 4 else None  # "1965", of which its own decade is a part
    if era == "before":
        return first, [f"{ten}s" for ten in range(start - 10, FIRST_DECADE - 1, -10)]
    begins = start + 10 if era == "after" and (year is None or year % 10) else start
    return first, [f"{ten}s" for ten in range(begins, LAST_DECADE + 1, 10)]


def _once(chips: Sequence[Chip]) -> list[Chip]:
    """Chips of which each knob has one, that of which it is most certain, of equals one that is wanted; the surest
    first."""
    best: dict[str, Chip] = {}
    for chip in sorted(chips, key=lambda chip: (-chip.certainty, chip.amount < 0)):
        best.setdefault(chip.key, chip)
    return list(best.values())
