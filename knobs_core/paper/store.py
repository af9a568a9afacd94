"""Finished pieces of a report on disk, each a small file written whole, so that a killed run goes on where it was."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from knobs_core.base import replacing, storing, write_whole
from knobs_core.models import Module


class Store:
    """Cells by name in a folder: NAME.json, and NAME.safetensors where a cell is a model.

    Raises:
        StorageError: from any method, when the place cannot be written.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    def open(self) -> None:
        """Make the folder; without one, nothing is finished and nothing can be."""
        with storing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)

    def read(self, name: str) -> dict[str, Any] | None:
        """What a cell holds, None where it is not finished."""
        try:
            return json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # a file that something else has damaged is made again
            return None

    def finished(self, name: str) -> dict[str, Any]:
        """What a cell holds that was made before those who ask for it."""
        content = self.read(name)
        assert content is not None, f"the cell {name} is not finished yet"
        return content

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Finish a cell."""
        write_whole(self.folder / f"{name}.json", json.dumps(content, ensure_ascii=False))

    def weights(self, name: str) -> dict[str, torch.Tensor]:
        """Weights of a finished model."""
        return load_file(self.folder / f"{name}.safetensors")

    def write_weights(self, name: str, model: Module) -> None:
        """Keep a model's weights; to be called before ``write``, which is what counts as finished."""
        tensors = {key: tensor.detach().cpu().contiguous() for key, tensor in model.state_dict().items()}
        with replacing(self.folder / f"{name}.safetensors") as partial:
            save_file(tensors, partial)
