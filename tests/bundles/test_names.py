"""Names that an owner gives: shown everywhere, checked, kept with the bundle, and carried over to the next one."""

import dataclasses
import json

import numpy as np
import pytest

from knobs_core import bundles
from knobs_core.base.errors import BundleError, ConfigError, UnknownNameError
from knobs_core.bundles.names import LONGEST, NAMES
from knobs_core.concepts import SAME
from knobs_core.data import load_data
from tests.bundles.sealing import seal_names
from tests.given import SMALL


@pytest.fixture(scope="module")
def neuron(planted_bundle):
    """A live neuron that is named by a tag."""
    return next(label.neuron for label in planted_bundle.labels if label.tags)


@pytest.fixture(scope="module")
def renamed(planted_bundle, neuron):
    return planted_bundle.with_names({"concept 3": "  Rainy days ", f"#{neuron}": "Žluté noci 夜"})


def test_a_given_name_is_shown_and_the_own_one_still_found(planted_bundle, renamed, neuron):
    knobs, own = renamed.knobs, planted_bundle.labels[neuron].label
    assert (knobs["concept 3"].name, knobs["concept 3"].former) == ("Rainy days", "concept 3")
    assert (knobs[f"#{neuron}"].name, knobs[f"#{neuron}"].former) == ("Žluté noci 夜", own)
    assert (renamed.labels[neuron].label, renamed.labels[neuron].former) == ("Žluté noci 夜", own)
    for text in ("rainy DAYS", "concept 3", "Concept 3"):
        assert knobs.find(text).key == "concept 3"
        assert "concept 3" in knobs.search(text)["key"].tolist()
    for text in ("žluté noci 夜", own, f"#{neuron}", f"Neuron {neuron}"):
        assert knobs.find(text).key == f"#{neuron}"
    assert knobs.parse(["Rainy days=0.4"])[0].recipe == planted_bundle.knobs["concept 3"].recipe
    assert knobs.name_of("concept 3") == "Rainy days"
    assert knobs.name_of("no knob") == "no knob"


def test_only_names_change(planted_bundle, renamed, neuron):
    assert renamed.id == planted_bundle.id  # reports, links and presets stay
    assert renamed.names_id != planted_bundle.names_id == ""
    assert list(renamed.knobs) == list(planted_bundle.knobs)
    other = dataclasses.replace(renamed.labels[neuron], label=planted_bundle.labels[neuron].label, former="")
    assert other == planted_bundle.labels[neuron]
    assert renamed.labels[neuron].tags == planted_bundle.labels[neuron].tags
    assert renamed.with_names({}).labels == planted_bundle.labels
    assert not renamed.with_names({}).names


def test_a_person_sees_given_names(renamed):
    users = renamed.interactions.user_ids
    person = next(one for one in map(renamed.person, users) if any(t.key == "concept 3" for t in one.themes()))
    assert "Rainy days" in person.profile()["theme"].tolist()
    assert "concept 3" not in person.profile()["theme"].tolist()


def test_a_name_may_be_taken_back_by_giving_the_own_one(planted_bundle, renamed):
    assert "concept 3" not in renamed.with_names({**renamed.names, "concept 3": "concept 3"}).names


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "an empty one"),
        (" \u3000 ", "an empty one"),
        ("x" * (LONGEST + 1), "found 61"),
        ("a\nb", "without control characters"),
        ("a\x00b", "without control characters"),
        ("a\u2028b", "without control characters"),
        ("a\u202eb", "without control characters"),
        ("\ud800x", "without control characters"),
        ("#7", "like a key"),
        ("~i3", "like a key"),
        ("=7:1000", "like a key"),
        ("Neuron 7", "like a key"),
        ("dead neuron 7", "like a key"),
        ("CONCEPT 4", "no other knob has, found 'CONCEPT 4', which is concept 4"),
        ("rainy DAYS", "no other knob has, found 'rainy DAYS', which is concept 3"),
        ("concept 3", "no other knob has"),  # it is called otherwise, and answers to it
    ],
)
def test_a_name_that_does_not_do_is_refused_in_one_clear_line(renamed, tmp_path, name, says):
    with pytest.raises(ConfigError, match=says) as error:
        renamed.with_names({**renamed.names, "concept 5": name})
    assert "\n" not in str(error.value)
    bundles.save(renamed, tmp_path / "b")
    seal_names(tmp_path / "b", {**renamed.names, "concept 5": name})
    with pytest.raises(BundleError, match=r"names\.json, found one that cannot.*delete the file"):
        bundles.load(tmp_path / "b")


def test_the_longest_name_and_letters_of_any_script_do(planted_bundle):
    for name in ("x" * LONGEST, "夜", "a=b", "<b>", "نیم‌فاصله", "👩‍🚀"):
        assert planted_bundle.with_names({"concept 5": name}).knobs["concept 5"].name == name


@pytest.mark.parametrize("key", ["nothing", "#9999", "~i3", "Concept 3"])
def test_what_is_no_knob_gets_no_name(planted_bundle, key):
    with pytest.raises(UnknownNameError, match="the key of a knob"):
        planted_bundle.with_names({key: "a name"})


@pytest.mark.parametrize("text", ["[]", "{", '{"concept 3": 1}', "null", '"x"', "\udcff"])
def test_a_file_that_holds_no_names_says_so(planted_bundle, tmp_path, text):
    bundles.save(planted_bundle, tmp_path / "b")
    (tmp_path / "b" / NAMES).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BundleError, match=r"names as \{key: name\}"):
        bundles.load(tmp_path / "b")


