"""A shelf: titles that an editor wants more of, and some to have less of, as a few dials.

With A what an embedding does to scores, every direction stands for what it does to them, of mean 0 and standard
deviation 1 over all items: z_k for the knob k, t for the mean of the wanted titles' embeddings less that of all items,
in which titles with similar tags count a little (as for a theme, ``concepts/directions.py``), s for the unwanted ones.

    y = t - BURY s  ~  sum_k a_k z_k        few a_k: non-negative orthogonal matching pursuit, ``concepts/pursuit.py``

over the knobs that are not weak, and their opposites where something is unwanted. Themes are favoured by FAVOUR over
neurons, and a knob joins while it explains LEAST of y. The amounts are brought to LARGEST at the largest, so that no
list which a dial deals leaves less than 1 - LARGEST of a reader's own taste; those under SMALLEST are left out.

**Covered** is how much of what a knob made of title i alone, turned to LARGEST, would do to it, the dials do:

    c_i = (max over a_k > 0 of a_k z_k[i], or 0) / (LARGEST o_i[i])
          - (sum over a_k < 0 of |a_k| z_k[i] / d_k) / (LARGEST o_i[i] / e_i)

o_i the title's own knob, d_k and e_i depths (``steering/spread.py``): dials above 0 take turns, so that the one which
does most for a title brings it, and dials below 0 push in all. A wanted title is covered by c, an unwanted one by -c,
both within [0, 1], and counts as covered from COVERED on. ``benchmarks/shelf.py`` says how well this tells what becomes
of titles in readers' lists, and what led to these numbers.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.base import ConfigError, DataError, UnknownNameError, nearest
from knobs_core.bundles import Bundle
from knobs_core.concepts import SIZE, co_tagged, pursue, standard_effects
from knobs_core.data import single_items
from knobs_core.lists.recipe import ListRecipe, Turn, Wanted
from knobs_core.lists.rules import turns_of
from knobs_core.steering import Dial, depths, effects_of, sigmas, steer_all

LARGEST, SMALLEST = 0.4, 0.05
BURY = 0.75
FAVOUR, LEAST = 2.0, 0.03
COVERED = 0.2  # from here on three of four titles stand at least twice as near to the top as at rest
NEAR = 200  # knobs nearest to y, among which is looked
READERS, ROWS, BEYOND = 200, 20, 20  # whose lists are looked at, of how many rows; titles that are named


class OnShelf(NamedTuple):
    """A title of the shelf. covered: in [0, 1], see the head of this file."""

    item: str
    title: str
    covered: float

    @property
    def said(self) -> str:
        """ "covered .71", or "not covered"."""
        return f"covered {self.covered:.2f}".replace("0.", ".") if self.covered >= COVERED else "not covered"


class Brought(NamedTuple):
    """A title beside the shelf. before, after: share of readers in whose list of 20 it is, at rest and turned."""

    item: str
    title: str
    before: float
    after: float


@dataclasses.dataclass(frozen=True)
class Shelf:
    """What a shelf comes to.

    bundle: id of the one whose knobs these are; turns: the dials, the largest first
    wanted, unwanted: the titles in the order in which they were given
    beyond: other titles that the dials bring, those first that come to most readers more; readers: how many were asked
    """

    bundle: str
    turns: tuple[Turn, ...]
    wanted: tuple[OnShelf, ...]
    unwanted: tuple[OnShelf, ...]
    beyond: tuple[Brought, ...]
    readers: int

    def recipe(self, slug: str) -> ListRecipe:
        """A recipe with these dials. Raises: pydantic.ValidationError: a slug that is none."""
        on = Wanted(wanted=tuple(one.item for one in self.wanted), unwanted=tuple(one.item for one in self.unwanted))
        return ListRecipe(slug=slug, bundle=self.bundle, dials=self.turns, shelf=on)


def shelf(bundle: Bundle, wanted: Iterable[str], unwanted: Iterable[str] = (), size: int = SIZE) -> Shelf:
    """The dials that lift some titles and sink others.

    Args:
        wanted, unwanted: ids of items, each counts once; size: dials at most, from 1 to 10.

    Raises:
        UnknownNameError: an id that the bundle does not have; names the nearest.
        ConfigError: nothing is wanted, a title is on both sides, or a size out of range.
        DataError: a title that nobody likes, or no knob that lifts these titles.
    """
    if not 1 <= size <= SIZE:
        raise ConfigError(f"a size from 1 to {SIZE}", str(size), "choose one of these")
    lifted, sunk = _columns(bundle, wanted, "wanted"), _columns(bundle, unwanted, "unwanted")
    if not len(lifted):
        raise ConfigError("at least one title that is wanted", "none", "name one")
    if len(both := np.intersect1d(lifted, sunk)):
        title = bundle.interactions.title_with_year(int(both[0]))
        raise ConfigError("titles that are wanted or unwanted", f"'{title}', which is both", "take it off one side")
    dials = _dials(bundle, lifted, sunk, size)
    covers = coverage(bundle, dials, [*lifted, *sunk])
    beyond, readers = _beyond(bundle, dials, [*lifted, *sunk])
    return Shelf(
        bundle.id,
        turns_of(bundle, dials),
        _on_shelf(bundle, lifted, covers[: len(lifted)]),
        _on_shelf(bundle, sunk, -covers[len(lifted) :]),
        beyond,
        readers,
    )


def coverage(bundle: Bundle, dials: Sequence[Dial], columns: Sequence[int]) -> np.ndarray:
    """c (len(columns),) of items under dials, see the head of this file: above 0 lifted, below 0 sunk, 1 as far as a
    knob made of the title alone would at 0.4. 0 where that knob does not lift it."""
    own = [bundle.knobs[f"~{bundle.interactions.item_ids[column]}"].dial(1.0) for column in columns]
    found, at = np.zeros(len(columns)), np.asarray(columns, np.int64)
    turned = [dial for dial in dials if dial.amount]
    if not turned or not own:
        return found
    effects = torch.cat(list(standard_effects(bundle.nested, turned)))
    deep = depths(effects).double().cpu().numpy()
    amounts = np.array([[dial.amount] for dial in turned])
    does = effects[:, at].double().cpu().numpy() * amounts
    more, less = amounts[:, 0] > 0, amounts[:, 0] < 0
    up = does[more].max(0, initial=0.0) if more.any() else found
    down = (does[less] / deep[less]).sum(0)
    alone, depth, start = np.zeros(len(own)), np.ones(len(own)), 0
    for alike in standard_effects(bundle.nested, own):
        part = slice(start, start := start + len(alike))
        alone[part] = alike[range(len(alike)), at[part]].double().cpu().numpy()
        depth[part] = depths(alike)[:, 0].double().cpu().numpy()
    there = alone > 1e-9
    found[there] = (up[there] + down[there] * depth[there]) / (LARGEST * alone[there])
    return found


def _columns(bundle: Bundle, items: Iterable[str], side: str) -> np.ndarray:
    """Columns of some items, each once."""
    data = bundle.interactions
    ids = list(dict.fromkeys(items))
    for item in ids:
        if item not in data.column_of:
            expected = f"{side} titles by their ids among the {data.n_items:,} items"
            raise UnknownNameError(expected, f"'{item}'", nearest(item, data.item_ids))
    columns = np.array([data.column_of[item] for item in ids], np.int64)
    if len(alone := columns[data.matrix[:, columns].getnnz(axis=0) == 0]):
        title = data.title_with_year(int(alone[0]))
        raise DataError(f"{side} titles that somebody likes", f"'{title}', which nobody does", "take it off the shelf")
    return columns


def _dials(bundle: Bundle, lifted: np.ndarray, sunk: np.ndarray, size: int) -> list[Dial]:
    """The few dials of the pursuit, the largest first."""
    y = _target(bundle, lifted) - (BURY * _target(bundle, sunk) if len(sunk) else 0.0)
    knobs = [knob for knob in bundle.knobs.values() if not knob.weak]
    favour = np.array([1.0 if knob.label else FAVOUR for knob in knobs])
    blocks = standard_effects(bundle.nested, [knob.dial(1.0) for knob in knobs])
    along = np.concatenate([np.zeros(0), *(block.double().cpu().numpy() @ y for block in blocks)])
    reach = favour * (np.abs(along) if len(sunk) else along)
    near = np.argsort(-reach, kind="stable")[:NEAR]
    near = near[reach[near] > 0]
    found = np.zeros(len(near))
    if len(near):
        chosen = [knobs[k].dial(1.0) for k in near]
        units = np.concatenate([block.double().cpu().numpy() for block in standard_effects(bundle.nested, chosen)])
        both = np.concatenate([units, -units]) if len(sunk) else units
        weights = pursue(y[None], both, size, np.tile(favour[near], len(both) // len(near)), LEAST)[0]
        found = weights[: len(near)] - (weights[len(near) :] if len(sunk) else 0.0)
    if not found.any():
        titles = ", ".join(f"'{bundle.interactions.title_with_year(int(column))}'" for column in lifted[:3])
        raise DataError("a knob that lifts these titles", f"none for {titles}", "want others")
    amounts = (LARGEST * found / np.abs(found).max()).round(2)
    order = np.argsort(-np.abs(amounts), kind="stable")
    return [knobs[near[k]].dial(float(amounts[k])) for k in order if abs(amounts[k]) >= SMALLEST]


@torch.inference_mode()
def _target(bundle: Bundle, columns: np.ndarray) -> np.ndarray:
    """What the direction of some titles does to scores (n_items,), of mean 0 and standard deviation 1."""
    data, nested = bundle.interactions, bundle.nested
    alone = sp.csr_matrix((np.ones(len(columns)), (np.zeros(len(columns), int), columns)), shape=(1, data.n_items))
    carried = sp.csr_matrix(sp.vstack([data.tag_matrix()[1] > 0, alone]), dtype=np.float64)
    weights = co_tagged(carried, [carried.shape[0] - 1])
    embeddings = nested.embeddings(single_items(data.n_items)).double().numpy()
    direction = (weights @ embeddings)[0] / weights.sum() - embeddings.mean(0)
    towards = torch.as_tensor(direction[None], dtype=torch.float32, device=nested.device)
    effects = effects_of(nested.cfae, towards)
    return ((effects - effects.mean()) / sigmas(effects))[0].double().cpu().numpy()


def _beyond(bundle: Bundle, dials: Sequence[Dial], on_shelf: Sequence[int]) -> tuple[tuple[Brought, ...], int]:
    """Titles that come to more readers than at rest, and how many were asked: users of the data, evenly chosen."""
    data = bundle.interactions
    asked = np.unique(np.linspace(0, data.n_users - 1, min(READERS, data.n_users)).astype(np.int64))
    before, after = (
        np.bincount(items[items >= 0], minlength=data.n_items) / len(asked)
        for turned in ((), dials)
        for items in [np.concatenate([b.items for b in steer_all(bundle.nested, data.matrix[asked], turned, ROWS)])]
    )
    gains = after - before
    gains[list(on_shelf)] = 0
    most = [column for column in np.argsort(-gains, kind="stable")[:BEYOND].tolist() if gains[column] > 0]
    return tuple(
        Brought(str(data.item_ids[i]), data.title_with_year(i), float(before[i]), float(after[i])) for i in most
    ), len(asked)


def _on_shelf(bundle: Bundle, columns: np.ndarray, covers: np.ndarray) -> tuple[OnShelf, ...]:
    data = bundle.interactions
    return tuple(
        OnShelf(str(data.item_ids[column]), data.title_with_year(column), round(cover, 4))
        for column, cover in zip(columns.tolist(), covers.clip(0, 1).tolist(), strict=True)
    )
