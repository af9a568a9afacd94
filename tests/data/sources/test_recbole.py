"""RecBole's atomic files."""

from pathlib import Path

from knobs_core import data
from knobs_core.data.sources import recbole
from knobs_core.data.sources.folder import Folder
from tests.data.sources.layouts import OPEN, as_tags, publish


def test_names_of_columns_may_differ_in_atomic_files(tmp_path):
    files = {
        "a.inter": b"user_id:token\tartist_id:token\tweight:float\n1\t10\t9\n1\t20\t1\n2\t20\t1\n2\t30\t1\n",
        "a.item": b"artist_id:token\tname:token_seq\tcategories:token_seq\n10\tX\t'Hip Hop', 'Rap'\n",
    }
    loaded = data.load_data(publish(files, None, "zip", tmp_path), OPEN)
    assert loaded.items["title"].tolist() == ["X", "20", "30"]
    assert as_tags(loaded) == {"hip hop": [1, 0, 0], "rap": [1, 0, 0]}


def interactions(value, rows):
    return f"user_id:token\titem_id:token\t{value}:float\n{rows}".encode()


def test_a_label_is_read_as_a_value(tmp_path):
    files = {"a.inter": interactions("label", "1\t10\t1\n1\t20\t1\n1\t30\t0\n2\t10\t1\n2\t20\t1\n")}
    read = recbole.read(Folder(Path(publish(files, None, "folder", tmp_path))))
    assert (read.interactions["value"].tolist(), read.value_name) == ([1, 1, 0, 1, 1], "label")


def test_split_files_are_read_as_one(tmp_path):
    files = {f"a.{part}.inter": interactions("rating", f"{at}\t10\t5\n{at}\t20\t5\n")
             for at, part in enumerate(("train", "valid", "test"))}  # fmt: skip
    read = recbole.read(Folder(Path(publish(files, None, "folder", tmp_path))))
    assert sorted(read.interactions["user_id"]) == ["0", "0", "1", "1", "2", "2"]
    assert "are read as one" in read.warnings[0]


def test_commas_separate_where_the_header_has_them(tmp_path):
    files = {"a.inter": interactions("rating", "1\t10\t5\n1\t20\t5\n").replace(b"\t", b",")}
    assert len(recbole.read(Folder(Path(publish(files, None, "folder", tmp_path)))).interactions) == 2


def test_further_fields_of_the_items_are_kept_without_their_types(tmp_path):
    head = (
        "item_id:token\ttitle:token_seq\tdirector:token_seq\tcast:token_seq\tprice:float\tyear:token\tlevel_0:token\n"
    )
    files = {
        "a.inter": interactions("rating", "1\t10\t5\n1\t20\t5\n"),
        "a.item": (head + '10\tX\tJane Doe\tA|B\t7.50\t2000\t0\n20\tY\tJane Doe\t"C"\t\t2001\t1\n').encode(),
    }
    loaded = data.load_data(publish(files, None, "folder", tmp_path), OPEN)
    assert loaded.account.kept_columns == ("director", "cast", "price")
    assert loaded.items["director"].tolist() == ["Jane Doe", "Jane Doe"]
    assert loaded.items["cast"].tolist() == ["A|B", "C"]
    assert loaded.items["price"].tolist() == ["7.50", ""]
    assert loaded.items["year"].tolist() == [2000, 2001]
    assert loaded.account.unused_columns == ()
