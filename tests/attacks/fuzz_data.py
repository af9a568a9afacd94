"""Mutated data sets: every one is read, or refused in one line.

    python tests/attacks/fuzz_data.py --n 2500 --seed 1
    python tests/attacks/fuzz_data.py --minutes 60
    python tests/attacks/fuzz_data.py --only SEED

A case is a small valid data set in one of the layouts, written as a folder or an archive, with one or two places
changed: bits, pieces, fields, headers, ids. It is read in this process. Prints what happened as JSON, and ends with 1
where anything but a KnobsError came out, a message had two lines, or a case took over 30 s or 2 GiB.
"""

import argparse
import bz2
import io
import json
import lzma
import random
import re
import shutil
import sqlite3
import sys
import tarfile
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from pathlib import Path

import pandas as pd

from knobs_core.base import KnobsError
from knobs_core.data import load_data

SECONDS, BYTES = 30, 2 << 30
OPEN = {"min_user_interactions": 2, "min_item_interactions": 1, "min_tag_assignments": 1, "min_tag_items": 1}
KINDS = (
    "folder", "folder", "folder", "zip-stored", "zip-deflated", "zip-bzip2", "zip-lzma", "tar", "tar.gz", "tar.bz2",
    "tar.xz", "packed-gz", "packed-bz2", "packed-xz",
)  # fmt: skip
BUGS = ("NameError", "AttributeError", "UnboundLocalError", "AssertionError", "RecursionError")
ODD = (
    "", " ", "NaN", "nan", "null", "None", "-1", "0", "1e400", "-inf", "99999999999999999999", "9" * 400, "1.0", "007",
    "4,5", "2020-01-01", "1677-09-21 00:00:00", "0000-00-00", "9999-12-31T23:59:59.999999999Z", "TRUE", "'", '"', '""',
    '"a', "a\nb", "a\rb", "\x00", "\x1b[31m", "\u202e", "\ufeff", "é", "e\u0301", "😀", "a,b", "a;b", "a\tb", "a|b",
    "a::b", "<SEP>", "=1+1", "[1, 2]", "['Drama', 'Comedy']", "(no genres listed)", "x" * 5000,
    "-0.0", "1_000", "\uff11", "0x10",
)  # fmt: skip
CELLS = (
    ["a"], [None], [float("nan")], [b"\xff"], [[1, 2]], [["x", "y"]], [{"a": 1}], [True], [pd.Timestamp(0)],
    [2**63 - 1], [-1.5], [1e300], [pd.Timedelta(1)], [""],
)  # fmt: skip


def rows(rng):
    """Pairs of users and items, and what is known of the items."""
    items = list(range(10, 10 + rng.randint(4, 12)))
    pairs = [(user, item) for user in range(1, rng.randint(4, 9)) for item in rng.sample(items, rng.randint(2, 4))]
    return items, pairs


def plain(rng, kind):
    items, pairs = rows(rng)
    value = rng.choice(("value", "rating", "plays", None))
    frames = {
        "interactions": pd.DataFrame(pairs, columns=["user_id", "item_id"]).assign(**({value: 5} if value else {})),
        "items": pd.DataFrame(
            {"item_id": items, "title": [f"Title, {i}" for i in items], "year": 1990, "genres": "A|B"}
        ),
        "tags": pd.DataFrame({"item_id": items, "tag": "calm", "weight": 2.0}),
    }
    if kind == "parquet":
        return {f"{name}.parquet": frame.to_parquet(index=rng.random() < 0.2) for name, frame in frames.items()}
    mark = rng.choice(",;\t|")
    return {f"{name}.csv": frame.to_csv(index=False, sep=mark).encode() for name, frame in frames.items()}


def movielens(rng):
    items, pairs = rows(rng)
    return texts(
        {
            "ratings.csv": ["userId,movieId,rating,timestamp", *(f"{u},{i},4.5,9" for u, i in pairs)],
            "movies.csv": ["movieId,title,genres", *(f'{i},"Film, The (19{i})",Drama|War' for i in items)],
            "tags.csv": ["userId,movieId,tag,timestamp", *(f"1,{i},noir,9" for i in items)],
        }
    )


