"""The errors Knobs raises on purpose: one small tree, each message one line.

A message says what was expected, what was found and what to do about it, so that the command line can print it as it
stands and the app can show it without a traceback.
"""


class KnobsError(Exception):
    """Something the person using Knobs can put right.

    Args:
        expected: what would have been fine, e.g. ``"a column item_id"``.
        found: what was there instead, e.g. ``"columns user, movie"``.
        remedy: what to do, as an imperative, e.g. ``"rename the column"``.
    """

    def __init__(self, expected: str, found: str, remedy: str):
        super().__init__(" ".join(f"expected {expected}, found {found}; {remedy}".split()))
        self._parts = (expected, found, remedy)

    def __reduce__(self) -> tuple[type["KnobsError"], tuple[str, str, str]]:
        return type(self), self._parts  # so that another process can say it


class DataError(KnobsError):
    """A data source that cannot be read or holds too little."""


class ConfigError(KnobsError):
    """A setting, amount or option outside what is allowed."""


class MissingExtraError(ConfigError):
    """An optional dependency that is not installed."""


class UnknownNameError(KnobsError):
    """A user, item, tag, knob or command-line name that does not exist."""


class BundleError(KnobsError):
    """A bundle that is missing, damaged or from another format version."""


class StorageError(KnobsError):
    """A place on disk that cannot be written (read-only, full, not ours)."""
