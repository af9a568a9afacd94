"""What two versions of a recipe differ in, field by field: in words, and put together where two editors made them.

A field is a dial, a pin, a ban, a note, a quota, an arm, a part of the pool, or a value of the recipe's own. Three are
merged as usual: b is where both began, t theirs, m mine; a field becomes m where t = b, t where m = b or m = t, and is
a clash where all three differ.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from knobs_core.lists import ListRecipe, fault

Field = tuple[str, ...]
NAMED_BY = {"dials": "knob", "pins": "item", "arms": "name"}
SINGULAR = {"dials": "dial", "pins": "pin", "arms": "arm", "quotas": "quota", "bans": "ban", "notes": "note"}


class Merged(NamedTuple):
    """recipe: with the changes of both, None where they clash; taken: the fields that came from theirs; clashes: the
    fields that both changed, or what is wrong with the recipe that both make together."""

    recipe: ListRecipe | None
    taken: tuple[str, ...]
    clashes: tuple[str, ...]


def merge(base: ListRecipe, theirs: ListRecipe, mine: ListRecipe, mine_wins: bool = False) -> Merged:
    """Two editors' changes of one recipe, together. base: where both began; mine_wins: what both changed becomes mine,
    instead of being a clash."""
    b, t, m = _fields(base), _fields(theirs), _fields(mine)
    order = list(dict.fromkeys([*t, *m, *b]))
    clashes = [field for field in order if len({_key(of.get(field)) for of in (b, t, m)}) == 3]
    if clashes and not mine_wins:
        return Merged(None, (), tuple(map(_said, clashes)))
    chosen = {field: t.get(field) if _key(m.get(field)) == _key(b.get(field)) else m.get(field) for field in order}
    taken = [field for field in order if _key(t.get(field)) != _key(b.get(field)) and chosen[field] == t.get(field)]
    try:
        together = _recipe({field: value for field, value in chosen.items() if value is not None})
    except ValidationError as error:
        return Merged(None, (), (fault(error),))
    return Merged(together, tuple(map(_said, taken)), ())


def changes(old: ListRecipe, new: ListRecipe, named: Callable[[str], str] = str) -> list[str]:
    """What became different, a phrase a field: "horror +0.20 -> +0.30". named: what an item of an id is called."""
    before, after = _fields(old), _fields(new)
    changed = [field for field in dict.fromkeys([*before, *after]) if _key(before.get(field)) != _key(after.get(field))]
    return [_change(field, before.get(field), after.get(field), named) for field in changed]


def _fields(recipe: ListRecipe) -> dict[Field, Any]:
    """{field: its value as JSON}; what is as by default is left out."""
    found: dict[Field, Any] = {}
    for name, value in recipe.model_dump(mode="json", exclude_defaults=True).items():
        if name in NAMED_BY:
            found |= {(name, part[NAMED_BY[name]]): part for part in value}
        elif name == "quotas":
            found |= {(name, str(quota)): part for quota, part in zip(recipe.quotas, value, strict=True)}
        elif name == "bans":
            found |= {(name, item): item for item in value}
        elif isinstance(value, Mapping):
            found |= {(name, key): part for key, part in value.items()}
        else:
            found[name,] = value
    return found


def _recipe(fields: Mapping[Field, Any]) -> ListRecipe:
    """The recipe of fields; undoes ``_fields``."""
    document: dict[str, Any] = {}
    for (name, *rest), value in fields.items():
        if name in (*NAMED_BY, "quotas", "bans"):
            document.setdefault(name, []).append(value)
        elif rest:
            document.setdefault(name, {})[rest[0]] = value
        else:
            document[name] = value
    return ListRecipe.model_validate(document)


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _said(field: Field, named: Callable[[str], str] = str) -> str:
    """What a field is called: "dial horror", "pin 923", "pool first", "headline"."""
    name, *rest = field
    of_item = name in ("pins", "bans", "notes")
    return " ".join([SINGULAR.get(name, name.replace("_", " ")), *(named(part) if of_item else part for part in rest)])


def _change(field: Field, old: Any, new: Any, named: Callable[[str], str]) -> str:
    said = _said(field, named)
    if field[0] == "dials" and old and new:
        name = new.get("name") or new["knob"]
        amounts = f"{old['amount']:+.2f} -> {new['amount']:+.2f}"
        return f"{name} {amounts}" if old["amount"] != new["amount"] else f"{name} is made of other neurons"
    if field[0] == "dials":
        turn = new or old
        return f"{turn.get('name') or turn['knob']} {turn['amount']:+.2f} {'added' if new else 'taken out'}"
    if field[0] == "pins" and new:
        return f"{said} to place {new['place']}" + (f", was at {old['place']}" if old else "")
    if len(field) > 1:
        return f"{said} {'added' if old is None else 'taken out' if new is None else 'changed'}"
    return f"{said}: {_short(old)} -> {_short(new)}"


def _short(value: Any, most: int = 60) -> str:
    text = "as by default" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else text[: most - 1] + "…"
