"""Names from an open vocabulary: what texts say of a group of items, judged on items that had no say in it.

A group is whatever belongs together: the 60 items that activate a neuron most, those inside a lasso, a shelf. Names are
tags, genres, words of titles and everyday words. Names and items are texts, and texts are vectors of length 1 (q of
names, v of items; the mean of each kind is taken off, as all texts of a kind are somewhat alike). Each item's text is
its title, genres, tags and what describes it. The group is dealt into two halves at random, and so are all others:

    d         = mean of v over the group's items - mean of v over others             labelling halves alone
    name      = argmax over names of  q . d / |d|
    held_out  = chance that an item of the group stands above another one by q . v   scored halves alone (AUROC)
    luck      = share of made-up names that are held out as high

The null does all of this, choice of the name included, on groups whose items are exchanged for others about as popular
(``heldout.permuted``), so that luck is known. A name **holds** when its luck is at most 2% and the scored halves, asked
alone, choose a name that means about the same: q . q' of at least 0.5. Decades name nothing, as in ``labels.py``.

The direction of a mean is what makes names readable. The name with the highest AUROC on the labelling halves is held
out as high, but among thousands of names it is an odd one: "potato famine" for titles that are merely sad.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from knobs_core.base import ProgressCallback, Stage, main_title, searchable, silent
from knobs_core.concepts.heldout import halves, permuted
from knobs_core.concepts.labels import MIN_LIKES
from knobs_core.data import DESCRIPTION, Interactions, is_decade
from knobs_core.language import Encoder, filler, known, sayings

GROUP, SMALLEST = 60, 8  # items of a neuron that speak for it, and of any group, at least
MEANS_THE_SAME, LUCK = 0.5, 0.02
NULL_SIZE = 1_500  # made-up names wanted for the null
IN_TITLES, MOST_WORDS = 3, 4_000  # titles that a word is in, at least; words and runs of titles, at most
MOST_TAGS, DESCRIBED = 20, 1_000  # tags of an item's text, and characters of its description
BATCH = 256  # texts encoded at once


class Vocabulary(NamedTuple):
    """Names and items as vectors of length 1.

    names: (n_names,) texts; words: (n_names, d) their vectors; centre: (d,) what was taken off these
    items: (n, d) vectors of the items that are known well enough; columns: (n,) of these items; likes: (n,) of them
    encoder: what the vectors are by
    """

    names: list[str]
    words: np.ndarray
    centre: np.ndarray
    items: np.ndarray
    columns: np.ndarray
    likes: np.ndarray
    encoder: Encoder

    def meant(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors (n, d) of further names."""
        return _units(self.encoder.encode(texts) - self.centre)


def vocabulary(data: Interactions, encoder: Encoder, progress: ProgressCallback = silent) -> Vocabulary:
    """The names that a data set offers beside everyday words, and its items with at least 5 likes."""
    likes = data.matrix.getnnz(axis=0)
    columns = np.flatnonzero(likes >= MIN_LIKES)
    names, texts = names_of(data, columns), [text for _, text in texts_of(data, columns)]
    rows, stage = [], Stage("Reading words", progress)
    for start in range(0, len(names) + len(texts), BATCH):
        rows.append(encoder.encode([*names, *texts][start : start + BATCH]))
        stage(min(start + BATCH, len(names) + len(texts)), len(names) + len(texts))
    words, items = np.split(np.vstack(rows), [len(names)])
    centre = words.mean(0)
    words, items = _units(words - centre), _units(items - items.mean(0))
    return Vocabulary(names, words, centre, items, columns, likes[columns], encoder)


