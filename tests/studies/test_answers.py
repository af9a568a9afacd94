"""Pairs of lists, and answers as they are kept: whole, checked, and lists that can be made again."""

import json

import pytest

from knobs_core import studies
from knobs_core.base import ConfigError, DataError, UnknownNameError
from knobs_core.lists import Stamp, replay
from knobs_core.studies import Step, pair
from tests.studies.answering import DOCUMENT, LIKES, answer, study_of

AB, BA, BB = Step("trial", "a", "b"), Step("trial", "b", "a"), Step("trial", "b", "b")


def test_both_lists_are_those_that_anybody_gets_by_these_dials(planted_bundle):
    study = study_of()
    shown = pair(planted_bundle, study.comparison, AB, LIKES, ())
    person = planted_bundle.person(items=LIKES)
    steered, rest = person.recommend({"concept 3": 0.4}, 5), person.recommend(n=5)
    assert [*shown.left.list] == [row["item_id"] for row in steered.rows]
    assert [*shown.right.list] == [row["item_id"] for row in rest.rows]
    assert not shown.same
    turned = pair(planted_bundle, study.comparison, BA, LIKES, ())
    assert (turned.left, turned.right) == (shown.right, shown.left)
    assert pair(planted_bundle, study.comparison, BB, LIKES, ()).same


def test_another_operator(planted_bundle):
    comparison = study_of(comparison={"a": {"dials": {"concept 3": 0.4}, "operator": "blend"}, "rows": 5}).comparison
    made = pair(planted_bundle, comparison, AB, LIKES, ()).left
    mixed = planted_bundle.person(items=LIKES).recommend({"concept 3": 0.4}, 5, "blend")
    assert [*made.list] == [row["item_id"] for row in mixed.rows]


def test_no_title_comes_twice_and_every_list_can_be_made_again(planted_bundle):
    study, given = study_of(), []
    steps = studies.steps_of(study, "ada")
    for step in steps:
        given.append(json.loads(json.dumps(answer(planted_bundle, study, step, given))))
    trials = [one for one in given if one["kind"] == "trial"]
    shown = [{*one["left"]["stamp"]["list"], *one["right"]["stamp"]["list"]} for one in trials]
    assert sum(map(len, shown)) == len(set.union(*shown, set(LIKES))) - len(LIKES)
    for one in trials:
        for side in ("left", "right"):
            stamp = Stamp.model_validate(one[side]["stamp"])
            assert len(stamp.list) == 5
            assert replay(planted_bundle, stamp) == (True, "")
    assert [one["catch"] for one in trials] == [step.catch for step in steps if step.kind == "trial"]
    assert all((one["left"]["stamp"] == one["right"]["stamp"]) == one["catch"] for one in trials)


def test_a_choice_is_the_setting_that_stood_there(planted_bundle):
    study = study_of()
    for step, chosen, setting in ((AB, "left", "a"), (AB, "right", "b"), (BA, "left", "b"), (BA, "none", "none")):
        shown = pair(planted_bundle, study.comparison, step, LIKES, ())
        assert studies.preferred(studies.trial_document(shown, step, chosen, 1.0)) == setting
    same = pair(planted_bundle, study.comparison, BB, LIKES, ())
    assert studies.preferred(studies.trial_document(same, BB, "left", 1.0)) == "none"
    with pytest.raises(ConfigError, match="choose a list"):
        studies.trial_document(same, BB, None, 1.0)
    with pytest.raises(ConfigError, match="found 'b'"):
        studies.trial_document(same, BB, "b", 1.0)


def test_titles_are_those_that_there_are(planted_bundle):
    comparison = study_of().comparison
    document = studies.titles_document(planted_bundle, comparison, ["i1", "nothing", "i4", "i1", "i8"], 2.5)
    assert document == {"kind": "titles", "items": ["i1", "i4", "i8"], "seconds": 2.5}
    with pytest.raises(ConfigError, match="expected at least 3 titles, found 2; choose more"):
        studies.titles_document(planted_bundle, comparison, ["i1", "i1", "i4", "nothing"], 1.0)
    with pytest.raises(ConfigError, match="choose fewer"):
        studies.titles_document(planted_bundle, comparison, planted_bundle.interactions.item_ids[:201].tolist(), 1.0)


def test_questions_take_their_options_and_no_others():
    study = study_of()
    fit, _, often, why = study.question
    assert studies.question_document(study, fit, "rather agree", 1.0)["value"] == 4
    assert studies.question_document(study, often, "never", 1.0)["value"] == "never"
    assert studies.question_document(study, why, " so \n", 1.0)["value"] == "so"
    assert studies.question_document(study, why, "", 1.0)["value"] == ""
    for question, value in ((fit, None), (fit, "4"), (often, "always"), (often, "")):
        with pytest.raises(ConfigError, match="choose one"):
            studies.question_document(study, question, value, 1.0)
    with pytest.raises(ConfigError, match="expected at most 100 characters, found 101"):
        studies.question_document(study, why, "x" * 101, 1.0)


def test_checks_of_attention(planted_bundle):
    study = study_of()
    fit, check, often, _ = study.question
    told = {value: studies.question_document(study, check, value, 1.0) for value in ("agree", "neither")}
    assert (studies.passed(study, told["agree"]), studies.passed(study, told["neither"])) == (True, False)
    assert studies.passed(study, studies.question_document(study, fit, "agree", 1.0)) is None
    expecting = study_of(question=[{**DOCUMENT["question"][2], "expect": "often"}])
    for value in often.options:
        document = studies.question_document(expecting, expecting.question[0], value, 1.0)
        assert studies.passed(expecting, document) == (value == "often")
    same = pair(planted_bundle, study.comparison, BB, LIKES, ())
    for chosen in studies.SIDES:
        assert studies.passed(study, studies.trial_document(same, BB, chosen, 1.0)) == (chosen == "none")
    two = pair(planted_bundle, study.comparison, AB, LIKES, ())
    assert studies.passed(study, studies.trial_document(two, AB, "left", 1.0)) is None


def test_how_far_two_settings_differ(planted_bundle):
    comparison = study_of().comparison
    found = studies.difference(planted_bundle, comparison)
    assert found.users == 50
    assert 0 <= found.shared < 1
    assert found == studies.difference(planted_bundle, comparison)
    alike = study_of(comparison={"a": {"dials": {"concept 3": 1e-9}}, "rows": 5}).comparison
    assert studies.difference(planted_bundle, alike).same == studies.difference(planted_bundle, alike).shared == 1
    with pytest.raises(UnknownNameError, match="found 'concept thre'"):
        studies.difference(planted_bundle, study_of(comparison={"a": {"dials": {"concept thre": 0.1}}}).comparison)
    many = study_of(comparison={**DOCUMENT["comparison"], "trials": 20, "rows": 20}).comparison
    with pytest.raises(DataError, match="expected 823 items for 21 pairs of lists of 20, found 2"):
        studies.difference(planted_bundle, many)
