"""Tidy CSV tables from finished cells. The report's tables and figures are made from these files and from nothing else.

    table1_counts          what, value                                    table2_tags       a row a model and tag
    table3_accuracy        a row a recommender                            figure3_neurons   a row a model and neuron
    accuracy_by_user       a row a recommender and test user              figure4_lists, figure4_likes
    figure2_reconstruction a row an SAE                                   figure5_steering  a row a model, mapping, α
    summary                what, model, value                             figure6_map       a row a point
    shared_neurons         neurons that are unique to several tags

Columns that start with "paper" hold the paper's value; they are empty for data sets the paper does not use.
"""

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from knobs_core.base import armed, defused, write_whole
from knobs_core.paper import reference
from knobs_core.paper.cells import concepts_name, fine_name, recommender_name, title_of
from knobs_core.paper.measures import mean_and_error
from knobs_core.paper.plan import FINE, STEERED, Plan
from knobs_core.paper.store import Store

TEXT = (
    "what", "model", "user_id", "item_id", "title", "tag", "tags", "characteristic_tag", "distinctive_tag",
    "top_items", "concept", "kind", "cfae", "sae", "loss", "mapping",
)  # fmt: skip
KEPT = ("recall_kept", "ndcg_kept", "cosine")


def read(folder: Path, name: str) -> pd.DataFrame | None:
    """A table of a report, None where it has none. Text stays text: a tag may be called "nan", and one that was kept
    from being a formula is read as it was."""
    file = folder / "csv" / f"{name}.csv"
    if not file.exists():
        return None
    frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    for column in frame.columns:
        if column in TEXT:
            frame[column] = frame[column].map(armed)
        elif column in ("carries", "new"):
            frame[column] = frame[column] == "True"
        else:
            with contextlib.suppress(ValueError):  # a column of another version, which nobody asks for
                frame[column] = pd.to_numeric(frame[column])
    return frame


def safe(frame: pd.DataFrame) -> pd.DataFrame:
    """A table whose text no spreadsheet takes for a formula."""
    text = {
        name: [defused(cell) if isinstance(cell, str) else cell for cell in frame[name]]
        for name in TEXT
        if name in frame
    }
    return frame.assign(**text)


def written(folder: Path, name: str) -> pd.DataFrame:
    """A table that a report has."""
    frame = read(folder, name)
    assert frame is not None, f"the table {name} is not written"
    return frame


def write(folder: Path, store: Store, plan: Plan, data_set: str | None) -> None:
    """Write every table that the finished cells allow. data_set: the paper's name of the data, or None."""
    frames = {
        "table1_counts": _counts(store, data_set),
        "table3_accuracy": _accuracy(store, plan, data_set),
        "accuracy_by_user": _by_user(store, plan),
        "figure2_reconstruction": _grid(store, data_set),
    }
    if store.read("lists"):
        frames |= _concepts(store, data_set)
    (folder / "csv").mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        write_whole(folder / "csv" / f"{name}.csv", safe(frame).to_csv(index=False))


def _counts(store: Store, data_set: str | None) -> pd.DataFrame:
    paper = reference.COUNTS.get(data_set, {})
    counts = store.finished("data")["counts"]
    return pd.DataFrame([{"what": what, "value": value, "paper": paper.get(what)} for what, value in counts.items()])


def _recommenders(store: Store, plan: Plan) -> list[dict[str, Any]]:
    cells = [{"cfae": "popularity", "dim": None, **store.finished("popularity")}]
    for cfae, dims in plan.dims.items():
        cells += [store.finished(recommender_name(cfae, dim)) for dim in sorted({*dims, plan.grid_dim[cfae]})]
    return cells


def _accuracy(store: Store, plan: Plan, data_set: str | None) -> pd.DataFrame:
    rows = []
    for cell in _recommenders(store, plan):
        paper = reference.ACCURACY.get((data_set, cell["cfae"], cell["dim"]))
        recall, ndcg = (mean_and_error(np.array(cell[name], float)) for name in ("recall", "ndcg"))
        rows.append(
            {"model": title_of(cell["cfae"]), "dim": cell["dim"], "users": len(cell["user_id"]),
             "recall": recall[0], "recall_error": recall[1], "ndcg": ndcg[0], "ndcg_error": ndcg[1],
             "epochs": cell.get("training", {}).get("epochs"), "steps": cell.get("steps"),
             "paper_recall": paper[0] if paper else None, "paper_ndcg": paper[1] if paper else None,
             "paper_error": reference.ACCURACY_ERROR[data_set] if paper else None}
        )  # fmt: skip
    return pd.DataFrame(rows).astype({"dim": "Int64", "epochs": "Int64", "steps": "Int64"})


def _by_user(store: Store, plan: Plan) -> pd.DataFrame:
    frames = [
        pd.DataFrame({name: cell[name] for name in ("user_id", "recall", "ndcg")}).assign(
            model=title_of(cell["cfae"]), dim=cell["dim"]
        )
        for cell in _recommenders(store, plan)
    ]
    return pd.concat(frames).astype({"dim": "Int64"})[["model", "dim", "user_id", "recall", "ndcg"]]


