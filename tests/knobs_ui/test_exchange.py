"""Sessions that are open while the bundle is exchanged, damaged or gone: what they had goes over, or they are told."""

import json
import math
import os
import re
import shutil

import numpy as np
import pytest
import torch

from knobs_core import bundles
from knobs_core.base import BundleError
from knobs_core.bundles import formats
from knobs_core.data import Interactions
from knobs_core.data.planted import planted
from knobs_ui import place, state
from tests.given import SMALL
from tests.knobs_ui import driving
from tests.knobs_ui.driving import address, board, choice, from_browser, panel, release, say, sound, start, wall

OVERFLOW = "expected a finite score for every item, found one that is not; train the bundle anew"


def trained(seed=3, without=(), name="memory"):
    """A bundle of planted data. without: ids of users and items that are left out."""
    tables = planted()
    likes = tables.interactions[~tables.interactions.isin(without).any(axis=1)]
    items, tags = (one[~one["item_id"].isin(without)] for one in (tables.items, tables.tags))
    data = Interactions.from_frames(likes, items, tags, name=name)
    return bundles.train(data, "elsa", overrides=SMALL, seed=seed, device="cpu")


@pytest.fixture(scope="module")
def made(planted_bundle):
    """Bundles by what sets each apart from the first."""
    return {
        "first": trained(),
        "again": trained(seed=4),
        "without": trained(seed=5, without=("u7", "i3", "i11")),
        "other": trained(seed=6, name="other-data"),
    }


@pytest.fixture
def lies(made, tmp_path, monkeypatch):
    """``lies(name)``: let this bundle lie where the app looks; returns its path."""
    path = tmp_path / "b"
    monkeypatch.setenv("KNOBS_BUNDLE", str(path))
    monkeypatch.setattr(place, "PATIENCE", 0.0)  # seconds; nobody copies anything meanwhile

    def put(name):
        bundles.save(made[name], path)
        return path

    return put


def named(bundle):
    """The neuron with a name that most people activate."""
    return max((one for one in bundle.labels if one.named and one.alive), key=lambda one: one.n_users)


def told(app):
    """What the last run said in toasts."""
    return " ".join(toast.value.replace("\\", "") for toast in app.toast)


def visited(**link):
    """The panel, opened by a link."""
    app = start()
    for name, text in link.items():
        app.query_params[name] = text
    return panel(app)


def test_themes_go_over_by_name_neurons_by_theirs_and_what_has_none_is_said(made, lies):
    lies("first")
    app = visited(user="u7")
    own = named(made["first"])
    nameless = next(label for label in made["first"].labels if label.alive and not label.named)
    release(app, **{"concept 1": 0.4, f"#{own.neuron}": -0.2, f"#{nameless.neuron}": 0.3})
    say(app, pin=1)
    say(app, card=f"#{own.neuron}")
    lies("again")
    sound(app.run())
    now = choice(app)
    assert (now.user_ids, now.amount("concept 1")) == (("u7",), 0.4)
    keys = [key for key, _ in now.dials if key.startswith("#")]
    assert [made["again"].knobs[key].label.label.split(",")[0] for key in keys] == [own.label.split(",")[0]]
    assert now.amount(keys[0]) == -0.2
    assert f"not there any more: {made['first'].knobs[f'#{nameless.neuron}'].title}." in told(app)
    assert now.pins
    assert address(app)["bundle"] == made["again"].id
    assert not board(app)["undo"]
    assert "open" not in app.session_state  # a card of a number that means something else here
    assert len(board(app)["after"]) == 20
    app.run()
    assert not app.toast  # it is said once


@pytest.mark.parametrize("page", ["panel", "user", "map", "lab"])
def test_whoever_is_not_there_any_more_is_said_on_any_page(made, lies, page):
    lies("first")
    app = visited(user="u7", seen="i3,i5", dials="concept 1:0.5")
    sound(app.switch_page(f"pages/{page}.py").run())
    lies("without")
    sound(app.run())
    assert choice(app).user_ids != ("u7",)
    assert choice(app).seen == ("i5",)
    assert choice(app).amount("concept 1") == 0.5
    assert "not there any more: user u7, 1 title that you had left out." in told(app)
    for _ in range(2):
        sound(app.run())
    release(sound(app.switch_page("pages/panel.py").run()), **{"concept 2": 0.2})


def test_titles_that_were_picked_and_are_gone_are_said_by_name(made, lies):
    lies("first")
    app = visited(items="i3,i5,i8")
    lies("without")
    sound(app.run())
    assert choice(app).item_ids == ("i5", "i8")
    assert "not there any more: Item 3." in told(app)
    app = visited(items="i3,i11")
    assert wall(sound(app.switch_page("pages/user.py").run()))["picked"] == []


def test_of_another_data_set_nobody_and_nothing_is_taken_for_their_namesakes(made, lies):
    lies("first")
    app = visited(user="u7", items="i3", seen="i5", dials="concept 1:0.5~~i4:0.25")
    lies("other")
    sound(app.run())
    now = choice(app)
    assert now.item_ids == now.seen == ()
    assert now.amount("concept 1") == 0.5
    assert "user u7, Item 3" in told(app)


