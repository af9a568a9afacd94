"""Presets: settings of the dials under a name, perhaps with the person, in the visitor's own browser or in a file.

A preset is a link under a name: {"name", "dials", "names", "bundle"[, "user"][, "items"]}; what is true of links of
another training is true of presets. They come from a browser or from anybody's file, so all of them are checked.
"""

import json
from typing import Any, BinaryIO

import streamlit as st

from knobs_core.base import visible
from knobs_core.bundles import Bundle
from knobs_ui import board, html, state

MOST = 50  # presets kept
LARGEST = 512 * 1024  # bytes of a file of presets
SIZES = {"name": 60, "dials": 2000, "names": 4000, "bundle": 40, "user": 200, "items": 8000}  # characters
DONE, ASKED, SAID = "a preset was applied", "a preset that would replace another", "what became of presets"
Preset = dict[str, str]


def load_presets(bundle: Bundle) -> None:
    """Let the browser hand over its presets, or take a changed list; once a run."""
    kept = _store(bundle, "store")
    if "presets" not in st.session_state and isinstance(kept, list):
        st.session_state["presets"] = [preset for row in kept[:MOST] if (preset := checked(row))]


def quiet() -> None:
    """Forget what was said and asked of presets: whoever opens them anew begins anew."""
    for name in (DONE, ASKED, SAID):
        st.session_state.pop(name, None)


def checked(row: object) -> Preset | None:
    """A preset as it may be used, None for what is none."""
    if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in ("name", "dials")):
        return None
    preset = {name: row[name] for name in SIZES if isinstance(row.get(name), str) and row[name]}
    fits = all(len(text) <= SIZES[name] for name, text in preset.items())
    return preset if fits and preset.get("name", "").strip() and "dials" in preset else None


def presets(bundle: Bundle) -> None:
    """Save the dials, apply and delete what was saved, take presets out to a file and in again."""
    kept, choice = st.session_state.get("presets") or [], state.current(bundle)
    st.markdown("**Presets**", help="Settings of the dials under a name, kept in this browser.")
    for index, preset in enumerate(kept):
        use, away = st.columns([5, 1])
        who = person_of(preset)
        use.button(
            html.plain(preset["name"] + (f" · {who.name(bundle.interactions)}" if who else "")),
            key=f"use {index}", width="stretch", on_click=_apply, args=(bundle, preset),
            help="Sets the person and the dials." if who else "Sets the dials; the person stays.",
        )  # fmt: skip
        away.button("", key=f"drop {index}", icon=":material/delete:", help="Delete", on_click=_drop, args=(index,))
    with st.form("save preset", clear_on_submit=True, border=False):
        st.text_input("Name of a new preset", key="preset name", placeholder="Friday night", max_chars=SIZES["name"])
        st.checkbox(f"With the person: {html.plain(choice.name(bundle.interactions))}", key="preset person")
        st.form_submit_button("Save these dials", on_click=_save, args=(bundle,),
                              disabled=not any(amount for _, amount in choice.dials))  # fmt: skip
    if asked := st.session_state.get(ASKED):
        st.warning(f"Replace '{html.plain(asked['name'])}'?", icon=":material/help:")
        with st.container(horizontal=True):
            st.button("Replace", key="replace preset", on_click=_keep, args=(asked,), type="primary")
            st.button("Leave it as it was", key="leave preset", on_click=st.session_state.pop, args=(ASKED,))
    if said := st.session_state.get(SAID):
        st.success(html.plain(said), icon=":material/check:")
    with st.expander("Presets as a file"):
        st.download_button(
            "Export all", lambda: exported(bundle, kept), "knobs-presets.json", "application/json", on_click="ignore",
            icon=":material/download:", disabled=not kept,
        )  # fmt: skip
        st.file_uploader("Import a file", type="json", key="import presets", on_change=_import, max_upload_size=1)
    _store(bundle, "store of the sheet")


def person_of(preset: Preset) -> state.Choice | None:
    """Whom a preset holds; None where it holds dials alone."""
    users, items = (tuple(filter(None, preset.get(name, "").split(","))) for name in ("user", "items"))
    return state.Choice(user_ids=users, item_ids=items) if users or items else None


