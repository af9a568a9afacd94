"""Made-up data with known concepts, for tests and benchmarks: the right neuron for a concept can be told.

Every item belongs to one concept; every user cares for one to three of them. Popularity falls like a power law and
activity is log-normal, as in real data. A user's likes are drawn without replacement with probability proportional to
popularity times (affinity to the item's concept + noise).

``planted`` makes tables by adding Gumbel noise to the logarithm of every weight and taking the top. ``planted_likes``
makes a matrix at the size of large data sets: it draws with replacement and keeps the first distinct items, which is
the same distribution, and costs time by the likes instead of by users times items.
"""

import numpy as np
import pandas as pd
import scipy.sparse as sp

from knobs_core.data.interactions import Tables

BLOCK = 8192  # users drawn at once by planted_likes


def planted(
    n_users: int = 600,
    n_items: int = 240,
    n_concepts: int = 12,
    mean_likes: float = 20,
    noise: float = 0.02,
    seed: int = 0,
) -> Tables:
    """Tables with users "u0..", items "i0.." and one tag "concept 0".. an item.

    Args:
        mean_likes: likes a user has on average (never under 5, never over half of the items).
        noise: weight of items outside a user's concepts, relative to 1 for those inside.
    """
    rng = np.random.default_rng(seed)
    concept, popularity = _items(rng, n_items, n_concepts)
    likes = np.clip(rng.lognormal(np.log(mean_likes) - 0.18, 0.6, n_users), 5, n_items // 2).astype(int)
    users, items = [], []
    for user in range(n_users):
        favourites = rng.choice(n_concepts, rng.integers(1, min(3, n_concepts) + 1), replace=False)
        weight = popularity * (noise + np.isin(concept, favourites))
        chosen = np.argsort(-(np.log(weight) + rng.gumbel(size=n_items)))[: likes[user]]
        users.append(np.full(len(chosen), user))
        items.append(chosen)
    item_ids = np.char.add("i", np.arange(n_items).astype(str))
    tags = np.char.add("concept ", concept.astype(str))
    interactions = pd.DataFrame(
        {"user_id": np.char.add("u", np.concatenate(users).astype(str)), "item_id": item_ids[np.concatenate(items)]}
    )
    titles = np.char.add("Item ", np.arange(n_items).astype(str))
    return Tables(
        interactions,
        pd.DataFrame({"item_id": item_ids, "title": titles}),
        pd.DataFrame({"item_id": item_ids, "tag": tags}),
    )


def planted_likes(
    n_users: int = 128_621,
    n_items: int = 40_857,
    n_likes: int = 10_000_000,
    n_concepts: int = 500,
    max_favourites: int = 8,
    noise: float = 0.002,
    seed: int = 0,
) -> tuple[sp.csr_matrix, np.ndarray]:
    """A matrix of likes, by default of the paper's shape, and the items' concepts (n_items,).

    Memory is bounded by the result and one block of users.

    Args:
        n_likes: likes in all, nearly met; every user has at least 5 and at most a fifth of the items.
        max_favourites: concepts a user cares for, at most; at least one.
        noise: as in ``planted``.

    Returns:
        (n_users, n_items) CSR float32 with ones only and sorted indices; int64 concepts.
    """
    rng = np.random.default_rng(seed)
    concept, popularity = _items(rng, n_items, n_concepts)
    activity = rng.lognormal(0, 1, n_users)
    least, most = 5, max(5, n_items // 5)
    scale = n_likes / activity.sum()
    for _ in range(4):  # what the bounds cut off goes to the others
        scale *= n_likes / np.clip(activity * scale, least, most).sum()
    likes = np.clip(np.rint(activity * scale), least, most).astype(np.int64)
    # Items concept by concept, so that each concept is one stretch of the running sum of popularity.
    order = np.argsort(concept, kind="stable")
    running = np.concatenate(([0], np.cumsum(popularity[order])))
    edges = np.searchsorted(concept[order], np.arange(n_concepts + 1))
    blocks = [
        _draw(rng, likes[start : start + BLOCK], running, edges, max_favourites, noise)
        for start in range(0, n_users, BLOCK)
    ]
    columns = order.astype(np.int32)[np.concatenate(blocks)]
    indptr = np.concatenate(([0], np.cumsum(likes)))
    matrix = sp.csr_matrix((np.ones(len(columns), np.float32), columns, indptr), shape=(n_users, n_items))
    matrix.sort_indices()
    return matrix, concept


def _items(rng: np.random.Generator, n_items: int, n_concepts: int) -> tuple[np.ndarray, np.ndarray]:
    """Each item's concept and popularity."""
    return rng.permutation(np.arange(n_items) % n_concepts), rng.permutation(1 / np.arange(1, n_items + 1) ** 0.7)


def _draw(
    rng: np.random.Generator,
    likes: np.ndarray,
    running: np.ndarray,
    edges: np.ndarray,
    max_favourites: int,
    noise: float,
) -> np.ndarray:
    """Distinct items of a block of users, ``likes[u]`` of each, user by user.

    running: (n_items + 1,) running sum of popularity, items ordered by concept; edges: (n_concepts + 1,) where each
    concept begins in it. A draw picks one of a user's favourites by its mass, or everything by its mass times the
    noise, and then an item within by popularity.
    """
    n_users, n_items, n_concepts = len(likes), len(running) - 1, len(edges) - 1
    most = min(max_favourites, n_concepts)
    favourites = rng.random((n_users, n_concepts), np.float32).argpartition(most - 1, axis=1)[:, :most]
    kept = np.arange(most) < rng.integers(1, most + 1, n_users)[:, None]
    mass = np.where(kept, running[edges[favourites + 1]] - running[edges[favourites]], 0)
    mass = np.column_stack([mass, np.full(n_users, noise * running[-1])]).cumsum(axis=1)
    # The last column stands for all items.
    low = np.column_stack([running[edges[favourites]], np.zeros(n_users)])
    high = np.column_stack([running[edges[favourites + 1]], np.full(n_users, running[-1])])
    held = np.empty(0, np.int64)  # user * n_items + item, in the order of drawing within each user
    missing = likes
    while missing.any():
        user = np.repeat(np.arange(n_users), np.where(missing, 2 * missing + 8, 0))
        part = (rng.random(len(user))[:, None] * mass[user, -1:] >= mass[user]).sum(1)
        at = low[user, part] + rng.random(len(user)) * (high - low)[user, part]
        item = np.clip(np.searchsorted(running, at, side="right") - 1, 0, n_items - 1)
        drawn = np.concatenate([held, user * n_items + item])
        _, first = np.unique(drawn, return_index=True)
        drawn = drawn[np.sort(first)]
        drawn = drawn[np.argsort(drawn // n_items, kind="stable")]
        count = np.bincount(drawn // n_items, minlength=n_users)
        place = np.arange(len(drawn)) - np.repeat(np.cumsum(count) - count, count)
        held = drawn[place < np.repeat(likes, count)]
        missing = likes - np.minimum(count, likes)
    return held % n_items
