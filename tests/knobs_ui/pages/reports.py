"""A small plan for reports that the Lab shows."""

import dataclasses

from knobs_core import paper

LITTLE = dataclasses.replace(
    paper.QUICK, dims={"elsa": (8,), "multvae": (8,)}, grid_dim={"elsa": 8, "multvae": 8}, map_users=0,
    changes={"sae": {"epochs": 3}, "cfae": {"epochs": 3}}, ks=(8,), l1s=(0.01,),
)  # fmt: skip
