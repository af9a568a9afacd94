"""Downloads end to end against a server on this machine: whole, cut, wrong, missing, without ranges."""

import pytest
from filelock import FileLock

from knobs_core import data
from knobs_core.base.errors import DataError, StorageError
from tests.cli.commands import refused
from tests.data.sources.mirror import NOISE, bring, left, zipped


def test_a_whole_download_is_checked_kept_and_not_repeated(mirror, downloads):
    content = mirror.add("ml-1m.zip", zipped({"ml-1m/noise": NOISE * 5}), md5=True)
    steps = []
    assert bring("ml-1m", steps) == downloads / "ml-1m.zip"
    assert (downloads / "ml-1m.zip").read_bytes() == content
    assert left(downloads) == ["ml-1m.zip"]
    assert steps[0] == ("Downloading ml-1m.zip", 0, 3, "MB")
    assert steps[-1] == ("Downloading ml-1m.zip", 3, 3, "MB")
    assert mirror.asked == [("ml-1m.zip", None), ("ml-1m.zip.md5", None)]
    bring("ml-1m")
    assert len(mirror.asked) == 2


def test_a_cut_connection_is_continued_in_the_same_run(mirror, downloads):
    content = mirror.add("ml-latest-small.zip", zipped({"noise": NOISE}))
    mirror.cuts = [200_000, 300_000]
    bring("ml-latest-small")
    assert (downloads / "ml-latest-small.zip").read_bytes() == content
    spans = [span for _, span in mirror.asked]
    assert spans[0] is None
    first, second = (int(span.removeprefix("bytes=").removesuffix("-")) for span in spans[1:])
    assert 100_000 < first <= 200_000 < second <= 500_000


def test_a_download_that_failed_is_continued_by_the_next_run(mirror, downloads):
    content = mirror.add("ml-latest-small.zip", zipped({"noise": NOISE}))
    mirror.cuts = [400_000, 0]
    with pytest.raises(DataError, match=r"after 0\.[34] MB, which are kept; try again when you are online, or fetch"):
        bring("ml-latest-small")
    assert left(downloads) == ["ml-latest-small.zip.part", "ml-latest-small.zip.part.tag"]
    bring("ml-latest-small")
    assert (downloads / "ml-latest-small.zip").read_bytes() == content
    assert mirror.asked[-1][1].startswith("bytes=3")
    assert left(downloads) == ["ml-latest-small.zip"]


@pytest.mark.parametrize("change", ["another file", "no ranges", "no tag"])
def test_where_a_part_cannot_be_continued_the_download_starts_again(mirror, downloads, change):
    mirror.add("ml-latest-small.zip", zipped({"noise": NOISE}))
    mirror.cuts = [400_000, 0]
    mirror.etag = None if change == "no tag" else '"one"'
    with pytest.raises(DataError, match="which are kept"):
        bring("ml-latest-small")
    mirror.ranges = change != "no ranges"
    if change == "another file":
        mirror.etag = '"two"'
    newer = mirror.add("ml-latest-small.zip", zipped({"noise": NOISE[::-1]}))
    bring("ml-latest-small")
    assert (downloads / "ml-latest-small.zip").read_bytes() == newer


@pytest.mark.parametrize("surplus", [b"", b"and more"])
def test_a_part_with_nothing_left_to_fetch(mirror, downloads, surplus):
    """It is whole and becomes the file, or it is longer than the file and is dropped."""
    content = mirror.add("ml-1m.zip", zipped({"noise": NOISE}), md5=True)
    downloads.mkdir(parents=True)
    (downloads / "ml-1m.zip.part").write_bytes(content + surplus)
    (downloads / "ml-1m.zip.part.tag").write_text(mirror.etag)
    bring("ml-1m")
    assert (downloads / "ml-1m.zip").read_bytes() == content
    assert left(downloads) == ["ml-1m.zip"]


@pytest.mark.parametrize(
    ("md5", "says"),
    [
        (b"0" * 32 + b"  ml-1m.zip\n", "ml-1m.zip with MD5 00000000000000000000000000000000, found"),
        (b"<html>soon</html>", "ml-1m.zip.md5 does not give"),
    ],
)
def test_a_wrong_checksum_discards_the_file(mirror, downloads, md5, says):
    mirror.add("ml-1m.zip", zipped({"noise": NOISE}))
    mirror.files["ml-1m.zip.md5"] = md5
    with pytest.raises(DataError) as error:
        bring("ml-1m")
    assert says in str(error.value)
    assert "it was discarded; download it again, or fetch" in str(error.value)
    assert left(downloads) == []


def test_a_missing_checksum_keeps_what_came_but_does_not_trust_it(mirror, downloads):
    mirror.add("ml-1m.zip", zipped({"noise": NOISE}))
    with pytest.raises(DataError, match=r"ml-1m.zip at .*ml-1m.zip.md5, found 404 Not Found"):
        bring("ml-1m")
    assert not (downloads / "ml-1m.zip").exists()
    mirror.add("ml-1m.zip", mirror.files["ml-1m.zip"], md5=True)
    bring("ml-1m")
    assert mirror.asked[-2][1] == f"bytes={len(mirror.files['ml-1m.zip'])}-"


def test_a_page_in_place_of_the_archive_is_discarded(mirror, downloads):
    mirror.add("goodbooks-10k.zip", b"<html>Please log in</html>")
    with pytest.raises(DataError, match=r"expected an archive at .*, found something else; it was discarded"):
        bring("goodbooks-10k")
    assert left(downloads) == []


def test_missing_files_and_no_connection_say_what_to_fetch_and_where_to_put_it(mirror, downloads, monkeypatch, capsys):
    place = downloads / "ml-25m.zip"
    line = refused(capsys, "train", "--data", "ml-25m")
    assert "found 404 Not Found" in line
    assert line.endswith(f"or fetch {mirror.address}/ml-25m.zip yourself and put it at {place}")
    monkeypatch.setenv("KNOBS_MIRROR", "http://127.0.0.1:9")  # discard: nobody listens
    line = refused(capsys, "train", "--data", "ml-25m")
    assert "no working connection" in line
    assert line.endswith(f"or fetch http://127.0.0.1:9/ml-25m.zip yourself and put it at {place}")


def test_places_that_cannot_be_written(mirror, downloads):
    mirror.add("ml-latest-small.zip", zipped({"noise": NOISE}))
    downloads.mkdir(parents=True)
    (downloads / "ml-latest-small.zip.part").symlink_to("/dev/full")
    with pytest.raises(StorageError, match="no space left on device; free it"):
        bring("ml-latest-small")
    (downloads / "ml-latest-small.zip.part").unlink()
    with FileLock(downloads / ".ml-latest-small.zip.lock"), pytest.raises(StorageError, match="another download of it"):
        bring("ml-latest-small")
    bring("ml-latest-small")
    (downloads / "msd").write_text("in the way")
    with pytest.raises(StorageError, match=r"room to write .*msd"):
        bring("msd")


def test_a_downloaded_archive_that_leads_outside_is_refused(mirror, tmp_path):
    mirror.add("goodbooks-10k.zip", zipped({"books.csv": b"", "../../ratings.csv": b"user_id,book_id,rating\n"}))
    with pytest.raises(DataError, match="leads out of it"):
        data.load_data("goodbooks-10k")
    assert not list(tmp_path.rglob("ratings.csv"))
