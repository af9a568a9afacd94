"""The Lab: how good the loaded model is, the paper's experiments on its data, and reports side by side.

Every tab is one function that takes the bundle; a new one is a line in TABS.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import streamlit as st

from knobs_core import paper, settings
from knobs_core.bundle import Bundle
from knobs_core.paper import draw, figures, tables
from knobs_ui import knob_quality, lists, loading, trade_off
from knobs_ui.cards import plain
from knobs_ui.jobs import Job

SHOWN = {"recall": "Recall@20", "recall_error": "SE of Recall", "ndcg": "nDCG@20", "ndcg_error": "SE of nDCG"}
CHART = {"displaylogo": False, "displayModeBar": False}
CAPTIONS = {
    "figure2": "Right: more active neurons. Up: more of the recommender is kept. Hover for k or λ.",
    "figure3": "Right is more specific, but for entropy over ln(alive), where left is.",
    "figure5": "Right: closer to the user's hidden likes. Up: closer to the theme. The amount grows along a line.",
    "figure6": "Deeper colour is stronger steering. Distances between far groups mean little.",
}


def quality(bundle: Bundle) -> None:
    """What ``knobs evaluate`` says, in plain words."""
    metrics = bundle.manifest["metrics"]
    alone, through, popular = (metrics[name] for name in ("cfae", "nested", "popularity"))
    split, neurons = metrics["split"], metrics["neurons"]
    st.markdown(
        f"{split['n_test']:,} people were kept away from training. The model saw four fifths of what each of them "
        "likes and was asked for the rest."
    )
    first, second, third = st.columns(3)
    gain = f"{alone['recall@20'] - popular['recall@20']:+.0%} against popularity"
    first.metric(
        "Found by the recommender", f"{alone['recall@20']:.0%}", gain, border=True, height="stretch",
        help="Recall@20: hidden likes among the first 20 titles, of those that fit there.",
    )  # fmt: skip
    second.metric(
        "Kept by the knobs", f"{metrics['retained']['ndcg@20']:.0%}", border=True, height="stretch",
        help="nDCG@20 when the list is made from the knobs alone, over that of the recommender. At rest the app's "
        "lists are the recommender's own; this says how much of it the knobs hold.",
    )  # fmt: skip
    third.metric(
        "Knobs lit for one person", f"{through['l0']:.0f}", border=True, height="stretch",
        help=f"of {neurons['total']:,}. {neurons['dead_on_users']:,} of them are lit for nobody.",
    )  # fmt: skip
    rows = {
        "Most liked titles for everybody": popular, "The recommender": alone, "The knobs alone": through,
    }  # fmt: skip
    table = pd.DataFrame(
        [{"List from": name, "Recall@20": row["recall@20"], "nDCG@20": row["ndcg@20"]} for name, row in rows.items()]
    )
    form = {name: st.column_config.NumberColumn(format="%.3f") for name in ("Recall@20", "nDCG@20")}
    st.dataframe(table, hide_index=True, column_config=form)


def report(bundle: Bundle) -> None:
    """The paper's experiments on the loaded data: run them, watch them, look at the figures."""
    name = plain(bundle.manifest["source"]["name"])
    st.markdown(
        f"All tables and figures of *From Knots to Knobs* on **{name}**, on a small grid of models. It takes minutes, "
        "goes on while you use other pages, and a run that was stopped goes on where it was."
    )
    out = settings.home() / "reports" / f"{_safe(bundle)}-quick"
    job = _job(str(out))
    running = job.running
    st.fragment(_watch, run_every=1 if running else None)(out, job, running)
    finished = _finished()
    if not finished:
        st.info("Figures appear here once a report is finished.", icon=":material/lab_research:")
        return
    own = str(out)
    chosen = st.selectbox(
        "Report", list(finished), index=list(finished).index(own) if own in finished else 0, key="lab report",
        format_func=finished.get, help="Reports lie in KNOBS_HOME/reports.",
    )  # fmt: skip
    _show(Path(chosen))


def compare(_: Bundle) -> None:
    """Two reports side by side."""
    finished = _finished()
    if len(finished) < 2:
        st.info("Two finished reports are needed; make them here or with knobs paper.", icon=":material/compare:")
        return
    left, right = st.columns(2)
    names = list(finished)
    first = Path(left.selectbox("One", names, index=0, format_func=finished.get, key="lab first"))
    second = Path(right.selectbox("Another", names, index=1, format_func=finished.get, key="lab second"))
    st.dataframe(
        _difference(first, second), hide_index=True,
        column_config={name: st.column_config.NumberColumn(format="%.4g") for name in ("one", "another", "difference")},
    )  # fmt: skip
    sides = [{chart.name: chart for chart in _charts(str(folder), _stamp(folder))} for folder in (first, second)]
    for name in CAPTIONS:
        drawn = [side.get(name) for side in sides]
        if any(drawn):
            st.subheader(next(chart.title for chart in drawn if chart), anchor=False)
            for number, (place, chart) in enumerate(zip(st.columns(2), drawn, strict=True)):
                if chart:
                    place.plotly_chart(draw.plotly_figure(chart, 1), config=CHART, key=f"{name} {number}")


TABS: dict[str, Callable[[Bundle], None]] = {
    "How good is it": quality,
    "What the knobs do": knob_quality.render,
    "What steering costs": trade_off.render,
    "The paper's experiments": report,
    "Compare reports": compare,
}


