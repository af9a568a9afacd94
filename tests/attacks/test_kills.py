"""Runs ended at random moments, a few with a fixed seed: no bundle is lost, nothing is left over."""

import os
import subprocess
import sys
from pathlib import Path

from tests.given import ROOT


def test_ended_runs_lose_no_bundle_and_leave_nothing_over():
    few = ["--saves", "8", "--trains", "1", "--maps", "4", "--stops", "4"]
    command = [sys.executable, Path(__file__).with_name("kills.py"), *few, "--seed", "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith(" in the middle of a write: 0 lost, 0 left over\n")
