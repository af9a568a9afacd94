"""What opens on demand above the board: cards of knobs and items, asking for a title, and what can be kept."""

from knobs_ui.cards.ask import ask_for
from knobs_ui.cards.charts import group_served, named_line, taste, themes
from knobs_ui.cards.keep import keep
from knobs_ui.cards.open import open_card
from knobs_ui.cards.presets import load_presets, quiet

__all__ = ["ask_for", "group_served", "keep", "load_presets", "named_line", "open_card", "quiet", "taste", "themes"]
