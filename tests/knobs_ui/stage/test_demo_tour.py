"""The demo's own tour on a freshly trained demo: every name in it exists, and every step shows something."""

from knobs_ui.stage import scene, tour_of
from knobs_ui.state import Choice, dials_of, person_of

STRIKING = 5  # titles of twenty that another step must at least bring


def listed(bundle, choice):
    return person_of(bundle, choice).recommend(dials_of(bundle, choice.dials)).rows


def test_every_step_of_the_demos_tour_is_striking(demo_bundle):
    tour = tour_of(demo_bundle)
    assert 8 <= len(tour.step) <= 10
    opening = Choice(user_ids=("60",))
    before = {row["item_id"] for row in listed(demo_bundle, opening)}
    for n, step in enumerate(tour.step, start=1):
        choice = scene(demo_bundle, tour, n, opening)
        rows = listed(demo_bundle, choice)
        after = {row["item_id"] for row in rows}
        assert len(after - before) >= STRIKING, step.say
        assert all(demo_bundle.knobs.get(key) for key, _ in choice.dials)
        if step.focus:
            assert demo_bundle.knobs.find(step.focus).key in dict(choice.dials), step.say
        if step.ask:
            assert step.ask in [row["title"] for row in rows[:7]], step.say
        before = after
