"""``knobs rename``, and what becomes of names when a bundle is trained again."""

import json

import pytest

from knobs_core import bundles
from knobs_core.bundles.names import NAMES
from knobs_core.cli import main
from tests.bundles.sealing import seal_names
from tests.cli.commands import output, refused

FEW = ("--dim", 16, "--width-ratio", 2, "--k", 8, "--set", "sae.epochs=3", "--no-map")


@pytest.fixture
def path(planted_bundle, tmp_path):
    bundles.save(planted_bundle, tmp_path / "b")
    return tmp_path / "b"


def test_a_knob_is_renamed_and_gets_its_name_back(path, capsys):
    document = output(capsys, "rename", path, "Concept 3", "Rainy days")
    assert document == {"key": "concept 3", "name": "Rainy days", "former": "concept 3"}
    assert json.loads((path / NAMES).read_text(encoding="utf-8"))["names"] == {"concept 3": "Rainy days"}
    output(capsys, "rename", path, "#5", "夜")
    assert output(capsys, "rename", path, "rainy days", "Dry days")["former"] == "concept 3"
    assert json.loads((path / NAMES).read_text(encoding="utf-8"))["names"] == {"#5": "夜", "concept 3": "Dry days"}
    [row] = output(capsys, "labels", path, "--neuron", 5)
    assert (row["label"], row["former"]) == ("夜", bundles.load(path).labels[5].former)
    lists = [
        output(capsys, "recommend", path, "--user", "u1", "--dial", f"{name}=0.3")["items"]
        for name in ("DRY days", "concept 3", "Dry days")
    ]
    assert lists[0] == lists[1] == lists[2]
    assert output(capsys, "rename", path, "dry days", "--reset")["name"] == "concept 3"
    main(["rename", str(path), "#5", "--reset"])
    assert "is called" in capsys.readouterr().out
    assert json.loads((path / NAMES).read_text(encoding="utf-8"))["names"] == {}


def test_a_profile_says_the_given_name(path, capsys):
    [theme] = output(capsys, "profile", path, "--user", "u1", "--n", 1)["themes"]
    output(capsys, "rename", path, theme["key"], "What u1 likes")
    [again] = output(capsys, "profile", path, "--user", "u1", "--n", 1)["themes"]
    assert (again["key"], again["name"]) == (theme["key"], "What u1 likes")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("concept 3", " "), "an empty one"),
        (("concept 3", "x" * 61), "at most 60 characters"),
        (("concept 3", "a\tb"), "without control characters"),
        (("concept 3", "concept 4"), "which is concept 4"),
        (("concept 3", "#4"), "like a key"),
        (("concept 99", "x"), "found 'concept 99'"),
        (("~i3", "x"), "the key of a knob"),
        (("concept 3",), "either NEW_NAME or --reset"),
        (("concept 3", "x", "--reset"), "either NEW_NAME or --reset"),
        ((), "Missing argument"),
    ],
)
def test_wrong_names_get_one_clear_line_and_change_nothing(path, capsys, arguments, says):
    assert says in refused(capsys, "rename", path, *arguments)
    assert not (path / NAMES).exists()


def test_a_file_of_names_that_does_not_do_says_where_it_is(path, capsys):
    seal_names(path, {"concept 3": "concept 4"})
    line = refused(capsys, "labels", path)
    assert str(path / NAMES) in line
    assert "no other knob" in line
    assert line.endswith("delete the file")


def trained_again(capsys, source, path, *more):
    main([str(one) for one in ("train", "--data", source, "--out", path, "--device", "cpu", *FEW, *more)])
    return [line for line in capsys.readouterr().err.splitlines() if "names" in line]


def test_names_survive_a_training_and_those_that_do_not_are_told(planted_folder, tmp_path, capsys):
    path = tmp_path / "b"
    assert trained_again(capsys, planted_folder, path) == []
    live = [key for key in bundles.load(path).knobs if key.startswith("#")]
    names = {"concept 3": "Rainy days", live[0]: "One", live[1]: "Two"}
    for key, name in names.items():
        main(["rename", str(path), key, name])
    assert trained_again(capsys, planted_folder, path) == []
    assert bundles.load(path).names == names
    [line] = trained_again(capsys, planted_folder, path, "--set", "sae.start=random")  # other neurons
    assert line.startswith("knobs: names that were not kept: One, Two; ")
    assert bundles.load(path).names == {"concept 3": "Rainy days"}


def test_a_bundle_that_cannot_be_read_is_replaced_and_its_names_are_told(planted_folder, tmp_path, capsys):
    path = tmp_path / "b"
    trained_again(capsys, planted_folder, path)
    main(["rename", str(path), "concept 3", "Rainy days"])
    (path / "sae.safetensors").write_bytes(b"cut")
    [line] = trained_again(capsys, planted_folder, path)
    assert "not kept: Rainy days; what was there cannot be used (expected " in line
    assert not bundles.load(path).names
    (path / NAMES).write_text("{")
    [line] = trained_again(capsys, planted_folder, path)
    assert "not kept: all; what was there cannot be used (expected names as" in line
