"""Files appear whole or not at all, and what the system says against writing becomes one line."""

import os
from pathlib import Path

import pytest

from knobs_core.base.errors import StorageError
from knobs_core.base.storage import exchange, home, read_once, replacing, resource, storing, write_whole


def test_a_file_appears_whole_and_takes_the_place_of_an_older_one(tmp_path):
    path = tmp_path / "new" / "folder" / "file.txt"
    write_whole(path, "žluť")
    write_whole(path, "second")
    assert path.read_text(encoding="utf-8") == "second"
    assert [file.name for file in path.parent.iterdir()] == ["file.txt"]


def test_where_writing_fails_the_old_file_stays_and_nothing_is_left_behind(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old")

    def half():
        with replacing(path) as partial:
            partial.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    with pytest.raises(StorageError, match="no space left"), replacing(path):
        raise OSError(28, "No space left on device")
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["file.txt"]


def test_a_place_that_cannot_be_written_gets_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"expected room to write at .*/file/x, found .*; free some") as error:
        write_whole(tmp_path / "file" / "x", "text")
    assert "\n" not in str(error.value)
    with pytest.raises(StorageError, match="found odd words"), storing(tmp_path):
        raise OSError("Odd words")
    with pytest.raises(StorageError, match=r"to be allowed to write .*, found permission denied"), storing(tmp_path):
        raise PermissionError(13, "Permission denied")


def test_a_file_is_read_once_and_only_as_far_as_was_said(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"four")
    assert read_once(file, 4) == b"four"
    with pytest.raises(ValueError, match="4 bytes"):
        read_once(file, 3)
    (tmp_path / "link").symlink_to(file)
    with pytest.raises(ValueError, match="a link"):
        read_once(tmp_path / "link", 4)
    os.mkfifo(tmp_path / "pipe")
    for odd in (tmp_path / "pipe", tmp_path, "/dev/zero"):
        with pytest.raises(ValueError, match="no file"):
            read_once(Path(odd), 4)
    with pytest.raises(FileNotFoundError):
        read_once(tmp_path / "nothing", 4)


def test_two_folders_change_places(tmp_path):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if not exchange(tmp_path / "one", tmp_path / "other"):
        pytest.skip("this system cannot")
    assert (tmp_path / "one" / "other").exists()
    assert (tmp_path / "other" / "one").exists()
    with pytest.raises(FileNotFoundError, match="nothing"):
        exchange(tmp_path / "nothing", tmp_path / "one")
    assert (tmp_path / "one" / "other").exists()


def test_home_is_where_it_is_said_to_be(tmp_path, monkeypatch):
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    assert home() == tmp_path
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KNOBS_HOME", "~/mine")
    assert home() == tmp_path / "mine"
    monkeypatch.delenv("KNOBS_HOME")
    assert home().name == "knobs"


def test_what_belongs_to_the_app_is_found():
    for parts in (("app.py",), ("pages", "panel.py"), ("assets", "style.css"), (".streamlit", "config.toml")):
        assert resource(*parts).is_file(), parts
