"""A frame of the desk: what a recipe does to the audience at this moment, in the words and numbers that are drawn."""

from functools import lru_cache
from typing import Any

import numpy as np

from knobs_core.audience import Audience, Effect, Figures, Lists, compare
from knobs_core.base import visible
from knobs_core.bundles import Bundle
from knobs_core.lists import HouseRules, ListRecipe, check
from knobs_ui.studio import drafts
from knobs_ui.studio.drafts import Draft
from knobs_ui.studio.room import audience, store

ORDERS = ("gained", "reached", "lost")
N_BARS = 15


def frame(bundle: Bundle, draft: Draft, order: str, reader: int | None, segment: str) -> dict[str, Any]:
    """What is drawn of the audience under a draft, beside the same recipe with all its dials at rest.

    Args:
        order: of the exposure; reader: whose list is shown, None for the one served worst; segment: whose readers
            count, "" for all.
    """
    room, house, found = audience(bundle), store().house().rules, effect_of(bundle, draft)
    lost = [visible(one.name or one.knob) for one in draft.recipe.dials if one.knob not in bundle.knobs]
    segment = segment if segment in room.readers.segments else ""
    figures = found.segments[segment] if segment else found.everybody
    there = reader is not None and reader < len(room.readers.rows)
    at = reader if there and reader is not None else int(figures.worst[0])
    said = _figures(figures)
    order = order if found.after.recipe.dials else "reached"  # at rest nothing is gained or lost
    return {
        "crowd": visible(room.readers.sentence),
        "figures": said,
        "said": ". ".join(f"{one['name']}: {one['value']}, {one['was']}" for one in said),
        "conflicts": [
            *(f"'{name}' is no knob of this bundle. Health, in the Studio, takes it apart anew." for name in lost),
            *map(visible, conflicts(bundle, found.before.recipe, house)),
        ],
        "order": order,
        "exposure": _exposure(bundle, figures, order),
        "worst": [_served(room, found, place) for place in figures.worst.tolist()],
        "best": [_served(room, found, place) for place in figures.best.tolist()],
        "reader": {"at": at, **_reader(bundle, room, found, at)},
        "segment": segment,
        "segments": [_segment(room, found, name) for name in found.segments],
    }


def effect_of(bundle: Bundle, draft: Draft) -> Effect:
    """What a draft does to the audience, with those of its dials that the bundle has."""
    room, recipe, house = audience(bundle), drafts.untold(draft.recipe), store().house().rules
    recipe = recipe.model_copy(update={"dials": tuple(one for one in recipe.dials if one.knob in bundle.knobs)})
    return compare(room, _at_rest(room, at_rest(recipe).model_dump_json(), house), room.lists(recipe, house))


@lru_cache(maxsize=8)
def _at_rest(room: Audience, recipe: str, house: HouseRules) -> Lists:
    """The lists that a hand on a dial is compared with: the same ones for all of a drag."""
    return room.lists(ListRecipe.model_validate_json(recipe), house)


def at_rest(recipe: ListRecipe) -> ListRecipe:
    """The same recipe with no dial turned."""
    return recipe.model_copy(update={"dials": (), "arms": ()})


@lru_cache(maxsize=64)
def _checked(bundle: Bundle, recipe: str, house: HouseRules) -> tuple[str, ...]:
    return tuple(check(bundle, ListRecipe.model_validate_json(recipe), house))


def conflicts(bundle: Bundle, recipe: ListRecipe, house: HouseRules) -> tuple[str, ...]:
    """Rules that make each other void, a sentence each; dials change nothing about these."""
    return _checked(bundle, at_rest(recipe).model_dump_json(), house)


