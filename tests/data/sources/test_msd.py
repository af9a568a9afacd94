"""The Million Song Dataset as published, filtered as in the paper."""

import zipfile

from knobs_core import data
from tests.data.sources.layouts import CASES, OPEN, as_tags, contents, publish


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
