"""Which list stands where: by chance, the same for the same person, and no side worth more to either setting."""

from collections import Counter

import pytest

from knobs_core.studies import steps_of
from tests.studies.answering import DOCUMENT, study_of


def lefts(study, who):
    return "".join(step.left for step in steps_of(study, who) if step.kind == "trial" and not step.catch)


def catches(study, who):
    trials = [step for step in steps_of(study, who) if step.kind == "trial"]
    return [at for at, step in enumerate(trials) if step.catch]


def test_the_same_person_gets_the_same_order_and_others_another():
    study = study_of()
    assert steps_of(study, "ada") == steps_of(study, "ada")
    assert len({lefts(study, f"p{i}") for i in range(100)}) == 6  # all ways to place two of four
    other = study_of(id="another")
    assert [lefts(study, f"p{i}") for i in range(20)] != [lefts(other, f"p{i}") for i in range(20)]


def test_first_titles_then_trials_then_questions():
    steps = steps_of(study_of(), "ada")
    assert [step.kind for step in steps] == ["titles", *["trial"] * 5, *["question"] * 4]
    assert [step.question.id for step in steps[6:]] == ["fit", "check", "often", "why"]
    assert {(step.left, step.right) for step in steps if step.kind == "trial" and not step.catch} == {
        ("a", "b"),
        ("b", "a"),
    }
    asked = steps_of(study_of(comparison=None), "ada")
    assert [step.kind for step in asked] == ["question"] * 4


def test_each_person_has_each_setting_on_the_left_equally_often():
    study = study_of()
    assert {lefts(study, f"p{i}").count("a") for i in range(200)} == {2}


def test_over_many_people_sides_are_equally_often_taken():
    study = study_of(comparison={**DOCUMENT["comparison"], "trials": 3, "catches": 2})
    people = [f"p{i}" for i in range(2_000)]
    first = Counter(lefts(study, one)[0] for one in people)
    odd = Counter(lefts(study, one).count("a") for one in people)
    assert {*odd} == {1, 2}
    for count in (first["a"], odd[1]):  # four standard deviations of a fair coin
        assert abs(count - 1_000) < 4 * (2_000 * 0.25) ** 0.5
    shown = Counter(step.left for one in people for step in steps_of(study, one) if step.catch)
    assert abs(shown["a"] - 2_000) < 4 * (4_000 * 0.25) ** 0.5


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_catch_trial_never_comes_first_and_may_come_anywhere_else(n):
    study = study_of(comparison={**DOCUMENT["comparison"], "catches": n})
    places = [catches(study, f"p{i}") for i in range(300)]
    assert {len(one) for one in places} == {n}
    assert {place for one in places for place in one} == set(range(1, 4 + n))
