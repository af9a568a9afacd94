"""Notebooks as a reader runs them, each in a kernel of its own."""

import os
from pathlib import Path

import nbclient
import nbformat

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "examples").rglob("*.ipynb"))
# Warnings are errors, but for those of the kernel itself and of PyTorch Geometric as it is imported.
STRICT = """
import warnings
warnings.simplefilter("error")
warnings.filterwarnings("ignore", module="ipykernel")
warnings.filterwarnings("ignore", "`torch.jit", DeprecationWarning)
"""


def executed(path, folder, home=None, parameters=""):
    """A notebook with its outputs; it has to end well.

    Args:
        folder: where it runs; home: its KNOBS_HOME, by default the same.
        parameters: code that stands in for the values of its cell "parameters".
    """
    notebook = nbformat.read(path, 4)
    for place, cell in enumerate(notebook.cells):
        if "parameters" in cell.metadata.get("tags", ()):
            notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(parameters))
            break
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    client = nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}})
    own = {"PYTHONPATH": str(ROOT), "KNOBS_HOME": str(home or folder), "CUDA_VISIBLE_DEVICES": ""}
    return client.execute(env={**os.environ, **own})


def outputs(notebook):
    """What its cells put out."""
    return [one for cell in notebook.cells if cell.cell_type == "code" for one in cell.outputs]
