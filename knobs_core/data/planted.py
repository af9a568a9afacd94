"""Made-up data with known concepts, for tests and benchmarks: the right neuron for a concept can be told.

Every item belongs to one concept; every user cares for one to three of them. Popularity falls like a power law and
activity is log-normal, as in real data. A user's likes are drawn without replacement with probability proportional to
popularity times (affinity to the item's concept + noise), by adding Gumbel noise to its logarithm and taking the top.
"""

import numpy as np
import pandas as pd

from knobs_core.data.interactions import Tables


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
    concept = rng.permutation(np.arange(n_items) % n_concepts)
    popularity = rng.permutation(1 / np.arange(1, n_items + 1) ** 0.7)
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
