"""What a folder that no layout recognises lacks: the nearest file, and what to do with it."""

import difflib
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import NoReturn

from knobs_core.base import DataError, folded, shown
from knobs_core.data.sources import pieces
from knobs_core.data.sources.folder import Folder
from knobs_core.data.sources.limits import reading

SETS = (  # files that a layout needs together
    {"ratings.csv", "movies.csv"},
    {"ratings.csv", "books.csv"},
    {"rating.csv", "movie.csv"},
    {"ratings.dat", "movies.dat"},
    {"u.data", "u.item", "u.genre"},
    {"user_artists.dat", "artists.dat"},
    {"schema.json", "user.parquet", "item.parquet"},
)
BESIDE = {*pieces.BESIDE} - {"tags.csv"}
ALONE = ("interactions.csv", "interactions.parquet", "interactions.jsonl", "histories.jsonl", "train_triplets.txt")
WHOLE = ("histories.jsonl", "histories.parquet", "train.txt", "train_triplets.txt")  # by whose name they are known
TABLES = (".csv", ".parquet", ".tsv", ".txt")
SHARD = re.compile(r"\w+-\d{5}(-.+)?(\..+)?\.parquet")
TABLE = "interactions.csv with columns user_id and item_id"
OTHERS = (  # kinds of files that are not read
    ((".json", ".jsonl", ".ndjson"), "with one object a line, call it interactions.jsonl; other JSON is not read"),
    ((".xlsx", ".xls", ".ods"), "spreadsheets are not read; save it as CSV UTF-8"),
    ((".npz", ".npy", ".pkl", ".pickle", ".pt", ".h5", ".mat"), "arrays are not read; save them as such a table"),
    ((".db", ".sqlite", ".sqlite3", ".sql"), "such databases are not read; export it as such a table"),
    ((".feather", ".arrow", ".orc", ".avro", ".rda", ".rds"), "such tables are not read; save it as CSV or Parquet"),
    ((".zst", ".lz4", ".7z", ".rar", ".z"), "such archives are not read; unpack it, or pack it as .zip or .gz"),
    ((".zip", ".tar", ".tar.gz", ".tgz"), "archives inside others are not read; pass the archive itself"),
)


def refuse_folder(folder: Folder) -> NoReturn:
    """Say which file comes nearest to what can be read, or what can be.

    Raises:
        DataError: always.
    """
    places = folder.places()
    names = {PurePosixPath(place).name.lower(): place for place in places}
    found = f"{shown(', '.join(places[:8])) or 'no files'} in {folder.path}"
    for look in (_shards, _part_of_a_set, _other_kinds, lambda names: _columns(folder), _almost):
        near: Callable[..., tuple[str, str] | None] = look
        if said := near(names):
            raise DataError(said[0], found, said[1])
    raise DataError(
        f"files of a published data set (ratings.csv, movies.csv; train_triplets.txt; NAME.inter; ...) or {TABLE}",
        found,
        "pass the folder or archive that holds them",
    )


def refuse_part(file: Path) -> None:
    """Refuse a file that belongs to those of a data set beside it, which say what its items are.

    Raises:
        DataError: it is one.
    """
    sets = [wanted for wanted in (*SETS, *({name} for name in WHOLE)) if file.name.lower() in wanted]
    with reading(str(file.parent)):
        names = {one.name.lower() for one in file.parent.iterdir()} if sets else set[str]()
    if any(wanted <= names for wanted in sets):
        raise DataError("the folder or archive of a data set", f"one file of it, {file}", f"pass {file.parent}")


def _shards(names: dict[str, str]) -> tuple[str, str] | None:
    shards = [name for name in names if SHARD.fullmatch(name)]
    if not shards:
        return None
    many = len(shards) > 1
    return (
        "interactions.parquet with columns user_id and item_id",
        f"{'join its parts as' if many else f'rename {shown(names[shards[0]])} to'} interactions.parquet",
    )


def _part_of_a_set(names: dict[str, str]) -> tuple[str, str] | None:
    if alone := sorted(names.keys() & BESIDE):
        return f"interactions.csv or interactions.parquet beside {', '.join(alone)}", "put it there"
    sets = [wanted for wanted in SETS if 0 < len(wanted & names.keys()) < len(wanted)]
    if not sets:
        return None
    wanted = max(sets, key=lambda one: len(one & names.keys()))
    others = " or ".join(
        ", ".join(sorted(one - names.keys())) for one in sets if one & names.keys() == wanted & names.keys()
    )
    here = ", ".join(sorted(wanted & names.keys()))
    return (f"{others} beside {here}", "put it there, or bring your own data as interactions.csv (user_id, item_id)")


def _almost(names: dict[str, str]) -> tuple[str, str] | None:
    known = {*ALONE, *(name for wanted in SETS for name in wanted)}
    for name, place in names.items():
        for close in difflib.get_close_matches(name, known, n=1, cutoff=0.8):
            return close, f"rename {shown(place)} to {close}"
    return None


def _other_kinds(names: dict[str, str]) -> tuple[str, str] | None:
    for endings, remedy in OTHERS:
        if any(name.endswith(endings) for name in names):
            return TABLE, remedy
    return None


def _columns(folder: Folder) -> tuple[str, str] | None:
    """A table of another name with the right columns, or rows of numbers, such as "user item item ..."."""
    for name in sorted(one for one in folder.names if one.endswith(TABLES))[:20]:
        try:
            first = folder.header(name)
        except DataError:
            continue
        cells = [folded(cell) for cell in re.split(r"[,;\t| ]", ",".join(first))]
        if {"userid", "itemid"} <= set(cells):
            return "interactions.csv", f"rename {shown(name)} to interactions.csv"
        if len(cells) > 1 and all(cell.isdigit() for cell in cells):
            return (
                TABLE,
                f"{shown(name)} has rows of numbers; if each is a user and their items, call it train.txt",
            )
    return None