def _figures(found: Figures) -> list[dict[str, str]]:
    """What is said of some readers in numbers: now, and what it was with all dials at rest."""
    n = max(len(found.places), 1)

    def of(name: str, value: str, was: str, hint: str) -> dict[str, str]:
        return {"name": name, "value": value, "was": was, "hint": hint}

    return [
        of("Lists that change", f"{1 - found.untouched / n:.0%}", f"{found.untouched:,} of {n:,} stay",
           "Readers whose list has another title than with all dials at rest."),
        of("Kept of a list", f"{found.kept:.0%}", "of its titles",
           "How much of the list at rest is still there, on average."),
        of("Own taste met", f"{found.own[1]:.0%}", f"was {found.own[0]:.0%}",
           "What a list is worth to its reader, of what the best list of that length would be, on average."),
        of("Hidden likes found", f"{found.ndcg[1]:.2f}", f"was {found.ndcg[0]:.2f}",
           "nDCG of the list made without a fifth of a reader's likes, against these. Readers whom the models learned "
           "from are flattered by it."),
        of("Popularity", f"{found.popularity[1]:.0%}", f"was {found.popularity[0]:.0%}",
           "How many of all users like a listed title, on average."),
    ]  # fmt: skip


def _exposure(bundle: Bundle, found: Figures, order: str) -> list[dict[str, Any]]:
    """The titles that come first in an order, with the share of readers who are shown them."""
    was, now = found.exposure
    by = {"gained": now - was, "reached": now, "lost": was - now}[order]
    first = np.argsort(-by, kind="stable")[:N_BARS]
    return [
        {"title": visible(bundle.interactions.main_title(i)), "share": float(now[i]), "was": float(was[i])}
        for i in first.tolist()
        if by[i] > 0
    ]


def _served(room: Audience, found: Effect, place: int) -> dict[str, Any]:
    return {"reader": place, "name": name_of(room, place), "share": float(found.after.own[place])}


def name_of(room: Audience, place: int) -> str:
    """What a reader of the sample is called."""
    user = room.bundle.interactions.user_ids[room.readers.rows[place]]
    return visible(f"Newcomer {user}" if place >= room.readers.n else f"User {user}")


def _reader(bundle: Bundle, room: Audience, found: Effect, place: int) -> dict[str, Any]:
    """One reader's list under the recipe, with what put each row there."""
    data, old = bundle.interactions, {item for item, _ in found.before.row(place)}
    likes = room.readers.known[place].indices
    first = ", ".join(data.main_title(int(i)) for i in likes[:3])
    rows = found.after.row(place)
    own = f"{found.after.own[place]:.0%} of their own taste is met, was {found.before.own[place]:.0%}"
    return {
        "name": f"The list of {name_of(room, place)}",
        "about": visible(f"{own}. {len(likes):,} likes, such as {first}."),
        "rows": [_row(bundle, found.after, item, reason, item not in old) for item, reason in rows],
    }


def _row(bundle: Bundle, lists: Lists, item: int, reason: str, fresh: bool) -> dict[str, Any]:
    data = bundle.interactions
    return {
        "title": visible(data.main_title(item)),
        "detail": visible(data.detail(item)),
        "reason": visible(titled(bundle, lists.recipe, reason)),
        "note": visible(lists.recipe.notes.get(str(data.item_ids[item]), "")),
        "fresh": fresh,
    }


def titled(bundle: Bundle, recipe: ListRecipe, reason: str) -> str:
    """A reason with the name of its knob as a heading: "film-noir, by a quota: ..." becomes "Film-Noir, by ..."."""
    for turn in recipe.dials:
        knob = bundle.knobs.get(turn.knob)
        if knob and reason.startswith(knob.name):
            return knob.title + reason.removeprefix(knob.name)
    return reason


def _segment(room: Audience, found: Effect, name: str) -> dict[str, Any]:
    one = found.segments[name]
    n = len(one.places)
    return {
        "name": visible(name),
        "n": n,
        "own": one.own[1],
        "changed": 1 - one.untouched / max(n, 1),
        "small": name in room.readers.small,
        "hint": visible(f"Own taste met {one.own[1]:.0%}, was {one.own[0]:.0%}"),
    }
