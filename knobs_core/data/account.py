"""The account of a reading: what became of the rows of every table, and what looked odd.

rows = likes + duplicates + below_threshold + of_rare_items + of_users_with_few
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from knobs_core.base import clean, shown

if TYPE_CHECKING:
    from knobs_core.data.source import Words

FEW = 0.5  # share of items with a row, or of tag rows that meet an item, below which something is odd
MOST = 0.9  # share of rows left out, from which on something is
COLUMNS = 12  # that a sentence names


class Account(BaseModel):
    """What was read.

    rows: of the interactions; likes, users, items: what is left of them
    value: what makes a row a like, in words; "" where every row is one
    below_threshold: rows that are no likes; duplicates: rows of a user and an item that meet again
    of_rare_items, of_users_with_few: likes left out by the minimums of items and users
    items_with_title, _year, _genres: of the items that are left; other_items: of the table of items, without a like
    tag_rows: of the table of tags, 0 where there is none; tag_rows_used: those that give a tag to one of the items
    tags: how many different ones are left; from_metadata: whether they are genres and decades
    kept_columns: of the table of items, beside titles, years, genres and pictures
    unused_columns: as "items.csv: director", with the reason behind it where one was meant to be kept
    repairs: what was read as something else; warnings: what looks odd, and what to do about it; a sentence each
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
    other_items: int = Field(default=0, ge=0)
    tag_rows: int = Field(default=0, ge=0)
    tag_rows_used: int = Field(default=0, ge=0)
    tags: int = Field(default=0, ge=0)
    from_metadata: bool = False
    kept_columns: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    unused_columns: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def sentences(self, words: "Words") -> list[str]:
        """What happened, in a few plain sentences without the warnings. words: what the items are called."""
        likes = f"{self.likes:,} likes of {self.users:,} people and {words.count(self.items)}"
        lines = [f"{self.rows:,} rows became {likes}{f', as {self.value}' if self.value else ''}."]
        lost = (
            (self.below_threshold, "as no likes"),
            (self.duplicates, "as repeats of a user and an item"),
            (self.of_rare_items, f"as likes of {words.many} with too few"),
            (self.of_users_with_few, "as likes of people with too few"),
        )
        if left := [f"{count:,} {why}" for count, why in lost if count]:
            lines.append(f"Rows left out: {', '.join(left)}.")
        named, dated, with_genres = self.items_with_title, self.items_with_year, self.items_with_genres
        known = f"Of the {words.many} only ids are known"
        if named or dated or with_genres:
            known = f"Of {words.count(self.items)} {named:,} have a name, {dated:,} a year, {with_genres:,} genres"
        others = (
            f"; {self.other_items:,} more in the table of items without a like that counts" if self.other_items else ""
        )
        lines.append(f"{known}{others}.")
        tags = f"{self.tags:,} {'tag' if self.tags == 1 else 'tags'}"
        if self.from_metadata:
            lines.append(f"There is no table of tags: genres and decades serve as {tags}.")
        elif self.tag_rows:
            met = f"{self.tag_rows_used:,} of {self.tag_rows:,} rows of tags are about these {words.many}"
            lines.append(f"{met}; {tags} {'is' if self.tags == 1 else 'are'} left.")
        for said, columns in (("Further columns kept", self.kept_columns), ("Columns not used", self.unused_columns)):
            more = len(columns) - COLUMNS
            if columns:
                lines.append(f"{said}: {', '.join([*columns[:COLUMNS], *([f'{more:,} more'] if more > 0 else [])])}.")
        return lines + [f"{sentence}." for sentence in self.repairs]


def unmatched(ids: np.ndarray, met: np.ndarray, others: np.ndarray, matched: int, of: int, what: str) -> str:
    """A warning where ids of two tables hardly meet, with an example of both; "" where they do.

    Args:
        ids: of the items; met: of all in the interactions; others: of the other table.
        matched, of, what: "3 of 40 items have a row in it", in parts.
    """
    if matched >= FEW * of or not len(others):
        return ""
    known = set(others)
    ours = next((one for one in ids if one not in known), ids[0])
    known = set(met)
    theirs = next((one for one in others if one not in known), None)
    start = f"{matched:,} of {of:,} {what}"
    if theirs is None:
        return f"{start}, which has none for '{shown(ours)}'; add what is missing"
    zeros = {one.lstrip("0") for one in ids if one.isdigit()} & {one.lstrip("0") for one in others if one.isdigit()}
    lost = "leading zeros were lost in one of them: export the ids as text" if zeros and not matched else ""
    remedy = lost or "write the ids alike in both tables"
    return f"{start}, e.g. '{shown(ours)}' in the interactions and '{shown(theirs)}' there; {remedy}"


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
