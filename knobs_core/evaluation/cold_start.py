"""Cold start: what a recommender and the profile make of one to five titles that plainly belong together.

    agreement   how many of the first 20 are among the first 40 of a reference, by default EASE, which has no embedding
    popularity  median over the first 20 of the share of items that are less liked
    on theme    share of the first 20 that carry a theme of the group
    named       rank from 1 of the group's theme among the first nine of the profile, 0 where it is not there

Titles that are given are left out of both lists. A few rare titles are where recommenders differ most: rows of unit
length are as loud for an item with six likes as for one with six hundred.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.base import UnknownNameError, nearest, top_k
from knobs_core.concepts import Themes
from knobs_core.data import Interactions
from knobs_core.evaluation.metrics import popularity_percentiles
from knobs_core.steering import Engine

N_LISTED, N_REFERENCE, N_THEMES = 20, 40, 9


class Group(NamedTuple):
    """Titles that belong together, the ones to be given first coming first, and the tags that say why."""

    name: str
    tags: tuple[str, ...]
    titles: tuple[str, ...]


FILMS = (
    Group("David Lynch", ("david lynch",), (
        "Mulholland Drive", "Blue Velvet", "The Elephant Man", "Lost Highway", "Eraserhead")),
    Group("Studio Ghibli", ("studio ghibli", "hayao miyazaki", "anime"), (
        "Spirited Away", "Princess Mononoke", "My Neighbor Totoro", "Howl's Moving Castle",
        "Laputa: Castle in the Sky")),
    Group("Pixar", ("pixar", "computer animation"), (
        "Toy Story", "The Incredibles", "Monsters, Inc.", "Finding Nemo", "Ratatouille")),
    Group("Star Wars", ("star wars", "space opera"), (
        "Star Wars: Episode IV - A New Hope", "Star Wars: Episode V - The Empire Strikes Back",
        "Star Wars: Episode VI - Return of the Jedi", "Star Wars: Episode I - The Phantom Menace",
        "Star Wars: Episode III - Revenge of the Sith")),
    Group("Hitchcock", ("alfred hitchcock",), (
        "Vertigo", "Rear Window", "North by Northwest", "The Birds", "Rebecca")),
    Group("Horror", ("horror", "slasher"), (
        "Halloween", "A Nightmare on Elm Street", "Scream", "The Texas Chainsaw Massacre", "The Shining")),
    Group("Musicals", ("musical", "movie musical", "based on a stage musical"), (
        "The Sound of Music", "West Side Story", "My Fair Lady", "Mary Poppins", "Grease")),
    Group("Documentaries", ("documentary", "political documentary", "best documentary"), (
        "Bowling for Columbine", "Roger & Me", "Hoop Dreams", "Super Size Me", "Crumb")),
    Group("James Bond", ("james bond",), (
        "Goldfinger", "From Russia with Love", "Dr. No", "GoldenEye", "Casino Royale")),
    Group("Superheroes", ("superhero", "marvel comics", "comic book"), (
        "Spider-Man", "X-Men", "Iron Man", "The Avengers", "Batman Begins")),
    Group("Silent films", ("silent film",), (
        "City Lights", "Modern Times", "The General", "Nosferatu", "Metropolis")),
    Group("Samurai", ("samurai", "japanese cinema"), (
        "Seven Samurai", "Yojimbo", "Rashomon", "Ran", "Throne of Blood")),
)  # fmt: skip
"""Well-known films that MovieLens holds."""


class Lists(NamedTuple):
    """What is said of the lists of G groups, (G,) each. popularity and on_theme: shares, agreement: of 20 titles."""

    agreement: np.ndarray
    popularity: np.ndarray
    on_theme: np.ndarray


def given(groups: Sequence[Group], data: Interactions, n: int) -> sp.csr_matrix:
    """Histories (G, n_items) of somebody who likes the first n titles of each group.

    Of items of the same title the most liked one is meant; what stands in brackets after a title does not count.

    Raises:
        UnknownNameError: a title that is not in the data.
    """
    titles, likes = data.items["title"].tolist(), data.matrix.getnnz(axis=0)
    plain = {titles[column].partition(" (")[0]: column for column in np.argsort(likes, kind="stable").tolist()}
    rows = np.zeros((len(groups), len(titles)), np.float32)
    for row, group in enumerate(groups):
        for title in group.titles[:n]:
            if title not in plain:
                raise UnknownNameError("a title of these data", f"'{title}'", nearest(title, plain))
            rows[row, plain[title]] = 1
    return sp.csr_matrix(rows)


def lists(
    scores: torch.Tensor, reference: torch.Tensor, histories: sp.csr_matrix, own: sp.csr_matrix, likes: np.ndarray
) -> Lists:
    """What is said of the lists that scores (G, n_items) make.

    Args:
        reference: (G, n_items) scores to agree with; histories: (G, n_items) what was given.
        own: (G, n_items) which items carry a tag of the group; likes: (n_items,) of training users.
    """
    listed, wide = top_k(scores, histories, N_LISTED), top_k(reference, histories, N_REFERENCE)
    agreement = np.array([len(np.intersect1d(*pair)) for pair in zip(listed, wide, strict=True)])
    popularity = np.median(popularity_percentiles(likes)[listed], axis=1)
    on_theme = np.array([own[[row]].toarray()[0, columns].mean() for row, columns in enumerate(listed)])
    return Lists(agreement, popularity, on_theme)


def own_items(groups: Sequence[Group], tags: Sequence[str], tag_items: sp.csr_matrix) -> sp.csr_matrix:
    """Which items (G, n_items) carry a tag of each group, as 0 and 1."""
    belongs = sp.csr_matrix([[tag in group.tags for tag in tags] for group in groups], dtype=np.float64)
    return ((belongs @ (tag_items > 0)) > 0).astype(np.float64)


def named(groups: Sequence[Group], histories: sp.csr_matrix, engine: Engine, themes: Themes) -> np.ndarray:
    """Rank (G,) from 1 of the first theme of each group's own in the profile of its history, 0 where none is named."""
    ranks = []
    history: sp.csr_matrix
    for group, history in zip(groups, histories, strict=True):
        found = themes.read(engine.taste(history), history.indices, N_THEMES)
        ranks.append(next((rank for rank, theme in enumerate(found, start=1) if theme.key in group.tags), 0))
    return np.array(ranks)
