"""What is worked out of a bundle and kept for everybody: of the last two bundles, so that one exchanged can go."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import TypeVar

from knobs_core.bundles import Bundle

R = TypeVar("R")
MOST = 10_000  # answers kept of a bundle


def kept_of_bundle(make: Callable[[Bundle, str], R]) -> Callable[[Bundle, str], R]:
    """The same function of a bundle and a key, which keeps what it finds."""

    @lru_cache(maxsize=2)
    def answers(bundle: Bundle) -> Callable[[str], R]:
        return lru_cache(maxsize=MOST)(partial(make, bundle))

    return lambda bundle, key: answers(bundle)(key)
