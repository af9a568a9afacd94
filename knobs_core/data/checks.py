"""What every table is checked for, with the one line that says what is wrong."""

from collections.abc import Iterable
from typing import NoReturn

import numpy as np
import pandas as pd

from knobs_core.base import DataError, shown


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


def refuse_rows(
    bad: np.ndarray, expected: str, cells: pd.Series | None = None, remedy: str = "correct or remove them"
) -> None:
    """Refuse a table with bad rows (n_rows,), saying how many there are and which is the first.

    cells: (n_rows,) what stands there, where that helps
    """
    if bad.any():
        first = int(bad.argmax())
        cell = "" if cells is None or cells.isna().iat[first] else str(cells.iat[first])
        refuse_some(int(bad.sum()), first, expected, cell, remedy)


def refuse_some(n: int, first: int, expected: str, cell: str = "", remedy: str = "correct or remove them") -> NoReturn:
    """Refuse a table with n bad rows, of which ``first`` is the first, from 0. cell: what stands there, or ""."""
    found = f"none in {n:,} row(s), the first is row {first + 1}"
    raise DataError(expected, f"{found} with '{shown(cell)}'" if cell else found, remedy)
