"""Downloads by name, end to end against a server on this machine: whole, cut, wrong, missing, without ranges."""

import hashlib
import io
import json
import re
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from knobs_core import data
from knobs_core.base.errors import DataError, StorageError
from knobs_core.cli import main
from knobs_core.data.planted import planted
from knobs_core.data.sources.registry import NAMED, locate
from tests.cli.test_cli import knobs, refused
from tests.data.test_layouts import CASES, OPEN, contents

NOISE = np.random.default_rng(0).bytes(700_000)  # does not shrink in a zip


class Mirror(ThreadingHTTPServer):
    """What the server has and how it misbehaves. ``cuts``: bytes after which the next answers break off."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.files: dict[str, bytes] = {}
        self.etag: str | None = '"one"'
        self.ranges = True
        self.cuts: list[int] = []
        self.asked: list[tuple[str, str | None]] = []
        self.address = f"http://127.0.0.1:{self.server_port}/sets"

    def add(self, name: str, content: bytes, md5: bool = False) -> bytes:
        self.files[name] = content
        if md5:
            self.files[f"{name}.md5"] = f"MD5 ({name}) = {hashlib.md5(content).hexdigest()}\n".encode()
        return content


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        mirror, span = self.server, self.headers.get("Range")
        name = self.path.removeprefix("/sets/")
        mirror.asked.append((name, span))
        content = mirror.files.get(name)
        if content is None:
            return self.send_error(404)
        start = 0
        if span and mirror.ranges and self.headers.get("If-Range") == mirror.etag:
            start = int(re.fullmatch(r"bytes=(\d+)-", span)[1])
        if start and start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if mirror.etag:
            self.send_header("ETag", mirror.etag)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        cut = mirror.cuts.pop(0) if mirror.cuts and not name.endswith(".md5") else None
        self.wfile.write(content[start:][:cut])
        self.close_connection = True
        return None

    def log_message(self, *_):
        pass


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    server = Mirror()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("KNOBS_MIRROR", server.address + "/")
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def downloads(tmp_path):
    return tmp_path / "home" / "downloads"


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def bring(name: str, steps: list | None = None) -> Path:
    return locate(name, lambda step: steps.append(step) if steps is not None else None)


def left(folder: Path) -> list[str]:
    """What lies in a folder; the hidden lock of a download does not count."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


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


def test_what_lies_here_or_there_is_taken(mirror, downloads, tmp_path):
    (downloads / "ml-1m").mkdir(parents=True)
    assert bring("ml-1m") == downloads / "ml-1m"
    (tmp_path / "ml-1m.zip").write_bytes(zipped({}))
    assert bring("ml-1m") == Path("ml-1m.zip")
    (tmp_path / "ml-1m").mkdir()
    assert bring("ml-1m") == Path("ml-1m")
    assert mirror.asked == []


def test_a_set_of_several_files_fetches_those_that_are_missing(mirror, downloads, tmp_path):
    files = contents("msd", tmp_path)
    (downloads / "msd").mkdir(parents=True)
    (downloads / "msd" / "train_triplets.txt").write_bytes(files.pop("train_triplets.txt"))  # unpacked by hand
    for name, content in files.items():
        mirror.add(name, content)
    loaded = data.load_data("msd", OPEN)
    assert loaded.items["title"].tolist() == CASES["msd"][2]
    assert sorted(name for name, _ in mirror.asked) == sorted(files)


def test_a_downloaded_archive_that_leads_outside_is_refused(mirror, tmp_path):
    mirror.add("goodbooks-10k.zip", zipped({"books.csv": b"", "../../ratings.csv": b"user_id,book_id,rating\n"}))
    with pytest.raises(DataError, match="leads out of it"):
        data.load_data("goodbooks-10k")
    assert not list(tmp_path.rglob("ratings.csv"))


def test_train_by_name_downloads_shows_terms_and_trains(mirror, tmp_path, capsys):
    """Two layouts all the way through the command line."""
    tables = planted(n_users=120, n_items=60, n_concepts=4, mean_likes=12)
    pairs = tables.interactions.apply(lambda column: column.str[1:])
    words = tables.tags.assign(item_id=tables.tags["item_id"].str[1:], tag=tables.tags["tag"].str[-1])
    mirror.add(
        "hetrec2011-lastfm-2k.zip",
        zipped(
            {
                "user_artists.dat": "userID\tartistID\tweight\n"
                + "".join(f"{u}\t{i}\t3\n" for u, i in pairs.to_numpy()),
                "artists.dat": "id\tname\turl\tpictureURL\n" + "".join(f"{i}\tArtist {i}\t\t\n" for i in range(60)),
                "user_taggedartists.dat": "userID\tartistID\ttagID\tday\tmonth\tyear\n"
                + "".join(f"1\t{i}\t{t}\t1\t1\t2009\n" for i, t in words.to_numpy()),
                "tags.dat": "tagID\ttagValue\n" + "".join(f"{t}\tconcept {t}\n" for t in range(4)),
            }
        ),
    )
    mirror.add(
        "ml-1m.zip",
        zipped(
            {
                "ml-1m/ratings.dat": "".join(f"{u}::{i}::5::978300760\n" for u, i in pairs.to_numpy()),
                "ml-1m/movies.dat": "".join(f"{i}::Film {i} (1995)::{'ABCD'[int(t)]}\n" for i, t in words.to_numpy()),
            }
        ),
        md5=True,
    )
    small = ("--dim", "8", "--set", "cfae.epochs=2", "--set", "sae.epochs=2", "--device", "cpu", "--json")
    for name, terms in (("hetrec2011-lastfm-2k", "Last.fm: no commercial use"), ("ml-1m", "no redistribution")):
        main(["train", "--data", name, *small])
        out, err = capsys.readouterr()
        assert f"{name} is published by " in err
        assert terms in err
        assert f"Downloading {name}.zip" in err
        report = json.loads(out)
        assert report["bundle"] == str(tmp_path / "home" / "bundles" / name)
        assert report["source"]["name"] == name


def test_every_name_is_in_the_help_the_error_and_the_guide(mirror, capsys):
    help_text = " ".join(knobs("train", "--help").stdout.split()).replace("- ", "-")  # wrapped at hyphens
    line = refused(capsys, "train", "--data", "ml25m")
    guide = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
    for name in NAMED:
        assert f" {name}" in help_text
        assert f" {name}" in line
        assert f"`{name}`" in guide
    assert "did you mean 'ml-25m'" in line
