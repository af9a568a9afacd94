"""Small plans for reports in tests."""

import dataclasses

from knobs_core import paper

TINY = dataclasses.replace(
    paper.QUICK,
    dims={"elsa": (16, 32), "multvae": (32,)},
    grid_dim={"elsa": 32, "multvae": 32},
    width_ratios=(4,),
    ks=(8, 32),
    l1s=(0.01,),
    changes={"sae": {"epochs": 100}},
    fine_width=4,
    fine_k=8,
    list_alpha=0.4,
    map_users=20,
    map_alphas=(0.3, 0.6),
)

LITTLE = dataclasses.replace(
    TINY, dims={"elsa": (8,), "multvae": (8,)}, grid_dim={"elsa": 8, "multvae": 8}, map_users=0, losses=("l2",),
    changes={"sae": {"epochs": 3}, "cfae": {"epochs": 3}},
)  # fmt: skip
