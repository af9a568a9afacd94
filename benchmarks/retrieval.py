"""Lists by an index: time a query and recall@20 of looking at all items, of an index, and of a pool of candidates.

    python benchmarks/retrieval.py                   100,000 items in tight clusters, under a minute
    python benchmarks/retrieval.py --spread 2        in loose ones
    python benchmarks/retrieval.py --items 1000000 --index IVF --people 20    some minutes: 10^6 items are slow to build
    python benchmarks/retrieval.py --items 50000 --spectral    learned from likes

Items are drawn around cluster centres in 64 dimensions and brought to unit length, as ELSA's are; a cluster is a neuron
and a knob. A person likes 24 items of six clusters. With ``--spectral`` the item vectors are those from which ELSA
starts on planted likes, of which many items have few: 24 a person and 12 an item, of people who care for up to six of
2,048 concepts. The mean vector of a concept's items is a neuron and a knob, and people are among those of the likes.
At a million items that start is nothing but zeros.

Queries and exact lists are the engine's. "boosted" turns a cluster that a person does not care for up by 0.5, "two up"
two, at 0.5 and 0.3, which take turns, "suppressed" turns the first cluster of this person down to -1. An index is asked
once a hand for 20 items and as many as are seen, a pool takes 500 items near to each part. Times are medians of one
thread's processor time, without the person's own scores, which a site keeps with the query; the recall is the mean over
people.
"""

import argparse
import time

import faiss  # noqa: F401
import numpy as np
import scipy.sparse as sp
import torch
from _report import median_ms, report
from threadpoolctl import threadpool_limits

from knobs_core.base import first_n
from knobs_core.data.planted import planted_likes
from knobs_core.models import Nested
from knobs_core.models.cfae.elsa import ELSA, ELSAConfig
from knobs_core.models.sae.topk import TopKConfig, TopKSAE
from knobs_core.retrieval import (
    build_index,
    exact_nearest,
    item_vectors,
    knob_vectors,
    pooled,
    queries_by_knobs,
    searching,
)
from knobs_core.steering import Dial, Engine, deal_first

DIM, LIKES, FAVOURITES, N, POOL = 64, 24, 6, 20, 500
CLUSTERS, CONCEPTS = 256, 2_048


def nested_of(vectors: torch.Tensor, centres: torch.Tensor) -> Nested:
    """Models of item vectors (n_items, d) whose neurons stand for centres (n, d)."""
    generator = torch.Generator().manual_seed(0)
    cfae = ELSA(len(vectors), ELSAConfig(dim=DIM), generator)
    sae = TopKSAE(DIM, TopKConfig(width_ratio=len(centres) / DIM, k=16), generator)
    with torch.no_grad():
        cfae.item_vectors.copy_(vectors)
        sae.w_dec.copy_(centres)
    return Nested(cfae, sae)


