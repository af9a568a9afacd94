"""``knobs name``: names from an open vocabulary for neurons that have none by tags, judged on held-out titles."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import JustifyMethod

from knobs_core.cli.output import (
    ShowProgress,
    fail,
    item_ids,
    json_option,
    open_bundle,
    own_bundle_argument,
    present,
    say,
    show_table,
)

if TYPE_CHECKING:  # torch takes seconds to import, and --help should not
    from knobs_core.bundles import Bundle, OpenName, Proposed


@click.command()
@own_bundle_argument
@click.option("--neurons", metavar="J,J,...", help="Only these; by default all without a name by tags that holds.")
@click.option("--items", multiple=True, metavar="ID,ID,...", help="Names for these items instead; nothing is kept.")
@click.option(
    "--llm", is_flag=False, flag_value="", default=None, metavar="URL",
    help="Ask a language model as well, which answers as OpenAI's /chat/completions does; alone: KNOBS_LLM_ENDPOINT.",
)  # fmt: skip
@click.option("--model", default="", metavar="NAME", help="Of the language model; by default KNOBS_LLM_NAME.")
@click.option("--give", is_flag=True, help="Give neurons the names that hold, as knobs rename would.")
@json_option
def name(
    bundle_path: Path,
    neurons: str | None,
    items: tuple[str, ...],
    llm: str | None,
    model: str,
    give: bool,
    as_json: bool,
) -> None:
    """Propose names for neurons: tags, genres, words of titles and everyday words, and what a language model says.

    One half of a neuron's titles chooses its name, the other half judges it. Names are kept with the bundle as
    proposals, with what speaks for them and what they cost; nothing is called by them without --give.

    A language model is asked only with --llm. It is sent titles, years and genres of items, and nothing of anybody.
    The key is read from KNOBS_LLM_KEY.

    \b
    Example:
      knobs name my-bundle --give
      knobs name my-bundle --neurons 12,40 --llm https://example.org/v1 --model some-model
      knobs name my-bundle --items 260,1196,1210,2571,541,924,1214,1200
    """
    from knobs_core import bundles
    from knobs_core.language import chosen_chat, chosen_encoder

    if items and (neurons or give or llm is not None):
        raise click.UsageError("--items stands alone.")
    chosen = _numbers(neurons)
    if model and llm is None:
        raise click.UsageError("--model names the language model of --llm.")
    chat = None if llm is None else chosen_chat(llm, model)
    loaded = open_bundle(bundle_path)
    if items:
        rows = bundles.name_group(loaded, item_ids(items))
        columns: dict[str, JustifyMethod] = {"name": "left", "score": "right", "by luck": "right"}
        lines = [(text, f"{score:.2f}", f"{luck:.1%}") for text, score, luck in rows]
        found_names = [dict(zip(("name", "score", "by_luck"), row, strict=True)) for row in rows]
        present({"names": found_names}, as_json, lambda: show_table(columns, lines))
        return
    with ShowProgress() as progress:
        found = bundles.propose(loaded, chosen_encoder(), chosen, chat, progress)
    asked = {one.neuron for one in found.names}
    kept = [one for one in loaded.open_names if one.neuron not in asked]
    named = dataclasses.replace(loaded, open_names=tuple(sorted((*kept, *found.names), key=lambda one: one.neuron)))
    bundles.save_open_names(named, bundle_path)
    if give:
        named = bundles.given(named, found.names)
        bundles.save_names(named, bundle_path)
    document = {
        "names": [dataclasses.asdict(one) for one in found.names],
        "by_luck": found.by_luck,
        "given": len(named.names) - len(loaded.names),
        "requests": found.asked,
        "tokens": {"sent": found.sent, "received": found.received},
    }
    present(document, as_json, lambda: _show(named, found, give, len(named.names) - len(loaded.names)))
    if found.failed:
        fail(f"what was answered is kept, then the language model failed: {found.failed}", 2)


def _numbers(text: str | None) -> list[int] | None:
    """Neurons from "3,12" or "#3,#12"."""
    if text is None:
        return None
    try:
        return [int(part.strip().removeprefix("#")) for part in text.split(",")]
    except ValueError:
        raise click.UsageError(f"--neurons takes numbers such as 3,12, not '{text}'.") from None


def _show(bundle: "Bundle", found: "Proposed", give: bool, n_given: int) -> None:
    from knobs_core.bundles import WORDS

    ordered = sorted(found.names, key=lambda one: (not one.holds, -one.held_out))
    show_table(
        {"neuron": "right", "name": "left", "by": "left", "held out": "right", "holds": "left", "bits": "right"},
        (_row(one) for one in ordered),
    )
    by_words = [one for one in found.names if one.by == WORDS]
    say(
        f"{sum(one.holds for one in by_words)} of {len(by_words)} names by words hold on {bundle.words.many} that had "
        f"no say in them, about {found.by_luck:.0f} would by luck"
    )
    if found.asked:
        by_model = [one for one in found.names if one.by != WORDS]
        say(
            f"{sum(one.holds for one in by_model)} of {len(by_model)} names by the language model hold; "
            f"{found.asked} requests, {found.sent:,} tokens sent, {found.received:,} received"
        )
    say(f"{n_given} names given" if give else "nothing is called so yet: --give gives neurons the names that hold")


def _row(one: "OpenName") -> tuple[str, ...]:
    mark = "✓" if one.holds else ""
    return f"#{one.neuron}", one.name, one.by, f"{one.held_out:.2f}", mark, f"{one.bits:+.2f}"
