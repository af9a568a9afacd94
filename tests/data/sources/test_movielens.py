"""MovieLens: titles, years and tags as published."""

import pandas as pd
import pytest

from knobs_core import data
from knobs_core.data.sources.movielens import natural_title, tidy_items
from tests.data.sources.layouts import MOVIELENS, OPEN, as_tags, contents, publish


@pytest.mark.parametrize(
    ("published", "natural"),
    [
        ("Godfather, The", "The Godfather"),
        ("American in Paris, An", "An American in Paris"),
        ("Avventura, L' (Adventure, The)", "L'Avventura (Adventure, The)"),
        ("City of God (Cidade de Deus)", "City of God (Cidade de Deus)"),
        ("O Brother, Where Art Thou?", "O Brother, Where Art Thou?"),
    ],
)
def test_titles_read_naturally(published, natural):
    assert natural_title(published) == natural


def test_movielens_titles_lose_their_year():
    movies = pd.DataFrame(
        {"item_id": [1, 2, 3], "title": ["Heat (1995)", "Babylon 5", "2001: A Space Odyssey (1968)"]}
    ).assign(genres=["Crime", "(no genres listed)", "Sci-Fi"])
    items = tidy_items(movies)
    assert items["title"].tolist() == ["Heat", "Babylon 5", "2001: A Space Odyssey"]
    assert items["year"].tolist()[0] == 1995
    assert items["year"].isna().tolist() == [False, True, False]
    assert items["genres"].tolist() == ["Crime", "", "Sci-Fi"]


def test_paper_tags_count_before_items_are_filtered(tmp_path):
    """On ml-25m a tag given 100 times stays, though only once on a film that stays; one given 99 times goes."""
    files = dict(MOVIELENS)
    given = [f"{user},{film},{tag},1" for tag, n in (("often", 100), ("rarely", 99))
             for user, film in [(1, 10), *((u, 77) for u in range(1, n))]]  # fmt: skip
    files["tags.csv"] = "userId,movieId,tag,timestamp\n" + "\n".join(given)
    path = tmp_path / "ml-25m"
    path.mkdir()
    for name, text in files.items():
        (path / name).write_text(text, encoding="utf-8")
    loaded = data.load_data(str(path), {"min_user_interactions": 2})
    source = loaded.source
    assert as_tags(loaded) == {"often": [1, 0, 0]}
    assert (source.config.min_item_interactions, source.config.threshold) == (1, 4.0)
    path.rename(tmp_path / "mine")
    assert data.load_data(str(tmp_path / "mine"), {"min_user_interactions": 2}).source.config.min_tag_assignments == 1


def test_the_names_of_kaggle_and_columns_in_other_case_of_files(tmp_path):
    files = contents("movielens", tmp_path)
    renamed = {f"{name[:-5].upper()}.csv" if name.endswith("s.csv") else name: made for name, made in files.items()}
    first = data.load_data(publish(files, None, "zip", tmp_path), OPEN)
    second = data.load_data(publish(renamed, None, "folder", tmp_path), OPEN)
    assert sorted(renamed) == ["LINK.csv", "MOVIE.csv", "RATING.csv", "README.txt", "TAG.csv"]
    assert first.tags.equals(second.tags)
    assert first.items.equals(second.items)
