"""A sentence taken apart: by hand for what people say in three languages, and never broken by what nobody says."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as strategies

from knobs_core.base import searchable
from knobs_core.language import cues
from knobs_core.sentences.clauses import ITEM, clauses_of, led_to, words_of


def taken_apart(sentence, whole=()):
    """[(amount, words)]; words that tell nothing by themselves are in brackets."""
    found = clauses_of(sentence, words_of(sentence), dict(whole))
    return [
        (one.amount, " ".join(word.text if tells else f"[{word.text}]" for word, tells in zip(*one[::2], strict=True)))
        for one in found
    ]


ENGLISH = {
    "a scary movie": [(0.4, "a scary movie")],
    "horror": [(0.4, "horror")],
    # what follows "no" and its kin
    "no gore": [(-1, "gore")],
    "without any blood": [(-1, "blood")],
    "a scary movie without gore, blood or guts": [(0.4, "a scary movie"), (-1, "gore"), (-1, "blood or guts")],
    "without gore or blood": [(-1, "gore or blood")],
    "no blood nor guts": [(-1, "blood nor guts")],
    "neither blood nor guts": [(-1, "blood nor guts")],
    "no gore, no jump scares, no clowns": [(-1, "gore"), (-1, "jump scares"), (-1, "clowns")],
    "no more zombies": [(-1, "zombies")],
    "never again zombies": [(-1, "zombies")],
    "sick of superheroes": [(-1, "superheroes")],
    "had enough of superheroes, want a western": [(-1, "superheroes"), (0.4, "want a western")],
    "anything but musicals": [(-1, "musicals")],
    "not a fan of musicals": [(-1, "musicals")],
    "I don't want to see zombies": [(0.4, "i"), (-1, "zombies")],
    "I don\u2019t want to see zombies": [(0.4, "i"), (-1, "zombies")],
    "funny, not sad": [(0.4, "funny"), (-1, "sad")],
    "not sad, funny": [(-1, "sad"), (0.4, "funny")],
    "not sad but funny": [(-1, "sad"), (0.4, "funny")],
    "tarantino no": [(-1, "tarantino")],
    "no": [],
    "without": [],
    "rather a comedy than a drama": [(0.4, "rather a comedy"), (-1, "a drama")],
    "I'd rather have a comedy than a thriller": [(0.4, "have a comedy"), (-1, "a thriller")],
    "funnier than Airplane": [(0.4, "funnier airplane")],
    "horror instead of romance": [(0.4, "horror"), (-1, "romance")],
    # less of it
    "less violence, more humour": [(-0.5, "violence"), (0.4, "humour")],
    "not too sad": [(-0.5, "sad")],
    "don't make it too sad": [(-0.5, "sad")],
    "too much blood": [(-0.5, "blood")],
    "not too much blood": [(-0.5, "blood")],
    "romance, not too soppy": [(0.4, "romance"), (-0.5, "soppy")],
    "go easy on the jokes": [(-0.5, "jokes")],
    "like Alien but with less blood": [(0.4, "alien"), (0.4, "with"), (-0.5, "blood")],
    # and more
    "no romance but lots of action": [(-1, "romance"), (0.4, "action")],
    "very scary": [(0.6, "scary")],
    "extremely scary but not too long": [(0.6, "scary"), (-0.5, "long")],
    "a bit of romance": [(0.2, "of romance")],
    "super scary; a little funny": [(0.6, "scary"), (0.2, "funny")],
    "slightly sad and very funny": [(0.2, "sad and"), (0.6, "funny")],
    "not very funny": [(-0.5, "funny")],
    "no very sad ending": [(-1, "sad ending")],  # nothing unwanted is wanted much
    "less gore, much more action": [(-0.5, "gore"), (0.6, "action")],
    "without blood, more jokes": [(-1, "blood"), (0.4, "jokes")],
    # negations that are none
    "not only funny but clever": [(0.4, "funny"), (0.4, "clever")],
    "nothing beats a good ghost story": [(0.4, "a good ghost story")],
    "cannot get enough of robots": [(0.4, "robots")],
    "why not a western?": [(0.4, "a western")],
    "whatever, but no horror": [(-1, "horror")],
    "no end of jokes": [(0.4, "jokes")],
    # and those of the story
    "a couple who cannot stand each other": [(0.4, "a couple [who] [cannot] [stand] [each] [other]")],
    "a man who never sleeps or eats": [(0.4, "a man [who] [never] [sleeps] [or] [eats]")],
    "a man who never sleeps, funny": [(0.4, "a man [who] [never] [sleeps]"), (0.4, "funny")],
    "a man who never sleeps but very funny": [(0.4, "a man [who] [never] [sleeps]"), (0.6, "funny")],
    # what leads to a title
    "something like Heat": [(0.4, "something"), (0.4, "heat")],
    "not like Saw": [(-1, "saw")],
    "more like Alien, less like Aliens": [(0.4, "alien"), (-0.5, "aliens")],
    # lists end where they are none
    "no gore, something with a lot of jokes or songs in it": [
        (-1, "gore"),
        (0.4, "something with a lot of jokes or songs in it"),
    ],
    "comedy, drama or war": [(0.4, "comedy"), (0.4, "drama or war")],
    "no gore, comedy": [(-1, "gore"), (0.4, "comedy")],
    # marks
    "horror(no gore)": [(0.4, "horror"), (-1, "gore")],
    "horror \u2013 no gore \u2013 lots of dread": [(0.4, "horror"), (-1, "gore"), (0.4, "dread")],
    "horror - no gore": [(0.4, "horror"), (-1, "gore")],
    "no horror\nComedy": [(-1, "horror"), (0.4, "comedy")],
    "no horror. Comedy!": [(-1, "horror"), (0.4, "comedy")],
    "war/peace": [(0.4, "war"), (0.4, "peace")],
    "anti-war": [(0.4, "anti war")],
    "\u201cHeat\u201d but funnier": [(0.4, "heat"), (0.4, "funnier")],
    "NO GORE": [(-1, "gore")],
    "": [],
    " \t\n": [],
    "...!? \u2014": [],
    "\N{PILE OF POO}": [],
    "\N{CLOWN FACE} horror \N{CLOWN FACE}": [(0.4, "horror")],
    "no war, שלום עולם": [(-1, "war"), (0.4, "שלום עולם")],
    "\u202eevil\u202c no gore\x00": [(0.4, "evil"), (-1, "gore")],
    "x" * 300: [(0.4, "x" * 300)],
    "no " * 100: [(-1, "no" + " no" * 98)],
    "a,b;c!" * 50: [(0.4, letter) for letter in "abc"] * 50,
}
GERMAN = {
    "nicht so blutig": [(-0.5, "blutig")],
    "ein Krimi ohne Blut, Gewalt oder Tote": [(0.4, "ein krimi"), (-1, "blut"), (-1, "gewalt oder tote")],
    "lieber eine Komödie als ein Drama": [(0.4, "eine komodie"), (-1, "ein drama")],
    "keine Zombies, bitte": [(-1, "zombies"), (0.4, "bitte")],
    "nicht nur Krieg, sondern auch Liebe": [(0.4, "krieg"), (0.4, "auch liebe")],
    "weder Krieg noch Gewalt": [(-1, "krieg noch gewalt")],
    "sehr traurig, aber schön": [(0.6, "traurig"), (0.4, "schon")],
    "ein bisschen traurig": [(0.2, "traurig")],
    "weniger Blut, mehr Witz": [(-0.5, "blut"), (0.4, "witz")],
    "bloß keine Musicals": [(-1, "musicals")],
    "so etwas wie Das Boot": [(0.4, "das boot")],
    "so ähnlich wie Das Boot": [(0.4, "das boot")],
    "etwas wie Das Boot": [(0.4, "etwas"), (0.4, "das boot")],
    "etwas traurig": [(0.2, "traurig")],  # somewhat sad
    "etwas Trauriges": [(0.4, "etwas trauriges")],  # something sad
    "etwas mit Tieren": [(0.4, "etwas mit tieren")],
}
CZECH = {
    "bez krve a násilí": [(-1, "krve a nasili")],
    "kino bez násilí, krve nebo střílení": [(0.4, "kino"), (-1, "nasili"), (-1, "krve nebo strileni")],
    "žádné násilí, hlavně ne zombie": [(-1, "nasili"), (-1, "zombie")],
    "méně krve, více vtipu": [(-0.5, "krve"), (0.4, "vtipu")],
    "ne moc smutný": [(-0.5, "smutny")],
    "raději komedie než drama": [(0.4, "radeji komedie"), (-1, "drama")],
    "nejen válka, ale i láska": [(0.4, "valka"), (0.4, "i laska")],
    "trochu smutný": [(0.2, "smutny")],
    "něco jako Amadeus": [(0.4, "neco"), (0.4, "amadeus")],
}
SENTENCES = {**ENGLISH, **GERMAN, **CZECH}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_is_wanted_and_what_is_not(sentence):
    assert taken_apart(sentence) == SENTENCES[sentence]


def test_titles_are_one_word_of_their_clause():
    sentence = "No Country for Old Men, but not Heat"
    assert taken_apart(sentence, {0: 5, 7: 8}) == [(0.4, ITEM), (-1, ITEM)]
    [title, _] = clauses_of(sentence, words_of(sentence), {0: 5})
    assert sentence[title.words[0].start : title.words[0].end] == "No Country for Old Men"


def test_marks_inside_a_title_do_not_end_its_clause():
    sentence = "no Good, Bad or Ugly jokes"
    assert taken_apart(sentence) == [(-1, "good"), (-1, "bad or ugly jokes")]
    assert taken_apart(sentence, {1: 5}) == [(-1, f"{ITEM} jokes")]


def test_words_know_where_they_stand():
    sentence = " Don't stop—the Über-Straße, A-Team ½ x"
    assert [(word.text, sentence[word.start : word.end], word.typed) for word in words_of(sentence)] == [
        ("dont", "Don't", "Don't"),
        ("stop", "stop", "stop"),
        ("the", "the", "the"),
        ("uber", "Über-Straße", "uber"),
        ("strasse", "Über-Straße", "strasse"),
        ("a", "A-Team", "a"),
        ("team", "A-Team", "team"),
        ("1", "½", "1"),
        ("2", "½", "2"),
        ("x", "x", "x"),
    ]


@pytest.mark.parametrize(
    ("sentence", "led"),
    [
        ("something like Heat tonight", ["heat"]),
        ("similar to Die Hard", ["die"]),
        ("in the style of Alien", ["alien"]),
        ("another Alien", ["alien"]),
        ("no more Alien", ["alien"]),
        ("rather Up than Heat", ["up", "heat"]),
        ("so wie Das Boot", ["das"]),
        ("něco jako Amadeus", ["amadeus"]),
        ("I would like", []),
        ("unlike Heat", []),
        ("likely Heat", []),
        ("", []),
    ],
)
def test_what_like_and_its_kin_lead_to(sentence, led):
    words = words_of(sentence)
    assert [word.text for word, is_led in zip(words, led_to(words), strict=True) if is_led] == led


SPOKEN = (
    "no not without less more but like rather than or nor who cannot never very a bit only beats nothing heist gore",
    "Zombies don't ohne kein lieber als oder bez nez nebo ne - , . ( ) \n ! 😀 שלום \u202e \x00 ½ A-Team",
)
TALK = strategies.lists(strategies.sampled_from([part for line in SPOKEN for part in line.split(" ")]), max_size=60)
TALK = TALK.map(lambda parts: " ".join(parts)[:300])


@settings(max_examples=300)
@given(strategies.text(max_size=300) | TALK)
def test_whatever_is_said_words_stand_in_the_sentence_and_in_their_order(sentence):
    words = words_of(sentence)
    clauses = clauses_of(sentence, words, {})
    found = [word for clause in clauses for word in clause.words]
    left = iter(words)
    assert all(word in left for word in found)  # a subsequence: none comes twice or out of its order
    for word in words:
        assert 0 <= word.start < word.end <= len(sentence)
        assert word.text
        assert not re.search(r"\s", word.text)
    assert all(one.end <= other.start or one[1:3] == other[1:3] for one, other in itertools.pairwise(words))
    for clause in clauses:
        assert clause.words
        assert len(clause.tells) == len(clause.words)
        assert clause.amount in (-1, -0.5, 0.2, 0.4, 0.6)
    assert len(led_to(words)) == len(words)


@settings(max_examples=200)
@given(TALK)
def test_only_cues_are_left_out(sentence):
    words = words_of(sentence)
    kept = {word for clause in clauses_of(sentence, words, {}) for word in clause.words}
    left = {word.text for word in words if word not in kept}
    assert left <= set(re.findall(r"\w+", searchable(" ".join(cues().values())))) - {"heist", "gore", "zombies", "team"}


@settings(max_examples=100)
@given(strategies.lists(strategies.sampled_from(["heist", "gore", "zombies", "space opera", "war"]), max_size=40))
def test_without_cues_nothing_is_left_out_and_all_is_wanted(parts):
    said = ", ".join(parts)
    assert taken_apart(said) == [(0.4, part) for part in parts]
    assert taken_apart(f"no {said}")[:1] == [(-1, part) for part in parts[:1]]
