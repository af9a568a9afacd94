"""What a wheel carries beside the code: the documentation, where ``knobs docs`` or Sphinx has built it."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Documentation(BuildHookInterface):
    """Puts docs/_build/html where ``resource`` finds it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it builds."""
        html = Path(self.root, "docs", "_build", "html")
        if version == "standard" and (html / "index.html").exists():
            build_data["force_include"][str(html)] = "knobs_ui/bundled/docs/_build/html"
