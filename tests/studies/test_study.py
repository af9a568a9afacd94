"""A study as a file: what one may say, and one line about what it may not."""

import pytest

from knobs_core.base import ConfigError
from knobs_core.studies import Study, example, paragraphs, read_study
from tests.given import ROOT
from tests.studies.answering import study_of

BARE = 'id = "s"\ntitle = "T"\nconsent = "C"\n'
ONE = '[[question]]\nid = "q"\nask = "Good?"\n'


def written(tmp_path, text):
    file = tmp_path / "study.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_example_is_a_whole_study(tmp_path):
    study = read_study(written(tmp_path, example()))
    assert example() == (ROOT / "examples" / "study.toml").read_text(encoding="utf-8")
    assert study.comparison.a.dials == {"film-noir": 0.3}
    assert study.comparison.b.dials == {}
    assert [one.kind for one in study.question] == ["scale", "scale", "choice", "text"]


def test_what_is_registered_holds_all_that_is_asked_and_planned(tmp_path):
    study = read_study(written(tmp_path, BARE + ONE))
    assert study.document["plan"] == {"hypothesis": "", "effect": 0.65, "alpha": 0.05, "power": 0.8, "fastest": 0}
    assert study.document["question"][0]["kind"] == "scale"
    assert Study.model_validate(study.document) == study
    assert Study.model_validate(study_of().document) == study_of()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "id: Field required"),
        (BARE, "a study has a comparison or a question"),
        (BARE + ONE + ONE, "two of them are called 'q'"),
        (BARE + ONE + "colour = 1", "question.0.colour: Extra inputs are not permitted"),
        (BARE.replace('"C"', '""') + ONE, "consent: it says what people agree to"),
        (BARE.replace('"C"', '" "') + ONE, "consent: it says what people agree to"),
        (BARE.replace('"C"', f'"{"x" * 901}"') + ONE, "consent: a paragraph is longer than 900 characters"),
        (BARE.replace('"s"', '"S s"') + ONE, "id: String should match pattern"),
        (BARE + ONE + 'expect = "maybe"', "question 'q': expect is one of disagree, rather disagree"),
        (BARE + ONE + 'kind = "text"\nexpect = "x"', "a text is not expected to say anything"),
        (BARE + ONE + 'kind = "choice"\noptions = ["a"]', "a choice has two options or more"),
        (BARE + ONE + 'kind = "choice"\noptions = ["a", "a"]', "all different"),
        (BARE + ONE + 'options = ["a", "b"]', "nothing else has any"),
        (BARE + 'points = ["a", "b", "c", "d", "a"]\n' + ONE, "points: two of them are the same"),
        (BARE + "[comparison]", "comparison: a and b are the same setting"),
        (BARE + '[comparison.a]\noperator = "mix"', "an operator is one of spread, blend, paper, paper-code"),
        (BARE + "[comparison.a]\ndials = { x = 2 }", "comparison.a.dials.x: Input should be less than or equal to 1"),
        (BARE + ONE + "[plan]\neffect = 0.5", "plan.effect"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, text, said):
    with pytest.raises(ConfigError) as told:
        read_study(written(tmp_path, text))
    assert said in str(told.value)
    assert str(told.value).endswith("docs/how-to/study.md explains every one")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("text", ["id = ", None])
def test_what_is_no_file_of_a_study(tmp_path, text):
    file = tmp_path / "none.toml" if text is None else written(tmp_path, text)
    with pytest.raises(ConfigError, match="write one by knobs study new"):
        read_study(file)


def test_paragraphs_are_parted_by_empty_lines():
    assert paragraphs("\n one\n two \n\n \n three") == ["one two", "three"]
    assert paragraphs(" \n ") == []