def dat(rng):
    items, pairs = rows(rng)
    return texts(
        {
            "ratings.dat": [f"{u}::{i}::5::978300760" for u, i in pairs],
            "movies.dat": [f"{i}::Léon, The (19{i})::Drama|War" for i in items],
            "tags.dat": [f"1::{i}::noir::9" for i in items],
        },
        "latin-1",
    )


def ml100k(rng):
    items, pairs = rows(rng)
    return texts(
        {
            "u.data": [f"{u}\t{i}\t5\t881250949" for u, i in pairs],
            "u.item": [f"{i}|Léon (19{i})|01-Jan-1995|||0|1|0" for i in items],
            "u.genre": ["unknown|0", "Action|1", "War|2"],
        },
        "latin-1",
    )


def msd(rng):
    items, pairs = rows(rng)
    tables = {
        "tids": [(f"TR{i}",) for i in items],
        "tags": [("rock",), ("jazz",)],
        "tid_tag": [(at + 1, 1 + at % 2, 50.0) for at in range(len(items))],
    }
    columns = {"tids": "tid TEXT", "tags": "tag TEXT", "tid_tag": "tid INT, tag INT, val FLOAT"}
    with sqlite3.connect(":memory:") as base:
        for name, given in tables.items():
            base.execute(f"CREATE TABLE {name} ({columns[name]})")
            base.executemany(f"INSERT INTO {name} VALUES ({','.join('?' * len(given[0]))})", given)
    database = base.serialize()
    base.close()
    return {
        **texts(
            {
                "train_triplets.txt": [f"u{u}\tSO{i}\t{u}" for u, i in pairs],
                "unique_tracks.txt": [f"TR{i}<SEP>SO{i}<SEP>Björk<SEP>Jóga {i}" for i in items],
                "sid_mismatches.txt": [f"ERROR: <SO{items[0]} TR{items[0]}> A  !=  B"],
            }
        ),
        "lastfm_tags.db": database,
    }


def lastfm(rng):
    items, pairs = rows(rng)
    return texts(
        {
            "user_artists.dat": ["userID\tartistID\tweight", *(f"{u}\t{i}\t7" for u, i in pairs)],
            "artists.dat": ["id\tname\turl\tpictureURL", *(f'{i}\t"Weird" {i}\thttp://x\thttp://y' for i in items)],
            "user_taggedartists.dat": [
                "userID\tartistID\ttagID\tday\tmonth\tyear",
                *(f"1\t{i}\t1\t1\t1\t1" for i in items),
            ],
            "tags.dat": ["tagID\ttagValue", "1\tmétal"],
        },
        "latin-1",
    )


def goodbooks(rng):
    items, pairs = rows(rng)
    return texts(
        {
            "ratings.csv": ["user_id,book_id,rating", *(f"{u},{i},5" for u, i in pairs)],
            "books.csv": [
                "book_id,goodreads_book_id,authors,original_publication_year,title,image_url",
                *(f'{i},9{i},"A, B",-720.0,"The Book, #{i}",https://x/{i}.jpg' for i in items),
            ],
            "book_tags.csv": ["goodreads_book_id,tag_id,count", *(f"9{i},7,100" for i in items)],
            "tags.csv": ["tag_id,tag_name", "7,dystopia"],
        }
    )


def recbole(rng):
    items, pairs = rows(rng)
    value = rng.choice(("rating", "label"))
    return texts(
        {
            "x.inter": [f"user_id:token\titem_id:token\t{value}:float", *(f"{u}\t{i}\t1" for u, i in pairs)],
            "x.item": [
                "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq",
                *(f"{i}\tToy {i}\t19{i}\tAction Sci-Fi" for i in items),
            ],
        }
    )


