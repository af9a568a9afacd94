"""A page about the addresses for people, out of the description for programs. It loads nothing and runs nothing."""

import base64
import hashlib
from html import escape
from typing import Any

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}"
    "code{background:#f1f1f4;padding:.1em .3em}h2{font-size:1rem;margin:1.6rem 0 .2rem}p{margin:.2rem 0}"
)
POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def page(schema: dict[str, Any]) -> str:
    """The page. schema: OpenAPI's, of our own addresses."""
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Lists of Knobs</title><style>{STYLE}</style><h1>Lists of Knobs</h1>"
        f"<p>{escape(schema['info']['description'])}</p>"
        '<p>For programs: <a href="/openapi.json"><code>/openapi.json</code></a> (OpenAPI 3.1).</p>'
    ]
    for path, methods in schema["paths"].items():
        for method, one in methods.items():
            parts.append(f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(one['description'])}</p>")
            asked = [parameter for parameter in one.get("parameters", []) if parameter["in"] == "query"]
            if asked:
                named = ", ".join(f"<code>{escape(parameter['name'])}</code>" for parameter in asked)
                parts.append(f"<p>Takes {named}.</p>")
    return "".join(parts)
