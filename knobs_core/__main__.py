"""``python -m knobs_core`` is the same as ``knobs``."""

from knobs_core.cli import main

main()
