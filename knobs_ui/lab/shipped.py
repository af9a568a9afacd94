"""The demo's curves as they come with the app, for whoever has measured nothing yet. benchmarks/demo_curves.py makes
them; they are shown for the demo's data alone."""

import datetime
import json

from knobs_core.base import resource
from knobs_core.bundles import Bundle

FOLDER = resource("assets", "demo")
STEERING, REPORT = FOLDER / "steering.json", FOLDER / "paper"


def comes_with(bundle: Bundle) -> bool:
    """Whether curves of the bundle's data come with the app."""
    return bundle.manifest.source.name == "demo" and (FOLDER / "made.json").exists()


def measured(bundle: Bundle) -> str:
    """With which bundle they were measured and when, in a sentence."""
    made = json.loads((FOLDER / "made.json").read_text(encoding="utf-8"))
    which = "this bundle" if made["bundle"] == bundle.id else f"bundle {made['bundle']} of seed {made['seed']}"
    day = datetime.date.fromisoformat(made["date"])
    when = f"{day.day} {day:%B %Y}"
    return f"These came with the app, measured with {which} on {when}. Run anew, your own take their place."
