"""Interactions: who liked what, and what is known about the items. Built and validated here and nowhere else.

    Tables (as read)  --check-->  --threshold-->  --item and user minimum-->  Interactions (CSR + ids + items + tags)

Preprocessing follows the paper (section 4.1): a value of at least the threshold is a like, items with too few likes are
left out first, then users with too few.
"""

import dataclasses
import hashlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import pandas as pd
import scipy.sparse as sp

from knobs_core.base import DataError, folded, main_title, override
from knobs_core.data.metadata_tags import metadata_tags
from knobs_core.data.source import DataConfig, Source

if TYPE_CHECKING:
    from pandas.api.typing import NAType

MISSING_IDS = ("", "nan", "NaN")  # what an export leaves behind where an id was missing
ITEM_COLUMNS = {"title": "string", "year": "Int64", "genres": "string", "image_url": "string"}


@dataclasses.dataclass(frozen=True)
class Tables:
    """What a source hands over, before any filtering.

    interactions: user_id, item_id[, value][, timestamp]
    items: item_id, title[, year][, genres ("A|B")][, image_url], or None
    tags: item_id, tag[, weight][, user_id], or None
    value_name: what the file calls its column of values: "value", "rating", "label", "plays"
    unused: columns of the files that nobody reads, each as "items.csv: director"
    warnings: what looked odd while the files were read, a sentence each
    """

    interactions: pd.DataFrame
    items: pd.DataFrame | None = None
    tags: pd.DataFrame | None = None
    value_name: str = "value"
    unused: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Interactions:
    """A binary user x item matrix with names.

    matrix: (n_users, n_items) CSR float32, ones only, sorted indices
    user_ids: (n_users,) strings; item_ids: (n_items,) strings
    items: one row an item, in matrix order: title (str), year (Int64, missing allowed), genres ("A|B"), image_url (str)
    tags: one row a tag assignment: item (column of the matrix), tag (lower case), weight (how much it counts)
    source: where all this came from
    """

    matrix: sp.csr_matrix
    user_ids: np.ndarray
    item_ids: np.ndarray
    items: pd.DataFrame
    tags: pd.DataFrame
    source: Source = dataclasses.field(default_factory=Source)

    @classmethod
    def from_frames(
        cls,
        likes: pd.DataFrame,
        items: pd.DataFrame | None = None,
        tags: pd.DataFrame | None = None,
        name: str = "memory",
        **settings: object,
    ) -> "Interactions":
        """Interactions of DataFrames, checked and filtered like those of a file.

        Args:
            likes: columns user_id, item_id[, value][, timestamp], a row each.
            items: columns item_id, title[, year][, genres ("A|B")][, image_url]. Genres and decades serve as tags
                where no tags are given.
            tags: columns item_id, tag[, weight][, user_id].
            name: what the source is called.
            settings: fields of DataConfig, e.g. ``threshold=3.5``.

        Raises:
            DataError: missing columns, ids or values, duplicate rows, or nothing left after filtering.
            ConfigError: a setting that does not exist or does not fit.
        """
        config = override(DataConfig(), settings, section="data")
        if tags is None and items is not None and "item_id" in items:
            tags = metadata_tags(items)
        digest = hashlib.sha256()
        for frame in (likes, items, tags):
            if frame is not None:
                digest.update(frame.to_csv(index=False).encode())
        return build(Tables(likes, items, tags), Source(name, digest.hexdigest(), config))

    @classmethod
    def from_csr(
        cls,
        matrix: sp.csr_matrix,
        user_ids: Sequence[str] | None = None,
        item_ids: Sequence[str] | None = None,
        items: pd.DataFrame | None = None,
        tags: pd.DataFrame | None = None,
        name: str = "memory",
        **settings: object,
    ) -> "Interactions":
        """Interactions of a (n_users, n_items) sparse matrix; its values are ratings, or ones.

        Args:
            user_ids, item_ids: names of rows and columns, by default their numbers from 0.
            items, tags, name, settings: as for ``from_frames``. Values that are all 1 all count as likes.

        Raises:
            DataError, ConfigError: as ``from_frames``.
        """
        entries = sp.coo_matrix(matrix)
        users = np.arange(entries.shape[0]).astype(str) if user_ids is None else np.asarray(user_ids, object)
        columns = np.arange(entries.shape[1]).astype(str) if item_ids is None else np.asarray(item_ids, object)
        if (len(users), len(columns)) != entries.shape:
            raise DataError(
                f"{entries.shape[0]} user ids and {entries.shape[1]} item ids, as the matrix has rows and columns",
                f"{len(users)} and {len(columns)}",
                "give a name for each row and column, or leave them out",
            )
        kept = entries.data != 0
        likes = pd.DataFrame({"user_id": users[entries.row[kept]], "item_id": columns[entries.col[kept]]})
        if (entries.data[kept] != 1).any():
            likes["value"] = entries.data[kept]
        return cls.from_frames(likes, items, tags, name, **settings)

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Row of the matrix by user id."""
        return {user: row for row, user in enumerate(self.user_ids)}

    @cached_property
    def column_of(self) -> dict[str, int]:
        """Column of the matrix by item id."""
        return {item: column for column, item in enumerate(self.item_ids)}

    @property
    def n_users(self) -> int:
        """Rows of the matrix."""
        return self.matrix.shape[0]

    @property
    def n_items(self) -> int:
        """Columns of the matrix."""
        return self.matrix.shape[1]

    def detail(self, column: int) -> str:
        """What is said of an item under its title: ``"1994 · Crime · Drama"``; "" where nothing is known."""
        return item_detail(self._year(column), str(self.items["genres"].iat[column]))

    def main_title(self, column: int) -> str:
        """An item's title without the other titles that it goes by: "Hate" for "Hate (Haine, La)"."""
        return main_title(str(self.items["title"].iat[column]))

    def title_with_year(self, column: int) -> str:
        """``"Pulp Fiction (1994)"``, or the title alone where the year is not known."""
        year = year_text(self._year(column))
        return str(self.items["title"].iat[column]) + (f" ({year})" if year else "")

    def tag_matrix(self) -> tuple[list[str], sp.csr_matrix]:
        """Sorted tag names and the (n_tags, n_items) matrix of assignment counts."""
        names, rows = np.unique(self.tags["tag"].to_numpy(dtype=object).astype(str), return_inverse=True)
        counts = sp.csr_matrix(
            (self.tags["weight"].to_numpy(np.float32), (rows, self.tags["item"].to_numpy())),
            shape=(len(names), self.n_items),
        )
        return names.tolist(), counts

    def _year(self, column: int) -> "int | NAType":
        return cast("int | NAType", self.items["year"].iat[column])


