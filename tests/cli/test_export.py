"""The command ``export``."""

import json
import sys

import pyarrow.parquet as pq
import pytest

from knobs_core.cli import main
from tests.cli.commands import output, refused


def test_vectors_of_everybody_and_of_some(capsys, planted_path, tmp_path):
    document = output(capsys, "export", planted_path, "--vectors", tmp_path / "v")
    assert (document["items"], document["users"], document["hands"], document["check"]) == (240, 600, 1, None)
    assert json.loads((tmp_path / "v" / "vectors.json").read_text())["bundle"] == document["bundle"]
    users = tmp_path / "users.txt"
    users.write_text("u3\n\nu5\n")
    dials = ("--dial", "concept 3=0.4", "--dial", "concept 5=0.2")
    new = ("--items", "i1, i2", "--items", "i3")
    main(["export", str(planted_path), "--vectors", str(tmp_path / "w"), "--users", str(users), *dials, *new])
    said = capsys.readouterr().out
    assert "240 items" in said
    assert "4 queries of 2 users" in said
    people = pq.read_table(tmp_path / "w" / "newcomers.parquet")["items"].to_pylist()
    assert people == [[], [], ["i1", "i2"], ["i1", "i2"], ["i3"], ["i3"]]
    assert pq.read_table(tmp_path / "w" / "queries.parquet")["user_id"].to_pylist() == ["u3", "u3", "u5", "u5"]


def test_the_sparse_autoencoder_alone_or_with_vectors(capsys, planted_path, tmp_path):
    document = output(capsys, "export", planted_path, "--sae", tmp_path / "s")
    assert (document["sae"], document["neurons"]) == (str(tmp_path / "s"), 128)
    assert {path.name for path in (tmp_path / "s").iterdir()} == {
        "cfg.json", "sae_weights.safetensors", "explanations.jsonl",
    }  # fmt: skip
    both = output(capsys, "export", planted_path, "--sae", tmp_path / "t", "--vectors", tmp_path / "v")
    assert (tmp_path / "t" / "cfg.json").read_text() == (tmp_path / "s" / "cfg.json").read_text()
    assert both["items"] == 240


def test_an_index_is_measured_and_refused(capsys, planted_path, tmp_path):
    pytest.importorskip("faiss")
    asked = ["export", str(planted_path), "--vectors", str(tmp_path / "v"), "--check"]
    main([*asked, "Flat"])
    said = capsys.readouterr().out
    for kind in ("plain", "boosted", "suppressed"):
        assert kind in said
    assert "Flat, 60 users held out" in said
    before = (tmp_path / "v" / "vectors.json").read_text()

    with pytest.raises(SystemExit) as left:
        main([*asked, "IVF16,Flat:nprobe=1"])
    told = capsys.readouterr()
    [line] = [line for line in told.err.splitlines() if line.startswith("knobs:")]
    assert left.value.code == 2
    assert "expected an index that finds 0.98 of every kind of list" in line
    assert "by IVF16,Flat:nprobe=1" in line
    assert "suppressed" in told.out
    assert "items," not in told.out
    assert (tmp_path / "v" / "vectors.json").read_text() == before

    document = output(capsys, *asked, "IVF16,Flat:nprobe=1", "--accept-recall", "0.01")
    assert min(document["check"]["recall"].values()) < 0.98
    assert json.loads((tmp_path / "v" / "vectors.json").read_text())["check"] == document["check"]


def test_what_cannot_be_done_gets_one_line(capsys, planted_path, tmp_path, monkeypatch):
    asked = ("export", planted_path, "--vectors", tmp_path / "v")
    for extra in ((), ("--sae", tmp_path / "s", "--items", "i1"), ("--users", "all")):
        assert "Give --vectors FOLDER; --sae FOLDER alone takes no users" in refused(
            capsys, "export", planted_path, *extra
        )
    assert "--accept-recall goes with --check" in refused(capsys, *asked, "--accept-recall", "0.9")
    assert "an operator: spread, blend" in refused(capsys, *asked, "--operator", "blond")
    assert "a file of readers' ids" in refused(capsys, *asked, "--users", tmp_path / "none.txt")
    assert "'nothing'" in refused(capsys, *asked, "--dial", "nothing=0.4")
    assert "'nowhere'" in refused(capsys, *asked, "--items", "nowhere")
    assert "at least one item id" in refused(capsys, *asked, "--items", " ,")
    assert "from -1 to 1" in refused(capsys, *asked, "--dial", "concept 3=4")
    (tmp_path / "users.txt").write_text("nobody\n")
    assert "'nobody'" in refused(capsys, *asked, "--users", tmp_path / "users.txt")
    monkeypatch.setitem(sys.modules, "faiss", None)
    line = refused(capsys, *asked, "--check", "Flat")
    assert "pip install 'knobs-recsys[vectors]'" in line
    assert not (tmp_path / "v").exists()


def test_an_index_that_faiss_cannot_make_gets_one_line(capsys, planted_path, tmp_path):
    pytest.importorskip("faiss")
    line = refused(capsys, "export", planted_path, "--vectors", tmp_path / "v", "--check", "nonsense")
    assert "'nonsense'" in line
    assert not (tmp_path / "v").exists()
