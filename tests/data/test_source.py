"""Where data came from, and its settings."""

import pytest
from pydantic import ValidationError

from knobs_core.data.source import DataConfig, Source


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
