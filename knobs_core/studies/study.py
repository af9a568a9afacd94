"""A study as a file: what people agree to, what they compare and are asked, and how it will be judged.

    id = "noir-or-rest"
    title = "Two lists"
    consent = "Taking part is voluntary."

    [comparison]
    a = { dials = { "film-noir" = 0.3 } }   # b is at rest

    [[question]]
    id = "fit"
    ask = "The lists suited my taste."

docs/how-to/study.md explains every key.
"""

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from knobs_core.base import ConfigError, read_once, reason, resource
from knobs_core.lists import Amount, ItemId, fault
from knobs_core.steering import OPERATORS, SPREAD
from knobs_core.studies.wording import Wording

LARGEST = 2**20  # bytes of a study's file
REMEDY = "correct that field; docs/how-to/study.md explains every one"
POINTS = ("disagree", "rather disagree", "neither", "rather agree", "agree")
PARAGRAPH = 900  # characters, so that none is shown cut off
Words = Annotated[str, Field(min_length=1, max_length=300)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, which empty lines part."""
    return [" ".join(one.split()) for one in re.split(r"\n\s*\n", text) if one.strip()]


def _readable(text: str) -> str:
    if any(len(one) > PARAGRAPH for one in paragraphs(text)):
        raise ValueError(f"a paragraph is longer than {PARAGRAPH} characters; begin another one by an empty line")
    return text


Prose = Annotated[str, Field(max_length=10_000), AfterValidator(_readable)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Setting(_Part):
    """How one of two lists is made.

    dials: {name or key of a knob: amount}, at rest where there is none; operator: how they are mixed
    """

    dials: Annotated[dict[ItemId, Amount], Field(max_length=30)] = Field(default_factory=dict)
    operator: str = SPREAD

    @field_validator("operator")
    @classmethod
    def _there(cls, name: str) -> str:
        if name not in (SPREAD, *OPERATORS):
            raise ValueError(f"an operator is one of {', '.join((SPREAD, *OPERATORS))}")
        return name


class Comparison(_Part):
    """A blind comparison of two settings.

    ask: what is asked of two lists; a, b: the settings, whose letters nobody is shown
    trials: pairs of lists that a person compares, no title twice; rows: of each list
    catches: pairs of one list with itself, among the others
    picks: titles, at least, that a person chooses first
    """

    ask: Words = "Which list would you rather choose from?"
    a: Setting = Setting()
    b: Setting = Setting()
    trials: int = Field(default=5, ge=1, le=20)
    rows: int = Field(default=8, ge=3, le=20)
    catches: int = Field(default=1, ge=0, le=5)
    picks: int = Field(default=3, ge=1, le=20)

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.a == self.b:
            raise ValueError("a and b are the same setting")
        return self


class Question(_Part):
    """A question.

    kind: ``scale``, a statement on five points; ``choice``, of some options; ``text``, which may be left empty
    options: of a choice; longest: characters of a text
    expect: the point or option that has to be chosen, of a question that only asks for attention
    """

    id: Id
    ask: Words
    kind: Literal["scale", "choice", "text"] = "scale"
    options: Annotated[tuple[Words, ...], Field(max_length=12)] = ()
    longest: int = Field(default=500, ge=1, le=2_000)
    expect: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.kind == "choice") != (len(self.options) > 1) or len(set(self.options)) < len(self.options):
            raise ValueError("a choice has two options or more, all different, and nothing else has any")
        if self.kind == "text" and self.expect:
            raise ValueError("expect: a text is not expected to say anything")
        return self


class Plan(_Part):
    """What is decided before the first answer.

    hypothesis: in words; effect: the share of those with a preference who choose the favourite, from which on it is
        worth knowing
    alpha: how often a difference is found where there is none, at most; power: how often it is found where it is as
        large as ``effect``, at least
    fastest: seconds; who takes less in the middle of their answers (the median) is left out
    """

    hypothesis: Annotated[str, Field(max_length=1_000)] = ""
    effect: float = Field(default=0.65, ge=0.52, le=0.99)
    alpha: float = Field(default=0.05, ge=0.001, le=0.2)
    power: float = Field(default=0.8, ge=0.5, le=0.99)
    fastest: float = Field(default=0, ge=0, le=600)


class Study(_Part):
    """A whole study.

    id: what it is called in the database, for good; title, welcome, thanks: what people read first and last
    consent: what they agree to before anything is kept
    open: whether somebody at the owner's machine may take part without a code
    language: of all that people read, as BCP 47 calls it; words: what the page says by itself
    points: the five points of a scale, from least to most; comparison, question: what is asked, in this order
    plan: how it will be judged
    """

    id: Id
    title: Words
    welcome: Prose = ""
    consent: Prose
    thanks: Prose = "That was all. You may close this page."
    open: bool = False
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")] = "en"
    words: Wording = Wording()
    points: tuple[Words, Words, Words, Words, Words] = POINTS
    comparison: Comparison | None = None
    question: Annotated[tuple[Question, ...], Field(max_length=100)] = ()
    plan: Plan = Plan()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not paragraphs(self.consent):
            raise ValueError("consent: it says what people agree to")
        if self.comparison is None and not self.question:
            raise ValueError("a study has a comparison or a question")
        if twice := [id for id, n in Counter(one.id for one in self.question).items() if n > 1]:
            raise ValueError(f"question: two of them are called {twice[0]!r}")
        if len(set(self.points)) < len(self.points):
            raise ValueError("points: two of them are the same")
        for one in self.question:
            if one.expect and one.expect not in self.options(one):
                raise ValueError(f"question {one.id!r}: expect is one of {', '.join(self.options(one))}")
        return self

    def options(self, question: Question) -> tuple[str, ...]:
        """What may be chosen as an answer; nothing of a text."""
        return self.points if question.kind == "scale" else question.options

    @property
    def document(self) -> dict[str, Any]:
        """What is registered: all of it, also what is so by default."""
        return self.model_dump(mode="json")


def read_study(path: str | Path) -> Study:
    """The study in a TOML file.

    Raises:
        ConfigError: no file, no TOML, a key that is not known or a value that does not fit; names the field.
    """
    path = Path(path)
    try:
        found = tomllib.loads(read_once(path.resolve(), LARGEST).decode())
    except (OSError, ValueError) as error:  # a TOMLDecodeError is a ValueError
        raise ConfigError(f"a study at {path}", f"none ({reason(error)})", "write one by knobs study new") from None
    try:
        return Study.model_validate(found)
    except ValidationError as error:
        raise ConfigError(f"a study in {path}", fault(error), REMEDY) from None


def example() -> str:
    """A whole study to begin with, as the text of its file."""
    return resource("examples", "study.toml").read_text(encoding="utf-8")
