"""Sentences on the demo: what they propose, from which words, and that nothing anybody types breaks or is run."""

import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as strategies

from knobs_core.base import main_title
from knobs_core.sentences import index_of, read
from knobs_core.sentences.reading import FAINT, MOST, NEAR, OTHERS
from tests.given import ROOT

PHRASES = ROOT / "tests" / "data" / "phrases"


@pytest.fixture(scope="module")
def chips(demo_bundle):
    """{key of a knob: amount} of a sentence."""
    return lambda sentence: {chip.key: chip.amount for chip in read(demo_bundle, sentence).chips}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("horror", {"horror": 0.4}),
        ("no zombies", {"zombie": -1}),
        ("less horror, more comedy", {"comedy": 0.4, "horror": -0.5}),
        ("very scary, a bit romantic", {"horror": 0.6, "romance": 0.2}),
        ("James Bond, but not too violent", {"james bond": 0.4, "stylized violence": -0.5}),
        ("something like Heat", {"~6": 0.4}),
        ("like Fargo but less violent", {"~608": 0.4, "stylized violence": -0.5}),
        ("not like Heat", {"~6": -1}),
        ("like Heat, Alien and Fargo", {"~6": 0.4, "~1214": 0.4, "~608": 0.4}),
        ("horror comedy", {"horror comedy": 0.4}),  # the longest name
        ("horor comdy", {"horror comedy": 0.4}),
        ("haunted houses", {"haunted house": 0.4}),
        ("nothing beats a heist", {"heist": 0.4}),
        ("Quentin Tarantino, no jokes", {"quentin tarantino": 0.4, "comedy": -1}),
        ("like James Bond", {"james bond": 0.4}),
        ("Weihnachten ohne Kitsch", {"christmas": 0.4, "campy": -1}),
        ("keine Zombies", {"zombie": -1}),
        ("bez zombie", {"zombie": -1}),
        ("upíři", {"vampire": 0.4}),
        ("horror from the 70s", {"horror": 0.4, "1970s": 0.4}),
        ("Jackie Chan over Jet Li, please: I prefer him", {"jackie chan": 0.4, "jet li": 0.4}),
        ("I prefer Jackie Chan over Jet Li", {"jackie chan": 0.4, "jet li": -1}),
        ("don't give me horror", {"horror": -1}),
        ("no horror, horror", {"horror": 0.4}),  # once, and wanted before unwanted
        ("horror horror HORROR", {"horror": 0.4}),
        ("a movie", {}),
        ("", {}),
        ("?!", {}),
    ],
)
def test_what_a_sentence_asks_for(chips, sentence, expected):
    assert chips(sentence) == expected


@pytest.mark.parametrize(
    ("said", "decade"),
    [
        ("70s", "1970s"),
        ("'70s", "1970s"),
        ("1970s", "1970s"),
        ("1974", "1970s"),
        ("seventies", "1970s"),
        ("the nineteen fifties", "1950s"),
        ("twenties", "1920s"),
        ("1920s", "1920s"),
        ("00s", "2000s"),
        ("2010s", "2010s"),
        ("2015", "2010s"),
        ("10s", "2010s"),
        ("noughties", "2000s"),
        ("70er Jahre", "1970s"),
        ("80ern", "1980s"),
        ("90erjahre", "1990s"),
    ],
)
def test_decades(demo_bundle, said, decade):
    [chip] = read(demo_bundle, f"something from the {said}").chips
    assert (chip.key, chip.by, chip.certainty) == (decade, "decade", 1)
    assert chip.said in said


@pytest.mark.parametrize(
    ("sentence", "first", "last", "amount"),
    [
        ("nothing older than 1970", 1920, 1960, -1),
        ("nothing older than 1965", 1920, 1950, -1),  # the sixties go on after it
        ("no pre-1960 stuff", 1920, 1950, -1),
        ("before the seventies", 1920, 1960, 0.4),
        ("newer than 1990", 1990, 2010, 0.4),
        ("newer than 1995", 2000, 2010, 0.4),
        ("after the 90s", 2000, 2010, 0.4),
        ("since the 90s", 1990, 2010, 0.4),
        ("from the 90s", 1990, 1990, 0.4),
        ("älter als 1950", 1920, 1940, 0.4),
        ("nichts vor den 50ern", 1920, 1940, -1),
        ("before breakfast in the 90s", 1990, 1990, 0.4),
    ],
)
def test_all_decades_before_or_since(demo_bundle, sentence, first, last, amount):
    decades = {one.key: one.amount for one in read(demo_bundle, sentence).chips if one.by == "decade"}
    assert decades == {f"{ten}s": amount for ten in range(first, last + 1, 10)}


