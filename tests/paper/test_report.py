"""The page: every number is recomputed, nothing is fetched, and the paper's numbers stand beside ours."""

import json
from html.parser import HTMLParser

import pandas as pd
import pytest

from knobs_core.paper import reference, report, tables
from knobs_core.paper.store import Store
from tests.paper.page import HOSTILE, NAMES, csv, fixed, free, plain, share, shown
from tests.paper.plans import TINY


def test_every_number_of_the_report_comes_from_the_tables(folder):
    page = shown(folder)
    assert page["table1"][1:] == [[row.what, free(row.value)] for row in csv(folder, "table1_counts").itertuples()]
    three = fixed(3)
    assert page["table3"][1:] == [
        [r.model, fixed(0)(r.dim), str(r.users), three(r.recall), three(r.recall_error), three(r.ndcg),
         three(r.ndcg_error), fixed(0)(r.epochs), fixed(0)(r.steps)]
        for r in csv(folder, "table3_accuracy").itertuples()
    ]  # fmt: skip
    assert page["figure2-table"][1:] == [
        [NAMES[r.cfae], NAMES[r.sae], r.loss, fixed(0)(r.width_ratio), fixed(0)(r.k), plain(r.l1),
         fixed(1)(r.l0), three(r.cosine), share(r.recall_kept), share(r.ndcg_kept), str(r.neurons),
         str(r.dead_on_items), str(r.epochs)]
        for r in csv(folder, "figure2_reconstruction").itertuples()
    ]  # fmt: skip
    titles = {"elsa-l2": "ELSA+L2", "multvae-l2": "MultVAE+L2", "elsa-cosine": "ELSA+Cosine", "": ""}
    summary, tags, neurons = (csv(folder, name) for name in ("summary", "table2_tags", "figure3_neurons"))
    assert page["summary"][1:] == [[r.what, titles[r.model], free(r.value)] for r in summary.itertuples()]
    value = summary.set_index(["what", "model"])["value"]
    two = fixed(2)
    for model in ("elsa-l2", "multvae-l2", "elsa-cosine"):
        own = tags[(tags["model"] == model) & (tags["kl_paper"] != "")].astype({"kl_paper": float})
        own = own.sort_values(["kl_paper", "tag"], ascending=[False, True])
        picked = pd.concat([own[:5], own[-1:]])
        assert page[f"table2-{model}"][1:] == [
            [r.tag, two(r.entropy), two(r.entropy_share), two(r.kl_paper), two(r.kl), two(r.jsd)]
            for r in picked.itertuples()
        ]
        assert value["tags with KL above 10", model] == pytest.approx((own["kl_paper"] > 10).mean())
        assert value["mean JSD of tags", model] == pytest.approx(own["jsd"].astype(float).mean())
        assert value["neurons unique to a tag", model] == own["unique_neuron"].nunique()
        living = neurons[(neurons["model"] == model) & (neurons["entropy"] != "")]
        assert value["neurons alive on single items", model] == len(living)
        assert value["tags distinctive of a neuron", model] == living["distinctive_tag"].nunique()
        assert value["mean entropy of single neurons over ln(tags)", model] == pytest.approx(
            living["entropy_share"].astype(float).mean()
        )
    assert page["figure5-table"][1:] == [
        [titles[r.model], r.mapping, fixed(1)(r.alpha), three(r.personal), three(r.personal_error), three(r.segment),
         three(r.segment_error), str(r.users)]
        for r in csv(folder, "figure5_steering").itertuples()
    ]  # fmt: skip
    groups = (
        tags[(tags["model"] == "elsa-l2") & (tags["unique_neuron"] >= 0)].groupby("unique_neuron")["tag"].apply(list)
    )
    groups = {int(neuron): " | ".join(names) for neuron, names in groups.items() if len(names) > 1}
    listed = csv(folder, "shared_neurons")
    assert {r.neuron: r.tags for r in listed[listed["model"] == "elsa-l2"].itertuples()} == groups


def test_the_page_is_safe_and_fetches_nothing(folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; $x$" in page

    class Links(HTMLParser):
        found = ()

        def handle_starttag(self, tag, attrs):
            self.found += tuple(value for name, value in attrs if name in ("src", "href", "action", "data"))

    links = Links()
    links.feed(page)
    assert links.found
    assert all(link.startswith("#") for link in links.found)


def test_the_papers_numbers_stand_beside_ours(folder, tmp_path):
    """On the paper's data sets its values appear, and nowhere else."""
    assert reference.data_set("ml-25m") == reference.data_set("/data/ml-25m.zip") == "ml-25m"
    assert reference.data_set("ml-latest-small") is None
    assert not [cell for rows in shown(folder).values() for cell in rows[0] if "paper" in cell]
    tables.write(tmp_path, Store(folder / "cells"), TINY, "ml-25m")
    report.write(tmp_path, json.loads((folder / "run.json").read_text()) | {"source": "ml-25m"})
    page = shown(tmp_path)
    assert ["users", "600", "160,776"] in page["table1"]
    assert ["tags with KL above 10", "ELSA+L2"] in [row[:2] for row in page["summary"] if row[-1] == "0.5900"]
    assert page["figure5-table"][0][5] == "own, paper"
    theirs = [row[5] for row in page["figure5-table"] if row[:2] == ["ELSA+L2", "representative"]]
    assert theirs == ["0.328", "0.330", "0.289", "0.237", "0.189", "0.149"]
    assert {len(curve) for pair in reference.STEERING.values() for curve in pair} == {len(reference.ALPHAS)}


def test_the_page_says_what_was_changed_of_the_plan(folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Changed: <code>grid.width_ratios=4, grid.l1s=0.01, sae.epochs=100</code>. Seed 3." in page
