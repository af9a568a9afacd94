"""How far one has to walk through the code: files entered, and hops between files, on the ways that people read first.

    python benchmarks/walks.py

    list      one person's history becomes the list on the board
    dial      what the browser says of a dial becomes a ranked list, on the server
    source    a source's name on the command line becomes a bundle on disk

Every call of a function of the project is watched: a file counts once it is entered, a hop is a pair of files of which
one calls the other. What runs when a module is imported does not count.
"""

import contextlib
import logging
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = tuple(str(ROOT / name) for name in ("knobs_core", "knobs_ui", "pages"))


class Walk:
    """Files entered, and pairs of files of which one calls the other."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.hops: set[tuple[str, str]] = set()

    def watch(self, frame, event, _) -> None:
        if event != "call" or not frame.f_code.co_filename.startswith(PACKAGES) or frame.f_code.co_name == "<module>":
            return
        here, caller = frame.f_code.co_filename, frame.f_back
        while caller and not caller.f_code.co_filename.startswith(PACKAGES):
            caller = caller.f_back
        self.files.add(here)
        if caller and caller.f_code.co_filename != here:
            self.hops.add((caller.f_code.co_filename, here))

    @contextlib.contextmanager
    def on(self) -> Iterator[None]:
        threading.setprofile(self.watch)
        sys.setprofile(self.watch)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def __str__(self) -> str:
        return f"{len(self.files):3} files, {len(self.hops):3} hops"


def main() -> None:
    logging.disable(logging.WARNING)  # Streamlit's own, about running without a browser
    import streamlit as st

    from knobs_core import bundles, data
    from knobs_core.cli import main as knobs
    from knobs_ui import board, state

    folder = Path(tempfile.mkdtemp())
    tables = data.planted()
    tables.interactions.to_csv(folder / "interactions.csv", index=False)
    tables.items.to_csv(folder / "items.csv", index=False)
    tables.tags.to_csv(folder / "tags.csv", index=False)
    source, listed, dialled = Walk(), Walk(), Walk()
    few = ["--cfae", "elsa", "--set", "cfae.epochs=2", "--set", "sae.epochs=2", "--set", "cfae.dim=16"]
    with source.on(), contextlib.redirect_stdout(None), contextlib.redirect_stderr(None):
        knobs(["train", "--data", str(folder), "--no-map", "--out", str(folder / "b"), "--json", *few])
    bundle = bundles.load(folder / "b")
    st.session_state[state.KEY] = state.Timeline(state.Choice(user_ids=(bundle.interactions.user_ids[0],)))
    with listed.on():
        shown = board.view(bundle)
        board.board_data(bundle, shown, board.shown_knobs(bundle, shown, 9), "")
    knob = next(iter(bundle.knobs))
    st.session_state["board"] = {"dials": {"version": "1", "amounts": {knob: 0.5}, "held": True}}
    with dialled.on():
        board.take_over(bundle, board.message())
        found = board.view(bundle).result
    assert found.items.tolist() != found.before.tolist()
    for name, walk in (("list", listed), ("dial", dialled), ("source", source)):
        print(f"{name:8}{walk}")
    if "-v" in sys.argv:
        for name, walk in (("list", listed), ("dial", dialled), ("source", source)):
            print(name, *sorted(Path(file).relative_to(ROOT).as_posix() for file in walk.files), sep="\n  ")


if __name__ == "__main__":
    main()
