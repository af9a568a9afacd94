"""Commands that look at a bundle: ``evaluate`` it, read its ``labels``, and what ``steer-eval`` finds."""

import dataclasses
import json
from collections.abc import Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from knobs_core.base import UnknownNameError, clean, folded, lowered, nearest, write_whole
from knobs_core.cli.output import (
    ShowProgress,
    bundle_argument,
    device_option,
    json_option,
    open_bundle,
    present,
    say,
    show_table,
)
from knobs_core.cli.train import show_metrics

if TYPE_CHECKING:  # torch takes seconds to import, and --help should not
    from knobs_core.bundles import Bundle, Knob
    from knobs_core.concepts import ConceptMap, Naming


@click.command()
@bundle_argument
@click.option("--stability", is_flag=True, help="Also train a second sparse autoencoder and see which neurons return.")
@device_option
@json_option
def evaluate(bundle_path: Path, stability: bool, device: str, as_json: bool) -> None:
    """Accuracy of a bundle on its test users, and how far its neurons can be interpreted.

    Accuracy is that of the recommender alone and with the sparse code in between. What the figures about neurons mean
    stands at the head of knobs_core/evaluation/interpretability.py.

    \b
    Example:
      knobs evaluate my-bundle --json
    """
    from knobs_core.bundles import evaluate

    loaded = open_bundle(bundle_path, device)
    metrics: dict[str, Any] = {
        **evaluate.accuracy(loaded),
        "interpretability": evaluate.interpretability(loaded).summary,
    }
    if stability:
        with ShowProgress() as progress:
            metrics["stability"] = evaluate.stability(loaded, progress)
    present(metrics, as_json, lambda: _show_evaluation(metrics, str(bundle_path)))


@click.command()
@bundle_argument
@click.option("--tag", help="Only neurons that go with this tag.")
@click.option("--neuron", type=int, help="Only this neuron.")
@click.option("--pairs", is_flag=True, help="Which titles activate a neuron together and not alone; takes seconds.")
@click.option("--out", type=click.Path(path_type=Path), help="With --pairs: also write the JSON document to this file.")
@json_option
def labels(
    bundle_path: Path, tag: str | None, neuron: int | None, pairs: bool, out: Path | None, as_json: bool
) -> None:
    """Names of the neurons, with the evidence behind them and what turning them does.

    A name holds (✓) when it is found again without the titles that speak for it; how many do is said first.

    With --pairs, what fires a neuron only together: pairs of titles that many people like, and the smallest sets of
    real histories. What is tried, and what luck would give, stands at the head of knobs_core/concepts/sets.py.

    \b
    Example:
      knobs labels my-bundle --tag horror
      knobs labels my-bundle --pairs
    """
    from knobs_core.concepts import Naming

    loaded = open_bundle(bundle_path)
    chosen = [label for label in loaded.labels if label.alive]
    roles: dict[int, list[str]] = {}
    if neuron is not None:
        if not 0 <= neuron < len(loaded.labels):
            raise UnknownNameError(f"a neuron from 0 to {len(loaded.labels) - 1}", f"{neuron}", "choose one of these")
        chosen = [loaded.labels[neuron]]
    if tag is not None:
        tag = _tag(loaded.concepts.tags, tag)
        roles = _roles(loaded.concepts, tag)
        chosen = [label for label in chosen if label.neuron in roles or tag in dict(label.tags)]
        chosen.sort(key=lambda label: (label.neuron not in roles, -dict(label.tags).get(tag, 0)))
    if pairs:
        _present_pairs(loaded, {label.neuron for label in chosen}, out, as_json)
        return
    titles = loaded.interactions.items["title"]
    rows = [
        {
            "neuron": label.neuron,
            "label": label.label,
            "former": label.former,
            "holds": label.holds,
            "held_out": label.held_out,
            "confidence": label.confidence,
            "support": label.support,
            "top_items": [titles[i] for i in label.top_items],
            "tags": [list(pair) for pair in label.tags],
            "users": label.n_users,
            "roles": roles.get(label.neuron, []),
            **_effect(loaded.knobs.get(f"#{label.neuron}")),
        }
        for label in chosen
    ]
    naming = Naming.of(loaded.labels)
    present(rows, as_json, lambda: _show_labels(rows, naming, loaded.words.many))


