"""What torchrun says to the processes that it starts, by their environment; nothing is imported to know it."""

import os


def launched() -> int:
    """How many processes torchrun started together with this one; 1 where it started none."""
    return int(os.environ["WORLD_SIZE"]) if "TORCHELASTIC_RUN_ID" in os.environ else 1


def rank() -> int:
    """The number of this process among them, from 0."""
    return int(os.environ["RANK"]) if launched() > 1 else 0
