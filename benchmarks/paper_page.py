"""Two reports of the paper's experiments on ml-latest-small as a page of the documentation, docs/paper-report.md.

    knobs paper --data ml-latest-small.zip --out letter
    knobs paper --data ml-latest-small.zip --out small --set cfae.batch_size=64 --set sae.batch_size=64 \\
        --set sae.patience=10 --set grid.ks=8,32 --set grid.l1s=0.003
    python benchmarks/paper_page.py letter small

Figures stand beside the paper's, which are of MovieLens 25M. No table holds people or what they like. A report that is
still at work can be shown as far as it is: the page says how many models of its grid are finished.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd
from PIL import Image

from knobs_core.base import visible
from knobs_core.paper import reference, tables
from knobs_core.paper.cells import title_of
from knobs_core.paper.figures import MODEL_TITLES
from knobs_core.paper.plan import FULL
from knobs_core.paper.report import amount, number, percent

ROOT = Path(__file__).parents[1]
PAGE, PICTURES = ROOT / "docs" / "paper-report.md", ROOT / "docs" / "images" / "paper"
TEXT = Path(__file__).with_suffix(".md")  # the page's words, with places for tables
PAPER = "ml-25m"
WIDTH, COLOURS = 900, 64  # pixels and colours of a picture
N_TAGS = 3
SIZE, THREE, TWO = number(0), number(3), number(2)
SUMMARY = (
    "ndcg@20 through the SAE", "cosine", "neurons alive on single items", "average entropy of a tag's neurons",
    "mean entropy of single tags over ln(alive)", "tags with KL above 10", "mean JSD of tags",
    "neurons unique to a tag", "tags distinctive of a neuron", "most tagged item's share of assignments",
)  # fmt: skip
SHOWN = {"letter": ("figure2", "figure5"), "small": ("figure2", "figure3", "figure5")}


def main() -> None:
    runs = dict(zip(SHOWN, map(Path, sys.argv[1:]), strict=True))
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, run in runs.items():
        for figure in SHOWN[name]:
            picture = Image.open(run / "figures" / f"{figure}.png").convert("RGB")
            small = picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS)
            small.quantize(COLOURS, Image.Quantize.MAXCOVERAGE).save(PICTURES / f"{name}-{figure}.png", optimize=True)
    made = {name: getattr(sys.modules[__name__], f"_{name}") for name in ("data", "accuracy", "kept", "concepts")}
    filled = {name: make(runs) for name, make in made.items()}
    filled |= {"tags": _tags(runs["small"]), "steering": _steering(runs)}
    filled |= {f"grid_{name}": str(len(tables.written(run, "figure2_reconstruction"))) for name, run in runs.items()}
    PAGE.write_text(TEXT.read_text(encoding="utf-8").format(**filled), encoding="utf-8")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _data(runs: dict[str, Path]) -> str:
    paper = reference.COUNTS[PAPER]
    counts = tables.written(runs["letter"], "table1_counts").set_index("what")["value"]
    rows = ([what, amount(value), amount(paper.get(what))] for what, value in counts.items())
    return _table(["", "ml-latest-small", "paper: ML-25M"], rows)


def _accuracy(runs: dict[str, Path]) -> str:
    letter, small = (tables.written(run, "table3_accuracy").set_index(["model", "dim"]) for run in runs.values())
    rows = []
    for (model, dim), row in letter.iterrows():
        cells = [f"{model} {dim:g}" if pd.notna(dim) else model]
        for one in (row, small[small.index.map(str) == str((model, dim))].iloc[0]):
            cells += [_with_error(one["recall"], one["recall_error"]), _with_error(one["ndcg"], one["ndcg_error"])]
            cells.append(SIZE(one["steps"]))
        name = next((name for name in FULL.dims if title_of(name) == model), "")
        cells += map(THREE, reference.ACCURACY.get((PAPER, name, dim), (None, None)))
        rows.append(cells)
    head = ["", "Recall@20, to the letter", "nDCG@20", "steps", "Recall@20, small batches", "nDCG@20", "steps"]
    return _table([*head, "Recall@20, paper", "nDCG@20, paper"], rows)


def _with_error(value: float, error: float) -> str:
    return f"{THREE(value)} ± {THREE(error)}"


def _kept(runs: dict[str, Path]) -> str:
    keys = ["cfae", "loss", "k", "width_ratio"]
    grids = [tables.written(run, "figure2_reconstruction") for run in runs.values()]
    letter, small = (grid[grid["sae"] == "topk"].set_index(keys) for grid in grids)
    rows = []
    for key, row in small.iterrows():
        cfae, loss, k, width = key
        paper = reference.KEPT.get((PAPER, cfae, loss, int(k), int(width)), {})
        cells = [f"{title_of(cfae)}, {loss}, k {k:g}, {width:g}x"]
        for one in (letter.loc[key] if key in letter.index else None, row):
            cells += ["–", "–"] if one is None else [THREE(one["cosine"]), percent(one["ndcg_kept"])]
        rows.append([*cells, SIZE(row["dead_on_items"]), THREE(paper.get("cosine")), percent(paper.get("ndcg_kept"))])
    head = ["TopK SAE", "cosine, to the letter", "nDCG@20 kept", "cosine, small batches", "nDCG@20 kept"]
    return _table([*head, "dead neurons", "cosine, paper", "nDCG@20 kept, paper"], rows)


def _concepts(runs: dict[str, Path]) -> str:
    letter, small = (
        tables.written(run, "summary").set_index(["what", "model"])["value"].to_dict() for run in runs.values()
    )
    rows = [
        [f"{what}, {MODEL_TITLES[model]}" if model else what, *(
            (SIZE if what.startswith(("neurons", "tags d")) else THREE)(value)
            for value in (letter[what, model], small[what, model], reference.TEXT.get((PAPER, what, model)))
        )]
        for what, model in small if what in SUMMARY
    ]  # fmt: skip
    return _table(["", "to the letter", "small batches", "paper: ML-25M"], rows)


def _tags(run: Path) -> str:
    """Table 2: the most specific tags of each model, and the least specific one."""
    rows = []
    for model, tags in tables.written(run, "table2_tags").groupby("model", sort=False):
        ordered = tags.dropna(subset="kl_paper").sort_values(["kl_paper", "tag"], ascending=[False, True])
        ours = [*ordered.head(N_TAGS).itertuples(), *ordered.tail(1).itertuples()]
        theirs = list(reference.TAGS[PAPER, str(model)].items())
        for place, (own, (tag, (entropy, kl))) in enumerate(
            zip(ours, [*theirs[:N_TAGS], theirs[-1]], strict=True)
        ):  # the last of both are the least specific
            named = MODEL_TITLES[str(model)] if place == 0 else ""
            rows.append([named, visible(own.tag), TWO(own.entropy), TWO(own.kl_paper), tag, TWO(entropy), TWO(kl)])
    return _table(["", "tag, small batches", "H", "KL †", "tag, paper", "H", "KL †"], rows)


def _steering(runs: dict[str, Path]) -> str:
    letter, small = (
        tables.written(run, "figure5_steering").set_index(["model", "mapping", "alpha"]) for run in runs.values()
    )
    rows = []
    for (model, mapping, alpha), row in small.iterrows():
        theirs = reference.STEERING.get((PAPER, model, mapping))
        place = reference.ALPHAS.index(alpha)
        paper = (theirs[0][place], theirs[1][place]) if theirs else (None, None)
        other = letter.loc[(model, mapping, alpha)]
        pairs = [(other["personal"], other["segment"]), (row["personal"], row["segment"]), paper]
        rows.append(
            [f"{MODEL_TITLES[model]}, {mapping}, α = {alpha:g}", *(f"{THREE(own)}, {THREE(of)}" for own, of in pairs)]
        )
    return _table(["own, segment nDCG@20", "to the letter", "small batches", "paper: ML-25M"], rows)


if __name__ == "__main__":
    main()
