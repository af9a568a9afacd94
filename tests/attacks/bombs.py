"""Inputs that claim or hold far more than they are worth: each is read or refused in one line, in bounded memory.

    python tests/attacks/bombs.py
    python tests/attacks/bombs.py --only zip_of_zeros

Each case is made and then read by a child process, whose memory and time are measured. Prints what happened as JSON,
and ends with 1 where anything but a KnobsError came out, a message had two lines, or a case took over 30 s or 2 GiB.
"""

import argparse
import bz2
import gzip
import io
import json
import lzma
import os
import random
import signal
import sqlite3
import struct
import sys
import tarfile
import tempfile
import time
import traceback
import zipfile
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from knobs_core.base import KnobsError
from knobs_core.data import load_data
from knobs_core.models.vectors import read_vectors

SECONDS, MOST = 30, 2048  # of memory in MiB
MIB = 1 << 20
PAIRS = b"user_id,item_id\n" + b"".join(b"u%d,i%d\n" % (u, i) for u in range(12) for i in range(6))
RAISED = {"KNOBS_MAX_BYTES": str(10**12)}  # whoever trusts a file may read it; its lines still end somewhere


def deflated(piece, times):
    """A raw stream of DEFLATE that unfolds to ``piece`` so many times over."""
    made = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = made.compress(piece) + made.flush(zlib.Z_FULL_FLUSH)
    return block * times + made.flush()


def zipped(place, members, claims=True):
    """data.zip of {name: (piece, times)}; without ``claims`` its directory says that each has a hundred bytes."""
    path = place / "data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("interactions.csv", PAIRS)
        for name, (piece, times) in members.items():
            archive.writestr(name, deflated(piece, times))
            entry = archive.filelist[-1]
            entry.compress_type, entry.file_size = zipfile.ZIP_DEFLATED, len(piece) * times if claims else 100
    return path


def folder(place, **files):
    """A folder with these files; in their names "__" stands for a dot."""
    for name, data in files.items():
        (place / name.replace("__", ".")).write_bytes(data)
    return place


def zip_of_zeros(place):
    return zipped(place, {"tags.parquet": (bytes(MIB), 3000)})


def zip_that_lies(place):
    return zipped(place, {"tags.parquet": (bytes(MIB), 3000)}, claims=False)


def zip_of_one_header(place):
    return zipped(place, {"items.csv": (b"a" * MIB, 2500)})


def zip_of_one_row(place):
    return zipped(place, {"items.csv": (b"item_id,title\n" + b"a" * MIB, 1800)})


