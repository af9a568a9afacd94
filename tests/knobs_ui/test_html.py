"""Text from anywhere is untrusted."""

from knobs_ui import html


def test_titles_and_names_are_untrusted():
    nasty = '<img src=x onerror="alert(1)">'
    assert "<img" not in html.ranked([html.Row(1, nasty, nasty)], nasty)
    assert "<img" not in html.names([nasty])
    assert html.plain("*bold* [link](x) :red[y] $x$") == "\\*bold\\* \\[link\\](x) \\:red\\[y\\] \\$x\\$"


def test_an_option_says_what_a_knob_is_and_what_it_was_called(demo_bundle):
    knobs = demo_bundle.knobs
    named, unnamed = (
        next(knob for knob in knobs.values() if knob.label and knob.label.named == wanted and not knob.weak)
        for wanted in (True, False)
    )
    mark = {True: " · ✓", False: ""}
    assert html.option(named) == f"{named.name} · neuron {named.key}{mark[named.effect.finds]}"
    assert html.option(unnamed) == f"neuron {unnamed.key[1:]}"
    for knob in knobs.values():
        assert html.option(knob).endswith(" · ✓") == knob.verdict.startswith("finds others")
    assert html.option(knobs["1980s"]).startswith("1980s · decade")
    renamed = demo_bundle.with_names({"horror": "Dark nights", unnamed.key: "Mine"}).knobs
    assert html.option(renamed["horror"]).startswith("Dark nights · concept · horror")
    assert html.option(renamed[unnamed.key]).startswith(f"Mine · neuron {unnamed.key} · neuron {unnamed.key[1:]}")
