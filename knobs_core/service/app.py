"""The application behind ``knobs serve``, which uvicorn makes by ``create``; FastAPI is optional and comes in here."""

import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from knobs_core.base import ConfigError, KnobsError, is_loopback, torch_device
from knobs_core.bundles import load
from knobs_core.publishing import Database
from knobs_core.service.desk import Desk
from knobs_core.service.gate import Gate
from knobs_core.service.page import POLICY, page
from knobs_core.service.problems import Problem, problem_of
from knobs_core.service.routes import routes
from knobs_core.service.settings import SETTINGS, Settings
from knobs_core.service.watch import Watch

LOG = logging.getLogger("knobs")
ABOUT = (
    "Lists by recipes that are on air, lists by dials, and why a row is where it is. Whatever is wrong is told as a "
    "problem (RFC 9457) with one sentence. Keys: Authorization: Bearer KEY."
)


def create() -> ASGIApp:
    """The application, as its settings in the environment say. Ends the process in one line where it cannot be."""
    try:
        settings = Settings.model_validate_json(os.environ[SETTINGS])
        bundle = load(settings.bundle, torch_device(settings.device))
        watch = Watch(Database(), bundle)
        print(f"knobs: {_who_is_answered(watch, settings)}", file=sys.stderr)
    except KnobsError as error:
        print(f"knobs: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    return application(Desk(bundle, watch, settings))


def application(desk: Desk) -> ASGIApp:
    """The application of a desk; it watches the database while it runs."""

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        desk.watch.start()
        try:
            yield
        finally:
            desk.watch.stop()

    app = FastAPI(
        title="Knobs", version="1", description=ABOUT, lifespan=running, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.include_router(routes(desk))
    for kind in (Problem, KnobsError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _told)
    schema = _schema(app)

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return JSONResponse(schema)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return HTMLResponse(page(schema), headers={"Content-Security-Policy": POLICY})

    return Gate(app, desk.watch, desk.settings)


def _who_is_answered(watch: Watch, settings: Settings) -> str:
    """Who gets answers, in a sentence.

    Raises:
        ConfigError: nobody does, though others than this machine could ask.
    """
    if settings.open:
        return "everybody is answered, without a key."
    if watch.live.keys:
        return f"programs that show a key are answered (valid keys: {len(watch.live.keys)})."
    if is_loopback(settings.address):
        return "there is no key yet, so that only programs on this machine are answered: knobs keys create NAME"
    raise ConfigError(
        f"a key for a server at {settings.address}",
        "none in the database",
        "make one with knobs keys create NAME, or say --open to answer everybody",
    )


def _schema(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1 of the addresses, with the key that they want."""
    schema = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes)
    schema.setdefault("components", {})["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    schema["security"] = [{"key": []}]
    return schema


async def _told(_: Request, error: Exception) -> Response:
    """Anything that goes wrong, as a problem."""
    if isinstance(error, KnobsError):
        error = problem_of(error)
    elif isinstance(error, RequestValidationError):
        first = error.errors()[0]
        where = ".".join(str(one) for one in first["loc"] if one not in ("body", "query", "path", "header"))
        said = str(first["msg"]).removeprefix("Value error, ")
        error = Problem(422, f"{where}: {said}" if where else said)
    elif isinstance(error, HTTPException):
        nothing = "There is nothing at this address; /docs names those that there are."
        error = Problem(error.status_code, nothing if error.status_code == 404 else str(error.detail), error.headers)
    elif not isinstance(error, Problem):
        error = Problem(500, "Something went wrong here, and was written into the log.")
    return error.response()
