"""Knobs by words and by meaning, by an encoder whose vectors are chosen here and a few lines of sayings."""

import numpy as np
import pytest

from knobs_core.bundles.catalogue import Knob
from knobs_core.evaluation import GRADES
from knobs_core.evaluation.effects import Effect
from knobs_core.sentences import index
from knobs_core.sentences.index import Index, Near, index_of

EFFECTS = {  # tested titles, luck, bits, shares of the list: what each grade is given for
    GRADES[0]: (10, True, 9.0, (0.0, 0.2, 0.5)),
    GRADES[1]: (10, True, 0.5, (0.0, 0.2, 0.5)),
    GRADES[2]: (10, False, 0.0, (0.0, 0.2, 0.5)),
    GRADES[3]: (0, False, 0.0, (0.0, 0.2, 0.5)),
}
WEAK = (0, False, 0.0, (0.0, 0.0, 0.0))
TABLE = {
    "ghost": ("ghost", (("things that go bump", "en"), ("spooky", "en"), ("gespenster", "de"), ("duchové", "cs"))),
    "robots": ("robots", (("androids", "en"), ("metal men", "en"))),
    "war": ("war", (("trenches", "en"), ("krieg", "de"))),
    "hauntedhouse": ("haunted house", (("creaky mansion", "en"), ("spukhaus", "de"))),
    "ballet": ("ballet", (("on tiptoe", "en"),)),
}


def effect(key, n_titles, no_luck, bits, theme):
    return Effect(key, key, 9, n_titles, 99, 50, 9, bits, 0.5, no_luck, theme, theme, theme, theme, ())


def knob(key, grade="", name="", weak=False):
    measured = effect(key, *(WEAK if weak else EFFECTS[grade])) if weak or grade else None
    made = Knob(key, name or key, {}, effect=measured, former=key if name else "")
    assert bool(made.weak) == weak
    assert weak or made.verdict == grade
    return made


class ByHand:
    """An encoder that knows some texts, and says what it was asked."""

    name = "by hand"

    def __init__(self, **vectors):
        self.vectors, self.asked = {text.replace("_", " "): np.array(one, float) for text, one in vectors.items()}, []

    def encode(self, texts):
        self.asked += texts
        return np.array([self.vectors[text] / np.linalg.norm(self.vectors[text]) for text in texts], np.float32)


class ByChance:
    """An encoder that gives each text a direction of its own, drawn once."""

    name = "by chance"

    def __init__(self, seed, directions=6):
        self.rng, self.vectors, self.directions = np.random.default_rng(seed), {}, directions

    def encode(self, texts):
        for text in texts:
            one = self.rng.normal(size=self.directions)
            self.vectors.setdefault(text, one / np.linalg.norm(one))
        return np.array([self.vectors[text] for text in texts], np.float32)


@pytest.fixture(autouse=True)
def table(monkeypatch):
    monkeypatch.setattr(index, "sayings", lambda: TABLE)


def near_by_hand(ways, trust, text, vectors):
    """Each knob's likeness as the head of index.py has it, one by one."""
    found = {}
    for key, said in ways.items():
        alike = sorted((float(np.dot(vectors[one], vectors[text])) for one in said), reverse=True)
        second = alike[1] if len(alike) > 1 else alike[0] - 0.13
        found[key] = trust[key] * (0.6 * alike[0] + 0.4 * second)
    return found


@pytest.mark.parametrize("seed", range(5))
def test_likeness_is_that_of_the_two_nearest_ways_to_say_a_knob(monkeypatch, seed):
    rng = np.random.default_rng(seed)
    table = {f"k{n}": (f"k{n}", tuple((f"way {n} {i}", "en") for i in range(rng.integers(0, 5)))) for n in range(12)}
    monkeypatch.setattr(index, "sayings", lambda: table)
    monkeypatch.setattr(index, "known", lambda word, languages: True)
    grades = ["", *GRADES]
    knobs = [knob(key, grades[n % 5]) for n, key in enumerate(table)]
    encoder = ByChance(seed)
    found = Index(knobs, None, encoder).near(["one", "two"], 12)
    ways = {key: [key, *(text for text, _ in said)] for key, (_, said) in table.items()}
    trust = {one.key: {"": 0.97, **dict(zip(GRADES, (1, 0.99, 0.97, 0.94), strict=True))}[one.verdict] for one in knobs}
    for text, near in zip(("one", "two"), found, strict=True):
        expected = near_by_hand(ways, trust, text, encoder.vectors)
        assert {one.knob.key: one.likeness for one in near} == pytest.approx(expected, abs=1e-6)
        assert [one.knob.key for one in near] == sorted(expected, key=lambda key: -expected[key])


def test_only_the_nearest_are_named():
    encoder = ByChance(1)
    knobs = [knob("ghost"), knob("robots"), knob("war")]
    whole, cut = (Index(knobs, None, encoder).near(["x"], most)[0] for most in (3, 2))
    assert [*cut] == whole[:2]
    assert Index(knobs, None, encoder).near([], 3) == []
    assert Index([], None, encoder).near(["x", "y"], 3) == [[], []]


