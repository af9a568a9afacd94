"""Archives that lead outside, are cut, locked or damaged, and the checksum of what was read."""

import tarfile

import numpy as np
import pytest

from knobs_core import data
from knobs_core.base.errors import DataError
from tests.data.sources.layouts import OPEN, contents, publish


@pytest.mark.parametrize("name", ["../ratings.csv", "/etc/ratings.csv", "ml/../../ratings.csv"])
@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_archives_that_lead_outside_are_refused_and_nothing_is_written(name, kind, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    path = publish({"movies.csv": b"", name: b"userId,movieId,rating\n"}, None, kind, tmp_path)
    with pytest.raises(DataError, match="leads out of it; do not trust this archive"):
        data.load_data(path)
    assert [str(p) for p in sorted(tmp_path.rglob("*")) if p not in before] == [path]


def test_links_in_archives_are_not_followed(tmp_path):
    (tmp_path / "secret.csv").write_text("userId,movieId,rating\n")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        link = tarfile.TarInfo("ratings.csv")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "secret.csv")
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("movies.csv"))
    with pytest.raises(DataError, match=r"found movies.csv in"):
        data.load_data(str(tmp_path / "a.tar.gz"))


@pytest.mark.parametrize(("kind", "keep"), [("zip", 0.5), ("tar.gz", 0.5), ("tar.gz", 0.97)])
def test_cut_archives_get_one_line(kind, keep, tmp_path):
    rng = np.random.default_rng(0)
    files = contents("movielens", tmp_path)
    files["ratings.csv"] += b"".join(
        b"%d,%d,4,1\n" % pair for pair in set(map(tuple, rng.integers(40, 9**9, (9_000, 2))))
    )
    path = publish(files, None, kind, tmp_path)
    with open(path, "rb") as file:
        whole = file.read()
    with open(path, "wb") as file:
        file.write(whole[: int(len(whole) * keep)])
    with pytest.raises(DataError) as error:
        data.load_data(path, OPEN)
    assert "\n" not in str(error.value)


def test_locked_archives_and_damaged_members_get_one_line(tmp_path):
    path = publish(contents("movielens", tmp_path), None, "zip", tmp_path)
    with open(path, "rb") as file:
        whole = bytearray(file.read())
    locked = whole.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
    assert locked != whole
    (tmp_path / "locked.zip").write_bytes(locked)
    with pytest.raises(DataError, match="a readable table in"):
        data.load_data(str(tmp_path / "locked.zip"))
    (tmp_path / "bad").mkdir()
    for name, content in contents("msd", tmp_path).items():
        (tmp_path / "bad" / name).write_bytes(b"not a database" * 99 if name.endswith("db") else content)
    with pytest.raises(DataError, match=r"a readable table in lastfm_tags.db"):
        data.load_data(str(tmp_path / "bad"), OPEN)


def test_checksum_is_of_what_was_read(tmp_path):
    path = publish(contents("movielens", tmp_path), None, "folder", tmp_path)
    first = data.load_data(path, OPEN).source.checksum
    (tmp_path / "set" / "notes.txt").write_text("of no concern")
    assert data.load_data(path, OPEN).source.checksum == first
    with open(tmp_path / "set" / "tags.csv", "a") as file:
        file.write("1,30,new,1\n")
    assert data.load_data(path, OPEN).source.checksum != first
