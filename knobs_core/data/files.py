"""Files of a data set, whether they lie in a folder or in a zip archive. Archives are read in place, never unpacked."""

import hashlib
import zipfile
from pathlib import Path

import pandas as pd

from knobs_core.data.interactions import require_columns
from knobs_core.errors import DataError

TEXT = dict.fromkeys(("user_id", "item_id", "title", "genres", "image_url", "tag"), str)


class Folder:
    """The files of a data set by name.

    Args:
        path: a folder or a .zip archive; in either, one wrapping folder is looked through.

    Raises:
        DataError: there is nothing there, or it is not a folder or a readable archive.
    """

    def __init__(self, path: Path):
        self.path = path
        if not path.exists():
            raise DataError("a data folder or .zip archive", f"nothing at {path}", "check the path")
        if path.is_dir():
            root = path
        elif zipfile.is_zipfile(path):
            root = zipfile.Path(path)
        else:
            raise DataError(
                "a data folder or .zip archive",
                f"a file that is neither: {path}",
                "pass the folder or archive that holds it",
            )
        entries = _visible(root)
        if len(entries) == 1 and entries[0].is_dir():
            entries = _visible(entries[0])
        self._files = {entry.name: entry for entry in entries if entry.is_file()}
        self.names = frozenset(self._files)

    def csv(self, name: str, columns: dict[str, str]) -> pd.DataFrame:
        """Read the named columns of a CSV file, renamed. ``columns``: {name in the file: our name}."""
        frame = self._read(name)
        require_columns(frame, tuple(columns), name)
        return frame[list(columns)].rename(columns=columns)

    def table_name(self, stem: str) -> str | None:
        """Name of the file that holds a table: stem.csv or stem.parquet, whichever is there."""
        return next((name for name in (f"{stem}.parquet", f"{stem}.csv") if name in self.names), None)

    def table(self, stem: str) -> pd.DataFrame | None:
        """Read stem.csv or stem.parquet whole, or None where there is neither."""
        name = self.table_name(stem)
        return None if name is None else self._read(name)

    def checksum(self) -> str:
        """SHA-256 over the names and contents of all files."""
        digest = hashlib.sha256()
        for name in sorted(self.names):
            digest.update(name.encode())
            with self._files[name].open("rb") as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
        return digest.hexdigest()

    def _read(self, name: str) -> pd.DataFrame:
        try:
            with self._files[name].open("rb") as stream:
                if name.endswith(".parquet"):
                    return pd.read_parquet(stream)
                # "007" is not 7, and words such as "NA" or "null" are ids, titles or tags to us.
                return pd.read_csv(stream, dtype=TEXT, keep_default_na=False, low_memory=False)
        except pd.errors.EmptyDataError:
            raise DataError(f"a table in {name}", "an empty file", "check the export that wrote it") from None
        except (ValueError, OSError, zipfile.BadZipFile) as error:
            # ParserError, UnicodeDecodeError and Arrow's errors are ValueErrors.
            raise DataError(
                f"a readable UTF-8 table in {name}", str(error).splitlines()[0], "repair or re-export the file"
            ) from error


def _visible(root) -> list:
    return [entry for entry in root.iterdir() if not entry.name.startswith((".", "__MACOSX"))]
