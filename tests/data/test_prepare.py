"""``knobs prepare`` against the loader: the same likes, ids, items, tags and account, or the same refusal."""

import json
import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knobs_core import bundles
from knobs_core.base import ConfigError, DataError, KnobsError, MissingExtraError, StorageError, places
from knobs_core.data import load_data, planted, prepare
from knobs_core.data.sparse import is_mapped
from tests.given import ROOT

IDS = st.sampled_from((
    ("1", "2", "10", "03", "-4"), ("1", "2", "10", "9", "33"), ("1.0", "2.0", "2", "10.00", "7.0"),
    ("ann", "Ann", "'ann'", "bo  b", "Zoë"), ("u1", "u2", "u10", "U2", " u3 "), (1, 2, 10, 33, -4),
    (1.0, 2.0, 2.5, 10.0, 4.0),
))  # fmt: skip
VALUES = st.sampled_from(((1, 2, 3, 4, 5), (0, 1), (-1, 1), (1,), (0.5, 3.5, 4.0, 4.5), (0, 3, 90), ("yes", "no"), ()))
ITEMS = pd.DataFrame(
    {
        "item_id": ["1", "2", "u1", "ann", "10"],
        "title": list("abcde"),
        "year": 1990,
        "genres": "x|y",
        "likes": list("pqrst"),
    }
)


def same(one, other):
    """Whether two readings hold the same, to the type of every array."""
    for name in ("indptr", "indices", "data"):
        ours, theirs = getattr(one.matrix, name), getattr(other.matrix, name)
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours, theirs), name
    assert one.matrix.shape == other.matrix.shape
    assert one.user_ids.tolist() == other.user_ids.tolist()
    assert one.item_ids.tolist() == other.item_ids.tolist()
    pd.testing.assert_frame_equal(one.items, other.items)
    pd.testing.assert_frame_equal(one.tags, other.tags)
    assert one.account == other.account
    assert one.source == other.source


def compared(source, out, overrides, **how):
    """Read a source in both ways; what each said where both refused it."""
    said = []
    read = None
    try:
        read = load_data(source, overrides)
    except KnobsError as error:
        said.append(str(error))
    try:
        prepare(source, out, overrides, **how)
    except KnobsError as error:
        said.append(str(error))
        assert [one.name for one in out.parent.iterdir() if one.name.startswith(f".{out.name}.partial")] == []
        assert not out.exists()
    if said:
        assert len(set(said)) == 1
        assert len(said) == 2, said
        return said[0]
    same(read, load_data(out))
    return ""


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_prepared_data_are_what_the_loader_reads(tmp_path_factory, data):
    place = tmp_path_factory.mktemp("any")
    users, items, values = data.draw(IDS), data.draw(IDS), data.draw(VALUES)
    n = data.draw(st.integers(1, 60))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    likes = {"user_id": [users[i] for i in rng.integers(0, 5, n)], "item_id": [items[i] for i in rng.integers(0, 5, n)]}
    if values:
        likes["Rating"] = [values[i] for i in rng.integers(0, len(values), n)]
    ending = data.draw(st.sampled_from(("csv", "parquet")))
    (place / "source").mkdir()
    frame, file = pd.DataFrame(likes), place / "source" / f"interactions.{ending}"
    frame.to_csv(file, index=False) if ending == "csv" else frame.to_parquet(file)
    if data.draw(st.booleans()):
        ITEMS.to_csv(place / "source" / "items.csv", index=False)
    overrides = {
        "duplicates": data.draw(st.sampled_from(("merge", "merge", "refuse"))),
        "min_user_interactions": data.draw(st.integers(2, 3)),
        "min_item_interactions": data.draw(st.integers(1, 4)),
        "min_tag_items": 1,
    }
    if data.draw(st.booleans()):
        overrides["threshold"] = data.draw(st.sampled_from((0.0, 1.0, 3.5, 4.0)))
    compared(place / "source", place / "prepared", overrides, shards=data.draw(st.sampled_from((1, 3))))
    shutil.rmtree(place)


def rows(n=400, seed=0):
    """Likes of forty people and thirty items, some of them there twice."""
    rng = np.random.default_rng(seed)
    users, items = rng.integers(0, 40, n), rng.integers(0, 30, n)
    return pd.DataFrame({"user_id": users, "item_id": items, "rating": rng.integers(1, 6, n)})


MERGED = {"duplicates": "merge", "min_user_interactions": 2}


@pytest.fixture
def source(tmp_path):
    place = tmp_path / "source"
    place.mkdir()
    rows().to_csv(place / "interactions.csv", index=False)
    ITEMS.assign(item_id=["1", "2", "3", "4", "5"]).to_csv(place / "items.csv", index=False)
    return place


