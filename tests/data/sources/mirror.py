"""A server on this machine that misbehaves as told, and what lies on it."""

import hashlib
import io
import re
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from knobs_core.data.sources.registry import locate

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
