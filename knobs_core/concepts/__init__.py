"""Names for neurons and neurons for names: concept maps, directions, recipes, labels, and their held-out tests."""

from knobs_core.concepts.directions import ConceptVectors, co_tagged
from knobs_core.concepts.heldout import Ranks, go_together, halves, permuted
from knobs_core.concepts.labels import MIN_LIKES, N_RANKED, SUBTITLE, Label, Naming, label_neurons
from knobs_core.concepts.open_names import Judge, Vocabulary, groups_of, strongest_items, vocabulary
from knobs_core.concepts.portable import LEAST, Taken, kept_effects, standard_effects, taken_apart
from knobs_core.concepts.profile import Theme, Themes, clear
from knobs_core.concepts.pursuit import SIZE, pursue
from knobs_core.concepts.recipes import DEFAULT, METHODS, ConceptRecipe, concept_recipes, strongest
from knobs_core.concepts.set_names import SetName, name_sets
from knobs_core.concepts.sets import Sets, find_sets
from knobs_core.concepts.similarity import SAME, neuron_effects, same_neurons, similarity
from knobs_core.concepts.tfidf import ConceptMap, concept_map
from knobs_core.concepts.usage import Usage, usage, usage_of

__all__ = [
    "DEFAULT",
    "LEAST",
    "METHODS",
    "MIN_LIKES",
    "N_RANKED",
    "SAME",
    "SIZE",
    "SUBTITLE",
    "ConceptMap",
    "ConceptRecipe",
    "ConceptVectors",
    "Judge",
    "Label",
    "Naming",
    "Ranks",
    "SetName",
    "Sets",
    "Taken",
    "Theme",
    "Themes",
    "Usage",
    "Vocabulary",
    "clear",
    "co_tagged",
    "concept_map",
    "concept_recipes",
    "find_sets",
    "go_together",
    "groups_of",
    "halves",
    "kept_effects",
    "label_neurons",
    "name_sets",
    "neuron_effects",
    "permuted",
    "pursue",
    "same_neurons",
    "similarity",
    "standard_effects",
    "strongest",
    "strongest_items",
    "taken_apart",
    "usage",
    "usage_of",
    "vocabulary",
]
