"""The manifest of a bundle: what it was made from, how, with which result, and the proof of every file.

    id = first 12 digits of SHA-256 of the manifest as sorted JSON, which holds SHA-256 of every file

So one short text stands for every byte: equal bundles share it, others do not. It is written into the manifest as well,
and a manifest that does not add up to its own id is refused.
"""

import hashlib
import json
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knobs_core.base import BundleError, FileRecord, KnobsError, proof, read_once, reason, shown
from knobs_core.base.places import MANIFEST, put_back
from knobs_core.data import Account, DataConfig, Source
from knobs_core.models import InputsConfig

FORMAT = 3
LARGEST = 2**24  # bytes of a manifest; those of catalogues of millions of items have a tenth of that
SEEDS = 2**32  # how many there are: NumPy's older generators, which draw maps, take no more
LONGEST_NAME = 4096  # characters of a source's name, which may be a path
Finite = Annotated[float, Field(allow_inf_nan=False)]
Whole = Annotated[int, Field(ge=-(2**63), lt=2**63)]


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


class PeopleRecord(BaseModel):
    """The prepared folder with the likes and the ids of users, where they are not in the bundle; see ``Prepared``."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    path: str
    id: str


class Manifest(BaseModel):
    """Everything a bundle was made from. metrics: what ``accuracy`` found on test users.

    starts: ids of the items that neurons 0, 1, ... of the SAE started from; none where all started from chance.
    read: the account of the data; none in bundles from before there was one.
    people: where likes and users' ids are; none where they are in the bundle.
    files: the proof of every file that belongs to the bundle for good; none before it is written.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: int = FORMAT
    source: SourceRecord
    seed: int = Field(ge=0, lt=SEEDS)
    data: DataConfig
    cfae: ModelRecord
    sae: ModelRecord
    inputs: InputsConfig
    versions: dict[str, str]
    metrics: dict[str, dict[str, Finite | Whole]]
    starts: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    read: Account | None = Field(default=None, exclude_if=lambda value: value is None)
    people: PeopleRecord | None = Field(default=None, exclude_if=lambda value: value is None)
    files: dict[str, FileRecord] = Field(default_factory=dict)

    @property
    def id(self) -> str:
        """Short hash of everything the bundle was made from and of every file; see the head of this file."""
        document = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(document.encode()).hexdigest()[:12]

    @property
    def origin(self) -> Source:
        """The source with the settings it was read with."""
        return Source(self.source.name, self.source.checksum, self.data)

    def document(self) -> dict[str, Any]:
        """The manifest as it is written to JSON."""
        return {"id": self.id, **self.model_dump(mode="json")}

    def proving(self, files: Iterable[tuple[str, bytes]]) -> "Manifest":
        """The same manifest with the proof of files, given by name and content."""
        return self.model_copy(update={"files": {name: proof(data) for name, data in files}})


def read_manifest(path: str | Path) -> Manifest:
    """The manifest of the bundle at ``path``; one that a killed run left under another name is put back first.

    Raises:
        BundleError: nothing there, unreadable, of another format, or not as it was written.
    """
    path = Path(path)
    remedy = f"knobs train --out {shlex.quote(str(path))}"
    try:
        with reading(path, f"a readable {MANIFEST} in {path}", "a damaged one", f"rebuild it with: {remedy}"):
            put_back(path)
            document = parsed(read_once(path / MANIFEST, LARGEST))
    except FileNotFoundError:
        raise BundleError(f"a bundle folder with a {MANIFEST}", f"none at {path}", f"make one with: {remedy}") from None
    return manifest_of(document, str(path), lambda document: rebuild(document, path))


def parsed(data: bytes) -> dict[str, Any]:
    """A manifest of any format as JSON; whatever is wrong with it is raised as it is."""
    document: dict[str, Any] = json.loads(data)
    json.dumps(document, allow_nan=False)
    document["format"]  # there has to be one
    return document


def manifest_of(document: dict[str, Any], place: str, remedy: Callable[[object], str]) -> Manifest:
    """The manifest that was parsed.

    Args:
        place: where its bundle lies; remedy: what to do where it cannot be used, from the same document.

    Raises:
        BundleError: of another format, or not as it was written.
    """
    if document["format"] != FORMAT:
        raise BundleError(f"bundle format {FORMAT}", f"format {shown(document['format'])} at {place}", remedy(document))
    written = document.get("id")
    try:
        manifest = Manifest.model_validate({name: value for name, value in document.items() if name != "id"})
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))
        raise BundleError(
            f"a whole {MANIFEST} in {place}", f"a damaged one (at {shown(where)})", remedy(document)
        ) from None
    if written != manifest.id:
        raise BundleError(
            f"a {MANIFEST} in {place} as it was written", "a changed one (its id does not fit)", remedy(document)
        )
    return manifest


@contextmanager
def reading(path: Path, expected: str, found: str, remedy: str) -> Iterator[None]:
    """The boundary around whatever reads files of the bundle at ``path``: any exception becomes one BundleError.

    A dozen libraries have exceptions of their own for what they cannot read, so none are listed.

    Args:
        expected, remedy: of the error; found: too, with "{}" in place of what the library says.

    Raises:
        FileNotFoundError: a file, or the folder, is not there.
        BundleError: anything else; a KnobsError is passed on.
    """
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError from error
    except PermissionError:
        remedy = f"as its owner, let others read it with: chmod -R go+rX {shlex.quote(str(path))}"
        raise BundleError(expected, "one that you are not allowed to read", remedy) from None
    except KnobsError:
        raise
    except Exception as error:
        raise BundleError(expected, found.replace("{}", reason(error)), remedy) from error


def rebuild(document: object, path: Path) -> str:
    """The remedy for a bundle that cannot be used, from whatever can still be read of its manifest."""
    source = document.get("source") if isinstance(document, dict) else None
    name = source.get("name") if isinstance(source, dict) else None
    name = name if isinstance(name, str) and len(name) <= LONGEST_NAME else "demo"
    return f"rebuild it with: knobs train --data {shlex.quote(name)} --out {shlex.quote(str(path))}"
