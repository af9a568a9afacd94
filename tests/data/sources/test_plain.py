"""The plain layout: CSV and parquet alike, ids as they are written."""

from knobs_core import data
from knobs_core.data.planted import planted


def test_plain_layout_reads_csv_and_parquet_alike(tmp_path):
    tables = planted(n_users=40, n_items=30, n_concepts=3, mean_likes=8)
    for kind, folder in (("csv", tmp_path / "c"), ("parquet", tmp_path / "wrapped" / "p")):
        folder.mkdir(parents=True)
        for name, frame in (("interactions", tables.interactions), ("items", tables.items), ("tags", tables.tags)):
            path = folder / f"{name}.{kind}"
            frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path, index=False)
    first = data.load_data(str(tmp_path / "c"))
    second = data.load_data(str(tmp_path / "wrapped"))
    assert (first.matrix != second.matrix).nnz == 0
    assert first.item_ids.tolist() == second.item_ids.tolist()
    assert first.tags.equals(second.tags)


def test_csv_ids_keep_their_leading_zeros(tmp_path):
    lines = [f"00{user},0{item}" for user in range(1, 4) for item in range(6)]
    (tmp_path / "interactions.csv").write_text("user_id,item_id\n" + "\n".join(lines))
    built = data.load_data(str(tmp_path))
    assert built.user_ids.tolist() == ["001", "002", "003"]
    assert built.item_ids.tolist()[0] == "00"
