"""A small bundle full of what strangers could write, and a page that watches what comes of it."""

import contextlib

from tests.given import SMALL

ELSEWHERE = "http://elsewhere.invalid"  # no such host: a request to it is seen all the same
TITLES = [
    "<script>window.owned = 1; alert(1)</script>",
    '<img src=x onerror="window.owned = 1">',
    f"![]({ELSEWHERE}/title.png)",
    f"[Log in]({ELSEWHERE}/login)",
    f"{ELSEWHERE}/bare and www.elsewhere.invalid or me@elsewhere.invalid",
    "$\\frac{$ and $x^2$",
    ":material/home: :smile: :red[red] :streamlit:",
    "`code` **bold** _under_ ~~gone~~",
    "# Heading",
    "- list",
    "1. list",
    "> quote",
    "| a | b |",
    "&lt;b&gt; &amp; &#x41;",
    '"><svg onload="window.owned = 1">',
    "javascript:window.owned=1",
    "\u202egnp.exe\u2066 reversed",
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd 3",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\x1b]0;owned\x07\x1b[31mred\x00",
    "long " + 60 * "title" + "s",
    10_000 * "x",
    100 * "\U0001f3ac",
    "1\ufe0f\u20e3 \u2600 sun",
    "{{7*7}} ${7*7} %{x} {0}",
    "a -> b <- c -- d >= e ~= f",
    "<details open ontoggle=window.owned=1>",
    "</style><style>*{display:none}</style>",
    "<!-- comment -->",
    "\\*escaped\\* [x][y] [^1]",
]
TAGS = [
    '<img src=x onerror="window.owned = 1">',
    f"![]({ELSEWHERE}/tag.png)",
    f"[tag]({ELSEWHERE}/tag)",
    "$\\frac{$",
    ":red[tag] :smile:",
    "=tag()",
    "\u202e" + 300 * "tag",
    "<script>window.owned = 1</script>",
]
USERS = [
    f"![u]({ELSEWHERE}/user.png)",
    '<img src=x onerror="window.owned=1">',
    f"[u]({ELSEWHERE}/u)",
    "$\\frac{$ :smile:",
]
ITEMS = ['<svg onload="window.owned=1">', f"![i]({ELSEWHERE}/item.png)", "=2+3", "$x$ `c`"]
NAME = f"![]({ELSEWHERE}/n) <b onclick=x>"

# What a page holds that leads or reaches elsewhere, or that Markdown or HTML has made of text; shadow trees as well.
FOUND = """
(elsewhere) => {
  const found = [];
  const walk = (root) => {
    for (const one of root.querySelectorAll("*")) {
      const reaches = [...one.attributes].filter(({name, value}) =>
        (["href", "src", "action", "srcset", "poster", "data", "xlink:href"].includes(name) &&
          (value.includes(elsewhere) || /^\\s*javascript:/i.test(value))) || /^on/.test(name));
      if (reaches.length) found.push(one.outerHTML.slice(0, 200));
      if (one.shadowRoot) walk(one.shadowRoot);
    }
    const made = ":is(img, .katex, code, del, table, li, blockquote)";
    for (const one of root.querySelectorAll(`[data-testid=stMarkdownContainer] ${made}`))
      found.push(one.outerHTML.slice(0, 200));
  };
  walk(document);
  if (window.owned) found.push("a script ran");
  return found;
}
"""


def write_source(folder):
    """Planted tables whose titles, tags, ids and pictures are hostile."""
    from knobs_core.data.planted import planted

    folder.mkdir()
    made = planted(n_users=120, n_items=90, n_concepts=8)
    users = {f"u{n}": user for n, user in enumerate(USERS)}
    ids = {f"i{n}": item for n, item in enumerate(ITEMS)}
    tags = {f"concept {n}": tag for n, tag in enumerate(TAGS)}
    likes = made.interactions.replace({"user_id": users, "item_id": ids})
    items = made.items.assign(
        title=[TITLES[n % len(TITLES)] + (f" {n}" if n >= len(TITLES) else "") for n in range(len(made.items))],
        genres=[f"{TAGS[n % 4]}|Drama" for n in range(len(made.items))],
        year=[1960 + n % 60 for n in range(len(made.items))],
        image_url=[f"{ELSEWHERE}/{n}.png" if n % 2 else f"javascript:window.owned={n}" for n in range(len(made.items))],
    ).replace({"item_id": ids})
    likes.to_parquet(folder / "interactions.parquet", index=False)
    items.to_parquet(folder / "items.parquet", index=False)
    made.tags.replace({"item_id": ids, "tag": tags}).to_parquet(folder / "tags.parquet", index=False)


def make(path):
    """The bundle at this path, with its map and a hostile name from its owner."""
    from knobs_core import bundles

    source = path.parent / f"{path.name} source"
    write_source(source)
    credit = f"<script>window.owned=1</script> [c]({ELSEWHERE}/credit) ![]({ELSEWHERE}/c.png)"
    settings = {**SMALL, "data": {"credit": credit}}
    trained = bundles.train(str(source), "elsa", overrides=settings, seed=3, device="cpu")
    bundles.save(bundles.draw_map(trained.with_names({TAGS[-1]: NAME})), path)


@contextlib.contextmanager
def watched(chromium, server, width=1280, height=800):
    """A page, and what it did that it should not: requests elsewhere, dialogs, errors; in the end there is none."""
    context = chromium.new_context(viewport={"width": width, "height": height}, base_url=server, accept_downloads=True)
    context.set_default_timeout(90_000)
    page = context.new_page()
    done = []
    own = (server, server.replace("http", "ws"), "data:", "blob:")
    page.on("request", lambda one: done.append(one.url) if not one.url.startswith(own) else None)
    page.on("dialog", lambda one: (done.append(one.message), one.dismiss()))
    page.on("popup", lambda one: done.append(one.url))
    page.on("pageerror", lambda one: done.append(str(one)))
    yield page, done
    context.close()