def zip_of_one_quote(place):
    return zipped(place, {"items.csv": (b'item_id,title\n1,"a\n' + b"a,b\n" * (MIB // 4), 1800)})


def zip_of_many_files(place):
    path = place / "data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("interactions.csv", PAIRS)
        archive.filelist *= 400_000
    return path


def zip_of_overlapping_files(place):
    path = zipped(place, {"items.csv": (bytes(MIB), 2000)})
    with zipfile.ZipFile(path, "a") as archive:
        archive._didModify = True
        archive.filelist += [archive.filelist[-1]] * 5000
    return path


def zip_with_a_far_away_member(place):
    path = zipped(place, {})
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\1\2") + 42
    data[at : at + 4] = struct.pack("<I", 0xFFFFFFF0)
    path.write_bytes(data)
    return path


def packed_gzip(place):
    return folder(place, interactions__csv=PAIRS, items__csv__gz=gzip.compress(bytes(MIB)) * 3000)


def packed_bzip2(place):
    return folder(place, interactions__csv=PAIRS, items__csv__bz2=bz2.compress(bytes(16 * MIB)) * 200)


def packed_xz(place):
    return folder(place, interactions__csv=PAIRS, items__csv__xz=lzma.compress(bytes(16 * MIB)) * 200)


def packed_twice(place):
    return folder(place, interactions__csv=PAIRS, items__csv__gz__gz=gzip.compress(gzip.compress(bytes(MIB)) * 3000))


def many_rows_in_few_bytes(place):
    piece = b"1,1\n" * (MIB // 4)
    return folder(place, interactions__csv__gz=gzip.compress(b"user_id,item_id\n") + gzip.compress(piece) * 190)


def many_rows_of_old_text(place):
    pairs = b"".join(b"%d::%d::5::9\n" % (u, i) for u in range(12) for i in range(6))
    movies = gzip.compress(b"\n" * MIB) * 190
    return folder(place, ratings__dat=pairs, movies__dat__gz=movies)


def tar_of(place, ending, unfolded, claimed):
    """data.tar with items.csv, of which the archive says that it has ``claimed`` bytes."""
    path, pack = place / f"data.tar{ending}", {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress}[ending]
    entry, made = tarfile.TarInfo("items.csv"), io.BytesIO()
    entry.size = claimed
    with tarfile.open(fileobj=made, mode="w:") as archive:
        first = tarfile.TarInfo("interactions.csv")
        first.size = len(PAIRS)
        archive.addfile(first, io.BytesIO(PAIRS))
    data = made.getvalue().rstrip(b"\0")
    data += bytes(-len(data) % 512)
    path.write_bytes(pack(data + entry.tobuf()) + pack(bytes(16 * MIB)) * (unfolded >> 24))
    return path


def tar_that_claims(place):
    return tar_of(place, "", 0, 10 << 40)


def tar_gz_of_zeros(place):
    return tar_of(place, ".gz", 3 << 30, 3 << 30)


def tar_xz_of_zeros(place):
    return tar_of(place, ".xz", 3 << 30, 3 << 30)


def tar_with_a_long_name(place):
    path, name = place / "data.tar.gz", tarfile.TarInfo("././@LongLink")
    name.type, name.size = tarfile.GNUTYPE_LONGNAME, 3 << 30
    path.write_bytes(gzip.compress(name.tobuf()) + gzip.compress(bytes(16 * MIB)) * 192)
    return path


def tar_with_holes(place):
    path = place / "data.tar"
    entry = tarfile.TarInfo("items.csv")
    entry.pax_headers = {
        "GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.name": "items.csv",
        "GNU.sparse.size": str(10 << 40), "GNU.sparse.map": f"0,1,{10 << 40},0",
    }  # fmt: skip
    entry.size = 1
    with tarfile.open(path, "w") as archive:
        archive.addfile(entry, io.BytesIO(b"a"))
    return path


def parquet(place, tables, name="interactions.parquet", **settings):
    """A Parquet file of equal pieces."""
    (place / "interactions.csv").write_bytes(PAIRS)
    with pa.parquet.ParquetWriter(place / name, tables[0].schema, **settings) as writer:
        for table in tables:
            writer.write_table(table, row_group_size=1 << 22)
    return place


def parquet_of_runs(place):
    zeros = pa.repeat(0, 3_000_000)
    return parquet(place, [pa.table({"user_id": zeros, "item_id": zeros})] * 100)


def parquet_of_nulls(place):
    nothing = pa.nulls(3_000_000, pa.string())
    return parquet(place, [pa.table({"user_id": nothing, "item_id": nothing})] * 100)


def parquet_of_one_long_text(place):
    rows = pa.table({"item_id": pa.array(range(200)), "title": pa.repeat("a" * MIB, 200)})
    return parquet(place, [rows] * 20, "items.parquet")


def parquet_of_many_columns(place):
    one = pa.array(["a"])
    return parquet(place, [pa.table({"user_id": one, "item_id": one} | {f"c{at}": one for at in range(20_000)})])


def parquet_of_many_groups(place):
    one = pa.table({"user_id": ["a"], "item_id": ["b"]})
    return parquet(place, [one] * 60_000)


def parquet_with_a_huge_footer(place):
    (place / "interactions.parquet").write_bytes(b"PAR1" + bytes(100) + struct.pack("<I", 0x7FFFFFF0) + b"PAR1")
    return place


def parquet_of_lists(place):
    words = pa.array([["a"] * 3_000_000])
    return parquet(place, [pa.table({"item_id": ["i1"], "tag": words})] * 60, "tags.parquet")


def csv_with_many_columns(place):
    return folder(place, interactions__csv=b"user_id,item_id," + b"a," * 300_000)


def csv_with_an_endless_header(place):
    return folder(place, interactions__csv=b"a" * (200 * MIB))


def csv_with_an_endless_row(place):
    return folder(place, interactions__csv=PAIRS + b"a" * (400 * MIB))


def csv_with_an_endless_quote(place):
    return folder(place, interactions__csv=PAIRS + b'"' + b"u1,i1\n" * (40 * MIB))


def padded_rows(place):
    rows = gzip.compress(b"user_id,item_id\n") + gzip.compress(b"1,1\n" * (MIB // 4)) * 1000
    return folder(place, interactions__csv__gz=rows + gzip.compress(random.Random(1).randbytes(10 * MIB)))


def csv_of_many_rows(place):
    return folder(place, interactions__csv=b"user_id,item_id\n" + b"1,1\n" * (20 * MIB))


def csv_of_many_rows_and_one_odd(place):
    return folder(place, interactions__csv=b"user_id,item_id\n" + b"1,1\n" * (20 * MIB) + b"1,1,1\n")


def csv_with_holes(place):
    folder(place, interactions__csv=PAIRS)
    os.truncate(place / "interactions.csv", 1 << 40)
    return place


def device(place):
    return Path("/dev/zero")


def link_to_a_device(place):
    (place / "interactions.csv").symlink_to("/dev/zero")
    return place


def pipe(place):
    os.mkfifo(place / "interactions.csv")
    return place


def pipe_as_the_archive(place):
    os.mkfifo(place / "data.zip")
    return place / "data.zip"


def links_in_a_ring(place):
    (place / "interactions.csv").symlink_to("items.csv")
    (place / "items.csv").symlink_to("interactions.csv")
    return place


def links_in_a_long_row(place):
    folder(place, f0=PAIRS)
    for at in range(60):
        (place / f"f{at + 1}").symlink_to(f"f{at}")
    (place / "interactions.csv").symlink_to("f60")
    return place


def folders_in_a_ring(place):
    (place / "inside").symlink_to(place)
    return place


def folders_very_deep(place):
    inner = place
    for _ in range(300):
        inner /= "deep"
        inner.mkdir()
    return place


def folder_of_many_files(place):
    for at in range(20_000):
        (place / f"{at:05}.csv").touch()
    return place


def database(place, *statements):
    with sqlite3.connect(place / "lastfm_tags.db") as base:
        for statement in statements:
            base.execute(statement)
    base.close()
    pairs = b"".join(b"u%d\tSO%d\t1\n" % (u, i) for u in range(12) for i in range(6))
    tracks = "".join(f"TR{i}<SEP>SO{i}<SEP>a<SEP>b\n" for i in range(6)).encode()
    return folder(place, train_triplets__txt=pairs, unique_tracks__txt=tracks)


def database_with_an_endless_view(place):
    return database(
        place, "CREATE TABLE tags (tag TEXT)", "CREATE TABLE tid_tag (tid INT, tag INT, val FLOAT)",
        "CREATE VIEW tids AS WITH RECURSIVE n(tid) AS (SELECT 1 UNION ALL SELECT tid + 1 FROM n) SELECT tid FROM n",
    )  # fmt: skip


def database_of_one_huge_text(place):
    return database(
        place, "CREATE TABLE tids (tid TEXT)", "CREATE TABLE tags (tag TEXT)",
        "CREATE TABLE tid_tag (tid INT, tag INT, val FLOAT)", "INSERT INTO tids VALUES (zeroblob(400000000))",
    )  # fmt: skip


def npy(place, header, data=b"", version=1):
    """A .npy file with a header as it is given, and ids beside it."""
    text = header.encode()
    start = b"\x93NUMPY" + bytes((version, 0)) + struct.pack("<H" if version == 1 else "<I", len(text))
    (place / "x.npy").write_bytes(start + text + data)
    (place / "x.ids.txt").write_text("a\nb\n")
    return place / "x.npy"


def npy_that_claims(place):
    return npy(place, "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000, 1000)}\n", bytes(64))


def npy_that_claims_too_much(place):
    return npy(place, f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({2**62}, {2**62})}}\n", bytes(64))


def npy_without_bytes(place):
    return npy(place, "{'descr': '|V0', 'fortran_order': False, 'shape': (1000000000, 1000)}\n")


def npy_of_no_numbers(place):
    return npy(place, "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000, 0)}\n")


def npy_with_deep_brackets(place):
    return npy(place, "(" * 9000)


def npy_with_a_long_header(place):
    return npy(place, "{'descr': " + "(" * (50 * MIB), version=2)


def npy_of_objects(place):
    return npy(place, "{'descr': '|O', 'fortran_order': False, 'shape': (2, 2)}\n", b"cos\nsystem\n(S'echo'\ntR.")


def npy_with_holes(place):
    path = npy(place, f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({1 << 28}, 1000)}}\n")
    os.truncate(path, 4000 << 28)
    return path


def npy_of_a_device(place):
    folder(place, x__ids__txt=b"a\nb\n")
    (place / "x.npy").symlink_to("/dev/zero")
    return place / "x.npy"


def npy_with_endless_ids(place):
    path = npy(place, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2)}\n", bytes(32))
    (place / "x.ids.txt").unlink()
    (place / "x.ids.txt").symlink_to("/dev/zero")
    return path


def vectors_of_runs(place):
    zeros, ids = pa.repeat(0.5, 3_000_000), pa.repeat("a", 3_000_000)
    parquet(place, [pa.table({"item_id": ids, "0": zeros, "1": zeros})] * 100, "x.parquet")
    return place / "x.parquet"


CASES = {
    made.__name__: made
    for made in (
        zip_of_zeros, zip_that_lies, zip_of_one_header, zip_of_one_row, zip_of_one_quote, zip_of_many_files,
        zip_of_overlapping_files, zip_with_a_far_away_member, packed_gzip, packed_bzip2, packed_xz, packed_twice,
        many_rows_in_few_bytes, padded_rows, many_rows_of_old_text, tar_that_claims, tar_gz_of_zeros, tar_xz_of_zeros,
        tar_with_a_long_name, tar_with_holes, parquet_of_runs, parquet_of_nulls, parquet_of_one_long_text,
        parquet_of_many_columns, parquet_of_many_groups, parquet_with_a_huge_footer, parquet_of_lists,
        csv_with_many_columns, csv_with_an_endless_header, csv_with_an_endless_row, csv_with_an_endless_quote,
        csv_with_holes, csv_of_many_rows, csv_of_many_rows_and_one_odd, device, link_to_a_device, pipe,
        pipe_as_the_archive, links_in_a_ring, links_in_a_long_row, folders_in_a_ring, folders_very_deep,
        folder_of_many_files, database_with_an_endless_view, database_of_one_huge_text, npy_that_claims,
        npy_that_claims_too_much, npy_without_bytes, npy_of_no_numbers, npy_with_deep_brackets, npy_with_a_long_header,
        npy_of_objects, npy_with_holes, npy_of_a_device, npy_with_endless_ids, vectors_of_runs,
    )
}  # fmt: skip
ALSO_RAISED = ("zip_of_one_header", "zip_of_one_row", "zip_of_one_quote")


def read(path, settings):
    """Read a data set or vectors, and print the line that comes out."""
    os.environ.update(settings)
    try:
        if path.stem == "x":
            read_vectors(str(path), "item_id")
        else:
            load_data(path, {"min_user_interactions": 2, "min_tag_items": 1})
        print("read")
    except KnobsError as error:
        print(error)


def alone(work, *arguments):
    """What a child process that does some work prints, its seconds and MiB, and whether it came to its end."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as printed:
        started, child = time.monotonic(), os.fork()
        if not child:
            os.dup2(printed.fileno(), 1)
            os.dup2(printed.fileno(), 2)
            code = 1
            try:
                signal.alarm(3 * SECONDS)
                work(*arguments)
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        _, status, used = os.wait4(child, 0)
        printed.seek(0)
        return printed.read(), time.monotonic() - started, used.ru_maxrss >> 10, status == 0


def outcome(name, settings):
    """What became of a case, and what is wrong with that."""
    with tempfile.TemporaryDirectory(prefix="knobs-bomb-") as place:
        said, _, _, made = alone(lambda: print(CASES[name](Path(place))))
        if not made:
            raise RuntimeError(f"{name} could not be made: {said}")
        said, seconds, mib, ended = alone(read, Path(said.strip()), settings)
    wrong = {
        "no single line": len(said.splitlines()) != 1 or not ended,
        f"over {SECONDS} s": seconds > SECONDS,
        f"over {MOST} MiB": mib > MOST,
    }
    found = {"said": said[:600].strip(), "seconds": round(seconds, 1), "mib": mib}
    return {**found, "wrong": [what for what, is_so in wrong.items() if is_so]}


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(CASES), help="these cases")
    given = parser.parse_args(arguments)
    outcomes = {}
    for name in given.only or CASES:
        for settings in ({}, RAISED) if name in ALSO_RAISED else ({},):
            what = name + (" with the limit raised" if settings else "")
            outcomes[what] = outcome(name, settings)
            print(what, json.dumps(outcomes[what], ensure_ascii=False), file=sys.stderr, flush=True)
    wrong = [name for name, one in outcomes.items() if one["wrong"]]
    worst = {key: max(one[key] for one in outcomes.values()) for key in ("seconds", "mib")}
    print(json.dumps({"cases": len(outcomes), "worst": worst, "wrong": wrong, "outcomes": outcomes}, indent=1))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(None))
