"""Every publisher's layout, written here as small files in the real form, from a folder and from archives."""

import io
import sqlite3
import tarfile
import zipfile

import numpy as np
import pandas as pd
import pytest

from knobs_core import data
from knobs_core.base.errors import DataError

# Two people and three things: the first likes a and b, the second b and c. No filters, so that everything can be seen.
OPEN = {"min_user_interactions": 2, "min_item_interactions": 1, "min_tag_assignments": 1, "min_tag_items": 1}


def database(path, **tables):
    with sqlite3.connect(path) as connection:
        for name, (columns, rows) in tables.items():
            connection.execute(f"CREATE TABLE {name} ({columns})")
            connection.executemany(f"INSERT INTO {name} VALUES ({','.join('?' * len(rows[0]))})", rows)
    connection.close()
    return path.read_bytes()


MOVIELENS = {
    "ratings.csv": "userId,movieId,rating,timestamp\n1,10,4.0,9\n1,20,5.0,1\n1,30,0.5,1\n2,20,4.5,1\n2,30,4.0,1\n",
    "movies.csv": 'movieId,title,genres\n10,"American President, The (1995)",Drama|Romance\n20,Léon (1994),Crime\n'
    "30,Babylon 5,(no genres listed)\n",
    "tags.csv": 'userId,movieId,tag,timestamp\n2,10,"smart, funny",1\n1,20,NA,1\n2,20,na,1\n',
    "links.csv": "movieId,imdbId,tmdbId\n10,0112346,9087\n",
    "README.txt": "Summary",
}
DAT = {
    "ratings.dat": "1::10::4::978300760\n1::20::5::1\n1::30::1::1\n2::20::5::1\n2::30::4::1\n",
    "movies.dat": "10::American President, The (1995)::Drama|Romance\n20::Léon: The Professional (1994)::Crime\n"
    "30::Face::Off (1997)::Action\n".encode("latin-1"),
    "users.dat": "1::F::1::10::48067\n",
}
DAT_10M = {
    "ratings.dat": "1::10::4::838985046\n1::20::5::1\n1::30::0.5::1\n2::20::4.5::1\n2::30::4::1\n",
    "movies.dat": "10::American President, The (1995)::Drama\n20::Léon (1994)::Crime\n30::Heat (1995)::Crime\n",
    "tags.dat": "2::10::smart :: funny::1215184630\n1::20::Noir::1\n2::20::noir::1\n",
}
FLAGS = "0|" * 18
ML100K = {
    "u.data": "1\t10\t4\t881250949\n1\t20\t5\t1\n1\t30\t2\t1\n2\t20\t5\t1\n2\t30\t4\t1\n",
    "u.item": (
        f"10|American President, The (1995)|01-Jan-1995||http://us.imdb.com/M/|{FLAGS.replace('0', '1', 3)[:-1]}|0\n"
        f"20|Léon (1994)|01-Jan-1994|||{FLAGS}1\n30|unknown||||1|{FLAGS[:-1]}\n"
    ).encode("latin-1"),
    "u.genre": "".join(
        f"{name}|{flag}\n"
        for flag, name in enumerate(["unknown", "Action", "Adventure", *(f"G{n}" for n in range(3, 18)), "Western"])
    )
    + "\n",
    "u.user": "1|24|M|technician|85711\n",
}
LASTFM = {
    "user_artists.dat": "userID\tartistID\tweight\r\n1\t10\t13883\r\n1\t20\t1\r\n2\t20\t7\r\n2\t30\t5\r\n",
    "artists.dat": "id\tname\turl\tpictureURL\r\n10\tSigur Rós\thttp://x\thttp://y\r\n20\tNA\thttp://x\t\r\n"
    '30\t"Weird Al" Yankovic\thttp://x\thttp://y\r\n',
    "user_taggedartists.dat": "userID\tartistID\ttagID\tday\tmonth\tyear\r\n2\t10\t1\t1\t4\t2009\r\n"
    "1\t10\t1\t1\t4\t2009\r\n1\t20\t2\t1\t4\t2009\r\n9\t999\t2\t1\t4\t2009\r\n",
    "tags.dat": "tagID\ttagValue\r\n1\tíslenskt\r\n2\tMetal\r\n".encode("latin-1"),
}
BOOKS = "book_id,goodreads_book_id,authors,original_publication_year,title,image_url\n"
GOODBOOKS = {
    "ratings.csv": "user_id,book_id,rating\n1,10,4\n1,20,5\n1,30,3\n2,20,5\n2,30,4\n",
    "books.csv": BOOKS + '10,2767052,Suzanne Collins,2008.0,"The Hunger Games (The Hunger Games, #1)",https://i/1.jpg\n'
    "20,3,J.K. Rowling,,Les Misérables,https://i/2.jpg\n30,1381,Homer,-720.0,The Odyssey,https://i/3.jpg\n",
    "book_tags.csv": "goodreads_book_id,tag_id,count\n2767052,7,11370\n2767052,30574,99\n3,7,20\n3,8,-1\n1,7,5\n",
    "tags.csv": "tag_id,tag_name\n7,dystopia\n8,greek\n30574,to-read\n",
    "to_read.csv": "user_id,book_id\n1,30\n",
}
MSD = {
    "train_triplets.txt": "b80\tSOA\t1\nb80\tSOB\t12\nfd5\tSOB\t1\nfd5\tSOC\t2\n",
    "unique_tracks.txt": "TR1<SEP>SOA<SEP>Björk<SEP>Jóga\nTR2<SEP>SOA<SEP>Bjork<SEP>Joga\n"
    "TR3<SEP>SOB<SEP>X<SEP>Y<SEP>Z\nTR4<SEP>SOC<SEP>Wrong<SEP>Song\n",
    "sid_mismatches.txt": "ERROR: <SOC TR4> A  -  B  !=  Wrong  -  Song\n",
}
MSD_TAGS = {
    "tids": ("tid TEXT", [("TR1",), ("TR2",), ("TR3",), ("TR4",), ("TR5",)]),
    "tags": ("tag TEXT", [("Trip-Hop",), ("rock",)]),
    "tid_tag": ("tid INT, tag INT, val FLOAT", [(1, 1, 40.0), (2, 1, 100.0), (3, 2, 7.0), (4, 2, 100.0), (5, 2, 1.0)]),
}
RECBOLE = {
    "tiny.inter": "user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\t10\t4\t8.8e8\n"
    "1\t20\t5\t1\n1\t30\t3\t1\n2\t20\t5\t1\n2\t30\t4\t1\n",
    "tiny.item": "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
    '10\tToy Story\t1995\tAnimation Children\'s\n20\t"Oh" Léon\t1994\tCrime\n30\tunkonwn\tunkonwn\tunknown\n',
    "tiny.user": "user_id:token\tage:token\n1\t24\n",
}
PLAIN = {
    "interactions.csv": "\ufeffuser_id;item_id;value\n1;10;4\n1;20;5\n2;20;5\n2;30;4\n",
    "items.csv": 'item_id;title;year\n10;"One; two";1999\n20;"Two\nlines";\n30;NA;2001\n',
    "tags.csv": "item_id\ttag\tweight\n10\tnull\t2\n20\tnull\t3\n",
}

