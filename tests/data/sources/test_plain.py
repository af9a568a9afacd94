"""The plain layout: CSV and parquet alike, ids as they are written."""

import bz2
import gzip
import lzma

import pandas as pd
import pytest

from knobs_core import data
from knobs_core.base.errors import DataError
from knobs_core.data.planted import planted
from knobs_core.data.sources import plain
from knobs_core.data.sources.folder import Folder

ROWS = "user_id,item_id,rating\n" + "".join(f"u{u},g{i},{1 + 4 * (i < 2)}\n" for u in range(3) for i in range(3))
MANY = {"min_user_interactions": 2}


def test_plain_layout_reads_csv_parquet_and_json_lines_alike(tmp_path):
    tables = planted(n_users=40, n_items=30, n_concepts=3, mean_likes=8)
    writers = {
        "csv": lambda frame, path: frame.to_csv(path, index=False),
        "parquet": lambda frame, path: frame.to_parquet(path, index=False),
        "jsonl": lambda frame, path: frame.to_json(path, orient="records", lines=True),
    }
    read = []
    for kind, write in writers.items():
        folder = tmp_path / kind / "wrapped"
        folder.mkdir(parents=True)
        for name, frame in (("interactions", tables.interactions), ("items", tables.items), ("tags", tables.tags)):
            write(frame, folder / f"{name}.{kind}")
        read.append(data.load_data(str(tmp_path / kind)))
    first, *others = read
    for other in others:
        assert (first.matrix != other.matrix).nnz == 0
        assert first.item_ids.tolist() == other.item_ids.tolist()
        assert first.items.equals(other.items)
        assert first.tags.equals(other.tags)


LINE = '{"user_id": "a", "item_id": "007", "rating": 5}\n'


def test_json_lines_keep_text_as_text(tmp_path):
    lines = [f'{{"item_id": "2001-01-0{item}", "user_id": "00{user}"}}' for user in (1, 2) for item in range(1, 7)]
    (tmp_path / "interactions.jsonl").write_text("\n".join(lines))
    built = data.load_data(tmp_path)
    assert built.user_ids.tolist() == ["001", "002"]
    assert built.item_ids.tolist()[0] == "2001-01-01"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (LINE + '{"user_id": "b",\n', r"one object of JSON in each line of inter.*, found line 2, '{.user_id.: .b.,'"),
        ("[" + LINE.strip() + "]", "found line 1"),
        (LINE + LINE.replace('"007"', "7"), r"item_id\) changed from string to number"),
        (LINE.replace("5", '{"a": 1}'), "numbers as rating in interactions.jsonl"),
        (LINE.replace("user_id", "person"), "column user_id in inter.*, found columns person, item_id, rating"),
        ("", "Empty JSON stream"),
        (b"\xff\xfe{\x00", "UTF-16 or no text at all"),
    ],
)  # fmt: skip
def test_what_is_no_json_gets_one_line(text, says, tmp_path):
    (tmp_path / "interactions.jsonl").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DataError, match=says) as error:
        data.load_data(tmp_path)
    assert len(str(error.value).splitlines()) == 1


def test_json_lines_are_not_read_piece_by_piece(tmp_path):
    (tmp_path / "interactions.jsonl").write_text(LINE)
    with pytest.raises(DataError, match=r"a layout whose likes can be read piece by piece, found plain"):
        data.prepare(tmp_path, tmp_path / "out")


def test_csv_ids_keep_their_leading_zeros(tmp_path):
    lines = [f"00{user},0{item}" for user in range(1, 4) for item in range(6)]
    (tmp_path / "interactions.csv").write_text("user_id,item_id\n" + "\n".join(lines))
    built = data.load_data(str(tmp_path))
    assert built.user_ids.tolist() == ["001", "002", "003"]
    assert built.item_ids.tolist()[0] == "00"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("header", ["user_id,item_id,rating", "User ID, Item_Id ,Rating", "userId,itemId,Stars"])
def test_separators_and_names_of_columns_may_differ(separator, header, tmp_path):
    rows = ROWS.replace("user_id,item_id,rating", header).replace(",", separator)
    (tmp_path / "Interactions.CSV").write_text(rows)
    assert data.load_data(tmp_path, MANY).matrix.toarray().tolist() == [[1, 1]] * 3


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "jsonl", "csv.gz"])
def test_a_table_of_likes_is_read_with_what_lies_beside_it(ending, tmp_path):
    (tmp_path / "inner").mkdir(mode=0)  # whatever else is there is nobody's business
    likes = pd.DataFrame({"User": ["007", "007", "b", "b"], "movieId": ["x", "y", "x", "y"], "rating": [5, 5, 5, 5]})
    file = tmp_path / f"My likes.{ending}"
    if ending == "parquet":
        likes.to_parquet(file, index=False)
    elif ending == "jsonl":
        likes.to_json(file, orient="records", lines=True)
    else:
        likes.to_csv(file, index=False, sep="\t" if ending == "tsv" else ",")
    assert data.load_data(file, MANY).user_ids.tolist() == ["007", "b"]
    (tmp_path / "items.csv").write_text("item,title\nx,Ex\ny,Why\n")
    (tmp_path / "others.csv").write_text(ROWS)
    read = data.load_data(str(file), MANY)
    assert read.items["title"].tolist() == ["Ex", "Why"]
    assert read.source.slug == "My-likes"
    for column in likes:
        likes = likes.rename(columns={column: f"no {column}"})
    likes.to_csv(tmp_path / "odd.csv")
    with pytest.raises(DataError, match=r"column user_id, item_id in odd\.csv, found columns .*no User"):
        data.load_data(tmp_path / "odd.csv")