def texts(files, encoding="utf-8"):
    return {name: "".join(f"{line}\n" for line in lines).encode(encoding) for name, lines in files.items()}


LAYOUTS = {
    "plain": lambda rng: plain(rng, "csv"), "parquet": lambda rng: plain(rng, "parquet"), "movielens": movielens,
    "dat": dat, "100k": ml100k, "msd": msd, "lastfm": lastfm, "goodbooks": goodbooks, "recbole": recbole,
}  # fmt: skip


def mutated(rng, data):
    """Bytes with one place changed."""
    data, at = bytearray(data), rng.randrange(len(data) + 1)
    end = min(len(data), at + rng.choice((1, 4, 40, 400)))
    match rng.randrange(8):
        case 0:
            for place in range(at, min(at + rng.choice((1, 1, 8)), len(data))):
                data[place] ^= 1 << rng.randrange(8)
        case 1:
            del data[at:]
        case 2:
            del data[at:end]
        case 3:
            data[at:at] = data[at:end]
        case 4:
            data[at:end] = bytes(rng.randrange(256) for _ in range(end - at))
        case 5:
            data[at:end] = bytes(end - at)
        case 6:
            data[at:at] = rng.choice(ODD).encode("utf-8", "replace")
        case 7:
            other = rng.randrange(len(data) + 1)
            data[at:end], data[other : other + end - at] = data[other : other + end - at], data[at:end]
    return bytes(data)


def fielded(rng, name, data):
    """A table of text with a field, a line or its header changed; Parquet with a column changed."""
    if name.endswith(".parquet"):
        try:
            frame = pd.read_parquet(io.BytesIO(data))
        except Exception:  # it is damaged already
            return mutated(rng, data)
        column = rng.choice(list(frame))
        values = rng.choice(CELLS)
        if rng.random() < 0.2:
            frame = (
                frame.drop(columns=column) if rng.random() < 0.5 else frame.rename(columns={column: rng.choice(ODD)})
            )
        else:
            frame[column] = values * len(frame)
        return frame.to_parquet(index=False)
    if name.endswith(".db"):
        return mutated(rng, data)
    mark = next((mark for mark in ("<SEP>", "::", "\t", ";", "|", ",") if mark.encode() in data[:80]), ",")
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    match rng.randrange(6):
        case 0 | 1:
            fields = lines[at].split(mark.encode())
            fields[rng.randrange(len(fields))] = rng.choice(ODD).encode()
            lines[at] = mark.encode().join(fields)
        case 2:
            lines.insert(at, rng.choice(lines))
        case 3:
            lines[0] = rng.choice((lines[0].upper(), lines[0].replace(mark.encode(), b" "), b"", b"a,b,c", lines[-1]))
        case 4:
            del lines[at]
        case 5:
            ending = rng.choice((b"\r\n", b"\r", b"\n\n", b"\0\n"))
            return rng.choice((b"", b"\xef\xbb\xbf", b"\xff\xfe")) + ending.join(lines)
    return b"\n".join(lines)


