"""Small things about text: the nearest known words, names that can be part of a path, and what spellings share."""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePath

SMALL = frozenset(
    ("a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "nor", "of", "on", "or", "the", "to", "vs", "with")
)
ACCENTS = re.compile("[\u0300-\u036f]")  # Unicode's combining diacritical marks
UNSEEN = ("Cc", "Cs")  # categories of Unicode: control characters, halves of others
MARKS = frozenset(  # that turn the direction of what follows, or take no room at all
    "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
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
    """A text as it may be shown and compared: composed (NFC), single spaces, none around it, nothing unseen.

    Left out are control characters, which would speak to a terminal, marks that turn the direction of what follows, and
    spaces without width. Joiners stay: scripts and emoji need them.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip(" ")
    spaced = " ".join(text.split())  # of all of Unicode's spaces, and line breaks, which are control characters
    seen = (one for one in spaced if one not in MARKS and unicodedata.category(one) not in UNSEEN)
    return " ".join(unicodedata.normalize("NFC", "".join(seen)).split())


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
    stem = re.sub(r"\.(zip|tar\.gz|tgz|tar)$", "", last, flags=re.IGNORECASE)
    return re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", stem)).strip("-.") or "data"


def main_title(title: str) -> str:
    """A title without the other titles in parentheses behind it: "Hate (Haine, La)" becomes "Hate".

    Parentheses that belong to it stay: "(500) Days of Summer", "Birdman: Or (The Unexpected Virtue of Ignorance)".
    """
    main = re.sub(r"(\s+\([^()]*\))+\s*$", "", title)
    return title if not main.strip() or re.search(r"(:|\b(and|of|or|the))$", main, re.IGNORECASE) else main
