"""A study as files: safe in a spreadsheet, the same as Parquet, and a report that says its plan and what was found."""

import json

import pandas as pd
import pytest

from knobs_core import studies
from knobs_core.base import ConfigError
from tests.studies.answering import DOCUMENT, study_of, take

NASTY = '=HYPERLINK("http://evil.example")'


@pytest.fixture
def study():
    return study_of(title="Two | *lists*", plan={"hypothesis": "More | is better."})


@pytest.fixture
def folder(people, planted_bundle, study, tmp_path):
    take(people, planted_bundle, study, wants="a", why=NASTY)
    take(people, planted_bundle, study, wants="b")
    take(people, planted_bundle, study, stop=2)
    studies.export(people, study, tmp_path / "out")
    return tmp_path / "out"


def test_all_files_are_there_and_hold_the_same(folder, people, study):
    assert sorted(file.name for file in folder.iterdir()) == sorted(studies.FILES)
    whole, flat = (
        pd.read_parquet(folder / "answers.parquet"),
        pd.read_csv(folder / "answers.csv", keep_default_na=False),
    )
    assert len(whole) == len(flat) == 22
    assert whole["answer"].tolist()[9] == NASTY
    assert flat["answer"].tolist()[9] == f"'{NASTY}"
    assert flat["left_list"].str.split().tolist() == [[*one] for one in whole["left_list"]]
    assert whole["person"].tolist() == flat["person"].tolist()
    assert str(whole["at"].dtype).endswith("UTC]")
    assert json.loads((folder / "study.json").read_text(encoding="utf-8")) == study.document


def test_no_cell_begins_a_formula(folder):
    flat = pd.read_csv(folder / "answers.csv", dtype=str, keep_default_na=False)
    cells = [cell for name in flat for cell in flat[name]]
    assert not [cell for cell in cells if cell[:1] in "=+@" and cell[:1]]


def test_the_analysis_as_json(folder):
    found = json.loads((folder / "analysis.json").read_text(encoding="utf-8"))
    assert found["people"] == {"invited": 3, "begun": 3, "finished": 2, "withdrawn": 0, "counted": 2}
    assert (found["preference"]["a"], found["preference"]["b"], found["preference"]["p"]) == (1, 1, 1.0)
    assert found["needed"] == studies.needed(studies.Plan())
    assert len(found["digest"]) == 64


def test_the_report_says_the_plan_what_was_found_and_that_it_is_early(folder, study):
    text = (folder / "analysis.md").read_text(encoding="utf-8")
    assert text.startswith("# Two \\| \\*lists\\*\n")
    assert "- Hypothesis: More \\| is better." in text
    assert "Setting a: concept 3 +0.4 (spread). Setting b: all dials at rest (spread)." in text
    assert "People who prefer a: 1, who prefer b: 1, without a preference: 0." in text
    assert "this is a look before the end" in text
    assert "| did not finish | 1 |" in text
    assert "| The lists suited me. | 2 | 0 0 0 0 2 | 5 | 5.00 |" in text
    assert "## How often?" in text
    assert "Please choose" not in text


def test_a_study_that_asks_questions_alone(people, planted_bundle, tmp_path):
    study = study_of(comparison=None, question=DOCUMENT["question"][:1])
    take(people, planted_bundle, study, fit="disagree")
    found = studies.export(people, study, tmp_path / "out")
    assert (found.preference, found.needed) == (None, None)
    text = (tmp_path / "out" / "analysis.md").read_text(encoding="utf-8")
    assert "prefer" not in text
    assert "Setting" not in text


def test_a_study_goes_on_under_a_version_that_knows_more(people, study, tmp_path):
    """What was registered lacks what came later, and means its default."""
    older = {name: value for name, value in study.document.items() if name != "open"}
    kept = people.register(study.id, older)
    people.consent(people.find(study.id, people.invite(study.id)[0]).id)
    assert studies.register(people, study) == studies.registered(people, study) == kept
    with pytest.raises(ConfigError, match="consented to it"):
        studies.register(people, study_of(title="Another"))


def test_a_study_of_a_version_that_knew_more_is_said(people, study):
    people.register(study.id, {**study.document, "music": True})
    with pytest.raises(ConfigError, match=r"music: Extra inputs.*use the version of Knobs"):
        studies.registered(people, study)


def test_only_the_study_that_counts_is_exported(people, study, tmp_path):
    with pytest.raises(ConfigError, match="let them in by knobs study invite"):
        studies.export(people, study, tmp_path / "out")
    studies.register(people, study)
    with pytest.raises(ConfigError, match="bring the file back to what it was"):
        studies.export(people, study_of(title="Another"), tmp_path / "out")
    assert not (tmp_path / "out").exists()