def _watch(out: Path, job: Job, was_running: bool) -> None:
    """The run's button and how far it is; re-runs alone every second while it goes on."""
    progress = paper.read_progress(out)
    if job.running:
        told = progress or {"done": 0, "total": 1, "detail": "Starting"}
        bar, button = st.columns([5, 1], vertical_alignment="bottom")
        bar.progress(told["done"] / told["total"], f"{told['done']} of {told['total']} · {plain(told['detail'])}")
        if button.button("Stop", icon=":material/stop_circle:", width="stretch"):
            job.stop()
            st.rerun()
        return
    if was_running:
        st.rerun()  # it has just ended: the whole page shows the figures
    if job.fault:
        st.error(plain(job.fault), icon=":material/error:")
    done = (out / "report.html").exists()
    label = "Go on" if progress else "Run the report"
    if not done and st.button(label, icon=":material/play_arrow:"):
        job.start()
        st.rerun()


def _show(folder: Path) -> None:
    stamp = _stamp(folder)
    st.download_button(
        "The whole report as one page", (folder / "report.html").read_bytes, f"{folder.name}.html", "text/html",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    accuracy = tables.read(folder, "table3_accuracy")[["model", "dim", *SHOWN]]
    accuracy["dim"] = accuracy["dim"].map(lambda dim: "" if pd.isna(dim) else f"{dim:g}")
    st.subheader("Accuracy of the recommenders", anchor=False, help="Means over test users with standard errors.")
    st.dataframe(
        accuracy, hide_index=True,
        column_config={
            "model": "Model",
            "dim": "Size",
            **{
                name: st.column_config.NumberColumn(title, format="%.3f")
                for name, title in SHOWN.items()
            },
        },
    )  # fmt: skip
    for chart in _charts(str(folder), stamp):
        st.subheader(chart.title, anchor=False)
        with st.container(key=f"lab-figure-{chart.name}"):
            st.plotly_chart(draw.plotly_figure(chart, 2), config=CHART, key=f"{chart.name} {stamp}")
        st.caption(CAPTIONS[chart.name])
    rows = tables.read(folder, "figure4_lists")
    if rows is not None:
        st.subheader("One person's list under several concepts", anchor=False)
        groups = rows.groupby("concept", sort=False)
        for place, (concept, part) in zip(st.columns(groups.ngroups), groups, strict=True):
            place.markdown(f"**{plain(concept) or 'No boost'}**")
            lines = [lists.Row(row.rank, row.title, _mark(row)) for row in part.itertuples()]
            place.html(lists.ranked(lines, f"List under {concept or 'no boost'}"))


def _mark(row) -> str:
    return " · ".join(word for word, true in (("new", row.new), ("carries the tag", row.carries)) if true)


def _difference(first: Path, second: Path) -> pd.DataFrame:
    """Accuracy and summary of two reports, matched by what they say."""
    sides = []
    for folder in (first, second):
        accuracy = tables.read(folder, "table3_accuracy")
        size = accuracy["dim"].map(lambda dim: "" if pd.isna(dim) else f" {dim:g}")
        parts = [
            pd.DataFrame({"what": title, "model": accuracy["model"] + size, "value": accuracy[name]})
            for name, title in (("recall", "Recall@20"), ("ndcg", "nDCG@20"))
        ]
        summary = tables.read(folder, "summary")
        if summary is not None:
            titles = [figures.MODEL_TITLES.get(model, "") for model in summary["model"]]
            parts.append(summary[["what", "value"]].assign(model=titles))
        sides.append(pd.concat(parts).set_index(["what", "model"])["value"])
    one, another = sides
    rows = one.index.append(another.index[~another.index.isin(one.index)])
    both = pd.DataFrame({"one": one.reindex(rows), "another": another.reindex(rows)})
    return both.assign(difference=both["another"] - both["one"]).reset_index()


@st.cache_data(show_spinner=False, max_entries=8)
def _charts(folder: str, _version: int) -> list[figures.Chart]:
    return figures.charts(Path(folder))


def _stamp(folder: Path) -> int:
    return (folder / "report.html").stat().st_mtime_ns


def _finished() -> dict[str, str]:
    """Finished reports {folder: name}, the newest first."""
    found = sorted((settings.home() / "reports").glob("*/report.html"), key=lambda file: -file.stat().st_mtime)
    return {str(file.parent): _title(file.parent) for file in found}


def _title(folder: Path) -> str:
    try:
        asked = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        return f"{folder.name} · seed {asked['seed']}" + (" · quick" if asked["quick"] else "")
    except (OSError, ValueError, KeyError):
        return folder.name


def _safe(bundle: Bundle) -> str:
    """A folder's name for the bundle's data."""
    stem = Path(bundle.manifest["source"]["name"]).stem
    kept = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in stem)
    return f"{kept}-{bundle.manifest['source']['checksum'][:8]}"


@st.cache_resource(show_spinner=False)
def _job(out: str) -> Job:
    """One run for all visitors of this server."""
    arguments = ["paper", "--quick", "--data", str(loading.bundle_path()), "--out", out, "--json"]
    device = os.environ.get("KNOBS_DEVICE", "auto")
    return Job([*arguments, "--device", device])
