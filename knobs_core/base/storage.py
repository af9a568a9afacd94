"""Where files lie, and writing them whole or not at all: first beside their place, then under their name."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs
from safetensors import SafetensorError

from knobs_core.base.errors import StorageError


def home() -> Path:
    """Folder for bundles and downloaded data: KNOBS_HOME, else the platform's user data folder."""
    chosen = os.environ.get("KNOBS_HOME")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("knobs", appauthor=False))


def resource(*parts: str) -> Path:
    """Path of a file that belongs to the app: ``app.py``, ``pages``, ``assets`` and Streamlit's settings.

    They lie at the top of a checkout, and in ``knobs_ui/bundled`` of an installed wheel.
    """
    packages = Path(__file__).parents[2]
    installed = packages / "knobs_ui" / "bundled"
    return (installed if installed.is_dir() else packages).joinpath(*parts)


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
