"""The tables of sayings and cues are well-formed, and words of three languages come to what people mean by them."""

import csv
import re

import pytest

from knobs_core.base import folded, searchable
from knobs_core.language import (
    LANGUAGES,
    cues,
    filler,
    ground,
    grounds,
    known,
    languages_of,
    lexicon,
    sayings,
    stand_ins,
    wordings,
)
from knobs_core.language.lexicon import TABLES

KINDS = [
    "not_meant",
    "story",
    "less",
    "none",
    "but",
    "than",
    "over",
    "little",
    "more",
    "like",
    "much",
]  # as they are tried


def rows(language):
    with (TABLES / f"sayings.{language}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_table_of_sayings_is_well_formed(language):
    header, *table = rows(language)
    assert header == ["concept", "sayings"]
    assert {len(row) for row in table} == {2}
    concepts = [concept for concept, _ in table]
    assert concepts == sorted(concepts)
    assert len({folded(concept) for concept in concepts}) == len(concepts) > 150
    for concept, listed in table:
        said = listed.split("|")
        assert all(one and one == " ".join(one.split()) for one in (concept, *said)), concept
        assert concept == concept.lower()
        assert said == [one.lower() for one in said]
        assert len(set(said)) == len(said), concept
        assert language != "en" or concept not in said  # by its name it is found anyway
        assert all(searchable(one) for one in said), concept


def test_short_words_belong_to_one_theme_each_and_are_no_sayings():
    with (TABLES / "words.en.csv").open(encoding="utf-8", newline="") as file:
        header, *table = csv.reader(file, strict=True)
    assert header == ["concept", "words"]
    said = {searchable(one): concept for concept, listed in rows("en")[1:] for one in listed.split("|")}
    names = {concept for concept, _ in rows("en")[1:]}
    owner = {}
    for concept, listed in table:
        assert concept in names
        for word in listed.split("|"):
            assert word == word.lower() == " ".join(word.split()) != ""
            assert searchable(word) not in said, word
            assert owner.setdefault(searchable(word), concept) == concept, word
    assert wordings()["timeloop"] == wordings()[folded("time loop")] != ()


def test_what_stands_in_is_a_theme_of_the_table_and_another_one():
    with (TABLES / "instead.csv").open(encoding="utf-8", newline="") as file:
        header, *table = csv.reader(file, strict=True)
    assert header == ["concept", "near", "broader"]
    names = {concept for concept, _ in rows("en")[1:]}
    assert len({concept for concept, *_ in table}) == len(table) > 500
    for concept, near, broader in table:
        alike, wider = ([one for one in side.split("|") if one] for side in (near, broader))
        assert {concept, *alike, *wider} <= names
        assert len({concept, *alike, *wider}) == 1 + len(alike) + len(wider) > 1, concept
        assert stand_ins()[folded(concept)] == (tuple(alike), tuple(wider))


def test_themes_of_other_languages_are_those_of_the_english_table():
    names = [{folded(concept) for concept, _ in rows(language)[1:]} for language in LANGUAGES]
    assert all(other <= names[0] for other in names[1:])


def test_sayings_are_those_of_the_tables():
    pairs = {
        (folded(concept), saying, language)
        for language in LANGUAGES
        for concept, listed in rows(language)[1:]
        for saying in listed.split("|")
    }
    found = sayings()
    assert {(concept, *pair) for concept, (_, said) in found.items() for pair in said} == pairs
    assert all(folded(name) == concept for concept, (name, _) in found.items())
    name, said = found["haunted" + "house"]
    assert name == "haunted house"
    assert {language for _, language in said} == {*LANGUAGES}


def test_a_bundle_without_tables_has_no_sayings(tmp_path, monkeypatch):
    monkeypatch.setattr(lexicon, "TABLES", tmp_path)
    sayings.cache_clear()
    try:
        assert sayings() == {}
        (tmp_path / "sayings.de.csv").write_text("concept,sayings\nSci-Fi,weltall| all |\n", encoding="utf-8")
        sayings.cache_clear()
        assert sayings() == {"scifi": ("Sci-Fi", (("weltall", "de"), ("all", "de")))}
    finally:
        sayings.cache_clear()


def test_cues_are_tried_in_their_order_the_longest_first():
    assert [*cues()] == KINDS
    for kind, lines in lexicon._cues()["cues"].items():
        patterns = lines.split("\n")
        assert patterns.pop() == ""
        assert all(patterns), kind
        assert len(set(patterns)) == len(patterns), kind
        whole = re.compile(cues()[kind])
        assert not whole.fullmatch("")
        for pattern in patterns:
            assert re.compile(pattern).groups == 0, pattern  # none that catches: the kinds are told by their groups
            assert re.fullmatch(r"(?:[a-z ()?:|*+!]|\\[bws])+", pattern), pattern  # folded, as what it is held against
        assert cues()[kind].startswith(max(patterns, key=len))


def test_no_cue_stands_in_two_kinds():
    lines = [line for kind in lexicon._cues()["cues"].values() for line in kind.splitlines()]
    assert len(set(lines)) == len(lines)


def told(text):
    """The cues of a folded text with their kinds, from the left: at each word the first kind that fits."""
    patterns = cues()
    found, words, place = [], text.split(), 0
    while place < len(words):
        rest = " ".join(words[place:])
        for kind in KINDS:
            match = re.match(rf"(?:{patterns[kind]})(?= |$)", rest)
            if match:
                found.append((kind, match[0]))
                place += len(match[0].split())
                break
        else:
            place += 1
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nothing beats ghosts", [("not_meant", "nothing beats")]),
        ("cannot get enough of robots", [("not_meant", "cannot get enough of")]),
        ("why not a western", [("not_meant", "why not")]),
        ("nicht nur krieg", [("not_meant", "nicht nur")]),
        ("nejen valka", [("not_meant", "nejen")]),
        ("lovers who cannot meet", [("story", "who cannot")]),
        ("a man that does not sleep", [("story", "that does not")]),
        ("somebody couldnt sleep", [("story", "somebody couldnt")]),
        ("einer der nicht schlaft", [("story", "der nicht")]),
        ("less gore", [("less", "less")]),
        ("not too sad", [("less", "not too")]),
        ("go easy on the jokes", [("less", "go easy on the")]),
        ("weniger blut", [("less", "weniger")]),
        ("ne moc krve", [("less", "ne moc")]),
        ("without any blood", [("none", "without any")]),
        ("i dont want to see blood", [("none", "dont want to see")]),
        ("sick of zombies", [("none", "sick of")]),
        ("anything but musicals", [("none", "anything but")]),
        ("keinen krieg", [("none", "keinen")]),
        ("bez krve", [("none", "bez")]),
        ("sad but hopeful", [("but", "but")]),
        ("traurig aber schon", [("but", "aber")]),
        ("smutny ale krasny", [("but", "ale")]),
        ("rather tense than bloody", [("than", "than")]),
        ("a bit sad", [("little", "a bit")]),
        ("ein bisschen traurig", [("little", "ein bisschen")]),
        ("etwas traurig", [("little", "etwas")]),
        ("etwas trauriges", []),
        ("etwas wie alien", [("like", "wie")]),
        ("so etwas wie alien", [("like", "so etwas wie")]),
        ("trochu smutny", [("little", "trochu")]),
        ("plenty of jokes", [("more", "plenty of")]),
        ("lieber krieg", [("more", "lieber")]),
        ("vice vtipu", [("more", "vice")]),
        ("something like alien", [("like", "like")]),
        ("in the style of alien", [("like", "in the style of")]),
        ("so wie alien", [("like", "so wie")]),
        ("podobne jako vetrelec", [("like", "podobne jako")]),
        ("very scary", [("much", "very")]),
        ("sehr traurig", [("much", "sehr")]),
        ("hodne smutny", [("much", "hodne")]),
        ("notorious nobles", []),  # cues are whole words
        ("minority likeness", []),
    ],
)
def test_each_kind_of_cue_is_told(text, expected):
    assert told(text) == expected


