"""Fetching a publisher's file: with progress, going on after a cut, checked, and there whole or not at all.

    NAME.part       what has come so far; it becomes NAME when it is whole and checked
    NAME.part.tag   the server's ETag or date of it, so that a part of an older file is never continued

Without a tag, or where the server knows no ranges, a cut download starts again. RFC 9110, sections 13.1.5 and 14.
"""

import hashlib
import re
import tarfile
import zipfile
from pathlib import Path

import requests
from filelock import FileLock, Timeout

from knobs_core.base import DataError, Progress, ProgressCallback, StorageError

BLOCK = 1 << 16
TRIES = 10
WAIT = 30  # seconds for the server to say something


def fetch(url: str, path: Path, md5: bool, progress: ProgressCallback) -> None:
    """Download ``url`` to ``path``; a part that an earlier run left is continued.

    Args:
        md5: whether the publisher has the file's MD5 beside it, as ``url`` + ".md5".

    Raises:
        DataError: the server cannot be reached, has no such file, or gave a wrong one. Says what to fetch by hand.
        StorageError: the place cannot be written, or another download of the file is going on.
    """
    part = path.with_name(f"{path.name}.part")
    tag = path.with_name(f"{path.name}.part.tag")
    by_hand = f"or fetch {url} yourself and put it at {path}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=0):
            if not path.exists():
                _bring(url, part, tag, progress)
                _check(url, path, part, tag, md5, by_hand)
                part.rename(path)
                tag.unlink(missing_ok=True)
    except requests.HTTPError as error:
        answer = error.response
        assert answer is not None, "raise_for_status says which answer it is about"
        raise DataError(
            f"{path.name} at {answer.url}", f"{answer.status_code} {answer.reason}", f"try again later, {by_hand}"
        ) from error
    except requests.RequestException as error:
        had = f", after {part.stat().st_size / 1e6:.1f} MB, which are kept" if part.exists() else ""
        raise DataError(
            f"{path.name} from {url}",
            f"no working connection ({type(error).__name__}){had}",
            f"try again when you are online, {by_hand}",
        ) from error
    except Timeout as error:
        raise StorageError(
            f"to be the only one who downloads {path}", "another download of it", "wait for it to finish"
        ) from error
    except OSError as error:
        raise StorageError(
            f"room to write {path}", (error.strerror or str(error)).lower(), "free it, or choose another KNOBS_HOME"
        ) from error


def _bring(url: str, part: Path, tag: Path, progress: ProgressCallback) -> None:
    """Transfer until the part is whole; go on after cuts for as long as every try brings something."""
    whole = False
    for tries_left in reversed(range(TRIES)):
        before = _size(part)
        try:
            whole = _transfer(url, part, tag, progress)
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
            if _size(part) <= before or not tries_left:
                raise
        if whole:
            return


def _transfer(url: str, part: Path, tag: Path, progress: ProgressCallback) -> bool:
    """One try; whether the part is whole now. False: the server has nothing to add to it, and it was dropped."""
    start = _size(part) if tag.exists() else 0
    headers = {"Accept-Encoding": "identity"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": tag.read_text(encoding="utf-8")}
    with requests.get(url, headers=headers, stream=True, timeout=WAIT) as answer:
        span = answer.headers.get("Content-Range", "")
        if answer.status_code == requests.codes.requested_range_not_satisfiable and start:
            if span != f"bytes */{start}":
                part.unlink()
            return part.exists()
        answer.raise_for_status()
        goes_on = answer.status_code == requests.codes.partial_content and span.startswith(f"bytes {start}-")
        done = start if goes_on else 0
        total = done + int(answer.headers.get("Content-Length", 0))
        mark = answer.headers.get("ETag", "")
        mark = answer.headers.get("Last-Modified", "") if mark.startswith("W/") or not mark else mark
        tag.write_text(mark, encoding="utf-8") if mark else tag.unlink(missing_ok=True)
        with part.open("ab" if goes_on else "wb") as file:
            for block in answer.iter_content(BLOCK):
                file.write(block)
                done += len(block)
                progress(Progress(f"Downloading {part.stem}", done >> 20, max(total, done) >> 20, "MB"))
    return True


def _check(url: str, path: Path, part: Path, tag: Path, md5: bool, by_hand: str) -> None:
    """Refuse and discard what is not the publisher's file."""
    if md5:
        answer = requests.get(f"{url}.md5", timeout=WAIT)
        answer.raise_for_status()
        expected = re.search(r"\b[0-9a-f]{32}\b", answer.text.lower())
        with part.open("rb") as file:
            found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        if expected is None or found != expected.group():
            part.unlink()
            tag.unlink(missing_ok=True)
            wanted = expected.group() if expected else f"that {url}.md5 does not give"
            raise DataError(
                f"{path.name} with MD5 {wanted}", f"{found}; it was discarded", f"download it again, {by_hand}"
            )
    is_archive = {".zip": zipfile.is_zipfile, ".gz": tarfile.is_tarfile}.get(path.suffix)
    if is_archive and not is_archive(part):
        part.unlink()
        tag.unlink(missing_ok=True)
        raise DataError(f"an archive at {url}", "something else; it was discarded", f"try again later, {by_hand}")


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0