def test_names_are_written_with_the_bundle_and_alone(planted_bundle, renamed, tmp_path):
    path = tmp_path / "b"
    bundles.save(planted_bundle, path)
    assert not (path / NAMES).exists()
    before = {file.name: file.read_bytes() for file in path.iterdir()}
    bundles.save_names(renamed, path)
    after = {file.name: file.read_bytes() for file in path.iterdir()}
    assert json.loads(after.pop(NAMES))["names"] == dict(renamed.names)
    assert after == before
    back = bundles.load(path)
    assert (back.names, back.labels) == (renamed.names, renamed.labels)
    bundles.save(back, tmp_path / "again")
    again = bundles.load(tmp_path / "again")
    assert (again.names, again.labels) == (renamed.names, renamed.labels)
    assert again.with_names({}).labels == planted_bundle.labels
    bundles.save_names(again.with_names({}), tmp_path / "again")
    assert bundles.load(tmp_path / "again").labels == planted_bundle.labels


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda document: document["names"].update({"concept 3": "Sunny days"}), "others than were written"),
        (lambda document: document.update(bundle="0123456789ab"), "those of bundle 0123456789ab, not of "),
        (lambda document: document.pop("proof"), "something else"),
    ],
)
def test_names_of_another_bundle_or_not_as_written_are_refused(renamed, tmp_path, change, says):
    bundles.save(renamed, tmp_path / "b")
    document = json.loads((tmp_path / "b" / NAMES).read_text(encoding="utf-8"))
    change(document)
    (tmp_path / "b" / NAMES).write_text(json.dumps(document))
    with pytest.raises(BundleError, match=f"{says}.*delete the file and give the names again"):
        bundles.load(tmp_path / "b")


def test_names_are_never_put_into_another_bundle(renamed, tmp_path):
    manifest = renamed.manifest.model_copy(update={"seed": 99})
    bundles.save(dataclasses.replace(renamed, manifest=manifest).with_names({}), tmp_path / "b")
    with pytest.raises(BundleError, match="another one"):
        bundles.save_names(renamed, tmp_path / "b")
    assert not (tmp_path / "b" / NAMES).exists()


def effects(bundle, items):
    """What each decoder row adds to the scores of some items, item by item."""
    columns = [bundle.interactions.column_of[item] for item in items]
    nested = bundle.nested
    nothing = nested.cfae.decode(nested.sae.w_dec[:1] * 0)
    return np.array([(nested.cfae.decode(row[None]) - nothing)[0, columns].numpy() for row in nested.sae.w_dec])


@pytest.mark.parametrize(
    ("cfae", "start", "found"),
    [("elsa", "items", {True, False}), ("multvae", "items", {True, False}), ("elsa", "random", {False})],
)
def test_names_go_on_with_the_neurons_that_a_new_training_finds_again(
    planted_bundle, planted_again, planted_folder, cfae, start, found
):
    """Six in ten people like what others liked, and one item has a new id: some or none of the neurons return."""
    data = load_data(planted_folder)
    rng = np.random.default_rng(0)
    drawn = np.where(rng.random(data.n_users) < 0.6, rng.permutation(data.n_users), np.arange(data.n_users))
    item_ids = np.array(["new", *data.item_ids[1:]], object)
    later = dataclasses.replace(data, matrix=data.matrix[drawn], item_ids=item_ids)
    old = planted_bundle if cfae == "elsa" else bundles.load(planted_again(cfae, 3))
    again = {**SMALL, "sae": {**SMALL["sae"], "start": start}}
    new = bundles.train(later, cfae=cfae, overrides=again, seed=3, device="cpu")
    pairs = zip(effects(old, item_ids[1:]), effects(new, item_ids[1:]), strict=True)
    correlation = np.array([np.corrcoef(*pair)[0, 1] for pair in pairs])
    live = [label.neuron for label in old.labels if f"#{label.neuron}" in new.knobs and label.alive]
    assert {bool(correlation[j] >= SAME) for j in live} == found
    old = old.with_names({"concept 3": "Rainy days", **{f"#{j}": f"The {j}th" for j in live}})
    kept, lost = new.with_names_of(old)
    same = {f"#{j}": f"The {j}th" for j in live if correlation[j] >= SAME}
    assert kept.names == {"concept 3": "Rainy days", **same}
    assert lost == [f"The {j}th" for j in live if correlation[j] < SAME]
    assert kept.with_names({}).labels == new.labels


def test_names_that_are_taken_or_whose_knobs_are_gone_are_told(planted_bundle, neuron):
    """Of the very same models all names survive, unless the new data have a tag of that name, or a tag less."""
    old = planted_bundle.with_names({"concept 3": "Rainy days", f"#{neuron}": "Mine", "concept 4": "concept 14"})
    kept, lost = planted_bundle.with_names_of(old)
    assert (kept.names, lost) == (old.names, [])
    tags = [{"concept 3": "concept 14", "concept 5": "mine"}.get(tag, tag) for tag in planted_bundle.concepts.tags]
    concepts = dataclasses.replace(planted_bundle.concepts, tags=tags)
    kept, lost = dataclasses.replace(planted_bundle, concepts=concepts).with_names_of(old)
    assert kept.names == {}
    assert lost == ["Rainy days", "Mine", "concept 14"]


def test_a_neuron_with_nothing_in_common_to_compare_is_another(planted_bundle, neuron):
    data = planted_bundle.interactions
    others = dataclasses.replace(data, item_ids=np.array([f"new {item}" for item in data.item_ids], object))
    old = planted_bundle.with_names({"concept 3": "Rainy days", f"#{neuron}": "Mine"})
    kept, lost = dataclasses.replace(planted_bundle, interactions=others).with_names_of(old)
    assert (kept.names, lost) == ({"concept 3": "Rainy days"}, ["Mine"])
