"""What a file may hold, and the one boundary around everything that reads files."""

import io
import os

import pytest

from knobs_core import data
from knobs_core.base.errors import ConfigError, DataError
from knobs_core.data.sources import limits
from knobs_core.data.sources.limits import Metered, allowed, open_regular, reading


@pytest.mark.parametrize(
    "error", [MemoryError(), RecursionError("deep\nstack"), ValueError(), KeyError("x"), OSError(5, "I/O"), EOFError()]
)
def test_whatever_goes_wrong_in_reading_becomes_one_line(error):
    with pytest.raises(DataError, match=r"expected .*ratings.csv") as refused, reading("ratings.csv"):
        raise error
    assert len(str(refused.value).splitlines()) == 1
    assert refused.value.__cause__ is error


def test_the_limit_can_be_raised_and_has_to_be_a_number(monkeypatch):
    assert allowed(1000) == min(allowed(), limits.SMALL)
    monkeypatch.setenv("KNOBS_MAX_BYTES", "123")
    assert (allowed(), allowed(1)) == (123, 123)
    monkeypatch.setenv("KNOBS_MAX_BYTES", "8 GB")
    with pytest.raises(ConfigError, match="a number of bytes as KNOBS_MAX_BYTES, found '8 GB'"):
        allowed()


@pytest.mark.parametrize(
    ("content", "most", "says"),
    [
        (b"a" * 2000, 1000, "at most 1,000 bytes in x, found more than 1,000 packed into 7; .* KNOBS_MAX_BYTES"),
        (b"1\n" * 20_000, 10**6, r"found [\d,]+ lines, of 64 bytes of memory each"),
        (b"a" * (limits.ROW + 1), 10**9, "lines of at most 16,777,216 bytes in x, found one that is longer"),
    ],
)  # fmt: skip
def test_a_stream_is_stopped_where_it_holds_too_much(content, most, says, monkeypatch):
    monkeypatch.setenv("KNOBS_MAX_BYTES", str(most))
    with pytest.raises(DataError, match=says):
        limits.content(Metered(io.BytesIO(content), "x", 7, text=True))


def test_only_regular_files_of_the_folder_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "inner").mkdir()
    (tmp_path / "secret").write_text("user_id,item_id\n")
    (tmp_path / "inner" / "interactions.csv").symlink_to(tmp_path / "secret")
    for path in (tmp_path / "pipe", tmp_path / "inner", "/dev/zero"):
        with pytest.raises((DataError, IsADirectoryError), match=r"a device, a pipe or a folder|Is a directory"):
            open_regular(path)
    with pytest.raises(DataError, match="a link that leads out of its folder"):
        data.load_data(tmp_path / "inner")
    with pytest.raises(DataError, match="a device, a pipe or a folder"):
        data.load_data("/dev/zero")
