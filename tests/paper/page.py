"""The tables of a report's page, and its numbers as the page writes them."""

from html.parser import HTMLParser

import pandas as pd

NAMES = {"elsa": "ELSA", "multvae": "MultVAE", "topk": "TopK", "basic": "Basic"}

HOSTILE = "<script>alert(1)</script> & $x$"


class Tables(HTMLParser):
    """The tables of a page by id: rows of the text in their cells, the head first."""

    def __init__(self, page: str):
        super().__init__()
        self.tables, self._rows = {}, None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self._rows = self.tables[dict(attrs)["id"]] = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._rows[-1].append("")

    def handle_endtag(self, tag):
        if tag == "table":
            self._rows = None

    def handle_data(self, data):
        if self._rows:
            self._rows[-1][-1] += data


def shown(folder):
    return Tables((folder / "report.html").read_text(encoding="utf-8")).tables


def csv(folder, name):
    return pd.read_csv(folder / "csv" / f"{name}.csv", keep_default_na=False, na_values={})


def fixed(digits):
    return lambda value: "–" if value == "" else f"{float(value):,.{digits}f}"


def share(value):
    return "–" if value == "" else f"{float(value) * 100:.1f}%"


def plain(value):
    return "–" if value == "" else f"{float(value):g}"


def free(value):
    if value == "":
        return "–"
    return f"{float(value):,.0f}" if float(value) % 1 == 0 else f"{float(value):,.4f}"
