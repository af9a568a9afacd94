"""Every publisher's layout is read from a folder and from archives, and malformed rows get one line."""

import pytest

from knobs_core import data
from knobs_core.base.errors import DataError
from tests.data.sources.layouts import CASES, OPEN, as_tags, contents, publish


@pytest.mark.parametrize("kind", ["folder", "zip", "tar.gz"])
@pytest.mark.parametrize("name", CASES)
def test_layout_reads_into_what_it_says(name, kind, tmp_path):
    _, wrap, titles, years, tags = CASES[name]
    loaded = data.load_data(publish(contents(name, tmp_path), wrap, kind, tmp_path), OPEN)
    source = loaded.source
    assert loaded.matrix.toarray().tolist() == [[1, 1, 0], [0, 1, 1]]
    if name == "msd":
        assert (loaded.user_ids.tolist(), loaded.item_ids.tolist()) == (["b80", "fd5"], ["SOA", "SOB", "SOC"])
    else:
        assert (loaded.user_ids.tolist(), loaded.item_ids.tolist()) == (["1", "2"], ["10", "20", "30"])
    assert loaded.items["title"].tolist() == titles
    assert loaded.items["year"].astype(object).where(loaded.items["year"].notna(), None).tolist() == years
    assert as_tags(loaded) == tags
    assert len(source.checksum) == 64


def test_every_layout_has_a_case():
    folders = {"ml-1m": "movielens-dat", "ml-10m": "movielens-dat", "ml-100k": "movielens-100k"}
    assert {folders.get(name, name) for name in CASES} == set(data.LAYOUTS)


def test_genres_and_covers_come_along(tmp_path):
    loaded = data.load_data(publish(contents("ml-100k", tmp_path), "ml-100k", "zip", tmp_path), OPEN)
    assert loaded.items["genres"].tolist() == ["Action|Adventure", "Western", ""]
    loaded = data.load_data(publish(contents("goodbooks", tmp_path), None, "folder", tmp_path), OPEN)
    assert loaded.items["image_url"].tolist()[0] == "https://i/1.jpg"
    assert loaded.items["author"].tolist() == ["Suzanne Collins", "J.K. Rowling|Mary GrandPré", "Homer"]
    assert loaded.account.kept_columns == ("author",)


def test_columns_that_somebody_added_to_films_are_kept(tmp_path):
    files = dict(contents("movielens", tmp_path))
    first, *rows = files["movies.csv"].decode().splitlines()
    files["movies.csv"] = "\n".join([f"{first},director,tag", *(f'{row},"Ann|B, C",x' for row in rows)]).encode()
    loaded = data.load_data(publish(files, None, "zip", tmp_path), OPEN)
    assert loaded.items["director"].tolist() == ["Ann|B, C"] * 3
    assert loaded.account.unused_columns == ("movies.csv: tag (its name means something else here; rename it)",)


@pytest.mark.parametrize(
    ("name", "file", "line", "says"),
    [
        (
            "movielens",
            "ratings.csv",
            "1,2\n",
            "expected 4 fields separated by commas in every row of ratings.csv, found 2",
        ),
        ("movielens", "tags.csv", "1,2,3,4,5\n", "found 5 in '1,2,3,4,5'"),
        ("movielens", "ratings.csv", "3,10,five,1\n", "a finite number as rating"),
        ("ml-1m", "ratings.dat", "1::2\n", "every row of ratings.dat"),
        ("ml-1m", "movies.dat", "10::only a title\n", "3 fields separated by '::' in every row of movies.dat, found 2"),
        ("ml-100k", "u.item", "10|a title\n", "24 fields separated by '|' in every row of u.item, found 2"),
        ("lastfm", "tags.dat", "7\n", "2 fields separated by tabs in every row of tags.dat, found 1"),
        ("lastfm", "user_artists.dat", "1\t10\n", "user_artists.dat, found 2"),
        ("msd", "train_triplets.txt", "b80 SOA 1\n", "3 fields separated by tabs in every row of train_triplets.txt"),
        ("msd", "unique_tracks.txt", "TR1,SOA\n", "4 fields separated by '<SEP>'"),
        ("recbole", "tiny.inter", "1\n", "4 fields separated by tabs in every row of tiny.inter"),
    ],
)
def test_malformed_rows_get_one_line(name, file, line, says, tmp_path):
    files = contents(name, tmp_path)
    files[file] += line.encode()
    with pytest.raises(DataError) as error:
        data.load_data(publish(files, None, "zip", tmp_path), OPEN)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
    assert ";" in str(error.value)


def test_odd_sets_are_told_apart(tmp_path):
    files = contents("recbole", tmp_path)
    with pytest.raises(DataError, match=r"one .inter file, found tiny.inter, tiny.train.inter"):
        data.load_data(publish(files | {"tiny.train.inter": b"x:token\n"}, None, "zip", tmp_path))
    with pytest.raises(DataError, match=r"user_id:token and item_id:token in a.inter"):
        data.load_data(publish({"a.inter": b"x:token\n"}, None, "zip", tmp_path))
    with pytest.raises(DataError, match=r"column rating in ratings.csv, found columns userId, movieId, stars"):
        data.load_data(publish({"ratings.csv": b"userId,movieId,stars\n", "movies.csv": b"a\n"}, None, "zip", tmp_path))
    with pytest.raises(DataError, match=r"train_triplets.txt.*interactions.csv.*found notes.txt"):
        data.load_data(publish({"notes.txt": b"x"}, None, "zip", tmp_path))


@pytest.mark.parametrize(
    ("name", "file", "old", "new", "says"),
    [
        ("ml-100k", "u.genre", b"|1\n", b"|x\n", r"the number of its flag in every row of u\.genre"),
        ("goodbooks", "book_tags.csv", b",11370\n", b",many\n", "a weight of at least 0"),
        ("goodbooks", "books.csv", b"book_id,", b"number,", "column book_id in books.csv"),
    ],
)
def test_one_odd_cell_of_a_side_table_gets_one_line(name, file, old, new, says, tmp_path):
    files = contents(name, tmp_path)
    assert old in files[file]
    files[file] = files[file].replace(old, new, 1)
    with pytest.raises(DataError, match=says):
        data.load_data(publish(files, None, "folder", tmp_path), OPEN)


def test_decades_serve_where_goodbooks_has_no_shelves(tmp_path):
    files = {name: made for name, made in contents("goodbooks", tmp_path).items() if "tags" not in name}
    assert as_tags(data.load_data(publish(files, None, "folder", tmp_path), OPEN))


def test_a_track_that_is_there_twice_is_one_track(tmp_path):
    files = contents("msd", tmp_path)
    first = data.load_data(publish(files, None, "zip", tmp_path), OPEN)
    files["unique_tracks.txt"] += files["unique_tracks.txt"]
    assert as_tags(data.load_data(publish(files, None, "folder", tmp_path), OPEN)) == as_tags(first)
