"""Lists that editors make: recipes, the rules that hold over them, rendering for every reader, stamps to replay."""

from knobs_core.lists.alike import PERSON
from knobs_core.lists.arranging import Listed, Setting
from knobs_core.lists.blocks import Rendered, Workers, render
from knobs_core.lists.engines import ENGINES
from knobs_core.lists.notes import proposed_notes, reader_notes
from knobs_core.lists.properties import properties_of, values_of
from knobs_core.lists.quotas import bits_of
from knobs_core.lists.recipe import (
    ARM_NAME,
    LONGEST,
    Amount,
    Arm,
    HouseRules,
    ItemId,
    Line,
    ListRecipe,
    Pin,
    Pool,
    Quota,
    Turn,
    Value,
    Wanted,
    fault,
    read_house_rules,
    read_recipe,
    recipe_of,
    write_recipe,
)
from knobs_core.lists.rendering import Renderer, arm_of, left_out_by, list_for, list_id, list_ids, steered_list
from knobs_core.lists.retrained import Carried, CarriedDial, Gone, carried
from knobs_core.lists.rules import OWN, PINNED, PRECEDENCE, Ranked, Row, Rules, check, turns_of
from knobs_core.lists.shelf import Brought, OnShelf, Shelf, coverage, shelf
from knobs_core.lists.stamp import Replayed, Stamp, list_hash, read_stamp, replay, stamp_of

__all__ = [
    "ARM_NAME",
    "ENGINES",
    "LONGEST",
    "OWN",
    "PERSON",
    "PINNED",
    "PRECEDENCE",
    "Amount",
    "Arm",
    "Brought",
    "Carried",
    "CarriedDial",
    "Gone",
    "HouseRules",
    "ItemId",
    "Line",
    "ListRecipe",
    "Listed",
    "OnShelf",
    "Pin",
    "Pool",
    "Quota",
    "Ranked",
    "Rendered",
    "Renderer",
    "Replayed",
    "Row",
    "Rules",
    "Setting",
    "Shelf",
    "Stamp",
    "Turn",
    "Value",
    "Wanted",
    "Workers",
    "arm_of",
    "bits_of",
    "carried",
    "check",
    "coverage",
    "fault",
    "left_out_by",
    "list_for",
    "list_hash",
    "list_id",
    "list_ids",
    "properties_of",
    "proposed_notes",
    "read_house_rules",
    "read_recipe",
    "read_stamp",
    "reader_notes",
    "recipe_of",
    "render",
    "replay",
    "shelf",
    "stamp_of",
    "steered_list",
    "turns_of",
    "values_of",
    "write_recipe",
]
