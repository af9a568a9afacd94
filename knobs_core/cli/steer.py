"""Commands about one person: their ``profile``, what to ``recommend`` with knobs turned, what to ``ask`` of knobs."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import JustifyMethod

from knobs_core.base import ConfigError, nearest
from knobs_core.cli.output import (
    bundle_argument,
    device_option,
    item_ids,
    json_option,
    one_person,
    open_bundle,
    present,
    say,
    show_table,
)

if TYPE_CHECKING:  # torch takes seconds to import, and --help should not
    import pandas as pd

    from knobs_core.concepts import Theme
    from knobs_core.steering import Dial

N_PARTS = 3  # of a score that are printed; the JSON document has all


@click.command()
@bundle_argument
@click.option("--user", help="Recommend for this user of the data set.")
@click.option("--items", multiple=True, metavar="ID,ID,...", help="Recommend for somebody who likes these items.")
@click.option("--dial", "dials", multiple=True, metavar="NAME=AMOUNT", help="Turn a knob; may be repeated.")
@click.option(
    "--operator",
    default="recipe",
    show_default=True,
    help="How concepts become dials (recipe, representative, ...), or how dials are mixed (spread, blend, paper, ...).",
)
@click.option("--n", type=click.IntRange(1), default=20, show_default=True, help="Length of the list.")
@click.option(
    "--explain", is_flag=True, help="Say of every item why it is there: the like behind it, parts of its score."
)
@click.option("--notes", is_flag=True, help="Say of every item in a sentence why it is there.")
@device_option
@json_option
def recommend(
    bundle_path: Path,
    user: str | None,
    items: tuple[str, ...],
    dials: tuple[str, ...],
    operator: str,
    n: int,
    explain: bool,
    notes: bool,
    device: str,
    as_json: bool,
) -> None:
    """Recommend to a user or to somebody who likes some items, with knobs turned.

    \b
    Example:
      knobs recommend my-bundle --user 15 --dial "film-noir=0.3" --dial "comedy=-0.5"
    """
    from knobs_core import lists
    from knobs_core.concepts import DEFAULT, METHODS
    from knobs_core.steering import OPERATORS, SPREAD

    one_person(user, items)
    operators = [*METHODS, SPREAD, *OPERATORS]
    if operator not in operators:
        raise ConfigError(f"an operator: {', '.join(operators)}", f"'{operator}'", nearest(operator, operators))
    loaded, mixing = open_bundle(bundle_path, device), operator
    if operator in METHODS:
        loaded, mixing = loaded.with_recipes(operator), METHODS[operator].mixing
    person = loaded.person(user, item_ids(items) if user is None else None)
    turned = loaded.knobs.parse(dials)
    found = person.recommend(turned, n, mixing)
    rows = found.rows
    if explain:
        rows = [row | {"parts": found.explain(row["item_id"]).table.to_dict("records")} for row in rows]
    if notes:
        rows = [row | {"note": note} for row, note in zip(rows, found.notes(), strict=True)]
    document: dict[str, Any] = {
        "user": user,
        "operator": operator,
        "dials": [
            _dial(dial) | {"explained": loaded.knobs[dial.key].explained if mixing == SPREAD else 1.0}
            for dial in turned
        ],
        "items": rows,
        "entered": found.entered,
        "left": found.left,
        "kept": found.kept,
        "own": found.own,
    }
    if operator in (SPREAD, *OPERATORS, DEFAULT):  # other recipes belong to no bundle that could be named
        made = [row["item_id"] for row in rows]
        amounts = {dial.key: dial.amount for dial in turned}
        whose = {"user": user, "items": () if user is not None else tuple(item_ids(items))}
        stamp = lists.stamp_of(loaded, made, dials=amounts, operator=mixing, n=n, **whose)
        document["stamp"] = stamp.model_dump(mode="json", exclude_defaults=True)
    left = person.data.items["title"][found.recommendation.left].tolist()
    present(document, as_json, lambda: _show_list(document, left, loaded.words.one))


@click.command()
@bundle_argument
@click.option("--user", help="Read the taste of this user of the data set.")
@click.option("--items", multiple=True, metavar="ID,ID,...", help="Read the taste of somebody who likes these items.")
@click.option("--n", type=click.IntRange(1), default=9, show_default=True, help="Themes, at most.")
@click.option("--neurons", is_flag=True, help="Themes of single neurons instead of concepts.")
@device_option
@json_option
def profile(
    bundle_path: Path, user: str | None, items: tuple[str, ...], n: int, neurons: bool, device: str, as_json: bool
) -> None:
    """Read the themes of somebody's taste, the strongest first, with the likes that speak for them.

    A strength of 2 says that a theme's part of this taste is expected to be three times the average; a neuron's
    strength is in standard deviations. A theme is listed when its strength is above its standard error, so that a few
    titles give a few themes.

    \b
    Example:
      knobs profile my-bundle --user 15
    """
    one_person(user, items)
    loaded = open_bundle(bundle_path, device)
    person = loaded.person(user, item_ids(items) if user is None else None)
    ids, titles = person.data.item_ids, person.data.items["title"]
    found = person.themes(n, neurons)
    document = {
        "user": user,
        "themes": [
            {
                **dataclasses.asdict(theme),
                "neurons": {str(j): share for j, share in theme.neurons.items()},
                "because": [ids[column] for column in theme.because],
            }
            for theme in found
        ],
    }
    present(document, as_json, lambda: _show_profile(found, titles))


@click.command()
@bundle_argument
@click.option("--user", help="Ask for this user of the data set.")
@click.option("--items", multiple=True, metavar="ID,ID,...", help="Ask for somebody who likes these items.")
@click.option("--item", required=True, metavar="ID|TITLE", help="The item to bring into the list.")
@click.option("--dial", "dials", multiple=True, metavar="NAME=AMOUNT", help="A knob as it stands; may be repeated.")
@click.option("--n", type=click.IntRange(1), default=10, show_default=True, help="Length of the list.")
@device_option
@json_option
def ask(
    bundle_path: Path,
    user: str | None,
    items: tuple[str, ...],
    item: str,
    dials: tuple[str, ...],
    n: int,
    device: str,
    as_json: bool,
) -> None:
    """Find the smallest turn of at most three knobs that brings an item into somebody's list.

    It is a turn from rest, or from how knobs stand. Of turns about as large, one of knobs with a name comes first.

    \b
    Example:
      knobs ask my-bundle --user 15 --item 5971 --dial "comedy=0.3" --n 10
    """
    from knobs_core.data import find_item

    one_person(user, items)
    loaded = open_bundle(bundle_path, device)
    person = loaded.person(user, item_ids(items) if user is None else None)
    item = find_item(loaded.interactions, item)
    standing = loaded.knobs.parse(dials)
    answer = person.counterfactual(item, n, dials=standing)
    column = person.column(item)
    document = {
        "user": user,
        "item": item,
        "title": person.data.items["title"][column],
        "standing": [_dial(dial) for dial in standing],
        "rank_before": int(person.reference(standing).ranks[column]),
        "dials": [_dial(dial) for dial in answer.dials] if answer else [],
        "rank_after": answer.rank if answer else None,
    }
    present(document, as_json, lambda: _show_answer(document, n))


def _dial(dial: "Dial") -> dict[str, Any]:
    return {"name": dial.name, "amount": dial.amount, "recipe": {str(j): w for j, w in dial.recipe.items()}}


def _show_profile(themes: "list[Theme]", titles: "pd.Series[str]") -> None:
    if not themes:
        say("No theme is clear of chance. A few more likes would help.")
        return
    show_table(
        {"theme": "left", "strength": "right", "because": "left"},
        (
            (theme.name, f"{theme.strength:.1f} ± {theme.error:.1f}", ", ".join(titles.iloc[list(theme.because)]))
            for theme in themes
        ),
    )


def _show_list(document: dict[str, Any], left: list[str], thing: str) -> None:
    several = any(item["dealt_by"] for item in document["items"])
    columns: dict[str, JustifyMethod] = {"": "right", thing: "left", "score": "right", "was": "right", " ": "left"}
    if several:
        columns["by"] = "left"
    rows, entered = [], set(document["entered"])
    for item in document["items"]:
        rank, old = item["rank"], item["unsteered_rank"]
        mark = "new" if item["item_id"] in entered else "up" if rank < old else "down" if rank > old else ""
        by = [item["dealt_by"]] if several else []
        rows.append((str(rank), item["title"], f"{item['score']:.3f}", str(old), mark, *by))
    show_table(columns, rows)
    for dial in document["dials"]:
        if dial["explained"] < 1:
            what = f"{dial['name']}: {len(dial['recipe'])} neurons are {dial['explained']:.0%} of what it does"
            say(f"{what}, the rest of the theme {1 - dial['explained']:.0%}")
    for item in document["items"]:
        if "parts" in item:
            largest = sorted(item["parts"], key=lambda part: -abs(part["part"]))[:N_PARTS]
            parts = ", ".join(f"{part['name']} {part['part']:+.3f}" for part in largest)
            say(f"{item['rank']}. because of {item['because']}: {parts}")
    say(*(f"{item['rank']}. {item['title']}: {item['note']}" for item in document["items"] if "note" in item))
    if left:
        say("left the list: " + ", ".join(left))


def _show_answer(document: dict[str, Any], n: int) -> None:
    title, before, after = document["title"], document["rank_before"], document["rank_after"]
    turns = " and ".join(f"'{dial['name']}' to {dial['amount']:+g}" for dial in document["dials"])
    if turns:
        say(f"Turn {turns}: '{title}' rises from rank {before} to {after}.")
    elif after:
        say(f"'{title}' is in the first {n} already, at rank {before}.")
    else:
        say(f"No turn of up to three knobs was found that brings '{title}' from rank {before} into the first {n}.")