# name: files, wrapping folder, titles, years, tags {tag: weights of the three items}
CASES = {
    "movielens": (MOVIELENS, "ml-25m", ["The American President", "Léon", "Babylon 5"], [1995, 1994, None],
                  {"smart, funny": [1, 0, 0], "na": [0, 2, 0]}),
    "ml-1m": (DAT, "ml-1m", ["The American President", "Léon: The Professional", "Face::Off"], [1995, 1994, 1997],
              {"drama": [1, 0, 0], "romance": [1, 0, 0], "crime": [0, 2, 0], "action": [0, 0, 1], "1990s": [1, 2, 1]}),
    "ml-10m": (DAT_10M, "ml-10M100K", ["The American President", "Léon", "Heat"], [1995, 1994, 1995],
               {"smart :: funny": [1, 0, 0], "noir": [0, 2, 0]}),
    "ml-100k": (ML100K, "ml-100k", ["The American President", "Léon", "unknown"], [1995, 1994, None],
                {"action": [1, 0, 0], "adventure": [1, 0, 0], "western": [0, 2, 0], "1990s": [1, 2, 0]}),
    "lastfm": (LASTFM, None, ["Sigur Rós", "NA", '"Weird Al" Yankovic'], [None] * 3,
               {"íslenskt": [2, 0, 0], "metal": [0, 1, 0]}),
    "goodbooks": (GOODBOOKS, None, ["The Hunger Games (The Hunger Games, #1)", "Les Misérables", "The Odyssey"],
                  [2008, None, -720], {"dystopia": [11370, 20, 0]}),
    "msd": (MSD, None, ["Björk - Jóga", "X - Y<SEP>Z", "SOC"], [None] * 3,
            {"trip-hop": [100, 0, 0], "rock": [0, 7, 0]}),
    "recbole": (RECBOLE, "tiny", ["Toy Story", '"Oh" Léon', "unkonwn"], [1995, 1994, None],
                {"animation": [1, 0, 0], "children's": [1, 0, 0], "crime": [0, 2, 0], "unknown": [0, 0, 1],
                 "1990s": [1, 2, 0]}),
    "plain": (PLAIN, None, ["One; two", "Two\nlines", "NA"], [1999, None, 2001], {"null": [2, 3, 0]}),
}  # fmt: skip


