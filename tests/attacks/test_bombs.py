"""Claims and bombs that are made in a moment: each is refused in one line."""

import json
import subprocess
import sys
from pathlib import Path

QUICK = (
    "zip_of_zeros", "zip_that_lies", "zip_of_overlapping_files", "packed_gzip", "packed_xz", "many_rows_in_few_bytes",
    "many_rows_of_old_text", "tar_that_claims", "tar_with_holes", "tar_xz_of_zeros", "parquet_with_a_huge_footer",
    "parquet_of_many_columns", "csv_with_many_columns", "csv_with_holes", "device", "pipe", "pipe_as_the_archive",
    "links_in_a_ring", "links_in_a_long_row", "folders_in_a_ring", "database_with_an_endless_view", "npy_that_claims",
    "npy_that_claims_too_much", "npy_without_bytes", "npy_with_deep_brackets", "npy_of_objects", "npy_with_holes",
    "npy_with_endless_ids",
)  # fmt: skip


def test_claims_and_bombs_are_refused_in_one_line():
    program = Path(__file__).with_name("bombs.py")
    ran = subprocess.run([sys.executable, program, "--only", *QUICK], capture_output=True, text=True)
    found = json.loads(ran.stdout)
    assert found["wrong"] == []
    assert all(one["said"].startswith("expected ") for one in found["outcomes"].values())
