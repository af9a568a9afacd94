"""Small catalogues, as tables with a few people and items, and bundles trained on them in seconds."""

import numpy as np
import pandas as pd

FEW_STEPS = {"sae": {"epochs": 3}}


def small(n_users, n_items, seed=0):
    """Interactions of people who like random items, two at least; items have titles, years and genres."""
    from knobs_core.data import Interactions

    rng = np.random.default_rng(seed)
    rows = [
        (f"u{user}", f"i{item}")
        for user in range(n_users)
        for item in rng.choice(n_items, int(rng.integers(2, max(3, n_items))), replace=False)
    ]
    numbers = np.arange(n_items)
    items = pd.DataFrame({"item_id": [f"i{i}" for i in numbers], "title": [f"Title {i}" for i in numbers]}).assign(
        year=1950 + numbers, genres=np.where(numbers % 2, "Odd|All", "All")
    )
    return Interactions.from_frames(
        pd.DataFrame(rows, columns=["user_id", "item_id"]), items, min_user_interactions=2, min_tag_items=1
    )