def test_a_movielens_archive(tmp_path):
    place = tmp_path / "ml"
    place.mkdir()
    rows().rename(columns={"user_id": "userId", "item_id": "movieId"}).drop_duplicates(["userId", "movieId"]).to_csv(
        place / "ratings.csv", index=False
    )
    films = pd.DataFrame(
        {"movieId": range(30), "title": [f"Film {i}, The (1990)" for i in range(30)], "genres": "Drama"}
    )
    films.to_csv(place / "movies.csv", index=False)
    pd.DataFrame({"userId": 1, "movieId": range(20), "tag": "dark"}).to_csv(place / "tags.csv", index=False)
    shutil.make_archive(str(tmp_path / "ml"), "zip", tmp_path, "ml")
    assert not compared(tmp_path / "ml.zip", tmp_path / "out", {"min_user_interactions": 2}, shards=2)
    assert load_data(tmp_path / "out").main_title(0) == "The Film 0"


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet"])
def test_files_of_likes_count_as_one(source, tmp_path, ending):
    """In the order of their names: the last row of a pair counts."""
    whole = load_data(source, MERGED)
    parts = tmp_path / "parts"
    parts.mkdir()
    shutil.copy(source / "items.csv", parts)
    for number, part in enumerate(np.array_split(np.arange(400), 3)):
        file, some = parts / f"likes-{number}.{ending}", rows().iloc[part]
        some.to_parquet(file) if ending == "parquet" else some.to_csv(
            file, index=False, sep="\t" if ending == "tsv" else ","
        )
    prepare(parts, tmp_path / "out", MERGED, shards=2)
    read = load_data(tmp_path / "out")
    assert (read.matrix != whole.matrix).nnz == 0
    assert read.account == whole.account
    pd.testing.assert_frame_equal(read.items, whole.items)


def test_a_file_of_likes_has_its_items_beside_it(source, tmp_path):
    (source / "interactions.csv").rename(source / "likes.csv")
    prepare(source / "likes.csv", tmp_path / "out", MERGED, shards=2)
    assert load_data(tmp_path / "out").account.items_with_title == 5


def test_the_order_of_files_is_that_of_their_rows(tmp_path):
    for number, value in enumerate((5, 1)):
        frame = pd.DataFrame({"user_id": np.repeat([1, 2, 3], 3), "item_id": [1, 2, 3] * 3, "rating": 5})
        frame.loc[0, "rating"] = value
        frame.to_parquet(tmp_path / f"part-{number}.parquet")
    made = prepare(tmp_path, tmp_path / "out", MERGED, shards=1)
    assert (made.account.likes, made.account.duplicates, made.account.below_threshold) == (8, 9, 1)


def test_what_promises_to_be_unique_is_believed_until_it_shows(source, tmp_path):
    once = rows().drop_duplicates(["user_id", "item_id"])
    once.to_csv(source / "interactions.csv", index=False)
    whole = load_data(source, MERGED)
    prepare(source, tmp_path / "out", MERGED, shards=2, unique=True)
    same(load_data(tmp_path / "out"), whole)
    pd.concat([once, once]).to_csv(source / "interactions.csv", index=False)
    with pytest.raises(DataError, match="as --unique promises"):
        prepare(source, tmp_path / "other", MERGED, shards=2, unique=True)
    assert not (tmp_path / "other").exists()


def test_a_layout_that_is_read_at_once_is_named(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.inter").write_text("user_id:token\titem_id:token\n1\t2\n")
    with pytest.raises(DataError, match=r"recbole .*knobs train --data .*/set reads it directly"):
        prepare(tmp_path / "set", tmp_path / "out")
    with pytest.raises(DataError, match="knobs train --data demo reads it"):
        prepare("demo", tmp_path / "out")
    with pytest.raises(DataError, match="check the path"):
        prepare(tmp_path / "nowhere", tmp_path / "out")


def test_a_broken_row_is_named(source, tmp_path):
    with (source / "interactions.csv").open("a") as file:
        file.write("1,2\n")
    assert "(line 402)" in compared(source, tmp_path / "out", MERGED)


def test_too_little_memory_is_refused_and_nothing_stays(source, tmp_path):
    with pytest.raises(ConfigError, match="raise --memory"):
        prepare(source, tmp_path / "out", MERGED, memory="1MB")
    with pytest.raises(ConfigError, match="an amount of memory"):
        prepare(source, tmp_path / "out", MERGED, memory="much")
    assert sorted(one.name for one in tmp_path.iterdir()) == [".out.lock", "source"]


def test_only_prepared_data_are_replaced(source, tmp_path):
    prepare(source, tmp_path / "out", MERGED, shards=1)
    first = load_data(tmp_path / "out").n_users
    made = prepare(source, tmp_path / "out", {**MERGED, "min_user_interactions": 6}, shards=2)
    assert load_data(tmp_path / "out").n_users == made.account.users < first
    with pytest.raises(StorageError, match="something else"):
        prepare(source, source, MERGED)


def test_without_the_engine(source, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtraError, match=r"knobs-recsys\[prepare\]"):
        prepare(source, tmp_path / "out", MERGED)


@pytest.fixture
def prepared(source, tmp_path):
    prepare(source, tmp_path / "out", MERGED, shards=2)
    return tmp_path / "out"


@pytest.mark.parametrize("name", ["users/shard=1/part-0.parquet", "items.parquet", "tags.parquet", "manifest.json"])
@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_damage_is_refused(prepared, name, damage):
    file = prepared / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data) if damage == "changed" else file.unlink()
    if (name, damage) == ("manifest.json", "gone"):
        with pytest.raises(DataError):  # a folder without a manifest is none
            load_data(prepared)
        return
    with pytest.raises(DataError, match="write it again with knobs prepare"):
        load_data(prepared)
    assert not (prepared / "matrix").exists()


