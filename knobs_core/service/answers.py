"""What the server answers: one model for the answer, its description in OpenAPI, and what the client returns.

A field that a later version adds is passed over by an older client.
"""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class RecipeEntry(Answer):
    """A recipe that is on air."""

    slug: str
    headline: str
    about: str
    version: int = Field(description="Of the recipe, counted from 1.")
    length: int = Field(description="Rows of its lists, at most.")
    times: str = Field(description="When it is on air, in its editor's own time.")
    valid_from: datetime | None
    valid_to: datetime | None


class Recipes(Answer):
    """All recipes that are on air, by slug."""

    recipes: list[RecipeEntry]


class RecipeDetail(RecipeEntry):
    """A recipe that is on air, with its editor's notes to items."""

    notes: dict[str, str] = Field(description="Sentences by item id.")


class ListRow(Answer):
    """A row of a list."""

    rank: int = Field(description="From 1.")
    item_id: str
    title: str
    score: float | None = Field(description="That ranks it among its reader's; none for a pin.")
    reason: str = Field(description="What put it there: a dial, 'own taste', 'pin', 'the dials'; then the quota.")
    note: str = Field(description="The editor's, or empty.")
    why: str = Field(default="", description="Why it is there, in a sentence; empty unless notes were asked for.")


class ReaderList(Answer):
    """One reader's list."""

    list_id: str = Field(description="Names this list; send it back with a click.")
    slug: str = Field(description="Of the recipe; empty for a list by dials alone.")
    headline: str
    version: int | None = Field(description="Of the recipe; none for a list by dials alone.")
    rules: bool = Field(description="Whether the recipe holds; without it this is the reader's own list.")
    bundle: str
    reader: str | None = Field(description="None for somebody described by items.")
    arm: str = Field(description="Of a comparison, or empty for the recipe itself.")
    fallback: bool = Field(description="Whether this is a newcomer's list, as the reader is not in the data.")
    rows: list[ListRow]
    stamp: dict[str, Any] = Field(description="Makes the same list again: knobs replay.")


class Lists(Answer):
    """Lists of several readers, in the order in which they were asked for."""

    lists: list[ReaderList]


class KnobFound(Answer):
    """A knob that can be turned by its key or its name."""

    key: str
    name: str
    kind: str = Field(description="concept, decade, neuron, item or mixture.")
    verdict: str = Field(description="Whether it was seen to do what it says; empty where that was not measured.")


class ItemFound(Answer):
    """An item of the catalogue."""

    item_id: str
    title: str
    detail: str = Field(description="Year and genres, where they are known.")


class Found(Answer):
    """Knobs and items whose names hold a text."""

    knobs: list[KnobFound]
    items: list[ItemFound]


class ChipRead(Answer):
    """A dial that a sentence proposes."""

    key: str
    name: str
    amount: float = Field(description="Above 0 it brings more, below 0 less.")
    said: str = Field(description="The words it came from.")
    start: int
    end: int = Field(description="Where they stand in the sentence, in characters.")
    by: str = Field(description="title, decade, name, saying or meaning.")
    certainty: float = Field(description="From 0 to 1; below 0.6 it is a guess.")
    others: list[str] = Field(description="Keys of knobs that may be meant instead.")


class Words(Answer):
    """What a sentence asks for. Nothing is turned by reading it."""

    sentence: str
    chips: list[ChipRead]
    nothing: list[str] = Field(description="Parts for which no knob was found.")


class KnobDetail(KnobFound):
    """A knob and what it is made of."""

    weak: str = Field(description="Why it is better left alone, or empty.")
    explained: float = Field(description="Share of what it does that its neurons explain, from 0 to 1.")
    neurons: dict[int, float] = Field(description="Their weights, which add up to 1.")


class Part(Answer):
    """A part of a score."""

    kind: str = Field(description="neuron, dial, rest, remainder or bias.")
    name: str
    part: float


class Receipt(Answer):
    """Why an item has its score for a reader: parts that add up to it."""

    reader: str | None
    fallback: bool
    item_id: str
    title: str
    score: float
    parts: list[Part]


class Health(Answer):
    """How the server is."""

    bundle: str
    database: bool = Field(description="Whether it could be read at the last look, seconds ago.")
    looked: float = Field(description="Seconds since it was read last.")
    recipes: int = Field(description="How many are on air.")
    uptime: float = Field(description="Seconds.")


class ProblemDocument(Answer):
    """What is wrong (RFC 9457, application/problem+json)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(description="One sentence.")