def _grid(store: Store, data_set: str | None) -> pd.DataFrame:
    cells = [store.finished(file.stem) for file in sorted(store.folder.glob("sae-*.json"))]
    rows = []
    for cell in cells:
        paper: dict[str, float] = {}
        if cell["sae"] == "topk" and cell["dim"] == 1024:
            paper = reference.KEPT.get((data_set, cell["cfae"], cell["loss"], cell["k"], cell["width_ratio"]), {})
        rows.append({"k": None, "l1": None, **cell, **{f"paper_{name}": paper.get(name) for name in KEPT}})
    frame = pd.DataFrame(rows).astype({"k": "Int64"})
    return frame.sort_values(["cfae", "sae", "loss", "width_ratio", "k", "l1"], ignore_index=True)


def _concepts(store: Store, data_set: str | None) -> dict[str, pd.DataFrame]:
    tags, neurons, shared, summary = [], [], [], []

    def add(what: str, model: str, value: float) -> None:
        summary.append(
            {"what": what, "model": model, "value": value, "paper": reference.TEXT.get((data_set, what, model))}
        )

    for cfae, loss in FINE:
        model, cell = f"{cfae}-{loss}", store.finished(concepts_name(cfae, loss))
        fine = store.finished(fine_name(cfae, loss))
        of_tags, of_neurons = pd.DataFrame(cell["tags"]), pd.DataFrame(cell["neurons"])
        paper = reference.TAGS.get((data_set, model), {})
        of_tags.insert(0, "model", model)
        of_neurons.insert(0, "model", model)
        of_tags["paper_entropy"] = [paper.get(tag, (None, None))[0] for tag in of_tags["tag"]]
        of_tags["paper_kl"] = [paper.get(tag, (None, None))[1] for tag in of_tags["tag"]]
        tags.append(of_tags)
        neurons.append(of_neurons)
        shared.append(_shared(of_tags, of_neurons, model))
        measured, alive = of_tags.dropna(subset="entropy"), of_neurons.dropna(subset="entropy")
        add("neurons", model, fine["neurons"])
        add("neurons alive on single items", model, cell["tag_average"]["alive"])
        add("recall@20 through the SAE", model, fine["recall"])
        add("ndcg@20 through the SAE", model, fine["ndcg"])
        add("cosine", model, fine["cosine"])
        add("average entropy of a tag's neurons", model, cell["tag_average"]["entropy"])
        add("mean entropy of single tags", model, measured["entropy"].mean())
        add("mean entropy of single tags over ln(alive)", model, measured["entropy_share"].mean())
        add("tags with KL above 10", model, (measured["kl_paper"] > 10).mean())
        add("mean JSD of tags", model, measured["jsd"].mean())
        add("average entropy of a neuron's tags", model, cell["neuron_average"]["entropy"])
        add("mean entropy of single neurons over ln(tags)", model, alive["entropy_share"].mean())
        add("neurons with KL above 10", model, (alive["kl_paper"] > 10).mean())
        add("mean JSD of neurons", model, alive["jsd"].mean())
        add("neurons unique to a tag", model, of_tags.loc[of_tags["unique_neuron"] >= 0, "unique_neuron"].nunique())
        add("tags distinctive of a neuron", model, alive["distinctive_tag"].nunique())
    most = store.finished("data")["most_tagged"]
    add("most tagged item's share of assignments", "", most["share"])
    lists = store.finished("lists")
    frames = {
        "table2_tags": pd.concat(tags),
        "figure3_neurons": pd.concat(neurons),
        "shared_neurons": pd.concat(shared),
        "summary": pd.DataFrame(summary),
        "figure4_lists": pd.DataFrame(lists["rows"]).assign(user_id=lists["user_id"], alpha=lists["alpha"]),
        "figure4_likes": pd.DataFrame({"title": lists["likes"]}),
        "figure5_steering": _steering(store, data_set),
    }
    if drawn := store.read("map"):
        frames["figure6_map"] = pd.DataFrame(drawn["points"])
    return frames


def _shared(tags: pd.DataFrame, neurons: pd.DataFrame, model: str) -> pd.DataFrame:
    """Neurons that are the unique neuron of more than one tag, those of most tags first."""
    groups = tags[tags["unique_neuron"] >= 0].groupby("unique_neuron")["tag"]
    rows = [
        {"model": model, "neuron": neuron, "n_tags": len(names), "tags": " | ".join(names)}
        for neuron, names in groups
        if len(names) > 1
    ]
    frame = pd.DataFrame(rows, columns=["model", "neuron", "n_tags", "tags"])
    frame = frame.merge(neurons[["neuron", "distinctive_tag", "top_items"]], on="neuron", how="left")
    return frame.sort_values(["n_tags", "neuron"], ascending=[False, True], ignore_index=True)


def _steering(store: Store, data_set: str | None) -> pd.DataFrame:
    rows = []
    for cfae, loss in STEERED:
        for point in store.finished(f"steer-{cfae}-{loss}")["points"]:
            known = point["alpha"] in reference.ALPHAS
            paper = reference.STEERING.get((data_set, f"{cfae}-{loss}", point["mapping"])) if known else None
            place = reference.ALPHAS.index(point["alpha"]) if known else 0
            rows.append(
                {"model": f"{cfae}-{loss}", **{name: point[name] for name in point if name not in ("cfae", "loss")},
                 "paper_personal": paper[0][place] if paper else None,
                 "paper_segment": paper[1][place] if paper else None}
            )  # fmt: skip
    return pd.DataFrame(rows)
