"""Settings from outside: text is converted, and what does not fit gets one line."""

from typing import Literal

import pytest
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from knobs_core.base.config import override
from knobs_core.base.errors import ConfigError


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Config:
    size: int = Field(default=3, ge=1)
    rate: float = 0.5
    sure: bool = False
    way: Literal["left", "right"] = "left"


def test_text_becomes_what_each_field_is():
    changes = {"size": "7", "rate": "1e-3", "sure": "true", "way": "right"}
    assert override(Config(), changes, "thing") == Config(7, 0.001, True, "right")
    assert override(Config(size=5), {"rate": 2}, "thing") == Config(size=5, rate=2.0)
    assert override(Config(), {}, "thing") == Config()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"sise": 3}, r"a setting of 'thing' \(size, rate, sure, way\), found 'sise'; did you mean 'size'"),
        ({"size": 0}, "thing.size to be greater than or equal to 1, found '0'"),
        ({"size": "many"}, "thing.size to be a valid integer.*found 'many'"),
        ({"way": "up"}, "thing.way to be 'left' or 'right', found 'up'"),
    ],
)
def test_what_does_not_fit_gets_one_line(changes, says):
    with pytest.raises(ConfigError, match=says) as error:
        override(Config(), changes, "thing")
    assert "\n" not in str(error.value)
