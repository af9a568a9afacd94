"""A bundle: one folder that holds everything the app and the command line need. No pickle anywhere.

    manifest.json            format version, configs, seed, source and its checksum, library versions, metrics, and
                             size and SHA-256 of every file but the last three
    cfae.safetensors         weights of the collaborative autoencoder
    sae.safetensors          weights of the sparse autoencoder
    interactions.npz         likes (n_users, n_items), CSR; it and users.parquet are not there where the manifest points
                             to a prepared folder that has them
    concept_map.npz          M (n_tags, n_neurons), CSR
    users, items, tags       .parquet: names, metadata and tag assignments
    knobs.parquet            a row a neuron: label, confidence, support, evidence
    effects.parquet          a row a measured knob: what turning it does to people's lists
    concepts, recipes        .parquet: tags in the order of the map, what their neurons explain; tag, neuron, weight
    rests.safetensors        (n_tags, d_embed): what belongs to each tag beside the neurons of its recipe
    item_effects.parquet     key, item_id, effect: what every knob does to 50 items, for dials that outlive the bundle
    map.safetensors          optional: where items and neurons lie on the map and what places people, with its own proof
    names.json               optional: {key: name} of the knobs that their owner renamed, with its own proof
    open_names.json          optional: names proposed for neurons, their proof and their cost, with its own proof
    MODEL_CARD, DATA_CARD    .md: what people should know of both; nothing reads them

Every file is read once, and the bytes that are checked are the bytes that are parsed. A bundle is written to a hidden
sibling, which then takes its place: a run that is killed leaves the old bundle or the new one. See ``places.py``.
"""

import dataclasses
import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from knobs_core.base import (
    BundleError,
    ConfigError,
    FileRecord,
    KnobsError,
    StorageError,
    fit_threads,
    home,
    is_address,
    proof,
    read_once,
    replacing,
    slug,
    storing,
    to_disk,
    undisturbed,
    write_whole,
)
from knobs_core.base.places import (
    MANIFEST,
    discard,
    kept,
    next_version,
    partial,
    place,
    put_back,
    take_place,
    version_of,
    writing,
)
from knobs_core.bundles import contents
from knobs_core.bundles.bundle import Bundle
from knobs_core.bundles.cards import CARDS
from knobs_core.bundles.contents import ITEM_EFFECTS
from knobs_core.bundles.manifest import (
    LARGEST,
    Manifest,
    PeopleRecord,
    read_manifest,
    reading,
    rebuild,
)
from knobs_core.bundles.names import NAMES, read_names, write_names
from knobs_core.bundles.open_names import read_open_names, write_open_names
from knobs_core.bundles.projection import MAP, decoded_map, encoded_map, largest_map
from knobs_core.bundles.remote import fetch
from knobs_core.data import Prepared
from knobs_core.maps import Projection

NOT_PREPARED = (
    "data that are mapped from a prepared folder, to point to it", "others",
    "make one with knobs prepare, or let the bundle hold them",
)  # fmt: skip
TRIES = 20  # times that a bundle is read which is replaced meanwhile


def default_path(source: str = "demo") -> Path:
    """Where the bundle of a source lies when nobody says otherwise."""
    return home() / "bundles" / slug(source)


def save(bundle: Bundle, path: str | Path, keep: int = 0, link: bool = False) -> None:
    """Write a bundle whole or not at all; an older bundle at the same place is replaced.

    Args:
        keep: how many of those that were replaced are kept beside it, this one among them; see ``rollback``. With 0 the
            one that is replaced is not, and those that were kept before stay.
        link: leave likes and users' ids in the prepared folder that they are mapped from, and point to it. A bundle
            that was read from one that points there does so anyway.

    Raises:
        ConfigError: data to point to that are not mapped from a prepared folder.
        StorageError: the place cannot be written, or holds something that is not a bundle.
    """
    prepared = bundle.interactions.prepared
    if link and prepared is None:
        raise ConfigError(*NOT_PREPARED)
    linked = prepared if link or bundle.manifest.people else None
    path = check_place(path)
    with writing(path):
        new = partial(path)
        new.mkdir()
        _write(bundle, new, linked)
        with undisturbed():
            placed, kept_too = False, keep > 0 and (path / MANIFEST).is_file()
            try:
                if kept_too:
                    new = new.rename(next_version(path))  # the old one stays there when this one takes its place
                take_place(new, path)
                placed = True
            finally:
                if not (placed and kept_too):
                    discard(new)
            for version in kept(path)[keep:] if keep else ():
                discard(version)


