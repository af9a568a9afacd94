"""What one recipe does to the audience beside another, in a sentence."""

from knobs_core.audience import compare
from knobs_core.base import KnobsError
from knobs_core.bundles import Bundle
from knobs_core.lists import ListRecipe
from knobs_ui.studio.frame import at_rest
from knobs_ui.studio.room import audience, store


def effect_words(bundle: Bundle, old: ListRecipe | None, new: ListRecipe) -> str:
    """How many lists change and what becomes of readers' own taste. old: None for the same rules with no dial turned.

    The house rules of today hold over both.
    """
    room, house = audience(bundle), store().house().rules
    try:
        after = room.lists(new, house)
        before = room.lists(old or at_rest(new), house)
    except KnobsError as error:
        return f"On the audience nothing can be said: {error}"
    found = compare(room, before, after).everybody
    was, now = found.exposure
    gained = [int(i) for i in (was - now).argsort(kind="stable")[:2] if now[i] > was[i]]
    titles = " and ".join(bundle.interactions.main_title(i) for i in gained)
    more = f" Most gained: {titles}." if titles else ""
    n = len(found.places)
    return (
        f"{1 - found.untouched / n:.0%} of {n:,} readers' lists get other titles; their own taste is met to "
        f"{found.own[1]:.0%}, was {found.own[0]:.0%}.{more}"
    )
