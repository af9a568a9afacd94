"""What a report measures: planted answers are found, and figures follow from each other."""

import numpy as np
import pandas as pd
import pytest

from knobs_core.paper import tables
from tests.paper.page import NAMES


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
