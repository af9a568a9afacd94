"""The golden files of the front end are what the engine says today."""

import json
import math

import pytest

from tests.front_end import golden

DOCUMENTS = golden.documents()


def same(found: object, wanted: object) -> bool:
    """Whether two documents are equal, their fractions up to rounding."""
    if isinstance(wanted, float) and isinstance(found, (int, float)):
        return math.isclose(found, wanted, rel_tol=1e-6, abs_tol=1e-5)
    if isinstance(wanted, list) and isinstance(found, list):
        return len(found) == len(wanted) and all(same(*pair) for pair in zip(found, wanted, strict=True))
    if isinstance(wanted, dict) and isinstance(found, dict):
        return found.keys() == wanted.keys() and all(same(found[key], wanted[key]) for key in wanted)
    return type(found) is type(wanted) and found == wanted


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_golden_file_is_what_the_engine_says_today(name):
    committed = json.loads((golden.FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    wanted = json.loads(golden.text(DOCUMENTS[name]))
    assert same(committed, wanted), "write them anew, if that is meant: python tests/front_end/golden.py"


def test_there_is_no_other_golden_file():
    assert {file.stem for file in golden.FOLDER.iterdir()} == set(DOCUMENTS)


def test_cases_hold_what_they_are_there_for():
    """Ties, dials that take turns and push away, and settings that candidates do not answer for."""
    blend, candidates = DOCUMENTS["blend"], DOCUMENTS["candidates"]
    firsts = range(golden.N_TWINS)
    twins = {item: item + golden.N_ITEMS - golden.N_TWINS for item in firsts}
    tied = [best for best in (case["best"] for case in blend["cases"]) if any(twins.get(i) in best for i in best)]
    assert len(tied) > 5
    for case in blend["cases"]:
        for item, twin in twins.items():
            best = case["best"] if len(case["hands"]) == 1 else []
            assert twin not in best or item not in best or best.index(item) + 1 == best.index(twin)
    assert sum(len(case["hands"]) > 1 for case in blend["cases"]) >= 6
    assert any(len(set(case["by"])) > 2 for case in blend["cases"])
    assert sum(sum(dial["amount"] < 0 for dial in case["dials"]) > 1 for case in blend["cases"]) >= 3
    assert len(candidates["columns"]) < golden.N_ITEMS - len(blend["seen"])
    assert sum(turn["certain"] for turn in candidates["turns"]) >= 10
    assert sum(bool(turn["missing"]) for turn in candidates["turns"]) >= 3
