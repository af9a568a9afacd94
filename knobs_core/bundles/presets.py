"""Presets: the paper's hyperparameters under names, as plain changes of settings. Whatever is set by hand wins.

    paper-grid     appendix A, reliability of the reconstruction (section 4.2): up to 250 epochs for the SAE
    paper-fine     appendix A, mapping and steering (sections 4.3 and 4.4): k = 16, 8 neurons a dimension, 1,000 epochs
    paper-small, paper-medium, paper-large     the three sizes of the recommenders; paper-grid and -fine mean ELSA 1024

Several presets add up, later ones win. A model that the paper does not have keeps its own settings. The Adam betas 0.9
and 0.99 are those of every training here. L2 losses are means over dimensions, as in the authors' code.

Spisak et al. 2026, "From Knots to Knobs", sections 4.1 and 4.3, appendix A.
"""

from collections.abc import Mapping, Sequence

from knobs_core.base import UnknownNameError, nearest

_RECOMMENDERS: dict[str, dict[str, object]] = {
    "elsa": {"dim": 1024, "lr": 3e-4, "batch_size": 1024, "epochs": 25, "patience": 10},
    "multvae": {"dim": 1024, "hidden_ratio": 3, "scaling": "paper", "dropout": 0.5, "lr": 1e-3, "batch_size": 1024,
                "epochs": 25, "patience": 25},
    "inputs": {"sub_histories": False, "single_items": False, "draws": 1},
}  # fmt: skip
# the paper's SAEs start from chance, and their encoder has the last word
_PLAIN: dict[str, object] = {"start": "random", "refine": 0, "decay": 0.0, "resample_every": 0}
_GRID: dict[str, object] = {
    **_PLAIN,
    "lr": 3e-4,
    "batch_size": 1024,
    "epochs": 250,
    "patience": 50,
    "width_ratio": 8,
    "loss": "l2",
}
_FINE: dict[str, object] = {
    **_PLAIN,
    "lr": 1e-4,
    "batch_size": 1024,
    "epochs": 1000,
    "patience": 250,
    "width_ratio": 8,
    "loss": "l2",
}
PRESETS: dict[str, dict[str, dict[str, object]]] = {
    "paper-grid": {**_RECOMMENDERS, "topk": {**_GRID, "k": 32, "l1": 3e-4}, "basic": {**_GRID, "l1": 3e-3}},
    "paper-fine": {**_RECOMMENDERS, "topk": {**_FINE, "k": 16, "l1": 3e-4}, "basic": {**_FINE, "l1": 3e-3}},
    "paper-small": {"elsa": {"dim": 512}, "multvae": {"dim": 256}},
    "paper-medium": {"elsa": {"dim": 1024}, "multvae": {"dim": 512}},
    "paper-large": {"elsa": {"dim": 2048}, "multvae": {"dim": 1024}},
}


def apply_presets(
    names: Sequence[str], cfae: str, sae: str, changes: Mapping[str, Mapping[str, object]]
) -> dict[str, dict[str, object]]:
    """Settings {section: {field: value}} of presets for two models, with ``changes`` made by hand on top.

    Raises:
        UnknownNameError: a preset that does not exist.
    """
    settings: dict[str, dict[str, object]] = {}
    for name in names:
        if name not in PRESETS:
            raise UnknownNameError(f"a preset: {', '.join(PRESETS)}", f"'{name}'", nearest(name, PRESETS))
        for section, model in (("cfae", cfae), ("sae", sae), ("inputs", "inputs")):
            settings.setdefault(section, {}).update(PRESETS[name].get(model, {}))
    for section, fields in changes.items():
        settings.setdefault(section, {}).update(fields)
    return settings