@click.command("steer-eval")
@bundle_argument
@click.option("--seeds", type=click.IntRange(1), default=1, show_default=True, help="Draws of people, tags and halves.")
@click.option("--out", type=click.Path(path_type=Path), help="Also write the JSON document to this file.")
@device_option
@json_option
def steer_eval(bundle_path: Path, seeds: int, out: Path | None, device: str, as_json: bool) -> None:
    """The steering trade-off: every method and baseline side by side, on items none of them was told about.

    \b
    Example:
      knobs steer-eval my-bundle --seeds 3
    """
    from knobs_core.bundles import evaluate

    loaded = open_bundle(bundle_path, device)
    with ShowProgress() as progress:
        document = evaluate.tradeoff(loaded, seeds, progress).document
    if out:
        write_whole(out, json.dumps(document, indent=2))
    present(document, as_json, lambda: _show_trade_off(document))


def _present_pairs(loaded: "Bundle", chosen: Set[int], out: Path | None, as_json: bool) -> None:
    """What titles do together to some neurons."""
    from knobs_core.bundles import evaluate

    with ShowProgress() as progress:
        document = evaluate.sets(loaded, progress).document
    document = {**document, "neurons": [row for row in document["neurons"] if row["neuron"] in chosen]}
    if out:
        write_whole(out, json.dumps(document, indent=2))
    present(document, as_json, lambda: _show_pairs(document, loaded.words.many))


def _tag(tags: Sequence[str], name: str) -> str:
    """The tag that a person means, in whatever spelling."""
    for alike in (lowered, folded):
        for tag in tags:
            if alike(tag) == alike(clean(name)):
                return tag
    raise UnknownNameError("a tag of this bundle", f"'{name}'", nearest(name, tags))


def _roles(concepts: "ConceptMap", tag: str) -> dict[int, list[str]]:
    """What the concept map says of a tag: {its representative neuron, its unique neuron: names of these roles}."""
    row = concepts.tags.index(tag)
    roles: dict[int, list[str]] = {}
    for role, neurons in (("representative", concepts.representative()), ("unique", concepts.unique())):
        roles.setdefault(int(neurons[row]), []).append(role)
    return roles


def _effect(knob: "Knob | None") -> dict[str, Any]:
    """What turning a knob does, as fields; ``weak`` says why the app's search leaves it out."""
    if knob is None or knob.effect is None:
        return {"grade": "", "weak": "" if knob else "nobody and nothing activates it", "effect": None}
    effect = dataclasses.asdict(knob.effect)
    del effect["key"]
    return {"grade": knob.effect.grade, "weak": knob.weak, "effect": effect}


def _show_evaluation(metrics: dict[str, Any], title: str) -> None:
    show_metrics(metrics, title)
    found = metrics["interpretability"]
    tenfold, alive = found["tenfold"], found["alive"]
    width, coverage = list(found["coverage"].items())[-1]
    ap, auroc, best = found["ap"], found["auroc"], {name: part["either"] for name, part in tenfold.items()}
    lines = [
        f"{found['tags']['looked_at']} tags on {found['tags']['min_items']} or more items (by chance in brackets); "
        "half of a tag's items choose its neuron, the other half judges it:",
        f"  AP {ap['mean']:.3f} ({ap['null']:.3f}), AUROC {auroc['mean']:.3f} ({auroc['null']:.3f}); the "
        f"{width} neurons cover {coverage['share']:.0%} (5%)",
        f"  ten times the base rate in the top 20 of some knob: {best['held_out']:.0%} ({best['held_out_null']:.0%}) "
        f"judged by the other half, {best['all_pairs']:.0%} ({best['null']:.0%}) by all",
        f"  neurons alive on histories {alive['users']:.1%}, on shortened ones {alive['fold_ins']:.1%}, "
        f"on single items {alive['single_items']:.1%}",
    ]
    if stability := metrics.get("stability"):
        lines.append(
            f"  a second training: {stability['matched']:.0%} of the neurons come back "
            f"({stability['matched_by_use']:.0%} by use, {stability['same_number']:.0%} under their number); matched "
            f"cosine {stability['cosine']:.3f} (anywhere {stability['null']:.3f})"
        )
    say(*lines)


