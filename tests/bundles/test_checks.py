"""Files whose hashes are right and whose content is not: each kind is refused in one line that says what is wrong."""

import io
import shutil

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from safetensors.numpy import load_file, save_file

from knobs_core import bundles
from knobs_core.base.errors import BundleError
from tests.bundles.sealing import seal, written


def table(name, change):
    """Rewrites a table; ``change`` gets the frame, and may return another one."""

    def apply(path):
        frame = pd.read_parquet(path / f"{name}.parquet")
        changed = change(frame)
        (frame if changed is None else changed).to_parquet(path / f"{name}.parquet", index=False)

    return apply


def cell(name, column, value, row=0):
    def change(frame):
        frame[column] = frame[column].astype(object)
        frame.at[row, column] = value
        frame[column] = frame[column].infer_objects()

    return table(name, change)


def arrays(name, array, change):
    def apply(path):
        held = load_file(path / name)
        held[array] = np.ascontiguousarray(change(held[array].copy()))
        save_file(held, path / name)

    return apply


def first(value):
    def change(array):
        array.flat[0] = value
        return array

    return change


def sparse(name, **changes):
    """Rewrites the arrays of a sparse matrix, as SciPy itself never would."""

    def apply(path):
        with np.load(path / name) as stored:
            held = dict(stored)
        for key, change in changes.items():
            held[key] = change(held[key])
        buffer = io.BytesIO()
        np.savez(buffer, **held)
        (path / name).write_bytes(buffer.getvalue())

    return apply


def likes(**changes):
    return sparse("interactions.npz", **changes)


def weights(name, array, change):
    return arrays(f"{name}.safetensors", array, change)


def swapped(array):
    array[[0, 1]] = array[[1, 0]]
    return array


def doubled(array):
    array[1] = array[0]
    return array


def as_csc(path):
    sp.save_npz(path / "interactions.npz", sp.csc_matrix(sp.load_npz(path / "interactions.npz")))