def test_two_ways_that_are_equally_near_are_both_near():
    """As a name and a saying that an encoder takes for the same text."""
    encoder = ByHand(robots=[1, 0], androids=[1, 0], metal_men=[1, 1], text=[1, 0.2])
    [[near]] = Index([knob("robots", GRADES[0])], None, encoder).near(["text"], 1)
    assert near.likeness == pytest.approx(1 / np.sqrt(1.04))
    encoder = ByHand(robots=[1, 0], androids=[1, 0], metal_men=[1, 0], text=[1, 0.2])
    [[near]] = Index([knob("robots", GRADES[0])], None, encoder).near(["text"], 1)
    assert near.likeness == pytest.approx(1 / np.sqrt(1.04))


def test_one_stray_likeness_counts_for_little_and_trust_decides_between_equals():
    encoder = ByHand(
        robots=[0, 1], androids=[1, 0], metal_men=[0, 1], war=[0.9, 0.3], trenches=[0.9, 0.3], ghost=[0.9, 0.3],
        things_that_go_bump=[0.9, 0.3], spooky=[0.9, 0.3], text=[1, 0],
    )  # fmt: skip
    knobs = [knob("robots", GRADES[0]), knob("war", GRADES[1]), knob("ghost", GRADES[0])]
    [near] = Index(knobs, None, encoder).near(["text"], 3)
    assert [one.knob.key for one in near] == ["ghost", "war", "robots"]


def test_weak_knobs_and_the_names_of_people_mean_nothing_but_themselves():
    encoder = ByChance(1)
    knobs = [knob("ghost", weak=True), knob("quentin tarantino"), knob("war"), knob("hanks", name="Tom Hanks")]
    found = Index(knobs, None, encoder)
    assert [one.knob.key for one in found.near(["x"], 9)[0]] == ["war"] or "hanks" in encoder.vectors
    assert not {"ghost", "spooky", "quentin tarantino"} & encoder.vectors.keys()
    assert {"war", "trenches"} <= encoder.vectors.keys()
    assert found.called(["ghost"], "en").knob.key == "ghost"
    assert found.called(["spooky"], "en").knob.key == "ghost"
    assert found.called(["quentin", "tarantino"], "en").knob.key == "quentin tarantino"


def test_of_other_languages_nothing_is_sought_by_meaning():
    encoder = ByChance(1)
    Index([knob("ghost")], None, encoder).near(["x"], 1)
    assert encoder.vectors.keys() == {"ghost", "things that go bump", "spooky", "x"}


def test_knobs_are_called_by_their_names_and_sayings_in_any_form():
    found = Index([knob("ghost"), knob("robots"), knob("sci-fi")], None, ByHand())
    calls = {
        ("ghost", "en"): ("ghost", True),
        ("robots", "en"): ("robots", True),
        ("robot", "en"): ("robots", True),  # the ground form
        ("androids", "en"): ("robots", False),
        ("android", "en"): ("robots", False),
        ("sci fi", "en"): ("sci-fi", True),
        ("things that go bump", "en"): ("ghost", False),
        ("gespenster", "de"): ("ghost", False),
        ("gespenst", "de"): ("ghost", False),
        ("duchove", "cs"): ("ghost", False),
    }
    for (text, language), (key, own) in calls.items():
        said = found.called(text.split(), language)
        assert (said.knob.key, said.own) == (key, own), text
    for text, language in (("gespenster", "en"), ("ghost", "de"), ("that go bump", "en"), ("", "en"), ("x", "cs")):
        assert found.called(text.split(), language) is None


def test_names_come_before_sayings():
    """A knob that is called as another one's saying goes."""
    found = Index([knob("ghost"), knob("spooky")], None, ByHand())
    assert found.called(["spooky"], "en").knob.key == "spooky"
    found = Index([knob("spooky"), knob("ghost")], None, ByHand())
    assert found.called(["spooky"], "en").knob.key == "spooky"


def test_a_renamed_knob_goes_by_both_names_and_by_the_sayings_of_both():
    found = Index([knob("ghost", name="Robots")], None, ByHand())
    for text in ("ghost", "robots", "spooky", "androids"):
        assert found.called([text], "en").knob.key == "ghost"
    assert [said.text for said in found.said if said.own] == ["Robots", "ghost"]


def test_a_theme_without_a_knob_is_the_knob_nearest_to_it():
    vectors = {"ghost": [1, 0], "things_that_go_bump": [1, 0], "spooky": [1, 0.1], "war": [0, 1], "trenches": [0, 1]}
    encoder = ByHand(**vectors, haunted_house=[1, 0.3], ballet=[1, 1])
    found = Index([knob("ghost", GRADES[0]), knob("war", GRADES[0])], None, encoder)
    for text, language in (("haunted house", "en"), ("creaky mansion", "en"), ("spukhaus", "de")):
        forms = text.replace("haunted", "haunt").replace("creaky", "creaky").split()
        assert found.called(forms, language) is None
        assert found.elsewhere(forms, language) == "haunted house"
    said = found.stands_in("haunted house")
    assert (said.knob.key, said.own, said.instead, said.text) == ("ghost", False, True, "haunted house")
    assert found.elsewhere(["spukhaus"], "en") is None
    assert found.stands_in("ballet") is None  # nothing is near enough
    assert Index([], None, encoder).stands_in("ballet") is None


