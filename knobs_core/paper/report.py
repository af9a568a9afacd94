"""One self-contained HTML page from a report's CSV tables: nothing is fetched when it is opened.

Titles, tags and names come from data. They are escaped, and each stands for itself where it reads from right to left.
"""

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from knobs_core.base import visible, write_whole
from knobs_core.paper import figures, tables
from knobs_core.paper.cells import title_of
from knobs_core.paper.draw import plotly_figure
from knobs_core.paper.figures import MODEL_TITLES
from knobs_core.paper.plan import FULL, QUICK, VARIED

N_TAGS, N_SHARED = 5, 12


class Column(NamedTuple):
    """A column of a shown table. theirs: it holds the paper's values and goes where there are none."""

    name: str
    title: str
    form: Callable[[Any], str] = str
    theirs: bool = False


def number(digits: int) -> Callable[[float | None], str]:
    """Formats numbers; missing ones become a dash."""
    return lambda value: "–" if pd.isna(value) else f"{value:,.{digits}f}"


def percent(value: float | None) -> str:
    return "–" if pd.isna(value) else f"{value:.1%}"


def amount(value: float | None) -> str:
    """A number of any size."""
    if pd.isna(value):
        return "–"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4f}"


SIZE, THREE, TWO = number(0), number(3), number(2)
AMOUNTS = (Column("value", "here", amount), Column("paper", "paper", amount, True))
ACCURACY = (
    Column("model", "model"), Column("dim", "d", SIZE), Column("users", "users", SIZE),
    Column("recall", "Recall@20", THREE), Column("recall_error", "± SE", THREE), Column("ndcg", "nDCG@20", THREE),
    Column("ndcg_error", "± SE", THREE), Column("paper_recall", "Recall@20, paper", THREE, True),
    Column("paper_ndcg", "nDCG@20, paper", THREE, True), Column("paper_error", "± SE, paper", THREE, True),
    Column("epochs", "epochs", SIZE), Column("steps", "steps", SIZE),
)  # fmt: skip
GRID = (
    Column("cfae", "recommender"), Column("sae", "SAE"), Column("loss", "loss"), Column("width_ratio", "width", SIZE),
    Column("k", "k", SIZE), Column("l1", "λ", lambda value: f"{value:g}"), Column("l0", "L0", number(1)),
    Column("cosine", "cosine", THREE), Column("paper_cosine", "paper", THREE, True),
    Column("recall_kept", "Recall@20 kept", percent), Column("paper_recall_kept", "paper", percent, True),
    Column("ndcg_kept", "nDCG@20 kept", percent), Column("paper_ndcg_kept", "paper", percent, True),
    Column("neurons", "neurons", SIZE), Column("dead_on_items", "dead on items", SIZE),
    Column("epochs", "epochs", SIZE),
)  # fmt: skip
TAGS = (
    Column("tag", "tag"), Column("entropy", "H", TWO), Column("paper_entropy", "H, paper", TWO, True),
    Column("entropy_share", "H / ln(alive)", TWO), Column("kl_paper", "KL †", TWO),
    Column("paper_kl", "KL †, paper", TWO, True),
    Column("kl", "KL(tag | avg)", TWO), Column("jsd", "JSD", TWO),
)  # fmt: skip
SHARED = (
    Column("neuron", "neuron"), Column("tags", "unique neuron of the tags"),
    Column("distinctive_tag", "most distinctive tag"), Column("top_items", "items it fires for"),
)  # fmt: skip
STEERING = (
    Column("model", "model"), Column("mapping", "mapping"), Column("alpha", "α", number(1)),
    Column("personal", "nDCG@20, own", THREE), Column("personal_error", "± SE", THREE),
    Column("paper_personal", "own, paper", THREE, True), Column("segment", "nDCG@20, segment", THREE),
    Column("segment_error", "± SE", THREE), Column("paper_segment", "segment, paper", THREE, True),
    Column("users", "users", SIZE),
)  # fmt: skip


def write(folder: Path, run: dict[str, Any]) -> Path:
    """Write report.html from the tables in a folder; run: what run.json holds. Returns its path."""
    charts = {chart.name: chart for chart in figures.charts(folder)}
    source = escaped(Path(run["source"]).name.removesuffix(".zip"))
    plots = _Plots(charts)
    sections = [
        ("data", "The data", _data(folder)),
        ("accuracy", "Accuracy of the recommenders", _accuracy(folder, run["quick"])),
        ("reconstruction", "What the sparse code keeps", _reconstruction(folder, plots)),
    ]
    if tables.read(folder, "summary") is not None:
        sections += [
            ("concepts", "Concepts and neurons", _concepts(folder, plots)),
            ("distinct", "How distinct the mapping is", _distinct(folder)),
            ("list", "One person's list under several concepts", _lists(folder)),
            ("steering", "Steering", _steering(folder, plots)),
        ]
    else:
        sections.append(("concepts", "Concepts", "<p>This data has no tags, so neurons cannot be mapped to any.</p>"))
    if "figure6" in charts:
        sections.append(("map", "Users on a map", _map(plots)))
    links = "".join(f'<a href="#{key}">{escaped(title)}</a>' for key, title, _ in sections)
    body = "".join(f'<section id="{key}"><h2>{escaped(title)}</h2>{part}</section>' for key, title, part in sections)
    style = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{source}: from knots to knobs</title><style>{style}</style></head><body><main>"
        f"<h1>From knots to knobs: {source}</h1>{_lead(run)}<nav>{links}</nav>{body}"
        "</main></body></html>"
    )
    path = folder / "report.html"
    write_whole(path, page)
    return path


