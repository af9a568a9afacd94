"""What the reference says is taken from the code: fences that are filled in when the documentation is built.

    ```{public} knobs_core.lists     every name of its __all__, or those in the fence, from their docstrings
    ```{settings} MODULE:CLASS       a table of a pydantic class: fields, types with bounds, defaults, what they do
    ```{models} CFAES                a table of the models by the name that the command line takes
    ```{origins}                     what the layouts of data sets set by themselves
    ```{top} CHANGELOG.md            a file at the top of the repository, with its links as they are from here

On GitHub the fence shows what will stand there. Docstrings here are plain text with ``code``; what reStructuredText
would take for markup in them is escaped.
"""

import dataclasses
import importlib
import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer

FENCE = re.compile(r"^```\{(public|settings|models|origins|top)\} *(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROOT = Path(__file__).parents[2]
PAGES = {"CONTRIBUTING.md": "contributing.md", "CODE_OF_CONDUCT.md": "conduct.md", "SECURITY.md": "security.md"}
DRAWING = re.compile(r"^!\[[^\]]*\]\(\.\./images/([\w-]+\.svg)\)$", re.MULTILINE)
LITERAL = re.compile(r"(``.+?``)", re.DOTALL)
SECTIONS = ("Args:", "Raises:", "Returns:", "Yields:")
BOUNDS = {"exclusiveMinimum": "> {}", "minimum": "≥ {}", "exclusiveMaximum": "< {}", "maximum": "≤ {}",
          "minLength": "at least {} characters", "maxLength": "at most {} characters",
          "minItems": "at least {} entries", "maxItems": "at most {} entries",
          "maxProperties": "at most {} entries"}  # fmt: skip


def fill(app: Sphinx, page: str, source: list[str]) -> None:
    """Fill in the fences of a page."""
    if page == "decisions/README":  # whose table of records is their table of contents; GitHub needs no other
        source[0] += "\n```{toctree}\n:hidden:\n:glob:\n\n0*\n```\n"
    if page.startswith("reference/"):  # made from the code, so made again when the code has changed
        for file in [Path(__file__), *(ROOT / "knobs_core").rglob("*.py"), *(ROOT / "knobs_ui").rglob("*.py")]:
            app.env.note_dependency(str(file))
    source[0] = DRAWING.sub(lambda found: _inline(app, found[1]), source[0])
    for name in re.findall(r"^```\{top\} (.+)$", source[0], re.MULTILINE):
        app.env.note_dependency(str(ROOT / name))
    source[0] = FENCE.sub(lambda found: FILLED[found[1]](found[2].strip(), found[3].split()), source[0])


def public(module: str, names: list[str]) -> str:
    """The documentation of a module's names."""
    room = importlib.import_module(module)
    parts = []
    for name in names or sorted(room.__all__, key=str.lower):
        thing = getattr(room, name)
        if inspect.ismodule(thing):
            parts += [f".. py:module:: {module}.{name}\n"]
            own = [key for key, value in vars(thing).items() if inspect.isfunction(value) and key[0] != "_"
                   and value.__module__.startswith("knobs_core")]  # fmt: skip
            parts += [_auto(f"{module}.{name}", key, getattr(thing, key)) for key in own]
        else:
            parts.append(_auto(module, name, thing))
    return _rst("\n".join([f".. py:currentmodule:: {module}\n", *parts]))


def _inline(app: Sphinx, name: str) -> str:
    """A drawing within the page, whose colours it then takes."""
    file = ROOT / "docs" / "images" / name
    app.env.note_dependency(str(file))
    drawing = re.sub(r"<style>.*?</style>\n", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    return f'```{{raw}} html\n<div class="picture">{drawing}</div>\n```'


def _auto(module: str, name: str, thing: Any) -> str:
    """The directive that documents one name."""
    if inspect.isclass(thing):
        kind = "autoexception" if issubclass(thing, BaseException) else "autoclass"
        return f".. {kind}:: {module}.{name}\n   :members:\n   :show-inheritance:\n"
    if inspect.isfunction(thing):
        return f".. autofunction:: {module}.{name}\n"
    shown = repr(thing) if isinstance(thing, str | int | float | tuple) and len(repr(thing)) < 80 else ""
    value = f"\n   :value: {shown}" if shown else ""
    return f".. py:data:: {name}\n   :type: {type(thing).__name__}{value}\n"


def settings(place: str, _: list[str]) -> str:
    """A table of what a pydantic class holds, ``module:Class``."""
    module, _, name = place.partition(":")
    cls = getattr(importlib.import_module(module), name)
    schema = TypeAdapter(cls).json_schema()
    schema = schema["$defs"][name] if "$ref" in schema else schema
    said = _said(cls)
    rows = ["| field | what it takes | default | |", "|---|---|---|---|"]
    for field, one in schema.get("properties", {}).items():
        default = "" if field in schema.get("required", ()) else f"`{json.dumps(_default(cls, field, one))}`"
        about = one.get("description") or said.get(field, "")
        rows.append(f"| `{field}` | {_type(one)} | {default} | {_cell(about)} |")
    mark = f"(setting-{name.lower()})=\n"
    table = "\n".join(["````{container} settings", "", *rows, "````"])
    return f"{mark}**{name}**: {_text(inspect.getdoc(cls) or '')}\n\n{table}\n"


def models(table: str, _: list[str]) -> str:
    """A table of the models in CFAES or SAES."""
    import knobs_core

    rows = ["| name | class | |", "|---|---|---|"]
    for name, (model, _config) in getattr(knobs_core, table).items():
        head = (inspect.getdoc(inspect.getmodule(model)) or "").partition("\n\n")[0]
        rows.append(f"| `{name}` | `{model.__module__}.{model.__name__}` | {_cell(head)} |")
    return "\n".join(rows) + "\n"


def origins(*_: object) -> str:
    """What each layout of data sets by itself, where that is not what ``DataConfig`` says."""
    from knobs_core.data import DataConfig, sources

    plain = dataclasses.asdict(DataConfig())
    rows = ["| layout | settings of its own |", "|---|---|"]
    for name, layout in {"demo": sources.demo, **sources.LAYOUTS}.items():
        own = {key: value for key, value in dataclasses.asdict(layout.DEFAULTS).items() if value != plain[key]}
        said = ", ".join(f"`{key}={json.dumps(value)}`" for key, value in own.items() if key != "credit")
        rows.append(f"| `{name}` | {said or 'none'} |")
    return "\n".join(rows) + "\n"


def top(name: str, _: list[str]) -> str:
    """A file at the top of the repository, without its heading; pages of these docs are linked as pages."""
    text = (ROOT / name).read_text(encoding="utf-8").partition("\n")[2]
    text = re.sub(r"\]\(docs/", "](", text)
    return re.sub(r"\]\(([A-Z_]+(?:\.md)?)\)", lambda link: f"]({PAGES.get(link[1], f'../{link[1]}')})", text)


FILLED: dict[str, Callable[[str, list[str]], str]] = {
    "public": public, "settings": settings, "models": models, "origins": origins, "top": top,
}  # fmt: skip


def plain(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Escape what is no markup in our docstrings, and set formulas, which stand apart and indented, as they are."""
    escaped = [_escaped(line) for line in "\n".join(lines).split("\n")] if lines else []
    lines[:] = []
    formula = section = False
    for number, line in enumerate(escaped):
        indented, apart = line.startswith("    "), number > 0 and not escaped[number - 1].strip()
        if line and not indented:
            formula, section = False, line.rstrip() in SECTIONS
        elif indented and not section and not formula and apart:
            formula = True
            lines += ["::", ""]
        elif indented and not section and not formula:  # a line that goes on
            line = line.lstrip()
        lines.append(_unescaped(line) if formula else line)


def skip(app: Sphinx, what: str, name: str, obj: object, skipped: bool, options: object) -> bool | None:
    """Leave out what Python and pydantic document by themselves: fields of tuples, settings of models."""
    said = inspect.getdoc(obj) or ""
    return True if said.startswith("Alias for field number") or name == "model_config" else None


def _escaped(line: str) -> str:
    parts = LITERAL.split(line)
    return "".join(part if part.startswith("``") else re.sub(r"([*|`\\]|_(?=\W|$))", r"\\\1", part) for part in parts)


def _unescaped(line: str) -> str:
    return re.sub(r"\\([*|`\\_])", r"\1", line)


def _rst(text: str) -> str:
    return f"````{{eval-rst}}\n{text}\n````\n"


def _said(cls: type) -> dict[str, str]:
    """The docstrings that stand below the fields of a class and of those that it is made from."""
    found: dict[str, str] = {}
    for one in reversed(cls.__mro__):
        if one.__module__.startswith("knobs_"):
            docs = ModuleAnalyzer.for_module(one.__module__).find_attr_docs()
            found |= {field: " ".join(lines) for (owner, field), lines in docs.items() if owner == one.__name__}
    return found


def _default(cls: Any, field: str, one: dict[str, Any]) -> Any:
    if "default" in one:
        return one["default"]
    made = cls.__pydantic_fields__[field].get_default(call_default_factory=True)
    return TypeAdapter(Any).dump_python(made, mode="json") if made is not None else None


def _type(one: dict[str, Any]) -> str:
    """A JSON type in words, with its bounds."""
    if "anyOf" in one:
        return " or ".join(_type(part) for part in one["anyOf"])
    if "$ref" in one:
        return f"[{(name := one['$ref'].rpartition('/')[2])}](#setting-{name.lower()})"
    if "enum" in one or "const" in one:
        return " or ".join(f"`{json.dumps(value)}`" for value in one.get("enum", [one.get("const")]))
    kind = {"array": "list", "object": "table", "null": "none"}.get(one.get("type", ""), one.get("type", "anything"))
    if "items" in one:
        kind += f" of {_type(one['items'])}"
    if isinstance(one.get("additionalProperties"), dict):
        kind += f" of {_type(one['additionalProperties'])}"
    if one.get("format") == "date-time":
        kind = "time with its offset"
    return ", ".join([kind, *(text.format(f"{one[key]:,}") for key, text in BOUNDS.items() if key in one)])


def _text(said: str) -> str:
    """A docstring as Markdown: code has one backtick there."""
    return re.sub(r"([*<\[])", r"\\\1", said).replace("``", "`")


def _cell(said: str) -> str:
    return _text(" ".join(said.split())).replace("|", "\\|")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("source-read", fill)
    app.connect("autodoc-process-docstring", plain, priority=400)  # before napoleon
    app.connect("autodoc-skip-member", skip)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