def test_the_wall_and_what_was_picked_on_it_go_over(made, lies):
    lies("first")
    app = start()
    sound(app.run())
    driving.pick(app, *(made["first"].interactions.column_of[item] for item in ("i3", "i5", "i8")))
    old = wall(app)
    lies("without")
    sound(app.run())
    assert choice(app).item_ids == ("i5", "i8")
    assert [one["title"] for one in wall(app)["picked"]] == ["Item 5", "Item 8"]
    assert wall(app)["items"] != old["items"]  # the browser gets another catalogue
    assert wall(app)["themes"]


def test_what_was_done_just_then_is_not_lost(made, lies):
    lies("first")
    app = visited(user="u7", dials="concept 1:0.4")
    lies("again")
    release(app, **{"concept 1": -0.2, "concept 2": 0.3})
    assert choice(app).dials == (("concept 1", -0.2), ("concept 2", 0.3))
    assert address(app)["bundle"] == made["again"].id
    sound(app.switch_page("pages/user.py").run())
    from_browser(app, "wall", picks={"items": [5, 8], "version": "picked"})
    lies("first")
    sound(app.run())
    assert choice(app).item_ids == tuple(made["again"].interactions.item_ids[[5, 8]])


def test_what_an_old_component_still_says_is_not_heard(made, lies):
    lies("first")
    app = visited(user="u7")
    lies("again")
    old = app.session_state[state.BOUND].id
    sound(app.run())
    before = choice(app)
    app.session_state[f"board of {old}"] = {"dials": {"version": "x", "amounts": {"#0": 0.9}}, "card": "#0", "like": 2}
    sound(app.run())
    assert choice(app) == before
    assert "open" not in app.session_state


def test_a_show_goes_on_with_its_step_and_an_opening_of_the_new_bundle(made, lies, tmp_path, monkeypatch):
    tour = tmp_path / "tour.toml"
    tour.write_text('[[step]]\nsay = "One"\ndials = {"concept 1" = 0.4}\n[[step]]\nsay = "Two"\nuser = "u9"\n')
    monkeypatch.setenv("KNOBS_TOUR", str(tour))
    lies("first")
    app = visited(user="u8", dials=f"#{named(made['first']).neuron}:0.3~concept 2:0.2")

    def stage(**event):
        app.session_state["stage"] = {name: {"order": 1, "about": about} for name, about in event.items()}
        sound(app.run())
        app.session_state["stage"] = {}

    stage(enter=1)
    stage(step=1)
    lies("without")
    sound(app.run())
    assert (driving.told(app, "knobs_stage")["at"], choice(app).amount("concept 1")) == (1, 0.4)
    stage(step=2)
    assert choice(app).user_ids == ("u9",)
    stage(reset=1)
    assert choice(app).user_ids == ("u8",)
    assert (choice(app).amount("concept 2"), choice(app).amount("concept 1")) == (0.2, 0.0)


def test_filters_that_would_leave_nothing_do_not_go_over(lies, made, tmp_path, monkeypatch):
    tables = planted()
    numbers = np.arange(len(tables.items))
    decades = [tables.items.assign(year=first + numbers % 10) for first in (1950, 1990)]
    for n, items in enumerate(decades):
        data = Interactions.from_frames(tables.interactions, items, tables.tags)
        made[f"years {n}"] = bundles.train(data, "elsa", overrides=SMALL, seed=n, device="cpu")
    lies("years 0")
    app = visited(user="u7", years="1951..1957")
    lies("years 1")
    sound(app.run())
    assert choice(app).filters == state.Choice().filters
    assert "not there any more: your filters." in told(app)


def test_a_map_that_is_not_there_any_more_is_offered_again(mapped_bundle, made, lies):
    made["mapped"] = mapped_bundle
    lies("mapped")
    app = visited(user="u7")
    sound(app.switch_page("pages/map.py").run())
    from_browser(app, "map", lasso=[[0, 0], [0, 1], [1, 1]])
    sound(app.run())
    lies("again")
    sound(app.run())
    assert any("no map yet" in info.value for info in app.info)
    lies("mapped")
    sound(app.run())
    assert driving.told(app, "knobs_map")["lasso"] is None


@pytest.mark.parametrize("page", ["panel", "user", "map", "lab"])
def test_scores_that_overflow_are_one_line_at_most_and_end_with_the_bundle(made, lies, page, monkeypatch):
    monkeypatch.setattr(formats, "LARGEST", math.inf)  # no weights so large are read otherwise
    made["huge"] = trained()
    with torch.no_grad():
        next(made["huge"].nested.cfae.parameters()).mul_(1e30)  # finite weights, which a bundle may have
    lies("first")
    app = visited(user="u7")
    sound(app.switch_page(f"pages/{page}.py").run())
    lies("huge")
    app.run()
    assert not app.exception
    assert [line.value for line in app.error] in ([], [OVERFLOW])
    protos = [element.proto for element in app.get("bidi_component")]
    shown = [proto.json or proto.bytes.decode(errors="replace") for proto in protos]
    assert not [text for text in shown if re.search(r"\b(NaN|Infinity)\b", text)]
    assert not any(one.proto.component_name == "knobs_board" for one in app.get("bidi_component"))
    lies("first")
    release(sound(app.switch_page("pages/panel.py").run()), **{"concept 2": 0.2})
    assert (choice(app).user_ids, choice(app).amount("concept 2")) == (("u7",), 0.2)


