"""What is trained for a report: the paper's own grid, and a small one that takes minutes on small data."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from knobs_core.base import ConfigError, nearest
from knobs_core.paper.reference import ALPHAS

FINE = (("elsa", "l2"), ("multvae", "l2"), ("elsa", "cosine"))  # the three models of sections 4.3 and 4.4
# settings of trainings that can be changed, but for those that the grid goes through; and what it goes through
SECTIONS = {"cfae": {"dim"}, "sae": {"width_ratio", "loss", "k", "l1"}, "inputs": set[str]()}
VARIED: dict[str, Callable[[str], object]] = {"width_ratios": int, "ks": int, "l1s": float, "losses": str}
STEERED = (("elsa", "l2"), ("multvae", "l2"))  # figure 5


@dataclasses.dataclass(frozen=True)
class Plan:
    """A grid of models and how they are trained.

    dims: {cfae: embedding sizes of table 3}; grid_dim: the size behind figure 2 and everything after it
    presets: (of the grid, of the fine models), none for the settings that are the defaults of this program
    changes: {section: {field: value}} on top of the presets
    map_users: users in figure 6, 0 for no figure
    """

    dims: Mapping[str, tuple[int, ...]]
    grid_dim: Mapping[str, int]
    width_ratios: tuple[int, ...]
    ks: tuple[int, ...]
    l1s: tuple[float, ...]
    losses: tuple[str, ...] = ("l2", "cosine")
    presets: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    changes: Mapping[str, Mapping[str, object]] = dataclasses.field(default_factory=dict)
    fine_width: int = 8
    fine_k: int = 16
    alphas: tuple[float, ...] = ALPHAS
    list_alpha: float = 0.15
    list_likes: int = 33
    map_users: int = 1000
    map_alphas: tuple[float, ...] = (0.2, 0.4, 0.6, 0.8)

    def changed(self, changes: Mapping[str, Mapping[str, object]]) -> "Plan":
        """The same plan with more changes; those of ``grid`` are what it goes through, "8,32" for two.

        Raises:
            ConfigError: a section that has no trainings, or a setting that the plan itself goes through.
        """
        grid = {name: _several(name, value) for name, value in changes.get("grid", {}).items()}
        merged = {name: dict(fields) for name, fields in self.changes.items()}
        for section, fields in changes.items():
            if section not in (*SECTIONS, "grid"):
                raise ConfigError(f"settings of data, grid, {', '.join(SECTIONS)}", f"'{section}'", "take one of these")
            if taken := SECTIONS.get(section, set()) & set(fields):
                raise ConfigError(
                    "settings that every model of a report shares", f"{section}.{min(taken)}",
                    f"leave it out; the grid has {', '.join(VARIED)}",
                )  # fmt: skip
            if section != "grid":
                merged.setdefault(section, {}).update(fields)
        return dataclasses.replace(self, changes=merged, **grid)


def _several(name: str, value: object) -> Any:
    """What the grid goes through, from a text."""
    if name not in VARIED:
        raise ConfigError(f"a setting of 'grid' ({', '.join(VARIED)})", f"'{name}'", nearest(name, list(VARIED)))
    try:
        return tuple(VARIED[name](part.strip()) for part in str(value).split(","))
    except ValueError:
        raise ConfigError(f"grid.{name} to be numbers with commas between", f"'{value}'", "write 8,32") from None


FULL = Plan(
    dims={"elsa": (512, 1024, 2048), "multvae": (256, 512, 1024)},
    grid_dim={"elsa": 1024, "multvae": 1024},
    width_ratios=(2, 4, 8),
    ks=(8, 16, 32, 64),
    l1s=(0.0003, 0.001, 0.003, 0.01),
    presets=(("paper-grid",), ("paper-fine",)),
)
QUICK = Plan(
    dims={"elsa": (64, 128, 256), "multvae": (64, 128)},
    grid_dim={"elsa": 128, "multvae": 128},
    width_ratios=(2, 4),
    ks=(8, 32),
    l1s=(0.003, 0.01),
    changes={
        "sae": {"epochs": 60, "lr": 0.001, "start": "random", "refine": 0, "decay": 0.0, "resample_every": 0},
        "inputs": {"draws": 1},
    },
    map_users=150,
)
