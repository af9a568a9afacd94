"""The page of a study, from the invitation to the thanks, and what strangers, forgers and reloads get."""

import itertools
import json

import pytest

from knobs_core import studies
from knobs_core.lists import Stamp, replay
from knobs_core.publishing import Database, Participants
from knobs_ui import html, owner
from tests.knobs_ui.driving import address, press, sound, start
from tests.studies.answering import study_of

STUDY = """
id = "one-or-none"
title = "Two *lists*"
consent = "Taking part is [voluntary](http://evil.example)."
thanks = "So long."

[comparison]
rows = 5
trials = 2
a = { dials = { "concept 3" = 0.4 } }

[[question]]
id = "fit"
ask = "The lists suited me."

[[question]]
id = "why"
kind = "text"
ask = "Why?"
"""
PICKS = ["i1", "i4", "i8"]


@pytest.fixture
def file(planted_path, tmp_path, monkeypatch):
    """The study of a server, as its file."""
    path = tmp_path / "study.toml"
    path.write_text(STUDY)
    for name, value in (("KNOBS_BUNDLE", planted_path), ("KNOBS_HOME", tmp_path), ("KNOBS_STUDY", path)):
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return path


@pytest.fixture
def people(file):
    with Database() as database:
        yield Participants(database)


@pytest.fixture
def code(people, file):
    study = studies.read_study(file)
    studies.register(people, study)
    return people.invite(study.id)[0]


def opened(code=""):
    """The app as a browser that opens a link finds it."""
    app = start()
    if code:
        app.query_params["code"] = code
    return sound(app.run())


def heading(app):
    return app.title[0].value


def agree(app, begin="Begin"):
    app.checkbox[0].check()
    return press(sound(app.run()), begin)


def choose(app, bundle, items=PICKS, go_on="Next"):
    app.session_state["study others"] = [bundle.interactions.column_of[item] for item in items]
    return press(app, go_on)


def chosen(app, option, go_on="Next"):
    """Choose one, or write a text, and go on."""
    if app.radio:
        app.radio[0].set_value(option)
    else:
        app.text_area[0].set_value(option)
    return press(app, go_on)


def page(app):
    """All that travels to the browser, as text."""
    return " ".join(str(element.proto) for element in app.main)


def lists(app):
    return next(one.proto.body for one in app.get("html") if "knobs-pair" in one.proto.body)


def test_all_the_way_through(code, file, people, planted_bundle):
    app = opened(code)
    study = studies.read_study(file)
    assert heading(app) == "Two \\*lists\\*"
    assert address(app) == {"code": code}
    assert html.plain("Taking part is [voluntary](http://evil.example).") in [one.value for one in app.markdown]
    assert app.button[0].disabled
    assert people.all(study.id)[0].consented is None
    agree(app)
    [who] = people.all(study.id)
    assert who.consented
    choose(app, planted_bundle, PICKS[:2])
    assert "at least 3 titles" in app.warning[0].value
    assert people.answers(who.id) == []
    choose(app, planted_bundle)
    steps = studies.steps_of(study, who.id)
    press(app, "Next")
    assert app.warning[0].value == "Choose one first."
    for at, step in itertools.takewhile(lambda one: one[1].kind == "trial", enumerate(steps[1:], start=1)):
        given = [one.document for one in people.answers(who.id)]
        shown = studies.pair(planted_bundle, study.comparison, step, PICKS, given)
        titles = [planted_bundle.interactions.main_title(planted_bundle.interactions.column_of[one])
                  for one in (*shown.left.list, *shown.right.list)]  # fmt: skip
        places = [lists(app).index(f"<bdi>{title}</bdi>") for title in dict.fromkeys(titles)]
        assert len(places) == len({*titles})
        assert f"{at + 1:d} of 6" in page(app)
        chosen(app, "No difference" if step.catch else "Left list" if step.left == "a" else "Right list")
    assert heading(app) == "The lists suited me."
    chosen(app, "rather agree")
    chosen(app, "Because <b>of it</b>")
    assert heading(app) == "Thank you"
    assert "So long." in page(app)
    [one] = studies.answerers(people, study)
    assert (one.why, one.prefers) == ("", "a")
    kept = [answer.document for answer in one.answers]
    assert kept[0]["items"] == PICKS
    assert [document["value"] for document in kept[-2:]] == [4, "Because <b>of it</b>"]
    assert all(0 <= document["seconds"] < 600 for document in kept)
    trial = next(document for document in kept if document["kind"] == "trial")
    assert replay(planted_bundle, Stamp.model_validate(trial["left"]["stamp"])).same
    assert heading(opened(code)) == "Thank you"  # one answer a code


def test_nothing_that_travels_says_which_list_is_which(code, people, planted_bundle):
    app = choose(agree(opened(code)), planted_bundle)
    [who] = people.all("one-or-none")
    told = page(app)
    assert "Left list" in told
    for word in ("concept 3", "spread", "setting", who.id, "0.4", "rest"):
        assert word not in told, word