def planted(n_items: int, spread: float, n_people: int) -> tuple[Nested, np.ndarray, list[np.ndarray]]:
    """Models whose items lie in clusters, everybody's favourite clusters, and their likes."""
    rng = np.random.default_rng(0)
    generator = torch.Generator().manual_seed(0)
    centres = torch.nn.functional.normalize(torch.randn(CLUSTERS, DIM, generator=generator), dim=1)
    cluster = torch.randint(CLUSTERS, (n_items,), generator=generator)
    noise = torch.randn(n_items, DIM, generator=generator) * spread / DIM**0.5
    vectors = torch.nn.functional.normalize(centres[cluster] + noise, dim=1)
    members = [np.flatnonzero(cluster.numpy() == one) for one in range(CLUSTERS)]
    favourites = np.stack([rng.choice(CLUSTERS, FAVOURITES, replace=False) for _ in range(n_people)])
    likes = [
        np.unique(np.concatenate([rng.choice(members[one], LIKES // FAVOURITES) for one in mine]))
        for mine in favourites
    ]
    return nested_of(vectors, centres), favourites, likes


def spectral(n_items: int, n_people: int) -> tuple[Nested, list[np.ndarray], list[np.ndarray]]:
    """ELSA's item vectors at its start, people's concepts, those with most of their likes first, and their likes."""
    n_users = n_items // 2
    matrix, concept = planted_likes(n_users, n_items, LIKES * n_users, CONCEPTS, FAVOURITES)
    rng, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)
    cfae = ELSA(n_items, ELSAConfig(dim=DIM, start="spectral"), generator)
    cfae.start(matrix, generator)
    vectors = cfae.item_vectors.detach()
    centres = torch.zeros(CONCEPTS, DIM).index_add_(0, torch.as_tensor(concept), vectors)
    users = rng.choice(n_users, n_people, replace=False)
    likes = [matrix[user].indices.astype(np.int64) for user in users]
    favourites = [np.unique(concept[mine], return_counts=True) for mine in likes]
    favourites = [found[np.argsort(-times, kind="stable")] for found, times in favourites]
    return nested_of(vectors, torch.nn.functional.normalize(centres, dim=1)), favourites, likes


def asked(kind: str, favourites: np.ndarray, n_clusters: int) -> list[Dial]:
    """The dials of a person for a kind of list."""
    others = [int(one) for one in range(n_clusters) if one not in favourites]
    return {
        "plain": [],
        "boosted": [Dial({others[0]: 1.0}, 0.5)],
        "two up": [Dial({others[0]: 1.0}, 0.5), Dial({others[1]: 1.0}, 0.3)],
        "suppressed": [Dial({int(favourites[0]): 1.0}, -1.0)],
    }[kind]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--spread", type=float, default=0.9, help="Length of an item beside its centre of length 1.")
    parser.add_argument("--spectral", action="store_true", help="Vectors from which ELSA starts on planted likes.")
    parser.add_argument("--index", choices=["IVF", "HNSW"], help="One kind of index alone, as they take long to build.")
    parser.add_argument("--people", type=int, default=50)
    n_items, spread, from_likes, only, n_people = vars(parser.parse_args()).values()
    threadpool_limits(1)  # of NumPy, and of faiss, which is imported by now
    nested, favourites, likes = spectral(n_items, n_people) if from_likes else planted(n_items, spread, n_people)
    torch.set_num_threads(1)
    n_clusters = len(nested.sae.w_dec)
    engine, items = Engine(nested), item_vectors(nested)
    cells = 2 ** round(np.log2(n_items**0.5))
    settings = {
        f"IVF{cells},Flat": [f"nprobe={cells // share}" for share in (64, 16, 4)],
        "HNSW32": [f"efSearch={kept}" for kept in (128, 512, 2048)],
    }
    ways, built = {"exact": exact_nearest(items)}, {}
    for kind, some in settings.items():
        if only and not kind.startswith(only):
            continue
        began = time.process_time()
        index = build_index(items, kind)
        ways |= {f"{kind}:{one}": searching(index, one) for one in some}
        built[f"{kind}:{some[0]}"] = round(time.process_time() - began, 1)
        print(f"{kind}: built in {time.process_time() - began:.0f} s", flush=True)
    tastes = [
        engine.taste(sp.csr_matrix((np.ones(len(mine), np.float32), mine, [0, len(mine)]), (1, n_items)))
        for mine in likes
    ]
    rows = []
    for kind in ("plain", "boosted", "two up", "suppressed"):
        dials = [asked(kind, mine, n_clusters) for mine in favourites]
        knobs = [knob_vectors(nested, mine) for mine in dials]
        truly = [engine.recommend(taste, mine, N).items for taste, mine in zip(tastes, dials, strict=True)]

        def listed(person, way, dials=dials, knobs=knobs):
            """The list of one query a hand."""
            taste = tastes[person]
            made = queries_by_knobs(taste.encoded.y, taste.reach, dials[person], knobs[person])
            near = ways[way](made.vectors[:, 0], N + len(taste.seen))
            return deal_first([one[~np.isin(one, taste.seen)][:N] for one in near], made.paces, N)[0]

        def whole(person, dials=dials, knobs=knobs):
            """The list of all scores, without a sort."""
            taste = tastes[person]
            made = queries_by_knobs(taste.encoded.y, taste.reach, dials[person], knobs[person])
            scores = made.vectors[:, 0] @ items.T
            scores[:, taste.seen] = -np.inf
            return deal_first([first_n(one, N) for one in scores], made.paces, N)[0]

        def from_pool(person, way, dials=dials, knobs=knobs):
            return pooled(items, ways[way], tastes[person], dials[person], knobs[person], N, POOL)[0]

        contenders = {"exact": whole, "pool by exact": lambda person, from_pool=from_pool: from_pool(person, "exact")}
        for one in list(ways)[1:]:
            contenders[one] = lambda person, way=one, listed=listed: listed(person, way)
            contenders[f"pool by {one}"] = lambda person, way=one, from_pool=from_pool: from_pool(person, way)
        for name, make in contenders.items():
            found = [np.isin(truly[person], make(person)).mean() for person in range(n_people)]
            people = iter(range(10_000))
            row = {"lists": kind, "way": name, "recall@20": float(np.mean(found)), "lowest": float(min(found))}
            row["cpu ms"] = median_ms(
                lambda make=make, people=people: make(next(people) % n_people), clock=time.process_time
            )
            rows.append(row | ({"s to build": built[name]} if name in built else {}))
    what = "ELSA's spectral start" if from_likes else f"spread {spread:g}"
    parts = ["spectral"] * from_likes + [f"{n_items}"] * (n_items != 100_000) + [only] * bool(only)
    name = "_".join(["retrieval", *parts])
    report(name, rows, f"{n_items:,} items in {n_clusters:,} clusters, {DIM} dimensions, {what}, {n_people} people")


if __name__ == "__main__":
    main()
