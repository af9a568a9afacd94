"""``knobs study`` on a database of its own, from an example to what was found."""

import json

import pytest

from knobs_core import studies
from knobs_core.cli import main
from knobs_core.publishing import Database, Participants
from tests.cli.commands import knobs, output, refused
from tests.studies.answering import DOCUMENT, study_of, take


@pytest.fixture(autouse=True)
def database(tmp_path, monkeypatch):
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture
def file(tmp_path):
    """The study of the tests, as a file."""
    path = tmp_path / "study.toml"
    question = "\n".join(
        ["[[question]]", *(f"{name} = {json.dumps(value)}" for name, value in DOCUMENT["question"][0].items())]
    )
    path.write_text(
        'id = "one-or-none"\ntitle = "Two lists"\nconsent = "Taking part is voluntary."\n'
        f'[comparison]\ntrials = 4\nrows = 5\na = {{ dials = {{ "concept 3" = 0.4 }} }}\n{question}\n'
    )
    return path


def said(capsys, *arguments):
    main([*map(str, arguments)])
    return capsys.readouterr().out


def test_the_example_is_written_once_and_checks(capsys, tmp_path):
    file = tmp_path / "new.toml"
    assert str(file) in said(capsys, "study", "new", file)
    assert "which is there already" in refused(capsys, "study", "new", file)
    text = said(capsys, "study", "check", file)
    assert text.startswith("noir-or-rest: Two lists, 11 steps\n- Hypothesis: ")
    assert "97 people who have a preference are needed" in text


def test_check_tries_the_settings_on_a_bundle(capsys, file, planted_path, planted_bundle):
    document = output(capsys, "study", "check", file, "--bundle", planted_path)
    found = studies.difference(planted_bundle, studies.read_study(file).comparison)
    assert document["difference"] == {"users": found.users, "shared": found.shared, "same": found.same}
    assert (document["steps"], document["needed"]) == (7, 97)
    assert "Tried on 50 users: the first two lists share" in said(
        capsys, "study", "check", file, "--bundle", planted_path
    )
    file.write_text(file.read_text().replace("concept 3", "concept thirty"))
    assert "concept thirty" in refused(capsys, "study", "check", file, "--bundle", planted_path)


def test_each_link_lets_one_person_in(capsys, file, tmp_path):
    links = said(capsys, "study", "invite", file, "--n", 3, "--url", "https://knobs.example.org/").splitlines()
    assert all(link.startswith("https://knobs.example.org/study?code=") for link in links)
    document = output(capsys, "study", "invite", file)
    assert len({*links, *document["links"]}) == 4
    out = tmp_path / "links.txt"
    assert output(capsys, "study", "invite", file, "--n", 2, "--out", out)["links"] == []
    assert len(out.read_text().splitlines()) == 2
    assert "which is there already" in refused(capsys, "study", "invite", file, "--out", out)
    for url in ("knobs.example.org", "ftp://x", "http://", "http://x/?a=b"):
        assert "the address of the app" in refused(capsys, "study", "invite", file, "--url", url)
    assert output(capsys, "study", "status", file) == {
        "study": "one-or-none", "invited": 6, "begun": 0, "finished": 0, "withdrawn": 0,
    }  # fmt: skip
    assert "invited" in said(capsys, "study", "status", file)


def test_a_study_that_has_begun_stays_as_it_is(capsys, file, planted_bundle):
    said(capsys, "study", "invite", file)
    with Database() as database:
        take(Participants(database), planted_bundle, studies.read_study(file), stop=1)
    file.write_text(file.read_text().replace("Two lists", "Three lists"))
    assert "after 1 person consented" in refused(capsys, "study", "invite", file)


def test_export_writes_what_was_found(capsys, file, planted_bundle, tmp_path):
    assert "let them in" in refused(capsys, "study", "export", file, "--out", tmp_path / "out")
    study = studies.read_study(file)
    assert study == study_of(question=DOCUMENT["question"][:1])
    with Database() as database:
        for wants in ("a", "a", "b"):
            take(Participants(database), planted_bundle, study, wants=wants)
    document = output(capsys, "study", "export", file, "--out", tmp_path / "out")
    assert [*document["files"]] == [str(tmp_path / "out" / name) for name in studies.FILES]
    assert document["preference"]["p"] == 1.0
    text = said(capsys, "study", "export", file, "--out", tmp_path / "out")
    assert text.startswith("3 invited, 3 begun, 3 finished, 0 withdrawn, 3 counted\na 2, b 1, no preference 0;")
    assert "this is a first look" in text


def test_a_study_is_deleted_when_it_is_meant(capsys, file, planted_bundle):
    study = studies.read_study(file)
    with Database() as database:
        take(Participants(database), planted_bundle, study)
    done = knobs("study", "delete", file)  # there is nobody who could answer
    assert done.returncode == 130
    assert (
        "Delete one-or-none with all of its people (1 invited, 1 begun, 1 finished, 0 withdrawn)? [y/N]" in done.stderr
    )
    assert "nothing was changed" in done.stderr
    assert output(capsys, "study", "delete", file, "--yes")["finished"] == 1
    assert "deleted already" in refused(capsys, "study", "delete", file, "--yes")


def test_what_is_no_study_is_said_in_a_line(capsys, tmp_path):
    file = tmp_path / "study.toml"
    file.write_text('id = "x"\n')
    for command in (("check",), ("invite",), ("status",), ("export", "--out", tmp_path / "out")):
        assert "title: Field required" in refused(capsys, "study", command[0], file, *command[1:])
    assert "title: Field required" in refused(capsys, "app", "--study", file)


def test_its_help_imports_no_database_and_no_models():
    done = knobs("study", "invite", "--help", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0
    assert not [line for line in done.stderr.splitlines() if line.endswith(("| torch", "| sqlalchemy", "| pydantic"))]