def cut(path):
    file = path / "sae.safetensors"
    file.write_bytes(file.read_bytes()[:-9])


def flip(path):
    file = path / "cfae.safetensors"
    data = bytearray(file.read_bytes())
    data[-9] ^= 64
    file.write_bytes(data)


def half(path):
    for file in list(path.iterdir())[::2]:
        file.unlink()


def another_format(path):
    document = json.loads((path / bundles.MANIFEST).read_text())
    (path / bundles.MANIFEST).write_text(json.dumps(document | {"format": 99}))


def not_ours(path):
    (path / bundles.MANIFEST).unlink()
    (path / bundles.MANIFEST).symlink_to("/etc/hostname")


def a_file(path):
    shutil.rmtree(path)
    path.write_text("no bundle")


@pytest.mark.parametrize("damage", [cut, flip, half, another_format, not_ours, a_file, shutil.rmtree])
def test_a_bundle_that_was_proved_is_served_on_and_a_repaired_one_is_found(made, lies, damage, caplog):
    path = lies("first")
    app = visited(user="u7", dials="concept 1:0.5")
    before = board(app)
    damage(path)
    for amount in (0.2, 0.3, 0.5):
        release(app, **{"concept 1": amount})
    assert board(app)["after"] == before["after"]
    lines = [record.message for record in caplog.records if "is served on from memory" in record.message]
    assert len(lines) == 1  # it was read once, however often somebody turned
    assert str(path) in lines[0]
    assert "\n" not in lines[0]
    assert board(visited(user="u7", dials="concept 1:0.5"))["after"] == before["after"]  # others come meanwhile
    if path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)
    lies("again")
    sound(app.run())
    assert address(app)["bundle"] == made["again"].id


@pytest.mark.parametrize("damage", [flip, half, another_format, a_file])
def test_a_fresh_server_says_what_is_wrong_and_finds_the_repaired_bundle(made, lies, damage):
    path = lies("first")
    damage(path)
    for _ in range(2):
        app = start().run()
        assert not app.exception
        [line] = app.error
        assert str(path) in line.value.replace("\\", "")
        assert "\n" not in line.value
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    lies("first")
    assert len(wall(sound(app.run()))["covers"]) == 24


def test_an_earlier_bundle_that_takes_its_place_again_is_shown(made, lies):
    path = lies("first")
    app = visited(user="u7", dials="concept 1:0.4")
    before = board(app)
    bundles.save(made["again"], path, keep=1)
    sound(app.run())
    assert board(app)["after"] != before["after"]
    bundles.rollback(path)
    sound(app.run())
    assert address(app)["bundle"] == made["first"].id
    assert "all that you had is there." in told(app)
    assert board(app)["after"] == before["after"]


def test_what_failed_though_it_is_whole_is_read_again(made, tmp_path, monkeypatch):
    """As on a machine that was short of memory or of open files for a moment."""
    monkeypatch.setattr(place, "AGAIN", 0.0)
    bundles.save(made["first"], tmp_path / "b")
    served = place.Place(tmp_path / "b", "cpu")

    def short(*_):
        raise MemoryError

    with monkeypatch.context() as then:
        then.setattr(bundles, "load", short)
        with pytest.raises(BundleError, match="none that can be read"):
            served.bundle()
    assert served.bundle().id == made["first"].id


def test_a_bundle_put_there_with_equal_sizes_and_times_is_noticed(made, tmp_path, monkeypatch):
    monkeypatch.setattr(place, "PATIENCE", 0.0)
    path, seen = tmp_path / "b", place.Place(tmp_path / "b", "cpu")
    for name in ("first", "again", "first"):
        bundles.save(made[name], path)
        for file in path.iterdir():
            os.utime(file, (1e9, 1e9))
        assert seen.bundle().id == made[name].id
    assert seen.bundle() is seen.bundle()


def test_what_is_touched_and_stays_the_same_is_the_same_object(made, tmp_path, monkeypatch):
    """So nobody's page runs again, and what was worked out from it stays."""
    monkeypatch.setattr(place, "PATIENCE", 0.0)
    bundles.save(made["first"], tmp_path / "b")
    served = place.Place(tmp_path / "b", "cpu")
    first = served.bundle()
    (tmp_path / "b" / "sae.safetensors").touch()
    assert served.bundle() is first


def test_what_fails_while_it_is_copied_is_left_alone_for_a_while(made, tmp_path, caplog):
    bundles.save(made["first"], tmp_path / "b")
    served = place.Place(tmp_path / "b", "cpu")
    served.bundle()
    for n in range(5):
        (tmp_path / "b" / "sae.safetensors").write_bytes(b"x" * n)
        assert served.bundle().id == made["first"].id
    assert len([one for one in caplog.records if "served on" in one.message]) == 1
