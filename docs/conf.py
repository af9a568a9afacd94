"""How the documentation is built: ``python -m sphinx -W docs docs/_build/html``, or ``knobs docs``."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "docs" / "_ext")]  # the code beside these pages, whatever is installed

project = "Knobs"
author = "the Knobs contributors"
copyright = "the Knobs contributors, MIT licence"
version = release = version_of("knobs-recsys")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click", "sphinx_copybutton", "knobs"]
exclude_patterns = ["_build", "_ext"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3  # as GitHub makes them, so that links work in both places

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
maximum_signature_line_length = 100
python_use_unqualified_type_names = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
add_module_names = False

html_theme = "furo"
html_title = "Knobs"
html_static_path = ["_static"]
html_css_files = ["knobs.css"]
html_show_search_summary = False  # it would fetch pages, which a browser refuses to one that opened a file
html_copy_source = False  # a page for people does not need its source beside it
html_show_sphinx = False
html_use_index = True
html_theme_options = {"navigation_with_keys": True}
pygments_style, pygments_dark_style = "friendly", "github-dark"
copybutton_exclude = ".linenos, .gp, .go"
