"""The Lab: how good the loaded model is, the paper's experiments on its data, and reports side by side."""

from knobs_ui.lab.tabs import TABS

__all__ = ["TABS"]