def save_map(bundle: Bundle, path: str | Path) -> None:
    """Write the map of a bundle that lies at ``path``, whole or not at all; the other files stay as they are.

    Raises:
        BundleError: the bundle at ``path`` is another one by now, or there is no map to write.
        StorageError: nothing can be written there.
    """
    path = place(path)
    if bundle.projection is None:
        raise BundleError("a bundle with a map", "one without", "draw it first, with draw_map")
    content = encoded_map(bundle.projection, bundle.id)
    with _adding(bundle, path, "draw the map again"), replacing(path / MAP) as file:
        file.write_bytes(content)


def save_names(bundle: Bundle, path: str | Path) -> None:
    """Write the names of a bundle that lies at ``path``, whole or not at all; the other files stay as they are.

    Raises:
        BundleError: the bundle at ``path`` is another one by now.
        StorageError: nothing can be written there.
    """
    path = place(path)
    with _adding(bundle, path, "look at it and try again"):
        write_names(bundle.names, path, bundle.id)


def save_open_names(bundle: Bundle, path: str | Path) -> None:
    """Write the open names of a bundle that lies at ``path``, whole or not at all; the other files stay as they are.

    Raises:
        BundleError: the bundle at ``path`` is another one by now.
        StorageError: nothing can be written there.
    """
    path = place(path)
    with _adding(bundle, path, "look at it and try again"):
        write_open_names(bundle.open_names, path, bundle.id)


@contextmanager
def _adding(bundle: Bundle, path: Path, remedy: str) -> Iterator[None]:
    """Hold the lock of a place where a bundle still lies."""
    if read_manifest(path).id == bundle.id:  # where there is none, there is nothing to lock either
        with writing(path):
            if read_manifest(path).id == bundle.id:
                yield
                return
    raise BundleError(f"the same bundle as before at {path}", "another one", remedy)


def check_place(path: str | Path) -> Path:
    """Make sure that a bundle can be written to ``path``, and make its parent folder.

    Returns:
        The same place, links followed, which stays right where the present folder is replaced (``.``).

    Raises:
        StorageError: nothing can be written there, or it holds something that is not a bundle.
    """
    path = place(path)
    with storing(path):
        put_back(path)
        if path.exists() and not (path / MANIFEST).is_file() and (not path.is_dir() or any(path.iterdir())):
            raise StorageError(
                "a new folder or an existing bundle to write to", f"something else at {path}", "choose another --out"
            )
        if path.is_mount():
            raise StorageError("a folder that can be replaced", f"a mount point at {path}", "choose one inside it")
        path.parent.mkdir(parents=True, exist_ok=True)
        with undisturbed():
            trial = next_version(path)  # the longest name that is needed beside it
            trial.mkdir()
            discard(trial)
    return path


def load(path: str | Path, device: str | torch.device = "cpu") -> Bundle:
    """Read a bundle. One that is replaced meanwhile is read again, so that its files belong together.

    Args:
        path: its folder, or an address such as ``s3://bucket/folder``, which is fetched; see ``remote.py``.

    Raises:
        BundleError: nothing there, another format version, or files that are not as they were written; says how to
            rebuild it.
    """
    fit_threads()
    path = fetch(path) if isinstance(path, str) and is_address(path) else Path(path)
    for _ in range(TRIES):
        manifest = read_manifest(path)
        try:
            read = _read(manifest, path, device)
        except BundleError:
            if read_manifest(path).id == manifest.id:
                raise
        else:
            if read_manifest(path).id == manifest.id:
                return read
    raise BundleError(f"a bundle that can be read at {path}", "one that is replaced all the time", "try again later")


@dataclasses.dataclass(frozen=True)
class Version:
    """An earlier bundle. name: when it was replaced (UTC); id: of the bundle, "" where it cannot be read."""

    name: str
    id: str


def versions(path: str | Path) -> list[Version]:
    """The earlier bundles that were kept of one, the last first; see ``save``."""
    found = []
    for folder in kept(place(path)):
        try:
            found.append(Version(version_of(folder), read_manifest(folder).id))
        except BundleError:
            found.append(Version(version_of(folder), ""))
    return found


