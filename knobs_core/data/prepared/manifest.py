"""The manifest of prepared data: what they were made from, how, the account of it, and the proof of every file.

manifest.json              written last: a folder without one is none
items.parquet              number, item_id, likes, and what is known of the items
tags.parquet               item, tag, weight
users/shard=K/*.parquet    row, user_id, items (list<int32>, ascending); a user is in one shard
matrix/                    indptr, indices, ones and user_ids as .npy, made of the shards where they are first read
"""

import hashlib
import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knobs_core.base import DataError, FileRecord, places, read_once, reason, shown
from knobs_core.data.account import Account
from knobs_core.data.source import DataConfig, Source

FORMAT = 1
LARGEST = 2**24  # bytes of a manifest
OURS = ("number", "item_id", "likes")  # columns of items.parquet that are no properties of an item
OTHERS = " of the source"  # behind the name of a property that is called so
AGAIN = "write it again with knobs prepare"


class PreparedManifest(BaseModel):
    """What prepared data were made from. source, checksum: of the data themselves; config: as they were read

    prepared: the version of this format; shards: how many; files: the proof of each, by its place in the folder
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    prepared: int = FORMAT
    source: str
    checksum: str
    config: DataConfig
    shards: int = Field(ge=1)
    account: Account
    files: dict[str, FileRecord] = Field(default_factory=dict)

    @property
    def origin(self) -> Source:
        """Where the data came from."""
        return Source(self.source, self.checksum, self.config)

    @property
    def id(self) -> str:
        """A short text that stands for all of it, every byte of the files included."""
        return hashlib.sha256(self.text().encode()).hexdigest()[:12]

    def text(self) -> str:
        """As it is written."""
        return json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def is_prepared(path: Path) -> bool:
    """Whether a folder says that it holds prepared data."""
    try:
        document = json.loads(read_once(path / places.MANIFEST, LARGEST))
    except (OSError, ValueError):
        return False
    return isinstance(document, dict) and "prepared" in document


def read_manifest(path: Path) -> PreparedManifest:
    """The manifest of a folder of prepared data.

    Raises:
        DataError: it is of another format, or damaged.
    """
    try:
        document = json.loads(read_once(path / places.MANIFEST, LARGEST))
        if document["prepared"] != FORMAT:
            raise DataError(f"data prepared in format {FORMAT} at {path}", shown(str(document["prepared"])), AGAIN)
        return PreparedManifest.model_validate(document)
    except (OSError, ValueError, KeyError, ValidationError) as error:
        raise DataError(f"a manifest of prepared data in {path}", f"damage ({reason(error)})", AGAIN) from error


def stored(name: str) -> str:
    """What a property of items is called in items.parquet."""
    return f"{name}{OTHERS}" if name in OURS else name


def theirs(name: str) -> str:
    """What a column of items.parquet is called as a property."""
    bare = name.removesuffix(OTHERS)
    return bare if bare in OURS else name
