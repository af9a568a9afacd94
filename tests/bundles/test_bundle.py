"""A bundle in memory: other recipes, people, and what it says of itself."""


def test_effects_are_those_of_the_recipes_at_hand(planted_bundle):
    other = planted_bundle.with_recipes("representative")
    assert {effect.key for effect in other.effects} == {f"#{label.neuron}" for label in other.labels if label.alive}
