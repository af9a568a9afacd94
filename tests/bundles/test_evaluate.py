"""Measuring a bundle gives what the measurements give when they are called one by one."""

import pandas as pd

from knobs_core import evaluation
from knobs_core.bundles import evaluate


def test_accuracy_is_that_of_the_manifest(planted_bundle):
    assert evaluate.accuracy(planted_bundle) == planted_bundle.manifest.metrics


def test_stability_is_that_of_a_second_training(planted_bundle):
    told = []
    found = evaluate.stability(planted_bundle, told.append)
    assert 0 < found["null"] < found["cosine"] <= 1
    assert 0.5 < found["same_number"] <= found["matched"] <= 1
    assert told[-1].stage == "Training a second autoencoder"
    assert evaluate.stability(planted_bundle) == found


def test_the_trade_off_shows_itself_as_tables(planted_bundle):
    found = evaluate.tradeoff(planted_bundle)
    expected = evaluation.tradeoff_over_seeds(
        planted_bundle.nested, planted_bundle.interactions, planted_bundle.split(), [0]
    )
    assert found.document == expected
    pd.testing.assert_frame_equal(found.points, pd.DataFrame(expected["points"]))
    assert found.summary["method"].tolist() == [row["method"] for row in expected["summary"]]
    assert "<table" in found._repr_html_()
