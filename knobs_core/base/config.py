"""Hyperparameters changed from outside: names and values are checked, text is converted to each field's type."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from knobs_core.base.errors import ConfigError
from knobs_core.base.text import nearest

if TYPE_CHECKING:  # it is known to type checkers alone
    from _typeshed import DataclassInstance

Config = TypeVar("Config", bound="DataclassInstance")


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