def names_of(data: Interactions, columns: np.ndarray) -> list[str]:
    """Tags, genres, everyday words and phrases of two words, then words and runs of two that at least three of some
    items' titles have; each once in whatever spelling, no decade among them."""
    genres = sorted({genre for cell in data.items["genres"] for genre in cell.split("|")})
    lexicon = [
        text
        for theme, said in sayings().values()
        if not is_decade(theme)
        for text in ([theme] if known(theme, ("en",)) else [])
        + [saying for saying, language in said if language == "en" and len(saying.split()) <= 2]
    ]
    found: dict[str, str] = {}
    for name in (*data.tag_matrix()[0], *genres, *lexicon, *_words_of(data.items["title"].iloc[columns].tolist())):
        if searchable(name) and not is_decade(name):
            found.setdefault(searchable(name), name)
    return list(found.values())


def texts_of(data: Interactions, columns: np.ndarray) -> Iterator[tuple[int, str]]:
    """(column, text) of items: title, genres, most given tags and description, with neither years nor decades."""
    tags, tag_items = data.tag_matrix()
    by_item, items = tag_items.tocsc(), data.items
    titles, genres = items["title"].tolist(), items["genres"].tolist()
    more = items[DESCRIPTION].tolist() if DESCRIPTION in items else [""] * len(titles)
    for column in columns.tolist():
        part = slice(*by_item.indptr[column : column + 2])
        given = by_item.indices[part][np.argsort(-by_item.data[part], kind="stable")]
        carried = [tags[row] for row in given.tolist() if not is_decade(tags[row])][:MOST_TAGS]
        parts = (main_title(titles[column]), genres[column].replace("|", ", "), ", ".join(carried), more[column])
        yield column, ". ".join(part[:DESCRIBED] for part in parts if part)


def _words_of(titles: Sequence[str]) -> list[str]:
    """Words and runs of two words that are in at least three titles, the most frequent first."""
    small, counts = filler(("en",)), Counter[str]()
    for title in titles:
        words = searchable(main_title(title)).split()
        telling = [word not in small and len(word) > 2 and word.isalpha() for word in words]
        alone = {word for word, tells in zip(words, telling, strict=True) if tells}
        runs = {f"{words[i]} {words[i + 1]}" for i in range(len(words) - 1) if telling[i] and telling[i + 1]}
        counts.update(alone | runs)
    return [word for word, count in counts.most_common(MOST_WORDS) if count >= IN_TITLES]


def strongest_items(codes: sp.csr_matrix, likes: np.ndarray, neurons: Sequence[int]) -> sp.csr_matrix:
    """The group (m, n) of each of some neurons: the 60 items that activate it most; empty where too few do.

    Args:
        codes: (n, d_sae) codes of single items; likes: (n,), for equal activations.
    """
    by_neuron, rows = sp.csr_matrix(codes).tocsc(), []
    for j in neurons:
        part = slice(*by_neuron.indptr[j : j + 2])
        items, values = by_neuron.indices[part], by_neuron.data[part]
        first = items[np.lexsort((items, -likes[items], -values))][:GROUP]
        rows.append(first if len(first) >= SMALLEST else first[:0])
    return groups_of(rows, codes.shape[0])


def groups_of(rows: Sequence[np.ndarray], n_items: int) -> sp.csr_matrix:
    """Groups (m, n_items) of ones from the places of their items."""
    sizes = np.array([len(row) for row in rows], int)
    places = np.concatenate([np.zeros(0, int), *rows])
    shape = (len(rows), n_items)
    groups = sp.csr_matrix((np.ones(len(places), np.float32), (np.repeat(np.arange(len(rows)), sizes), places)), shape)
    groups.sort_indices()
    return groups


