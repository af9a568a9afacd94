"""Walking the pages' source: whether whatever Streamlit reads as Markdown, and whatever is read as HTML, is text of our
own with what is strange in it made plain.

Fine is: a literal, a constant in capitals and what is looked up in it, a number that is formatted, a call of ``plain``
(of ``name`` and ``escaped`` where HTML is read), a call of a function that is annotated ``-> Markdown``, whose own
returns are looked at in the same way, and whatever is put together from these or was assigned from these in the same
function.
"""

import ast
import inspect
import re

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.mutable_status_container import StatusContainer

NUMBER = re.compile(r"[+ ]?0?\d*,?(\.\d+)?[%defg]?")
HELPERS = {"plain", "signed"}
OF_HTML = {"name", "escaped", "signed"}  # beside functions that say what they make
PASSING = {"join", "list", "sorted", "next", "Markdown", "capital", "get", "replace"}  # as fine as what is given


def markdown_arguments():
    """{name of a call: {name of an argument that Streamlit reads as Markdown: its place}}, as the installed package
    says in its documentation."""
    calls = {}
    for name, call in [
        *inspect.getmembers(DeltaGenerator, callable),
        *inspect.getmembers(st, inspect.isfunction),
        ("Page", st.Page),
    ]:
        if not name.startswith("_"):
            calls[name] = calls.get(name) or _of(call)
    for name in dir(st.column_config):
        if name.endswith("Column"):
            calls[name] = {"help": None}  # a tooltip, as all are
    calls["write"] = dict.fromkeys(range(9))
    calls["update"] = _of(StatusContainer.update) or {"label": None}
    del calls["navigation"]  # documents what its pages read
    return {name: found for name, found in calls.items() if found}


def _of(call):
    documented = inspect.getdoc(call) or ""
    section = re.search(r"Parameters\n-+\n(.*?)(\n\w+\n-+\n|\Z)", documented, re.DOTALL)
    if not section:
        return {}
    try:
        names = [name for name in inspect.signature(call).parameters if name != "self"]
    except ValueError:
        names = []
    found = {}
    for part in re.split(r"\n(?=\*{0,2}\w[\w, *]* :)", section[1]):
        name = part.strip().partition(" :")[0].lstrip("*")
        if "Markdown" in part and name not in ("unsafe_allow_html", "anchors", "wrap", "width", "page_icon", "bind"):
            found[name] = names.index(name) if name in names else None
    if "options" in found:
        found["format_func"] = None
    return found


