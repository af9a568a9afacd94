"""The paper's experiments on the loaded data, a tab for the Lab: run them, look at a report, compare two."""

import json
import os
from pathlib import Path

import streamlit as st

from knobs_core import paper
from knobs_core.base import home
from knobs_core.bundles import Bundle
from knobs_ui import html, progress, server
from knobs_ui.jobs import Job
from knobs_ui.lab import shipped
from knobs_ui.lab.compare import side_by_side
from knobs_ui.lab.report import show


def render(bundle: Bundle) -> None:
    """The paper's experiments on the loaded data: run them, watch them, look at the figures."""
    source = bundle.manifest.origin
    st.markdown(
        f"All tables and figures of *From Knots to Knobs* on **{html.plain(source.slug)}**, on a small grid of models. "
        "Once it has tried, it says how long it will take; it goes on while you use other pages, and a run that was "
        "stopped goes on where it was."
    )
    out = home() / "reports" / f"{source.slug}-{source.checksum[:8]}-quick"
    offer = "Go on" if paper.read_progress(out) else "Run the report"
    progress.panel(_job(str(out)), "" if (out / "report.html").exists() else offer)
    found = finished(bundle)
    if not found:
        st.info("Figures appear here once a report is finished.", icon=":material/lab_research:")
        return
    own = str(out)
    names = list(found)

    def title(folder: str) -> str:
        return found.get(folder, folder)

    first, second = st.columns(2)
    chosen = first.selectbox(
        "Report", names, index=names.index(own) if own in found else 0, key="lab report", format_func=title,
        help="Reports lie in KNOBS_HOME/reports.",
    )  # fmt: skip
    others = [folder for folder in names if folder != chosen]
    other = second.selectbox(
        "Compare with", others, index=None, key="lab other", format_func=title, placeholder="Another report",
        disabled=not others,
    )  # fmt: skip
    if str(shipped.REPORT) in (chosen, other):
        st.caption(html.plain(shipped.measured(bundle)))
    if other:
        side_by_side(Path(chosen), Path(other))
    else:
        show(Path(chosen))


def finished(bundle: Bundle) -> dict[str, str]:
    """Finished reports {folder: name}, the newest first, and last the one that comes with the app."""
    found = sorted((home() / "reports").glob("*/report.html"), key=lambda file: -file.stat().st_mtime)
    comes = {str(shipped.REPORT): "the demo, as it came with the app · quick"} if shipped.comes_with(bundle) else {}
    return {str(file.parent): _title(file.parent) for file in found} | comes


def _title(folder: Path) -> str:
    try:
        asked = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        return f"{folder.name} · seed {asked['seed']}" + (" · quick" if asked["quick"] else "")
    except (OSError, ValueError, KeyError):
        return folder.name


@st.cache_resource(show_spinner=False)
def _job(out: str) -> Job:
    """One run for all visitors of this server."""
    arguments = ["paper", "--quick", "--data", str(server.bundle_path()), "--out", out, "--processes", "1", "--json"]
    device = os.environ.get("KNOBS_DEVICE", "auto")
    return Job([*arguments, "--device", device], "the paper's experiments")
