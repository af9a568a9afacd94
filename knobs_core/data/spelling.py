"""How ids and tags are read, so that two tables that mean the same say the same: text is composed and stripped, whole
numbers lose a '.0' that a missing value once gave them, and spellings of a tag are one tag."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from knobs_core.base import DataError, clean, folded, lowered, shown

MISSING_IDS = ("", "nan", "NaN")  # what an export leaves behind where an id was missing
WHOLE = r"-?(0|[1-9]\d*)(\.0+)?"


class Coded(NamedTuple):
    """A column of ids. codes: (n_rows,) int32, position of each row's id in the vocabulary, -1 where it is missing.

    vocabulary: distinct ids, text or numbers; repaired: whether whole numbers had lost their form, as "12.0"
    """

    codes: np.ndarray
    vocabulary: pd.Index
    repaired: bool = False

    @classmethod
    def of(cls, column: pd.Series) -> "Coded":
        """The ids of a column, as ``clean`` and ``whole`` leave them."""
        coded = cls.cleaned(column)
        if pd.api.types.is_integer_dtype(coded.vocabulary):
            return coded
        text, repaired = _whole(coded.vocabulary)
        places, vocabulary = pd.factorize(text)
        return cls(np.append(places, -1)[coded.codes].astype(np.int32), pd.Index(vocabulary, dtype=object), repaired)

    @classmethod
    def cleaned(cls, column: pd.Series) -> "Coded":
        """The ids of a column as ``clean`` leaves them; those that become equal may be there several times."""
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes, words = column.cat.codes.to_numpy(), column.cat.categories
        else:
            try:
                codes, words = pd.factorize(column)
            except TypeError as error:  # lists
                raise DataError(
                    f"one {column.name} in each row", "several things in a cell", "give each a row of its own"
                ) from error
            words = pd.Index(words)
        if pd.api.types.is_integer_dtype(words):
            return cls(codes.astype(np.int32, copy=False), words)
        return cls(codes, pd.Index([clean(text) for text in _texts(words)], dtype=object))

    def missing(self) -> np.ndarray:
        """(n_rows,) whether a row has no id, or what an export leaves behind where one was missing."""
        if pd.api.types.is_numeric_dtype(self.vocabulary):
            return self.codes < 0
        # One place more, so that the code -1 finds it at the end.
        return np.append(self.vocabulary.isin(MISSING_IDS), True)[self.codes]

    def keep(self, rows: np.ndarray) -> "Coded":
        """The ids of some rows."""
        return self._replace(codes=self.codes[rows])

    def sorted(self) -> "Coded":
        """The same ids with a vocabulary of those that occur: in the order of numbers where all are, else of text."""
        present = np.flatnonzero(np.bincount(self.codes, minlength=len(self.vocabulary)))
        ids = self.vocabulary[present]
        try:
            numbers = ids.astype("int64")
            plain = bool((numbers.astype("str") == ids.astype("str")).all())  # "007" is text
        except (ValueError, TypeError, OverflowError):
            plain = False
        ranks, _ = pd.factorize(numbers if plain else ids, sort=True)
        rank_of = np.empty(len(self.vocabulary), np.int32)
        rank_of[present] = ranks
        return self._replace(codes=rank_of[self.codes], vocabulary=ids[np.argsort(ranks)])

    @property
    def ids(self) -> np.ndarray:
        """The vocabulary as text (n,)."""
        return self.vocabulary.astype(str).to_numpy(dtype=object)


def one_spelling(tags: Coded) -> tuple[np.ndarray, np.ndarray]:
    """Sorted names of tags, the first "", and each text's place among them; the last place is for rows without a tag.

    Texts of the same letters and digits are one tag, which goes by the spelling that most rows have.
    """
    texts = pd.DataFrame({"spelling": [lowered(text) for text in tags.ids]}, dtype=object)
    texts["rows"] = np.bincount(tags.codes[tags.codes >= 0], minlength=len(texts))
    texts["folded"] = texts["spelling"].map(folded)
    used = texts.groupby(["folded", "spelling"])["rows"].sum().reset_index("spelling")  # in alphabetical order
    most_used = used.sort_values("rows", ascending=False, kind="stable")["spelling"].groupby(level=0).first()
    called = texts["folded"].map(most_used)
    places, names = pd.factorize(np.array(["", *called, ""], object), sort=True)
    return names, places[1:]


def matched(ids: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, int]:
    """Where ids (n,) stand for other ids (m,), and how many of these differ from theirs in case.

    Case counts as long as an id is there as it is written; else it does not, where that leaves no doubt.

    Returns:
        (m,) positions among ``ids``, -1 where there is none; a number.
    """
    places = pd.Index(ids).get_indexer(others)
    left, free = np.flatnonzero(places < 0), np.setdiff1d(np.arange(len(ids)), places)
    if not len(left) or not len(free):
        return places, 0
    wanted, there = (pd.Index([lowered(one) for one in some]) for some in (others[left], ids[free]))
    once = ~there.duplicated(keep=False)
    found = there[once].get_indexer(wanted.where(~wanted.duplicated(keep=False), None))
    places[left[found >= 0]] = free[once][found[found >= 0]]
    return places, int((found >= 0).sum())


def lookalikes(ids: np.ndarray) -> str:
    """A warning where ids (n,) differ from others in case or in quotation marks alone; "" where none do."""
    alike = pd.Series([lowered(one).strip("'\"") for one in ids])
    twins = ids[alike.duplicated(keep=False)]
    if not len(twins):
        return ""
    first = ids[alike == lowered(twins[0]).strip("'\"")][:2]
    return (
        f"{len(twins):,} ids differ from others in case or quotation marks alone, e.g. '{shown(first[0])}' and "
        f"'{shown(first[1])}', and count as different; write each id in one way"
    )


def exploded(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """A table with a row for each part of the cells of a column that hold several, as Parquet's lists do."""
    cells = table[column]
    if isinstance(cells.dtype, pd.CategoricalDtype) or not cells.map(_several).any():
        return table
    return table.assign(**{column: cells.map(lambda cell: list(cell) if _several(cell) else cell)}).explode(
        column, ignore_index=True
    )


def repair(column: str, table: str) -> str:
    """The sentence that says that ids of a column were repaired."""
    return f"Ids in {column} of {table} are whole numbers written as '1.0', and were read as '1'"


def other_case(n: int, table: str) -> str:
    """The sentence that says that ids of a table were found in another case; "" where none were."""
    return f"{n:,} ids of {table} are written in another case than in the interactions, and were matched" if n else ""


def _several(cell: object) -> bool:
    return isinstance(cell, list | tuple | np.ndarray)


def _texts(words: pd.Index) -> list[str]:
    """Words as text; floats that are whole numbers without their '.0'."""
    if pd.api.types.is_float_dtype(words) and (words.dropna() % 1 == 0).all():
        words = words.astype("Int64")
    return [word.decode("utf-8", "backslashreplace") if isinstance(word, bytes) else str(word) for word in words]


def _whole(ids: pd.Index) -> tuple[pd.Index, bool]:
    """Ids without the '.0' of those that are all whole numbers, and whether any had one."""
    text = ids.str
    if not len(ids) or not text.endswith(".0").any() or not text.fullmatch(WHOLE).all():
        return ids, False
    return text.replace(r"\.0+$", "", regex=True), True
