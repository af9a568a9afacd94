"""``knobs labels`` and ``knobs evaluate``."""

import json

from knobs_core.cli import main
from knobs_core.evaluation import GRADES
from tests.cli.commands import output


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
    assert measured["grade"] in GRADES
    assert measured["tags"]
    assert not (measured["grade"].startswith("finds") and measured["weak"])
    assert main(["labels", str(planted_path)]) is None
    shown = capsys.readouterr().out
    assert "turned to" in shown
    holding, named = sum(row["holds"] for row in rows), sum(bool(row["tags"]) for row in rows)
    assert shown.startswith(f"{holding} of {named} names hold on items they were not found by; ")
    assert shown.count(" ✓") == sum(row["holds"] for row in rows)


def test_evaluate_says_how_far_neurons_can_be_interpreted(planted_path, capsys):
    metrics = output(capsys, "evaluate", planted_path, "--stability")
    assert {"cfae", "nested", "retained", "neurons", "split", "interpretability"} <= set(metrics)
    found = metrics["interpretability"]
    assert {"ap", "auroc", "coverage", "tenfold", "alive"} <= set(found)
    assert {"matched", "matched_by_use", "same_number"} <= set(metrics["stability"])
    assert 0 < metrics["stability"]["cosine"] < 1
    main(["evaluate", str(planted_path)])
    assert "ten times the base rate" in capsys.readouterr().out


def test_the_trade_off_as_a_document_and_as_tables(planted_path, tmp_path, capsys):
    document = output(capsys, "steer-eval", planted_path, "--out", tmp_path / "t.json")
    assert json.loads((tmp_path / "t.json").read_text()) == document
    assert {row["method"] for row in document["summary"]} >= {"recipe", "representative", "label boost"}
    main(["steer-eval", str(planted_path)])
    said = capsys.readouterr().out
    for kind in dict.fromkeys(row["segments"] for row in document["summary"]):
        assert f"{kind} tags: held-out segment nDCG@20" in said
    best = max(document["summary"], key=lambda row: row["segment_at_95"] or -1)
    assert f"{best['segment_at_95']:.3f}" in said
    assert f"popularity {document['accuracy']['popularity']:.3f}" in said


def test_how_often_neurons_come_back_is_told_when_asked_for(planted_path, capsys):
    main(["evaluate", str(planted_path), "--stability"])
    assert "of the neurons come back" in " ".join(capsys.readouterr().out.split())


def test_pairs_as_a_document_and_as_a_table(planted_path, tmp_path, capsys):
    found = output(capsys, "labels", planted_path, "--pairs", "--out", tmp_path / "sets.json")
    assert json.loads((tmp_path / "sets.json").read_text()) == found
    summary, rows = found["summary"], found["neurons"]
    assert 0 < summary["needs"] < 0.01
    assert 0 < summary["needs_blind"] < 0.01
    assert summary["neurons"] == sum(row["n_sets"] > 0 for row in rows) > 100
    assert [row["needs"] for row in rows] == sorted((row["needs"] for row in rows), reverse=True)
    for row in rows:
        weights = [one["people"] * one["strength"] for one in row["sets"] if len(one["items"]) == 2]
        assert weights == sorted(weights, reverse=True)
        assert row["n_sets"] >= len(row["sets"])
    assert [row["neuron"] for row in output(capsys, "labels", planted_path, "--pairs", "--neuron", 4)["neurons"]] == [4]
    main(["labels", str(planted_path), "--pairs"])
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith(f"{summary['needs']:.1%} of activations need two titles")
    assert f"{summary['frequent']:.2%} of cases, the same titles paired blindly in {summary['blind']:.2%}" in said
    assert f"{rows[0]['needs']:.1%} of {rows[0]['people']}" in said
