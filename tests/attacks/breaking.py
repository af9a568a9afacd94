"""What breaks a bundle on disk, by chance and on purpose.

DAMAGE is what disks, copies and editors do. DECEIT changes what tables, arrays, settings and names say; afterwards
the hashes are made right again, as a stranger would who hands such a bundle over. Each function takes the folder of a
bundle, that of another one of the same shapes, and a generator of random numbers.
"""

import contextlib
import json
import os
import shutil

import numpy as np
import pandas as pd
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from knobs_core import bundles
from knobs_core.bundles.projection import encoded_map
from knobs_core.maps import Network, Projection
from tests.bundles.sealing import seal, seal_names, written

NASTY = (
    None, "", "x", "\0", "\u202e", "../../etc/passwd", "; rm -rf ~", "[", "[" * 10_000, "x" * 100_000, "nan", -1, 0, 1,
    2, 7, 0.5, -0.0, 1e-320, 1e308, float("nan"), float("inf"), -float("inf"), 2**31, 2**63, 10**30, 10**400, True,
    False, [], {}, [[]], [None], {"a": None},
)  # fmt: skip


def break_bundle(path, other, rng, deceive):
    """Break a bundle in one way or two; returns their names."""
    kinds, done = DECEIT if deceive else DAMAGE, []
    for _ in range(1 if rng.random() < 0.8 else 2):
        done.append(str(rng.choice(sorted(kinds))))
        with contextlib.suppress(Exception):  # what is broken already cannot always be broken again
            kinds[done[-1]](path, other, rng)
    for prove in (seal, seal_map, seal_own) if deceive else ():
        with contextlib.suppress(Exception):  # what is no manifest, map or file of names any more stays as it is
            prove(path)
    return done


def bytes_changed(change):
    def apply(path, other, rng):
        file = a_file(path, rng)
        data = bytearray(file.read_bytes())
        change(data, int(rng.integers(len(data) or 1)), rng)
        file.write_bytes(data)

    return apply


def a_file(path, rng):
    return path / rng.choice(sorted(file.name for file in path.iterdir() if file.is_file()))


def flip(data, at, rng):
    data[at] ^= 1 << int(rng.integers(8))


def cut(data, at, _):
    del data[at:]


def zero(data, at, rng):
    n = int(rng.integers(1, 256))
    data[at : at + n] = bytes(len(data[at : at + n]))


def twice(data, at, rng):
    data[at:at] = data[at : at + int(rng.integers(1, 4096))]


def noise(data, at, rng):
    data[at : at + 32] = rng.bytes(len(data[at : at + 32]))


def append(data, _, rng):
    data += rng.bytes(int(rng.integers(1, 100)))


def missing(path, _, rng):
    a_file(path, rng).unlink()


def swapped(path, other, rng):
    file = a_file(path, rng)
    shutil.copy(other / file.name, file)


def odd_file(path, other, rng):
    file = a_file(path, rng)
    file.unlink()
    kind = rng.integers(3)
    if kind == 0:
        file.symlink_to(other / file.name)
    elif kind == 1:
        os.mkfifo(file)
    else:
        file.mkdir()


def edited(path, _, rng):
    """A value of the manifest."""
    document = written(path)
    change_json(document, rng)
    (path / bundles.MANIFEST).write_text(json.dumps(document))


def change_json(document, rng):
    where = document
    while True:
        keys = sorted(where) if isinstance(where, dict) else list(range(len(where)))
        if not keys:
            return
        key = keys[rng.integers(len(keys))]
        if isinstance(where[key], dict | list) and where[key] and rng.random() < 0.9:
            where = where[key]
            continue
        kind = rng.random()
        if kind < 0.15:
            del where[key]
        elif kind < 0.25 and isinstance(where, dict):
            where[str(rng.choice(["more", "", "id", "files"]))] = nasty(rng)
        elif kind < 0.5 and isinstance(where[key], int | float):
            where[key] = where[key] * int(rng.integers(-2, 5)) + int(rng.integers(-2, 3))
        else:
            where[key] = nasty(rng)
        return


def nasty(rng):
    return NASTY[rng.integers(len(NASTY))]


