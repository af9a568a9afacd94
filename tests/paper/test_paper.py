"""The report: measures against other libraries, planted answers found, every number recomputed, killed and resumed."""

import dataclasses
import json
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from knobs_core import paper
from knobs_core.base.errors import ConfigError
from knobs_core.cli import main
from knobs_core.data.planted import planted
from knobs_core.data.split import HeldOut
from knobs_core.paper import figures, measures, reference, report, tables
from knobs_core.paper.store import Store

NAMES = {"elsa": "ELSA", "multvae": "MultVAE", "topk": "TopK", "basic": "Basic"}
HOSTILE = "<script>alert(1)</script> & $x$"
TINY = dataclasses.replace(
    paper.QUICK,
    dims={"elsa": (16, 32), "multvae": (32,)},
    grid_dim={"elsa": 32, "multvae": 32},
    width_ratios=(4,),
    ks=(8, 32),
    l1s=(0.01,),
    changes={"sae": {"epochs": 100}},
    fine_width=4,
    fine_k=8,
    list_alpha=0.4,
    map_users=20,
    map_alphas=(0.3, 0.6),
)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Planted data; one title is an attack."""
    folder = tmp_path_factory.mktemp("planted")
    made = planted()
    made.interactions.to_csv(folder / "interactions.csv", index=False)
    items = made.items.copy()
    popular = made.interactions["item_id"].value_counts().index[0]
    items.loc[items["item_id"] == popular, "title"] = HOSTILE
    items.to_csv(folder / "items.csv", index=False)
    made.tags.to_csv(folder / "tags.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def folder(source, tmp_path_factory):
    """A whole report on the planted data."""
    out = tmp_path_factory.mktemp("report") / "r"
    paper.run(str(source), out, quick=True, seed=3, device="cpu", plan=TINY)
    return out


class Tables(HTMLParser):
    """The tables of a page by id: rows of the text in their cells, the head first."""

    def __init__(self, page: str):
        super().__init__()
        self.tables, self._rows = {}, None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self._rows = self.tables[dict(attrs)["id"]] = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._rows[-1].append("")

    def handle_endtag(self, tag):
        if tag == "table":
            self._rows = None

    def handle_data(self, data):
        if self._rows:
            self._rows[-1][-1] += data


def shown(folder):
    return Tables((folder / "report.html").read_text(encoding="utf-8")).tables


def csv(folder, name):
    return pd.read_csv(folder / "csv" / f"{name}.csv", keep_default_na=False, na_values={})


def fixed(digits):
    return lambda value: "–" if value == "" else f"{float(value):,.{digits}f}"


def share(value):
    return "–" if value == "" else f"{float(value) * 100:.1f}%"


def plain(value):
    return "–" if value == "" else f"{float(value):g}"


def free(value):
    if value == "":
        return "–"
    return f"{float(value):,.0f}" if float(value) % 1 == 0 else f"{float(value):,.4f}"


def test_specificity_agrees_with_scipy():
    scores = np.random.default_rng(0).gamma(0.3, size=(30, 12)) * (np.random.default_rng(1).random((30, 12)) < 0.6)
    scores[:, 5] = 0
    scores[7] = 0
    rows, average = measures.specificity(scores)
    mean = scores.mean(0)
    assert average == {"entropy": pytest.approx(entropy(mean)), "alive": 11}
    assert rows.loc[7].isna().all()
    for i in (0, 3, 29):
        own = rows.loc[i]
        assert own["entropy"] == pytest.approx(entropy(scores[i]))
        assert own["entropy_share"] == pytest.approx(entropy(scores[i], base=11))
        assert own["entropy_decrease"] == pytest.approx(1 - entropy(scores[i]) / entropy(mean))
        assert own["kl_paper"] == pytest.approx(entropy(mean, scores[i] + 1e-9))
        assert own["kl"] == pytest.approx(entropy(scores[i], mean))
        assert own["jsd"] == pytest.approx(jensenshannon(scores[i], mean) ** 2)


def test_specificity_by_hand():
    """Two tags over two neurons; the average is even, so a tag on one neuron is ln 2 away from it."""
    rows, average = measures.specificity(np.array([[2.0, 0], [0, 2]]))
    assert average == {"entropy": pytest.approx(np.log(2)), "alive": 2}
    assert rows["entropy"].tolist() == [0, 0]
    assert rows["entropy_decrease"].tolist() == [1, 1]
    assert rows["kl"].tolist() == pytest.approx([np.log(2)] * 2)
    # half of the mass meets a share of 1 - 5e-10, the other half one of 5e-10
    assert rows["kl_paper"].tolist() == pytest.approx([np.log(0.5) - 0.5 * np.log(5e-10)] * 2, rel=1e-6)
    assert measures.specificity(np.zeros((3, 2)))[1] == {"entropy": 0.0, "alive": 0}


def test_kl_of_the_papers_code_rises_with_the_mass_of_a_row():
    """What is flagged in the report: the same distribution with ten times the score has a larger KL."""
    scores = np.array([[1.0, 0, 0], [10, 0, 0], [0, 3, 3]])
    rows, _ = measures.specificity(scores)
    assert rows["kl_paper"][1] > rows["kl_paper"][0] + 0.5
    assert rows["jsd"][1] == pytest.approx(rows["jsd"][0])


def test_segments_by_hand():
    tag_items = sp.csr_matrix([[1.0, 1, 0, 0, 0], [0, 0, 3, 1, 0], [0, 0, 0, 0, 1]])
    inputs = sp.csr_matrix([[1.0, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 1]])
    targets = sp.csr_matrix([[0.0, 0, 1, 1, 0], [0, 0, 0, 1, 0], [1, 0, 1, 0, 0]])
    held_out = HeldOut(np.arange(3), inputs, targets)
    assert measures.segments(tag_items, held_out).tolist() == [1, -1, 0]  # the last is a tie, so the first tag
    assert measures.segments(sp.csr_matrix((0, 5)), held_out).tolist() == [-1, -1, -1]


def test_steering_without_an_amount_is_the_nested_model(planted_bundle):
    split, (_, tag_items) = planted_bundle.split(), planted_bundle.interactions.tag_matrix()
    segment = measures.segments(tag_items, split.test)
    users = HeldOut(*(field[segment >= 0] for field in split.test))
    neurons = planted_bundle.concepts.representative()
    values = measures.steer_segments(
        planted_bundle.nested, tag_items, users, segment[segment >= 0], neurons, (0.0, 0.2)
    )
    assert values.shape == (2, 2, len(users.users))
    nested = measures.reconstruction(planted_bundle.nested, users)
    assert values[0, 0] == pytest.approx(nested["ndcg"])
    assert values[1, 1].mean() > values[0, 1].mean()


def test_precision_by_hand():
    """Neuron 0 fires for items 2 and 0; item 3 has too few likes to count; tag 1 has no neuron, tag 2 one of three."""
    codes = sp.csr_matrix([[1.0, 0], [0, 1], [3, 0], [9, 0]])
    first = measures.strongest_items(codes, np.array([5, 5, 9, 4]), 10)
    assert [items.tolist() for items in first] == [[2, 0], [1]]
    tag_items = sp.csr_matrix([[2.0, 0, 1, 0], [0, 1, 0, 0], [1, 1, 0, 1]])
    assert measures.precision(tag_items, first, np.array([0, -1, 0]), 10) == [1.0, 0.0, 1 / 3]


def test_standard_error_by_hand():
    assert measures.mean_and_error(np.array([1.0, 2, 3, np.nan])) == (2.0, pytest.approx(1 / np.sqrt(3)))
    assert np.isnan(measures.mean_and_error(np.array([np.nan]))).all()


def test_planted_neurons_tags_and_items_are_found(source, folder):
    """Every model finds the concepts: neuron, tag and items go together; lists move towards the concept."""
    truth = pd.read_csv(source / "tags.csv", dtype=str).set_index("item_id")["tag"]
    titles = pd.read_csv(source / "items.csv", dtype=str).set_index("item_id")["title"]
    concept_of = {titles[item]: tag for item, tag in truth.items()}
    tags, neurons = tables.read(folder, "table2_tags"), tables.read(folder, "figure3_neurons")
    for model in ("elsa-l2", "elsa-cosine"):
        of_model = neurons[neurons["model"] == model].set_index("neuron")
        found = 0
        for row in tags[tags["model"] == model].itertuples():
            own = of_model.loc[row.representative_neuron]
            right = [concept_of[title] == row.tag for title in own["top_items"].split(" | ")]
            found += own["distinctive_tag"] == row.tag and np.mean(right) >= 0.8
        assert found >= 11, model
        assert tags.loc[tags["model"] == model, "representative_precision"].median() > 0.9
    lists = tables.read(folder, "figure4_lists")
    for concept, rows in lists.groupby("concept"):
        if concept:
            assert rows["carries"].tolist() == [concept_of[title] == concept for title in rows["title"]]
            before = [concept_of[title] == concept for title in lists.loc[lists["concept"] == "", "title"]]
            assert rows["carries"].sum() >= sum(before)
    boosted = lists[lists["concept"] != ""]
    assert boosted["carries"].sum() > 0.3 * len(boosted)
    points = tables.read(folder, "figure5_steering").set_index(["model", "mapping", "alpha"])
    for mapping in ("representative", "unique"):
        assert points.loc[("elsa-l2", mapping, 0.3), "segment"] > points.loc[("elsa-l2", mapping, 0.0), "segment"] + 0.1


def test_accuracy_is_that_of_the_users_and_beats_popularity(folder):
    users, table = tables.read(folder, "accuracy_by_user"), tables.read(folder, "table3_accuracy")
    assert len(table) == 4
    for row in table.itertuples():
        own = users[(users["model"] == row.model) & (users["dim"].fillna(0) == (0 if pd.isna(row.dim) else row.dim))]
        assert len(own) == row.users
        for name in ("recall", "ndcg"):
            assert getattr(row, name) == pytest.approx(own[name].mean())
            assert getattr(row, f"{name}_error") == pytest.approx(own[name].std() / np.sqrt(len(own)))
    assert (table["ndcg"][1:] > 1.3 * table["ndcg"][0]).all()


def test_the_grid_is_relative_to_its_recommender(folder):
    grid, table = tables.read(folder, "figure2_reconstruction"), tables.read(folder, "table3_accuracy")
    assert len(grid) == 2 * 2 * 3
    whole = table.set_index(["model", "dim"])
    for row in grid.itertuples():
        before = whole.loc[(NAMES[row.cfae], row.dim)]
        assert row.ndcg_kept == pytest.approx(row.ndcg / before["ndcg"])
        assert row.recall_kept == pytest.approx(row.recall / before["recall"])
        assert pd.isna(row.k) or row.l0 <= row.k
    kept = grid[(grid["cfae"] == "elsa") & (grid["k"] == 32)].set_index("loss")["ndcg_kept"]
    assert kept["l2"] >= 0.9
    assert kept["cosine"] >= 0.85


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


def test_figures_show_what_the_tables_say(folder):
    charts = {chart.name: chart for chart in figures.charts(folder)}
    assert sorted(charts) == ["figure2", "figure3", "figure5", "figure6"]
    points = tables.read(folder, "figure5_steering")
    line = points[(points["model"] == "elsa-l2") & (points["mapping"] == "unique")]
    drawn = next(series for series in charts["figure5"].panels[0].series if series.name == "unique")
    assert (drawn.x, drawn.y) == (line["personal"].tolist(), line["segment"].tolist())
    grid = tables.read(folder, "figure2_reconstruction")
    shares = [y for panel in charts["figure2"].panels for series in panel.series for y in series.y]
    assert sorted(shares) == sorted([*grid["cosine"], *grid["ndcg_kept"], *grid["recall_kept"]])
    for panel in charts["figure3"].panels:
        assert all(sum(series.y) == pytest.approx(1) for series in panel.series)
    assert len(charts["figure6"].panels) == 3
    for name in [*charts, "figure4"]:
        assert (folder / "figures" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert ElementTree.parse(folder / "figures" / f"{name}.svg").getroot().tag.endswith("svg")


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


LITTLE = dataclasses.replace(
    TINY, dims={"elsa": (8,), "multvae": (8,)}, grid_dim={"elsa": 8, "multvae": 8}, map_users=0, losses=("l2",),
    changes={"sae": {"epochs": 3}, "cfae": {"epochs": 3}},
)  # fmt: skip


def test_a_killed_run_goes_on_where_it_was(source, tmp_path):
    """Killed by SIGKILL in the middle: finished cells stay as they are, the result is that of an undisturbed run."""
    code = (
        "import sys, dataclasses; from pathlib import Path; from knobs_core import paper\n"
        f"plan = paper.Plan(**{dataclasses.asdict(LITTLE)!r})\n"
        "paper.run(sys.argv[1], Path(sys.argv[2]), True, 1, 'cpu', plan=plan)"
    )
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    process = subprocess.Popen([sys.executable, "-c", code, str(source), str(killed)])
    for _ in range(1200):
        if len(list((killed / "cells").glob("*.json"))) >= 4:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = {file.name: file.stat().st_mtime_ns for file in (killed / "cells").glob("*.json")}
    assert 4 <= len(before) < 20
    assert not (killed / "report.html").exists()
    told = []
    for out in (killed, whole):
        paper.run(str(source), out, True, 1, "cpu", plan=LITTLE, progress=told.append)
    after = {file.name: file.stat().st_mtime_ns for file in (killed / "cells").glob("*.json")}
    assert {name: after[name] for name in before} == before
    assert len(after) > len(before)
    for file in sorted((whole / "csv").glob("*.csv")):
        assert (killed / "csv" / file.name).read_text() == file.read_text(), file.name
    assert told[-1].done == told[-1].total == paper.read_progress(whole)["total"]
    with pytest.raises(ConfigError, match="another seed"):
        paper.run(str(source), whole, True, 2, "cpu", plan=LITTLE)


def test_data_without_tags_gets_the_other_half(source, tmp_path):
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "interactions.csv").write_text((source / "interactions.csv").read_text())
    paper.run(str(bare), tmp_path / "out", True, 1, "cpu", plan=LITTLE)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "has no tags" in page
    assert set(Tables(page).tables) == {"table1", "table3", "figure2-table"}


def test_the_command(planted_path, tmp_path, monkeypatch, capsys):
    """A bundle's data serves as a source; the report lies under KNOBS_HOME by default."""
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    monkeypatch.setattr(paper, "QUICK", LITTLE)
    with pytest.raises(SystemExit) as left:
        main(["paper", "--data", str(planted_path), "--quick", "--set", "data.threshold=3"])
    assert left.value.code == 2
    main(["paper", "--data", str(planted_path), "--quick", "--device", "cpu", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert Path(document["report"]) == tmp_path / "reports" / "planted-quick" / "report.html"
    assert Path(document["report"]).is_file()
    with pytest.raises(SystemExit) as left:
        main(["paper", "--data", str(planted_path), "--quick", "--seed", "9"])
    assert left.value.code == 2
    assert "another seed" in capsys.readouterr().err
