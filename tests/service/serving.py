"""A real server of lists on loopback in this process: uvicorn in a thread, so that a test waits for no imports."""

import contextlib
import threading

import uvicorn

from knobs_core.lists import recipe_of
from knobs_core.publishing import Database, Store
from knobs_core.service import Settings
from knobs_core.service.app import application
from knobs_core.service.desk import Desk
from knobs_core.service.watch import Watch
from tests import waiting
from tests.serving import free_port


@contextlib.contextmanager
def serving(bundle, url, **settings):
    """(address, desk) of a server on a bundle and a database, with settings as ``knobs serve`` has them."""
    with Database(url) as database:
        watch = Watch(database, bundle)
        desk = Desk(bundle, watch, Settings(bundle="", **settings))
        port = free_port()
        quiet = {"log_level": "error", "server_header": False}
        config = uvicorn.Config(application(desk), port=port, http="h11", ws="none", **quiet)
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            waiting.until(lambda: server.started)
            yield f"http://127.0.0.1:{port}", desk
        finally:
            server.should_exit = True
            thread.join(30)


def put(store, number=1, was=None, **fields):
    """Save a recipe and put it on air."""
    recipe = recipe_of({"slug": "noir", **fields})
    store.save(recipe, "ada", number - 1)
    store.publish(recipe.slug, number, "bea", "On air.", was)
    return recipe


def seen(desk, condition):
    """Wait until the server has looked and a condition of what is live holds."""
    return waiting.until(lambda: condition(desk.watch.live), pause=lambda: desk.watch._ended.wait(0.01))


__all__ = ["Store", "put", "seen", "serving"]
