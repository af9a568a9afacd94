"""How good the loaded model is, in plain words: a tab for the Lab."""

import pandas as pd
import streamlit as st

from knobs_core.bundles import Bundle
from knobs_ui import html


def render(bundle: Bundle) -> None:
    """What ``knobs evaluate`` says, in plain words."""
    metrics = bundle.manifest.metrics
    alone, through, popular = (metrics[name] for name in ("cfae", "nested", "popularity"))
    split, neurons, many = metrics["split"], metrics["neurons"], html.plain(bundle.words.many)
    st.markdown(
        f"{split['n_test']:,} people were kept away from training. The model saw four fifths of what each of them "
        "likes and was asked for the rest."
    )
    first, second, third = st.columns(3)
    points = 100 * (alone["recall@20"] - popular["recall@20"])
    kept = metrics["retained"]["ndcg@20"]
    first.metric(
        "Found by the recommender", f"{alone['recall@20']:.0%}", f"{points:+.0f} points against popularity",
        border=True, height="stretch",
        help=f"Recall@20: hidden likes among the first 20 {many}, of those that fit there. "
        f"Popularity is the {many} that most people like, the same for everybody; it finds {popular['recall@20']:.0%}.",
    )  # fmt: skip
    second.metric(
        "Kept by the knobs", f"{kept:.0%}", "the knobs alone do a little better" if kept > 1 else None,
        delta_color="off", delta_arrow="off", border=True, height="stretch",
        help="nDCG@20 when the list is made from the knobs alone, over that of the recommender. At rest the app's "
        "lists are the recommender's own; this says how much of it the knobs hold. Above 100% they rank hidden likes "
        "even better, as they leave out what is noise.",
    )  # fmt: skip
    third.metric(
        "Active neurons of one person", f"{through['l0']:.0f}", border=True, height="stretch",
        help=f"Of {neurons['total']:,} neurons; {neurons['dead_on_users']:,} are dead: no history activates them.",
    )  # fmt: skip
    rows = {
        f"Most liked {many} for everybody": popular, "The recommender": alone, "The knobs alone": through,
    }  # fmt: skip
    table = pd.DataFrame(
        [{"List from": name, "Recall@20": row["recall@20"], "nDCG@20": row["ndcg@20"]} for name, row in rows.items()]
    )
    form = {name: st.column_config.NumberColumn(format="%.3f") for name in ("Recall@20", "nDCG@20")}
    st.dataframe(table, hide_index=True, column_config=form)
    _show_account(bundle)


def _show_account(bundle: Bundle) -> None:
    """What was read, and what looks odd; nothing for bundles from before there was an account."""
    account = bundle.manifest.read
    if account is None:
        return
    st.subheader("What was read", anchor=False)
    for warning in account.warnings:
        st.warning(html.plain(f"{warning}."))
    said = "".join(f"<li>{html.escaped(sentence)}</li>" for sentence in account.sentences(bundle.words))
    st.html(f"<ul>{said}</ul>")
