"""A study for invited people: consent, one step a screen, thanks and a way out."""

from knobs_ui.study.visit import visit

__all__ = ["visit"]