def test_arrays_are_mapped_and_made_anew_where_they_are_damaged(prepared):
    before = load_data(prepared)
    assert all(map(is_mapped, (before.matrix.indices, before.matrix.data, before.matrix.indptr, before.user_ids)))
    file = prepared / "matrix" / "indices.npy"
    written, made = file.read_bytes(), file.stat().st_mtime_ns
    same(before, load_data(prepared))
    assert file.stat().st_mtime_ns == made
    file.unlink()
    file.write_bytes(written[:-1] + b"\7")
    same(before, load_data(prepared))
    assert file.read_bytes() == written


def test_settings_are_those_of_the_preparation(prepared):
    assert load_data(prepared, {"duplicates": "merge", "item": "film"}).source.words.many == "films"
    with pytest.raises(ConfigError, match="run knobs prepare with it"):
        load_data(prepared, {"threshold": 3})


def test_shards_of_another_engine_are_checked(prepared):
    """Whoever writes them: items in ascending order, each user in one shard."""
    file = prepared / "users/shard=1/part-0.parquet"
    frame = pd.read_parquet(file)
    frame["items"] = [items[::-1].astype(np.int32) for items in frame["items"]]
    frame.to_parquet(file)
    document = json.loads((prepared / places.MANIFEST).read_text())
    from knobs_core.base import proof_of

    document["files"]["users/shard=1/part-0.parquet"] = proof_of(file).model_dump()
    (prepared / places.MANIFEST).write_text(json.dumps(document))
    with pytest.raises(DataError, match="in ascending order"):
        load_data(prepared)


def test_the_same_weights(tmp_path):
    """Training on the source and on the prepared folder gives the same bundle, but for nothing."""
    tables = planted(60, 40, 4)
    (tmp_path / "source").mkdir()
    for name in ("interactions", "items", "tags"):
        getattr(tables, name).to_csv(tmp_path / "source" / f"{name}.csv", index=False)
    prepare(tmp_path / "source", tmp_path / "out", shards=2)
    few = {"cfae": {"dim": 8, "epochs": 2}, "sae": {"epochs": 2, "k": 4}}
    one, other = (bundles.train(tmp_path / name, "elsa", overrides=few) for name in ("source", "out"))
    for ours, theirs in zip(_weights(one), _weights(other), strict=True):
        assert np.array_equal(ours, theirs)
    assert one.labels == other.labels
    assert one.manifest == other.manifest
    bundles.save(other, tmp_path / "bundle")
    same(bundles.load(tmp_path / "bundle").interactions, one.interactions)


def _weights(bundle):
    return [each.numpy() for model in (bundle.nested.cfae, bundle.nested.sae) for each in model.state_dict().values()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_leaves_nothing_for_long(source, tmp_path, number):
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "knobs_core",
        "prepare",
        str(source),
        "--out",
        str(tmp_path / "out"),
    ]
    command += ["--set", "data.duplicates=merge", "--shards", "400"]
    run = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=os.environ, text=True
    )
    with run:
        while "Counting likes" not in (line := run.stderr.readline()):
            assert line
        run.send_signal(number)
        run.stderr.read()
    assert run.returncode in (
        (130, 143) if number == signal.SIGTERM else (-number,)
    )  # 130 where the engine was at work
    left = [one.name for one in tmp_path.iterdir() if "partial" in one.name]
    assert len(left) == (number == signal.SIGKILL)
    prepare(source, tmp_path / "out", MERGED, shards=1)
    assert [one.name for one in tmp_path.iterdir() if "partial" in one.name] == []
