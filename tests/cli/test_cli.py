"""The command line on real data in a temporary folder: contract of output, exit codes and one-line errors."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from knobs_core.cli import main
from knobs_core.data.planted import planted
from tests.conftest import REAL_ARCHIVE


def knobs(*arguments, **environment):
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "knobs_core", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def refused(capsys, *arguments):
    """Run in this process, expect exit code 2 and one line on stderr; return that line."""
    with pytest.raises(SystemExit) as exit_:
        main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    lines = [line for line in err.splitlines() if line.startswith("knobs:")]
    assert exit_.value.code == 2
    assert out == ""
    assert len(lines) == 1
    assert "Traceback" not in err
    return lines[0]


def output(capsys, *arguments):
    """Run in this process and parse what --json prints."""
    main([*map(str, arguments), "--json"])
    return json.loads(capsys.readouterr().out)


def test_train_evaluate_labels_recommend_in_processes(planted_folder, tmp_path):
    small = ("--dim", 16, "--k", 8, "--width-ratio", 3, "--set", "sae.epochs=10", "--device", "cpu", "--no-map")
    trained = knobs("train", "--data", planted_folder, *small, "--out", tmp_path / "b", "--seed", 1, "--json")
    assert trained.returncode == 0, trained.stderr
    report = json.loads(trained.stdout)
    assert report["bundle"] == str(tmp_path / "b")
    assert report["sae"]["config"]["epochs"] == 10
    assert "Training the recommender" in trained.stderr

    metrics = json.loads(knobs("evaluate", tmp_path / "b", "--json").stdout)
    assert set(metrics["cfae"]) == {"recall@20", "ndcg@20"}
    assert set(metrics["nested"]) == {"recall@20", "ndcg@20", "cosine", "l0"}
    assert set(metrics["retained"]) == {"recall@20", "ndcg@20"}
    assert {"total", "dead_on_users", "dead_on_items"} <= set(metrics["neurons"])
    assert metrics["split"] == {"n_train": 480, "n_val": 60, "n_test": 60}
    assert metrics["neurons"]["total"] == 48
    human = knobs("evaluate", tmp_path / "b")
    assert human.returncode == 0
    assert "popularity" in human.stdout

    assert knobs("recommend", tmp_path / "b", "--user", "u1", "--dial", "concept 1=0.3").returncode == 0
    assert knobs("labels", tmp_path / "b").returncode == 0
    assert knobs("--help").returncode == 0


def test_recommend_document(planted_path, planted_bundle, capsys):
    document = output(
        capsys, "recommend", planted_path, "--user", "u7", "--dial", "Concept 3=0.4", "--dial", "#5=-0.5", "--n", 12
    )
    assert document["user"] == "u7"
    assert [(d["name"], d["amount"]) for d in document["dials"]] == [("Concept 3", 0.4), ("#5", -0.5)]
    assert sum(document["dials"][0]["recipe"].values()) == pytest.approx(1)
    assert document["dials"][1]["recipe"] == {"5": 1.0}
    assert [item["rank"] for item in document["items"]] == list(range(1, 13))
    assert set(document["items"][0]) == {"rank", "item_id", "title", "score", "unsteered_rank"}
    ids = [item["item_id"] for item in document["items"]]
    assert set(document["entered"]) <= set(ids)
    assert not set(document["left"]) & set(ids)
    entered = {item["item_id"] for item in document["items"] if item["unsteered_rank"] > 12}
    assert entered == set(document["entered"])
    user = planted_bundle.interactions.user_ids.tolist().index("u7")
    seen = planted_bundle.interactions.item_ids[planted_bundle.interactions.matrix[user].indices]
    assert not set(ids) & set(seen)


def test_somebody_described_by_items_and_both_operators(planted_path, capsys):
    plain = output(capsys, "recommend", planted_path, "--items", "i3,i4", "--items", "i5")
    assert plain["user"] is None
    assert plain["entered"] == plain["left"] == []
    assert [item["unsteered_rank"] for item in plain["items"]] == list(range(1, 21))
    like = output(capsys, "recommend", planted_path, "--items", "i3,i4,i5", "--dial", "~i9=0.5")
    assert like["entered"]
    assert sum(like["dials"][0]["recipe"].values()) == pytest.approx(1)
    rest = output(capsys, "recommend", planted_path, "--items", "i3,i4,i5", "--dial", "concept 1=0")
    assert [i["item_id"] for i in rest["items"]] == [i["item_id"] for i in plain["items"]]
    blend, paper = (
        output(capsys, "recommend", planted_path, "--items", "i3", "--dial", "concept 1=0.3", "--operator", operator)
        for operator in ("blend", "paper")
    )
    assert blend["items"] != paper["items"]


def test_ask_document_and_sentence(planted_path, planted_bundle, capsys):
    ranked = output(capsys, "recommend", planted_path, "--user", "u7", "--n", 60)["items"]
    asked = {"user": "u7", "item": ranked[29]["item_id"], "title": ranked[29]["title"], "rank_before": 30}
    document = output(capsys, "ask", planted_path, "--user", "u7", "--item", asked["item"])
    assert {key: document[key] for key in asked} == asked
    assert set(document) == {*asked, "dials", "rank_after"}
    assert 1 <= len(document["dials"]) <= 3
    assert all(set(dial) == {"name", "amount", "recipe"} for dial in document["dials"])
    assert all(sum(dial["recipe"].values()) == pytest.approx(1) for dial in document["dials"])
    turned = [argument for d in document["dials"] for argument in ("--dial", f"{d['name']}={d['amount']}")]
    after = output(capsys, "recommend", planted_path, "--user", "u7", *turned, "--n", 10)["items"]
    assert [item["item_id"] for item in after].index(asked["item"]) + 1 == document["rank_after"]
    main(["ask", str(planted_path), "--user", "u7", "--item", asked["item"]])
    sentence = capsys.readouterr().out
    assert sentence.startswith("Turn '")
    assert sentence.endswith(f"'{asked['title']}' rises from rank 30 to {document['rank_after']}.\n")

    there = output(capsys, "ask", planted_path, "--user", "u7", "--item", ranked[4]["item_id"])
    assert (there["rank_before"], there["dials"], there["rank_after"]) == (5, [], 5)
    main(["ask", str(planted_path), "--user", "u7", "--item", ranked[4]["item_id"]])
    assert capsys.readouterr().out == f"'{ranked[4]['title']}' is in the first 10 already, at rank 5.\n"


def test_asking_in_vain_says_so(planted_path, monkeypatch, capsys):
    monkeypatch.setattr("knobs_core.bundles.person.counterfactual", lambda *_: None)
    document = output(capsys, "ask", planted_path, "--items", "i3,i4", "--item", "i60")
    assert (document["user"], document["dials"], document["rank_after"]) == (None, [], None)
    main(["ask", str(planted_path), "--items", "i3,i4", "--item", "i60", "--n", "5"])
    assert capsys.readouterr().out.startswith("No turn of up to three knobs was found that brings '")


def test_labels_document(planted_path, capsys):
    rows = output(capsys, "labels", planted_path)
    assert {"neuron", "label", "confidence", "support", "top_items", "tags"} <= set(rows[0])
    assert all(0 <= row["confidence"] <= 1 for row in rows)
    assert len({row["label"] for row in rows}) == len(rows)
    of_tag = output(capsys, "labels", planted_path, "--tag", "Concept 2")
    assert of_tag
    assert all("concept 2" in dict(row["tags"]) or row["roles"] for row in of_tag)
    assert {role for row in of_tag for role in row["roles"]} == {"representative", "unique"}
    assert output(capsys, "labels", planted_path, "--neuron", 4)[0]["neuron"] == 4
    measured = next(row for row in rows if row["effect"])
    assert len(measured["effect"]["theme"]) == len(measured["effect"]["kept"]) == 3
    assert isinstance(measured["does_what_it_says"], bool)
    assert not (measured["does_what_it_says"] and measured["weak"])
    assert main(["labels", str(planted_path)]) is None
    assert "does what it" in capsys.readouterr().out


def test_evaluate_says_how_far_neurons_can_be_interpreted(planted_path, capsys):
    metrics = output(capsys, "evaluate", planted_path, "--stability")
    assert {"cfae", "nested", "retained", "neurons", "split", "interpretability"} <= set(metrics)
    found = metrics["interpretability"]
    assert {"ap", "auroc", "coverage", "tenfold", "alive", "stability"} <= set(found)
    assert 0 < found["stability"]["cosine"] < 1
    main(["evaluate", str(planted_path)])
    assert "ten times the base rate" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["recommend", "BUNDLE", "--user", "nobody ü"], "found 'nobody ü'"),
        (["recommend", "BUNDLE", "--user", "u 1"], "did you mean 'u1'"),
        (["recommend", "BUNDLE", "--items", "i3,zzz"], "found 'zzz'"),
        (["recommend", "BUNDLE", "--items", ","], "at least one item id"),
        (["recommend", "BUNDLE"], "Give either --user ID or --items"),
        (["recommend", "BUNDLE", "--user", "u1", "--dial", "konzept 1=0.3"], "did you mean 'concept 1'"),
        (["recommend", "BUNDLE", "--user", "u1", "--dial", "concept 1=1.5"], "an amount from -1 to 1"),
        (["recommend", "BUNDLE", "--user", "u1", "--dial", "concept 1=nan"], "an amount from -1 to 1"),
        (["recommend", "BUNDLE", "--user", "u1", "--dial", "concept 1"], "NAME=AMOUNT"),
        (["recommend", "BUNDLE", "--user", "u1", "--dial", "#999=0.1"], "found '#999'"),
        (["recommend", "BUNDLE", "--user", "u1", "--operator", "mix"], "an operator: recipe, centroid-top10"),
        (["recommend", "BUNDLE", "--user", "u1", "--n", "0"], "--n"),
        (["ask", "BUNDLE", "--user", "u1"], "Missing option '--item'"),
        (["ask", "BUNDLE", "--item", "i3"], "Give either --user ID or --items"),
        (["ask", "BUNDLE", "--user", "u1", "--item", "zzz"], "found 'zzz'"),
        (["ask", "BUNDLE", "--items", "i3,i4", "--item", "i4"], "an item that is not liked yet"),
        (["ask", "BUNDLE", "--user", "nobody", "--item", "i4"], "found 'nobody'"),
        (["ask", "BUNDLE", "--user", "u1", "--item", "i4", "--n", "0"], "--n"),
        (["labels", "BUNDLE", "--tag", "concept 99"], "a tag of this bundle"),
        (["labels", "BUNDLE", "--neuron", "9999"], "a neuron from 0 to"),
        (["evaluate", "/nowhere/at all"], "make one with: knobs train"),
        (["app", "/nowhere"], "make one with: knobs train"),
        (["train", "--data", "nonsense"], "found 'nonsense'"),
        (["train", "--set", "sae.k"], "SECTION.FIELD=VALUE"),
        (["train", "--cfae", "nope"], "a CFAE: elsa"),
        (["train", "--seed", "-1"], "--seed"),
        (["evaluate"], "Missing argument"),
        (["fly"], "No such command"),
    ],
)
def test_wrong_use_gets_one_clear_line(planted_path, tmp_path, monkeypatch, capsys, arguments, says):
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert says in refused(capsys, *[planted_path if a == "BUNDLE" else a for a in arguments])


def write(folder, **files):
    folder.mkdir()
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(content) if isinstance(content, bytes) else path.write_text(content, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "found no files in"),
        ({"readme__txt": "hello"}, "found readme.txt in"),
        ({"interactions__csv": ""}, "an empty file"),
        ({"interactions__csv": "user_id,item_id\n"}, "an empty table"),
        ({"interactions__csv": "user,movie\n1,2\n"}, "found columns user, movie"),
        ({"interactions__csv": "user_id,item_id,value\nu,a,1\nu,b,2\n"}, "values from 1 to 2"),
        ({"interactions__csv": "user_id,item_id,value\nu,a,5\nu,b,\n"}, "a finite number as value"),
        ({"interactions__csv": "user_id,item_id\nu,a\n,b\n"}, "a user_id in every row"),
        ({"interactions__csv": "user_id,item_id\nu,a\nu,a\n"}, "1 duplicate row(s)"),
        ({"interactions__csv": b"user_id,item_id\nu,\xff\xfe\n"}, "invalid UTF8 data"),
        ({"interactions__parquet": b"not parquet"}, "a readable table in interactions.parquet"),
        ({"interactions__csv": "user_id,item_id\nu,a\n", "items__csv": "item_id,name\na,A\n"}, "column title"),
        ({"interactions__csv": "user_id,item_id\nu,a\n"}, "at least 5 likes"),
        (
            {"ratings__csv": "userId,movieId,rating\n1,2,5\n", "movies__csv": "id,name\n"},
            "column movieId, title, genres",
        ),
    ],
)
def test_bad_data_gets_one_clear_line(tmp_path, capsys, files, says):
    source = write(tmp_path / "data", **files)
    assert says in refused(capsys, "train", "--data", source, "--out", tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_missing_and_wrong_archives(tmp_path, capsys):
    (tmp_path / "x.zip").write_text("not a zip")
    assert "neither" in refused(capsys, "train", "--data", tmp_path / "x.zip", "--out", tmp_path / "b")
    assert "nothing at" in refused(capsys, "train", "--data", tmp_path / "y.zip", "--out", tmp_path / "b")


def test_a_known_name_says_where_its_archive_belongs(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    monkeypatch.setenv("KNOBS_MIRROR", "http://127.0.0.1:9")  # as if offline: nobody listens there
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    line = refused(capsys, "train", "--data", "ml-latest-small")
    assert "http://127.0.0.1:9/ml-latest-small.zip" in line
    assert str(tmp_path / "downloads" / "ml-latest-small.zip") in line


def test_a_place_that_cannot_be_written_is_told_before_training(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert "room to write" in refused(capsys, "train", "--out", tmp_path / "file" / "b")
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "photo").write_text("precious")
    assert "choose another --out" in refused(capsys, "train", "--out", tmp_path / "holiday")
    assert "choose another --out" in refused(capsys, "train", "--out", tmp_path / "file")


@pytest.mark.parametrize(
    ("failing", "says"),
    [
        ("b.sp.save_npz = lambda *a: open('/dev/full', 'wb', buffering=0).write(b'x')", "no space left on device"),
        ("write = b.save_file; b.save_file = lambda weights, file: write(weights, '/nowhere/x')", "no such file"),
    ],
)
def test_a_failing_disk_leaves_the_old_bundle(planted_path, planted_folder, failing, says):
    """The real errors of NumPy's and of safetensors' files, which raise their own kind, through the real command."""
    code = f"import sys, knobs_core.bundles.files as b\n{failing}\nfrom knobs_core.cli import main\nmain(sys.argv[1:])"
    before = {p.name: p.read_bytes() for p in planted_path.iterdir()}
    command = ["train", "--no-map", "--data", str(planted_folder), "--set", "sae.epochs=1", "--set", "cfae.epochs=1"]
    result = subprocess.run(
        [sys.executable, "-c", code, *command, "--out", str(planted_path)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert says in result.stderr.lower()
    assert {p.name: p.read_bytes() for p in planted_path.iterdir()} == before


def test_a_killed_run_leaves_no_half_bundle(planted_folder, tmp_path):
    out = tmp_path / "b"
    command = [sys.executable, "-m", "knobs_core", "train", "--data", str(planted_folder), "--out", str(out)]
    process = subprocess.Popen([*command, "--set", "sae.epochs=100000", "--set", "sae.patience=100000"],
                               stderr=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    time.sleep(6)
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not out.exists()


@pytest.mark.skipif(not REAL_ARCHIVE.exists(), reason=f"the real archive is not at {REAL_ARCHIVE}")
def test_the_real_archive_trains_and_answers(tmp_path, capsys):
    few = ("--set", "sae.epochs=15", "--no-map")
    report = output(capsys, "train", "--data", REAL_ARCHIVE, "--out", tmp_path / "b", *few)
    assert report["source"]["name"] == str(REAL_ARCHIVE)
    document = output(capsys, "recommend", tmp_path / "b", "--user", "1", "--dial", "disney=0.3")
    assert document["entered"]
    assert output(capsys, "labels", tmp_path / "b", "--tag", "disney")


def test_own_data_with_strange_ids_goes_all_the_way(tmp_path, capsys):
    tables = planted(n_users=80, n_items=40, n_concepts=4, mean_likes=10)
    frame = tables.interactions.assign(
        user_id="žák " + tables.interactions["user_id"], item_id="#" + tables.interactions["item_id"] + " ☃"
    )
    (tmp_path / "d").mkdir()
    frame.assign(value=np.float32(5)).to_csv(tmp_path / "d" / "interactions.csv", index=False)
    pd.DataFrame({"item_id": ["#i1 ☃"], "title": ["<script>alert(1)</script>"]}).to_csv(
        tmp_path / "d" / "items.csv", index=False
    )
    few = ("--dim", 8, "--set", "sae.epochs=3", "--no-map")
    output(capsys, "train", "--data", tmp_path / "d", "--out", tmp_path / "b ü", *few)
    document = output(capsys, "recommend", tmp_path / "b ü", "--user", "žák u3", "--n", 40)
    assert "<script>alert(1)</script>" in [item["title"] for item in document["items"]] or len(document["items"]) < 40
    assert document["items"][0]["item_id"].endswith("☃")
