"""Interactions: who liked what, and what is known about the items. Built and validated here and nowhere else.

    Tables (as read)  --check-->  --threshold-->  --item and user minimum-->  Interactions (CSR + ids + items + tags)

Preprocessing follows the paper (section 4.1): a value of at least the threshold is a like, items with too few likes are
left out first, then users with too few.
"""

import dataclasses
import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, NoReturn, cast

import numpy as np
import pandas as pd
import scipy.sparse as sp

from knobs_core.base import DataError, clean, lowered, main_title, override, shown
from knobs_core.data.account import Account, kept, most_left_out
from knobs_core.data.checks import refuse_rows, require_columns
from knobs_core.data.columns import DESCRIPTION, ITEM_COLUMNS, groups
from knobs_core.data.items import describe
from knobs_core.data.metadata_tags import metadata_tags
from knobs_core.data.source import DataConfig, Prepared, Source
from knobs_core.data.spelling import Coded, lookalikes, repair
from knobs_core.data.tags import tagging
from knobs_core.data.values import RATING, Meaning, meaning, numbers, value_column

__all__ = ["Interactions", "Tables", "build", "item_detail", "require_columns", "year_text"]

IDS_NEEDED = tuple(f"{column} in every row of the interactions" for column in ("a user_id", "an item_id"))

if TYPE_CHECKING:
    from pandas.api.typing import NAType


@dataclasses.dataclass(frozen=True)
class Tables:
    """What a source hands over, before any filtering.

    interactions: user_id, item_id[, value][, timestamp]
    items: item_id, title[, year][, genres ("A|B")][, image_url][, further columns], or None
    tags: item_id, tag[, weight][, user_id], or None
    value_name: what the file calls its column of values: "value", "rating", "label", "plays"
    unused: columns of the files that nobody reads, each as "items.csv: director"
    warnings: what looked odd while the files were read, a sentence each
    items_name: the file of the items
    """

    interactions: pd.DataFrame
    items: pd.DataFrame | None = None
    tags: pd.DataFrame | None = None
    value_name: str = "value"
    unused: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    items_name: str = "items"


