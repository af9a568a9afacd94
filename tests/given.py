"""What many tests are given: settings that train in a second, the app's first script, and real data where it lies."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
APP = str(ROOT / "app.py")
SMALL = {"cfae": {"dim": 32}, "sae": {"k": 16}}
REAL_ARCHIVE = ROOT.parent / "shared" / "data" / "ml-latest-small.zip"