def test_decades_before_leave_room_for_what_else_is_asked_for(chips):
    found = chips("a cosy British mystery, less violent, nothing older than 1970")
    assert {"mystery": 0.4, "feel-good": 0.4, "stylized violence": -0.5}.items() <= found.items()
    assert {"1940s", "1950s", "1960s"} <= found.keys()  # the nearest


@pytest.mark.parametrize("said", ["1890", "1874", "2100", "700s", "70", "7s", "19740", "070s"])
def test_what_is_no_decade_of_the_bundle(demo_bundle, said):
    assert [chip for chip in read(demo_bundle, f"horror {said}").chips if chip.by == "decade"] == []


def test_chips_say_why_and_from_which_words(demo_bundle):
    sentence = "Something like Heat, scary, with kung fu from the 80s and rain soaked streets"
    found = {chip.key: chip for chip in read(demo_bundle, sentence).chips}
    said = {key: (chip.said, chip.by, chip.certainty) for key, chip in found.items()}
    assert said == {
        "~6": ("Heat", "title", 1),
        "1980s": ("80s", "decade", 1),
        "kung fu": ("kung fu", "name", 1),
        "horror": ("scary", "saying", 0.95),
        "film-noir": ("rain soaked streets", "saying", 0.95),
    }
    assert found["~6"].others == ()
    assert all(len(found[key].others) == OTHERS for key in found.keys() - {"~6"})
    assert "martial arts" in found["kung fu"].others
    assert found["~6"].name == "like Heat"


def test_what_no_name_and_no_saying_has_is_found_by_meaning(demo_bundle):
    [_, chip] = read(demo_bundle, "horror, guys with swords in tights").chips
    assert (chip.key, chip.said, chip.by) == ("swashbuckler", "guys with swords", "meaning")
    assert chip.certainty >= NEAR[3]
    near = index_of(demo_bundle).near(["guys with swords"], 1)[0][0]
    assert (near.knob.key, round(near.likeness, 2)) == (chip.key, chip.certainty)


def test_what_is_less_near_counts_where_nothing_else_was_understood(demo_bundle):
    found = read(demo_bundle, "tights with swords, horror")
    assert ([chip.key for chip in found.chips], found.nothing) == (["horror"], ("tights with swords",))
    [chip] = read(demo_bundle, "tights with swords").chips
    assert (chip.key, chip.by) == ("swashbuckler", "meaning")
    assert FAINT[3] <= chip.certainty < NEAR[3]
    assert read(demo_bundle, "no tights with swords").chips == ()  # and not to take something away


def test_the_others_of_a_chip_in_a_language_that_the_encoder_does_not_know_are_near_to_its_knob(demo_bundle):
    [czech] = read(demo_bundle, "upíři").chips
    near = index_of(demo_bundle).near(["Vampire"], OTHERS + 1)[0]
    assert czech.key == "vampire"
    assert list(czech.others) == [one.knob.key for one in near if one.knob.key != "vampire"][:OTHERS]
    [german] = read(demo_bundle, "gruselig").chips
    near = index_of(demo_bundle).near(["gruselig"], OTHERS + 1)[0]
    assert list(german.others) == [one.knob.key for one in near if one.knob.key != german.key][:OTHERS]


def test_what_nothing_was_found_for_is_said(demo_bundle):
    assert read(demo_bundle, "horror, snorkelwack flibbertigibbet!").nothing == ("snorkelwack flibbertigibbet",)
    assert read(demo_bundle, "Snorkelwack").nothing == ("Snorkelwack",)
    assert read(demo_bundle, "horror, snorkelwack, Snorkelwack, snorkelwack").nothing == ("snorkelwack", "Snorkelwack")
    for sentence in ("horror", "a movie please", "", "something with horror in it", "no, thanks"):
        assert read(demo_bundle, sentence).nothing == (), sentence


def test_no_more_chips_than_anybody_reads(demo_bundle):
    many = "zombies robots dinosaurs ghosts pirates vampires heist romance comedy war kung fu western"
    found = read(demo_bundle, many).chips
    assert len(found) == MOST == 8
    assert all(chip.amount == 0.4 for chip in found)


