"""What a bundle's knobs are called and how people say them, ready to be found by words and by meaning.

A text t is as near to a knob k as its two nearest ways to say the knob are, s and then s', of all vectors of length 1,

    l = trust_k (FIRST t s + (1 - FIRST) t s')           t s' = t s - LONE where there is one way alone

so that one stray likeness counts for little; trust is the more, the better the knob is seen to do what it says. l is
worked out for the CLOSE knobs of which trust_k t s is largest. Names with words that no dictionary has, as those of
people, are found by words alone.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from string import ascii_lowercase
from typing import NamedTuple, TypeVar

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from knobs_core.base import folded, searchable
from knobs_core.bundles import Bundle, Knob
from knobs_core.evaluation import GRADES
from knobs_core.language import LANGUAGES, Encoder, chosen_encoder, grounds, known, sayings, stand_ins, wordings
from knobs_core.sentences.titles import Titles

Meant = TypeVar("Meant")
LONGEST = 6  # words of a name or a saying that are looked for in a row
CLOSE = 24
FIRST, LONE = 0.6, 0.13  # see the head of this file
INSTEAD = 0.75  # likeness from which on a knob stands for a theme that has none
SOUGHT = 0.66  # and from which on a search by meaning finds one
TRUST = dict(zip(GRADES, (1.0, 0.99, 0.97, 0.94), strict=True))


class Said(NamedTuple):
    """A way to say a knob. own: whether it is its name; instead: whether it stands for a theme that has no knob; bare:
    whether it is looked for as it stands alone, and not by what it means."""

    knob: Knob
    text: str
    language: str
    own: bool
    instead: bool = False
    bare: bool = False


class Near(NamedTuple):
    """A knob near a text. likeness: l, see the head of this file."""

    knob: Knob
    likeness: float


class Index:
    """Ways to say the knobs of a bundle that are no single neurons, weak ones left out of meaning.

    Args:
        knobs: that can be meant; encoder: that says what texts mean, asked when something is first sought by meaning.
    """

    def __init__(self, knobs: Iterable[Knob], titles: Titles, encoder: Encoder) -> None:
        self.titles, self._encoder = titles, encoder
        ways: dict[tuple[str, ...], list[tuple[str, str, bool]]] = {}
        for concept, pairs in sayings().values():
            ways.setdefault(grounds(concept, "en"), []).extend(_ways(concept, pairs))
        self.said: list[Said] = []
        for knob in knobs:
            names = [name for name in dict.fromkeys((knob.name, knob.former)) if name]
            self.said += [Said(knob, name, "en", own=True) for name in names]
            mine = dict.fromkeys(way for name in names for way in ways.get(grounds(name, "en"), ()))
            self.said += [Said(knob, text, language, own=False, bare=bare) for text, language, bare in mine]

    @lru_cache(maxsize=len(LANGUAGES))  # noqa: B019
    def _literal(self, language: str) -> dict[tuple[str, ...], Said]:
        """{words in a row, as they stand and in their ground forms: who is called so}, names before sayings."""
        said = sorted(self.said, key=lambda said: not said.own)
        return _by_words(((one.text, one) for one in said if one.language == language), language)

    def called(self, words: Sequence[str], language: str) -> Said | None:
        """Who is called by folded words, or ground forms, in a row."""
        return self._literal(language).get(tuple(words))

    def elsewhere(self, words: Sequence[str], language: str) -> str | None:
        """The theme without a knob that is called so."""
        return self._elsewhere(language).get(tuple(words))

    @lru_cache(maxsize=1_000)  # noqa: B019
    def stands_in(self, concept: str, wanted: bool = True) -> Said | None:
        """Who stands for a theme without a knob: of the table of stand-ins, else what means about the same.

        Args:
            wanted: whether the theme is: then one that contains it may stand for it.
        """
        alike, broader = stand_ins().get(folded(concept), ((), ()))
        for name in (*alike, *broader) if wanted else alike:
            if knob := self._named.get(folded(name)):
                return Said(knob, concept, "en", own=False, instead=True)
        near = self.near([concept], 1)[0]
        close = near and near[0].likeness >= INSTEAD
        return Said(near[0].knob, concept, "en", own=False, instead=True) if close else None

    @lru_cache(maxsize=len(LANGUAGES))  # noqa: B019
    def _elsewhere(self, language: str) -> dict[tuple[str, ...], str]:
        """{words in a row, likewise: the theme that is called so}, of themes that no knob stands for."""
        here = {grounds(said.text, "en") for said in self.said if said.own}
        ways = [
            (text, concept)
            for concept, pairs in sayings().values()
            if grounds(concept, "en") not in here
            for text, spoken, _ in ((concept, "en", False), *_ways(concept, pairs))
            if spoken == language
        ]
        return _by_words(ways, language)

    @cached_property
    def _named(self) -> dict[str, Knob]:
        return {folded(said.text): said.knob for said in reversed(self.said) if said.own and not said.knob.weak}

    @cached_property
    def _meaning(self) -> "_Meaning":
        """The ways to say knobs in English."""
        ways: dict[str, list[Said]] = {}
        for said in self.said:
            if said.language == "en" and not said.bare and not said.knob.weak and not (said.own and _proper(said.text)):
                ways.setdefault(said.knob.key, []).append(said)
        knobs = [some[0].knob for some in ways.values()]
        ends = np.cumsum([len(some) for some in ways.values()])
        trust = np.array([TRUST.get(knob.verdict, TRUST[GRADES[2]]) for knob in knobs])
        return _Meaning(
            knobs, ends, trust, self._encoder.encode([said.text for some in ways.values() for said in some])
        )

    def near(self, texts: Sequence[str], most: int) -> list[list[Near]]:
        """The knobs nearest to each of some texts, the nearest first; most: up to CLOSE."""
        if not texts or not self._meaning.knobs:
            return [[] for _ in texts]
        knobs, ends, trust, vectors = self._meaning
        alike = self._encoder.encode(texts) @ vectors.T
        first = np.maximum.reduceat(alike, np.append(0, ends[:-1]), axis=1)
        found = []
        for row, nearest in zip(alike, first, strict=True):
            close = np.argsort(-trust * nearest, kind="stable")[:CLOSE]
            ways = [np.sort(row[ends[k - 1] if k else 0 : ends[k]])[::-1] for k in close]
            second = np.array([some[1] if len(some) > 1 else some[0] - LONE for some in ways])
            likeness = trust[close] * (FIRST * nearest[close] + (1 - FIRST) * second)
            best = np.argsort(-likeness, kind="stable")[:most]
            found.append([Near(knobs[close[i]], float(likeness[i])) for i in best])
        return found

    @lru_cache(maxsize=8)  # noqa: B019
    def _vocabulary(self, languages: tuple[str, ...]) -> Counter[str]:
        """How often names and sayings have a word, to which slips of the finger are mended."""
        spoken = (said.text for said in self.said if said.language in languages)
        return Counter(word for text in spoken for word in searchable(text).split())

    def mended(self, word: str, languages: tuple[str, ...]) -> str:
        """A folded word without slips of the finger: one that no dictionary has and that is all but one of ours."""
        ours = self._vocabulary(languages)
        if len(word) < 4 or not word.isalpha() or word in ours or known(word, languages):
            return word
        if any((word,) in self._elsewhere(language) for language in languages):
            return word
        most = 1 if len(word) < 8 else 2 if len(word) < 12 else 3
        if any(known(one, languages) for one in _one_off(word) - ours.keys()):
            most = 1  # of another word
        near = process.extract(word, ours.keys(), scorer=DamerauLevenshtein.distance, score_cutoff=most, limit=20)
        near.sort(key=lambda one: (one[1], one[0][0] != word[0], one[0][-1] != word[-1], -ours[one[0]]))
        return near[0][0] if near else word


class _Meaning(NamedTuple):
    """Knobs, behind which row the ways to say each end, the trust in each, and the vectors of these ways."""

    knobs: list[Knob]
    ends: np.ndarray
    trust: np.ndarray
    vectors: np.ndarray


def _ways(concept: str, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str, bool]]:
    """(text, language, bare) of a concept's (saying, language) pairs and of its short words; see ``Said``."""
    words = wordings().get(folded(concept), ())
    return [*((text, language, False) for text, language in pairs), *((word, "en", True) for word in words)]