def exported(bundle: Bundle, kept: list[Preset]) -> str:
    """Presets as a file."""
    document = {"source": bundle.manifest.origin.slug, "presets": kept}
    return json.dumps(document, ensure_ascii=False, indent=2)


def imported(data: bytes, kept: list[Preset]) -> tuple[list[Preset], str]:
    """The presets after a file was taken in, and in one line what was taken of it and what was not.

    Args:
        data: the file's content, from anybody; kept: the presets so far, which stay as they are.
    """
    if len(data) > LARGEST:
        return kept, f"Nothing was taken: a file of presets has at most {LARGEST // 1024} kB."
    try:
        document: Any = json.loads(data)
        rows = document["presets"]
    except (ValueError, KeyError, TypeError, RecursionError):
        rows = None
    if not isinstance(rows, list):
        return kept, "Nothing was taken: this is no file of presets as Export writes it."
    there = {preset["name"] for preset in kept}
    fit = {preset["name"]: preset for row in rows if (preset := checked(row))}
    new = [preset for name, preset in fit.items() if name not in there]
    taken = new[: max(MOST - len(kept), 0)]
    left = [
        (len(fit) - len(new), "have the name of one that is here"),
        (len(new) - len(taken), f"are more than {MOST}"),
        (len(rows) - len(fit), "are no presets"),
    ]
    said = f"Taken: {len(taken)} of {len(rows)}" + "".join(f"; {n} {why}" for n, why in left if n)
    return [*kept, *taken], f"{said}."


def _store(bundle: Bundle, key: str) -> object:
    """The keeper of presets in the browser; by data set, so that they survive a training."""
    place = f"knobs presets of {bundle.manifest.origin.slug}"
    former = f"knobs presets {bundle.id}"
    return board.kept_list(place, st.session_state.get("presets"), key, former)


def _save(bundle: Bundle) -> None:
    name = visible(st.session_state["preset name"]).strip()[: SIZES["name"]]
    if not name:
        return
    choice = state.current(bundle)
    whole = state.to_link(bundle, state.Choice(choice.user_ids, choice.item_ids, choice.dials))
    held = ("dials", "names", "bundle", *(("user", "items") if st.session_state["preset person"] else ()))
    preset = {"name": name} | {part: whole[part] for part in held if part in whole}
    if any(one["name"] == name for one in st.session_state.get("presets") or []):
        st.session_state.pop(SAID, None)
        st.session_state[ASKED] = preset
    else:
        _keep(preset)


def _keep(preset: Preset) -> None:
    others = [one for one in st.session_state.get("presets") or [] if one["name"] != preset["name"]]
    st.session_state["presets"] = [*others, preset][-MOST:]
    st.session_state.pop(ASKED, None)
    st.session_state[SAID] = f"Saved: {preset['name']}"


def _import() -> None:
    file: BinaryIO | None = st.session_state["import presets"]
    if file is not None:
        kept = st.session_state.get("presets") or []
        st.session_state["presets"], st.session_state[SAID] = imported(file.read(LARGEST + 1), kept)


def _apply(bundle: Bundle, preset: Preset) -> None:
    choice, problems = state.from_link(bundle, preset)
    state.tell(problems)
    if choice.user_ids or choice.item_ids:
        state.change(bundle, user_ids=choice.user_ids, item_ids=choice.item_ids, dials=choice.dials, seen=())
    else:
        state.change(bundle, dials=choice.dials)
    turned = html.turned_words(bundle, state.dials_of(bundle, choice.dials)) or "no dial is left of it"
    said = f"{preset['name']}: {turned}, for {state.current(bundle).name(bundle.interactions)}"
    state.tell([said], ":material/check:")
    st.session_state[SAID] = said
    st.session_state[DONE] = True


def _drop(index: int) -> None:
    kept = st.session_state["presets"]
    st.session_state["presets"] = kept[:index] + kept[index + 1 :]
    st.session_state[SAID] = f"Deleted: {kept[index]['name']}"