def rollback(path: str | Path, to: str = "") -> Bundle:
    """Let an earlier bundle take the place of the one at ``path``, which is kept: going back twice changes nothing.

    Args:
        to: name or id of the version; the last one by default.

    Returns:
        The bundle that lies there now.

    Raises:
        BundleError: no such version, or one that is not whole.
        StorageError: nothing can be written there.
    """
    path = check_place(path)
    with writing(path):
        found = [one for one in versions(path) if to in ("", one.name, one.id)]
        if not found:
            here = ", ".join(one.name for one in versions(path)) or "none"
            raise BundleError(
                f"an earlier version {to} of {path}".replace("  ", " "), here, "keep some with: knobs train --keep N"
            )
        folder = next(one for one in kept(path) if version_of(one) == found[0].name)
        load(folder)
        with undisturbed():
            take_place(folder, path)
            if folder.exists():
                folder.rename(next_version(path))
        return load(path)


def read_item_effects(path: str | Path) -> dict[str, dict[str, float]]:
    """{knob key: {item id: effect}} that a bundle was saved with, also where its models can no longer be read.

    Raises:
        BundleError: no such file, or not as it was written.
    """
    path = Path(path)
    file = path / ITEM_EFFECTS
    expected, found, remedy = f"what knobs do to items, in {file}", "none that can be read", "train it anew"
    try:
        with reading(path, expected, found, remedy):  # a manifest of any format that proves this file will do
            document = json.loads(read_once(path / MANIFEST, LARGEST))
            record = FileRecord.model_validate(document["files"][ITEM_EFFECTS])
            return contents.read_item_effects(_proved(file, record, rebuild(document, path)))
    except FileNotFoundError:
        raise BundleError(expected, found, remedy) from None


def _read(manifest: Manifest, path: Path, device: str | torch.device) -> Bundle:
    remedy = rebuild(manifest.document(), path)
    contents.check_claims(manifest, str(path), remedy)
    files = {name: _proved(path / name, record, remedy) for name, record in manifest.files.items()}
    try:
        with reading(path, f"a whole bundle at {path}", "damage ({})", remedy):
            parts = contents.decoded(files, manifest, device)
    except BundleError:
        raise
    except KnobsError as error:
        raise BundleError(f"a bundle that can be used at {path}", f"one that cannot ({error})", remedy) from error
    projection, names = _read_map(path, manifest, parts), read_names(path, manifest.id)
    open_names = read_open_names(path, manifest.id, len(parts.labels))
    try:
        return Bundle(manifest, *parts[:6], projection, open_names=open_names).with_names(names)
    except KnobsError as error:
        raise BundleError(
            f"names that can be used in {path / NAMES}", f"one that cannot ({error})", "delete the file"
        ) from None


def _proved(file: Path, record: FileRecord, remedy: str) -> bytes:
    """The bytes of a file, read once, if they are those that were written."""
    expected = f"{file} with {record}"
    try:
        with reading(file.parent, expected, "{}", remedy):
            data = read_once(file, record.bytes)
    except FileNotFoundError:
        raise BundleError(expected, "no such file", remedy) from None
    found = proof(data)
    if found != record:
        raise BundleError(expected, str(found), remedy)
    return data


def _read_map(path: Path, manifest: Manifest, parts: contents.Contents) -> Projection | None:
    n_items, d_embed = parts.interactions.n_items, parts.nested.cfae.d_embed
    alive = np.array([label.alive for label in parts.labels])
    remedy = f"delete the file and draw the map again with: knobs map {shlex.quote(str(path))}"
    try:
        with reading(path, f"the map of the bundle in {path / MAP}", "none that can be used ({})", remedy):
            data = read_once(path / MAP, largest_map(n_items, d_embed, len(alive)))
            return decoded_map(data, manifest.id, n_items, d_embed, alive)
    except FileNotFoundError:
        return None


def _write(bundle: Bundle, folder: Path, linked: Prepared | None) -> None:
    """Write all files; the manifest, which says that they are all there, when the disk has the others."""
    proofs = {}
    for name, data in contents.encoded(bundle.contents(), linked is not None):
        (folder / name).write_bytes(data)
        proofs[name] = proof(data)
    people = PeopleRecord(path=linked.path, id=linked.id) if linked else None
    manifest = bundle.manifest.model_copy(update={"files": proofs, "people": people})
    if bundle.projection:
        (folder / MAP).write_bytes(encoded_map(bundle.projection, manifest.id))
    if bundle.names:
        write_names(bundle.names, folder, manifest.id)
    if bundle.open_names:
        write_open_names(bundle.open_names, folder, manifest.id)
    for name, card in CARDS.items():
        (folder / name).write_text(card(bundle), encoding="utf-8")
    for file in folder.iterdir():
        to_disk(file)
    text = json.dumps(manifest.document(), indent=2, ensure_ascii=False, sort_keys=True)
    write_whole(folder / MANIFEST, text + "\n")
