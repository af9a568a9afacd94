"""Everybody's lists under a recipe, block by block, in this process or by an engine: one file, or a folder of files.

    FOLDER/lists-000000.parquet    the lists of a block of readers, as ``rendering.py`` has them
    .NAME.partial-TOKEN            the folder until all blocks are there; then it takes its place at once
        readers.parquet            readers' ids, a row group a block
    .NAME.lock                     locked by whoever renders to NAME

A block is known by its number and its file by its name, so that one that is worked on twice, as after a kill, is there
once. The blocks of one file are put together in the order of their numbers, which is the order of the readers.
"""

import dataclasses
import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from knobs_core.base import (
    BundleError,
    ProgressCallback,
    Stage,
    StorageError,
    is_address,
    limit_loaded,
    replacing,
    silent,
    storing,
    torch_device,
)
from knobs_core.base.places import partial, take_place, writing
from knobs_core.bundles import Bundle, fetch, load
from knobs_core.data import rows_of_users
from knobs_core.lists.engines import ENGINES
from knobs_core.lists.recipe import HouseRules, ListRecipe
from knobs_core.lists.rendering import Renderer

READERS, BLOCK = "readers.parquet", "lists-{:06}.parquet"


@dataclasses.dataclass(frozen=True)
class Workers:
    """Who makes the lists.

    place: the bundle's path or address, the same for all of them; engine: a name from ENGINES
    processes: how many at once; None leaves it to the engine, the local one takes one; device: see ``torch_device``
    """

    place: str
    engine: str = "local"
    processes: int | None = None
    device: str = "cpu"


@dataclasses.dataclass(frozen=True)
class Rendered:
    """What was written. readers, rows: how many; short: readers whose list is shorter than the recipe asks for."""

    readers: int
    rows: int
    short: int


@dataclasses.dataclass(frozen=True)
class Job:
    """What a process has to know to render blocks, in texts that any engine can send. Called with a table of numbers of
    blocks, it writes their files and gives their counts.

    place, device: as in ``Workers``; bundle: its id; recipe, house: as JSON; folder: with the file of the readers
    """

    place: str
    device: str
    bundle: str
    recipe: str
    house: str
    folder: str

    def __call__(self, numbers: pa.Table) -> pa.Table:
        return write_blocks(_renderer(self), Path(self.folder), numbers)


@functools.lru_cache(maxsize=1)
def _renderer(job: Job) -> Renderer:
    """What a process keeps from one block to the next. Others work beside it, so it takes one thread."""
    limit_loaded(1)
    bundle = load(fetch(job.place) if is_address(job.place) else job.place, torch_device(job.device))
    if bundle.id != job.bundle:
        raise BundleError(f"bundle {job.bundle} at {job.place}", f"bundle {bundle.id}", "render once more")
    return Renderer(bundle, ListRecipe.model_validate_json(job.recipe), HouseRules.model_validate_json(job.house))


def write_blocks(renderer: Renderer, folder: Path, numbers: pa.Table) -> pa.Table:
    """Write the lists of some blocks of readers into a folder, a file each, whole or not at all.

    Args:
        numbers: of the blocks, as the column id.

    Returns:
        A row a block: id, readers, rows, short; int64, see ``Rendered``.
    """
    counts, there = [], pq.ParquetFile(folder / READERS)
    for number in numbers["id"].to_pylist():
        readers = there.read_row_group(number)
        lists = renderer(readers)
        with replacing(folder / BLOCK.format(number)) as file:
            pq.write_table(lists, file)
        full = int((lists["rank"].to_numpy() == renderer.recipe.length).sum())
        counts.append({"id": number, "readers": len(readers), "rows": len(lists), "short": len(readers) - full})
    return pa.Table.from_pylist(counts)


