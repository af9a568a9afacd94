"""Who takes part in studies: codes as digests, consent before anything, answers once, and withdrawing that deletes."""

import hashlib
import re
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from knobs_core.base import ConfigError, UnknownNameError
from knobs_core.publishing import Participants

STUDY = {"id": "s", "title": "Two lists"}


@pytest.fixture
def people(store):
    found = Participants(store.database)
    found.register("s", STUDY)
    return found


@pytest.fixture
def person(people):
    """Somebody who has consented."""
    [code] = people.invite("s")
    return people.consent(people.find("s", code).id)


def tables(people):
    """Everything that the database holds of studies, as text."""
    with people.database.engine.connect() as connection:
        names = ("studies", "participants", "answers")
        return str([connection.execute(sa.text(f"SELECT * FROM {name}")).all() for name in names])


def test_a_code_is_known_by_its_digest_alone(people):
    codes = people.invite("s", 3)
    assert len({*codes}) == 3
    assert all(len(code) == 43 for code in codes)  # 256 bits in base 64
    assert len({people.find("s", code).id for code in codes}) == 3
    assert not [code for code in codes if code in tables(people)]
    assert hashlib.sha256(codes[0].encode()).hexdigest() in tables(people)
    people.register("other", STUDY)
    for slug, code in (("s", codes[0][:-1]), ("s", ""), ("other", codes[0]), ("s", "\udce4")):
        with pytest.raises(UnknownNameError, match="open the whole link"):
            people.find(slug, code)
    with pytest.raises(UnknownNameError, match="a study that is registered"):
        people.invite("none")


def test_nothing_is_kept_before_consent(people):
    [code] = people.invite("s")
    one = people.find("s", code)
    assert (one.consented, one.finished, one.withdrawn) == (None, None, None)
    with pytest.raises(ConfigError, match="consent before the first answer"):
        people.answer(one.id, 0, {"value": 1})
    assert people.answers(one.id) == []
    first = people.consent(one.id)
    assert people.consent(one.id).consented == first.consented == people.find("s", code).consented


def test_an_answer_is_kept_once_and_in_order(people, person):
    assert people.answer(person.id, 0, {"value": 1})
    assert not people.answer(person.id, 0, {"value": 2})  # from another tab
    with pytest.raises(ConfigError, match="answer to step 2, found one to step 3"):
        people.answer(person.id, 2, {"value": 3})
    assert people.answer(person.id, 1, {"value": "x"}, last=True)
    with pytest.raises(ConfigError, match="reload the page"):
        people.answer(person.id, 2, {"value": 3})
    assert [(one.step, one.document) for one in people.answers(person.id)] == [(0, {"value": 1}), (1, {"value": "x"})]
    [kept] = people.all("s")
    assert kept.finished >= kept.consented
    assert people.answers(person.id)[1].at.tzinfo


def test_withdrawing_deletes_and_shuts_the_door(people, person):
    people.answer(person.id, 0, {"value": "my own words"})
    assert "my own words" in tables(people)
    gone = people.withdraw(person.id)
    assert (gone.consented, gone.finished) == (None, None)
    assert people.withdraw(person.id).withdrawn == gone.withdrawn
    assert "my own words" not in tables(people)
    for deed in (lambda: people.consent(person.id), lambda: people.answer(person.id, 0, {"value": 1})):
        with pytest.raises(ConfigError, match="has withdrawn"):
            deed()
    assert people.answers(person.id) == []


def test_what_is_deleted_is_in_no_file_any_more(people, person, url):
    if not url.startswith("sqlite"):
        pytest.skip("PostgreSQL overwrites in its own time")
    words = "something that nobody else would say"
    people.answer(person.id, 0, {"value": words})
    people.withdraw(person.id)
    people.database.close()  # what was written ahead goes into the file
    folder = re.sub(r"^sqlite:///(.*)/.*$", r"\1", url)
    assert not [file for file in Path(folder).iterdir() if words.encode() in file.read_bytes()]


def test_a_study_stays_as_it_was_once_somebody_has_consented(people):
    first = people.registered("s")
    assert people.register("s", STUDY) == first
    changed = people.register("s", {**STUDY, "title": "Three lists"})
    assert changed.digest != first.digest
    assert changed.document["title"] == "Three lists"
    [code] = people.invite("s")
    one = people.consent(people.find("s", code).id)
    with pytest.raises(ConfigError, match="after 1 person consented to it; bring the file back"):
        people.register("s", STUDY)
    assert people.register("s", changed.document) == changed
    people.withdraw(one.id)  # nothing is left that the new one could be mixed up with
    assert people.register("s", STUDY).digest == first.digest
    assert people.registered("none") is None


def test_a_study_is_deleted_with_all_of_its_people_and_no_others(people, person):
    people.answer(person.id, 0, {"value": "my own words"})
    people.register("other", STUDY)
    [code] = people.invite("other")
    people.delete("s")
    assert people.registered("s") is None
    assert people.all("s") == []
    assert "my own words" not in tables(people)
    assert person.id not in tables(people)
    assert people.find("other", code).slug == "other"
    for deed in (people.consent, people.withdraw, lambda id: people.answer(id, 0, {"value": 1})):
        with pytest.raises(UnknownNameError, match="whose study was deleted"):
            deed(person.id)
    with pytest.raises(UnknownNameError, match="deleted already"):
        people.delete("s")


def test_an_answer_that_is_given_while_a_study_is_deleted_is_waited_for(people, person, url):
    if url.startswith("sqlite"):
        pytest.skip("SQLite has one lock for everything")
    with people.database.writing() as session:
        session.execute(sa.text("SELECT id FROM participants FOR UPDATE"))
        session.execute(sa.text("INSERT INTO answers VALUES (:who, 0, '{}', now())"), {"who": person.id})
        gone = threading.Thread(target=people.delete, args=("s",))
        gone.start()
        gone.join(0.3)
        assert gone.is_alive()
    gone.join()
    assert people.registered("s") is None


def test_who_consented_first_comes_first(people):
    ids = [people.find("s", code).id for code in people.invite("s", 4)]
    for id in (ids[2], ids[0]):
        people.consent(id)
    assert [one.id for one in people.all("s")][:2] == [ids[2], ids[0]]
    assert len(people.all("s")) == 4