@pytest.mark.parametrize(
    ("there", "wanted", "unwanted"),
    [
        (["ballet", "dance", "music"], "ballet", "ballet"),
        (["music", "dance", "stage"], "dance", "dance"),
        (["music", "stage"], "stage", None),  # "no ballet" is not "no music"
        (["music"], "music", None),
        (["war"], None, None),
    ],
)
def test_what_stands_for_a_theme_without_a_knob(monkeypatch, there, wanted, unwanted):
    """What means almost the same, on both sides; what contains it, where it is wanted."""
    monkeypatch.setattr(index, "stand_ins", lambda: {"ballet": (("dance",), ("stage", "music"))})
    monkeypatch.setattr(index, "INSTEAD", 2)  # meaning alone is never enough
    found = Index([knob(name) for name in there], None, ByChance(1))
    for side, expected in ((True, wanted), (False, unwanted)):
        said = found.called(["ballet"], "en") or found.stands_in("ballet", side)
        assert (said and said.knob.key) == expected
        assert said is None or (said.instead, said.own) == (expected != "ballet", expected == "ballet")


def test_a_weak_knob_stands_for_nothing(monkeypatch):
    monkeypatch.setattr(index, "stand_ins", lambda: {"ballet": (("dance",), ("music",))})
    found = Index([knob("dance", weak=True), knob("music", GRADES[0])], None, ByChance(1))
    assert found.stands_in("ballet").knob.key == "music"


def test_how_near_a_knob_has_to_be_to_stand_for_a_theme():
    for least, close in ((index.INSTEAD + 0.001, True), (index.INSTEAD - 0.001, False)):
        angle = np.arccos(least)
        encoder = ByHand(war=[1, 0], trenches=[1, 0], ballet=[np.cos(angle), np.sin(angle)])
        found = Index([knob("war", GRADES[0])], None, encoder).stands_in("ballet")
        assert (found is not None) == close


@pytest.mark.parametrize(
    ("word", "languages", "mended"),
    [
        ("ghsot", ("en",), "ghost"),
        ("ghosst", ("en",), "ghost"),
        ("roboots", ("en",), "robots"),
        ("robts", ("en",), "robots"),
        ("androyds", ("en",), "androids"),
        ("trebnhces", ("en",), "trenches"),
        ("gespensetr", ("de", "en"), "gespenster"),
        ("gespensetr", ("en",), "gespensetr"),  # not a word of that language
        ("ghost", ("en",), "ghost"),
        ("goats", ("en",), "goats"),  # a dictionary has it
        ("ghxxt", ("en",), "ghxxt"),  # two slips in five letters
        ("wra", ("en",), "wra"),  # too short
        ("gh0st", ("en",), "gh0st"),  # no word
        ("", ("en",), ""),
        ("xyzzyplugh", ("en",), "xyzzyplugh"),
    ],
)
def test_slips_of_the_finger_are_mended(word, languages, mended):
    found = Index([knob("ghost"), knob("robots"), knob("war")], None, ByHand())
    assert found.mended(word, languages) == mended


def test_of_words_that_are_equally_near_the_likelier_is_meant(monkeypatch):
    table = {"k": ("k", (("blork", "en"), ("clort", "en"), ("clort two", "en"), ("glark", "en"), ("qlers", "en")))}
    monkeypatch.setattr(index, "sayings", lambda: table)
    found = Index([knob("k")], None, ByHand())
    assert found.mended("clork", ("en",)) == "clort"  # it begins as what was typed, before one that ends so
    assert found.mended("zlork", ("en",)) == "blork"
    assert found.mended("glork", ("en",)) == "glark"  # both
    assert found.mended("zlort", ("en",)) == "clort"


def test_the_index_of_a_bundle_has_its_themes_and_what_its_owner_named(planted_bundle, monkeypatch):
    monkeypatch.setattr(index, "chosen_encoder", lambda: ByChance(0))
    index_of.cache_clear()
    try:
        found = index_of(planted_bundle)
        assert index_of(planted_bundle) is found
        keys = {said.knob.key for said in found.said}
        assert keys == {key for key in planted_bundle.knobs if not key.startswith("#")}
        neuron = next(key for key in planted_bundle.knobs if key.startswith("#"))
        renamed = planted_bundle.with_names({neuron: "grumpy detectives"})
        named = index_of(renamed)
        assert named.called(["grumpy", "detectives"], "en").knob.key == neuron
        assert {said.knob.key for said in named.said} == keys | {neuron}
        assert isinstance(named.near(["x"], 1)[0][0], Near)
    finally:
        index_of.cache_clear()
