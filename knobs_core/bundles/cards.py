"""What a bundle says of itself to people: a model card and a data card, in Markdown, written beside its files.

Both are made of the manifest, the labels and the measured effects alone. Nothing reads them again, so they may be
edited and are not proved. Mitchell et al. 2019, "Model cards for model reporting"; Gebru et al. 2021, "Datasheets for
datasets".
"""

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from knobs_core.base import visible
from knobs_core.bundles.bundle import Bundle

MODEL_CARD, DATA_CARD = "MODEL_CARD.md", "DATA_CARD.md"
SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$-])")
FIGURES = {"ndcg@20": "nDCG@20", "recall@20": "recall@20"}
ROWS = {"cfae": "the recommender", "nested": "the same through the sparse code", "popularity": "what most people like"}


def model_card(bundle: Bundle) -> str:
    """What the models are, how they were made, how good they are, and what they are not for."""
    manifest, words = bundle.manifest, bundle.words
    neurons, named = len(bundle.labels), sum(label.holds for label in bundle.labels)
    alive = sum(label.alive for label in bundle.labels)
    sure = sum(effect.no_luck for effect in bundle.effects)
    figures = [
        (title, *(f"{manifest.metrics[name][figure]:.3f}" for figure in FIGURES))
        for name, title in ROWS.items()
        if FIGURES.keys() <= manifest.metrics.get(name, {}).keys()
    ]
    people = manifest.metrics.get("split", {})
    settings = [
        ("recommender", plain(f"{manifest.cfae.name} {json.dumps(manifest.cfae.config, sort_keys=True)}")),
        ("sparse autoencoder", plain(f"{manifest.sae.name} {json.dumps(manifest.sae.config, sort_keys=True)}")),
        ("inputs of its training", plain(json.dumps(dataclasses.asdict(manifest.inputs), sort_keys=True))),
        ("seed", f"{manifest.seed}"),
        ("versions", plain(", ".join(f"{name} {version}" for name, version in sorted(manifest.versions.items())))),
    ]
    return _joined(
        _front(("library_name", "knobs"), ("pipeline_tag", "other")),
        f"# Model card: {plain(bundle.models)} on {plain(manifest.source.name)}",
        f"A collaborative autoencoder turns what somebody likes into an embedding; a sparse autoencoder splits it into "
        f"a few of {neurons:,} neurons, which tags give names to. Turned as knobs they change the list of recommended "
        f"{words.many}. With all knobs at rest the list is the recommender's own.",
        "## How it was made",
        _table(("part", "settings"), settings),
        f"Trained with Knobs on the data that [the data card]({DATA_CARD}) describes.",
        "## How good it is",
        _table(("on people that were held out", *FIGURES.values()), figures) if figures else "It was not measured.",
        f"Measured on {people['n_test']:,} people of whom it saw a part of the history and no more; settings were not "
        f"chosen on them. The figures hold for people like those of the data, and for taste as likes show it."
        if "n_test" in people
        else "",
        "## What the knobs are worth",
        f"Of {neurons:,} neurons {alive:,} are active for somebody, and {named:,} have a name that is found again "
        f"without the {words.many} that speak for it; the others are told by their {words.many} alone. Of "
        f"{len(bundle.effects):,} knobs whose effect was measured {sure:,} raise {words.many} of their theme that they "
        f"were not told about, beyond what luck explains.",
        "## What it is for, and what it is not for",
        _points(
            "Meant for lists that people look at and can change, and for research on steering and interpretation.",
            "Not meant for decisions about people. A taste can give away more of somebody than they wish to tell.",
            "A name says what a neuron goes with in these data. It is no statement about a title or a person.",
            "It repeats what the data prefer: what many people know stands higher, and what nobody rated is not there.",
            "A turned knob costs some of a person's own taste; the app says how much.",
        ),
        "## How to use it",
        '```python\nimport knobs_core as knobs\n\nbundle = knobs.load("PATH")\n'
        "print(bundle.person(items=list(bundle.interactions.item_ids[:3])).recommend())\n```",
        "## Sources",
        'The method is that of Spišák et al., "From Knots to Knobs: Towards Steerable Collaborative Filtering Using '
        'Sparse Autoencoders", arXiv:2601.11182.',
        f"Data: {plain(bundle.credit)}." if bundle.credit else "",
    )


def data_card(bundle: Bundle) -> str:
    """Where the data came from, what became of their rows, and what of people lies in the bundle."""
    manifest, data, words = bundle.manifest, bundle.interactions, bundle.words
    account = data.account
    density = data.matrix.nnz / max(data.n_users * data.n_items, 1)
    counts = [
        ("people", f"{data.n_users:,}"),
        (plain(words.many), f"{data.n_items:,}"),
        ("likes", f"{data.matrix.nnz:,} ({density:.2%} of all pairs)"),
        ("tags", f"{len(bundle.concepts.tags):,}"),
    ]
    kept = {name: value for name, value in dataclasses.asdict(manifest.data).items() if name != "credit"}
    return _joined(
        f"# Data card: {plain(manifest.source.name)}",
        f"Terms and credit: {plain(bundle.credit)}."
        if bundle.credit
        else "Nobody has said whom to credit, or on which terms they may be used; ask whoever trained the bundle.",
        "## What is in it",
        _table(("", "number"), counts),
        _points(*(plain(sentence) for sentence in account.sentences(words))) if account else "",
        "What looked odd:\n\n" + _points(*map(plain, account.warnings)) if account and account.warnings else "",
        "## How it was read",
        _table(("setting", "value"), [(plain(name), plain(str(value))) for name, value in sorted(kept.items())]),
        f"SHA-256 of the source: `{plain(manifest.source.checksum) or 'unknown'}`",
        "## What it says about people",
        _points(
            "The bundle points to a folder with likes and ids of people, and holds neither."
            if manifest.people
            else "The bundle holds ids and likes of every person, as the source has them; who has it can read them.",
            "Nothing else of them is kept: no time, no rating, no age, no place.",
            f"People with few likes and {plain(words.many)} that few people like were left out, as the settings say; "
            "the models know little of them.",
            "To forget somebody, take them out of the source and train again.",
        ),
    )


def plain(text: str) -> str:
    """A text from data as Markdown shows it: no link, no markup, no other line."""
    return SPECIAL.sub(r"\\\1", visible(text))


def _front(*facts: tuple[str, str]) -> str:
    lines = [f"{name}: {value}" for name, value in facts]
    return "\n".join(["---", *lines, "tags:", "- recommender-systems", "- sparse-autoencoder", "---"])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _points(*sentences: str) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


CARDS: Mapping[str, Callable[[Bundle], str]] = {MODEL_CARD: model_card, DATA_CARD: data_card}
