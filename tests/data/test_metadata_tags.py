"""Tags made of genres and years."""

import pandas as pd

from knobs_core.data.metadata_tags import metadata_tags


def test_metadata_gives_genres_and_decades():
    tags = metadata_tags(pd.DataFrame({"item_id": ["a", "b"], "genres": ["Drama|War", None], "year": [1999, None]}))
    assert set(map(tuple, tags.to_numpy())) == {("a", "Drama"), ("a", "War"), ("a", "1990s")}
