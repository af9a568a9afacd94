"""The map: points that lie still, and on top of them one person, a crowd, a lasso, and the paper's Figure 6."""

from knobs_ui.atlas.component import atlas
from knobs_ui.atlas.crowd import crowd_data, moved, table
from knobs_ui.atlas.figure6 import paper_figure
from knobs_ui.atlas.inside import inside
from knobs_ui.atlas.lasso import lasso, lasso_data, lassoed
from knobs_ui.atlas.offer import offer_map
from knobs_ui.atlas.points import send
from knobs_ui.atlas.trail import journey, tables, taste_data

__all__ = [
    "atlas",
    "crowd_data",
    "inside",
    "journey",
    "lasso",
    "lasso_data",
    "lassoed",
    "moved",
    "offer_map",
    "paper_figure",
    "send",
    "table",
    "tables",
    "taste_data",
]