def item_detail(year: "int | NAType | None", genres: str) -> str:
    """A year, which may be missing, and up to three genres of "A|B" as one line of text."""
    return " · ".join(filter(None, [year_text(year), *genres.split("|")[:3]]))


def year_text(year: "int | float | NAType | None") -> str:
    """A year as people write it: "1994", "480 BC" for -480; "" where it is missing, as it is where somebody wrote 0."""
    if pd.isna(year) or not year:
        return ""
    return f"{-year:.0f} BC" if year < 0 else f"{year:.0f}"


def build(tables: Tables, source: Source) -> Interactions:
    """Check the tables, keep the likes, drop what is too rare, and name everything.

    Ids are worked on as positions in their vocabulary (a few bytes a row), so that tens of millions of rows fit.

    Raises:
        DataError: missing columns, missing ids or values, duplicate rows, or nothing left after filtering.
    """
    config = source.config
    users, items = _likes(tables.interactions, config)
    frequent = np.bincount(items.codes)[items.codes] >= config.min_item_interactions
    users, items = users.keep(frequent), items.keep(frequent)
    frequent = np.bincount(users.codes)[users.codes] >= config.min_user_interactions
    users, items = users.keep(frequent).sorted(), items.keep(frequent).sorted()
    if not len(users.codes):
        raise DataError(
            f"users with at least {config.min_user_interactions} likes",
            "none",
            "lower --set data.min_user_interactions=N or data.min_item_interactions=N, or bring more data",
        )
    user_ids, item_ids = _as_text(users.vocabulary), _as_text(items.vocabulary)
    matrix = sp.csr_matrix(
        (np.ones(len(users.codes), np.float32), (users.codes, items.codes)), shape=(len(user_ids), len(item_ids))
    )
    matrix.sort_indices()
    item_frame = _item_frame(tables.items, item_ids)
    tag_frame = _tag_frame(tables.tags, item_ids, np.asarray(matrix.sum(0)).ravel(), config)
    return Interactions(matrix, user_ids, item_ids, item_frame, tag_frame, source)