def table(path, _, rng):
    """A cell, a row or a column of a table."""
    file = path / rng.choice([name for name in sorted(written(path)["files"]) if name.endswith("parquet")])
    frame = pd.read_parquet(file)
    column, row = str(rng.choice(frame.columns)), int(rng.integers(len(frame)))
    kind = rng.integers(8)
    if kind < 3:
        cells = frame[column].astype(object).tolist()
        alike = [value for value in NASTY if isinstance(value, type(cells[row])) and not isinstance(value, bool)]
        cells[row] = nasty(rng) if not kind or not alike else alike[rng.integers(len(alike))]
        frame[column] = pd.Series(cells, dtype=object)
        with contextlib.suppress(Exception):
            frame[column] = frame[column].infer_objects()
    elif kind == 3:
        frame = frame.drop(index=row)
    elif kind == 4:
        frame = pd.concat([frame, frame[row : row + 1]])
    elif kind == 5:
        frame = frame.sample(frac=1, random_state=int(rng.integers(1000)))
    elif kind == 6:
        frame = frame.drop(columns=column)
    else:
        frame[column] = nasty(rng) if rng.random() < 0.5 else 0
    frame.to_parquet(file, index=False)


def weights(path, _, rng):
    """An entry, a row, the shape or the type of an array."""
    name = str(rng.choice(["cfae", "sae", "rests", "map"]))
    file = path / f"{name}.safetensors"
    arrays = load_file(file)
    key = str(rng.choice(sorted(arrays)))
    array = arrays[key] = arrays[key].copy()
    kind = rng.integers(6)
    if kind < 3:
        array.flat[rng.integers(array.size or 1)] = rng.choice([np.nan, np.inf, -np.inf, 0, 1e30, -1, 1e-40, 3])
    elif kind == 3:
        arrays[key] = array[1:] if len(array) else array
    elif kind == 4:
        arrays[key] = array.astype(rng.choice([np.float16, np.float64, np.int32]))
    else:
        arrays[key] = array[::-1].copy()
    if name != "map":
        save_file(arrays, file)
    else:
        with contextlib.suppress(Exception):
            items, neurons = arrays.pop("items"), arrays.pop("neurons")
            trust = float(rng.choice([0.9, np.nan, np.inf, 2]))
            made = Projection(items, neurons, Network(**arrays), trust, int(rng.choice([5, -5])))
            file.write_bytes(encoded_map(made, written(path)["id"]))


def sparse(path, _, rng):
    """An entry of an array of a sparse matrix, as SciPy would never write it."""
    file = path / rng.choice(["interactions.npz", "concept_map.npz"])
    with np.load(file) as stored:
        arrays = dict(stored)
    key = str(rng.choice(sorted(arrays)))
    array = arrays[key] = arrays[key].copy()
    if array.ndim and array.dtype.kind in "iuf" and rng.random() < 0.8:
        values = [-1, 0, 1, 2, 10**6, 2**31 - 1] + ([np.nan, np.inf, 0.5] if array.dtype.kind == "f" else [])
        array[rng.integers(len(array))] = rng.choice(values)
    elif array.ndim:
        arrays[key] = array[: rng.integers(len(array))]
    else:
        arrays[key] = np.array(rng.choice([b"csc", b"bsr", b"coo", b"", b"x"]))
    with file.open("wb") as stream:
        np.savez(stream, **arrays)


def seal_map(path):
    """Prove a map as that of the manifest's bundle, whatever it holds."""
    file = path / bundles.MAP
    with safe_open(file, "numpy") as stored:
        facts = stored.metadata()
    arrays = load_file(file)
    items, neurons = arrays.pop("items"), arrays.pop("neurons")
    made = Projection(items, neurons, Network(**arrays), float(facts["trustworthiness"]), int(facts["n_users"]))
    file.write_bytes(encoded_map(made, written(path)["id"]))


def seal_own(path):
    """Prove names in the same way."""
    seal_names(path, json.loads((path / bundles.NAMES).read_text())["names"])


def names(path, _, rng):
    """Names that an owner would not give, with their proof."""
    key = str(rng.choice(["#3", "#0", "concept 0", "", "#99", "=3:1000"]))
    seal_names(path, {key: nasty(rng), "#1": str(nasty(rng))[:70]})


def deep(path, _, rng):
    texts = ("[" * 200_000, '{"format":' * 50_000, "[]", "null", '"' + "x" * 2**23 + '"', "[" + "[]," * 2**21 + "0]")
    (path / rng.choice([bundles.MANIFEST, bundles.NAMES])).write_text(texts[rng.integers(len(texts))])


DAMAGE = {
    **{one.__name__: bytes_changed(one) for one in (flip, cut, zero, twice, noise, append)},
    **{one.__name__: one for one in (missing, swapped, odd_file, edited, deep)},
}
DECEIT = {one.__name__: one for one in (edited, table, weights, sparse, names, swapped)}
