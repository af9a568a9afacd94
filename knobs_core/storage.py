"""Writing files whole or not at all: beside their place first, on the disk, and then under their name."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from knobs_core.errors import StorageError


def write_whole(path: Path, text: str) -> None:
    """Write a text file whole or not at all.

    Raises:
        StorageError: it cannot be written there.
    """
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of ``path`` when the block ends well and vanishes when it does not.

    Raises:
        StorageError: it cannot be written there.
    """
    partial = path.with_name(f".{path.name}.partial-{secrets.token_hex(4)}")
    with storing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield partial
            to_disk(partial)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Turn what the system says against writing at ``path`` into a StorageError."""
    try:
        yield
    except (OSError, SafetensorError) as error:  # safetensors wraps the system's errors in its own
        raise StorageError(
            f"room to write at {path}",
            (getattr(error, "strerror", None) or str(error)).lower(),
            "free some or choose another place",
        ) from error


def to_disk(file: Path) -> None:
    """Wait until the disk has a file, before a rename makes it visible."""
    with file.open("rb") as stream:
        os.fsync(stream.fileno())
