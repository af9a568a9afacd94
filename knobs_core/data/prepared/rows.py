"""Rows of likes on their way to the engine: ids as ``Coded`` leaves them, values as numbers, and what is noticed.

What a loader knows only once it has seen all rows is known here at the end. Where this changes how ids or values are
read (whole numbers written as "1.0"; words in place of numbers), the rows are read once more, in the way they need.
"""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from knobs_core.base import DataError
from knobs_core.data.checks import refuse_some
from knobs_core.data.interactions import IDS_NEEDED, nothing_read, value_expected
from knobs_core.data.sources.pieces import NoNumbersError, Pieces
from knobs_core.data.sources.tables import is_text
from knobs_core.data.spelling import MISSING_IDS, WHOLE, Coded
from knobs_core.data.values import ONCE, RATING, SIGNS, numbers

WORDS = pa.dictionary(pa.int32(), pa.string())
ENDING = r"\.0+$"


@dataclasses.dataclass
class Ids:
    """A column of ids. kind: int64, or WORDS for all else; floats: whether they were numbers with a fraction

    whole, dotted: whether all so far are whole numbers as text, and whether one of them ended in ".0"
    bare: whether to leave that ending out; missing, first: rows without an id, and the first of them
    """

    name: str
    kind: pa.DataType | None = None
    floats: bool = False
    whole: bool = True
    dotted: bool = False
    bare: bool = False
    missing: int = 0
    first: int = -1

    @property
    def is_text(self) -> bool:
        """Whether ids are text."""
        return self.kind == WORDS

    @property
    def repaired(self) -> bool:
        """Whether ids have to lose, or have lost, a ".0" that a missing value once gave them."""
        return self.whole and self.dotted

    def read(self, column: pa.ChunkedArray, n_before: int) -> pa.Array:
        """Ids (n_rows,) of a piece; n_before: rows before it."""
        found = pa.types.is_integer(column.type) and not pa.types.is_uint64(column.type)
        kind = pa.int64() if found else WORDS
        if self.kind not in (None, kind):
            raise DataError(
                f"{self.name} of one kind in all files", "numbers in some and text in others", "write them alike"
            )
        self.kind = kind
        ids = column.combine_chunks().cast(kind) if found else self._words(column)
        without = ids.is_null().to_numpy(zero_copy_only=False)
        if without.any():
            self.first = n_before + int(without.argmax()) if self.first < 0 else self.first
            self.missing += int(without.sum())
        return ids

    def _words(self, column: pa.ChunkedArray) -> pa.Array:
        if pa.types.is_floating(column.type):
            self.floats = True
            codes, found = pd.factorize(column.to_numpy())
            words = pa.array([str(number) for number in found], pa.string())
        elif is_text(column.type):
            coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
            whole = coded.combine_chunks()
            codes, words = whole.indices.fill_null(-1).to_numpy(), whole.dictionary.cast(pa.string())
        else:
            codes, words = None, None
        if words is None or not _plain(words):
            coded = Coded.cleaned(column.to_pandas().rename(self.name))
            codes, words = coded.codes, pa.array(coded.vocabulary, pa.string())
        self.whole = self.whole and pc.all(pc.match_substring_regex(words, f"^(?:{WHOLE})$")).as_py() is not False
        self.dotted = self.dotted or (self.whole and bool(pc.any(pc.ends_with(words, ".0")).as_py()))
        if self.bare:
            words = pc.replace_substring_regex(words, ENDING, "")
        gone = pc.is_in(words, pa.array(MISSING_IDS))
        none = np.append(gone.to_numpy(zero_copy_only=False), True)[codes]
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=none), words)


