"""A sample of readers that stands for all of them: strata of activity and favourite theme, and some newcomers.

    strata     = (few, some or many likes: thirds of all users) x (favourite theme: one of eight, or none of them)
    from each  floor(size n_s / N) readers, and one more where the remainder is largest, until ``size`` are drawn

The eight themes are those that most likes carry; a user's favourite is the strongest of them in their profile, if it is
clear of its error (``concepts/profile.py``). Newcomers are some of the readers once more, of whose likes
only three are known. They are a segment of their own and in no figure about everybody, where they would count twice.
"""

import dataclasses

import numpy as np
import scipy.sparse as sp

from knobs_core.base import ConfigError
from knobs_core.bundles import Bundle
from knobs_core.data import keep_entries, shuffled_places

SIZE = 500
THEMES = 8  # by name among the strata
LOOKED_AT = 10_000  # users, drawn at random where there are more, whose themes are read
FEW, SOME, MANY, NEW = "Few likes", "Some likes", "Many likes", "Newcomers"
KNOWN = 3  # likes of a newcomer
SMALL = 20  # readers below which a segment says little
COST = (1e-4, 2e-8)  # twice the seconds that a frame takes a reader, and a reader and item; benchmarks/audience.py
BENT = 20  # times as long, about, takes a decoder that is not linear


@dataclasses.dataclass(frozen=True, eq=False)
class Readers:
    """Readers drawn from a bundle's users; newcomers stand behind the others.

    rows: (R,) rows of the matrix; known: (R, n_items) CSR, the likes that their lists are made from
    n: how many are no newcomers; seed: of the draw; n_users: of the bundle; asked: for how many
    tested: (R,) bool, whether they are among the test users, whom the models have not learned from
    segments: {name: places in the sample, ascending}; a reader is in several
    """

    rows: np.ndarray
    known: sp.csr_matrix
    n: int
    seed: int
    n_users: int
    asked: int
    tested: np.ndarray
    segments: dict[str, np.ndarray]

    @property
    def small(self) -> tuple[str, ...]:
        """Names of the segments with fewer than 20 readers, whose figures say little."""
        return tuple(name for name, places in self.segments.items() if len(places) < SMALL)

    @property
    def sentence(self) -> str:
        """Who was drawn, in words."""
        new = len(self.rows) - self.n
        who = f"All {self.n:,} users" if self.n == self.n_users else f"{self.n:,} of {self.n_users:,} users"
        how = "" if self.n == self.n_users else ", drawn by how much they like and their favourite theme"
        fewer = f"; {self.asked:,} would take too long" if self.n < min(self.asked, self.n_users) else ""
        more = f" {new:,} of them stand in for newcomers, too: only {KNOWN} of their likes are known." if new else ""
        return f"{who}{how} (seed {self.seed}){fewer}.{more}"


def most_readers(n_items: int, seconds: float, linear: bool = True) -> int:
    """How many readers a frame of so many seconds has room for, by what was measured once, not by a clock."""
    a_reader, an_entry = COST
    return max(1, int(seconds / ((a_reader + an_entry * n_items) * (1 if linear else BENT)) / 1.1))


def draw(bundle: Bundle, size: int = SIZE, seed: int = 0, within: float | None = None) -> Readers:
    """Draw readers; the same bundle, size and seed draw the same.

    Args:
        size: how many, without newcomers; everybody where there are no more.
        within: seconds that a frame may take, for which fewer are drawn where there are many items.

    Raises:
        ConfigError: nobody is asked for.
    """
    if size < 1:
        raise ConfigError("at least one reader", f"{size}", "ask for more")
    data, rng = bundle.interactions, np.random.default_rng(seed)
    room = size if within is None else most_readers(data.n_items, within, bundle.nested.cfae.linear)
    n, likes = min(size, room, data.n_users), data.matrix.getnnz(axis=1)
    users = np.sort(rng.permutation(data.n_users)[: max(LOOKED_AT, n)])
    activity = np.digitize(likes[users], np.quantile(likes, [1 / 3, 2 / 3]), right=True)
    theme, titles = _favourites(bundle, users)
    strata = np.unique(activity * (THEMES + 1) + theme, return_inverse=True)[1]
    chosen = np.sort(
        np.concatenate(
            [rng.permutation(np.flatnonzero(strata == s))[:m] for s, m in enumerate(shares(np.bincount(strata), n))]
        )
    )
    rows, activity, theme = users[chosen], activity[chosen], theme[chosen]
    new = np.sort(rng.permutation(np.flatnonzero(likes[rows] > KNOWN))[: max(SMALL, n // 10)])
    first = data.matrix[rows[new]]
    known = sp.vstack([data.matrix[rows], keep_entries(first, shuffled_places(first, rng) < KNOWN)], format="csr")
    segments = {name: np.flatnonzero(activity == place) for place, name in enumerate((FEW, SOME, MANY))}
    segments |= {_apart(title): np.flatnonzero(theme == place) for place, title in enumerate(titles)}
    segments[NEW] = np.arange(n, n + len(new))
    rows = np.concatenate([rows, rows[new]])
    return Readers(
        rows,
        known,
        n,
        seed,
        data.n_users,
        size,
        np.isin(rows, bundle.split().test.users),
        {name: places for name, places in segments.items() if len(places)},
    )


def shares(counts: np.ndarray, n: int) -> np.ndarray:
    """How many of n each stratum gives, (S,), in proportion to counts (S,), by the largest remainder; of equal
    remainders the first."""
    exact = n * counts / counts.sum()
    given = np.floor(exact + 1e-9).astype(np.int64)
    given[np.argsort(given - exact, kind="stable")[: n - given.sum()]] += 1
    return given


def _favourites(bundle: Bundle, users: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """The favourite theme (U,) of users as its place among the eight, THEMES for none, and the titles of these."""
    themes, data = bundle.themes, bundle.interactions
    names, carried = data.tag_matrix()
    weight = dict(zip(names, (carried > 0) @ data.matrix.getnnz(axis=0), strict=True))
    wide = sorted(range(len(themes.tags)), key=lambda row: -weight[themes.tags[row]])[:THEMES]
    if not wide:
        return np.full(len(users), THEMES), []
    strengths, errors = (one[:, wide] for one in themes.strengths_of(bundle.nested, data.matrix[users]))
    favourite = strengths.argmax(1)
    at = np.arange(len(users)), favourite
    clear = strengths[at] > errors[at]
    return np.where(clear, favourite, THEMES), [bundle.knobs.title_of(themes.tags[row]) for row in wide]


def _apart(title: str) -> str:
    """A theme's title, told apart from the segments that are none."""
    return f"{title} (theme)" if title in (FEW, SOME, MANY, NEW) else title
