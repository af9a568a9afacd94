"""Recipes as documents."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from knobs_core.base import ConfigError, StorageError
from knobs_core.lists.recipe import (
    HouseRules,
    ListRecipe,
    Pin,
    Quota,
    read_house_rules,
    read_recipe,
    recipe_of,
    write_recipe,
)

WHOLE = {
    "slug": "christmas-noir",
    "headline": "Film noir for a Christmas night",
    "length": 10,
    "dials": [{"knob": "noir", "amount": 0.4, "neurons": {"3": 1.0}, "effects": {"i1": 2.5}}],
    "pool": {"without": ["Horror"], "first": 1940},
    "bans": ["i7"],
    "pins": [{"item": "i3", "place": 2}],
    "quotas": [{"of": "decade", "most": 2, "window": 5}],
    "notes": {"i3": "For those who stay up."},
    "valid_from": "2026-12-24T18:00:00+01:00",
    "valid_to": "2026-12-25T02:00:00+01:00",
    "zone": "Europe/Prague",
    "arms": [{"name": "darker", "share": 0.5, "dials": [{"knob": "noir", "amount": 0.8}]}],
}


def test_a_recipe_comes_back_from_its_file(tmp_path):
    recipe = recipe_of(WHOLE)
    write_recipe(recipe, tmp_path / "noir.json")
    assert read_recipe(tmp_path / "noir.json") == recipe
    assert recipe.dials[0].neurons == {3: 1.0}


def test_its_schema_is_written_from_the_model():
    schema = ListRecipe.model_json_schema()
    assert set(WHOLE) <= set(schema["properties"])
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"slug": "Two words"}, "slug"),
        ({"length": 0}, "length"),
        ({"length": 201}, "length"),
        ({"dials": [{"knob": "noir", "amount": 1.2}]}, "dials.0.amount"),
        ({"dials": [{"knob": "noir", "amount": float("nan")}]}, "dials.0.amount"),
        ({"pins": [{"item": "i3", "place": 11}]}, "place 11 is beyond a list of 10"),
        ({"pins": [{"item": "i3", "place": 2}, {"item": "i4", "place": 2}]}, "two of them are at place 2"),
        ({"pins": [{"item": "i3", "place": 2}, {"item": "i3", "place": 3}]}, "'i3' is at two places"),
        ({"quotas": [{"of": "decade"}]}, "how many at most or at least"),
        ({"quotas": [{"of": "decade", "least": 2}]}, "names a value"),
        ({"quotas": [{"of": "genre", "value": "Drama", "least": 3, "most": 2}]}, "more rows than it allows"),
        ({"quotas": [{"of": "genre", "value": "Drama", "least": 3, "window": 2}]}, "more rows than it allows"),
        ({"valid_to": "2026-12-24T10:00:00+01:00"}, "ends before it begins"),
        ({"valid_to": "2026-12-25T02:00:00"}, "valid_to"),
        ({"zone": "Europe/Pragu"}, "no time zone is called"),
        ({"arms": [{"name": "a", "share": 0.6, "dials": []}, {"name": "b", "share": 0.4, "dials": []}]}, "nobody"),
        ({"arms": [{"name": "a", "share": 0.2, "dials": []}, {"name": "a", "share": 0.4, "dials": []}]}, "called 'a'"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(change, said):
    with pytest.raises(ConfigError, match="expected a recipe, found ") as refused:
        recipe_of({**WHOLE, **change})
    assert said in str(refused.value)


def test_files_that_are_no_recipes_are_refused_in_one_line(tmp_path):
    with pytest.raises(ConfigError, match="no file"):
        read_recipe(tmp_path / "none.json")
    for content in (b"", b"{", b"[" * 100_000, b"\xff\xfe", b"[]", b'"x"', b'{"slug": 1}'):
        (tmp_path / "odd.json").write_bytes(content)
        with pytest.raises(ConfigError):
            read_recipe(tmp_path / "odd.json")
    (tmp_path / "large.json").write_bytes(b" " * (2**22 + 1))
    with pytest.raises(ConfigError, match="at most 4,194,304 bytes"):
        read_recipe(tmp_path / "large.json")
    with pytest.raises((ConfigError, StorageError)):
        read_recipe(tmp_path)
    (tmp_path / "house.json").write_text('{"bans": ["i1"], "without": ["Horror"]}')
    assert read_house_rules(tmp_path / "house.json") == HouseRules(bans=("i1",), without=("Horror",))


def test_when_it_is_on_air():
    recipe = recipe_of(WHOLE)
    begin, hour = datetime(2026, 12, 24, 17, tzinfo=UTC), timedelta(hours=1)
    assert [recipe.state(begin + hour * h) for h in (-1, 0, 7, 8)] == ["upcoming", "on air", "on air", "expired"]
    assert recipe.times == "from 2026-12-24 18:00 to 2026-12-25 02:00 (Europe/Prague)"
    assert recipe_of({"slug": "always"}).times == "always"
    assert recipe_of({"slug": "always"}).state() == "on air"


def test_quotas_in_words():
    assert str(Quota(of="decade", most=2, window=5)) == "at most 2 of each decade in 5 rows"
    assert str(Quota(of="genre", value="Drama", least=1, most=3)) == "at least 1 and at most 3 of Drama"


def test_recipes_do_not_change():
    with pytest.raises(ValidationError):
        recipe_of(WHOLE).pins[0].place = 3
    assert Pin(item="i1", place=1) == Pin(item="i1", place=1)
