"""Lists that editors make: recipes, the rules that hold over them, rendering for every reader, stamps to replay."""

from knobs_core.lists.alike import PERSON
from knobs_core.lists.properties import PROPERTIES, values_of
from knobs_core.lists.recipe import (
    LONGEST,
    Arm,
    HouseRules,
    ListRecipe,
    Pin,
    Pool,
    Quota,
    Turn,
    Wanted,
    fault,
    read_house_rules,
    read_recipe,
    recipe_of,
    write_recipe,
)
from knobs_core.lists.rendering import Rendered, arm_of, list_for, list_id, render
from knobs_core.lists.retrained import Carried, CarriedDial, Gone, carried
from knobs_core.lists.rules import OWN, PINNED, PRECEDENCE, Ranked, Row, Rules, by_quota, check, turns_of
from knobs_core.lists.shelf import Brought, OnShelf, Shelf, coverage, shelf
from knobs_core.lists.stamp import Replayed, Stamp, list_hash, read_stamp, replay, stamp_of

__all__ = [
    "LONGEST",
    "OWN",
    "PERSON",
    "PINNED",
    "PRECEDENCE",
    "PROPERTIES",
    "Arm",
    "Brought",
    "Carried",
    "CarriedDial",
    "Gone",
    "HouseRules",
    "ListRecipe",
    "OnShelf",
    "Pin",
    "Pool",
    "Quota",
    "Ranked",
    "Rendered",
    "Replayed",
    "Row",
    "Rules",
    "Shelf",
    "Stamp",
    "Turn",
    "Wanted",
    "arm_of",
    "by_quota",
    "carried",
    "check",
    "coverage",
    "fault",
    "list_for",
    "list_hash",
    "list_id",
    "read_house_rules",
    "read_recipe",
    "read_stamp",
    "recipe_of",
    "render",
    "replay",
    "shelf",
    "stamp_of",
    "turns_of",
    "values_of",
    "write_recipe",
]
