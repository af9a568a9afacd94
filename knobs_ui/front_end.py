"""The front end's texts: an entry module joined with what it imports, and stylesheets and HTML.

A component of Streamlit takes one text of JavaScript, while assets/ holds small modules that Node can test. They are
joined here as they are, nothing is built: imports come first, each file once, and the lines that import and the word
``export`` go. All then share one scope, so only what cannot change its meaning by that is understood, and everything
else is refused.
"""

import re
from pathlib import Path

from knobs_core.base import resource

ASSETS = resource("assets")

IMPORT = re.compile(r'^import \{([\w$,\s]*)\} from "(\.{1,2}/[^"\n]+\.js)";\n', re.MULTILINE)
DEFAULT = re.compile(r"^export default ", re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async function|function|class|const|let)\b)", re.MULTILINE)
DECLARED = re.compile(
    r"^(?P<export>export )?(?:(?:async )?function\b ?\*?|class|const|let|var)\s+(?P<name>[\w$]+)", re.MULTILINE
)
STRANGE = re.compile(
    r"^\s*(?:import|export)\b.*"  # what is left of these was not understood
    r"|\bimport\s*[(.].*"
    r"|^(?:const|let|var)\s+(?:[\[{].*|[\w$]+\s*(?:=[^;\[({]*)?,.*)",  # several names in one statement
    re.MULTILINE,
)


def text(*names: str) -> str:
    """The files of these names in assets/, one after the other."""
    return "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in names)


def module(entry: str) -> str:
    """A module in assets/ with all that it imports, as one text without imports.

    Args:
        entry: name of the file, whose ``export default`` stays.

    Raises:
        ValueError: modules that import each other, declare one name twice, or do what is not understood here: anything
            but ``import { a, b } from "./c.js";`` and ``export`` before what is declared.
    """
    joined: dict[Path, str] = {}
    exports: dict[Path, set[str]] = {}
    owners: dict[str, str] = {}

    def add(file: Path, path: tuple[Path, ...]) -> None:
        name = file.relative_to(ASSETS.resolve()).as_posix()
        if file in path:
            raise ValueError(f"modules that do not import each other expected, found {name} in a circle")
        if file in joined:
            return
        source = file.read_text(encoding="utf-8")
        for names, target in IMPORT.findall(source):
            other = (file.parent / target).resolve()
            add(other, (*path, file))
            for wanted in re.split(r"[,\s]+", names.strip(", \n")):
                if wanted not in exports[other]:
                    raise ValueError(f"a name that {target} exports expected, found '{wanted}' in {name}")
        exports[file] = {found["name"] for found in DECLARED.finditer(source) if found["export"]}
        for found in DECLARED.finditer(source):
            if (owner := owners.setdefault(found["name"], name)) != name:
                raise ValueError(f"every name declared once expected, found '{found['name']}' in {owner} and in {name}")
        body = EXPORT.sub("", IMPORT.sub("", source))
        rest = body if path else DEFAULT.sub("", body)  # the entry's own default stays
        if strange := STRANGE.search(rest):
            raise ValueError(f"plain imports and exports expected, found '{strange[0].strip()}' in {name}")
        joined[file] = body.strip()

    add((ASSETS / entry).resolve(), ())
    return "\n\n".join(joined.values()) + "\n"