@pytest.mark.parametrize("names", [("ratings.csv", "movies.csv"), ("train.txt",), ("histories.jsonl",)])
def test_one_file_of_a_data_set_is_not_all_of_it(names, tmp_path):
    for name in names:
        (tmp_path / name).write_text("userId,movieId,rating\n1,2,5\n")
    with pytest.raises(DataError, match=rf"found one file of it, .*{names[0]}; pass {tmp_path}"):
        data.load_data(tmp_path / names[0])


def test_two_columns_of_values_are_refused(tmp_path):
    (tmp_path / "interactions.csv").write_text("user_id,item_id,rating,plays\n1,2,3,4\n")
    with pytest.raises(DataError, match=r"found rating, plays; call the one that says what is liked value"):
        data.load_data(tmp_path)


@pytest.mark.parametrize(("ending", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)])
def test_tables_packed_one_by_one_are_read(ending, pack, tmp_path):
    (tmp_path / f"interactions.csv.{ending}").write_bytes(pack(ROWS.encode()))
    read = plain.read(Folder(tmp_path))
    assert (len(read.interactions), read.value_name, read.warnings) == (9, "rating", ())


def test_what_is_not_read_is_said(tmp_path):
    (tmp_path / "interactions.csv").write_text(ROWS)
    (tmp_path / "items.csv").write_text("item_id,title,genre,index\ng0,a,b,0\n")
    (tmp_path / "items.tsv").write_text("")
    (tmp_path / "tags.xlsx").write_bytes(b"PK")
    read = plain.read(Folder(tmp_path))
    assert read.unused == ("items.csv: genre (its name means something else here; rename it)",)
    assert read.warnings == (
        "items.tsv is not read, as items.csv is there", "tags.xlsx is not read; save it as tags.csv",
    )  # fmt: skip


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_further_columns_of_the_items_are_kept_as_text(separator, tmp_path):
    (tmp_path / "interactions.csv").write_text(ROWS)
    lines = [
        "item_id,title,Director,code,Year,blank,blank,Image,lang",
        "g0,A,Ann|Bob,007,1999,x,y,i,cs",
        "g1,B,,7,,,,,cs",
    ]
    (tmp_path / "items.csv").write_text("\n".join(lines).replace(",", separator))
    loaded = data.load_data(tmp_path, MANY)
    assert loaded.items["Director"].tolist() == ["Ann|Bob", ""]
    assert loaded.items["code"].tolist() == ["007", "7"]
    assert loaded.items["year"].tolist()[0] == 1999
    assert loaded.account.kept_columns == ("Director", "code", "Image", "lang")
    assert loaded.account.unused_columns == (
        "items.csv: blank (another column is called so, in whatever case; rename one)",
    )
    assert loaded.grouping == ("lang",)


def test_further_columns_of_parquet(tmp_path):
    (tmp_path / "interactions.csv").write_text(ROWS)
    frame = pd.DataFrame({"item_id": ["g1", "g0"], "title": ["B", "A"], "runtime": [90, None], "score": [7.5, 8.0]})
    frame = frame.assign(
        crew=[["Ann"], ["Bob"]], person=[{"name": "Ann"}, {"name": "Bob"}], poster=[b"\xff" * 600, None],
        director=pd.Categorical(["Ann", "Ann"]), seen=pd.to_datetime(["2001-02-03", None]),
    )  # fmt: skip
    frame.to_parquet(tmp_path / "items.parquet")
    loaded = data.load_data(tmp_path, MANY)
    assert loaded.items["runtime"].tolist() == ["", "90"]
    assert loaded.items["score"].tolist() == ["8.0", "7.5"]
    assert loaded.items["director"].tolist() == ["Ann", "Ann"]
    assert loaded.account.kept_columns == ("runtime", "score", "director", "seen")
    nested = "(lists or records in its cells; write several values as A|B)"
    assert loaded.account.unused_columns == (
        f"items.parquet: crew {nested}", f"items.parquet: person {nested}",
        "items.parquet: poster (cells of more than 1,000 characters; long texts are kept as description)",
    )  # fmt: skip
