"""The attack on open sessions finds nothing in a few steps."""

import subprocess
import sys

from tests.given import ROOT


def test_sessions_show_what_was_done_in_them_whatever_becomes_of_the_bundle():
    command = [sys.executable, "tests/attacks/exchange.py", "--n", "40", "--seed", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip().endswith("40 right")
