"""The Lab's tabs: every one is a function that takes the bundle; a new one is a line here."""

from collections.abc import Callable

from knobs_core.bundles import Bundle
from knobs_ui.lab import experiments, glossary, knobs, names, quality, sets, steering

TABS: dict[str, Callable[[Bundle], None]] = {
    "How good is it": quality.render,
    "How far names go": names.render,
    "What takes two": sets.render,
    "What the knobs do": knobs.render,
    "What steering costs": steering.render,
    "The paper's experiments": experiments.render,
    "Words": glossary.render,
}
