"""``knobs paper``."""

import json
import sys
from pathlib import Path

import pytest

from knobs_core import paper
from knobs_core.cli import main
from tests.paper.plans import LITTLE


def test_the_command(planted_path, tmp_path, monkeypatch, capsys):
    """A bundle's data serves as a source; the report lies under KNOBS_HOME by default."""
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    monkeypatch.setattr(sys.modules[paper.run.__module__], "QUICK", LITTLE)
    with pytest.raises(SystemExit) as left:
        main(["paper", "--data", str(planted_path), "--quick", "--set", "data.threshold=3"])
    assert left.value.code == 2
    main(["paper", "--data", str(planted_path), "--quick", "--device", "cpu", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert Path(document["report"]) == tmp_path / "reports" / "planted-quick" / "report.html"
    assert Path(document["report"]).is_file()
    asked = json.loads((tmp_path / "reports" / "planted-quick" / "run.json").read_text())
    assert asked["plan"]["dims"] == {name: list(dims) for name, dims in LITTLE.dims.items()}
    with pytest.raises(SystemExit) as left:
        main(["paper", "--data", str(planted_path), "--quick", "--seed", "9"])
    assert left.value.code == 2
    assert "another seed" in capsys.readouterr().err
