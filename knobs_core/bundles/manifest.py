"""The manifest of a bundle: what it was made from, how, with which result; checked when it is read."""

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knobs_core.base import BundleError
from knobs_core.data import DataConfig, Source
from knobs_core.models import InputsConfig

FORMAT = 3
MANIFEST = "manifest.json"


class SourceRecord(BaseModel):
    """Where the interactions came from; see ``Source``."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    checksum: str


class ModelRecord(BaseModel):
    """A model by its name in CFAES or SAES. config: its hyperparameters; training: the log of its training."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    config: dict[str, Any]
    training: dict[str, Any]


class Manifest(BaseModel):
    """Everything a bundle was made from. metrics: what ``accuracy`` found on test users.

    starts: ids of the items that neurons 0, 1, ... of the SAE started from; none where all started from chance.
    former_id: the id of a bundle whose settings were called otherwise when it was written, so that it keeps it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: int = FORMAT
    source: SourceRecord
    seed: int
    data: DataConfig
    cfae: ModelRecord
    sae: ModelRecord
    inputs: InputsConfig
    versions: dict[str, str]
    metrics: dict[str, dict[str, float | int]]
    starts: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    former_id: str = Field(default="", exclude_if=lambda value: not value)

    @property
    def id(self) -> str:
        """Short hash of everything the bundle was made from; equal bundles share it, others do not."""
        return self.former_id or _hash(self.document())

    @property
    def origin(self) -> Source:
        """The source with the settings it was read with."""
        return Source(self.source.name, self.source.checksum, self.data)

    def document(self) -> dict[str, Any]:
        """The manifest as it is written to JSON."""
        return self.model_dump(mode="json")


def read_manifest(path: str | Path) -> Manifest:
    """The manifest of the bundle at ``path``; settings that were called otherwise get their names of today.

    Raises:
        BundleError: nothing there, unreadable, or of another format.
    """
    path = Path(path)
    remedy = f"knobs train --out {path}"
    try:
        document = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        version = document["format"]
    except (FileNotFoundError, NotADirectoryError):
        raise BundleError(f"a bundle folder with a {MANIFEST}", f"none at {path}", f"make one with: {remedy}") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise BundleError(f"a readable {MANIFEST} in {path}", "a damaged one", f"rebuild it with: {remedy}") from None
    if version != FORMAT:
        raise BundleError(f"bundle format {FORMAT}", f"format {version} at {path}", rebuild(document, path))
    try:
        return Manifest.model_validate(_renamed(document))
    except (ValidationError, KeyError, TypeError, AttributeError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        where = ".".join(map(str, first["loc"])) if first else str(error)
        raise BundleError(
            f"a whole {MANIFEST} in {path}", f"a damaged one (at {where})", rebuild(document, path)
        ) from None


def rebuild(document: object, path: Path) -> str:
    """The remedy for a bundle that cannot be used, from whatever can still be read of its manifest."""
    source = document.get("source") if isinstance(document, dict) else None
    name = source.get("name", "demo") if isinstance(source, dict) else "demo"
    return f"rebuild it with: knobs train --data {name} --out {path}"


def _renamed(document: dict[str, Any]) -> dict[str, Any]:
    """The same manifest with the names that settings have today."""
    config = dict(document["sae"]["config"])
    if "wake_every" not in config:
        return document
    config["resample_every"] = config.pop("wake_every")
    return {**document, "sae": {**document["sae"], "config": config}, "former_id": _hash(document)}


def _hash(document: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:12]
