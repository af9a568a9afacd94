"""What the owner of a server of lists decides; ``knobs serve`` hands it over in one variable of the environment."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

SETTINGS = "KNOBS_SERVE"


class Settings(BaseModel):
    """How lists are served.

    bundle: path of its folder; device: as for ``torch_device``; address: where the server listens
    open: whether everybody is answered without a key; max_n: rows of a list, at most
    unknown: what a reader gets who is not in the data: a newcomer's list, or 404
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    bundle: str
    device: str = "auto"
    address: str = "127.0.0.1"
    open: bool = False
    max_n: int = Field(default=200, ge=1, le=200)
    unknown: Literal["fallback", "404"] = "fallback"