def render(
    bundle: Bundle,
    recipe: ListRecipe,
    path: str | Path,
    users: Sequence[str] | None = None,
    house: HouseRules | None = None,
    progress: ProgressCallback = silent,
    workers: Workers | None = None,
) -> Rendered:
    """Render a recipe for users of the data, whole or not at all, into a Parquet file whose name ends in .parquet, or
    into a folder with a file a block, whose lists are the same in the same order. What lies there is replaced.

    Args:
        users: their ids, by default all of them.
        workers: other processes that do it; by default this one does.

    Raises:
        UnknownNameError: a user, knob, item or tag that the bundle does not have.
        ConfigError: no users, or processes that are killed again and again. MissingExtraError: no such engine here.
        StorageError: the files cannot be written, or something else lies there.
    """
    renderer, out = Renderer(bundle, recipe, house or HouseRules()), Path(path).absolute()
    readers = bundle.interactions.user_ids[rows_of_users(bundle.interactions, users)]
    stage, counts = Stage("Rendering the lists", progress), dict[int, Rendered]()
    if out.suffix != ".parquet":
        _refuse_others(out)
    with storing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
    with writing(out):
        folder = partial(out)
        folder.mkdir()
        n_blocks = _write_readers(renderer, readers, folder)
        for found in _work(renderer, workers, folder, n_blocks):
            counts |= {block.pop("id"): Rendered(**block) for block in found.to_pylist()}
            stage(sum(block.readers for block in counts.values()), len(readers))
        assert len(counts) == n_blocks, "an engine does every block"
        if out.suffix == ".parquet":
            _join(folder, n_blocks, renderer.schema, out)
        else:
            _leave_alone(folder)
            take_place(folder, out)
    return Rendered(*map(sum, zip(*map(dataclasses.astuple, counts.values()), strict=True)))


def _refuse_others(out: Path) -> None:
    """Refuse a folder that holds anything but lists: all that is in it would go."""
    others = sorted({file.name for file in out.iterdir()} - _lists_in(out)) if out.is_dir() else []
    if others or (out.exists() and not out.is_dir()):
        found = f"'{others[0]}' in it" if others else "a file"
        raise StorageError(f"a new folder at {out}, or one of lists", found, "choose another folder, or FILE.parquet")


def _lists_in(folder: Path) -> set[str]:
    return {file.name for file in folder.glob(BLOCK.replace("{:06}", "[0-9]" * 6))}


def _write_readers(renderer: Renderer, readers: np.ndarray, folder: Path) -> int:
    """Write who is in which block; says how many blocks there are."""
    n_blocks = 0
    with pq.ParquetWriter(folder / READERS, pa.schema([("user_id", pa.string())])) as file:
        for _, at in renderer.blocks(readers):
            file.write_table(pa.table({"user_id": pa.array(readers[at], pa.string())}))
            n_blocks += 1
    return n_blocks


def _work(renderer: Renderer, workers: Workers | None, folder: Path, n_blocks: int) -> Iterator[pa.Table]:
    """The counts of blocks as they are done."""
    if workers is None:
        here = functools.partial(write_blocks, renderer, folder)
        return (here(pa.table({"id": [number]})) for number in range(n_blocks))
    place = workers.place if is_address(workers.place) else str(Path(workers.place).absolute())
    stamp = {key.decode(): value.decode() for key, value in renderer.schema.metadata.items()}
    return ENGINES[workers.engine](Job(place, workers.device, folder=str(folder), **stamp), n_blocks, workers.processes)


def _join(folder: Path, n_blocks: int, schema: pa.Schema, out: Path) -> None:
    with replacing(out) as whole, pq.ParquetWriter(whole, schema) as file:
        for number in range(n_blocks):
            file.write_table(pq.ParquetFile(folder / BLOCK.format(number)).read())


def _leave_alone(folder: Path) -> None:
    """Remove from a folder what is no list: the readers, and what killed workers had begun."""
    for name in {file.name for file in folder.iterdir()} - _lists_in(folder):
        (folder / name).unlink()
