"""Where Knobs keeps its files, and how hyperparameters are changed from outside."""

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import platformdirs
import torch
from pydantic import ValidationError

from knobs_core.errors import ConfigError, nearest

Config = TypeVar("Config")


def home() -> Path:
    """Folder for bundles and downloaded data: KNOBS_HOME, else the platform's user data folder."""
    chosen = os.environ.get("KNOBS_HOME")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("knobs", appauthor=False))


def override(config: Config, changes: Mapping[str, object], section: str) -> Config:
    """A checked copy of a hyperparameter dataclass with some fields changed; text is converted to each field's type.

    Raises:
        ConfigError: a field that does not exist or a value that does not fit.
    """
    known = [field.name for field in dataclasses.fields(config)]
    for name in changes:
        if name not in known:
            raise ConfigError(f"a setting of '{section}' ({', '.join(known)})", f"'{name}'", nearest(name, known))
    try:
        return type(config)(**{**dataclasses.asdict(config), **changes})
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        message = first["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
        raise ConfigError(
            f"{section}.{field} to be {message}", f"'{first['input']}'", "choose a value in range"
        ) from None


def device(name: str = "auto") -> torch.device:
    """The device to compute on: ``auto`` is the GPU when there is one.

    Raises:
        ConfigError: an unknown name, or ``cuda`` where there is none.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise ConfigError("a device: auto, cpu or cuda", f"'{name}'", "choose one of these")
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("a CUDA device", "none on this machine", "use --device auto or --device cpu")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")
