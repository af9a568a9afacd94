"""The addresses under /api/v1. What is cheap is done at once; what steers is done in a thread."""

from typing import Annotated, Any, Literal
from urllib.parse import unquote

from fastapi import APIRouter, Header, Path, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import BaseModel

from knobs_core.service import answers, lookup
from knobs_core.service.asked import MOST_DIALS, MOST_LIKES, ForReaders, Steer
from knobs_core.service.desk import LISTED, Desk, Who
from knobs_core.service.formats import Format, answer, kept_headers, known
from knobs_core.service.problems import MEDIA_TYPE, Problem
from knobs_core.steering import SPREAD

Part = Annotated[str, Path(max_length=2_000)]
Rows = Annotated[int | None, Query(ge=1, description="Rows, at most.")]
Text = Annotated[str, Query(min_length=1, max_length=200)]
Dials = Annotated[list[str], Query(alias="dial", max_length=MOST_DIALS, description="NAME=AMOUNT, may be repeated.")]
Reader = Annotated[str | None, Query(max_length=200)]
Items = Annotated[list[str], Query(alias="item", max_length=MOST_LIKES, description="Ids of likes, may be repeated.")]
Notes = Annotated[bool, Query(description="Whether every row says why it is there.")]
WRONG = {
    401: "The key is missing or not valid.",
    404: "There is nothing of that name, or its time has not come.",
    409: "The recipe was made with another bundle and does not fit the one that is served.",
    410: "The recipe's time is over, or it was taken off the air.",
    413: "The body is too long.",
    415: "The body does not say that it is JSON.",
    422: "Something that was asked for is none.",
    503: "The database is down.",
}


