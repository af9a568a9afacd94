"""What programs send in a body: checked by the models before anything is worked out."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from knobs_core.lists import Amount, ItemId, Line
from knobs_core.steering import SPREAD

MOST_READERS, MOST_LIKES, MOST_DIALS = 100, 1_000, 30
ReaderId = Annotated[str, Field(max_length=200)]
Likes = Annotated[list[ItemId], Field(min_length=1, max_length=MOST_LIKES, description="Ids of items that they like.")]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    n: Annotated[int | None, Field(ge=1, description="Rows of a list, at most.")] = None
    notes: Annotated[bool, Field(description="Whether every row says why it is there.")] = False


class ForReaders(_Asked):
    """For whom lists of a recipe are wanted: several readers, or somebody described by what they like."""

    readers: Annotated[list[ReaderId] | None, Field(min_length=1, max_length=MOST_READERS)] = None
    items: Likes | None = None
    rules: Annotated[bool, Field(description="False: without the recipe, to compare.")] = True

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.readers is None) == (self.items is None):
            raise ValueError("give either readers or items")
        return self


class Steer(_Asked):
    """A list by dials alone, for a reader or for somebody described by what they like."""

    reader: ReaderId | None = None
    items: Likes | None = None
    dials: Annotated[dict[Line, Amount], Field(max_length=MOST_DIALS, description="{knob's name or key: -1 to 1}")] = (
        Field(default_factory=dict)
    )
    operator: Annotated[str, Field(max_length=40, description="How dials are mixed.")] = SPREAD

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.reader is None) == (self.items is None):
            raise ValueError("give either a reader or items")
        return self
