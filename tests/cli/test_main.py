"""The command line as a whole: contract of output, exit codes and one-line errors."""

import json
import subprocess
import sys

import click
import numpy as np
import pandas as pd
import pytest

from knobs_core.base.errors import DataError
from knobs_core.cli import cli, main
from knobs_core.data.planted import planted
from tests.cli.commands import knobs, output, refused
from tests.given import REAL_ARCHIVE


@pytest.mark.slow
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
        (["recommend", "BUNDLE", "--user", "u1", "--operator", "mix"], "an operator: recipe, ten, centroid-top10"),
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


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("raised", "code", "says"),
    [
        (click.exceptions.Abort(), 130, "knobs: stopped; nothing was changed"),
        (ValueError("odd"), 1, "knobs: internal error: ValueError: odd (KNOBS_DEBUG=1 shows where)"),
        (DataError("rows", "none", "bring some"), 2, "knobs: expected rows, found none; bring some"),
        (click.ClickException("a file that cannot be read"), 2, "knobs: a file that cannot be read"),
    ],
)
def test_whatever_happens_one_line_says_so_and_the_code_tells_whose_fault_it_is(
    monkeypatch, capsys, raised, code, says
):
    def failing(*_args, **_kwargs):
        raise raised

    monkeypatch.delenv("KNOBS_DEBUG", raising=False)
    monkeypatch.setattr(cli, "main", failing)
    with pytest.raises(SystemExit) as left:
        main(["labels", "b"])
    assert (left.value.code, capsys.readouterr()) == (code, ("", f"{says}\n"))
    if code == 1:
        monkeypatch.setenv("KNOBS_DEBUG", "1")
        with pytest.raises(ValueError, match="odd"):
            main(["labels", "b"])


def test_where_the_reader_leaves_early_nothing_is_said(planted_path):
    """As with ``knobs labels ... | head -1``."""
    command = [sys.executable, "-m", "knobs_core", "labels", str(planted_path), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    process.wait(60)
    assert said == b""
