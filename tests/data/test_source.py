"""Where data came from, and its settings."""

import pytest
from pydantic import TypeAdapter, ValidationError

from knobs_core.data.source import TITLES, DataConfig, Source, Words


@pytest.mark.parametrize(
    ("name", "slug"), [("data/ml-1m.zip", "ml-1m"), ("demo", "demo"), ("/x/My Set/", "My-Set"), ("..", "data")]
)
def test_a_source_has_a_short_name(name, slug):
    assert Source(name).slug == slug


def test_a_source_of_nothing_is_in_memory():
    assert (Source().name, Source().checksum, Source().config) == ("memory", "", DataConfig())
    assert Source().slug == "memory"


def test_settings_out_of_range_are_refused():
    for wrong in ({"min_user_interactions": 1}, {"duplicates": "ignore"}, {"treshold": 3}):
        with pytest.raises(ValidationError):
            DataConfig(**wrong)


@pytest.mark.parametrize(
    ("settings", "many", "a"),
    [
        ({}, "titles", "a title"),
        ({"item": "artist"}, "artists", "an artist"),
        ({"item": "story"}, "stories", "a story"),
        ({"item": "essay"}, "essays", "an essay"),
        ({"item": "dish"}, "dishes", "a dish"),
        ({"item": "TV series", "items": "TV series"}, "TV series", "a TV series"),
    ],
)
def test_items_are_called_what_the_data_say(settings, many, a):
    words = Source(config=DataConfig(**settings)).words
    assert (words.many, words.a) == (many, a)
    assert (words.count(1), words.count(2739)) == (f"1 {words.one}", f"2,739 {many}")
    assert settings or words == TITLES == Words()


@pytest.mark.parametrize("word", ["<b>", "a_b", "1984", " paper", "p" * 31, "two\nlines"])
def test_a_word_that_is_none_is_refused(word):
    with pytest.raises(ValidationError):
        DataConfig(item=word)


def test_what_nobody_set_is_not_written():
    """Manifests from before there were words keep their id."""
    written = TypeAdapter(DataConfig).dump_python
    assert not {"item", "items", "credit"} & set(written(DataConfig()))
    assert written(DataConfig(item="paper"))["item"] == "paper"
