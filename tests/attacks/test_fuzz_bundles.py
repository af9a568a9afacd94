"""The fuzzer of bundles, for some seconds with a fixed seed: no damage goes unseen, no deceit ends in an exception."""

import os
import subprocess
import sys
from pathlib import Path

from tests.given import ROOT


def test_broken_bundles_are_refused_or_the_same():
    command = [sys.executable, Path(__file__).with_name("fuzz_bundles.py"), "--minutes", "0.3", "--seed", "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 silent, 0 internal, 0 not finite, 0 unbounded" in done.stdout
