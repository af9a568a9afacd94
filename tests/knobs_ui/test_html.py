"""Text from anywhere is untrusted."""

import dataclasses

from knobs_ui import html


def test_titles_and_names_are_untrusted():
    nasty = '<img src=x onerror="alert(1)">'
    assert "<img" not in html.ranked([html.Row(1, nasty, nasty)], nasty)
    assert "<img" not in html.names([nasty])
    assert html.plain("*bold* [link](x) :red[y] $x$") == "\\*bold\\* \\[link\\](x) \\:red\\[y\\] \\$x\\$"


def test_dials_in_words(demo_bundle):
    knobs = demo_bundle.with_names({"horror": "dark nights"}).knobs
    bundle = dataclasses.replace(demo_bundle, names={"horror": "dark nights"})
    dials = [knobs["film-noir"].dial(0.3), knobs["horror"].dial(-0.25)]
    assert html.turned_words(bundle, dials) == "Film-Noir +0.30, dark nights \N{MINUS SIGN}0.25"
    assert html.turned_words(bundle, []) == ""