def routes(desk: Desk) -> APIRouter:
    """The addresses of a desk."""
    wrong: dict[int | str, dict[str, Any]] = {
        status: {"description": said, "content": {MEDIA_TYPE: {"schema": _SCHEMA}}} for status, said in WRONG.items()
    }
    router = APIRouter(prefix="/api/v1", responses=wrong)

    @router.get("/health", response_model=answers.Health)
    async def health() -> Response:
        """How the server is; needs no key."""
        return _json(desk.health())

    @router.get("/recipes", response_model=answers.Recipes)
    async def recipes() -> Response:
        """The recipes that are on air."""
        return _json(desk.recipes())

    @router.get("/recipes/{slug}", response_model=answers.RecipeDetail)
    async def recipe(slug: Part) -> Response:
        """A recipe that is on air, with its notes."""
        return _json(desk.recipe(plain(slug)))

    async def listed(
        slug: str, reader: str, n: int | None, rules: str, as_: Format, told: str, notes: bool = False
    ) -> Response:
        offer, who = desk.offer(plain(slug)), desk.who(_reader(plain(reader)))
        wanted = desk.rows(n, offer.recipe.length)
        made_by = offer if rules == "on" else offer.plain
        tag = f"{made_by.ids(who.named)}.{offer.version.number}.{wanted}.{as_}{'.notes' * notes}"
        headers = kept_headers(offer.recipe, tag)
        if known(tag, told):
            return Response(status_code=304, headers=headers)
        with desk.watch.timing(offer.recipe.slug):
            found = await run_in_threadpool(desk.by_recipe, offer, who, n, rules == "on", notes)
            return answer(found, as_, offer.recipe.about, headers)

    @router.get("/recipes/{slug}/lists/{reader}/feed.json", response_model=None)
    async def feed(
        slug: Part,
        reader: Part,
        n: Rows = None,
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        """A reader's list as a JSON Feed 1.1; what is ours in it stands under _knobs."""
        return await listed(slug, reader, n, "on", "feed", if_none_match)

    @router.get("/recipes/{slug}/lists/{reader}", response_model=answers.ReaderList)
    async def reader_list(
        slug: Part,
        reader: Part,
        n: Rows = None,
        rules: Annotated[Literal["on", "off"], Query(description="off: without the recipe, to compare.")] = "on",
        format: Annotated[Format, Query()] = "json",
        notes: Notes = False,
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        """A reader's list by a recipe. Whoever is not in the data gets a newcomer's list, which says so, or 404."""
        return await listed(slug, reader, n, rules, format, if_none_match, notes)

    @router.post("/recipes/{slug}/lists", response_model=answers.Lists)
    async def lists(slug: Part, asked: ForReaders) -> Response:
        """Lists by a recipe for several readers, or for somebody who likes some items."""
        offer = desk.offer(plain(slug))
        desk.rows(asked.n, 1)

        def work() -> answers.Lists:
            whom = [desk.somebody(asked.items)] if asked.items else [desk.who(one) for one in asked.readers or ()]
            made = []
            for who in whom:
                with desk.watch.timing(offer.recipe.slug):
                    made.append(desk.by_recipe(offer, who, asked.n, asked.rules, asked.notes))
            return answers.Lists(lists=made)

        return _json(await run_in_threadpool(work))

    @router.get("/lists", response_model=answers.ReaderList)
    async def steered(
        reader: Reader = None,
        items: Items = [],  # noqa: B006  FastAPI copies it
        dials: Dials = [],  # noqa: B006
        n: Rows = None,
        operator: Annotated[str, Query(max_length=40, description="How dials are mixed.")] = SPREAD,
        notes: Notes = False,
    ) -> Response:
        """A list by dials alone, for a reader or for somebody who likes some items."""

        def work() -> answers.ReaderList:
            return desk.by_dials(_whose(desk, reader, items), desk.bundle.knobs.parse(dials), n, operator, notes)

        return _json(await run_in_threadpool(work))

    @router.post("/lists", response_model=answers.ReaderList)
    async def steer(asked: Steer) -> Response:
        """A list by dials alone, for a reader or for somebody who likes some items."""

        def work() -> answers.ReaderList:
            who, dials = _whose(desk, asked.reader, asked.items or []), desk.bundle.knobs.dials(asked.dials)
            return desk.by_dials(who, dials, asked.n, asked.operator, asked.notes)

        return _json(await run_in_threadpool(work))

    @router.get("/search", response_model=answers.Found)
    async def search(q: Text, n: Annotated[int, Query(ge=1, le=100)] = LISTED) -> Response:
        """Knobs and items that a text may mean."""
        return _json(await run_in_threadpool(lookup.search, desk.bundle, q, n))

    @router.get("/words", response_model=answers.Words)
    async def words(q: Annotated[str, Query(min_length=1, max_length=300)]) -> Response:
        """What a sentence asks for, as dials that can be sent to /lists."""
        return _json(await run_in_threadpool(lookup.words, desk.bundle, q))

    @router.get("/knobs/{key}", response_model=answers.KnobDetail)
    async def knob(key: Part) -> Response:
        """A knob by its key or its name."""
        return _json(await run_in_threadpool(lookup.knob, desk.bundle, plain(key)))

    @router.get("/explain", response_model=answers.Receipt)
    async def explain(
        reader: Annotated[str, Query(max_length=200)],
        item: Text,
        dials: Dials = [],  # noqa: B006
    ) -> Response:
        """Why an item, by its id or its title, has its score: parts that add up to it."""

        def work() -> answers.Receipt:
            return desk.explain(desk.who(_reader(reader)), item, desk.bundle.knobs.parse(dials))

        return _json(await run_in_threadpool(work))

    return router


_SCHEMA = answers.ProblemDocument.model_json_schema()


def plain(part: str) -> str:
    """A part of an address as it was meant: %2F is a slash of an id, and not one between two parts.

    Raises:
        Problem: 422 it is no text.
    """
    try:
        return unquote(part, errors="strict")
    except UnicodeDecodeError:
        raise Problem(422, "A part of the address is no text in UTF-8.") from None


def _reader(reader: str) -> str:
    if len(reader) > 200:
        raise Problem(422, "The id of a reader has at most 200 characters.")
    return reader


def _whose(desk: Desk, reader: str | None, items: list[str]) -> Who:
    if (reader is None) == (not items):
        raise Problem(422, "Give either a reader or items that somebody likes.")
    return desk.somebody(items) if reader is None else desk.who(reader)


def _json(found: BaseModel) -> Response:
    return Response(found.model_dump_json(), media_type="application/json")