def require_columns(there: Iterable[str], columns: tuple[str, ...], name: str) -> None:
    """Refuse a table that lacks a column, saying which columns are there."""
    there = list(there)
    missing = [column for column in columns if column not in there]
    if missing:
        raise DataError(
            f"column {', '.join(missing)} in {name}",
            f"columns {', '.join(map(str, there)) or 'none'}",
            "rename or add it",
        )


class _Coded(NamedTuple):
    """A column of ids. codes: (n_rows,) int32, position of each row's id in the vocabulary, -1 where it is missing."""

    codes: np.ndarray
    vocabulary: pd.Index

    @classmethod
    def of(cls, column: pd.Series) -> "_Coded":
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes, vocabulary = column.cat.codes.to_numpy(), column.cat.categories
        else:
            codes, vocabulary = pd.factorize(column)
            vocabulary = pd.Index(vocabulary)
        return cls(codes.astype(np.int32, copy=False), vocabulary)

    def missing(self) -> np.ndarray:
        """(n_rows,) whether a row has no id, or what an export leaves behind where one was missing."""
        if pd.api.types.is_numeric_dtype(self.vocabulary):
            return self.codes < 0
        # One place more, so that the code -1 finds it at the end.
        return np.append(self.vocabulary.isin(MISSING_IDS), True)[self.codes]

    def keep(self, rows: np.ndarray) -> "_Coded":
        return self._replace(codes=self.codes[rows])

    def sorted(self) -> "_Coded":
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
        return _Coded(rank_of[self.codes], ids[np.argsort(ranks)])


def _likes(frame: pd.DataFrame, config: DataConfig) -> tuple[_Coded, _Coded]:
    """Users and items of the rows that count as likes, after checking all rows."""
    require_columns(frame.columns, ("user_id", "item_id"), "the interactions")
    if frame.empty:
        raise DataError("at least one interaction", "an empty table", "check the export that wrote it")
    users, items = _Coded.of(frame["user_id"]), _Coded.of(frame["item_id"])
    for column, ids in (("user_id", users), ("item_id", items)):
        _refuse_rows(ids.missing(), f"a {column} in every row of the interactions")
    liked = np.ones(len(frame), bool)
    if "value" in frame:
        values = pd.to_numeric(frame["value"], errors="coerce").to_numpy(float, na_value=np.nan)
        _refuse_rows(~np.isfinite(values), "a finite number as value in every row of the interactions")
    repeated = _repeated(users, items)
    if repeated is not None:
        if config.duplicates == "refuse":
            row = frame.iloc[int(repeated.argmax())]
            raise DataError(
                "each user and item together in one row",
                f"{int(repeated.sum())} duplicate row(s), the first for user '{row.user_id}' and item '{row.item_id}'",
                "remove them, or keep the last of each with --set data.duplicates=merge",
            )
        liked &= ~repeated
    if "value" in frame:
        liked &= values >= config.threshold
        if not liked.any():
            raise DataError(
                f"values of at least {config.threshold:g}",
                f"values from {values.min():g} to {values.max():g}",
                "lower the threshold with --set data.threshold=VALUE",
            )
    return users.keep(liked), items.keep(liked)


def _repeated(users: _Coded, items: _Coded) -> np.ndarray | None:
    """(n_rows,) whether the same user and item meet again in a later row; None when no two ever do."""
    pairs = users.codes.astype(np.int64) * len(items.vocabulary) + items.codes
    ordered = np.sort(pairs)  # far less memory than a hash table, and most data have no duplicates
    if not (ordered[1:] == ordered[:-1]).any():
        return None
    return pd.Series(pairs).duplicated(keep="last").to_numpy()