HOSTILE = [
    '<script>alert("horror")</script>',
    '<img src=x onerror="horror">',
    '=HYPERLINK("http://x","horror")',
    "'+cmd|' /C calc'!A0 horror",
    "\u202eorror\u202c horror",
    "horror\x00\x1b[31mgore",
    "{{horror}} ${horror} %s %n",
    "~6 #12 =#3 horror",
    "horror'; DROP TABLE knobs; --",
    "../../etc/passwd horror",
    "[horror](javascript:alert(1))",
    "\U000e0001h\u200borror horror",
    "h" * 300,
    "no " * 100,
    "((((" * 75,
    "a\u0301\u0302" * 100,
    "😀" * 300,
]


@pytest.mark.parametrize("sentence", HOSTILE)
def test_hostile_text_comes_back_as_it_is(demo_bundle, sentence):
    sound(demo_bundle, sentence)


def sound(bundle, sentence):
    """Whatever was said, each chip is a knob's, from words that stand in it."""
    found = read(bundle, sentence)
    assert found.sentence == sentence
    assert len(found.chips) <= MOST
    assert len({chip.key for chip in found.chips}) == len(found.chips)
    for chip in found.chips:
        assert chip.said == sentence[chip.start : chip.end] != ""
        assert chip.name == main_title(bundle.knobs[chip.key].title)
        assert chip.amount in (-1, -0.5, 0.2, 0.4, 0.6)
        assert chip.by in ("title", "decade", "name", "saying", "meaning")
        assert 0.5 < chip.certainty <= 1
        assert chip.key not in chip.others
        assert len(set(chip.others)) == len(chip.others) <= OTHERS
        assert all(key in bundle.knobs for key in chip.others)
    assert len(set(found.nothing)) == len(found.nothing)
    assert all(part and part in sentence for part in found.nothing)
    return found


PARTS = [
    *[
        "no",
        "less",
        "very",
        "but",
        "like",
        "rather",
        "than",
        "a bit",
        "who cannot",
        "or",
        ",",
        ".",
        "-",
        "\n",
        "😀",
        "\u202e",
    ],
    *[
        "horror",
        "Heat",
        "seventies",
        "1974",
        "scary",
        "kung fu",
        "creaky mansions",
        "snorkelwack",
        "ohne",
        "Krieg",
        "bez",
    ],
    *["upíři", "<b>", "=1+1", "שלום", "space-opera", "zombies", "the"],
]


@settings(max_examples=60)
@given(strategies.text(max_size=300) | strategies.lists(strategies.sampled_from(PARTS), max_size=25).map(" ".join))
def test_whatever_is_said_chips_are_sound(demo_bundle, sentence):
    sound(demo_bundle, sentence)


def test_a_bundle_without_themes_that_anybody_names(planted_bundle):
    """Names that no dictionary has: they are found by words alone."""
    found = sound(planted_bundle, "concept 3 and no concept 7, like horror")
    assert {chip.key: chip.amount for chip in found.chips if chip.by == "name"} == {"concept 3": 0.4, "concept 7": -1}


@pytest.mark.parametrize(
    ("language", "first_hit", "precision"),
    [("tuning", 0.88, 0.84), ("second", 0.85, 0.8), ("german", 0.93, 0.93), ("czech", 0.8, 0.75)],
)
def test_most_phrases_are_read_as_people_mean_them(demo_bundle, language, first_hit, precision):
    """A little less is asked for than what is measured on the phrases that the numbers were chosen with, and on those
    of two other languages; ``benchmarks/words.py`` measures it on phrases that nobody looked at."""
    hits, precise, wrong = [], [], []
    for line in (PHRASES / f"{language}.jsonl").read_text(encoding="utf-8").splitlines():
        phrase = json.loads(line)
        found = read(demo_bundle, phrase["text"]).chips[:3]
        right = [fits(chip, phrase, chip.amount > 0) for chip in found]
        wrong += [(phrase["text"], chip.key) for chip, good in zip(found, right, strict=True)
                  if not good and fits(chip, phrase, chip.amount < 0)]  # fmt: skip
        if any(phrase[field] for field in ("want", "less", "titles", "titles_less")):
            hits.append(right[:1] == [True])
            precise.append(sum(right) / max(1, len(right)))
    assert wrong == []
    assert sum(hits) / len(hits) >= first_hit
    assert sum(precise) / len(precise) >= precision
    assert Counter(hits)[True] > 15


def fits(chip, phrase, wanted):
    """Whether a chip is among what a phrase wants, or does not want."""
    if chip.by == "title":
        titles = phrase["titles" if wanted else "titles_less"]
        return chip.name.removeprefix("like ") in {main_title(title) for title in titles}
    return any(chip.key in group for group in phrase["want" if wanted else "less"])
