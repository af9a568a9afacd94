"""What a bundle says of itself to people."""

import dataclasses

from knobs_core import bundles
from knobs_core.bundles.cards import DATA_CARD, MODEL_CARD, plain
from knobs_core.bundles.manifest import PeopleRecord, SourceRecord


def changed(bundle, **update):
    return dataclasses.replace(bundle, manifest=bundle.manifest.model_copy(update=update))


def test_cards_lie_beside_every_bundle(planted_bundle, tmp_path):
    bundles.save(planted_bundle, tmp_path / "b")
    for name, card in ((MODEL_CARD, bundles.model_card), (DATA_CARD, bundles.data_card)):
        assert (tmp_path / "b" / name).read_text(encoding="utf-8") == card(bundles.load(tmp_path / "b"))
    (tmp_path / "b" / MODEL_CARD).write_text("edited")
    (tmp_path / "b" / DATA_CARD).unlink()
    assert bundles.load(tmp_path / "b").id == planted_bundle.id


def test_the_model_card_has_the_figures_of_the_manifest(planted_bundle):
    card, metrics = bundles.model_card(planted_bundle), planted_bundle.manifest.metrics
    for part in ("cfae", "nested", "popularity"):
        assert f"| {metrics[part]['ndcg@20']:.3f} | {metrics[part]['recall@20']:.3f} |" in card
    named = sum(label.holds for label in planted_bundle.labels)
    assert f"and {named:,} have a name" in card
    assert "It was not measured." in bundles.model_card(changed(planted_bundle, metrics={}))


def test_the_data_card_says_what_of_people_is_in_it(planted_bundle):
    card, data = bundles.data_card(planted_bundle), planted_bundle.interactions
    assert f"| people | {data.n_users:,} |" in card
    assert f"| likes | {data.matrix.nnz:,} (" in card
    assert "The bundle holds ids and likes of every person" in card
    linked = bundles.data_card(changed(planted_bundle, people=PeopleRecord(path="x", id="y")))
    assert "holds neither" in linked


def test_a_source_cannot_write_the_card(planted_bundle):
    name = "a](http://b)\n# <script>`|*_\u202e"
    source = SourceRecord(name=name, checksum="`x`")
    for card in (bundles.model_card, bundles.data_card):
        made = card(changed(planted_bundle, source=source))
        assert plain(name) in made
        assert "\n# <script>" not in made
        assert "](http" not in made.replace("\\]", "")
        assert "\u202e" not in made
