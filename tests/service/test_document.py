"""The lines of docs/api-http.md, run as they stand there against a server with the demo."""

import json
import os
import re
import shlex
import shutil
import subprocess

import pytest

from knobs_core.publishing import Database, Keys, Store
from tests.given import ROOT
from tests.service.serving import put, serving

LINES = re.findall(r"^curl .*$", (ROOT / "docs" / "api-http.md").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def environment(demo_bundle, tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('document') / 'studio.sqlite'}"
    with Database(url) as database:
        secret = Keys(database).create("website")
        put(Store(database), slug="christmas-noir", dials=[{"knob": "film-noir", "amount": 0.4}])
    with serving(demo_bundle, url) as (address, _):
        yield {**os.environ, "KNOBS": f"{address}/api/v1", "KEY": secret}


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here")
@pytest.mark.parametrize("line", LINES)
def test_the_line_gets_an_answer(environment, line):
    """Its words are put together as a shell does, without one."""
    words = shlex.split(_named(line, environment))
    done = subprocess.run([*words, "--fail-with-body"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    if "csv" in line:
        assert done.stdout.startswith("rank,item_id,title")
    else:
        assert json.loads(done.stdout)


def _named(line, environment):
    return line.replace("$KNOBS", environment["KNOBS"]).replace("$KEY", environment["KEY"])
