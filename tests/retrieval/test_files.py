"""Vectors as files: whoever has only these makes the lists, and turns knobs."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from knobs_core.base import ConfigError, StorageError, UnknownNameError
from knobs_core.retrieval import check, export
from knobs_core.steering import SPREAD

FILES = {"items.parquet", "knobs.parquet", "queries.parquet", "newcomers.parquet", "vectors.json"}


def matrix(table, column="vector"):
    """A column of vectors as rows."""
    lists = table[column].combine_chunks()
    return lists.flatten().to_numpy().reshape(len(table), -1)


def first(items, query, seen, n=20):
    """What a vector store answers: ids by inner product, asked for n and as many as are seen."""
    ids = np.array(items["item_id"].to_pylist(), object)
    near = ids[np.argsort(-(matrix(items) @ query), kind="stable")[: n + len(seen)]]
    return [item for item in near if item not in set(seen)][:n]


def dealt(lists, paces, n=20):
    """As vectors.json says it."""
    due = [
        (place / pace, hand, item)
        for hand, (one, pace) in enumerate(zip(lists, paces, strict=True))
        for place, item in enumerate(one, 1)
    ]
    return list(dict.fromkeys(item for *_, item in sorted(due, key=lambda one: one[:2])))[:n]


@pytest.mark.parametrize(
    ("dials", "operator"),
    [
        ({}, SPREAD),
        ({"concept 3": 0.5, "concept 5": -1.0}, SPREAD),
        ({"concept 3": 0.6, "concept 7": 0.3, "concept 1": -0.4}, SPREAD),
        ({"concept 3": 0.6, "concept 7": 0.3}, "blend"),
    ],
)
def test_lists_come_from_the_files_alone(planted_bundle, tmp_path, monkeypatch, dials, operator):
    monkeypatch.setattr("knobs_core.retrieval.files.AT_ONCE", 250)
    monkeypatch.setattr("knobs_core.retrieval.files.SCORES", 100 * planted_bundle.interactions.n_items)
    steps, turned = [], planted_bundle.knobs.dials(dials)
    done = export(planted_bundle, tmp_path / "v", dials=turned, operator=operator, progress=steps.append)
    assert {path.name for path in (tmp_path / "v").iterdir()} == FILES
    items, queries = (pq.read_table(tmp_path / "v" / f"{name}.parquet") for name in ("items", "queries"))
    note = json.loads((tmp_path / "v" / "vectors.json").read_text(encoding="utf-8"))
    n_hands = len(note["paces"])
    assert n_hands == (2 if len(dials) == 3 else 1)
    assert (done.users, done.queries, done.hands) == (600, 600 * n_hands, n_hands)
    assert pq.ParquetFile(tmp_path / "v" / "queries.parquet").metadata.num_row_groups == 3
    assert [step.done for step in steps] == [250, 500, 600]
    users, vectors = queries["user_id"].to_pylist(), matrix(queries)
    assert users == np.repeat(planted_bundle.interactions.user_ids, n_hands).tolist()
    assert queries["hand"].to_pylist() == [*range(n_hands)] * 600
    same = []
    for user in range(0, 600, 13):
        rows = range(user * n_hands, (user + 1) * n_hands)
        lists = [first(items, vectors[row], queries["seen"][row].as_py()) for row in rows]
        truly = planted_bundle.person(users[rows[0]]).recommend(turned, 20, operator)
        same.append(dealt(lists, note["paces"]) == [row["item_id"] for row in truly.rows])
    assert np.mean(same) > 0.95  # but for an exchange of equal scores


@pytest.mark.parametrize("dials", [{}, {"concept 3": 0.6, "concept 7": 0.3, "concept 1": -0.4}])
def test_newcomers_lists_come_from_the_files_as_well(planted_bundle, tmp_path, dials):
    likes, turned = ["i7", "i3", "i60"], planted_bundle.knobs.dials(dials)
    export(planted_bundle, tmp_path, ["u0"], turned, newcomers=[likes, ["i5"]])
    items, queries = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("items", "newcomers"))
    paces = json.loads((tmp_path / "vectors.json").read_text(encoding="utf-8"))["paces"]
    assert len(queries) == 3 * len(paces)
    people = [planted_bundle.newcomer, planted_bundle.person(items=likes), planted_bundle.person(items=["i5"])]
    for at, person in enumerate(people):
        rows = range(at * len(paces), (at + 1) * len(paces))
        mine = planted_bundle.interactions.item_ids[person.history.indices].tolist()
        assert all(queries[name][row].as_py() == mine for row in rows for name in ("items", "seen"))
        lists = [first(items, matrix(queries)[row], mine) for row in rows]
        assert dealt(lists, paces) == [row["item_id"] for row in person.recommend(turned, 20).rows]
        reach = [queries[name][rows[0]].as_py() for name in ("up", "down")]
        assert reach == pytest.approx([*map(float, person.taste.reach)], rel=1e-6)


def test_whoever_has_the_files_turns_knobs(planted_bundle, tmp_path):
    """The formula of vectors.json, written down once more, gives what is exported with dials."""
    export(planted_bundle, tmp_path / "rest")
    export(planted_bundle, tmp_path / "turned", dials=planted_bundle.knobs.dials({"concept 3": 0.5, "concept 5": -0.8}))
    rest, turned = (pq.read_table(tmp_path / name / "queries.parquet") for name in ("rest", "turned"))
    knobs = pq.read_table(tmp_path / "rest" / "knobs.parquet")
    assert knobs["key"].to_pylist() == list(planted_bundle.knobs)
    assert knobs["name"].to_pylist() == [knob.name for knob in planted_bundle.knobs.values()]
    row = {key: place for place, key in enumerate(knobs["key"].to_pylist())}
    vectors, depths = matrix(knobs), knobs["depth"].to_numpy()
    up, down = (rest[name].to_numpy()[:, None] for name in ("up", "down"))
    more, less = row["concept 3"], row["concept 5"]
    mine = 0.5 * matrix(rest) + up * 0.5 * vectors[more] - down * 0.8 * vectors[less] / depths[less]
    assert np.allclose(mine, matrix(turned), atol=1e-4, rtol=1e-4)


def test_types_and_stamps(planted_bundle, tmp_path):
    data, wide = planted_bundle.interactions, planted_bundle.nested.cfae.d_embed
    export(planted_bundle, tmp_path, ["u7", "u3", "u7"])
    vector = pa.list_(pa.float32(), wide)
    for name, columns in {
        "items": {"item_id": pa.string(), "title": pa.string(), "vector": vector},
        "knobs": {"key": pa.string(), "name": pa.string(), "vector": vector, "depth": pa.float32()},
        "queries": {
            "user_id": pa.string(),
            "hand": pa.int32(),
            "vector": vector,
            "seen": pa.list_(pa.string()),
            "up": pa.float32(),
            "down": pa.float32(),
        },
    }.items():
        schema = pq.read_schema(tmp_path / f"{name}.parquet")
        assert dict(zip(schema.names, schema.types, strict=True)) == columns
        assert schema.metadata[b"bundle"].decode() == planted_bundle.id
    queries, items = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("queries", "items"))
    assert queries["user_id"].to_pylist() == ["u7", "u3"]
    for user, seen in zip(["u7", "u3"], queries["seen"].to_pylist(), strict=True):
        assert seen == data.item_ids[data.matrix[data.row_of[user]].indices].tolist()
    assert items["title"].to_pylist() == data.items["title"].tolist()
    note = json.loads((tmp_path / "vectors.json").read_text(encoding="utf-8"))
    assert (note["bundle"], note["metric"], note["dials"], note["check"]) == (
        planted_bundle.id,
        "inner product",
        [],
        None,
    )


def test_what_was_checked_stands_in_the_note(planted_bundle, tmp_path):
    pytest.importorskip("faiss")
    export(planted_bundle, tmp_path, ["u7"], checked=check(planted_bundle, "Flat"))
    note = json.loads((tmp_path / "vectors.json").read_text(encoding="utf-8"))
    assert note["check"]["specification"] == "Flat"
    assert set(note["check"]["recall"]) == {"plain", "boosted", "suppressed"}


def test_where_something_goes_wrong_the_old_files_stay(planted_bundle, tmp_path, monkeypatch):
    export(planted_bundle, tmp_path, ["u7"])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def broken(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("knobs_core.retrieval.files._table", broken)
        with pytest.raises(StorageError, match="no space left"):
            export(planted_bundle, tmp_path, ["u3"])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    for users, error in ((["nobody"], UnknownNameError), ([], ConfigError)):
        with pytest.raises(error):
            export(planted_bundle, tmp_path, users)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_decoder_that_is_not_linear_has_no_file_of_knobs(planted_bundle, multvae, tmp_path):
    export(planted_bundle, tmp_path, ["u7"])
    done = export(multvae, tmp_path, dials=[multvae.knobs[next(iter(multvae.knobs))].dial(0.5)])
    assert {path.name for path in tmp_path.iterdir()} == FILES - {"knobs.parquet"}
    assert done.knobs == 0
    assert pq.read_schema(tmp_path / "queries.parquet").names == ["user_id", "hand", "vector", "seen"]
    assert "turn knobs yourself" not in (tmp_path / "vectors.json").read_text(encoding="utf-8")