def _by_words(ways: Iterable[tuple[str, Meant]], language: str) -> dict[tuple[str, ...], Meant]:
    """{words in a row: what they mean} of texts as they stand, and behind these in their ground forms; the first of
    equals counts."""
    ways = list(ways)
    found: dict[tuple[str, ...], Meant] = {}
    for forms in ([tuple(searchable(text).split()) for text, _ in ways], [grounds(text, language) for text, _ in ways]):
        for form, (_, meant) in zip(forms, ways, strict=True):
            if form and len(form) <= LONGEST:
                found.setdefault(form, meant)
    return found


def _one_off(word: str) -> set[str]:
    """All that one slip of the finger would have made of it, or made it of."""
    pairs = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    gone = {head + tail[1:] for head, tail in pairs if tail}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in pairs if len(tail) > 1}
    other = {head + letter + tail[1:] for head, tail in pairs if tail for letter in ascii_lowercase}
    more = {head + letter + tail for head, tail in pairs for letter in ascii_lowercase}
    return (gone | swapped | other | more) - {word}


def _proper(name: str) -> bool:
    """Whether a name has a word that no dictionary has, as those of people do: it means nothing but itself."""
    return not all(known(word, ("en",)) for word in searchable(name).split())


@lru_cache(maxsize=2)
def index_of(bundle: Bundle) -> Index:
    """The index of a bundle; made once a process. Neurons are in it where their owner named them.

    Raises:
        MissingExtraError: the text model is not installed.
    """
    knobs = [knob for knob in bundle.knobs.values() if knob.label is None or knob.former]
    return Index(knobs, Titles(bundle.interactions), chosen_encoder())
