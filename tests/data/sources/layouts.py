"""Every publisher's layout, written here as small files in the real form."""

import io
import json
import sqlite3
import tarfile
import zipfile

import pandas as pd

# Two people and three things: the first likes a and b, the second b and c. No filters, so that everything can be seen.
OPEN = {"min_user_interactions": 2, "min_item_interactions": 1, "min_tag_assignments": 1, "min_tag_items": 1}


def database(path, **tables):
    with sqlite3.connect(path) as connection:
        for name, (columns, rows) in tables.items():
            connection.execute(f"CREATE TABLE {name} ({columns})")
            connection.executemany(f"INSERT INTO {name} VALUES ({','.join('?' * len(rows[0]))})", rows)
    connection.close()
    return path.read_bytes()


def parquet(**columns):
    return pd.DataFrame(columns).to_parquet(index=False)


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
    '20,3,"J.K. Rowling, Mary GrandPré",,Les Misérables,https://i/2.jpg\n30,1381,Homer,-720.0,The Odyssey,https://i/3.jpg\n',
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

# The rating of 1 is no like; the sparse ids are those of the rows before.
SCHEMA = {
    "version": "2025.3",
    "default_interaction": "rating",
    "entities": {"item": {"id_type": "str"}, "user": {"id_type": "str"}},
    "relationships": {
        "tagging": {"entities": {"user": None, "item": None}, "interaction": False},
        "rating": {"entities": {"user": None, "item": None}, "interaction": True},
    },
}

LENSKIT = {
    "schema.json": json.dumps(SCHEMA),
    "user.parquet": parquet(user_id=["1", "9", "2"]),
    "item.parquet": parquet(item_id=["30", "10", "20"], title=["C", "A", "B"], genres=[None, ["Crime", "Drama"], []]),
    "rating.parquet": parquet(
        user_num=[0, 0, 0, 2, 2, 1], item_num=[1, 2, 0, 2, 0, 0], rating=[4.0, 5, 1, 5, 4, 1], timestamp=[1] * 6
    ),
}

HUGGINGFACE = {
    "README.md": "a card",
    "train-00000-of-00002.parquet": parquet(user_id=["1", "1"], parent_asin=["10", "20"], rating=[4.0, 5], text=""),
    "train-00001-of-00002.parquet": parquet(user_id=["2"], parent_asin=["20"], rating=[5.0], text=""),
    "test-00000-of-00001.parquet": parquet(user_id=["2", "1"], parent_asin=["30", "30"], rating=[4.0, 1], text=""),
    "items-00000-of-00002.parquet": parquet(item_id=["10", "20"], title=["A", "B"], year=[1999, None], maker="x"),
    "items-00001-of-00002.parquet": parquet(item_id=["30"], title=["C"], year=[2001], maker=["x"]),
    "tags-00000-of-00001.parquet": parquet(item_id=["10", "30"], tag=["one", "two"], weight=[2.0, 3]),
}

ADJACENCY = {
    "train.txt": "0 0 1\n\n1 1\n",
    "test.txt": "1 2\r\n0\r\n",
    "user_list.txt": "org_id remap_id\n1 0\n2 1\n",
    "item_list.txt": "org_id remap_id freebase_id\n10 0 m.1\n20 1 m.2\n30 2 m.3\n",
    "items.jsonl": '{"item_id": 10, "title": "2001-01-01"}\n{"item_id": 20, "title": "B", "genres": ["Crime"]}\n',
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
    "lenskit": (LENSKIT, "saved", ["A", "B", "C"], [None] * 3, {"crime": [1, 0, 0], "drama": [1, 0, 0]}),
    "huggingface": (HUGGINGFACE, "data", ["A", "B", "C"], [1999, None, 2001], {"one": [2, 0, 0], "two": [0, 0, 3]}),
    "adjacency": (ADJACENCY, None, ["2001-01-01", "B", "30"], [None] * 3, {"crime": [0, 2, 0]}),
    "plain": (PLAIN, None, ["One; two", "Two lines", "NA"], [1999, None, 2001], {"null": [2, 3, 0]}),
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
