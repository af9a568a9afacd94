"""What can be kept: presets in the visitor's browser, a link to this very state, the list as a file."""

import io
import json
import shlex
from urllib.parse import quote

import streamlit as st

from knobs_core.bundles import Bundle
from knobs_core.data import Filters
from knobs_ui import board, html, state
from knobs_ui.board import View

MOST = 50  # presets kept


def keep(bundle: Bundle, shown: View) -> None:
    """Presets, a link, files."""
    _presets(bundle)
    st.markdown("**A link to this**", help="Opens the same person with the same dials, here or at somebody else's.")
    query = "&".join(f"{name}={_quoted(value)}" for name, value in state.to_link(shown.choice).items())
    st.code(f"{(st.context.url or '').split('?')[0]}?{query}", language=None, wrap_lines=True)
    csv, replay = st.columns(2)
    csv.download_button("List as CSV", lambda: _csv(shown), "list.csv", "text/csv", on_click="ignore")
    replay.download_button(
        "List as JSON", lambda: _json(bundle, shown), "list.json", "application/json", on_click="ignore",
        help="With what is needed to make the same list again.",
    )  # fmt: skip


def load_presets(bundle: Bundle) -> None:
    """Let the browser hand over its presets, or take a changed list; call once a run, outside of popovers."""
    kept = board.presets({"bundle": bundle.id, "presets": st.session_state.get("presets")})
    if "presets" not in st.session_state and isinstance(kept, list):
        st.session_state["presets"] = [
            {"name": row["name"][:60], "dials": row["dials"][:2000]}
            for row in kept[:MOST]
            if isinstance(row, dict) and isinstance(row.get("name"), str) and isinstance(row.get("dials"), str)
        ]


def _presets(bundle: Bundle) -> None:
    presets = st.session_state.get("presets") or []
    choice = state.current(bundle)
    st.markdown("**Presets**", help="Settings of the dials under a name, kept in this browser.")
    for index, preset in enumerate(presets):
        use, away = st.columns([5, 1])
        use.button(
            html.plain(preset["name"]), key=f"use {index}", on_click=_apply, args=(bundle, preset), width="stretch"
        )
        away.button("", key=f"drop {index}", icon=":material/delete:", help="Delete", on_click=_drop, args=(index,))
    with st.form("save preset", clear_on_submit=True, border=False):
        name = st.text_input("Name of a new preset", placeholder="Friday night", max_chars=60)
        if (
            st.form_submit_button("Save these dials", disabled=not any(amount for _, amount in choice.dials))
            and name.strip()
        ):
            rest = [preset for preset in presets if preset["name"] != name.strip()]
            dials = state.to_link(choice).get("dials", "")
            st.session_state["presets"] = [*rest, {"name": name.strip(), "dials": dials}][-MOST:]
            st.rerun()


def _apply(bundle: Bundle, preset: dict[str, str]) -> None:
    choice, problems = state.from_link(bundle, {"dials": preset["dials"]})
    for problem in problems:
        st.toast(problem, icon=":material/link_off:")
    state.change(bundle, dials=choice.dials)


def _drop(index: int) -> None:
    presets = st.session_state["presets"]
    st.session_state["presets"] = presets[:index] + presets[index + 1 :]


def _csv(shown: View) -> str:
    out = io.StringIO()
    shown.found.table.to_csv(out, index=False)
    return out.getvalue()


def _json(bundle: Bundle, shown: View) -> str:
    choice = shown.choice
    likes = bundle.interactions.item_ids[shown.person.history.indices]
    one_user = len(choice.user_ids) == 1 and not choice.item_ids
    who = ["--user", choice.user_ids[0]] if one_user else ["--items", ",".join(likes)]
    turned = [part for key, amount in choice.dials if amount for part in ("--dial", f"{key}={amount:g}")]
    document = {
        "bundle": bundle.id,
        "source": bundle.manifest.source.model_dump(),
        "seed": bundle.manifest.seed,
        "choice": state.to_link(choice),
        "list": shown.found.table.to_dict("records"),
    }
    if len(choice.user_ids) < 2 and not choice.seen and choice.filters == Filters():
        document["command"] = shlex.join(["knobs", "recommend", "BUNDLE", *who, *turned, "--n", str(choice.n)])
    return json.dumps(document, ensure_ascii=False, indent=2)


def _quoted(text: str) -> str:
    return quote(text, safe=",:~")
