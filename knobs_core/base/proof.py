"""Whether a file is the one that was written: its size and its SHA-256."""

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class FileRecord(BaseModel):
    """The proof of a file. bytes: its size; sha256: of its content, in hexadecimal digits."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    bytes: int = Field(ge=0)
    sha256: str

    def __str__(self) -> str:
        return f"{self.bytes:,} bytes and SHA-256 {self.sha256[:12]}..."


def proof(data: bytes) -> FileRecord:
    """The proof of a file's content."""
    return FileRecord(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())


def proof_of(file: Path) -> FileRecord:
    """The proof of a file on disk, read piece by piece.

    Raises:
        OSError: it cannot be read.
    """
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return FileRecord(bytes=stream.tell(), sha256=digest)