def write(rng, place, files, kind):
    """The files as a folder or an archive; the path to pass, and the file that a byte may be changed in."""
    inside = rng.choice(("", "", "set/"))
    if kind == "folder" or kind.startswith("packed"):
        folder = place / "data" / inside
        folder.mkdir(parents=True)
        pack = {"packed-gz": gzipped, "packed-bz2": bz2.compress, "packed-xz": lzma.compress}.get(kind)
        for name, data in files.items():
            (folder / (f"{name}.{kind[7:]}" if pack else name)).write_bytes(pack(data) if pack else data)
        return place / "data"
    path = place / f"data.{kind.replace('-', '.')}"
    if kind.startswith("zip"):
        methods = {"stored": 0, "deflated": 8, "bzip2": 12, "lzma": 14}
        with zipfile.ZipFile(path, "w", methods[kind[4:]]) as archive:
            for name, data in files.items():
                archive.writestr(inside + name, data)
        return path
    with tarfile.open(path, "w:" + kind[4:]) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(inside + name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return path


def gzipped(data):
    import gzip

    return gzip.compress(data, mtime=0)


def case(seed, place):
    """Write the case of a seed; what it is and its path."""
    rng = random.Random(seed)
    layout, kind = rng.choice(list(LAYOUTS)), rng.choice(KINDS)
    files = LAYOUTS[layout](rng)
    archived = kind != "folder" and rng.random() < 0.4  # the archive itself is damaged
    for _ in range(0 if archived else rng.randint(1, 2)):
        name = rng.choice(list(files))
        change = rng.random()
        if change < 0.05:
            files.pop(name)
        elif change < 0.1:
            files[rng.choice((name.upper(), name + ".bak", "x" + name))] = files.pop(name)
        else:
            files[name] = fielded(rng, name, files[name]) if change < 0.6 else mutated(rng, files[name])
        if not files:
            break
    path = write(rng, place, files, kind)
    if archived:
        file = rng.choice(sorted(path.rglob("*.*"))) if path.is_dir() else path
        data = file.read_bytes()
        for _ in range(rng.randint(1, 2)):
            data = mutated(rng, data)
        file.write_bytes(data)
    return f"{layout} as {kind}", path


def peak():
    """The most memory that this program has held, in bytes; getrusage would count what started it, too."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) << 10


def outcome(path):
    """What became of a case, and in which words."""
    before = time.perf_counter()
    try:
        load_data(path, OPEN)
        found, said = "right", ""
    except KnobsError as error:
        cause = type(error.__cause__).__name__ if error.__cause__ else ""
        found, said = "refused in one line", f"{error} [{cause}]" if cause else str(error)
        if len(str(error).splitlines()) != 1:
            found = "more than one line"
        elif cause in BUGS:
            found = "internal error"
    except Exception as error:
        found, said = "internal error", f"{type(error).__name__}: {error}"
    if time.perf_counter() - before > SECONDS:
        found = "over 30 s"
    if peak() > BYTES:
        found = "over 2 GiB"
    return found, said


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=2500, help="cases")
    parser.add_argument("--seed", type=int, default=1, help="of the first case; the others follow")
    parser.add_argument("--seconds", type=float, default=0, help="end after so long at the latest")
    parser.add_argument("--minutes", type=float, default=0, help="go on for so long, whatever --n says")
    parser.add_argument("--only", type=int, help="one case, with what was said about it")
    parser.add_argument("--show", action="store_true", help="one line for every case")
    given = parser.parse_args(arguments)
    warnings.simplefilter("error")
    last = time.monotonic() + (given.seconds or 60 * given.minutes or 1e9)
    seeds = [given.only] if given.only is not None else range(1000 * given.seed, sys.maxsize)
    counts, layouts, failures, causes, slowest = Counter(), Counter(), [], Counter(), 0.0
    for number, seed in enumerate(seeds):
        if time.monotonic() > last or (number >= given.n and not given.minutes):
            break
        place = Path(tempfile.mkdtemp(prefix="knobs-fuzz-"))
        try:
            started = time.perf_counter()
            what, path = case(seed, place)
            found, said = outcome(path)
            slowest = max(slowest, time.perf_counter() - started)
        finally:
            shutil.rmtree(place)
        counts[found] += 1
        layouts[what.split()[0]] += 1
        if said.endswith("]"):
            causes[said.rpartition("[")[2][:-1]] += 1
        if found not in ("right", "refused in one line"):
            failures.append({"seed": seed, "case": what, "found": found, "said": said[:300]})
        if given.show or given.only is not None:
            print(f"{seed} {what}: {found} {said}", file=sys.stderr)
    print(
        json.dumps(
            {"cases": counts.total(), **counts, "layouts": layouts, "caught": causes, "slowest_s": round(slowest, 1),
             "peak_mib": peak() >> 20, "failures": failures},
            indent=1, ensure_ascii=False,
        )
    )  # fmt: skip
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(None))