def contents(name, tmp_path):
    files = {file: text.encode() if isinstance(text, str) else text for file, text in CASES[name][0].items()}
    if name == "msd":
        files["lastfm_tags.db"] = database(tmp_path / "made.db", **MSD_TAGS)
    return files


def publish(files, wrap, kind, tmp_path):
    """Write files as a folder, a zip or a tar.gz, inside a wrapping folder or not; return the path."""
    inside = f"{wrap}/" if wrap else ""
    if kind == "folder":
        place = tmp_path / "set"
        (place / inside).mkdir(parents=True)
        for name, content in files.items():
            (place / inside / name).write_bytes(content)
    elif kind == "zip":
        place = tmp_path / "set.zip"
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("__MACOSX/._junk", b"")
            for name, content in files.items():
                archive.writestr(inside + name, content)
    else:
        place = tmp_path / "set.tar.gz"
        with tarfile.open(place, "w:gz") as archive:
            for name, content in files.items():
                entry = tarfile.TarInfo(inside + name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    return str(place)


def as_tags(loaded):
    names, counts = loaded.tag_matrix()
    return dict(zip(names, counts.toarray().tolist(), strict=True))


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


def test_msd_as_published_is_a_zip_of_one_file_beside_the_others(tmp_path):
    files = contents("msd", tmp_path)
    (tmp_path / "msd").mkdir()
    with zipfile.ZipFile(tmp_path / "msd" / "train_triplets.txt.zip", "w") as archive:
        archive.writestr("train_triplets.txt", files.pop("train_triplets.txt"))
    for name, content in files.items():
        (tmp_path / "msd" / name).write_bytes(content)
    loaded = data.load_data(str(tmp_path / "msd"), OPEN)
    assert loaded.matrix.nnz == 4
    assert as_tags(loaded) == CASES["msd"][4]


def test_msd_follows_the_paper_songs_first(tmp_path):
    """A song of 200 listeners stays, one of 199 goes; somebody who then has 20 songs stays, with 19 goes."""
    rows = [(f"u{user}", f"s{song}") for user in range(200) for song in range(20)]
    rows += [("left out", f"s{song}") for song in range(19)] + [("left out", "rare")]
    rows += [(f"u{user}", "rare") for user in range(198)]
    text = "".join(f"{user}\t{song}\t1\n" for user, song in rows)
    loaded = data.load_data(publish({"train_triplets.txt": text.encode()}, None, "zip", tmp_path))
    source = loaded.source
    assert loaded.matrix.shape == (200, 20)
    assert (source.config.min_item_interactions, source.config.min_user_interactions) == (200, 20)


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
        ("movielens", "ratings.csv", "3,10,five,1\n", "a finite number as value"),
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


def test_names_of_columns_may_differ_in_atomic_files(tmp_path):
    files = {
        "a.inter": b"user_id:token\tartist_id:token\tweight:float\n1\t10\t9\n1\t20\t1\n2\t20\t1\n2\t30\t1\n",
        "a.item": b"artist_id:token\tname:token_seq\tcategories:token_seq\n10\tX\t'Hip Hop', 'Rap'\n",
    }
    loaded = data.load_data(publish(files, None, "zip", tmp_path), OPEN)
    assert loaded.items["title"].tolist() == ["X", "20", "30"]
    assert as_tags(loaded) == {"hip hop": [1, 0, 0], "rap": [1, 0, 0]}


@pytest.mark.parametrize("name", ["../ratings.csv", "/etc/ratings.csv", "ml/../../ratings.csv"])
@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_archives_that_lead_outside_are_refused_and_nothing_is_written(name, kind, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    path = publish({"movies.csv": b"", name: b"userId,movieId,rating\n"}, None, kind, tmp_path)
    with pytest.raises(DataError, match="leads out of it; do not trust this archive"):
        data.load_data(path)
    assert [str(p) for p in sorted(tmp_path.rglob("*")) if p not in before] == [path]


def test_links_in_archives_are_not_followed(tmp_path):
    (tmp_path / "secret.csv").write_text("userId,movieId,rating\n")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        link = tarfile.TarInfo("ratings.csv")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "secret.csv")
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("movies.csv"))
    with pytest.raises(DataError, match=r"found movies.csv in"):
        data.load_data(str(tmp_path / "a.tar.gz"))


