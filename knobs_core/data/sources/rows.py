"""Rows of text without quotes, separated by anything: the small files of old releases."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from knobs_core.data.sources.trouble import refuse_fields, refuse_utf16


def read_rows(
    data: bytes, name: str, separator: str, fields: tuple[str, ...], free: str | None, header: bool
) -> pd.DataFrame:
    """A table of strings; see ``Folder.rows``.

    Raises:
        DataError: a row of another number of fields.
    """
    refuse_utf16(data, name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = pc.split_pattern(pa.array([text], pa.large_string()), "\n").values[1 if header else 0 :]
    numbers = np.flatnonzero(pc.not_equal(lines, "").to_numpy(zero_copy_only=False))
    parts = pc.split_pattern(lines.take(pa.array(numbers)), separator)
    starts, n = parts.offsets.to_numpy(), len(fields)
    counts = np.diff(starts)
    odd = np.flatnonzero(counts < n if free else counts != n)
    if len(odd):
        line = int(numbers[odd[0]])
        refuse_fields(name, n, separator, int(counts[odd[0]]), lines[line].as_py(), line + 1 + header)
    at = fields.index(free) if free else n
    columns = {
        field: parts.values.take(pa.array(starts[:-1] + place if place <= at else starts[1:] - n + place))
        for place, field in enumerate(fields)
        if not field.startswith("_")
    }
    frame = pd.DataFrame({field: column.to_pandas() for field, column in columns.items()}, dtype="str")
    if free:
        for row in np.flatnonzero(counts > n):
            whole = parts[int(row)].as_py()
            frame.loc[row, free] = separator.join(whole[at : at + counts[row] - n + 1])
    return frame
