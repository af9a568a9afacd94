"""Lists that editors make: recipes, the rules that hold over them, rendering for every reader, stamps to replay."""

from knobs_core.lists.recipe import (
    Arm,
    HouseRules,
    ListRecipe,
    Pin,
    Pool,
    Quota,
    Turn,
    fault,
    read_house_rules,
    read_recipe,
    recipe_of,
    write_recipe,
)
from knobs_core.lists.rendering import Rendered, arm_of, left_out_by, list_for, list_id, list_ids, render, steered_list
from knobs_core.lists.rules import PRECEDENCE, Ranked, Row, Rules, check, turns_of
from knobs_core.lists.stamp import Replayed, Stamp, list_hash, read_stamp, replay, stamp_of

__all__ = [
    "PRECEDENCE",
    "Arm",
    "HouseRules",
    "ListRecipe",
    "Pin",
    "Pool",
    "Quota",
    "Ranked",
    "Rendered",
    "Replayed",
    "Row",
    "Rules",
    "Stamp",
    "Turn",
    "arm_of",
    "check",
    "fault",
    "left_out_by",
    "list_for",
    "list_hash",
    "list_id",
    "list_ids",
    "read_house_rules",
    "read_recipe",
    "read_stamp",
    "recipe_of",
    "render",
    "replay",
    "stamp_of",
    "steered_list",
    "turns_of",
    "write_recipe",
]
