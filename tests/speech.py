"""Stand-ins for what says what words mean: a text model of words alone, and a language model on this machine."""

import contextlib
import functools
import json
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from knobs_core.base import searchable

USAGE = {"prompt_tokens": 70, "completion_tokens": 3}


class WordCounts:
    """A text model: every word has a direction by lot, and a text is the sum of its words."""

    name = "words alone"

    def encode(self, texts):
        rows = np.array([sum((_of(word) for word in searchable(text).split()), np.zeros(64)) for text in texts])
        return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)


@functools.cache
def _of(word):
    return np.random.default_rng(zlib.crc32(word.encode())).normal(size=64)


class Language:
    """A language model that answers with ``says``, a text or a function of what it is asked; ``heard`` keeps requests.

    status, body: what it answers instead, where given; slow: seconds between the bytes of its answer.
    """

    def __init__(self, says="western", status=200, body=None, slow=0.0, headers=None):
        self.says, self.status, self.body, self.slow = says, status, body, slow
        self.headers, self.heard, self.url = headers or {}, [], ""

    def answer(self, request, keys):
        self.heard.append((request, keys))
        text = self.says(request) if callable(self.says) else self.says
        document = {"choices": [{"message": {"content": text}}], "usage": USAGE}
        return json.dumps(document).encode() if self.body is None else self.body


@contextlib.contextmanager
def speaking(language):
    """The language model, listening at ``language.url``."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = language.answer(asked | {"path": self.path}, self.headers.get("Authorization"))
            self.send_response(language.status)
            for name, value in {"Content-Length": str(len(body)), **language.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):  # whoever asked has hung up
                for start in range(0, len(body), 1 if language.slow else len(body)):
                    self.wfile.write(body[start : start + 1] if language.slow else body)
                    time.sleep(language.slow)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    language.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield language
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
