"""Mutated data sets for some seconds: each is read, or refused in one line."""

import json
import subprocess
import sys
from pathlib import Path


def test_mutated_data_sets_are_read_or_refused_in_one_line():
    program = Path(__file__).with_name("fuzz_data.py")
    ran = subprocess.run(
        [sys.executable, program, "--n", "250", "--seconds", "30", "--seed", "7"], capture_output=True, text=True
    )
    found = json.loads(ran.stdout)
    assert (found["failures"], ran.stderr, ran.returncode) == ([], "", 0)
    assert found["right"] > 0
    assert found["refused in one line"] > 0