def test_fillers_are_folded_words_of_their_languages():
    for language in LANGUAGES:
        words = lexicon._cues()["filler"][language].split()
        assert all(re.fullmatch("[a-z0-9]+", word) for word in words)
        assert filler((language,)) == frozenset(words)
    assert filler(("en", "de")) == filler(("en",)) | filler(("de",))
    assert filler() == filler(LANGUAGES)
    assert {"film", "ein", "neco"} <= filler()
    assert not {"horror", "zombies", "weniger"} & filler()
    assert "war" in filler(("de",)) - filler(("en",))  # which is why a sentence has its own


@pytest.mark.parametrize(
    ("word", "language", "expected"),
    [
        ("Zombies", "en", "zombie"),
        ("children", "en", "child"),
        ("running", "en", "run"),
        ("mice", "en", "mouse"),
        ("witches", "en", "witch"),
        ("Häuser", "de", "haus"),
        ("Straßen", "de", "strasse"),
        ("Kinder", "de", "kind"),
        ("Kriege", "de", "krieg"),
        ("hradech", "cs", "hrad"),
        ("lásky", "cs", "laska"),
        ("vojáci", "cs", "vojak"),
        ("Zombies", "cs", "zombies"),  # that language does not know it
        ("his", "en", "his"),  # short words stay
        ("70s", "en", "70s"),
        ("Él", "en", "el"),
        ("", "en", ""),
        ("the", "en", "the"),
    ],
)
def test_ground_forms(word, language, expected):
    assert ground(word, language) == expected


def test_ground_forms_of_a_text_are_those_of_its_words():
    assert grounds("The Children's haunted houses!", "en") == ("the", "child", "s", "haunt", "house")
    assert grounds("  …", "en") == ()


def test_what_a_dictionary_has():
    assert known("zombie", ("en",))
    assert known("krieg", ("en", "de"))
    assert known("hrad", ("cs",))
    assert not known("hrad", ("en",))
    assert not known("tarantino", ("en",))
    assert not known("zomby", LANGUAGES)
    assert not known("zombie", ())


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("a scary movie", ("en",)),
        ("something like Heat", ("en",)),
        ("cosy British mystery", ("en",)),
        ("no zombies", ("en",)),
        ("film noir", ("en",)),
        ("horror schnell", ("en",)),  # half of it
        ("horror schnell langsam", ("de", "en")),  # a third
        ("ein Film über Krieg", ("de", "en")),
        ("keine Zombies bitte", ("de", "en")),
        ("ein lustiger Film mit Tieren", ("de", "en")),
        ("Weihnachten", ("de", "en")),
        ("upíři a staré hrady", ("cs", "en")),
        ("bez zombie prosím", ("cs", "en")),
        ("vánoce", ("cs", "en")),
        ("něco jako Heat", ("cs", "en")),
    ],
)
def test_languages_of_a_sentence(sentence, expected):
    assert languages_of(sentence) == expected


@pytest.mark.parametrize("sentence", ["", "???", "שלום", "\N{CLOWN FACE}", "1974", "x" * 300])
def test_whatever_a_sentence_is_it_may_be_english(sentence):
    assert languages_of(sentence)[-1] == "en"