class Judge:
    """Names m groups and says how far names can be trusted; see the head of this file.

    Args:
        known: names and items; groups: (m, n) of ones; seed: of the halves and of the null.
        null: groups that the null is made up from, such as those of all neurons; by default ``groups``.
        null_size: made-up names wanted for it.
    """

    def __init__(
        self,
        known: Vocabulary,
        groups: sp.csr_matrix,
        seed: int,
        null: sp.csr_matrix | None = None,
        null_size: int = NULL_SIZE,
    ):
        self._known, self._dealt = known, _Dealt(known, groups, seed)
        self.again = self._best(self._dealt.direction(1))
        basis = groups if null is None else null
        basis = basis[basis.getnnz(axis=1) > 0]
        self._luck, held = np.zeros(0), np.zeros(0, bool)
        for step in range(-(-null_size // basis.shape[0]) if basis.shape[0] else 0):
            made_up = _Dealt(known, permuted(basis, known.likes, seed + 1 + step), seed + 1 + step)
            names, again = (known.words[self._best(made_up.direction(way))] for way in (0, 1))
            self._luck = np.append(self._luck, made_up.held_out(names))
            held = np.append(held, (names * again).sum(1) >= MEANS_THE_SAME)
        self.by_luck = float((held & (self.luck(self._luck) <= LUCK)).mean()) if len(held) else 0.0

    def chosen(self, most: int = 1) -> np.ndarray:
        """Rows (m, most) of the names that the labelling halves choose, the best first."""
        alike = self._dealt.direction(0) @ self._known.words.T
        return np.argsort(-alike, axis=1, kind="stable")[:, :most]

    def held_out(self, vectors: np.ndarray) -> np.ndarray:
        """How high (m,) the scored half of each group stands by a name of its own (m, d); 0.5 where it has none."""
        return self._dealt.held_out(vectors)

    def luck(self, held_out: np.ndarray) -> np.ndarray:
        """Share of made-up names that are held out at least as high, one more than there are counted with them."""
        below = np.searchsorted(np.sort(self._luck), held_out)
        return np.asarray((1 + len(self._luck) - below) / (1 + len(self._luck)))

    def holds(self, vectors: np.ndarray, held_out: np.ndarray) -> np.ndarray:
        """Which (m,) of the groups' own names (m, d) hold."""
        alike = (vectors * self._known.words[self.again]).sum(1) >= MEANS_THE_SAME
        return np.asarray(alike & (self.luck(held_out) <= LUCK))

    def labelling(self, row: int) -> np.ndarray:
        """Items that choose the name of a group, places of the vocabulary's."""
        return self._dealt.members[0][[row]].indices

    def _best(self, directions: np.ndarray) -> np.ndarray:
        """The name (m,) nearest to each direction (m, d)."""
        return np.argmax(directions @ self._known.words.T, axis=1)


class _Dealt:
    """Groups and all other items in two halves each. members: of the groups, each (m, n)."""

    def __init__(self, known: Vocabulary, groups: sp.csr_matrix, seed: int):
        self._items, self.members = known.items, halves(groups, seed)
        first = np.random.default_rng(seed).permutation(len(known.items)) < len(known.items) // 2
        others = (groups.toarray() == 0)[None] & np.array([first, ~first])[:, None]
        self._others = others.astype(np.float32)

    def direction(self, way: int) -> np.ndarray:
        """d (m, d), of length 1, by the labelling halves, way 0, or by the scored ones, way 1."""
        inside, outside = (
            part @ self._items / np.maximum(part.sum(1), 1).reshape(-1, 1)
            for part in (self.members[way], self._others[way])
        )
        return _units(np.asarray(inside - outside, np.float32))

    def held_out(self, vectors: np.ndarray) -> np.ndarray:
        """AUROC (m,) of a vector for each group on the scored halves; 0.5 where one of them is empty."""
        found = np.full(len(vectors), 0.5)
        for row, vector in enumerate(vectors):
            wanted = self.members[1][[row]].indices
            asked = np.concatenate([wanted, np.flatnonzero(self._others[1][row])])
            n, others = len(wanted), len(asked) - len(wanted)
            if n and others:
                scores = self._items[asked] @ vector
                sides = (np.searchsorted(np.sort(scores), scores[:n], side) for side in ("left", "right"))
                ranks = (sum(sides) + 1) / 2  # of equals, their mean
                found[row] = (ranks.sum() - n * (n + 1) / 2) / (n * others)
        return found


def _units(rows: np.ndarray) -> np.ndarray:
    """The same rows with length 1; of no length, they stay 0."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
