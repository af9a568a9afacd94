"""``knobs prepare`` on the command line."""

import pandas as pd

from tests.cli.commands import output, refused


def test_what_is_said_of_prepared_data(tmp_path, capsys):
    likes = pd.DataFrame([(user, item, 1 + (user + item) % 5) for user in range(12) for item in range(9)])
    likes.to_csv(tmp_path / "likes.tsv", sep="\t", index=False, header=["user_id", "item_id", "rating"])
    settings = ("--shards", 2, "--set", "data.threshold=2", "--set", "data.item=film")
    found = output(capsys, "prepare", tmp_path / "likes.tsv", "--out", tmp_path / "out", *settings)
    assert found["folder"] == str(tmp_path / "out")
    assert (found["account"]["users"], found["account"]["items"], found["shards"]) == (12, 9, 2)
    assert found["config"]["item"] == "film"
    assert found["config"]["threshold"] == 2
    assert sorted(found["files"]) == [
        "items.parquet", "tags.parquet", "users/shard=0/part-0.parquet", "users/shard=1/part-0.parquet",
    ]  # fmt: skip
    said = refused(capsys, "prepare", tmp_path / "likes.tsv", "--out", tmp_path / "out", "--set", "sae.k=3")
    assert "settings of data" in said
