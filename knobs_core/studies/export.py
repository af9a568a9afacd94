"""A study as files: answers as CSV and Parquet, what was found as Markdown and JSON, and the study as it counts."""

import dataclasses
from pathlib import Path
from typing import Any

from knobs_core.base import as_json_text, defused, replacing, write_whole
from knobs_core.publishing import Participants, Registered
from knobs_core.studies.analysis import Findings, findings, table
from knobs_core.studies.registration import registered
from knobs_core.studies.report import plan_of, report_of
from knobs_core.studies.study import Study

FILES = ("answers.csv", "answers.parquet", "analysis.md", "analysis.json", "study.json")
LISTS = ["left_list", "right_list"]


def export(store: Participants, study: Study, folder: Path) -> Findings:
    """Write all of ``FILES`` into a folder, each whole or not at all.

    Raises:
        ConfigError: nobody was let in yet, or the study is another one than that which counts.
        StorageError: the folder cannot be written.
    """
    counts, found, rows = registered(store, study), findings(store, study), table(store, study)
    with replacing(folder / "answers.parquet") as partial:
        rows.to_parquet(partial, index=False)
    flat = rows.assign(**{name: rows[name].map(" ".join) for name in LISTS})
    texts = flat.select_dtypes(["object", "str"]).columns
    flat[texts] = flat[texts].map(lambda cell: defused(str(cell)))
    write_whole(folder / "answers.csv", "\ufeff" + flat.to_csv(index=False))  # without the mark Excel reads otherwise
    write_whole(folder / "analysis.md", report_of(study, counts, found))
    write_whole(folder / "analysis.json", as_json_text(document_of(study, counts, found)) + "\n")
    write_whole(folder / "study.json", as_json_text(counts.document) + "\n")
    return found


def document_of(study: Study, counts: Registered, found: Findings) -> dict[str, Any]:
    """What was found, with the plan, as a document for JSON."""
    head = {"study": study.id, "registered": counts.at.isoformat(), "digest": counts.digest, "plan": plan_of(study)}
    return head | dataclasses.asdict(found)
