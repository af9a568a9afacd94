"""What a bundle has, and why an item has its score: searches, knobs and receipts."""

from collections.abc import Sequence

from knobs_core.base import UnknownNameError
from knobs_core.bundles import Bundle, Person
from knobs_core.data import find_item, search_items
from knobs_core.sentences import SOUGHT, index_of, read
from knobs_core.service.answers import Found, ItemFound, KnobDetail, KnobFound, Part, Receipt, Words
from knobs_core.service.problems import Problem
from knobs_core.steering import Dial


def search(bundle: Bundle, text: str, n: int) -> Found:
    """Knobs and items that a text may mean, the first n of each, without knobs that hardly do what they say: those of
    that name, then those that mean it."""
    data, named = bundle.interactions, bundle.knobs.search(text, weak=False)["key"].tolist()
    meant = [one.knob.key for one in index_of(bundle).near([text], n)[0] if one.likeness >= SOUGHT]
    knobs = [bundle.knobs[key] for key in dict.fromkeys([*named, *meant])][:n]
    found = [KnobFound(key=one.key, name=one.name, kind=one.kind, verdict=one.verdict) for one in knobs]
    items = [
        ItemFound(
            item_id=str(data.item_ids[column]),
            title=str(data.items["title"].iat[column]),
            detail=data.detail(column),
        )
        for column in search_items(data, text, n)
    ]
    return Found(knobs=found, items=items)


def words(bundle: Bundle, sentence: str) -> Words:
    """What a sentence asks for."""
    return Words.model_validate(read(bundle, sentence), from_attributes=True)


def knob(bundle: Bundle, name: str) -> KnobDetail:
    """A knob by its key or its name.

    Raises:
        Problem: 404 there is none.
    """
    try:
        found = bundle.knobs.find(name)
    except UnknownNameError as error:
        raise Problem(404, str(error)) from None
    return KnobDetail(
        key=found.key,
        name=found.name,
        kind=found.kind,
        verdict=found.verdict,
        weak=found.weak,
        explained=found.explained,
        neurons={int(neuron): float(weight) for neuron, weight in found.recipe.items()},
    )


def receipt(person: Person, item: str, dials: Sequence[Dial], reader: str | None, fallback: bool) -> Receipt:
    """Why an item, by its id or its title, has its score with some dials turned.

    Raises:
        UnknownNameError: no such item. ConfigError: the recommender's decoder is not linear.
    """
    found = person.recommend(dials, 1).explain(find_item(person.data, item))
    return Receipt(
        reader=reader,
        fallback=fallback,
        item_id=found.item_id,
        title=found.title,
        score=found.score,
        parts=[Part.model_validate(part) for part in found.table.to_dict("records")],
    )
