"""Running the command line from a test: in a process of its own, or in this one."""

import json
import os
import subprocess
import sys

import pytest

from knobs_core.cli import main


def knobs(*arguments, **environment):
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "knobs_core", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def refused(capsys, *arguments):
    """Run in this process, expect exit code 2 and one line on stderr; return that line."""
    with pytest.raises(SystemExit) as exit_:
        main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    lines = [line for line in err.splitlines() if line.startswith("knobs:")]
    assert exit_.value.code == 2
    assert out == ""
    assert len(lines) == 1
    assert "Traceback" not in err
    return lines[0]


def output(capsys, *arguments):
    """Run in this process and parse what --json prints."""
    main([*map(str, arguments), "--json"])
    return json.loads(capsys.readouterr().out)