class _Plots:
    """Charts as HTML; the first one brings Plotly along."""

    def __init__(self, charts: dict[str, figures.Chart]):
        self._charts, self._first = charts, True

    def html(self, name: str, caption: str) -> str:
        chart = self._charts[name]
        figure = plotly_figure(chart, 2 if chart.columns > 3 else None)
        figure.update_layout(paper_bgcolor="#ffffff", plot_bgcolor="#fbf8f3", font={"color": "#241c15", "size": 12})
        plot = figure.to_html(
            full_html=False,
            include_plotlyjs=self._first,
            div_id=name,
            config={"displaylogo": False, "responsive": True},
        )
        self._first = False
        return f"<figure>{plot}<figcaption>{caption}</figcaption></figure>"


def _lead(run: dict[str, Any]) -> str:
    how = (
        "A quick look: a small grid with this program's own settings for small data."
        if run["quick"]
        else "The paper's grid with the paper's hyperparameters (appendix A)."
    )
    changed = changes_of(run)
    changes = f" Changed: <code>{escaped(', '.join(changed))}</code>." if changed else ""
    return (
        f'<p class="lead">{how}{changes} Seed {run["seed"]}. All numbers are in the CSV files beside this page (csv/), '
        "the figures also as PNG and SVG (figures/). Where the data set is the paper's, its values stand beside ours; "
        "docs/faithfulness.md lists where its authors' code and its text differ and which one is followed here.</p>"
    )


def changes_of(run: dict[str, Any]) -> list[str]:
    """What somebody changed of a plan's trainings, as ``--set`` has it."""
    own, plan = QUICK if run["quick"] else FULL, run["plan"]
    grid = {name: ",".join(map(str, plan[name])) for name in VARIED if tuple(plan[name]) != getattr(own, name)}
    return [f"grid.{name}={value}" for name, value in grid.items()] + [
        f"{section}.{field}={value}"
        for section, fields in plan["changes"].items()
        for field, value in fields.items()
        if own.changes.get(section, {}).get(field) != value
    ]


def escaped(text: str) -> str:
    """A text from data within HTML."""
    return html.escape(visible(text))


def name(text: str) -> str:
    """A text from data as HTML of its own, which does not turn the direction of what stands beside it."""
    return f"<bdi>{escaped(text)}</bdi>"


def table(key: str, frame: pd.DataFrame, columns: tuple[Column, ...]) -> str:
    """A table as HTML; key: its id."""
    shown = [column for column in columns if not (column.theirs and frame[column.name].isna().all())]

    def kind(column: Column) -> str:
        return "theirs" if column.theirs else "text" if column.form is str else ""

    head = "".join(f'<th class="{kind(column)}">{escaped(column.title)}</th>' for column in shown)
    rows = "".join(
        "<tr>" + "".join(f'<td class="{kind(c)}">{name(_cell(c, row[c.name]))}</td>' for c in shown) + "</tr>"
        for row in frame.to_dict("records")
    )
    return f'<div class="scroll"><table id="{key}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _cell(column: Column, value: Any) -> str:
    return "–" if not isinstance(value, str) and pd.isna(value) else column.form(value)


