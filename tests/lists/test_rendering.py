"""A recipe for many readers."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from knobs_core.base import ConfigError, StorageError, UnknownNameError
from knobs_core.lists.blocks import render
from knobs_core.lists.recipe import Arm, HouseRules, ListRecipe, Pin, Quota, Turn
from knobs_core.lists.rendering import arm_of, list_for, list_id
from knobs_core.lists.rules import Rules

RECIPE = ListRecipe(
    slug="noir",
    length=12,
    dials=(Turn(knob="concept 3", amount=0.3), Turn(knob="concept 7", amount=0.5), Turn(knob="concept 1", amount=-0.4)),
    quotas=(Quota(of="decade", most=2, window=6),),
    pins=(Pin(item="i5", place=3),),
    bans=("i9",),
)
HOUSE = HouseRules(without=("Comedy",))


def rendered(*arguments, **options):
    """What is written, with what was said of it."""
    *_, path = arguments[:3]
    told = render(*arguments, **options)
    return told, pd.read_parquet(path)


def test_everybody_gets_the_list_that_each_gets_alone(library, tmp_path, monkeypatch):
    monkeypatch.setattr("knobs_core.lists.rendering.AT_ONCE", 70)
    steps = []
    told, table = rendered(library, RECIPE, tmp_path / "lists.parquet", house=HOUSE, progress=steps.append)
    rules = Rules(library, RECIPE, HOUSE)
    dials = rules.dials(RECIPE.dials)
    assert (told.readers, told.rows) == (library.interactions.n_users, len(table))
    assert list(table) == ["user_id", "rank", "item_id", "score", "reason", "list_id", "arm"]
    assert table["user_id"].drop_duplicates().tolist() == library.interactions.user_ids.tolist()
    assert [step.done for step in steps][-1] == told.readers
    same = 0
    for user in library.interactions.user_ids[:80]:
        alone = list_for(library.person(user), rules, dials)
        mine = table[table["user_id"] == user]
        assert mine["rank"].tolist() == [*range(1, len(alone) + 1)]
        scores = [np.nan if row.score is None else row.score for row in alone]
        assert np.allclose(mine["score"], scores, rtol=1e-3, atol=1e-4, equal_nan=True)
        same += mine["item_id"].tolist() == [library.interactions.item_ids[row.column] for row in alone]
        assert mine["list_id"].unique().tolist() == [list_id(library, RECIPE, HOUSE, user)]
    assert same >= 79  # but for an exchange of equal scores


def test_the_file_says_what_it_was_made_of(library, tmp_path):
    render(library, RECIPE, tmp_path / "lists.parquet", [str(library.interactions.user_ids[3])])
    said = pq.read_schema(tmp_path / "lists.parquet").metadata
    assert said[b"bundle"].decode() == library.id
    assert ListRecipe.model_validate_json(said[b"recipe"]) == RECIPE


def test_some_readers_in_their_order_each_once(library, tmp_path):
    users = [str(user) for user in library.interactions.user_ids[[5, 2, 5]]]
    told, table = rendered(library, ListRecipe(slug="x"), tmp_path / "lists.parquet", users)
    assert told.readers == 2
    assert table["user_id"].drop_duplicates().tolist() == users[:2]
    with pytest.raises(UnknownNameError, match="'nobody'"):
        render(library, ListRecipe(slug="x"), tmp_path / "other.parquet", ["nobody"])
    with pytest.raises(ConfigError, match="at least one reader"):
        render(library, ListRecipe(slug="x"), tmp_path / "other.parquet", [])
    assert not (tmp_path / "other.parquet").exists()
    with pytest.raises(StorageError):
        render(library, ListRecipe(slug="x"), tmp_path / "lists.parquet" / "below.parquet")


def test_arms_share_the_readers_and_have_their_own_dials(library, tmp_path):
    arms = (
        Arm(name="more", share=0.3, dials=(Turn(knob="concept 3", amount=0.8),)),
        Arm(name="none", share=0.2, dials=()),
    )
    recipe = ListRecipe(slug="two-ways", dials=(Turn(knob="concept 3", amount=0.3),), arms=arms)
    told, table = rendered(library, recipe, tmp_path / "lists.parquet")
    of = table.groupby("user_id")["arm"].first()
    assert told.readers == len(of) == library.interactions.n_users
    shares = of.value_counts(normalize=True)
    assert shares["more"] == pytest.approx(0.3, abs=0.07)
    assert shares["none"] == pytest.approx(0.2, abs=0.07)
    assert all((arm_of(recipe, user).name if arm_of(recipe, user) else "") == arm for user, arm in of.items())
    user = of[of == "more"].index[0]
    own = library.person(user).recommend({"concept 3": 0.8})
    assert table[table["user_id"] == user]["item_id"].tolist() == [row["item_id"] for row in own.rows]


def test_whoever_needs_more_of_the_ranking_is_looked_at_alone(library, tmp_path, monkeypatch):
    monkeypatch.setattr("knobs_core.lists.rendering.SPARE", 1)
    recipe = ListRecipe(slug="x", quotas=(Quota(of="tag", most=1, window=4),))
    told, table = rendered(library, recipe, tmp_path / "lists.parquet", library.interactions.user_ids[:30].tolist())
    assert told.short == 0
    assert (table.groupby("user_id").size() == 20).all()
    tags = library.interactions.tags.groupby("item")["tag"].first()
    for _, mine in table.groupby("user_id"):
        values = [tags[library.interactions.column_of[item]] for item in mine["item_id"]]
        assert all(len(set(values[at : at + 4])) == 4 for at in range(len(values) - 3))


def test_lists_that_the_rules_leave_short_are_counted(library, tmp_path):
    few = HouseRules(bans=tuple(library.interactions.item_ids[5:].tolist()))
    told, table = rendered(library, ListRecipe(slug="x"), tmp_path / "lists.parquet", house=few)
    assert told.short == told.readers
    assert table["item_id"].isin(library.interactions.item_ids[:5]).all()
    everything = HouseRules(bans=tuple(library.interactions.item_ids.tolist()))
    told, table = rendered(library, ListRecipe(slug="x"), tmp_path / "lists.parquet", house=everything)
    assert (told.rows, len(table)) == (0, 0)


def test_a_list_id_names_bundle_recipe_rules_and_reader(library):
    base = list_id(library, RECIPE, HOUSE, "u1")
    other = RECIPE.model_copy(update={"length": 13})
    assert len({base, list_id(library, other, HOUSE, "u1"), list_id(library, RECIPE, HouseRules(), "u1")}) == 3
    assert base == list_id(library, RECIPE, HOUSE, "u1") != list_id(library, RECIPE, HOUSE, "u2")
