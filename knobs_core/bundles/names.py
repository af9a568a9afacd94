"""Names that the owner of a bundle gives to knobs: {key: name}, kept with the bundle in names.json.

Such a name is shown in place of the knob's own; the knob still answers to its own name and to its key. A name belongs
to one knob, whatever the case of its letters, and none may pass for a key.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from knobs_core.base import BundleError, ConfigError, write_whole
from knobs_core.bundles.catalogue import Knob

NAMES = "names.json"
LONGEST = 60
HIDDEN = ("Cc", "Cs", "Zl", "Zp")  # categories of Unicode: control characters, halves of others, ends of lines
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # marks that turn the direction of what follows
LIKE_A_KEY = re.compile(r"[#~].*|(dead )?neuron \d+", re.IGNORECASE)


def checked_name(knob: Knob, name: str, others: Iterable[Knob]) -> str:
    """A name for a knob, without blanks around it. others: all knobs, by the names that they have by then.

    Raises:
        ConfigError: nothing to read, too long, not to be seen, like a key, or another knob's.
    """
    name = name.strip()
    if not name or not any(character.isprintable() and not character.isspace() for character in name):
        raise ConfigError("a name", "an empty one", "give it some letters")
    if len(name) > LONGEST:
        raise ConfigError(
            f"a name of at most {LONGEST} characters", f"{len(name)} in '{name[:20]}...'", "give it a shorter one"
        )
    if TURNING.search(name) or any(unicodedata.category(character) in HIDDEN for character in name):
        raise ConfigError("a name without control characters", ascii(name), "leave them out")
    if LIKE_A_KEY.fullmatch(name):
        raise ConfigError("a name that does not look like a key", f"'{name}'", "choose another name")
    for other in others:
        if other.key != knob.key and name.lower() in (other.name.lower(), other.former.lower()):
            raise ConfigError("a name that no other knob has", f"'{name}', which is {other.key}", "choose another name")
    return name


def read_names(path: Path) -> dict[str, str]:
    """The names of the bundle at ``path``, none where nobody has given any. Whether they fit its knobs is not checked.

    Raises:
        BundleError: a file that does not hold names.
    """
    file = path / NAMES
    try:
        names = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        names = None
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        raise BundleError(f"names as {{key: name}} in {file}", "something else", "correct or delete the file")
    return names


def write_names(names: Mapping[str, str], path: Path) -> None:
    """Write the names of the bundle at ``path``, whole or not at all.

    Raises:
        StorageError: nothing can be written there.
    """
    write_whole(path / NAMES, json.dumps(dict(names), ensure_ascii=False, indent=2) + "\n")
