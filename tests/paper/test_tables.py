"""Tables of text that a spreadsheet would take for formulas, written and read."""

import pandas as pd

from knobs_core.paper.tables import read, safe

TITLES = ["=1+1", "+x", "-x", "@SUM(A1)", "'=1", "-5", "nan", "", "=cmd|' /C calc'!A0", "Heat"]


def test_text_is_no_formula_and_is_read_as_it_was(tmp_path):
    (tmp_path / "csv").mkdir()
    frame = pd.DataFrame({"title": TITLES, "tag": TITLES, "value": [-1.5] * len(TITLES)})
    file = tmp_path / "csv" / "some.csv"
    safe(frame).to_csv(file, index=False)
    plain = pd.read_csv(file, dtype=str, keep_default_na=False)
    assert not plain[["title", "tag"]].stack().str.match(r"[=+@]|-\D").any()
    assert set(plain["value"]) == {"-1.5"}
    assert read(tmp_path, "some").to_dict("list") == frame.to_dict("list")
