"""A choice as query parameters of the address bar, and back. Parameters come from anybody.

    user, items, seen    ids, separated by commas
    dials, pinned, pinned2, pinned3     KEY:AMOUNT, separated by ~
    years, only, without, fresh, n      filters and the length of the list, see ``filters.py``
    bundle               which training made the link
    names                NUMBER:NAME of the neurons that stand in it, separated by ~

A neuron's number means something in one bundle alone. In a link of another training a neuron is therefore looked up by
its name, and what has none is left out. Themes and items go by what they are called everywhere.

Of a link of any length a bounded part is read, and whatever is wrong with it is said in at most three sentences.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import quote

from knobs_core.base import ConfigError, quoted
from knobs_core.bundles import Bundle
from knobs_core.concepts import Label
from knobs_core.data import GROUP_SIZE
from knobs_ui.state.choice import LENGTHS, MOST_DIALS, MOST_PINS, Choice, Dials
from knobs_ui.state.filters import read_filters, write_filters

PINS = ["pinned", *(f"pinned{n}" for n in range(2, MOST_PINS + 1))]

LONGEST = 8_000  # characters of a link that are read, of its parameters in this order, each up to a whole part
PARTS = {
    "user": ",", "items": ",", "dials": "~", **dict.fromkeys(PINS, "~"), "years": "", "only": "|", "without": "|",
    "fresh": "", "n": "", "bundle": "", "names": "~", "seen": ",",
}  # fmt: skip
TOO_LONG = (
    f"The link is longer than what is read of one ({LONGEST:,} characters, {MOST_DIALS} dials); its end is left out."
)

DIAL = re.compile(r"(~?[^~]+)(?:~|$)")  # a knob made of an item begins with ~
NAME = re.compile(r"(\d{1,7}):([^~]+)")
NEURON = re.compile(r"(?<=[#=,])\d{1,7}(?=:|,|$)")  # in the key of a neuron, "#12", or of a mixture, "=12:600,7:400"
ALIKE = re.compile(r", neuron \d+$")
TOLD, SUCH_AS = 5, 3  # names that a sentence lists, and examples that it gives


def to_link(bundle: Bundle, choice: Choice) -> dict[str, str]:
    """Query parameters that hold a choice."""
    written = {
        "user": ",".join(choice.user_ids),
        "items": ",".join(choice.item_ids),
        "dials": _write_dials(choice.dials),
        "seen": ",".join(choice.seen),
        **{name: _write_dials(dials) for name, dials in zip(PINS, choice.pins, strict=False)},
        **write_filters(choice.filters),
        "n": str(choice.n) if choice.n != Choice.n else "",
        "bundle": bundle.id,
        "names": _write_names(bundle, (key for dials in (choice.dials, *choice.pins) for key, _ in dials)),
    }
    return {name: value for name, value in written.items() if value}


def query(link: Mapping[str, str]) -> str:
    """Query parameters as they stand in an address, behind the question mark."""
    return "&".join(f"{name}={quote(value, safe=',:~')}" for name, value in link.items())


def from_link(bundle: Bundle, parameters: Mapping[str, str]) -> tuple[Choice, list[str]]:
    """The choice that query parameters hold, and what in them could not be used, in words.

    Parameters come from anybody: unknown names and amounts out of range are left out and reported.
    """
    data = bundle.interactions
    parameters, whole = _within(parameters)
    foreign = parameters.get("bundle", bundle.id) != bundle.id
    names = {int(number): name for number, name in NAME.findall(parameters.get("names", ""))}
    missing: list[str] = []
    found: list[str] = []
    lost: list[str] = []

    def known(name: str, among: Container[str], what: str) -> tuple[str, ...]:
        wanted = [part for part in parameters.get(name, "").split(",") if part]
        missing.extend(f"{what} {quoted(part)}" for part in wanted if part not in among)
        return tuple(dict.fromkeys(part for part in wanted if part in among))

    def dials(name: str) -> Dials:
        nonlocal whole
        read: dict[str, float] = {}
        parts = DIAL.findall(parameters.get(name, ""))
        whole = whole and len(parts) <= MOST_DIALS
        for part in parts[:MOST_DIALS]:
            key, _, amount = part.rpartition(":")
            here = _key_here(bundle, key, names) if foreign else key
            if foreign and here not in bundle.knobs:
                lost.append(_called(key, names))
                continue
            try:
                read[here] = bundle.knobs[here].dial(float(amount)).amount
            except (KeyError, ValueError, ConfigError):
                missing.append(f"dial {quoted(part)}")
            else:
                found.extend([bundle.knobs[here].name] * (here != key))
        return tuple(read.items())

    length = next((n for n in LENGTHS if str(n) == parameters.get("n")), Choice.n)
    user_ids = known("user", data.row_of, "user")[:GROUP_SIZE]
    choice = Choice(
        user_ids=user_ids,
        item_ids=() if len(user_ids) > 1 else known("items", data.column_of, "item"),
        dials=dials("dials"),
        seen=known("seen", data.column_of, "item"),
        pins=tuple(filter(None, map(dials, PINS))),
        filters=read_filters(bundle, parameters, missing),
        n=length,
    )
    problems = [_told(found, lost)] if foreign and (found or lost or choice.dials) else []
    return choice, [*problems, *_not_here(missing), *([] if whole else [TOO_LONG])]


def _within(parameters: Mapping[str, str]) -> tuple[dict[str, str], bool]:
    """As much of the parameters as is read, and whether that is all of them."""
    left, read = LONGEST, {}
    for name, separator in PARTS.items():
        value = parameters.get(name, "")
        if len(value) > left:
            value = value[:left].rpartition(separator)[0] if separator else ""
        left -= len(value)
        if value:
            read[name] = value
    return read, all(len(parameters.get(name, "")) == len(read.get(name, "")) for name in PARTS)


def _not_here(missing: Sequence[str]) -> list[str]:
    """What a link names and nobody knows, in one sentence however much it is."""
    if not missing:
        return []
    if len(missing) == 1:
        return [f"One thing in the link is not here: {missing[0]}."]
    few = missing[:SUCH_AS]
    return [f"{len(missing):,} things in the link are not here, such as {', '.join(few[:-1])} and {few[-1]}."]


def _write_dials(dials: Dials) -> str:
    return "~".join(f"{key}:{amount:g}" for key, amount in dials)


def _write_names(bundle: Bundle, keys: Iterable[str]) -> str:
    """The names of all neurons in these keys; those without one cannot be found elsewhere."""
    labels = [bundle.labels[j] for j in dict.fromkeys(j for key in keys for j in _numbers(key))]
    return "~".join(f"{label.neuron}:{_spelled(label.label)}" for label in labels if label.named)


def _numbers(key: str) -> list[int]:
    """The neurons of a key; none of a theme or an item."""
    return [int(number) for number in NEURON.findall(key)] if key.startswith(("#", "=")) else []


def _key_here(bundle: Bundle, key: str, names: Mapping[int, str]) -> str:
    """A key of another bundle in the numbers of this one; "" where a neuron of it is not here."""
    here = {number: _neuron_here(bundle, number, names.get(number)) for number in _numbers(key)}
    if None in here.values():
        return ""
    return NEURON.sub(lambda number: str(here[int(number[0])]), key) if here else key


def _neuron_here(bundle: Bundle, number: int, name: str | None) -> int | None:
    """The neuron of a name, present or former; where several have it the one of that number, else the most used."""
    fits = _named(bundle).get(name or "", ())
    best = max(fits, key=lambda label: (label.neuron == number, label.n_users), default=None)
    return best.neuron if best else None


@lru_cache(maxsize=2)
def _named(bundle: Bundle) -> dict[str, list[Label]]:
    """Neurons by the names that they have and have had."""
    found: dict[str, list[Label]] = {}
    for label in bundle.labels:
        if label.alive and label.named:
            for name in {_spelled(label.label), _spelled(label.former)} - {""}:
                found.setdefault(name, []).append(label)
    return found


def _called(key: str, names: Mapping[int, str]) -> str:
    """What a key stands for, in words."""
    return " and ".join(names.get(number, f"neuron {number}") for number in _numbers(key)[:2]) or key.lstrip("~")


def _spelled(name: str) -> str:
    """A neuron's name without its number, which tells it here from others of that name, and without our separator."""
    return ALIKE.sub("", name).replace("~", " ")


def _told(found: Iterable[str], lost: Iterable[str]) -> str:
    """What became of the dials of another training, in one sentence."""
    fates = (found, "was found by its name", "were found by their names"), (lost, "is not here", "are not here")
    parts = []
    for names, one, many in fates:
        listed = [quoted(name) for name in dict.fromkeys(names)]
        more = [f"{len(listed) - TOLD} more"] if len(listed) > TOLD else []
        if listed:
            parts.append(f"{', '.join(listed[:TOLD] + more)} {one if len(listed) == 1 else many}")
    return f"This link was made with another training: {'; '.join(parts) or 'everything in it was found'}."
