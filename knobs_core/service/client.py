"""A client in Python for the lists of a server: ``Client("https://lists.example.org", key="knobs_...")``.

It returns the models that the server answers with, and what is wrong is raised with the server's own sentence.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self, TypeVar
from urllib.parse import quote

import requests
from pydantic import BaseModel, ValidationError

from knobs_core.base import KnobsError, reason, shown
from knobs_core.service.answers import (
    Found,
    Health,
    KnobDetail,
    Lists,
    ReaderList,
    Receipt,
    RecipeDetail,
    RecipeEntry,
    Recipes,
    Words,
)

Answer = TypeVar("Answer", bound=BaseModel)
ReaderLists = list[ReaderList]
DOTS = (".", "..", "")  # what an address cannot hold as a part of it


class AnswerError(KnobsError):
    """What a server says instead of an answer, in its own sentence. status: HTTP's code."""

    def __init__(self, status: int, sentence: str):
        Exception.__init__(self, shown(sentence, 500))
        self.status = status


class Client:
    """A server of lists.

    Args:
        url: of the server, ``http://127.0.0.1:8502``; key: where it wants one; timeout: seconds for an answer.

    Every method raises AnswerError where the server refuses, and KnobsError where there is none or it says nonsense;
    the first is one of the second. A client may be used by one thread at a time.
    """

    def __init__(self, url: str, key: str | None = None, timeout: float = 30.0):
        self._root, self._timeout, self._session = f"{url.rstrip('/')}/api/v1", timeout, requests.Session()
        if key:
            self._session.headers["Authorization"] = f"Bearer {key}"

    def recipes(self) -> list[RecipeEntry]:
        """The recipes that are on air."""
        return self._get(Recipes, "recipes").recipes

    def recipe(self, slug: str) -> RecipeDetail:
        """One that is on air, with its notes."""
        return self._get(RecipeDetail, "recipes", slug)

    def list(self, slug: str, reader: str, n: int | None = None, rules: bool = True, notes: bool = False) -> ReaderList:
        """A reader's list by a recipe; rules: False for their own list without it, to compare; notes: rows say why."""
        if reader in DOTS:
            return self.lists(slug, [reader], n, rules, notes)[0]
        asked = {"n": n, "rules": "on" if rules else "off", "notes": notes or None}
        return self._get(ReaderList, "recipes", slug, "lists", reader, **asked)

    def lists(
        self, slug: str, readers: Sequence[str], n: int | None = None, rules: bool = True, notes: bool = False
    ) -> ReaderLists:
        """Lists of several readers, in their order."""
        body = {"readers": [*readers], "n": n, "rules": rules, **_noted(notes)}
        return self._post(Lists, body, "recipes", slug, "lists").lists

    def list_of_likes(self, slug: str, items: Sequence[str], n: int | None = None, rules: bool = True) -> ReaderList:
        """The list of somebody who is not in the data and likes some items, by a recipe."""
        return self._post(Lists, {"items": [*items], "n": n, "rules": rules}, "recipes", slug, "lists").lists[0]

    def steer(
        self,
        reader: str | None = None,
        dials: Mapping[str, float] | None = None,
        items: Sequence[str] | None = None,
        n: int | None = None,
        operator: str | None = None,
        notes: bool = False,
    ) -> ReaderList:
        """A list by dials alone, {name or key of a knob: amount}, for a reader or for somebody who likes some items;
        notes: every row says why it is there."""
        body = {
            "reader": reader,
            "items": None if items is None else [*items],
            "dials": dict(dials or {}),
            "n": n,
            "operator": operator,
            **_noted(notes),
        }
        return self._post(ReaderList, {name: value for name, value in body.items() if value is not None}, "lists")

    def search(self, text: str, n: int = 20) -> Found:
        """Knobs and items that a text may mean."""
        return self._get(Found, "search", q=text, n=n)

    def words(self, sentence: str) -> Words:
        """What a sentence asks for, as dials; nothing is turned."""
        return self._get(Words, "words", q=sentence)

    def knob(self, key: str) -> KnobDetail:
        """A knob by its key or its name."""
        return self._get(KnobDetail, "knobs", key)

    def explain(self, reader: str, item: str, dials: Mapping[str, float] | None = None) -> Receipt:
        """Why an item, by its id or its title, has its score with some dials turned."""
        turned = [f"{name}={amount!r}" for name, amount in (dials or {}).items()]
        return self._get(Receipt, "explain", reader=reader, item=item, dial=turned)

    def health(self) -> Health:
        """How the server is."""
        return self._get(Health, "health")

    def close(self) -> None:
        """Let go of connections; leaving a ``with`` block does so too."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _get(self, model: type[Answer], *parts: str, **asked: Any) -> Answer:
        return self._answer(model, "GET", parts, params=asked)

    def _post(self, model: type[Answer], body: Mapping[str, Any], *parts: str) -> Answer:
        return self._answer(model, "POST", parts, json=dict(body))

    def _answer(self, model: type[Answer], method: str, parts: Sequence[str], **more: Any) -> Answer:
        url = "/".join([self._root, *(quote(part, safe="") for part in parts)])
        try:
            told = self._session.request(method, url, timeout=self._timeout, allow_redirects=False, **more)
        except (requests.RequestException, ValueError) as error:
            raise KnobsError(f"a server of lists at {self._root}", reason(error), "see that it runs") from None
        if told.status_code != 200:
            raise AnswerError(told.status_code, _sentence(told))
        try:
            return model.model_validate_json(told.content)
        except ValidationError:
            raise KnobsError(f"an answer of {self._root}", "one that is none", "see that Knobs serves there") from None


def _noted(notes: bool) -> dict[str, bool]:
    """What asks for notes; nothing where none are wanted, which an older server understands too."""
    return {"notes": True} if notes else {}


def _sentence(told: requests.Response) -> str:
    """What a problem says, or the code where somebody else than Knobs answers."""
    try:
        detail = told.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = None
    return detail if isinstance(detail, str) and detail else f"The server answered {told.status_code} {told.reason}."
