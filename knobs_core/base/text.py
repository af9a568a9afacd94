"""Small things about text: JSON, the nearest known words, names that can be part of a path, what spellings share, and
what has to be done to a stranger's text before people see it or a spreadsheet opens it."""

import difflib
import json
import math
import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

SMALL = frozenset(
    ("a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "nor", "of", "on", "or", "the", "to", "vs", "with")
)
ACCENTS = re.compile("[\u0300-\u036f]")  # Unicode's combining diacritical marks
ENDING = re.compile(
    r"(\.(csv|tsv|txt|jsonl|parquet))?(\.(zip|tgz|tar|(tar\.)?(gz|bz2|xz)))?$", re.IGNORECASE
)  # of data
BREAKS = re.compile(r"[\t-\r\x1c-\x1f\x85\u2028\u2029]+")  # what ends a line or jumps within it
HIDDEN = re.compile(  # other controls, what turns the direction of text, and what is no character
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]"
)
FORMULA = re.compile(r"'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")  # how a cell begins that a spreadsheet works out
NUMBER = re.compile(r"-?\d+(\.\d+)?")
WIDTHLESS = re.compile("[\u200b\u2060\ufeff]")  # spaces without any room
LETTERS = str.maketrans(  # that no decomposition turns into those of a keyboard
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "\u0131": "i"}
)


def nearest(name: str, known: Iterable[str], n: int = 3) -> str:
    """Phrase that names the ``n`` known words closest to ``name``, for the remedy of an unknown name."""
    known = list(known)
    wanted, bare = _bare(name), {_bare(word): word for word in known}
    close = difflib.get_close_matches(wanted, bare, n=n, cutoff=0.5)
    close += [word for word in bare if wanted in word and word not in close][: n - len(close)]
    quoted = ", ".join(f"'{bare[word]}'" for word in close) or ", ".join(f"'{word}'" for word in known[:n])
    return f"did you mean {quoted}?" if close else f"choose one such as {quoted}" if known else "there are none"


def capital(text: str) -> str:
    """A text with its first letter in upper case, and the others as they are: "TV series" keeps both."""
    return text[:1].upper() + text[1:]


def clean(text: str) -> str:
    """A text as it may be kept and compared: composed (NFC), ``visible``, single spaces, none around it and none
    without width. Joiners stay: scripts and emoji need them."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip(" ")
    seen = WIDTHLESS.sub("", visible(" ".join(text.split())))
    return " ".join(unicodedata.normalize("NFC", seen).split())


def lowered(text: str) -> str:
    """A text in lower case; of a Turkish dotted capital I, no dot is left over."""
    return text.lower().replace("i\u0307", "i")


def searchable(text: str) -> str:
    """What a name and what is typed to find it share: lower case without accents, words between single spaces.

    The browser follows the same rule: ``fold`` in ``assets/shared/find.js``.
    """
    bare = "".join(one for one in unicodedata.normalize("NFKD", text) if unicodedata.category(one)[0] != "M")
    bare = re.sub("['\u2019`]", "", bare.lower().translate(LETTERS)).replace("&", " and ")
    words = "".join(one if unicodedata.category(one)[0] in "LN" else " " for one in bare).split()
    return " ".join(words[1:] if len(words) > 1 and words[0] in ("the", "a", "an") else words)


def _bare(text: str) -> str:
    """A text in lower case without accents, all else as it is."""
    return ACCENTS.sub("", unicodedata.normalize("NFKD", text.lower()))


def folded(text: str) -> str:
    """What different spellings of a word share: "Sci-Fi", "sci fi" and "scifi" all become "scifi".

    Unicode's NFKD without accents, in one case, and of that letters and digits alone. Marks stay where they are more
    than an accent, as the vowels of many scripts. A text without any letter or digit is only stripped.
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = "".join(one for one in decomposed if unicodedata.category(one)[0] in "LNM" and not ACCENTS.match(one))
    return kept or text.strip()


def title_case(name: str) -> str:
    """A name as a heading, "based on a true story" as "Based on a True Story"; words with capitals stay as they are."""
    words = re.split("([^\\W_][\\w'\u2019]*)", name)  # words at odd places, what is between them at even ones
    last = len(words) - 2
    for i in range(1, len(words), 2):
        inside = i not in (1, last) and words[i] in SMALL and words[i - 1] == " "
        if words[i].islower() and not inside:
            words[i] = words[i][0].upper() + words[i][1:]
    return "".join(words)


def slug(name: str) -> str:
    """A name as part of a path: the last part of a path without its ending, ``data/ml-1m.zip`` becomes ``ml-1m``.

    Letters, digits, ``-``, ``_`` and ``.`` stay; anything else becomes ``-``. Never empty.
    """
    last = PurePath(name.replace("\\", "/")).name
    stem = ENDING.sub("", last)
    return re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", stem)).strip("-.") or "data"


def main_title(title: str) -> str:
    """A title without the other titles in parentheses behind it: "Hate (Haine, La)" becomes "Hate".

    Parentheses that belong to it stay: "(500) Days of Summer", "Birdman: Or (The Unexpected Virtue of Ignorance)".
    """
    main = re.sub(r"(\s+\([^()]*\))+\s*$", "", title)
    return title if not main.strip() or re.search(r"(:|\b(and|of|or|the))$", main, re.IGNORECASE) else main


def visible(text: str) -> str:
    """A text without what cannot be seen and yet does something: control characters, which drive a terminal and which
    XML forbids, and those that turn the direction of what stands beside them. Line breaks become spaces."""
    return HIDDEN.sub("", BREAKS.sub(" ", text))


def shown(text: object, most: int = 200) -> str:
    """A stranger's text as part of a sentence: ``clean``, and at most so many characters of it."""
    seen = clean(str(text))
    return seen if len(seen) <= most else f"{seen[: most - 1]}\u2026"


def reason(error: BaseException) -> str:
    """What an error says, as far as a message repeats it: its first line, or its name where it says nothing."""
    lines = [line for line in (getattr(error, "strerror", None) or str(error)).splitlines() if line.strip()]
    return shown(lines[0]) if lines else type(error).__name__


def quoted(text: str, most: int = 40) -> str:
    """A stranger's text as a message repeats it: in quotation marks, visible, and at most so many characters of it."""
    seen = visible(text[: 4 * most]).strip()
    return f"'{seen}'" if len(seen) <= most and len(text) <= 4 * most else f"'{seen[:most]}\u2026'"


def defused(cell: str) -> str:
    """A text that no spreadsheet takes for a formula: one that looks like it stands behind an apostrophe. A number
    stays as it is. ``armed`` is the way back."""
    return f"'{cell}" if FORMULA.match(cell) and not NUMBER.fullmatch(cell) else cell


def armed(cell: str) -> str:
    """The text that ``defused`` made safe, as it was."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell


def as_json_text(document: Any) -> str:
    """A document as JSON. It knows no NaN: what nobody can know is null. What cannot be seen stands there escaped."""
    text = json.dumps(_known(document), ensure_ascii=False, indent=2, allow_nan=False)
    return HIDDEN.sub(lambda one: one[0] if one[0] == "\n" else f"\\u{ord(one[0]):04x}", text)


def _known(value: Any) -> Any:
    """The same document with None for every number that is not finite."""
    if isinstance(value, dict):
        return {key: _known(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_known(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
