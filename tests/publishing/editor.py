"""An editor who saves and publishes without pause, in a process that a test kills."""

from knobs_core.publishing import Database, Store


def work(url, told):
    """Save and publish; ``told`` hears of every version once the database has said that it is kept."""
    store = Store(Database(url))
    while True:
        base = store.version("noir")
        longer = base.recipe.model_copy(update={"length": base.recipe.length % 200 + 1})
        number = store.save(longer, "ada", base.number).version.number
        told.send(("saved", number))
        was = store.live("noir")
        store.publish("noir", number, "ada", "next", was and was.number)
        told.send(("published", number))
