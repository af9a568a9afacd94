"""The card of an item: what more of it would bring, leaving it out, and adding it to one's taste."""

from knobs_ui.cards.item import NUDGE
from tests.knobs_ui.driving import board, choice, panel, press, say, sound


def opened(app, place=3):
    panel(app)
    about = board(app)["after"][place]
    return about, say(app, item=about)


def chosen(app, way):
    """One of the ways that the card offers."""
    next(one for one in app.get("button_group") if way in one.options).select(way).run()
    return sound(app)


def test_more_like_this_is_previewed_and_turned(app, demo_bundle):
    about, app = opened(app)
    item_id = demo_bundle.interactions.item_ids[about]
    person = demo_bundle.person(user=choice(app).user_ids[0])
    expected = person.recommend({f"~{item_id}": NUDGE})
    chosen(app, "More like this")
    texts = [block.value for block in app.markdown]
    assert f"**Enters ({len(expected.entered)})**" in texts
    assert f"**Leaves ({len(expected.left)})**" in texts
    press(app, next(button.label for button in app.button if button.label.startswith("Turn it: like ")))
    assert choice(app).dials == ((f"~{item_id}", NUDGE),)
    assert board(app)["after"] == expected.recommendation.items.tolist()


def test_what_was_seen_is_left_out_and_can_be_brought_back(app, demo_bundle):
    about, app = opened(app)
    press(app, "Already seen: leave it out")
    assert choice(app).seen == (demo_bundle.interactions.item_ids[about],)
    assert about not in board(app)["after"]
    say(app, unmark=1)
    assert about in board(app)["after"]


def test_what_is_liked_too_joins_the_users_likes(app, demo_bundle):
    about, app = opened(app)
    press(app, "Like it too: add it to this taste")
    data, (user_id,) = demo_bundle.interactions, choice(app).user_ids
    assert choice(app).item_ids == (data.item_ids[about],)
    assert app.title[0].value == f"User {user_id} + {data.main_title(about)}"
    expected = demo_bundle.person(
        items=[*data.item_ids[data.matrix[data.row_of[user_id]].indices], data.item_ids[about]]
    )
    assert board(app)["after"] == expected.recommend().recommendation.items.tolist()
    assert about not in board(app)["after"]