@pytest.mark.parametrize(("kind", "keep"), [("zip", 0.5), ("tar.gz", 0.5), ("tar.gz", 0.97)])
def test_cut_archives_get_one_line(kind, keep, tmp_path):
    rng = np.random.default_rng(0)
    files = contents("movielens", tmp_path)
    files["ratings.csv"] += b"".join(
        b"%d,%d,4,1\n" % pair for pair in set(map(tuple, rng.integers(40, 9**9, (9_000, 2))))
    )
    path = publish(files, None, kind, tmp_path)
    with open(path, "rb") as file:
        whole = file.read()
    with open(path, "wb") as file:
        file.write(whole[: int(len(whole) * keep)])
    with pytest.raises(DataError) as error:
        data.load_data(path, OPEN)
    assert "\n" not in str(error.value)


def test_locked_archives_and_damaged_members_get_one_line(tmp_path):
    path = publish(contents("movielens", tmp_path), None, "zip", tmp_path)
    with open(path, "rb") as file:
        whole = bytearray(file.read())
    locked = whole.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
    assert locked != whole
    (tmp_path / "locked.zip").write_bytes(locked)
    with pytest.raises(DataError, match="a readable table in"):
        data.load_data(str(tmp_path / "locked.zip"))
    (tmp_path / "bad").mkdir()
    for name, content in contents("msd", tmp_path).items():
        (tmp_path / "bad" / name).write_bytes(b"not a database" * 99 if name.endswith("db") else content)
    with pytest.raises(DataError, match=r"a readable table in lastfm_tags.db"):
        data.load_data(str(tmp_path / "bad"), OPEN)


def test_checksum_is_of_what_was_read(tmp_path):
    path = publish(contents("movielens", tmp_path), None, "folder", tmp_path)
    first = data.load_data(path, OPEN).source.checksum
    (tmp_path / "set" / "notes.txt").write_text("of no concern")
    assert data.load_data(path, OPEN).source.checksum == first
    with open(tmp_path / "set" / "tags.csv", "a") as file:
        file.write("1,30,new,1\n")
    assert data.load_data(path, OPEN).source.checksum != first


def test_ids_that_are_numbers_are_ordered_as_numbers_and_others_as_text():
    def order(ids):
        frame = pd.DataFrame({"user_id": ["u"] * len(ids) + ["v"] * len(ids), "item_id": [*ids, *ids]})
        return data.build(
            data.Tables(frame), data.Source(config=data.DataConfig(min_user_interactions=2))
        ).item_ids.tolist()

    assert order(["10", "9", "-1"]) == ["-1", "9", "10"]
    assert order(["10", "9", "007"]) == ["007", "10", "9"]
    assert order(["10", "9", "1.5"]) == ["1.5", "10", "9"]
    assert order(["10", "9", "99999999999999999999"]) == ["10", "9", "99999999999999999999"]
    assert order([10.0, 9.0]) == ["9", "10"]
