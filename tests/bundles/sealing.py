"""A bundle changed by somebody who knows how it is proved: what is wrong with it then is not its hashes."""

import hashlib
import json

from knobs_core.bundles.manifest import MANIFEST, Manifest
from knobs_core.bundles.names import NAMES, names_id


def written(path):
    """The manifest of a bundle as JSON."""
    return json.loads((path / MANIFEST).read_text(encoding="utf-8"))


def seal(path, document=None):
    """Write a manifest, the old one by default, that proves the files as they are now."""
    document = document or written(path)
    document.pop("id", None)
    for name, record in document["files"].items():
        data = (path / name).read_bytes()
        record.update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    text = json.dumps({"id": Manifest.model_validate(document).id, **document})
    (path / MANIFEST).write_text(text, encoding="utf-8")


def seal_names(path, names):
    """Write names as if ``knobs rename`` had."""
    document = {"bundle": written(path)["id"], "proof": names_id(names), "names": names}
    (path / NAMES).write_text(json.dumps(document))
