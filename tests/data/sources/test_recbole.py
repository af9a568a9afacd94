"""RecBole's atomic files."""

from knobs_core import data
from tests.data.sources.layouts import OPEN, as_tags, publish


def test_names_of_columns_may_differ_in_atomic_files(tmp_path):
    files = {
        "a.inter": b"user_id:token\tartist_id:token\tweight:float\n1\t10\t9\n1\t20\t1\n2\t20\t1\n2\t30\t1\n",
        "a.item": b"artist_id:token\tname:token_seq\tcategories:token_seq\n10\tX\t'Hip Hop', 'Rap'\n",
    }
    loaded = data.load_data(publish(files, None, "zip", tmp_path), OPEN)
    assert loaded.items["title"].tolist() == ["X", "20", "30"]
    assert as_tags(loaded) == {"hip hop": [1, 0, 0], "rap": [1, 0, 0]}
