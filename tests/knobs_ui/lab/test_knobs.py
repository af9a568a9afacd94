"""The tab that says how good the knobs are."""

from streamlit.testing.v1 import AppTest

from tests.knobs_ui.driving import sound


def quality_tab(path):
    from pathlib import Path

    from knobs_core import bundles
    from knobs_ui.lab import knobs

    knobs.render(bundles.load(Path(path)))


def test_quality_tab_shows_verdicts_and_luck(planted_path):
    tab = sound(AppTest.from_function(quality_tab, args=(str(planted_path),), default_timeout=60).run())
    assert [metric.label for metric in tab.metric] == [
        "Average precision",
        "AUROC",
        "Tenfold, held out",
        "Tenfold, all titles",
    ]
    assert sum(caption.value.startswith("by chance") for caption in tab.caption) == 4
    assert len(tab.dataframe) == 2
    table = tab.dataframe[0].value
    assert {"finds others strongly"} <= set(table["grade"])
    # What flatters comes later.
    assert table.select_dtypes("number").columns[:5].tolist() == [
        "bits",
        "place at rest",
        "place at 0.3",
        "p",
        "theme at rest",
    ]
