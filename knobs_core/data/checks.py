"""What every table is checked for, with the one line that says what is wrong."""

from collections.abc import Iterable

import numpy as np

from knobs_core.base import DataError


def require_columns(there: Iterable[str], columns: tuple[str, ...], name: str) -> None:
    """Refuse a table that lacks a column, saying which columns are there."""
    there = list(there)
    missing = [column for column in columns if column not in there]
    if missing:
        raise DataError(
            f"column {', '.join(missing)} in {name}",
            f"columns {', '.join(map(str, there)) or 'none'}",
            "rename or add it",
        )


def refuse_rows(bad: np.ndarray, expected: str) -> None:
    """Refuse a table with bad rows (n_rows,), saying how many there are and which is the first."""
    if bad.any():
        first = int(bad.argmax()) + 1
        raise DataError(
            expected, f"none in {int(bad.sum())} row(s), the first is row {first}", "correct or remove them"
        )
