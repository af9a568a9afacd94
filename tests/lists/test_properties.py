"""What items share, for quotas."""

import dataclasses

import pytest

from knobs_core.base import UnknownNameError
from knobs_core.lists import ListRecipe, Pool, Quota, Rules, Value, carried, check, list_for, properties_of
from knobs_core.lists.properties import values_of


@pytest.fixture(scope="module")
def shop(library):
    """The bundle with titles in series of four, and a column that says who made an item."""
    data = library.interactions
    titles = [
        f"Series {'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[i // 4 % 26]}{i // 104}: Part {i % 4}" for i in range(data.n_items)
    ]
    makers = [f"Ada|Bob {i % 3}" if i % 2 else None for i in range(data.n_items)]
    return dataclasses.replace(
        library, interactions=dataclasses.replace(data, items=data.items.assign(title=titles, maker=makers))
    )


def rows_of(bundle, reader, recipe):
    rules = Rules(bundle, recipe)
    return [row.column for row in list_for(bundle.person(reader), rules, rules.dials(recipe.dials))]


def test_values_of_each_property(shop):
    data = shop.interactions
    assert values_of(data, "franchise")[:5] == [frozenset({"Series A0"})] * 4 + [frozenset({"Series B0"})]
    assert values_of(data, "maker")[:3] == [frozenset(), frozenset({"Ada", "Bob 1"}), frozenset()]
    assert values_of(data, "year")[4] == frozenset({"1954"})
    assert values_of(data, "decade")[4] == frozenset({"1950s"})
    assert values_of(data, "genres") == values_of(data, "genre")
    own = data.tags[data.tags["item"] == 7]["tag"]
    assert values_of(data, "tag")[7] == frozenset(own)


def test_one_value_in_whatever_spelling(shop):
    data = shop.interactions
    assert [bool(one) for one in values_of(data, "maker", "BOB-1")] == [i % 6 == 1 for i in range(data.n_items)]
    assert sum(map(bool, values_of(data, "franchise", "the series a0"))) == 4


def test_a_column_called_franchise_comes_before_the_titles(shop):
    data = shop.interactions
    named = dataclasses.replace(data, items=data.items.assign(franchise=[str(i % 2) for i in range(data.n_items)]))
    assert values_of(named, "franchise")[:2] == [frozenset({"0"}), frozenset({"1"})]


def test_no_two_rows_of_a_franchise_near_each_other(shop, reader):
    free = rows_of(shop, reader, ListRecipe(slug="x", length=40))
    held = rows_of(shop, reader, ListRecipe(slug="x", length=40, quotas=(Quota(of="franchise", most=1, window=10),)))
    assert any(a // 4 == b // 4 for at, a in enumerate(free) for b in free[at + 1 : at + 10])
    assert not any(a // 4 == b // 4 for at, a in enumerate(held) for b in held[at + 1 : at + 10])
    assert len(held) == 40


def test_a_quota_of_any_column(shop, reader):
    few = Quota(of="maker", value="Ada", most=3)
    held = rows_of(shop, reader, ListRecipe(slug="x", quotas=(few,)))
    assert sum(column % 2 for column in held) <= 3
    assert str(few) == "at most 3 of maker Ada"


def test_what_there_is_not_is_named_with_its_field(shop):
    with pytest.raises(UnknownNameError, match=r"quotas: a property .*'colour'; choose one of genre, .*maker"):
        values_of(shop.interactions, "colour")
    with pytest.raises(UnknownNameError, match=r"quotas: a maker of this bundle, found 'Adda'.*'Ada'"):
        values_of(shop.interactions, "maker", "Adda")
    assert "'colour'" in check(shop, ListRecipe(slug="x", quotas=(Quota(of="colour", most=1),)))[0]


def test_the_schema_names_the_usual_properties():
    field = ListRecipe.model_json_schema()["$defs"]["Quota"]["properties"]["of"]
    assert field["type"] == "string"
    assert field["examples"] == ["genre", "decade", "tag", "franchise"]


def test_a_pool_of_any_column(shop):
    """By hand: items 1, 7, ... are by "Bob 1", 3, 9, ... by "Bob 0", all odd ones by "Ada"; 0 to 9 of the 1950s."""

    def pool(field, *values):
        made = Pool.model_validate({field: [{"of": of, "value": value} for of, value in values]})
        return {*range(240)} - {*Rules(shop, ListRecipe(slug="x", pool=made)).left_out}

    ones, fifties = {*range(1, 240, 6)}, {i for i in range(240) if i % 70 < 10}
    assert pool("having", ("maker", "bob 1")) == ones
    assert pool("having", ("maker", "Bob 1"), ("maker", "Bob 0")) == ones | {*range(3, 240, 6)}
    assert pool("having", ("maker", "Bob 1"), ("decade", "1950s")) == ones & fifties
    assert pool("lacking", ("maker", "Bob 1"), ("decade", "1950s")) == {*range(240)} - ones - fifties
    assert pool("lacking", ("maker", "Ada")) == {*range(0, 240, 2)}


def test_what_a_pool_names_and_no_item_has_is_told(shop):
    recipe = ListRecipe(slug="x", pool=Pool(having=(Value(of="maker", value="Zoe"),)))
    assert check(shop, recipe)[0].startswith("expected pool: a maker of this bundle, found 'Zoe'")
    recipe = ListRecipe(slug="x", pool=Pool(lacking=(Value(of="colour", value="red"),)))
    assert "pool: a property of the items under of, found 'colour'" in check(shop, recipe)[0]


def test_a_recipe_that_says_nothing_of_columns_is_written_as_before():
    assert "having" not in ListRecipe(slug="x").model_dump_json()
    made = ListRecipe(slug="x", pool=Pool(having=(Value(of="maker", value="Ada"),)))
    assert ListRecipe.model_validate_json(made.model_dump_json()) == made


def test_what_another_bundle_lacks_of_a_pool_is_named(shop, library):
    """The library has no column of makers: nothing is left of the pool, which stays as it was."""
    ada, old = Value(of="maker", value="Ada"), Value(of="decade", value="1950s")
    quota = Quota(of="maker", most=1)
    recipe = ListRecipe(slug="x", pool=Pool(having=(ada, old), lacking=(ada, old)), quotas=(quota,))
    found = carried(recipe, "another", library)
    assert found.emptied == ("pool.having",)
    assert found.recipe.pool == Pool(having=(ada, old), lacking=(old,))
    assert [tuple(one) for one in found.gone] == [("pool.lacking", "maker Ada"), ("quotas", str(quota))]
    there = carried(
        recipe.model_copy(update={"pool": Pool(having=(old, Value(of="decade", value="1850s")))}), "a", shop
    )
    assert there.recipe.pool.having == (old,)
    assert [tuple(one) for one in there.gone] == [("pool.having", "decade 1850s")]


def test_columns_that_group_items_are_offered(shop):
    assert properties_of(shop.interactions) == ["genre", "decade", "tag", "franchise", "maker"]
    data = shop.interactions
    more = data.items.assign(isbn=data.item_ids, franchise="x", description="x")
    assert properties_of(dataclasses.replace(data, items=more)) == ["genre", "decade", "tag", "franchise", "maker"]


def test_a_row_names_the_quota_that_moved_it(shop, reader):
    recipe = ListRecipe(slug="x", quotas=(Quota(of="maker", value="Ada", most=2, window=10), Quota(of="genre", most=9)))
    rules = Rules(shop, recipe)
    reasons = {row.reason for row in list_for(shop.person(reader), rules, [])}
    assert "own taste, by a quota: at most 2 of maker Ada in 10 rows" in reasons