class Walker(ast.NodeVisitor):
    """Looks at one file. markdown: as ``markdown_arguments`` gives them; makers: names of functions of any file that
    are annotated ``-> Markdown``; html_makers: of those that make HTML, as they say."""

    def __init__(self, file, markdown, makers, html_makers):
        self.file, self.markdown, self.makers, self.html_makers = file, markdown, makers, html_makers
        self.faults, self.scopes, self.ours = [], [{}], set()

    def visit_FunctionDef(self, node):
        scope = {}
        for inner in ast.walk(node):
            if isinstance(inner, ast.Assign):
                for target in inner.targets:
                    _bind(scope, target, inner.value)
            elif isinstance(inner, ast.NamedExpr):
                _bind(scope, inner.target, inner.value)
            elif isinstance(inner, ast.AugAssign) and isinstance(inner.target, ast.Name):
                scope.setdefault(inner.target.id, []).append(inner.value)
        for argument in [*node.args.args, *node.args.kwonlyargs]:
            ours = argument.annotation is not None and _last(argument.annotation) == "Markdown"
            scope.setdefault(argument.arg, []).append(ast.Constant("") if ours else None)
        self.scopes.append(scope)
        made = node.returns is not None and _last(node.returns)
        for inner in ast.walk(node):
            if (
                made == "Markdown"
                and node.name not in HELPERS
                and isinstance(inner, ast.Return)
                and not self.fine(inner.value, HELPERS)
            ):
                self.note(inner, f"what {node.name} returns as Markdown")
        self.generic_visit(node)
        self.scopes.pop()

    def visit_Module(self, node):
        for inner in ast.walk(node):
            if isinstance(inner, ast.ImportFrom) and str(inner.module).startswith("knobs"):
                self.ours |= {one.name for one in inner.names}
        for inner in node.body:
            if isinstance(inner, ast.Assign):
                for target in inner.targets:
                    _bind(self.scopes[0], target, inner.value)
        self.generic_visit(node)

    def visit_Call(self, node):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        owner = _last(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        if name in self.markdown and owner not in self.ours:
            for argument, place in self.markdown[name].items():
                given = [one.value for one in node.keywords if one.arg == argument]
                place = argument if isinstance(argument, int) else place
                given += node.args[place : place + 1] if place is not None else []
                for one in given:
                    if not self.fine(one, HELPERS):
                        self.note(one, f"{argument} of {name}")
        if name == "html":
            for one in node.args[:1]:
                if not self.fine(one, OF_HTML):
                    self.note(one, "what is read as HTML")
        self.generic_visit(node)

    def visit_JoinedStr(self, node):
        words = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
        if re.search(r"</?[a-z]", words) and not self.fine(node, OF_HTML):
            self.note(node, "what is put into HTML")
        self.generic_visit(node)

    def note(self, node, what):
        self.faults.append(f"{self.file}:{node.lineno}: {what}: {ast.unparse(node)[:90]}")

    def fine(self, node, helpers, seen=()):
        """Whether an expression is safe to be read as Markdown, or as HTML."""

        def all_fine(*nodes):
            return all(self.fine(one, helpers, seen) for one in nodes)

        match node:
            case ast.Constant():
                return True
            case ast.JoinedStr():
                return all_fine(*node.values)
            case ast.FormattedValue():
                return _is_number(node.format_spec) or all_fine(node.value)
            case ast.List() | ast.Tuple() | ast.Set():
                return all_fine(*node.elts)
            case ast.Dict():
                return all_fine(*node.keys)
            case ast.BinOp(op=ast.Add() | ast.Div()):
                return all_fine(node.left, node.right)
            case ast.BinOp(op=ast.Mult()):
                return all_fine(node.left)
            case ast.IfExp():
                return all_fine(node.body, node.orelse)
            case ast.BoolOp():
                return all_fine(*node.values)
            case ast.ListComp() | ast.GeneratorExp():
                return all_fine(node.elt)
            case ast.Lambda():
                return all_fine(node.body)
            case ast.Starred():
                return all_fine(node.value)
            case ast.Subscript() | ast.Attribute() if _is_constant(node):
                return True
            case ast.Attribute():  # a method of a constant
                return _is_constant(node.value)
            case ast.Call():
                return self.call(node, helpers, all_fine)
            case ast.Name():
                return node.id.isupper() or self.known(node.id, helpers, seen)
        return False

    def call(self, node, helpers, all_fine):
        called = _last(node.func)
        ours = self.makers if helpers is HELPERS else self.html_makers
        if called in helpers or called in ours:
            return True
        if called == "map":
            return _last(node.args[0]) in helpers
        return called == "resource" or (called in PASSING and all_fine(*node.args[:1]))

    def known(self, name, helpers, seen):
        if name in seen:  # put together from itself: the other parts decide
            return True
        for scope in (self.scopes[-1], self.scopes[0]):
            if name in scope:
                return all(one is not None and self.fine(one, helpers, (*seen, name)) for one in scope[name])
        return False


def _bind(scope, target, value):
    if isinstance(target, ast.Name):
        scope.setdefault(target.id, []).append(value)
    elif isinstance(target, ast.Tuple):
        values = value.elts if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts) else None
        for place, one in enumerate(target.elts):
            if isinstance(one, ast.Name):
                scope.setdefault(one.id, []).append(values[place] if values else None)


def _last(node):
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_number(spec):
    if spec is None or not all(isinstance(part, (ast.Constant, ast.FormattedValue)) for part in spec.values):
        return False
    text = "".join(part.value if isinstance(part, ast.Constant) else "1" for part in spec.values)
    return bool(text) and bool(NUMBER.fullmatch(text))


def _is_constant(node):
    while isinstance(node, ast.Subscript):
        node = node.value
    return _last(node).isupper()


def walk(files):
    """What is wrong in these files, {path: source}: a line for each."""
    trees = {file: ast.parse(source) for file, source in files.items()}
    functions = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    makers = {node.name for node in functions if node.returns is not None and _last(node.returns) == "Markdown"}
    html_makers = {node.name for node in functions if "HTML" in (ast.get_docstring(node) or "")} | {"signed"}
    markdown = markdown_arguments()
    faults = []
    for file, tree in trees.items():
        walker = Walker(file, markdown, makers, html_makers)
        walker.visit(tree)
        faults += walker.faults
    return faults
