"""A list as JSON, as a feed (JSON Feed 1.1, https://www.jsonfeed.org/version/1.1) and as CSV; how long it holds."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from starlette.responses import Response

from knobs_core.base import defused
from knobs_core.lists import ListRecipe
from knobs_core.service.answers import ReaderList

Format = Literal["json", "feed", "csv"]
FEED = "https://jsonfeed.org/version/1.1"
MEDIA_TYPES = {"json": "application/json", "feed": "application/feed+json", "csv": "text/csv; charset=utf-8"}
KEPT = 60  # seconds that an answer may be kept, at most
COLUMNS = ("rank", "item_id", "title", "score", "reason", "note", "list_id", "arm")


def answer(found: ReaderList, as_: Format, about: str, headers: Mapping[str, str]) -> Response:
    """A list as it was asked for. about: what the recipe says of itself, for a feed."""
    body = {"json": found.model_dump_json, "feed": lambda: _feed(found, about), "csv": lambda: _csv(found)}[as_]()
    named = {"Content-Disposition": f'attachment; filename="{found.slug}.csv"'} if as_ == "csv" else {}
    return Response(body, 200, {**headers, **named}, MEDIA_TYPES[as_])


def kept_headers(recipe: ListRecipe, tag: str) -> dict[str, str]:
    """What an answer says of how long it holds: to the recipe's end, a minute at most, and by whom it may be kept."""
    seconds = KEPT
    if recipe.valid_to:
        seconds = max(0, min(KEPT, int((recipe.valid_to - datetime.now(UTC)).total_seconds())))
    return {"ETag": f'"{tag}"', "Cache-Control": f"private, max-age={seconds}", "Vary": "Authorization"}


def known(tag: str, told: str) -> bool:
    """Whether a program has an answer already. told: its If-None-Match, compared weakly (RFC 9110, 13.1.2)."""
    tags = [one.strip().removeprefix("W/") for one in told.split(",")]
    return "*" in tags or f'"{tag}"' in tags


def _feed(found: ReaderList, about: str) -> str:
    document: dict[str, Any] = {
        "version": FEED,
        "title": found.headline or found.slug,
        "description": about,
        "items": [
            {
                "id": row.item_id,
                "title": row.title,
                "content_text": row.note or row.title,
                "_knobs": {"rank": row.rank, "score": row.score, "reason": row.reason},
            }
            for row in found.rows
        ],
        "_knobs": found.model_dump(exclude={"rows", "headline"}),
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def _csv(found: ReaderList) -> str:
    """A line a row; texts that a spreadsheet would work out stand behind an apostrophe, see ``defused``."""
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(COLUMNS)
    for row in found.rows:
        texts = (row.item_id, row.title, row.reason, row.note)
        item, title, reason, note = map(defused, texts)
        score = "" if row.score is None else f"{row.score:.6g}"
        lines.writerow((row.rank, item, title, score, reason, note, found.list_id, found.arm))
    return written.getvalue()
