"""Text from anywhere is untrusted: on a page it is text, letter by letter, and nothing else."""

import dataclasses

import pytest

from knobs_ui import html
from tests.given import ROOT
from tests.knobs_ui.walk import markdown_arguments, walk

PAGES = [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "knobs_ui").rglob("*.py")]


def test_titles_and_names_are_untrusted():
    nasty = '<img src=x onerror="alert(1)">'
    assert "<img" not in html.ranked([html.Row(1, nasty, nasty)], nasty)
    assert "<img" not in html.names([nasty])
    assert "<img" not in html.table(nasty, [nasty], [[nasty]])
    assert 'x="' not in html.escaped('x="')
    joined = html.JOINER
    assert html.plain("*bold* [link](x) :red[y] $x$") == f"\\*bold\\* &#91;link&#93;(x) :{joined}red&#91;y&#93; \\$x\\$"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("https://evil.example/x", "https:¦//evil.example/x"),
        ("www.evil.example", "www¦.evil.example"),
        ("WWW.EVIL.EXAMPLE", "WWW¦.EVIL.EXAMPLE"),
        ("me@evil.example", "me¦@evil.example"),
        (":material/home: :smile:", ":¦material/home: :¦smile:¦"),
        ("![](http://evil.example/x.png)", "!&#91;&#93;(http:¦//evil.example/x.png)"),
        ("<b onclick=x>", "\\<b onclick=x\\>"),
        ("&lt;b&gt; &copy;", "\\&lt;b\\&gt; \\&copy;"),
        ("a -> b", "a -¦\\> b"),
        ("# heading", "\\# heading"),
        ("- list", "\\- list"),
        ("12. list", "12\\. list"),
        ("1) list", "1\\) list"),
        ("> quote", "\\> quote"),
        ("===", "\\=¦=¦="),
        ("a\n\n# b\r\n| c | d |", "a \\# b \\| c \\| d \\|"),
        ("`code` **b** __c__ ~~d~~", "\\`code\\` \\*\\*b\\*\\* \\_\\_c\\_\\_ \\~¦\\~d\\~¦\\~"),
        ("\x1b[31mred\x07\u202elive\u2066\x00", "&#91;31mredlive"),
        ("\U0001f3ac Heat", "¦\U0001f3ac Heat"),
        ("1\ufe0f\u20e3 one", "¦1\ufe0f\u20e3 one"),
        ("\u00c9t\u00e9", "\u00c9t\u00e9"),
        ("Alien: Resurrection", "Alien: Resurrection"),
        ("(500) Days of Summer", "(500) Days of Summer"),
        ("2001: A Space Odyssey", "2001: A Space Odyssey"),
    ],
)
def test_markdown_by_hand(text, made):
    assert html.plain(text) == made.replace("¦", html.JOINER)


def test_a_text_without_end_has_one():
    assert html.plain(html.LONGEST * "x") == html.LONGEST * "x"
    for made in (html.plain, html.escaped):
        assert made(10_000 * "x") == (html.LONGEST - 1) * "x" + "\u2026"


def test_text_from_right_to_left_stands_for_itself():
    assert html.plain("\u05e9\u05dc\u05d5\u05dd") == "\u2068\u05e9\u05dc\u05d5\u05dd\u2069"
    assert html.name("\u05e9\u05dc\u05d5\u05dd 3") == "<bdi>\u05e9\u05dc\u05d5\u05dd 3</bdi>"


def test_every_text_of_a_page_is_ours_or_made_plain():
    """Each argument that Streamlit reads as Markdown, and whatever becomes HTML, in app.py, pages and knobs_ui."""
    assert walk({str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in PAGES}) == []


def test_the_installed_streamlit_says_which_arguments_are_markdown():
    read = markdown_arguments()
    assert read["toast"] == {"body": 0}
    assert read["progress"] == {"text": 1}
    assert read["button"].keys() == {"label", "help"}
    assert read["pills"].keys() == {"label", "options", "format_func", "help"}
    assert {"error", "markdown", "title", "metric", "tabs", "expander", "status", "checkbox", "page_link"} <= {*read}


@pytest.mark.parametrize(
    "line",
    [
        "st.toast(str(error))",
        'place.progress(0.5, f"User {user_id}: good")',
        'st.button("Open", help=title)',
        "st.pills('Titles', titles, format_func=title_of)",
        "st.tabs(names)",
        "box.update(label=step.detail)",
        "words = title; st.caption(words)",
        "words = 'a'; words += title; st.caption(words)",
        "st.markdown(html.plain(one) + other)",
        "st.write('a', title)",
        'st.title(f"{title:>20}")',
        "st.html(note + title)",
        'st.html(f"<b>{html.plain(title)}</b>")',
        'line = f"<b>{title}</b>"',
        "st.metric('a', html.plain(b), delta=c)",
        "st.column_config.NumberColumn(help=title)",
        "return Markdown(title)",
    ],
)
def test_what_is_not_made_plain_is_found(line):
    body = "\n    ".join(line.split("; "))
    makes = " -> Markdown" if line.startswith("return") else ""
    assert walk({"page.py": f"def show(title, user_id, error, b){makes}:\n    {body}\n"})


@pytest.mark.parametrize(
    "line",
    [
        "st.toast(html.plain(str(error)))",
        'st.caption(f"{share:.0%} of {n:,}, {html.plain(title) or WORD}")',
        "many = html.plain(title); st.caption(f'{many}')",
        'st.html(f"<b>{html.name(title)}</b>")',
        "st.tabs(WAYS)",
        "html.table(title)",
    ],
)
def test_what_is_made_plain_passes(line):
    body = "\n    ".join(line.split("; "))
    assert walk({"page.py": f"from knobs_ui import html\ndef show(title, n, share, error):\n    {body}\n"}) == []


def test_dials_in_words(demo_bundle):
    knobs = demo_bundle.with_names({"horror": "dark nights"}).knobs
    bundle = dataclasses.replace(demo_bundle, names={"horror": "dark nights"})
    dials = [knobs["film-noir"].dial(0.3), knobs["horror"].dial(-0.25)]
    assert html.turned_words(bundle, dials) == "Film-Noir +0.30, dark nights \N{MINUS SIGN}0.25"
    assert html.turned_words(bundle, []) == ""
