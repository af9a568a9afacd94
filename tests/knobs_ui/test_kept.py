"""What is kept of a bundle goes with it."""

import gc
import weakref

from knobs_ui.kept import kept_of_bundle


class Thing:
    """Stands for a bundle, which is a key by itself alone."""


def test_it_is_worked_out_once_and_goes_when_two_others_came():
    asked = []

    @kept_of_bundle
    def name(thing, key):
        asked.append(key)
        return [key]

    first = Thing()
    assert name(first, "a") is name(first, "a")
    assert name(first, "b") == ["b"]
    assert asked == ["a", "b"]
    gone = weakref.ref(first)
    del first
    for other in (Thing(), Thing()):
        name(other, "a")
    gc.collect()
    assert gone() is None
