"""Text from anywhere is untrusted."""

from knobs_ui import html


def test_titles_and_names_are_untrusted():
    nasty = '<img src=x onerror="alert(1)">'
    assert "<img" not in html.ranked([html.Row(1, nasty, nasty)], nasty)
    assert "<img" not in html.names([nasty])
    assert html.plain("*bold* [link](x) :red[y] $x$") == "\\*bold\\* \\[link\\](x) \\:red\\[y\\] \\$x\\$"