def _titled(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with models as people write them."""
    return frame.assign(model=[MODEL_TITLES.get(model, "") for model in frame["model"]])


def _data(folder: Path) -> str:
    return "<h3>Table 1</h3>" + table("table1", tables.written(folder, "table1_counts"), (Column("what", ""), *AMOUNTS))


def _accuracy(folder: Path, quick: bool) -> str:
    frame = tables.written(folder, "table3_accuracy")
    slow = not quick and frame["steps"].min() < 500
    warning = (
        '<p class="note">Some recommender took fewer than 500 training steps: the paper\'s settings are made for large '
        "data, and on data this small they stop before the model has learnt much. Try --quick, or smaller batches: "
        "<code>--set cfae.batch_size=64 --set sae.batch_size=64</code>.</p>"
    )
    return (
        "<p>Test users show the model four fifths of their likes; it is asked for the rest. SE is the standard error "
        "over users. Another draw of the hidden fifth moves Recall by about 0.004 on ML-25M.</p>"
        + (warning if slow else "")
        + "<h3>Table 3</h3>"
        + table("table3", frame, ACCURACY)
    )


def _reconstruction(folder: Path, plots: _Plots) -> str:
    grid = tables.written(folder, "figure2_reconstruction")
    return (
        "<p>Every SAE sits between encoder and decoder and its own error is left behind. Kept is its accuracy over "
        "that of the unmodified recommender; the fewer neurons are active for it, the better.</p>"
        + plots.html("figure2", "Figure 2. Hover for k or λ; click the legend to hide a kind.")
        + table("figure2-table", grid.assign(cfae=grid["cfae"].map(title_of), sae=grid["sae"].map(title_of)), GRID)
    )


def _concepts(folder: Path, plots: _Plots) -> str:
    tags, summary = tables.written(folder, "table2_tags"), tables.written(folder, "summary")
    parts = [
        "<p>Each tag's scores over neurons are read as a distribution. A specific tag has a low entropy H (in nats) "
        "and lies far from the average tag. The last row of each table is the least specific tag.</p>"
        '<p class="note">† KL as the authors\' code computes it: with 1e-9 in place of zeros in rows that are not '
        "normalised, so it also rises with a tag's total score. KL(tag | avg) and the Jensen-Shannon divergence (at "
        "most 0.69) have no such constant. H of the average is about the logarithm of the number of living neurons, so "
        "a model with many dead neurons looks specific; H / ln(alive) takes that out.</p><h3>Table 2</h3>"
        '<div class="columns">'
    ]
    for model, rows in tags.groupby("model", sort=False):
        ordered = rows.dropna(subset="kl_paper").sort_values(["kl_paper", "tag"], ascending=[False, True])
        shown = pd.concat([ordered.head(N_TAGS), ordered.tail(1)]).drop_duplicates("tag")
        parts.append(f"<div><h3>{MODEL_TITLES[str(model)]}</h3>{table(f'table2-{model!s}', shown, TAGS)}</div>")
    parts += [
        "</div>",
        plots.html("figure3", "Figure 3, with two measures that do not depend on constants or dead neurons beside it."),
        "<h3>All of it in one table</h3>",
        table(
            "summary",
            _titled(summary),
            (Column("what", ""), Column("model", "model"), *AMOUNTS),
        ),
    ]  # fmt: skip
    return "".join(parts)


def _distinct(folder: Path) -> str:
    frame = tables.written(folder, "shared_neurons")
    first = frame["model"].iloc[0] if len(frame) else "elsa-l2"
    rows = frame[frame["model"] == first].head(N_SHARED)
    intro = (
        "<p>Appendix B.2. Counts of neurons that are the most unique one of some tag, and of tags that are the most "
        "distinctive one of some neuron, are in the table above. These neurons serve several tags; all of them, for "
        f"every model, are in csv/shared_neurons.csv.</p><h3>{MODEL_TITLES[first]}</h3>"
    )
    return intro + (table("shared", rows, SHARED) if len(rows) else "<p>No neuron serves more than one tag.</p>")


def _lists(folder: Path) -> str:
    rows, likes = tables.written(folder, "figure4_lists"), tables.written(folder, "figure4_likes")["title"].tolist()
    lists = []
    for concept, part in rows.groupby("concept", sort=False):
        lines = "".join(
            f'<li class="{"new " if row.new else ""}{"carries" if row.carries else ""}">{name(str(row.title))}</li>'
            for row in part.itertuples()
        )
        lists.append(f"<div><h3>{name(str(concept)) if concept else 'no boost'}</h3><ol>{lines}</ol></div>")
    return (
        f"<p>Figure 4. User {name(rows['user_id'][0])} likes {len(likes)} items, among them "
        f"{', '.join(map(name, likes[:8]))}. ELSA+L2, representative neuron, α = {rows['alpha'][0]:g}. Bold: not in "
        'the first list; the dot: carries the tag.</p><div class="lists">' + "".join(lists) + "</div>"
    )


def _steering(folder: Path, plots: _Plots) -> str:
    return (
        "<p>Each user is steered towards the tag that stands out most in their hidden likes against those that were "
        "shown, as in the paper. This looks at the answer, so one's own nDCG may rise with a little steering; it says "
        "what steering can do, not what it does for people at large. Steering is the authors' (mass of the code put "
        "back, the SAE's error left behind), so α = 0 is the nested model.</p>"
        + plots.html(
            "figure5", "Figure 5. Right is closer to the user, up is closer to the segment; α grows along a line."
        )
        + table("figure5-table", _titled(tables.written(folder, "figure5_steering")), STEERING)
    )


def _map(plots: _Plots) -> str:
    return (
        "<p>Embeddings of test users, and of the same users steered by ELSA+L2's representative neuron of a concept, "
        "projected together by UMAP. Distances between far groups mean little.</p>"
        + plots.html("figure6", "Figure 6. Deeper colour is stronger steering.")
    )
