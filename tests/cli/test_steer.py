"""``knobs recommend`` and ``knobs ask``."""

import pytest

from knobs_core import bundles
from knobs_core.cli import main
from tests.cli.commands import output, refused


def test_recommend_document(planted_path, planted_bundle, capsys):
    document = output(
        capsys, "recommend", planted_path, "--user", "u7", "--dial", "Concept 3=0.4", "--dial", "#5=-0.5", "--n", 12
    )
    assert document["user"] == "u7"
    assert [(d["name"], d["amount"]) for d in document["dials"]] == [("Concept 3", 0.4), ("#5", -0.5)]
    assert sum(document["dials"][0]["recipe"].values()) == pytest.approx(1)
    assert document["dials"][1]["recipe"] == {"5": 1.0}
    assert [item["rank"] for item in document["items"]] == list(range(1, 13))
    keys = {"rank", "item_id", "title", "score", "unsteered_rank", "dealt_by", "because"}
    assert set(document["items"][0]) == keys
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


def test_recommend_explains_itself_when_it_is_asked_to(planted_path, capsys):
    words = ["recommend", str(planted_path), "--user", "u7", "--dial", "concept 3=0.4", "--n", "6", "--explain"]
    document = output(capsys, *words)
    found = bundles.load(planted_path).person("u7").recommend({"concept 3": 0.4}, n=6)
    assert (document["kept"], document["own"]) == (found.kept, found.own)
    for item, row in zip(document["items"], found.rows, strict=True):
        assert {key: item[key] for key in ("item_id", "because")} == {key: row[key] for key in ("item_id", "because")}
        assert item["parts"] == found.explain(row["item_id"]).table.to_dict("records")
        assert sum(part["part"] for part in item["parts"]) == pytest.approx(item["score"], rel=1e-4, abs=1e-4)
    main(words)
    said = capsys.readouterr().out
    for item in document["items"]:
        assert f"{item['rank']}. because of {item['because']}: " in said
    assert "take a score apart" in refused(capsys, *words, "--operator", "paper")


def test_ask_document_and_sentence(planted_path, planted_bundle, capsys):
    ranked = output(capsys, "recommend", planted_path, "--user", "u7", "--n", 60)["items"]
    asked = {"user": "u7", "item": ranked[29]["item_id"], "title": ranked[29]["title"], "rank_before": 30}
    document = output(capsys, "ask", planted_path, "--user", "u7", "--item", asked["item"])
    assert {key: document[key] for key in asked} == asked
    assert set(document) == {*asked, "standing", "dials", "rank_after"}
    assert document["standing"] == []
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


def test_ask_begins_where_the_dials_stand(planted_path, capsys):
    standing = ["--dial", "concept 1=0.5", "--dial", "concept 2=0.4", "--dial", "concept 3=-0.2"]
    ranked = output(capsys, "recommend", planted_path, "--user", "u7", *standing, "--n", 60)["items"]
    document = output(capsys, "ask", planted_path, "--user", "u7", "--item", ranked[24]["item_id"], *standing)
    assert document["rank_before"] == 25
    assert [(dial["name"], dial["amount"]) for dial in document["standing"]] == [
        ("concept 1", 0.5),
        ("concept 2", 0.4),
        ("concept 3", -0.2),
    ]
    amounts = {dial["name"]: dial["amount"] for dial in [*document["standing"], *document["dials"]]}
    turned = [argument for name, amount in amounts.items() for argument in ("--dial", f"{name}={amount}")]
    after = output(capsys, "recommend", planted_path, "--user", "u7", *turned, "--n", 10)["items"]
    assert [item["item_id"] for item in after].index(ranked[24]["item_id"]) + 1 == document["rank_after"]
    refused(capsys, "ask", planted_path, "--user", "u7", "--item", ranked[24]["item_id"], "--dial", "no such=1")


def test_asking_in_vain_says_so(planted_path, monkeypatch, capsys):
    monkeypatch.setattr("knobs_core.bundles.person.counterfactual", lambda *_: None)
    document = output(capsys, "ask", planted_path, "--items", "i3,i4", "--item", "i60")
    assert (document["user"], document["dials"], document["rank_after"]) == (None, [], None)
    main(["ask", str(planted_path), "--items", "i3,i4", "--item", "i60", "--n", "5"])
    assert capsys.readouterr().out.startswith("No turn of up to three knobs was found that brings '")


def test_profile_document_and_table(planted_path, planted_bundle, capsys):
    person = planted_bundle.person("u7")
    ids, titles = planted_bundle.interactions.item_ids, planted_bundle.interactions.items["title"]
    for option, expected in (([], person.themes(4)), (["--neurons"], person.themes(4, neurons=True))):
        arguments = ["profile", planted_path, "--user", "u7", "--n", 4, *option]
        document = output(capsys, *arguments)
        assert document["user"] == "u7"
        assert 0 < len(document["themes"]) <= 4
        assert [theme["key"] for theme in document["themes"]] == [theme.key for theme in expected]
        for theme, found in zip(document["themes"], expected, strict=True):
            assert (theme["name"], theme["kind"]) == (found.name, found.kind)
            assert (theme["strength"], theme["error"]) == pytest.approx((found.strength, found.error), rel=1e-4)
            assert 0 < sum(theme["neurons"].values()) <= 1 + 1e-9
            assert theme["because"] == ids[list(found.because)].tolist()
        main([str(argument) for argument in arguments])
        said = capsys.readouterr().out
        for theme in expected:
            assert f"{theme.strength:.1f} ± {theme.error:.1f}" in said
            assert titles[theme.because[0]] in said


def test_a_profile_of_nothing_says_so(planted_path, monkeypatch, capsys):
    monkeypatch.setattr("knobs_core.bundles.person.Person.themes", lambda *_: [])
    assert output(capsys, "profile", planted_path, "--items", "i3")["themes"] == []
    main(["profile", str(planted_path), "--items", "i3"])
    assert capsys.readouterr().out == "No theme is clear of chance. A few more likes would help.\n"


def test_a_list_for_people_marks_what_is_new_and_says_what_left(planted_path, capsys):
    arguments = ["recommend", str(planted_path), "--user", "u7", "--dial", "concept 3=0.5"]
    document = output(capsys, *arguments)
    main(arguments)
    said = capsys.readouterr().out
    for item in document["items"]:
        assert item["title"] in said
    assert said.count("new") == len(document["entered"]) > 0
    assert "left the list: " in said
    main(arguments[:4])  # with all knobs at rest nothing leaves
    assert "left the list" not in capsys.readouterr().out


def test_dials_that_take_turns_are_told_apart(planted_path, capsys):
    words = ["recommend", str(planted_path), "--user", "u7", "--dial", "concept 1=0.9", "--dial", "concept 2=0.9"]
    rows = output(capsys, *words)["items"]
    assert [row["dealt_by"] for row in rows[:2]] == ["concept 1", "concept 2"]
    main(words)
    assert "concept 2" in capsys.readouterr().out


def test_recommend_says_in_a_sentence_why_when_asked_to(planted_path, capsys):
    words = ["recommend", str(planted_path), "--user", "u7", "--dial", "concept 3=0.4", "--n", "6", "--notes"]
    document = output(capsys, *words)
    notes = bundles.load(planted_path).person(user="u7").recommend({"concept 3": 0.4}, 6).notes()
    assert [row["note"] for row in document["items"]] == notes
    main(words)
    said = " ".join(capsys.readouterr().out.split())
    assert f"1. {document['items'][0]['title']}: {notes[0]}" in said