@dataclasses.dataclass
class Values:
    """What is noticed of values. low, high: of all; signs: whether all are among SIGNS; at_least: {least: how many are}

    odd: rows without a finite number, first: the first of them, cell: what stands there
    """

    threshold: float | None
    low: float = np.inf
    high: float = -np.inf
    signs: bool = True
    at_least: dict[float, int] = dataclasses.field(default_factory=dict)
    odd: int = 0
    first: int = -1
    cell: str = ""

    def read(self, column: pa.ChunkedArray, n_before: int) -> np.ndarray:
        """Values (n_rows,) of a piece; n_before: rows before it."""
        cells = column.to_pandas()
        values = numbers(cells)
        odd = ~np.isfinite(values)
        if odd.any():
            if self.first < 0:
                at = int(odd.argmax())
                self.first = n_before + at
                self.cell = "" if pd.isna(cells.iat[at]) else str(cells.iat[at])
            self.odd += int(odd.sum())
        elif len(values):
            self.low, self.high = min(self.low, float(values.min())), max(self.high, float(values.max()))
            self.signs = self.signs and bool(np.isin(values, SIGNS).all())
            for least in {ONCE, RATING, ONCE if self.threshold is None else self.threshold}:
                self.at_least[least] = self.at_least.get(least, 0) + int((values >= least).sum())
        return values


class Rows:
    """All rows of likes, once.

    Args:
        pieces: where they are; value_name: what the column of values is called; threshold: where somebody set one
        text: whether values are read as text; bare: columns of ids that lose the ending ".0"

    n: rows so far
    """

    def __init__(
        self,
        pieces: Pieces,
        value_name: str,
        threshold: float | None,
        text: bool = False,
        bare: frozenset[str] = frozenset(),
    ):
        self._pieces, self._value_name, self._text = pieces, value_name, text
        self.users, self.items = (Ids(name, bare=name in bare) for name in ("user_id", "item_id"))
        self.values = Values(threshold)
        self.n = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """user_id, item_id, value (1 where there is none) and row, from 0.

        Raises:
            DataError, NoNumbersError: see ``Pieces.likes``.
        """
        for piece in self._pieces.likes(not self._text):
            if not len(piece):
                continue
            ids = [column.read(piece[column.name], self.n) for column in (self.users, self.items)]
            there = "value" in piece.column_names
            values = self.values.read(piece["value"], self.n) if there else np.ones(len(piece))
            rows = np.arange(self.n, self.n + len(piece))
            self.n += len(piece)
            yield pa.record_batch([*ids, pa.array(values), pa.array(rows)], ["user_id", "item_id", "value", "row"])

    def check(self) -> None:
        """Refuse rows without ids or values, as the loader does.

        Raises:
            DataError: there are some, or no rows at all.
        """
        if not self.n:
            raise nothing_read()
        for needed, ids in zip(IDS_NEEDED, (self.users, self.items), strict=True):
            if ids.missing:
                refuse_some(ids.missing, ids.first, needed)
        if self.values.odd:
            expected, remedy = value_expected(self._value_name)
            refuse_some(self.values.odd, self.values.first, expected, self.values.cell, remedy)

    def again(self, failure: BaseException | None) -> "Rows | None":
        """The rows in the way they turned out to need, or None where this was it. failure: what stopped the reading."""
        bare = frozenset(ids.name for ids in (self.users, self.items) if ids.repaired)
        done = frozenset(ids.name for ids in (self.users, self.items) if ids.bare)
        text = self._text or isinstance(failure, NoNumbersError)
        if text == self._text and (failure or bare <= done):
            return None
        keep = bare if not failure else done
        return Rows(self._pieces, self._value_name, self.values.threshold, text, keep)


def _plain(words: pa.Array) -> bool:
    """Whether texts are as ``clean`` would leave them, as far as can be seen without looking at each by itself."""
    fine = pc.and_(pc.string_is_ascii(words), pc.or_(pc.ascii_is_printable(words), pc.equal(words, "")))
    odd = pc.match_substring_regex(words, "^ |  | $")
    return bool(pc.all(fine).as_py()) and not pc.any(odd).as_py()
