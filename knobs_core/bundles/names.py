"""Names that the owner of a bundle gives to knobs: {key: name}, kept with the bundle in names.json.

Such a name is shown in place of the knob's own; the knob still answers to its own name and to its key. A name belongs
to one knob, whatever the case of its letters, and none may pass for a key.

The file holds the id of its bundle and a short hash of the names: knobs of another bundle may have the same keys.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from knobs_core.base import BundleError, ConfigError, read_once, write_whole

NAMES = "names.json"
LONGEST, LARGEST = 60, 2**24  # characters of a name; bytes of the file
HIDDEN = ("Cc", "Cs", "Zl", "Zp")  # categories of Unicode: control characters, halves of others, ends of lines
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # marks that turn the direction of what follows
LIKE_A_KEY = re.compile(r"[#~=].*|(dead )?neuron \d+", re.IGNORECASE)


def checked_name(key: str, name: str, taken: Mapping[str, str]) -> str:
    """A name for the knob of a key, without blanks around it. taken: {name in lower case: key} of all knobs.

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
    if (other := taken.get(name.lower(), key)) != key:
        raise ConfigError("a name that no other knob has", f"'{name}', which is {other}", "choose another name")
    return name


def names_id(names: Mapping[str, str]) -> str:
    """Short hash of names; "" without any."""
    return hashlib.sha256(json.dumps(dict(names), sort_keys=True).encode()).hexdigest()[:12] if names else ""


def read_names(path: Path, bundle_id: str = "") -> dict[str, str]:
    """The names of the bundle at ``path``, none where nobody has given any. Whether they fit its knobs is not checked.

    Args:
        bundle_id: of the bundle that they must belong to; "" for any.

    Raises:
        BundleError: a file that does not hold names, not those that were written, or another bundle's.
    """
    file = path / NAMES
    found = "something else"
    try:
        document = json.loads(read_once(file, LARGEST))
        names, proof, owner = document["names"], document["proof"], document["bundle"]
        if all(isinstance(name, str) for name in names.values()):
            if proof != names_id(names):
                found = "others than were written"
            elif bundle_id not in ("", owner):
                found = f"those of bundle {owner}, not of {bundle_id}"
            else:
                return names
    except FileNotFoundError:
        return {}
    except Exception:  # whatever it is, it holds no names
        pass
    raise BundleError(
        f"names as {{key: name}} in {file}", found, "delete the file and give the names again with: knobs rename"
    )


def write_names(names: Mapping[str, str], path: Path, bundle_id: str) -> None:
    """Write the names of the bundle at ``path``, whole or not at all.

    Raises:
        StorageError: nothing can be written there.
    """
    document = {"bundle": bundle_id, "proof": names_id(names), "names": dict(names)}
    write_whole(path / NAMES, json.dumps(document, ensure_ascii=False, indent=2) + "\n")
