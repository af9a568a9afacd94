"""The demo's curves as the Lab shows them to whoever has measured nothing yet: written to assets/demo.

    python benchmarks/demo_curves.py [FOLDER]        FOLDER of a report of the paper's experiments that may go on

The trade-off of steering with the defaults of ``knobs steer-eval``, and the paper's experiments on their quick grid, of
which the small tables are kept: eight minutes on two cores. No table holds titles or people of the data set.
"""

import datetime
import json
import sys
import tempfile
from pathlib import Path

import pandas as pd

from knobs_core import bundles, paper

OUT = Path(__file__).parents[1] / "assets" / "demo"
TABLES = ("table3_accuracy", "figure2_reconstruction", "figure5_steering", "summary")
DIGITS = 5


def main() -> None:
    bundle = bundles.load_demo()
    (OUT / "paper" / "csv").mkdir(parents=True, exist_ok=True)
    found = bundles.evaluate.tradeoff(bundle).document
    _write("steering.json", json.loads(json.dumps(found), parse_float=lambda text: float(f"{float(text):.{DIGITS}g}")))
    work = Path(sys.argv[1]) if sys.argv[1:] else Path(tempfile.mkdtemp())
    paper.run("demo", work, quick=True, seed=bundle.manifest.seed)
    for name in TABLES:
        frame = pd.read_csv(work / "csv" / f"{name}.csv")
        frame.to_csv(OUT / "paper" / "csv" / f"{name}.csv", index=False, float_format=f"%.{DIGITS}g")
    made = {"bundle": bundle.id, "seed": bundle.manifest.seed, "date": datetime.date.today().isoformat()}
    _write("made.json", made)


def _write(name: str, document: object) -> None:
    (OUT / name).write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
