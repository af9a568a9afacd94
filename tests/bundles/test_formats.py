"""Small files that claim to be huge, or are written as this package never writes: refused before memory is spent.

Every one lies in a bundle whose hashes are right, as a stranger would hand it over.
"""

import io
import json
import shutil
import struct
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from knobs_core import bundles
from knobs_core.base.errors import BundleError
from knobs_core.bundles import formats
from knobs_core.bundles.manifest import Manifest
from tests.bundles.sealing import seal, written


def parquet(name, columns, **settings):
    """A table in place of another one."""
    return lambda path: pq.write_table(pa.table(columns), path / f"{name}.parquet", store_schema=False, **settings)


def again(name, **settings):
    """The same table, written otherwise."""
    return lambda path: pq.write_table(
        pq.read_table(path / f"{name}.parquet"), path / f"{name}.parquet", use_dictionary=False, **settings
    )


def shared(text, n_rows):
    """A column of one text, kept once."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n_rows, np.int8)), pa.array([text]))


def tags_of_one_text(path):
    frame = pd.read_parquet(path / "tags.parquet")
    columns = {"item": frame["item"], "tag": shared("x" * 10**6, len(frame)), "weight": frame["weight"]}
    pq.write_table(pa.table(columns), path / "tags.parquet", store_schema=False)


def long_tag(path):
    """One tag of a million letters: sorting would make every other one as long."""
    frame = pd.read_parquet(path / "tags.parquet")
    frame.loc[0, "tag"] = "x" * 10**6
    frame.to_parquet(path / "tags.parquet", index=False)


def npy(dtype, shape, data=b""):
    header = f"{{'descr': {dtype!r}, 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


def archive(name="interactions.npz", compression=zipfile.ZIP_DEFLATED, more=(), **changes):
    """A sparse matrix with some of its members replaced."""

    def apply(path):
        with zipfile.ZipFile(path / name) as old:
            members = [(one, old.read(one)) for one in old.namelist()]
        with zipfile.ZipFile(path / name, "w", compression) as new:
            for member, data in (*members, *more):
                new.writestr(member, changes.get(member.removesuffix(".npy"), data))

    return apply


def zeros(path):
    """An array of 600 MB of nothing, in less than one."""
    archive()(path)
    with zipfile.ZipFile(path / "interactions.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for member in sorted(formats.MEMBERS):
            with new.open(member, "w", force_zip64=True) as stream:
                stream.write(npy("<f4", (150_000_000,)))
                for _ in range(600 if member == "data.npy" else 0):
                    stream.write(bytes(10**6))


def header(file, text, length=None):
    data = text.encode() if isinstance(text, str) else json.dumps(text).encode()
    return lambda path: (path / file).write_bytes(struct.pack("<Q", len(data) if length is None else length) + data)


def setting(section, **changes):
    def apply(path):
        document = written(path)
        document[section]["config"].update(changes)
        seal(path, document)

    return apply


TERABYTE = {"w_dec": {"dtype": "F32", "shape": [2**20, 2**20], "data_offsets": [0, 2**42]}}
OBJECTS = io.BytesIO()
np.save(OBJECTS, np.array([{}], object))
NO_TEXT = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(struct.pack("<ii", 0, 1)), pa.py_buffer(b"\xff")])
ROOM, OTHERWISE = "would take up .* bytes of memory", "is compressed in another way"
BOMBS = {
    "rows": (parquet("users", {"user_id": shared("u", 20_000_000)}), f"users.parquet {ROOM}"),
    "numbers": (parquet("recipes", {"tag": shared("t", 10**7), "neuron": np.zeros(10**7, int),
                                    "weight": np.ones(10**7)}), f"recipes.parquet {ROOM}"),
    "one text for many": (tags_of_one_text, f"tags.parquet {ROOM}"),
    "a long text": (long_tag, f"tags.parquet {ROOM}"),
    "records": (parquet("knobs", {"neuron": np.zeros(10**6, int)}), f"knobs.parquet {ROOM}"),
    "json for many": (parquet("effects", {"theme": shared(json.dumps([0] * 10**5), 500)}), f"effects.parquet {ROOM}"),
    "zstd": (again("items", compression="zstd"), f"items.parquet {OTHERWISE}"),
    "delta": (again("users", column_encoding="DELTA_BYTE_ARRAY"), f"users.parquet {OTHERWISE}"),
    "lists": (parquet("users", {"user_id": [["u1"]]}), "users.parquet has neither text nor numbers in user_id"),
    "no utf-8": (parquet("users", {"user_id": NO_TEXT}), "damage .*UTF8"),
    "zeros": (zeros, f"interactions.npz {ROOM}"),
    "array of terabytes": (archive(data=npy("<f4", (10**12,))), "damage"),
    "array of negative size": (archive(data=npy("<f4", (-1,))), "damage"),
    "array of nothing": (archive(data=npy("|V0", (10**15,))), "damage"),
    "array of objects": (archive(data=OBJECTS.getvalue()), "damage"),
    "array of texts": (archive(data=npy("<U1", (2,), b"a\0\0\0b\0\0\0")), "damage"),
    "member too much": (archive(more=[("more.npy", b"")]), "interactions.npz holds not the five arrays"),
    "lzma": (archive("concept_map.npz", zipfile.ZIP_LZMA), f"concept_map.npz {OTHERWISE}"),
    "weights of terabytes": (header("sae.safetensors", TERABYTE), "damage"),
    "header of terabytes": (header("cfae.safetensors", "{}", 2**62), "a header of more than 1,048,576 bytes"),
    "long header": (header("rests.safetensors", " " * 2**21), "a header of more than 1,048,576 bytes"),
    "deep header": (header("rests.safetensors", "[" * 2**19), "damage"),
    "no header": (lambda path: (path / "sae.safetensors").write_bytes(b""), "damage"),
    "wide recommender": (setting("cfae", dim=10**8), "cfae.safetensors has fewer weights than the settings"),
    "wide autoencoder": (setting("sae", width_ratio=1e7), "sae.safetensors has fewer weights than the settings"),
    "wider still": (setting("sae", width_ratio=1e300), "sae.safetensors has fewer weights than the settings"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BOMBS)
def test_what_would_fill_the_memory_is_refused_in_one_line(planted_path, tmp_path, kind):
    explode, says = BOMBS[kind]
    shutil.copytree(planted_path, tmp_path / "b")
    explode(tmp_path / "b")
    seal(tmp_path / "b")
    with pytest.raises(BundleError, match=says) as error:
        bundles.load(tmp_path / "b")
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 1000


OTHER_MODELS = {
    "fewer neurons": setting("sae", k=1),
    "a neuron more": setting("sae", k=17),
    "a neuron less": setting("sae", k=15),
    "all neurons": setting("sae", k=10**9),
    "not refined": setting("sae", refine=0),
    "refined once more": setting("sae", refine=4),
}


@pytest.mark.parametrize("kind", OTHER_MODELS)
def test_settings_that_make_another_model_of_the_weights_are_refused(planted_path, tmp_path, kind):
    shutil.copytree(planted_path, tmp_path / "b")
    OTHER_MODELS[kind](tmp_path / "b")
    with pytest.raises(BundleError, match=r"the models with their settings are not those that .* was made by"):
        bundles.load(tmp_path / "b")


def test_without_tags_the_people_tell_that_settings_are_others(tmp_path):
    from knobs_core.data import Interactions
    from knobs_core.data.planted import planted
    from tests.given import SMALL

    bundle = bundles.train(Interactions.from_frames(planted().interactions), "elsa", overrides=SMALL, device="cpu")
    bundles.save(bundle, tmp_path / "b")
    assert bundles.load(tmp_path / "b").id == bundle.id
    for changes in ({"k": 1}, {"k": 15}, {"k": 20}, {"refine": 0}):
        shutil.copytree(tmp_path / "b", tmp_path / "c", dirs_exist_ok=True)
        setting("sae", **changes)(tmp_path / "c")
        with pytest.raises(BundleError, match=r"not those that knobs\.parquet was made by"):
            bundles.load(tmp_path / "c")


def test_steps_without_end_are_refused(planted_path, tmp_path):
    shutil.copytree(planted_path, tmp_path / "b")
    setting("sae", refine=10**9)(tmp_path / "b")
    with pytest.raises(BundleError, match=r"sae\.refine to be less than or equal to 100"):
        bundles.load(tmp_path / "b")


def test_a_bundle_that_says_it_is_larger_than_it_may_be_is_not_read(planted_path, tmp_path, monkeypatch):
    shutil.copytree(planted_path, tmp_path / "b")
    with (tmp_path / "b" / "sae.safetensors").open("r+b") as file:
        file.truncate(2**43)  # of nothing
    document = written(tmp_path / "b")
    document["files"]["sae.safetensors"]["bytes"] = 2**43
    del document["id"]
    text = json.dumps({"id": Manifest.model_validate(document).id, **document})
    (tmp_path / "b" / bundles.MANIFEST).write_text(text)
    with pytest.raises(BundleError, match=r"at most [\d,]+ bytes at .*, found 8,796,.*raise KNOBS_MAX_BYTES"):
        bundles.load(tmp_path / "b")
    monkeypatch.setenv("KNOBS_MAX_BYTES", "1000")
    with pytest.raises(BundleError, match="at most 1,000 bytes"):
        bundles.load(planted_path)


def test_tables_come_back_with_the_types_they_had():
    frame = pd.DataFrame(
        {"text": ["a", "", "ä" * 3], "whole": [1, 2, 3], "real": np.float32([0.5, 1, 2]), "n": [True] * 3}
    )
    back = formats.read_table({"t.parquet": formats.table_bytes(frame)}, "t", formats.Room(0))
    assert formats.table_bytes(back) == formats.table_bytes(frame)
    assert back.dtypes.astype(str).tolist()[1:] == ["int64", "float32", "bool"]
    few = formats.read_table({"t.parquet": formats.table_bytes(frame)}, "t", formats.Room(0), "real", "text")
    assert list(few) == ["real", "text"]
    assert few["text"].tolist() == ["a", "", "äää"]
