"""The paper's experiments on any data set: every table and figure, and one HTML report."""

from knobs_core.paper import draw, figures, tables
from knobs_core.paper.plan import FULL, QUICK, Plan
from knobs_core.paper.run import Prospect, Report, default_report, plan_of, read_progress, run

__all__ = [
    "FULL",
    "QUICK",
    "Plan",
    "Prospect",
    "Report",
    "default_report",
    "draw",
    "figures",
    "plan_of",
    "read_progress",
    "run",
    "tables",
]