BROKEN = {
    "column far away": (likes(indices=first(10**6)), "no sparse matrix"),
    "column below 0": (likes(indices=first(-1)), "no sparse matrix"),
    "rows that end too late": (likes(indptr=lambda a: a + (np.arange(len(a)) > 3) * 10**6), "damage"),
    "rows that end early": (likes(indptr=lambda a: np.where(np.arange(len(a)) == 3, 0, a)), "damage"),
    "columns out of order": (likes(indices=swapped), "out of order or twice"),
    "a like twice": (likes(indices=doubled), "out of order or twice"),
    "likes of 2": (likes(data=first(2)), "likes are not float32 ones"),
    "likes of float64": (likes(data=lambda a: a.astype(float)), "likes are not float32 ones"),
    "likes that are no number": (likes(data=first(np.nan)), "no finite numbers"),
    "another format": (as_csc, "interactions.npz is csc, not csr"),
    "other matrix": (likes(shape=lambda _: np.array([601, 240])), "damage"),
    "a user less": (table("users", lambda t: t[1:]), r"has 600 rows and 240 columns, not \(599, 240\)"),
    "a user twice": (cell("users", "user_id", "u1", row=3), "users.parquet has an id twice"),
    "users of bytes": (table("users", lambda t: t.assign(user_id=[b"%d" % i for i in range(len(t))])), "neither text"),
    "no users": (table("users", lambda t: t.rename(columns={"user_id": "x"})), "users.parquet has no column user_id"),
    "an item less": (table("items", lambda t: t[1:]), "not (600, 239)".replace("(", r"\(").replace(")", r"\)")),
    "no titles": (table("items", lambda t: t.drop(columns="title")), "items.parquet has no column title"),
    "odd year": (table("items", lambda t: t.assign(year="x")), "damage"),
    "tag of no item": (cell("tags", "item", 240), "an item that is not in the matrix"),
    "tag of item -1": (cell("tags", "item", -1), "an item that is not in the matrix"),
    "tag of half an item": (table("tags", lambda t: t.assign(item=t["item"] + 0.5)), "an item that is not in the"),
    "tag without weight": (cell("tags", "weight", np.nan), "a weight that is no number above 0"),
    "tag that is a number": (table("tags", lambda t: t.assign(tag=1)), "a tag that is no text"),
    "another tag": (table("tags", lambda t: t.replace({"tag": {"concept 3": "x"}})), "other tags than tags.parquet"),
    "weights that are no number": (weights("sae", "w_dec", first(np.nan)), "w_dec in sae.safetensors has"),
    "weights that overflow": (weights("cfae", "item_vectors", first(1e30)), "no finite numbers"),
    "rests that overflow": (weights("rests", "rests", first(-1e30)), "finite numbers"),
    "recipe that overflows": (cell("recipes", "weight", 1e30), "a weight that cannot be"),
    "infinite weights": (weights("cfae", "item_vectors", first(np.inf)), "no finite numbers"),
    "weights of another shape": (weights("sae", "w_dec", lambda a: a[1:]), r"is \(127, 32\) torch.float32, not"),
    "weights of another type": (weights("sae", "w_dec", lambda a: a.astype(np.float16)), "torch.float16, not"),
    "too many weights": (lambda path: save_file({**load_file(path / "sae.safetensors"), "more": np.ones(1)},
                                                path / "sae.safetensors"), "sae.safetensors has too much: more"),
    "too few weights": (lambda path: save_file({"w_dec": load_file(path / "sae.safetensors")["w_dec"]},
                                               path / "sae.safetensors"), "sae.safetensors has no "),
    "rests that are no number": (weights("rests", "rests", first(np.nan)), "finite numbers"),
    "rests of another shape": (weights("rests", "rests", lambda a: a[:, 1:]), "rests.safetensors has not"),
    "recipe of no neuron": (cell("recipes", "neuron", 128), "recipes.parquet has a neuron that is not there"),
    "recipe of neuron -1": (cell("recipes", "neuron", -1), "recipes.parquet has a neuron that is not there"),
    "recipe of no weight": (cell("recipes", "weight", -0.5), "a weight that cannot be"),
    "recipe of no tag": (cell("recipes", "tag", "nothing"), "damage"),
    "share that is no number": (cell("concepts", "explained", np.nan), "concepts.parquet has a share"),
    "concepts in another order": (table("concepts", lambda t: t[::-1]), "other tags than tags.parquet"),
    "concept map below 0": (sparse("concept_map.npz", data=first(-1)), "concept_map.npz has an activity below 0"),
    "concept map of more": (sparse("concept_map.npz", shape=lambda a: a + np.array([0, 1])), "concept_map.npz has"),
    "three labels": (table("knobs", lambda t: t[:3]), "one row for each of 128 neurons in order"),
    "labels in another order": (table("knobs", lambda t: t[::-1]), "one row for each of 128 neurons in order"),
    "a name twice": (table("knobs", lambda t: t.assign(label="x")), "knobs.parquet has a name twice"),
    "label of no item": (cell("knobs", "top_items", "[240]"), "an item for neuron 0 that is not in the matrix"),
    "label of half an item": (cell("knobs", "top_items", "[0.5]"), "knobs.parquet does not fit in row 0 at 0"),
    "label without reach": (cell("knobs", "reach", np.nan), "a number that is not finite in row 0"),
    "label of a reach below 0": (cell("knobs", "reach", -1.0), "a figure for neuron 0 that cannot be"),
    "label that is held out by nothing": (cell("knobs", "held_out", np.inf), "a number that is not finite in row 0"),
    "effect that is no number": (cell("effects", "kept", "[NaN]", row=2), "a number that is not finite in row 2"),
    "effect that is too large": (cell("effects", "rises", '[["x", 1e999]]'), "a number that is not finite in row 0"),
    "effect without end": (cell("effects", "theme", "[" * 100_000), r"damage \(.*recursion"),
    "nothing for a title": (cell("items", "title", None), "items.parquet has nothing in title somewhere"),
    "a column of numbers": (table("items", lambda t: t.assign(maker=1)), "something else than text in maker"),
    "a column of lists": (table("items", lambda t: t.assign(maker=[["a"]] * len(t))), "text nor numbers in maker"),
    "a column with a gap": (table("items", lambda t: t.assign(maker=[None, *"a" * (len(t) - 1)])), "nothing in maker"),
    "a long text": (table("items", lambda t: t.assign(maker="x" * 5001)), "a text in maker of more than 5,000"),
    "a column of a long name": (table("items", lambda t: t.assign(**{"x" * 61: "x"})), "a column that cannot be: xx"),
    "a column called genre": (table("items", lambda t: t.assign(genre="x")), "a column that cannot be: genre"),
    "a column to be seen": (table("items", lambda t: t.assign(**{"a\x1bb": "x"})), r"cannot be: ab \(its name holds"),
    "too many columns": (table("items", lambda t: t.assign(**{f"c{i}": "x" for i in range(33)})), "only 32 further"),
    "a year of nobody": (table("items", lambda t: t.assign(year=-(2**62))), "a year that cannot be"),
    "label without a column": (table("knobs", lambda t: t.drop(columns="peak")), "does not fit in row 0 at peak"),
    "confidence of 2": (cell("knobs", "confidence", 2.0), "a figure for neuron 0 that cannot be"),
    "held-out figure of 2": (cell("knobs", "held_out", 2.0), "a figure for neuron 0 that cannot be"),
    "effect of no knob": (cell("effects", "key", "#128"), "a knob that is not there: #128"),
    "an effect twice": (table("effects", lambda t: pd.concat([t, t[:1]])), "effects.parquet has a knob twice"),
    "effect that is a word": (table("effects", lambda t: t.assign(bits="x")), "not fit in row 0 at bits"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_what_does_not_fit_is_refused_in_one_line(planted_path, tmp_path, kind):
    breaking, says = BROKEN[kind]
    path = tmp_path / "b"
    shutil.copytree(planted_path, path)
    breaking(path)
    with pytest.raises(BundleError, match="bytes and SHA-256"):
        bundles.load(path)
    seal(path)
    with pytest.raises(BundleError, match=says) as error:
        bundles.load(path)
    said = str(error.value)
    assert "\n" not in said
    assert said.startswith(f"expected a whole bundle at {path}, found damage (")
    assert "; rebuild it with: knobs train --data " in said


def test_a_file_that_the_manifest_does_not_prove_is_refused(planted_path, tmp_path):
    shutil.copytree(planted_path, tmp_path / "b")
    for change in (lambda files: files.pop("sae.safetensors"), lambda files: files.update(more=files["tags.parquet"])):
        document = written(planted_path)
        change(document["files"])
        (tmp_path / "b" / "more").write_bytes(b"")
        seal(tmp_path / "b", document)
        with pytest.raises(BundleError, match=r"that proves every file, found one that does not fit at (sae|more)"):
            bundles.load(tmp_path / "b")


def test_a_figure_that_people_are_shown_is_there(planted_path, tmp_path):
    shutil.copytree(planted_path, tmp_path / "b")
    document = written(planted_path)
    del document["metrics"]["retained"]["ndcg@20"]
    seal(tmp_path / "b", document)
    with pytest.raises(BundleError, match="no ndcg@20 of retained among its metrics"):
        bundles.load(tmp_path / "b")
