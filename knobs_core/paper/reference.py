"""The paper's numbers, to stand beside ours where the data set is the paper's.

Spisak et al. 2026, "From Knots to Knobs": tables 1 to 3, the text of sections 4.1 to 4.3, appendix B. Figures 2 and 5
are read from the result files that its authors published. Models are named as in ``plan.py``: cfae-loss.
"""

from pathlib import Path

DATA_SETS = ("ml-25m", "msd")
DataSet = str | None  # None stands for any other; nothing is known of it
COUNTS: dict[DataSet, dict[str, float]] = {
    "ml-25m": {"users": 160_776, "items": 40_857, "likes": 12_448_242, "density": 0.0019, "training users": 128_621,
               "tags": 1_633, "tag assignments": 717_930},
    "msd": {"users": 571_355, "items": 41_140, "likes": 33_633_450, "density": 0.0014, "training users": 457_084},
}  # fmt: skip
# {(data, cfae, dim): (recall@20, ndcg@20)}; standard errors are 0.002 on ml-25m and 0.001 on msd
ACCURACY: dict[tuple[DataSet, str, int | None], tuple[float, float]] = {
    ("ml-25m", "elsa", 512): (0.390, 0.353),
    ("ml-25m", "elsa", 1024): (0.396, 0.360),
    ("ml-25m", "elsa", 2048): (0.397, 0.363),
    ("ml-25m", "multvae", 256): (0.375, 0.333),
    ("ml-25m", "multvae", 512): (0.383, 0.340),
    ("ml-25m", "multvae", 1024): (0.377, 0.334),
    ("msd", "elsa", 512): (0.245, 0.239),
    ("msd", "elsa", 1024): (0.275, 0.269),
    ("msd", "elsa", 2048): (0.298, 0.293),
    ("msd", "multvae", 256): (0.211, 0.203),
    ("msd", "multvae", 512): (0.241, 0.232),
    ("msd", "multvae", 1024): (0.252, 0.242),
}
ACCURACY_ERROR: dict[DataSet, float] = {"ml-25m": 0.002, "msd": 0.001}
# {(data, cfae, loss, k, width ratio): what the TopK SAE keeps}, 1024-dimensional recommenders, 250 epochs
KEPT: dict[tuple[DataSet, str, str, int, int], dict[str, float]] = {
    ("ml-25m", "elsa", "l2", 8, 2): {"ndcg_kept": 0.876},
    ("ml-25m", "elsa", "l2", 8, 4): {"ndcg_kept": 0.866},
    ("ml-25m", "elsa", "l2", 8, 8): {"ndcg_kept": 0.869},
    ("ml-25m", "elsa", "l2", 32, 2): {"recall_kept": 0.945, "ndcg_kept": 0.938, "cosine": 0.895},
    ("ml-25m", "elsa", "l2", 32, 4): {"recall_kept": 0.951, "ndcg_kept": 0.940, "cosine": 0.901},
    ("ml-25m", "elsa", "l2", 32, 8): {"recall_kept": 0.949, "ndcg_kept": 0.942, "cosine": 0.903},
    ("ml-25m", "elsa", "cosine", 32, 2): {"recall_kept": 0.966, "ndcg_kept": 0.965, "cosine": 0.911},
    ("ml-25m", "elsa", "cosine", 32, 4): {"recall_kept": 0.970, "ndcg_kept": 0.967, "cosine": 0.917},
    ("ml-25m", "elsa", "cosine", 32, 8): {"recall_kept": 0.967, "ndcg_kept": 0.963, "cosine": 0.918},
    **{("ml-25m", "multvae", "l2", 32, width): {"ndcg_kept": 0.73} for width in (2, 4, 8)},
}
# {(data, model): {tag: (H, KL)}}: table 2, the least specific tag last
TAGS: dict[tuple[DataSet, str], dict[str, tuple[float, float]]] = {
    ("ml-25m", "multvae-l2"): {
        "james bond": (2.06, 14.30), "quentin tarantino": (2.86, 14.24), "studio ghibli": (1.67, 14.16),
        "star trek": (1.64, 14.01), "robert rodriguez": (1.90, 14.00), "boring": (5.44, 5.76),
    },
    ("ml-25m", "elsa-l2"): {
        "quentin tarantino": (4.65, 14.60), "wes anderson": (4.09, 14.25), "stanley kubrick": (4.50, 14.20),
        "monty python": (3.52, 14.04), "coen brothers": (4.81, 13.99), "boring": (7.33, 3.15),
    },
    ("ml-25m", "elsa-cosine"): {
        "quentin tarantino": (4.90, 14.34), "coen brothers": (5.21, 14.20), "james bond": (5.18, 14.20),
        "tim burton": (5.28, 14.10), "jim carrey": (5.17, 14.07), "bd-r": (8.22, 2.65),
    },
}  # fmt: skip
# {(data, what, model): value}
TEXT: dict[tuple[DataSet, str, str], float] = {
    ("ml-25m", "average entropy of a tag's neurons", "multvae-l2"): 6.3,
    ("ml-25m", "average entropy of a tag's neurons", "elsa-l2"): 8.3,
    ("ml-25m", "average entropy of a tag's neurons", "elsa-cosine"): 9.0,
    ("ml-25m", "tags with KL above 10", "multvae-l2"): 0.88,
    ("ml-25m", "tags with KL above 10", "elsa-l2"): 0.59,
    ("ml-25m", "tags with KL above 10", "elsa-cosine"): 0.88,
    ("ml-25m", "neurons unique to a tag", "elsa-l2"): 834,
    ("ml-25m", "tags distinctive of a neuron", "elsa-l2"): 985,
    ("ml-25m", "most tagged item's share of assignments", ""): 0.006,
}
ALPHAS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
# {(data, model, mapping): (personal ndcg@20, segment ndcg@20) for each of ALPHAS}: figure 5
STEERING: dict[tuple[DataSet, str, str], tuple[tuple[float, ...], tuple[float, ...]]] = {
    ("ml-25m", "elsa-l2", "representative"): (
        (0.328, 0.330, 0.289, 0.237, 0.189, 0.149), (0.122, 0.193, 0.284, 0.322, 0.337, 0.342)),
    ("ml-25m", "elsa-l2", "unique"): (
        (0.328, 0.328, 0.306, 0.251, 0.180, 0.116), (0.122, 0.138, 0.164, 0.178, 0.183, 0.182)),
    ("ml-25m", "multvae-l2", "representative"): (
        (0.235, 0.217, 0.182, 0.132, 0.084, 0.042), (0.078, 0.071, 0.062, 0.051, 0.041, 0.033)),
    ("ml-25m", "multvae-l2", "unique"): (
        (0.235, 0.243, 0.216, 0.172, 0.127, 0.092), (0.078, 0.117, 0.202, 0.250, 0.273, 0.280)),
}  # fmt: skip


def data_set(source: str) -> str | None:
    """The paper's name of a source, or None where the paper did not use it."""
    name = Path(source).name.lower().removesuffix(".zip")
    return name if name in DATA_SETS else None
