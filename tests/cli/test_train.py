"""``knobs train`` and ``knobs map``: bad data, places, presets, and runs that fail or are killed."""

import contextlib
import json
import signal
import subprocess
import sys

import pytest

from knobs_core import bundles
from knobs_core.cli import main
from tests.cli.commands import output, refused


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
        ({"interactions__csv": b"user_id,item_id\nu,\xff\xfe\n"}, "expected text as UTF-8 in interactions.csv"),
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("failing", "says"),
    [
        ("b.to_disk = lambda *a: open('/dev/full', 'wb', buffering=0).write(b'x')", "no space left on device"),
        ("b.Path.write_bytes = lambda *a: open('/nowhere/x', 'wb')", "no such file"),
    ],
)
def test_a_failing_disk_leaves_the_old_bundle(planted_path, planted_folder, failing, says):
    """The real errors of the system, through the real command."""
    code = f"import sys, knobs_core.bundles.files as b\n{failing}\nfrom knobs_core.cli import main\nmain(sys.argv[1:])"
    before = {p.name: p.read_bytes() for p in planted_path.iterdir()}
    command = [
        "train",
        "--no-map",
        "--data",
        str(planted_folder),
        "--set",
        "sae.epochs=1",
        "--cfae",
        "elsa",
        "--set",
        "cfae.epochs=1",
    ]
    result = subprocess.run(
        [sys.executable, "-c", code, *command, "--out", str(planted_path)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert says in result.stderr.lower()
    assert {p.name: p.read_bytes() for p in planted_path.iterdir()} == before


@pytest.mark.parametrize(
    ("sent", "code", "says"),
    [
        (signal.SIGKILL, -signal.SIGKILL, b""),
        (signal.SIGINT, 130, b"knobs: stopped; nothing was changed\n"),
        (signal.SIGTERM, 143, b"knobs: stopped; nothing was changed\n"),
    ],
)
def test_a_run_that_is_ended_leaves_nothing(planted_folder, tmp_path, sent, code, says):
    out = tmp_path / "b"
    command = [sys.executable, "-m", "knobs_core", "train", "--data", str(planted_folder), "--out", str(out)]
    process = subprocess.Popen([*command, "--set", "sae.epochs=100000", "--set", "sae.patience=100000"],
                               stderr=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    assert any(line.startswith(b"Splitting taste into knobs 3/") for line in process.stderr)  # it is in the middle
    assert process.poll() is None
    process.send_signal(sent)
    said = process.communicate()[1]
    assert process.returncode == code
    assert said.endswith(says)
    assert b"Traceback" not in said
    assert not out.exists()
    assert sent == signal.SIGKILL or not list(tmp_path.iterdir())


FEW = ("--cfae", "elsa", "--dim", "8", "--no-map", "--json")
ENDLESS = ("--set", "sae.epochs=100000", "--set", "sae.patience=100000")


@contextlib.contextmanager
def training(folder, out, *more):
    """``knobs train`` in a process of its own."""
    command = [sys.executable, "-m", "knobs_core", "train", "--data", str(folder), "--out", str(out), *FEW, *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def hears(process, *lines):
    """Whether a process says lines that begin so, one after the other."""
    return all(any(said.startswith(line) for said in process.stderr) for line in lines)


@pytest.mark.parametrize("ends", ["well", "killed"])
def test_two_trainings_for_one_place_are_one_and_the_second_takes_over_where_the_first_is_killed(
    planted_folder, tmp_path, ends
):
    out, stage = tmp_path / "b", "Splitting taste into knobs"
    many = ENDLESS if ends == "killed" else ("--set", "sae.epochs=300", "--set", "sae.patience=300")
    with training(planted_folder, out, *many) as first:
        assert hears(first, f"{stage} 3/")
        with training(planted_folder, out, "--once", "--set", "sae.epochs=2", "--seed", "5") as second:
            assert hears(second, "Waiting for another training 0/1", stage)  # it passes on how far the first is
            if ends == "killed":
                first.kill()
            made = json.loads(second.communicate()[0])
            assert made["seed"] == (5 if ends == "killed" else 42)
    assert bundles.load(out).id == made["id"]
    assert {file.name for file in tmp_path.iterdir()} == {"b", ".b.lock"}


def test_a_bundle_that_is_there_is_not_trained_again_where_once_is_enough(planted_path, tmp_path, capsys):
    there = output(capsys, "train", "--data", tmp_path / "none", "--out", planted_path, "--once")
    assert there["id"] == bundles.read_manifest(planted_path).id


@pytest.mark.slow
def test_the_command_takes_presets(planted_folder, tmp_path, capsys):
    """Options win over presets, presets over defaults; the bundle says what was used."""
    command = ["train", "--data", str(planted_folder), "--out", str(tmp_path / "b"), "--json", "--device", "cpu"]
    less = ["--dim", "8", "--set", "cfae.epochs=1", "--set", "sae.epochs=1", "--no-map"]
    main([*command, "--preset", "paper-fine", *less])
    made = json.loads(capsys.readouterr().out)
    assert (made["cfae"]["config"]["dim"], made["cfae"]["config"]["lr"]) == (8, 0.0003)
    assert (made["sae"]["config"]["k"], made["sae"]["config"]["epochs"]) == (16, 1)
    assert made["inputs"] == {"sub_histories": False, "single_items": False, "draws": 1}
    with pytest.raises(SystemExit) as left:
        main([*command, "--preset", "paper-find"])
    assert left.value.code == 2
    assert "did you mean 'paper-fine'" in capsys.readouterr().err


def test_a_bundle_can_be_made_like_another(planted_path, planted_folder, planted_bundle, tmp_path, capsys):
    """Its neurons start from the same items, whatever the seed says; one from chance has none to give."""
    command = ["train", "--data", str(planted_folder), "--dim", "32", "--set", "sae.epochs=1", "--no-map", "--json"]
    main([*command, "--seed", "9", "--out", str(tmp_path / "b"), "--like", str(planted_path)])
    assert json.loads(capsys.readouterr().out)["starts"] == list(planted_bundle.manifest.starts)
    main([*command, "--out", str(tmp_path / "c"), "--set", "sae.start=random"])
    assert "starts" not in json.loads(capsys.readouterr().out)
    assert "from chance" in refused(capsys, *command, "--out", tmp_path / "d", "--like", tmp_path / "c")


def test_the_command_keeps_what_it_replaces_and_rollback_returns_to_it(planted_folder, tmp_path, capsys):
    path, few = tmp_path / "b", ("--cfae", "elsa", "--dim", 8, "--set", "sae.epochs=1", "--no-map", "--device", "cpu")
    train = ("train", "--data", planted_folder, "--out", path, *few)
    first = output(capsys, *train, "--seed", 1)
    assert first["id"] == bundles.load(path).id
    assert first["files"]["sae.safetensors"]["bytes"] == (path / "sae.safetensors").stat().st_size
    main(["rollback", str(path), "--list"])
    assert capsys.readouterr().out == f"no earlier version of {path} was kept\n"
    assert "found none; keep some with: knobs train --keep N" in refused(capsys, "rollback", path)
    second = output(capsys, *train, "--seed", 2, "--keep", 1)
    [kept] = output(capsys, "rollback", path, "--list")
    assert kept["id"] == first["id"]
    back = output(capsys, "rollback", path, "--to", kept["version"])
    assert (back["bundle"], back["id"]) == (str(path), first["id"])
    assert output(capsys, "rollback", path, "--list") == [{"version": back["kept"], "id": second["id"]}]
    main(["rollback", str(path)])
    assert f"{path} is bundle {second['id']} again; the one that was there is kept" in capsys.readouterr().out
    assert "found 20" in refused(capsys, "rollback", path, "--to", "last year")
    main(["rollback", str(path), "--list"])
    assert capsys.readouterr().out.split()[1:] == [first["id"]]


def test_the_command_fills_the_folder_it_is_called_in(planted_folder, tmp_path, monkeypatch, capsys):
    few = ("--cfae", "elsa", "--dim", 8, "--set", "sae.epochs=1", "--no-map", "--device", "cpu")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    said = output(capsys, "train", "--data", planted_folder, "--out", ".", *few)
    assert said["bundle"] == str(tmp_path / "empty")
    assert said["id"] == bundles.load(tmp_path / "empty").id


def test_the_command_adds_a_map_to_a_bundle(planted_bundle, tmp_path, capsys):
    path = tmp_path / "b"
    bundles.save(planted_bundle, path)
    before = {file.name: file.read_bytes() for file in path.iterdir()}
    assert bundles.load(path).projection is None
    main(["map", str(path), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert said["trustworthiness"] > 0.85
    after = {file.name: file.read_bytes() for file in path.iterdir()}
    assert after.pop(bundles.MAP)
    assert after == before
    assert bundles.load(path).projection is not None


def test_what_was_read_is_printed_kept_and_told_as_json(tmp_path, capsys):
    rows = [f"u{user},{item}.0,{rating}" for user in range(12) for item, rating in ((1, 5), (2, 4), (3, 1), (4, 5))]
    source = write(
        tmp_path / "data",
        interactions__csv="\n".join(["user_id,item_id,value", *rows]),
        items__csv="item_id,title\n1,One\n2,Two\n9,Nobody's",
        tags__csv="item_id,tag\nx1,calm\n",
    )
    few = ["--set", "data.min_user_interactions=2", "--set", "sae.epochs=2", "--no-map"]
    arguments = ["train", "--data", source, "--out", tmp_path / "b", *few, "--json"]
    main([str(one) for one in arguments])
    out, err = capsys.readouterr()
    account = json.loads(out)["read"]
    assert account["rows"] == 48
    assert account["likes"] + account["below_threshold"] == 48
    assert (account["items_with_title"], account["tag_rows"], account["tag_rows_used"]) == (2, 1, 0)
    assert "48 rows became 36 likes of 12 people and 3 titles, as a value of at least 4 is a like." in err
    assert "Ids in item_id of the interactions are whole numbers written as '1.0', and were read as '1'." in err
    assert "Warning: 0 of 1 rows of tags are about items of the interactions, e.g. '1'" in err
    assert "only neurons, as no tag is left" in err
    kept = bundles.read_manifest(tmp_path / "b").read
    assert kept.model_dump(mode="json") == account
    assert bundles.load(tmp_path / "b").interactions.account == kept
