"""The same vectors in every kind of file."""

import numpy as np
import pandas as pd


def write(folder, name, ids, vectors, column):
    """The same vectors in every kind of file."""
    ids = np.asarray(ids)
    if name.endswith(".npy"):
        np.save(folder / name, vectors)
        (folder / name).with_suffix(".ids.txt").write_text("\n".join(ids) + "\n")
    else:
        frame = pd.DataFrame(vectors, columns=[f"d{n}" for n in range(vectors.shape[1])])
        frame.insert(2, column, ids)
        getattr(frame, {"csv": "to_csv", "parquet": "to_parquet"}[name.split(".")[1]])(folder / name, index=False)
    return str(folder / name)
