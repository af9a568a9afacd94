"""Knobs: steerable recommendations. A person's taste is split into a few named knobs, and turning them moves the list.

    import knobs_core as knobs

    bundle = knobs.train(knobs.load_data("ml-latest-small.zip"), k=32)
    person = bundle.person(user="15")
    person.recommend({"film-noir": 0.3, "comedy": -0.5}).explain("1617")

The names below are the public face; each is imported when it is first used, so that this package is light to import.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
