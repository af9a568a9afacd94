"""The list as a file: a table that spreadsheets open safely, and JSON that says how to make the same list again."""

import json
import shlex
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd
import streamlit as st

from knobs_core.base import defused, slug
from knobs_core.bundles import Bundle
from knobs_core.data import Filters
from knobs_ui import state
from knobs_ui.board import View

DIGITS = 4  # of a score
LONGEST = 80  # characters of a name in that of a file


def file_name(bundle: Bundle, shown: View, ending: str) -> str:
    """``knobs-User-15-2026-11-28-1905.csv``, by the visitor's own clock."""
    return f"knobs-{slug(shown.choice.name(bundle.interactions))[:LONGEST]}-{_now():%Y-%m-%d-%H%M}.{ending}"


def as_csv(bundle: Bundle, shown: View) -> bytes:
    """The list as a table, one row an item: rank, title, year, genres, score, rank_before, brought_by, item_id, person,
    dials. ``brought_by`` is the dial that brings an item; the last two columns say the same in every row."""
    table = shown.found.table
    items = bundle.interactions.items.iloc[shown.result.items].reset_index(drop=True)
    more = [dial.name for dial in shown.dials if dial.amount > 0]
    new = table["rank_before"] > shown.choice.n
    alone = new.map({True: more[0], False: ""}) if len(more) == 1 else ""
    rows = pd.DataFrame(
        {
            "rank": table["rank"],
            "title": table["title"],
            "year": items["year"],
            "genres": items["genres"].str.replace("|", ", "),
            "score": [float(f"{score:.{DIGITS}g}") for score in table["score"]],
            "rank_before": table["rank_before"],
            "brought_by": table["dealt_by"].fillna("").where(lambda name: name != "", alone),
            "item_id": table["item_id"],
            "person": shown.choice.name(bundle.interactions),
            "dials": "; ".join(f"{dial.name}={dial.amount:g}" for dial in shown.dials),
        }
    )
    text = ["title", "genres", "brought_by", "item_id", "person", "dials"]
    rows[text] = rows[text].map(defused)
    return rows.to_csv(index=False).encode("utf-8-sig")  # without the mark Excel reads another alphabet


def as_json(bundle: Bundle, shown: View) -> str:
    """The list with all that is needed to make it again."""
    choice = shown.choice
    who = ["--user", choice.user_ids[0]] if len(choice.user_ids) == 1 else ["--items", ",".join(choice.item_ids)]
    turned = [part for key, amount in choice.dials if amount for part in ("--dial", f"{key}={amount:g}")]
    document = {
        "bundle": bundle.id,
        "source": bundle.manifest.source.model_dump(),
        "credit": bundle.credit,
        "seed": bundle.manifest.seed,
        "choice": state.to_link(bundle, choice),
        "list": shown.found.table.to_dict("records"),
    }
    beyond = choice.seen or choice.filters != Filters() or (choice.user_ids and choice.item_ids)
    if len(choice.user_ids) < 2 and not beyond:
        document["command"] = shlex.join(["knobs", "recommend", "BUNDLE", *who, *turned, "--n", str(choice.n)])
    return json.dumps(document, ensure_ascii=False, indent=2)


def _now() -> datetime:
    try:
        return datetime.now(ZoneInfo(st.context.timezone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a browser may say anything
        return datetime.now(ZoneInfo("UTC"))
