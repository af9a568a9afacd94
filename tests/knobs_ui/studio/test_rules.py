"""The rules of a recipe where the items have columns of their own."""

import numpy as np
import pandas as pd
import pytest

from tests.knobs_ui.studio.editing import bare, press, texts

ODD = "<img src=x onerror=alert(1)> **Zoë**"


@pytest.fixture(scope="session")
def credited_path(once):
    """A bundle of a small catalogue whose table of items says who directed what, with a long text of each."""
    from knobs_core import bundles
    from knobs_core.data import Interactions
    from tests.small import FEW_STEPS, small

    def make(folder):
        plain = small(40, 30)
        rows, columns = plain.matrix.nonzero()
        likes = pd.DataFrame({"user_id": plain.user_ids[rows], "item_id": plain.item_ids[columns]})
        items = plain.items.assign(
            item_id=plain.item_ids, director=np.resize(["Ann", "Bob", ODD], 30),
            isbn=plain.item_ids, description="The same text",
        )  # fmt: skip
        made = Interactions.from_frames(likes, items, min_user_interactions=2, min_tag_items=1)
        bundles.save(bundles.train(made, overrides=FEW_STEPS, device="cpu"), folder / "b")

    return once("credited", make) / "b"


@pytest.fixture
def demo_path(credited_path):
    """What the app shows here."""
    return credited_path


@pytest.fixture
def demo_bundle(credited_path):
    from knobs_core import bundles

    return bundles.load(credited_path)


def test_a_column_of_the_items_is_offered_for_quotas_and_the_pool(editor):
    editor.tab("Rules")
    app, name = editor.app, editor.name
    for field in ("quota of", "pool of"):
        offered = [bare(one) for one in app.selectbox(key=f"{name} {field}").options]
        assert offered == ["genre", "decade", "tag", "franchise", "director"]
    app.selectbox(key=f"{name} quota of").set_value("director")
    app.number_input(key=f"{name} quota most").set_value(2)
    app.number_input(key=f"{name} quota window").set_value(10)
    press(app, "Add")
    assert str(editor.recipe.quotas[0]) == "at most 2 of each director in 10 rows"
    for which, value in (("having", "ann"), ("having", ODD), ("lacking", "Bob")):
        app.selectbox(key=f"{name} pool which").set_value(which)
        app.selectbox(key=f"{name} pool of").set_value("director")
        app.text_input(key=f"{name} pool value").input(value)
        press(app, "Add to the pool")
    pool = editor.recipe.pool
    assert [(one.of, one.value) for one in pool.having] == [("director", "ann"), ("director", ODD)]
    said = texts(app)
    assert "At most 2 of each director in 10 rows" in said
    assert "With director ann" in said
    assert "Without director Bob" in said
    shown = next(one.value for one in app.markdown if "onerror" in one.value)
    assert "\\<img" in shown
    assert "\\*\\*Zoë" in shown
    press(app, f"{name} having 0")
    assert [one.value for one in editor.recipe.pool.having] == [ODD]


def test_a_value_that_no_item_has_is_named(editor):
    editor.tab("Rules")
    app, name = editor.app, editor.name
    app.selectbox(key=f"{name} pool of").set_value("director")
    app.text_input(key=f"{name} pool value").input("Nobody")
    press(app, "Add to the pool")
    assert "pool: a director of this bundle, found 'Nobody'" in texts(app)
