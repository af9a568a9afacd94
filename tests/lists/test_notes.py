"""Notes that are proposed for a recipe: what a dial brings, and nobody's likes."""

from knobs_core.lists import ListRecipe, Pin, Turn, list_for, proposed_notes, reader_notes
from knobs_core.lists.rules import Rules


def test_notes_for_a_recipe_are_proposed_where_a_dial_brings_the_row(planted_bundle):
    turn = Turn(knob="concept 3", amount=0.5)
    recipe = ListRecipe(slug="three", dials=(turn,), pins=(Pin(item="i5", place=1),))
    notes = proposed_notes(planted_bundle, recipe)
    assert notes
    assert set(notes.values()) == {"Here for more concept 3."}
    assert "i5" not in notes
    first = next(iter(notes))
    theirs = recipe.model_copy(update={"notes": {first: "Mine."}})
    assert proposed_notes(planted_bundle, theirs) == {item: note for item, note in notes.items() if item != first}
    assert proposed_notes(planted_bundle, recipe.model_copy(update={"dials": ()})) == {}


def test_a_pin_is_an_editors_and_other_rows_say_what_the_person_reads(planted_bundle):
    recipe = ListRecipe(slug="three", dials=(Turn(knob="concept 3", amount=0.5),), pins=(Pin(item="i5", place=2),))
    rules, person = Rules(planted_bundle, recipe), planted_bundle.person(user="u3")
    dials = rules.dials(recipe.dials)
    notes = reader_notes(person, dials, list_for(person, rules, dials))
    assert notes[1] == "Put here by an editor."
    assert {note for note in notes if note != notes[1]} <= set(person.recommend({"concept 3": 0.5}, 20).notes())