def _item_frame(table: pd.DataFrame | None, item_ids: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame(index=pd.Index(item_ids, name="item_id"))
    if table is not None:
        require_columns(table.columns, ("item_id", "title"), "the items")
        table = table.assign(item_id=_as_text(table["item_id"])).drop_duplicates("item_id").set_index("item_id")
        frame = frame.join(table[[c for c in ("title", "year", "genres", "image_url") if c in table]])
    for column in ("title", "genres", "image_url"):
        frame[column] = frame[column].astype("string").fillna("") if column in frame else ""
    frame["title"] = frame["title"].mask(frame["title"].str.strip() == "", pd.Series(item_ids, frame.index))
    year = pd.to_numeric(frame["year"], errors="coerce") if "year" in frame else np.nan
    frame["year"] = pd.Series(year, index=frame.index, dtype="Float64").round()
    return frame.reset_index(drop=True).astype(ITEM_COLUMNS)[list(ITEM_COLUMNS)]


def _tag_frame(table: pd.DataFrame | None, item_ids: np.ndarray, likes: np.ndarray, config: DataConfig) -> pd.DataFrame:
    """Assignments with weights. A tag given by users counts once for each of them; one that comes from metadata or
    editors, without user or weight, counts once for each like of its item, as if those who like it had given it.
    Spellings of a word are one tag, and give it only once."""
    if table is None:
        return pd.DataFrame(
            {"item": np.array([], np.int64), "tag": np.array([], object), "weight": np.array([], np.float32)}
        )
    require_columns(table.columns, ("item_id", "tag"), "the tags")
    items, tags = _Coded.of(table["item_id"]), _Coded.of(table["tag"])
    column_of = pd.Index(item_ids).get_indexer(_as_text(items.vocabulary))
    item = np.append(column_of, -1)[items.codes]
    names, spelled = _one_spelling(tags)
    tag = spelled[tags.codes]
    if "weight" in table:
        weight = pd.to_numeric(table["weight"], errors="coerce").to_numpy(float, na_value=np.nan)
    else:
        weight = np.ones(len(tag)) if "user_id" in table else likes[item].astype(float)
    _refuse_rows(~(np.isfinite(weight) & (weight >= 0)), "a weight of at least 0 in every row of the tags")
    once = np.ones(len(tag), bool) if "weight" in table else _once(items.codes, tag, table.get("user_id"))
    given = np.bincount(tag, once, minlength=len(names))[tag]
    kept = (item >= 0) & (tag > 0) & once & (weight > 0) & (given >= config.min_tag_assignments)
    pairs, place = np.unique(tag[kept] * len(item_ids) + item[kept], return_inverse=True)
    weight = np.bincount(place, weight[kept], minlength=len(pairs)).astype(np.float32)
    tag, item = np.divmod(pairs, len(item_ids))
    wide = np.bincount(tag, minlength=len(names))[tag] >= config.min_tag_items
    return pd.DataFrame({"item": item[wide], "tag": names[tag[wide]], "weight": weight[wide]})


def _one_spelling(tags: _Coded) -> tuple[np.ndarray, np.ndarray]:
    """Sorted names of tags, the first "", and each text's place among them; the last place is for rows without a tag.

    Texts of the same letters and digits are one tag, which goes by the spelling that most rows have.
    """
    texts = pd.DataFrame({"spelling": tags.vocabulary.astype("str").str.strip().str.lower()})
    texts["rows"] = np.bincount(tags.codes[tags.codes >= 0], minlength=len(texts))
    texts["folded"] = texts["spelling"].map(folded)
    used = texts.groupby(["folded", "spelling"])["rows"].sum().reset_index("spelling")  # in alphabetical order
    most_used = used.sort_values("rows", ascending=False, kind="stable")["spelling"].groupby(level=0).first()
    called = texts["folded"].map(most_used)
    places, names = pd.factorize(np.array(["", *called, ""], object), sort=True)
    return names, places[1:]


def _once(items: np.ndarray, tag: np.ndarray, user: pd.Series | None) -> np.ndarray:
    """(n_rows,) whether nobody has given the row's item its tag in a row before; rows without a user all count."""
    rows = pd.DataFrame({"item": items, "tag": tag})
    if user is None:
        return ~rows.duplicated().to_numpy()
    rows["user"] = _Coded.of(user).codes
    return (~rows.duplicated() | (rows["user"] < 0)).to_numpy()


def _refuse_rows(bad: np.ndarray, expected: str) -> None:
    if bad.any():
        first = int(bad.argmax()) + 1
        raise DataError(
            expected, f"none in {int(bad.sum())} row(s), the first is row {first}", "correct or remove them"
        )


def _as_text(ids: pd.Series | pd.Index | np.ndarray) -> np.ndarray:
    """Ids as strings; whole numbers that a missing value once turned into floats lose their '.0' again."""
    column = pd.Series(ids)
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return column.astype(str).to_numpy(dtype=object)
