"""Modules are joined as they would run apart, and what would change by it is refused."""

import re

import pytest

from knobs_ui import front_end
from tests.front_end.components import ENTRIES


@pytest.fixture
def assets(tmp_path, monkeypatch):
    """An empty assets folder; a function that writes files into it."""
    monkeypatch.setattr(front_end, "ASSETS", tmp_path)

    def write(**texts):
        for name, text in texts.items():
            file = tmp_path / f"{name.replace('__', '/')}.js"
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")

    return write


def test_what_is_imported_comes_first_and_once(assets):
    assets(
        entry='import { b } from "./b.js";\nimport { c, d } from "./room/c.js";\nexport default () => b + c + d;\n',
        b='import {\n  c,\n} from "./room/c.js";\n\nexport const b = c + 1;\n',
        room__c='import { e } from "../e.js";\nexport const c = 1;\nexport function d() {}\nexport class C {}\n',
        e="export let e = 0;\nexport async function f() {}\n",
    )
    assert front_end.module("entry.js") == (
        "let e = 0;\nasync function f() {}\n\nconst c = 1;\nfunction d() {}\nclass C {}\n\nconst b = c + 1;\n\n"
        "export default () => b + c + d;\n"
    )


def test_types_in_comments_and_names_inside_functions_stay_what_they_are(assets):
    text = (
        '/** @import {T} from "./types.js" */\n\nfunction f() {\n  const x = 1, y = 2;\n  return [x, y];\n}\n\n'
        "class A {\n  x = 1;\n}\n\nexport default f;\n"
    )
    assets(entry=text)
    assert front_end.module("entry.js") == text


@pytest.mark.parametrize("kind", ["const x = 1;", "let x = 1;", "function x() {}", "export class x {}"])
def test_a_name_that_two_files_declare_is_refused(assets, kind):
    assets(entry=f'import {{ a }} from "./a.js";\n{kind}\nexport default a;\n', a="export const a = 1;\nconst x = 2;\n")
    with pytest.raises(ValueError, match=r"'x' in a\.js and in entry\.js"):
        front_end.module("entry.js")


def test_a_circle_is_refused(assets):
    assets(
        entry='import { a } from "./a.js";\nexport default a;\n',
        a='import { b } from "./b.js";\nexport const a = 1;\n',
        b='import { a } from "./a.js";\nexport const b = 1;\n',
    )
    with pytest.raises(ValueError, match="circle"):
        front_end.module("entry.js")


def test_a_name_that_is_not_exported_is_refused(assets):
    assets(entry='import { a, b } from "./a.js";\nexport default a;\n', a="export const a = 1;\nconst b = 2;\n")
    with pytest.raises(ValueError, match="found 'b' in entry"):
        front_end.module("entry.js")


@pytest.mark.parametrize(
    "line",
    [
        'import a from "./a.js";',
        'import * as a from "./a.js";',
        'import "./a.js";',
        'import { a as b } from "./a.js";',
        'import { a } from "a";',
        "import { a } from './a.js';",
        'const a = await import("./a.js");',
        "const here = import.meta.url;",
        "export { a };",
        'export * from "./a.js";',
        'export { a } from "./a.js";',
        "export const { a, b } = c;",
        "const [a, b] = c;",
        "const a = 1, b = 2;",
        "export let a, b;",
    ],
)
def test_what_is_not_understood_is_refused(assets, line):
    assets(entry=f"{line}\nexport default 1;\n", a="export const a = 1;\n")
    with pytest.raises(ValueError, match="expected, found"):
        front_end.module("entry.js")


def test_only_the_entry_has_a_default(assets):
    assets(entry='import { a } from "./a.js";\nexport default a;\n', a="export const a = 1;\nexport default a;\n")
    with pytest.raises(ValueError, match=r"'export default a;' in a\.js"):
        front_end.module("entry.js")


def test_a_file_outside_of_assets_is_refused(assets, tmp_path):
    (tmp_path.parent / "outside.js").write_text("export const a = 1;\n", encoding="utf-8")
    assets(entry='import { a } from "../outside.js";\nexport default a;\n')
    with pytest.raises(ValueError, match=r"outside\.js"):
        front_end.module("entry.js")


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_component_is_joined(entry):
    text = front_end.module(entry)
    assert (
        len(re.findall(r"^export default ", text, re.MULTILINE)) == len(re.findall(r"^export", text, re.MULTILINE)) == 1
    )
    assert not re.findall(r"^import", text, re.MULTILINE)


def test_stylesheets_come_one_after_the_other():
    both = front_end.text("board/board.css", "map/map.css")
    assert both.index(".knob {") < both.index(".sheet {")