def _show_labels(rows: list[dict[str, Any]], naming: "Naming", things: str) -> None:
    say(f"{naming}.")
    show_table(
        {
            "neuron": "right", "label": "left", "held out": "right", "confidence": "right", "users": "right",
            "turned to 0.3": "left", f"top {things}": "left",
        },
        (
            (
                str(row["neuron"]),
                row["label"],
                f"{row['held_out']:.2f}{' ✓' if row['holds'] else '  '}",
                f"{row['confidence']:.0%}",
                str(row["users"]),
                row["grade"] or row["weak"],
                ", ".join([*(f"({role})" for role in row["roles"]), *row["top_items"][:4]]),
            )
            for row in rows
        ),
    )  # fmt: skip


def _show_pairs(document: dict[str, Any], things: str) -> None:
    found = document["summary"]
    sizes = ", ".join(f"{n} of {size}" for size, n in found["sizes"].items() if size != "0")
    say(
        f"{found['needs']:.1%} of activations need two {things}: no like fires them alone ({found['needs_blind']:.1%} "
        f"with others as popular). Smallest sets: {sizes}; none found for {found['sizes']['0']}.",
        f"Pairs that people like together fire a neuron that neither fires alone in {found['frequent']:.2%} of cases, "
        f"the same {things} paired blindly in {found['blind']:.2%}.",
        f"{found['holding']} of {found['named']} tags that a neuron's sets share hold; about {found['by_luck']} would "
        "be found by luck.",
    )
    show_table(
        {
            "neuron": "right", "label": "left", "need two": "right", "sets share": "left",
            f"{things} that fire it together": "left", "people": "right",
        },
        (
            (
                str(row["neuron"]),
                f"{row['label']}{' ✓' if row['label_holds'] else ''}",
                f"{row['needs']:.1%} of {row['people']}",
                f"{row['shared']['tag']} ✓" if row["shared"]["holds"] else "",
                " + ".join(row["sets"][0]["titles"]) if row["sets"] else "",
                str(row["sets"][0]["people"]) if row["sets"] else "",
            )
            for row in document["neurons"]
        ),
    )  # fmt: skip


def _show_trade_off(document: dict[str, Any]) -> None:
    for kind in dict.fromkeys(row["segments"] for row in document["summary"]):
        rows = [row for row in document["summary"] if row["segments"] == kind]
        lines = []
        for row in sorted(rows, key=lambda row: -(row["segment_at_95"] if row["segment_at_95"] is not None else -1)):
            interval = " to ".join(f"{value:.3f}" for value in row["segment_at_95_interval"])
            cells = (row[name] for name in ("segment_at_95", "segment_at_90", "over_representative"))
            at_95, at_90, over = ("not reached" if value is None else f"{value:.3f}" for value in cells)
            lines.append(
                (row["method"], at_95, interval, at_90, over, f"{row['off_target']:.2f}", f"{row['popularity']:+.3f}")
            )
        columns = ("method", "at 95%", "interval", "at 90%", "over paper's", "off target", "popular")
        title = f"{kind} tags: held-out segment nDCG@20, {rows[0]['unsteered']:.3f} unsteered"
        show_table(dict.fromkeys(columns, "left"), lines, title)
    accuracy = ", ".join(f"{name} {value:.3f}" for name, value in document["accuracy"].items())
    say(f"nDCG@20 without steering: {accuracy}")
