"""Commands that are given a bundle by its address: those that read fetch it, those that write refuse it."""

import pytest

from tests.cli.commands import output, refused


@pytest.fixture
def address(planted_path, tmp_path, monkeypatch):
    monkeypatch.setenv("KNOBS_CACHE", str(tmp_path / "cache"))
    return f"file://{planted_path}"


def test_a_command_that_reads_gives_the_same_for_an_address(address, planted_path, capsys):
    for arguments in (("--user", "u7"), ("--items", "i3,i5")):
        assert output(capsys, "profile", address, *arguments) == output(capsys, "profile", planted_path, *arguments)


def test_progress_goes_to_stderr_and_comes_once(address, capsys):
    from knobs_core.cli import main

    said = []
    for _ in range(2):
        main(["labels", address, "--neuron", "5", "--json"])
        said.append(capsys.readouterr().err)
    assert said[0].startswith("Fetching the bundle 0/")
    assert said[1] == ""


@pytest.mark.parametrize(
    "arguments",
    [("rename", "{}", "concept 3", "Rain"), ("name", "{}"), ("map", "{}"), ("rollback", "{}")],
    ids=lambda arguments: arguments[0],
)
def test_a_command_that_writes_wants_a_bundle_of_this_machine(address, tmp_path, capsys, arguments):
    said = refused(capsys, *(argument.format(address) for argument in arguments))
    assert "expected a bundle of this machine, to write to, found the address file://" in said
    assert not (tmp_path / "cache").exists()


def test_nothing_is_trained_into_an_address(capsys):
    assert "write to a folder and copy that there" in refused(capsys, "train", "--out", "s3://bucket/b")
