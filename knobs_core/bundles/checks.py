"""What no hash proves of a bundle's files: that they fit each other. A check raises ValueError with a plain sentence.

A wrong index in a sparse matrix is read from somebody else's memory, a neuron that is not there ends in an IndexError
on screen, and one weight that is no number makes every list the same. So all of it is asked before anything is used.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch

from knobs_core.base import shown
from knobs_core.bundles.formats import LARGEST, finite
from knobs_core.concepts import ConceptMap, ConceptRecipe, Label
from knobs_core.data import ITEM_COLUMNS, LONGEST_TEXT, Interactions, further, single_items
from knobs_core.evaluation import Effect
from knobs_core.models import Module, Nested

SHARES = ("recall@20", "ndcg@20")
FIGURES = {
    "popularity": SHARES, "cfae": SHARES, "nested": (*SHARES, "cosine", "l0"), "retained": SHARES,
    "neurons": ("total", "dead_on_users", "dead_on_items"), "split": ("n_train", "n_val", "n_test"),
}  # fmt: skip
LAST_YEAR = 999_999
SOME, FEW, NEAR = 256, 1e-3, 0.02  # people and items that are encoded, and how far figures may be from what was written


def metrics(given: Mapping[str, Mapping[str, float]]) -> None:
    """All the figures that people are shown."""
    for row, names in FIGURES.items():
        for name in names:
            if name not in given.get(row, {}):
                raise ValueError(f"manifest.json has no {name} of {row} among its metrics")


def sparse(matrix: sp.csr_matrix, shape: tuple[int, int], file: str) -> None:
    """CSR of a shape with sorted indices in range, none twice, and finite entries."""
    if matrix.shape != shape:
        raise ValueError(f"{file} has {matrix.shape[0]:,} rows and {matrix.shape[1]:,} columns, not {shape}")
    try:
        matrix.check_format(full_check=True)
    except ValueError as error:
        raise ValueError(f"{file} is no sparse matrix: {error}") from None
    row_ends = np.zeros(matrix.nnz + 1, bool)
    row_ends[matrix.indptr] = True
    if not (row_ends[1:-1] | (np.diff(matrix.indices) > 0)).all():
        raise ValueError(f"{file} has columns out of order or twice")
    if not finite(matrix.data):
        raise ValueError(f"{file} has entries that are no finite numbers")


def likes(matrix: sp.csr_matrix) -> None:
    """float32 ones."""
    if matrix.dtype != np.float32 or not (matrix.data == 1).all():
        raise ValueError("likes are not float32 ones")


def ids(values: np.ndarray, file: str) -> None:
    """Texts, each once."""
    if not all(isinstance(value, str) for value in values):
        raise ValueError(f"{file} has an id that is no text")
    if len(set(values)) < len(values):
        raise ValueError(f"{file} has an id twice")


def further_columns(names: Sequence[str]) -> list[str]:
    """Those of the columns of items.parquet that not every bundle has, called as those that are kept of a data set."""
    found = further(names, ("item_id", *ITEM_COLUMNS))
    if odd := found.odd or [shown(theirs) for theirs, ours in found.columns.items() if theirs != ours]:
        raise ValueError(f"items.parquet has a column that cannot be: {odd[0]}")
    return list(found.columns)


def items(details: pd.DataFrame, more: Sequence[str]) -> None:
    """No text is missing, and years are such as people write. more: columns that not every bundle has, of text."""
    for name in more:
        if not pd.api.types.is_string_dtype(details[name]):
            raise ValueError(f"items.parquet has something else than text in {name}")
        if details[name].str.len().max() > LONGEST_TEXT:
            raise ValueError(f"items.parquet has a text in {name} of more than {LONGEST_TEXT:,} characters")
    for column in details:
        if column != "year" and details[column].isna().any():
            raise ValueError(f"items.parquet has nothing in {column} somewhere")
    if not details["year"].dropna().between(-LAST_YEAR, LAST_YEAR).all():
        raise ValueError("items.parquet has a year that cannot be")


def tags(data: Interactions) -> None:
    """Assignments to items that are there, with weights above 0."""
    item, weight = data.tags["item"], data.tags["weight"].to_numpy(float)
    if not pd.api.types.is_integer_dtype(item) or not item.between(0, data.n_items - 1).all():
        raise ValueError("tags.parquet has an item that is not in the matrix")
    if not all(isinstance(tag, str) for tag in data.tags["tag"]):
        raise ValueError("tags.parquet has a tag that is no text")
    if not (np.isfinite(weight) & (weight > 0)).all():
        raise ValueError("tags.parquet has a weight that is no number above 0")


def weights(model: Module, given: Mapping[str, torch.Tensor], file: str) -> None:
    """The arrays that a model has, of their shapes and types, all finite."""
    wanted = model.state_dict()
    if odd := sorted(wanted.keys() ^ given.keys()):
        raise ValueError(f"{file} has {'no' if odd[0] in wanted else 'too much:'} {odd[0]}")
    for name, tensor in given.items():
        if (tensor.shape, tensor.dtype) != (wanted[name].shape, wanted[name].dtype):
            found = f"{tuple(tensor.shape)} {tensor.dtype}"
            raise ValueError(f"{name} in {file} is {found}, not {tuple(wanted[name].shape)} {wanted[name].dtype}")
        if tensor.is_floating_point() and not finite(tensor.numpy()):
            raise ValueError(f"{name} in {file} has entries that are no finite numbers")


def labels(given: Sequence[Label], d_sae: int, n_items: int) -> None:
    """One a neuron in their order, names told apart, items that are there, confidences in [0, 1]."""
    if [label.neuron for label in given] != list(range(d_sae)):
        raise ValueError(f"knobs.parquet has not one row for each of {d_sae:,} neurons in order")
    if len({label.label for label in given}) < d_sae:
        raise ValueError("knobs.parquet has a name twice")
    for label in given:
        if not all(0 <= item < n_items for item in label.top_items):
            raise ValueError(f"knobs.parquet has an item for neuron {label.neuron} that is not in the matrix")
        figures = 0 <= label.confidence <= 1 and -LARGEST <= label.held_out <= 1
        if not (figures and 0 <= label.reach < np.inf and 0 <= label.peak < np.inf):
            raise ValueError(f"knobs.parquet has a figure for neuron {label.neuron} that cannot be")


def tags_of(given: Sequence[str], data: Interactions) -> None:
    """The tags of the data in their order."""
    if given != data.tag_matrix()[0]:
        raise ValueError("concepts.parquet has other tags than tags.parquet")


def concepts(given: ConceptMap) -> None:
    """Nothing below 0."""
    if not (given.activity >= 0).all():
        raise ValueError("concept_map.npz has an activity below 0")


def rests(given: np.ndarray, shape: tuple[int, int]) -> None:
    """float32 of a shape (n_tags, d_embed), finite."""
    if given.shape != shape or given.dtype != np.float32 or not finite(given):
        raise ValueError(f"rests.safetensors has not {shape} finite numbers")


def recipes(given: Sequence[ConceptRecipe], d_sae: int) -> None:
    """Weights above 0 of neurons that are there."""
    for made in given:
        if not all(0 <= neuron < d_sae and 0 < weight <= LARGEST for neuron, weight in made.recipe.items()):
            raise ValueError("recipes.parquet has a neuron that is not there or a weight that cannot be")
        if not abs(made.explained) <= LARGEST:
            raise ValueError("concepts.parquet has a share that is no finite number")


def effects(given: Sequence[Effect], tags: Sequence[str], d_sae: int) -> None:
    """Of knobs that are there, each once."""
    keys = [effect.key for effect in given]
    if unknown := sorted(set(keys) - {*tags, *(f"#{neuron}" for neuron in range(d_sae))}):
        raise ValueError(f"effects.parquet has a knob that is not there: {unknown[0]}")
    if len(set(keys)) < len(keys):
        raise ValueError("effects.parquet has a knob twice")


def item_effects(given: pd.DataFrame) -> None:
    """Finite effects of knobs on items, both by their names."""
    if not all(isinstance(value, str) for column in ("key", "item_id") for value in given[column]):
        raise ValueError("item_effects.parquet has a name that is no text")
    if not finite(given["effect"].to_numpy()):
        raise ValueError("item_effects.parquet has an effect that is no finite number")


def together(nested: Nested, data: Interactions, given: ConceptMap, named: Sequence[Label]) -> None:
    """The models are those that the concept map and the labels were made by, with the same settings.

    Some people are encoded: no neuron is more active in them than its label says, and as many are as in all people.
    So are the items of the rarest tags: their codes make up these rows of the concept map.
    """
    codes = nested.codes(data.matrix[np.linspace(0, data.n_users - 1, min(data.n_users, SOME)).astype(int)])
    peaks, active = np.array([label.peak for label in named]), np.diff(codes.indptr)
    usual = sum(label.n_users for label in named) / data.n_users
    wavers = NEAR * usual + 4 * active.std() / np.sqrt(len(active)) * (len(active) < data.n_users)
    above = codes.data > 1.01 * peaks[codes.indices] + 1e-6
    if not finite(codes.data) or above.mean() > FEW or abs(active.mean() - usual) > wavers:
        raise ValueError("the models with their settings are not those that knobs.parquet was made by")

    tag_items = data.tag_matrix()[1]
    sizes = np.diff(tag_items.indptr)
    rarest = np.argsort(sizes, kind="stable")[:SOME]
    rarest = rarest[sizes[rarest].cumsum() <= SOME]
    carry = np.unique(tag_items[rarest].indices)
    if len(carry):
        made = (tag_items[rarest][:, carry] @ nested.codes(single_items(data.n_items)[carry])).toarray()
        wanted = given.activity[rarest] * tag_items.sum()
        if np.abs(made - wanted).sum() > FEW * wanted.sum():
            raise ValueError("the models with their settings are not those that concept_map.npz was made by")
