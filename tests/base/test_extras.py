"""Optional dependencies: each is in pyproject.toml, and where it is missing one line says how to install it."""

import sys
import tomllib

import pytest

from knobs_core.base.errors import MissingExtraError
from knobs_core.base.extras import EXTRAS, require
from tests.given import ROOT

NOWHERE = "a_module_that_nobody_has"


@pytest.mark.parametrize("module", [*EXTRAS, "implicit.cpu.als"])
def test_a_missing_module_is_named_in_one_line_with_its_extra(module, monkeypatch):
    package = module.partition(".")[0]
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)

    class Gone:
        """As if the package were not installed."""

        def find_spec(self, name, *_):
            if name.partition(".")[0] == package:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(sys, "meta_path", [Gone(), *sys.meta_path])
    with pytest.raises(MissingExtraError) as error:
        require(module, "drawing a map")
    assert str(error.value) == (
        f"expected the package '{package}' for drawing a map, found that it is not installed; "
        f"install it with: pip install 'knobs-recsys[{EXTRAS[package]}]'"
    )


def test_every_extra_is_in_pyproject_and_brings_its_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for module, extra in EXTRAS.items():
        package = module.replace("_", "-")
        assert any(line.startswith((package, f"{package}-learn")) for line in project["optional-dependencies"][extra])


def test_what_is_there_is_imported():
    import json.decoder

    assert require("json.decoder", "reading") is json.decoder


def test_a_package_that_lacks_another_one_is_not_taken_for_missing(tmp_path, monkeypatch):
    """What is missing then is not ours to name."""
    (tmp_path / "umap.py").write_text(f"import {NOWHERE}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "umap", raising=False)
    with pytest.raises(ModuleNotFoundError, match=NOWHERE):
        require("umap", "drawing a map")
