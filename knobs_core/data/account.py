"""The account of a reading: what became of the rows of every table, and what looked odd.

rows = likes + duplicates + below_threshold + of_rare_items + of_users_with_few
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from knobs_core.base import clean

if TYPE_CHECKING:
    from knobs_core.data.source import Words

FEW = 0.5  # share of items with a row, or of tag rows that meet an item, below which something is odd
MOST = 0.9  # share of rows left out, from which on something is
SHOWN = 60  # characters of an id, a column or a cell in a sentence


class Account(BaseModel):
    """What was read.

    rows: of the interactions; likes, users, items: what is left of them
    value: what makes a row a like, in words; "" where every row is one
    below_threshold: rows that are no likes; duplicates: rows of a user and an item that meet again
    of_rare_items, of_users_with_few: likes left out by the minimums of items and users
    items_with_title, _year, _genres: of the items that are left
    tag_rows: of the table of tags, 0 where there is none; tag_rows_used: those that give a tag to one of the items
    tags: how many different ones are left; from_metadata: whether they are genres and decades
    unused_columns: as "items.csv: director"; repairs: what was read as something else; warnings: what looks odd, and
    what to do about it; a sentence each
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    rows: int = Field(ge=0)
    likes: int = Field(ge=0)
    users: int = Field(ge=0)
    items: int = Field(ge=0)
    value: str = ""
    below_threshold: int = Field(default=0, ge=0)
    duplicates: int = Field(default=0, ge=0)
    of_rare_items: int = Field(default=0, ge=0)
    of_users_with_few: int = Field(default=0, ge=0)
    items_with_title: int = Field(default=0, ge=0)
    items_with_year: int = Field(default=0, ge=0)
    items_with_genres: int = Field(default=0, ge=0)
    tag_rows: int = Field(default=0, ge=0)
    tag_rows_used: int = Field(default=0, ge=0)
    tags: int = Field(default=0, ge=0)
    from_metadata: bool = False
    unused_columns: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def sentences(self, words: "Words") -> list[str]:
        """What happened, in a few plain sentences without the warnings. words: what the items are called."""
        likes = f"{self.likes:,} likes of {self.users:,} people and {words.count(self.items)}"
        lines = [f"{self.rows:,} rows became {likes}{f', as {self.value}' if self.value else ''}."]
        lost = (
            (self.below_threshold, "are no likes"),
            (self.duplicates, "repeat a user and an item"),
            (self.of_rare_items, f"are likes of {words.many} with too few"),
            (self.of_users_with_few, "are likes of people with too few"),
        )
        if left := [f"{count:,} {why}" for count, why in lost if count]:
            lines.append(f"Rows left out: {', '.join(left)}.")
        titled, dated, with_genres = self.items_with_title, self.items_with_year, self.items_with_genres
        lines.append(f"Of these {words.many} {titled:,} have a title, {dated:,} a year, {with_genres:,} genres.")
        if self.from_metadata:
            lines.append(f"There is no table of tags: genres and decades serve as {self.tags:,} tags.")
        elif self.tag_rows:
            met = f"{self.tag_rows_used:,} of {self.tag_rows:,} rows of tags are about these {words.many}"
            lines.append(f"{met}; {self.tags:,} tags are left.")
        if self.unused_columns:
            lines.append(f"Columns not used: {', '.join(self.unused_columns)}.")
        return lines + [f"{sentence}." for sentence in self.repairs]


def shown(text: object) -> str:
    """A text from a file as part of a sentence: nothing that cannot be seen, and not too long."""
    cleaned = clean(str(text))
    return cleaned if len(cleaned) <= SHOWN else f"{cleaned[:SHOWN]}..."


def unmatched(ids: np.ndarray, others: np.ndarray, matched: int, table: str) -> str:
    """A warning where few ids of the items have a row in another table, with an example of both; "" where enough do.

    Args:
        ids: of the items; others: of the table; matched: how many of ``ids`` are among the others.
    """
    if matched >= FEW * len(ids) or not len(others):
        return ""
    known = set(others)
    ours = next((one for one in ids if one not in known), ids[0])
    known = set(ids)
    theirs = next((one for one in others if one not in known), None)
    start = f"{matched:,} of {len(ids):,} items have a row in the table of {table}"
    if theirs is None:
        return f"{start}, which has none for '{shown(ours)}'; add what is missing"
    zeros = {one.lstrip("0") for one in ids if one.isdigit()} & {one.lstrip("0") for one in others if one.isdigit()}
    lost = "leading zeros were lost in one of them: export the ids as text" if zeros and not matched else ""
    remedy = lost or "write the ids alike in both tables"
    return f"{start}, e.g. '{shown(ours)}' here and '{shown(theirs)}' there; {remedy}"


def most_left_out(rows: int, likes: int) -> str:
    """A warning where hardly any rows became likes; "" where enough did."""
    if likes > (1 - MOST) * rows:
        return ""
    return (
        f"only {likes:,} of {rows:,} rows became likes that are used; check data.threshold, "
        "data.min_item_interactions and data.min_user_interactions"
    )


def kept(sentences: Iterable[str]) -> tuple[str, ...]:
    """Sentences that say something, each once, without what cannot be seen."""
    return tuple(dict.fromkeys(clean(sentence).rstrip(".") for sentence in sentences if sentence))
