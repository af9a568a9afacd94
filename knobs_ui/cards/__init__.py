"""What opens on demand above the board: cards of knobs and items, asking for a title, and what can be kept."""

from knobs_ui.cards.charts import named_line, taste, themes
from knobs_ui.cards.presets import load_presets
from knobs_ui.cards.recipe import recipe_wanted
from knobs_ui.cards.sheet import follow, sheet

__all__ = ["follow", "load_presets", "named_line", "recipe_wanted", "sheet", "taste", "themes"]
