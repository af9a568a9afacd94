"""Tours: what a file may say, what it may not, and what a step makes of the choice before it."""

import pytest

from knobs_core.base.errors import ConfigError, KnobsError, UnknownNameError
from knobs_ui.stage import Tour, read_tour, scene, tour_of
from knobs_ui.stage.scenes import focus_of, item_id
from knobs_ui.state import Choice
from tests.given import ROOT

OPENING = Choice(user_ids=("u9",), dials=(("concept 1", 0.3),), seen=("i3",), pins=((("concept 1", 0.1),),))


@pytest.fixture
def written(tmp_path):
    """A function that writes a tour and reads it."""

    def write(text, name="talk.toml"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return read_tour(file)

    return write


def steps(*several):
    return Tour.model_validate({"step": [{"say": "Look", **one} for one in several]})


def test_a_tour_says_what_it_shows(written):
    tour = written(
        'idle = 2.5\n[[step]]\nsay = "Both"\nusers = ["1", "2"]\n'
        '[[step]]\nsay = "More"\nnote = "slowly"\ndials = { horror = 0.5, "#12" = -1 }\n'
        'view = "map"\nfocus = "horror"\n'
    )
    assert (tour.name, tour.idle, len(tour.step)) == ("talk.toml", 2.5, 2)
    assert tour.step[0].users == ("1", "2")
    assert tour.step[1].dials == {"horror": 0.5, "#12": -1}
    assert (tour.step[1].note, tour.step[1].view, tour.step[1].focus) == ("slowly", "map", "horror")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('usr = "1"', "expected a key of a tour's step, found 'usr'; did you mean 'user'"),
        ("dials = { horror = 2 }", "expected dials.horror to be less than or equal to 1, found 2; change it"),
        ("dials = { horror = nan }", "expected dials.horror to be a finite number, found nan; change it"),
        ("items = [15]", "expected items.0 to be a valid string, found 15; change it"),
        ("user = 15", "expected user to be a valid string, found 15; change it"),
        ('view = "maps"', "expected view to be 'themes', 'neurons', 'map' or 'list', found 'maps'; change it"),
        ('user = "1"\nitems = ["2"]', "expected one of user, users and items, found several; keep one"),
        ('users = ["1"]', "expected users to have at least 2 items, found ['1']; change it"),
        ('[[step]]\nsays = "b"', "expected a value for say, found none; write say = ..."),
    ],
)
def test_what_a_step_may_not_say_is_told_in_one_line_with_its_number(written, line, message):
    with pytest.raises(ConfigError) as refused:
        written(f'[[step]]\nsay = "a"\n{line}\n')
    number = 2 if "[[step]]" in line else 1
    assert str(refused.value).startswith(f"talk.toml, step {number}: {message}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'ilde = 3\n[[step]]\nsay = "a"',
            r"^talk\.toml: expected a key of a tour's head, found 'ilde'; did you mean 'idle'",
        ),
        ("idle = 3", r"^talk\.toml: expected a value for step, found none;"),
        ('idle = inf\n[[step]]\nsay = "a"', r"^talk\.toml: expected idle to be a finite number, found inf;"),
        ("idle = soon", r"^expected a tour at .*talk\.toml, found none .*line 1"),
    ],
)
def test_what_is_wrong_with_the_whole_is_told_too(written, text, message):
    with pytest.raises(ConfigError, match=message):
        written(text)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigError, match=r"expected a tour at .*none\.toml, found none \(No such file"):
        read_tour(tmp_path / "none.toml")


def test_the_owners_tour_comes_first_and_other_data_has_none(planted_bundle, demo_bundle, tmp_path, monkeypatch):
    assert tour_of(planted_bundle) is None
    assert tour_of(demo_bundle) == read_tour(ROOT / "assets" / "tour.toml")
    file = tmp_path / "own.toml"
    file.write_text('[[step]]\nsay = "Hello"\n', encoding="utf-8")
    monkeypatch.setenv("KNOBS_TOUR", str(file))
    assert tour_of(planted_bundle).step[0].say == tour_of(demo_bundle).step[0].say == "Hello"
    file.unlink()
    with pytest.raises(ConfigError, match=r"own\.toml"):
        tour_of(demo_bundle)