def test_a_reload_goes_on_and_nothing_can_be_answered_twice(code, people, planted_bundle):
    first = choose(agree(opened(code)), planted_bundle)
    other = opened(code)  # another tab
    assert heading(other) == heading(first) == studies.Comparison.model_fields["ask"].default
    chosen(first, "Left list")
    shown = lists(first)
    assert lists(opened(code)) == shown
    chosen(other, "Right list")  # to the step that is answered already
    [who] = people.all("one-or-none")
    trials = [one.document["chosen"] for one in people.answers(who.id) if one.document["kind"] == "trial"]
    assert trials[0] == "left"


def test_withdrawing_deletes_and_says_so(code, people, planted_bundle):
    app = choose(agree(opened(code)), planted_bundle)
    [who] = people.all("one-or-none")
    press(app, "Withdraw and delete my answers")
    assert heading(app) == "You have withdrawn"
    assert people.answers(who.id) == []
    assert heading(opened(code)) == "You have withdrawn"


def test_who_has_no_code_may_type_one(code, people):
    app = opened()
    assert "is for invited people" in page(app)
    app.text_input[0].set_value("nonsense")
    press(app, "Go on")
    assert "Nobody was invited by this code" in app.warning[0].value
    app.text_input[0].set_value(f" http://somewhere:8501/study?code={code} ")
    press(app, "Go on")
    assert app.checkbox
    assert address(app) == {"code": code}
    assert "Nobody was invited" in opened("../../etc/passwd").warning[0].value


def test_an_open_study_begins_with_consent_and_makes_its_own_code(file, people, monkeypatch):
    file.write_text(STUDY.replace('title = "Two', 'open = true\ntitle = "Two'))
    assert "is for invited people" in page(opened())  # somebody from elsewhere
    monkeypatch.setattr(owner, "at_home", lambda: True)
    app = opened().switch_page("pages/study.py").run()
    assert people.registered("one-or-none") is None
    agree(app)
    [who] = people.all("one-or-none")
    assert who.consented
    assert people.find("one-or-none", address(app)["code"]) == who


def test_visitors_see_the_study_alone_and_its_owner_all_pages(code, monkeypatch):
    app = opened()
    assert "is for invited people" in page(app)
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        app.switch_page("pages/panel.py")
    monkeypatch.setattr(owner, "at_home", lambda: True)
    sound(start().run().switch_page("pages/panel.py").run())
    sound(start().run().switch_page("pages/study.py").run())


def test_every_word_of_the_page_may_be_in_another_language(file, people, planted_bundle):
    english = studies.Wording().model_dump()
    own = {name: f"xx{name.replace('_', '')}xx" for name in english} | {"step": "krok {step} ze {steps}"}
    table = "".join(f"{name} = {json.dumps(text)}\n" for name, text in own.items())
    file.write_text(STUDY.replace("[comparison]", f"[words]\n{table}\n[comparison]"))
    study = studies.read_study(file)
    studies.register(people, study)
    [code] = people.invite(study.id)
    app = opened(code)
    said = [page(opened()), page(opened("none such")), page(app)]
    agree(app, own["begin"])
    said.append(page(app))
    press(app, own["next"])
    assert app.warning[0].value == own["titles"]
    choose(app, planted_bundle, go_on=own["next"])
    press(app, own["next"])
    said.append(page(app))
    while app.radio and own["left"] in app.radio[0].options:
        chosen(app, own["same"], own["next"])
    chosen(app, "agree", own["next"])
    chosen(app, "", own["next"])
    said.append(page(app))
    press(app, own["delete"])
    said.append(page(app))
    told = " ".join(said)
    assert "krok 1 ze 6" in told
    assert [name for name in own if own[name] not in told] == ["step"]
    assert [name for name in own if english[name] and english[name] in told] == []


def test_without_a_study_there_is_no_such_page(file, monkeypatch):
    monkeypatch.delenv("KNOBS_STUDY")
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        start().run().switch_page("pages/study.py")


def test_picks_that_were_made_before_are_there(code, planted_bundle):
    app = start()
    app.query_params.update({"code": code, "items": ",".join(PICKS)})
    agree(sound(app.run()))
    names = app.session_state["study well known"]
    columns = [planted_bundle.interactions.column_of[one] for one in PICKS]
    assert len(names) + len(app.session_state["study others"]) == 3
    assert {*app.session_state["study others"]} <= {*columns}
    press(app, "Next")
    assert heading(app) == study_of().comparison.ask


def test_a_file_that_was_changed_meanwhile_is_said(code, file, people, planted_bundle):
    agree(opened(code))
    file.write_text(STUDY.replace("So long.", "Good bye."))
    app = start()
    app.query_params["code"] = code
    app.run()
    assert "bring the file back to what it was" in app.error[0].value