@dataclasses.dataclass(frozen=True)
class Interactions:
    """A binary user x item matrix with names.

    matrix: (n_users, n_items) CSR float32, ones only, sorted indices
    user_ids: (n_users,) strings; item_ids: (n_items,) strings
    items: one row an item, in matrix order: title (str), year (Int64, missing allowed), genres ("A|B"), image_url
        (str), and further columns (str, "A|B" where a cell holds several values)
    tags: one row a tag assignment: item (column of the matrix), tag (lower case), weight (how much it counts)
    source: where all this came from, with the threshold that was used
    account: what was read, and what became of it; None where nobody has said so
    prepared: the folder that likes and users' ids are mapped from; None where they are in memory
    """

    matrix: sp.csr_matrix
    user_ids: np.ndarray
    item_ids: np.ndarray
    items: pd.DataFrame
    tags: pd.DataFrame
    source: Source = dataclasses.field(default_factory=Source)
    account: Account | None = None
    prepared: Prepared | None = None

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
            likes: columns user_id, item_id[, value][, timestamp], a row each; for value also rating, label, plays, ...
            items: columns item_id, title[, year][, genres ("A|B")][, image_url][, further ones]. Genres and decades
                serve as tags where no tags are given.
            tags: columns item_id, tag[, weight][, user_id].
            name: what the source is called.
            settings: fields of DataConfig, e.g. ``threshold=3.5``.

        Raises:
            DataError: missing columns, ids or values, duplicate rows, or nothing left after filtering.
            ConfigError: a setting that does not exist or does not fit.
        """
        config = override(DataConfig(), settings, section="data")
        digest = hashlib.sha256()
        for frame in (likes, items, tags):
            if frame is not None:
                digest.update(frame.to_csv(index=False).encode("utf-8", "surrogatepass"))
        value = value_column(map(str, likes.columns), "the likes") or "value"
        return build(
            Tables(likes.rename(columns={value: "value"}), items, tags, value), Source(name, digest.hexdigest(), config)
        )

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

    def row(self, user_id: str) -> int | None:
        """Row of a user by an id in whatever case and way of Unicode; None where there is none, or several."""
        row = self.row_of.get(user_id, self.row_of.get(clean(user_id)))
        return self._row_in_case.get(lowered(clean(user_id))) if row is None else row

    def column(self, item_id: str) -> int | None:
        """Column of an item by an id in whatever case and way of Unicode; None where there is none, or several."""
        column = self.column_of.get(item_id, self.column_of.get(clean(item_id)))
        return self._column_in_case.get(lowered(clean(item_id))) if column is None else column

    @cached_property
    def _row_in_case(self) -> dict[str, int]:
        return _in_lower_case(self.user_ids)

    @cached_property
    def _column_in_case(self) -> dict[str, int]:
        return _in_lower_case(self.item_ids)

    @cached_property
    def grouping(self) -> tuple[str, ...]:
        """Further columns of the items that lists can be ruled by: those in which at least two items share a value."""
        others = [name for name in self.items if name not in (*ITEM_COLUMNS, DESCRIPTION)]
        return tuple(str(name) for name in others if groups(self.items[name]))

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


def _in_lower_case(ids: np.ndarray) -> dict[str, int]:
    """{id in lower case: its place} of ids (n,) that differ from all others in more than case."""
    names = pd.Index([lowered(one) for one in ids])
    places = np.flatnonzero(~names.duplicated(keep=False))
    return dict(zip(names[places], places.tolist(), strict=True))


def item_detail(year: "int | NAType | None", genres: str) -> str:
    """A year, which may be missing, and up to three genres of "A|B" as one line of text."""
    return " · ".join(filter(None, [year_text(year), *genres.split("|")[:3]]))


def year_text(year: "int | float | NAType | None") -> str:
    """A year as people write it: "1994", "480 BC" for -480; "" where it is missing, as it is where somebody wrote 0."""
    if pd.isna(year) or not year:
        return ""
    return f"{-year:.0f} BC" if year < 0 else f"{year:.0f}"


def build(tables: Tables, source: Source) -> Interactions:
    """Check the tables, keep the likes, drop what is too rare, name everything, and give an account of it.

    Ids are worked on as positions in their vocabulary (a few bytes a row), so that tens of millions of rows fit.

    Raises:
        DataError: missing columns, missing ids or values, duplicate rows, or nothing left after filtering.
    """
    config = source.config
    users, items, read = _likes(tables, config)
    met = items.ids
    frequent = np.bincount(items.codes)[items.codes] >= config.min_item_interactions
    users, items, n_frequent = users.keep(frequent), items.keep(frequent), int(frequent.sum())
    frequent = np.bincount(users.codes)[users.codes] >= config.min_user_interactions
    users, items = users.keep(frequent).sorted(), items.keep(frequent).sorted()
    if not len(users.codes) or len(items.vocabulary) < 2:
        raise too_little(read, config)
    matrix = sp.csr_matrix(
        (np.ones(len(users.codes), np.float32), (users.codes, items.codes)),
        shape=(len(users.vocabulary), len(items.vocabulary)),
    )
    matrix.sort_indices()
    left = Left(n_frequent, len(users.codes), matrix.shape[0], items.ids, np.asarray(matrix.sum(0)).ravel(), met)
    return Interactions(matrix, users.ids, items.ids, *described(tables, source, read, left))


class Read(NamedTuple):
    """What the rows of a table of likes hold, and which of them are likes.

    rows: of the table; likes: of these, with ``users`` users and ``items`` items
    threshold: from which value on a row is a like; said: that in words, "" where every row is one
    below: rows that are none; repeated: rows of a user and an item that meet again
    """

    rows: int
    likes: int
    users: int
    items: int
    threshold: float
    said: str
    below: int
    repeated: int
    repairs: list[str]
    warnings: list[str]


class Left(NamedTuple):
    """What the minimums leave of the likes. frequent: likes of items with enough; likes: of these, of users with enough

    users: how many; item_ids, item_likes: (n_items,) items in order, and their likes; met: ids of all items in the rows
    """

    frequent: int
    likes: int
    users: int
    item_ids: np.ndarray
    item_likes: np.ndarray
    met: np.ndarray


def described(
    tables: Tables, source: Source, read: Read, left: Left
) -> tuple[pd.DataFrame, pd.DataFrame, Source, Account]:
    """What is known of the items that are left, their tags, the source with the threshold that was used, the account.

    Args:
        tables: those of items and tags; its interactions are not looked at.
    """
    config, met = source.config, left.met
    known = describe(tables.items, left.item_ids, met)
    table, from_metadata = tables.tags, False
    if table is None and tables.items is not None:
        table, from_metadata = metadata_tags(tables.items), True
    tagged = tagging(table, left.item_ids, left.item_likes, config, met)
    empty = tables.tags is not None and tables.tags.empty
    account = Account(
        rows=read.rows,
        likes=left.likes,
        users=left.users,
        items=len(left.item_ids),
        value=read.said,
        below_threshold=read.below,
        duplicates=read.repeated,
        of_rare_items=read.likes - left.frequent,
        of_users_with_few=left.frequent - left.likes,
        items_with_title=known.titled,
        items_with_year=int(known.frame["year"].fillna(0).ne(0).sum()),
        items_with_genres=int((known.frame["genres"] != "").sum()),
        other_items=known.others,
        tag_rows=0 if from_metadata else tagged.rows,
        tag_rows_used=0 if from_metadata else tagged.used,
        tags=tagged.frame["tag"].nunique(),
        from_metadata=from_metadata and bool(len(tagged.frame)),
        kept_columns=tuple(known.columns),
        unused_columns=kept(map(shown, (*tables.unused, *(f"{tables.items_name}: {one}" for one in known.unused)))),
        repairs=kept([*read.repairs, *known.repairs, *([] if from_metadata else tagged.repairs)]),
        warnings=kept(
            [
                *tables.warnings,
                *read.warnings,
                most_left_out(read.rows, left.likes),
                *known.warnings,
                "the table of tags is empty; without it, genres and decades serve as tags" if empty else "",
                "" if from_metadata else tagged.unmet,
                *tagged.warnings,
            ]
        ),
    )
    source = dataclasses.replace(source, config=dataclasses.replace(config, threshold=read.threshold))
    return known.frame, tagged.frame, source, account


def too_little(read: Read, config: DataConfig) -> DataError:
    """What is said where nothing can be learned from what the minimums leave."""
    said = f" ({read.said}; {read.below:,} other rows are none)" if read.below else ""
    if read.items < 2:
        return DataError(
            f"users with at least {config.min_user_interactions} likes, and at least 2 items",
            f"{read.likes:,} likes of 1 item{said}",
            read.warnings[0] or "bring more data",
        )
    minimums = {"min_user_interactions": 2, "min_item_interactions": 1}
    lower = [f"data.{name}=N" for name, least in minimums.items() if getattr(config, name) > least]
    remedy = f"lower --set {' or '.join(lower)}, or bring more data" if lower else "bring more data"
    return DataError(
        f"users with at least {config.min_user_interactions} likes of items with at least "
        f"{config.min_item_interactions}, and two such items",
        f"none among {read.likes:,} likes of {read.users:,} users{said}",
        read.warnings[0] or remedy,
    )


def nothing_read() -> DataError:
    """What is said of a table of likes without rows."""
    return DataError("at least one interaction", "an empty table", "check the export that wrote it")


def value_expected(name: str) -> tuple[str, str]:
    """What every row needs as its value, whose column has this name, and the remedy where one has not."""
    return (
        f"a finite number as {shown(name)} in every row of the interactions",
        "correct or remove them, or leave the column out: then every row is a like",
    )


def refuse_repeated(n: int, user: object, item: object) -> NoReturn:
    """Refuse n rows of a user and an item that meet again, the first of them with these ids."""
    raise DataError(
        "each user and item together in one row",
        f"{n} duplicate row(s), the first for user '{shown(user)}' and item '{shown(item)}'",
        "remove them, or keep the last of each with --set data.duplicates=merge",
    )


def _likes(tables: Tables, config: DataConfig) -> tuple[Coded, Coded, Read]:
    """Users and items of the rows that count as likes, after checking all rows, and what was read."""
    frame = tables.interactions
    require_columns(frame.columns, ("user_id", "item_id"), "the interactions")
    if frame.empty:
        raise nothing_read()
    users, items = Coded.of(frame["user_id"]), Coded.of(frame["item_id"])
    for needed, ids in zip(IDS_NEEDED, (users, items), strict=True):
        refuse_rows(ids.missing(), needed)
    means = Meaning(np.ones(len(frame), bool), RATING if config.threshold is None else config.threshold, "")
    if "value" in frame:
        values = numbers(frame["value"])
        expected, remedy = value_expected(tables.value_name)
        refuse_rows(~np.isfinite(values), expected, frame["value"], remedy)
    repeated = _repeated(users, items)
    if repeated.any() and config.duplicates == "refuse":
        first = int(repeated.argmax())
        refuse_repeated(int(repeated.sum()), *(ids.vocabulary[ids.codes[first]] for ids in (users, items)))
    if "value" in frame:
        means = meaning(values, shown(tables.value_name), config.threshold)
    liked = means.liked & ~repeated
    repairs = [
        repair(name, "the interactions") for name, ids in (("user_id", users), ("item_id", items)) if ids.repaired
    ]
    warnings = [means.warning, *(lookalikes(ids.ids) for ids in (users, items) if ids.vocabulary.dtype == object)]
    users, items = users.keep(liked), items.keep(liked)
    read = Read(
        len(frame),
        int(liked.sum()),
        int(np.count_nonzero(np.bincount(users.codes))),
        int(np.count_nonzero(np.bincount(items.codes))),
        means.threshold,
        means.said,
        int((~means.liked & ~repeated).sum()),
        int(repeated.sum()),
        repairs,
        warnings,
    )
    return users, items, read


def _repeated(users: Coded, items: Coded) -> np.ndarray:
    """(n_rows,) whether the same user and item meet again in a later row."""
    pairs = users.codes.astype(np.int64) * len(items.vocabulary) + items.codes
    ordered = np.sort(pairs)  # far less memory than a hash table, and most data have no duplicates
    if not (ordered[1:] == ordered[:-1]).any():
        return np.zeros(len(pairs), bool)
    return pd.Series(pairs).duplicated(keep="last").to_numpy()