@pytest.fixture
def people(planted_bundle):
    return planted_bundle.interactions.user_ids.tolist()


def test_steps_build_on_each_other_until_somebody_is_named(planted_bundle, people):
    tour = steps(
        {"dials": {"Concept 2": 0.4}},
        {"dials": {"concept 3": -0.2, "concept 2": 0.5}},
        {"dials": {"concept 4": 0.1}, "replace": True},
        {"user": people[1], "dials": {"concept 5": 1}},
        {"users": people[:2]},
    )
    at = [scene(planted_bundle, tour, n, OPENING) for n in range(6)]
    assert at[0] == OPENING
    assert at[1].dials == (("concept 1", 0.3), ("concept 2", 0.4))
    assert at[2].dials == (("concept 1", 0.3), ("concept 2", 0.5), ("concept 3", -0.2))
    assert at[3].dials == (("concept 4", 0.1),)
    assert [choice.seen for choice in at[:4]] == [("i3",)] * 4
    assert at[4] == Choice(user_ids=(people[1],), dials=(("concept 5", 1.0),))
    assert at[5] == Choice(user_ids=tuple(people[:2]))


def test_a_step_asks_for_a_title(planted_bundle, people):
    data = planted_bundle.interactions
    wanted = planted_bundle.person(people[1]).recommend(n=60).rows[40]
    tour = steps({"user": people[1], "ask": data.title_with_year(data.column_of[wanted["item_id"]])})
    choice = scene(planted_bundle, tour, 1, OPENING)
    found = planted_bundle.person(people[1]).counterfactual(wanted["item_id"], 7)
    assert choice.dials == tuple((dial.key, round(dial.amount, 2)) for dial in found.dials)
    assert choice.dials


def test_items_go_by_id_and_by_title(planted_bundle):
    data = planted_bundle.interactions
    assert item_id(planted_bundle, data.item_ids[5]) == data.item_ids[5]
    assert item_id(planted_bundle, str(data.items["title"][5]).upper()) == data.item_ids[5]
    assert item_id(planted_bundle, data.title_with_year(5)) == data.item_ids[5]
    with pytest.raises(UnknownNameError, match="one title"):
        item_id(planted_bundle, "no such title")


def test_of_two_titles_the_year_decides(demo_bundle):
    data = demo_bundle.interactions
    doubled = data.items["title"][data.items["title"].duplicated(keep=False)]
    column = int(doubled.index[0])
    assert item_id(demo_bundle, data.title_with_year(column)) == data.item_ids[column]
    with pytest.raises(UnknownNameError, match=r"one title, found .*did you mean .*\(\d{4}\)"):
        item_id(demo_bundle, doubled.iloc[0])


@pytest.mark.parametrize("step", [{"user": "nobody"}, {"dials": {"no": 1}}, {"items": ["nothing"]}, {"ask": "nothing"}])
def test_a_name_that_is_not_here_is_told_with_its_step(planted_bundle, people, step):
    with pytest.raises(KnobsError, match=r"^tour, step 2: expected .*, found '"):
        scene(planted_bundle, steps({"user": people[0]}, step), 2, OPENING)


def test_the_spotlight_is_on_a_knob_of_this_bundle(planted_bundle):
    tour = steps({"focus": "CONCEPT 2"}, {}, {"focus": "no knob"})
    assert [focus_of(planted_bundle, tour, n) for n in (0, 1, 2)] == ["", "Concept 2", ""]
    with pytest.raises(UnknownNameError, match=r"^tour, step 3: "):
        focus_of(planted_bundle, tour, 3)
