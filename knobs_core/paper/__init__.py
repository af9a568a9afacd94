"""The paper's experiments on any data set: every table and figure, and one HTML report."""

from knobs_core.paper import draw, figures, tables
from knobs_core.paper.plan import FULL, QUICK, Plan
from knobs_core.paper.run import default_report, read_progress, run

__all__ = ["FULL", "QUICK", "Plan", "default_report", "draw", "figures", "read_progress", "run", "tables"]
