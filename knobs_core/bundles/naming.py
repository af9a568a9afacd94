"""Names proposed for what has none: a bundle's neurons, and any group of its items.

A name by tags goes first: words are asked for neurons whose name does not hold. A language model, where one is given,
proposes from the same labelling halves, and what it says is judged as everything else, on the scored ones.
"""

import dataclasses
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import scipy.sparse as sp

from knobs_core.base import ConfigError, DataError, KnobsError, ProgressCallback, Stage, UnknownNameError, silent
from knobs_core.bundles.bundle import Bundle
from knobs_core.bundles.names import LONGEST
from knobs_core.bundles.open_names import WORDS, OpenName, best_by_neuron
from knobs_core.concepts import Judge, Vocabulary, groups_of, strongest_items, vocabulary
from knobs_core.data import single_items
from knobs_core.evaluation import Likeness, open_climbs
from knobs_core.language import Answer, Chat, Encoder, chosen_encoder

TOLD = 20  # titles that a language model is sent
GROUP_NULL = 300  # made-up names for a single group, of which people wait for the answer
SMALLEST = 8  # items of a group that can be named


@dataclasses.dataclass(frozen=True)
class Proposed:
    """What was proposed. names: one a neuron by words, and one by the language model where it had one

    by_luck: how many names by words would hold if texts said nothing of neurons
    asked, sent, received: requests to the language model, and tokens as it counts them, answers without a name as well
    failed: why it was not asked for all, "" where it was
    """

    names: tuple[OpenName, ...]
    by_luck: float
    asked: int = 0
    sent: int = 0
    received: int = 0
    failed: str = ""


def propose(
    bundle: Bundle,
    encoder: Encoder,
    neurons: Sequence[int] | None = None,
    chat: Chat | None = None,
    progress: ProgressCallback = silent,
) -> Proposed:
    """Open names for neurons.

    Args:
        neurons: by default all that have no name by tags that holds; those that few items activate get none.
        chat: a language model to ask as well.

    Raises:
        UnknownNameError: a neuron that is not there.
        KnobsError: the text model cannot be used.
    """
    labels, seed = bundle.labels, bundle.manifest.seed
    for j in neurons or ():
        if not 0 <= j < len(labels):
            raise UnknownNameError(f"a neuron from 0 to {len(labels) - 1}", f"{j}", "choose one of these")
    wanted = [one.neuron for one in labels if one.alive and not one.holds] if neurons is None else sorted(set(neurons))
    known = vocabulary(bundle.interactions, encoder, progress)
    codes = bundle.nested.codes(single_items(bundle.interactions.n_items))[known.columns]
    alive = [one.neuron for one in labels if one.alive]
    everyone = strongest_items(codes, known.likes, alive)
    groups = strongest_items(codes, known.likes, wanted)
    enough = groups.getnnz(axis=1) > 0
    groups, wanted = groups[enough], [j for j, has in zip(wanted, enough.tolist(), strict=True) if has]
    if not wanted:
        return Proposed((), 0.0)
    stage = Stage("Judging names", progress)
    stage(0, 1)
    judge = Judge(known, groups, seed, null=everyone)
    chosen = judge.chosen()[:, 0]
    stage(1, 1)
    rows = list(range(len(wanted)))
    names = _judged(bundle, known, judge, groups, rows, wanted, [known.names[c] for c in chosen], known.words[chosen])
    by_luck = judge.by_luck * len(wanted)
    if chat is None:
        return Proposed(tuple(names), by_luck)
    answers, failed = _answers(bundle, known, judge, codes, wanted, chat, progress)
    given = [row for row, answer in enumerate(answers) if answer.name]
    said = [answers[row].name for row in given]
    if said:
        further = _judged(bundle, known, judge, groups, given, [wanted[row] for row in given], said, known.meant(said))
        names += [
            dataclasses.replace(one, by=chat.name[:LONGEST], sent=answers[row].sent, received=answers[row].received)
            for row, one in zip(given, further, strict=True)
        ]
    sent, received = (sum(getattr(one, kind) for one in answers) for kind in ("sent", "received"))
    return Proposed(tuple(names), by_luck, len(answers), sent, received, failed)


def _judged(
    bundle: Bundle,
    known: Vocabulary,
    judge: Judge,
    groups: sp.csr_matrix,
    rows: Sequence[int],
    neurons: Sequence[int],
    names: Sequence[str],
    vectors: np.ndarray,
) -> list[OpenName]:
    """Names of some of the groups as they are kept. rows: of these groups; vectors: (m, d) of the names."""
    own = np.zeros((groups.shape[0], vectors.shape[1]), np.float32)
    own[rows] = vectors
    held_out = judge.held_out(own)
    luck, holds = judge.luck(held_out), judge.holds(own, held_out)
    alike = Likeness(vectors, known.words, known.items, known.columns)
    likes = bundle.interactions.matrix.getnnz(axis=0)
    climbs = open_climbs(bundle.nested, bundle.split().val, neurons, alike, groups[rows], likes, bundle.manifest.seed)
    return [
        OpenName(
            neuron=int(j),
            name=name,
            by=WORDS,
            encoder=known.encoder.name,
            held_out=float(held_out[row]),
            luck=float(luck[row]),
            holds=bool(holds[row]),
            again=known.names[judge.again[row]],
            bits=float(climb.bits),
            finds=finds,
            n_titles=int(climb.n_titles),
        )
        for row, j, name, (climb, finds) in zip(rows, neurons, names, climbs, strict=True)
    ]


def _answers(
    bundle: Bundle,
    known: Vocabulary,
    judge: Judge,
    codes: sp.csr_matrix,
    neurons: Sequence[int],
    chat: Chat,
    progress: ProgressCallback,
) -> tuple[list[Answer], str]:
    """What a language model says of each neuron's labelling half, and why it was not asked on, "" where it was."""
    stage, items = Stage("Asking the language model", progress), bundle.interactions.items
    by_neuron = codes.tocsc()
    answers: list[Answer] = []
    for row, j in enumerate(neurons):
        places = judge.labelling(row)
        strength = by_neuron[:, [j]].toarray()[places, 0]
        first = known.columns[places[np.argsort(-strength, kind="stable")[:TOLD]]]
        told = [
            {"title": title, "year": None if year is None else int(year), "genres": genres.split("|")}
            for title, year, genres in (
                items.iloc[first][["title", "year", "genres"]].astype(object).replace({np.nan: None})
            ).itertuples(index=False)
        ]
        try:
            answers.append(chat.propose(told))
        except ConfigError as error:
            return answers, str(error)
        stage(row + 1, len(neurons))
    return answers, ""


def given(bundle: Bundle, names: Sequence[OpenName]) -> Bundle:
    """The bundle with the best of some open names given to neurons that their owner has not named, if it holds.

    Namesakes, and names that another knob has, are told apart by their numbers: "western, neuron 12".
    """
    for j, one in sorted(best_by_neuron(names).items()):
        if one.holds and f"#{j}" not in bundle.names:
            for name in (one.name, f"{one.name}, neuron {j}"):
                try:
                    bundle = bundle.with_names({**bundle.names, f"#{j}": name})
                    break
                except KnobsError:  # another knob is called so, or it is too long
                    continue
    return bundle


def name_group(bundle: Bundle, items: Sequence[str], most: int = 3) -> list[tuple[str, float, float]]:
    """Names for items that somebody put together: (name, score, by_luck).

    Half of the items choose the names and their order. score: AUROC of the other half; by_luck: share of made-up
    groups of as many items, about as popular, whose name scores as high.

    Args:
        items: ids; those that too few people like say nothing.

    Raises:
        UnknownNameError: an item that is not there.
        DataError: fewer than eight items that are known well enough.
    """
    columns = bundle.interactions.column_of
    for item in items:
        if item not in columns:
            raise UnknownNameError("the id of an item", f"'{item}'", "choose items of this bundle")
    known = _vocabulary(bundle)
    places = np.flatnonzero(np.isin(known.columns, [columns[item] for item in items]))
    if len(places) < SMALLEST:
        many = bundle.words.many
        raise DataError(f"at least {SMALLEST} {many} to find a name for", f"{len(places)}", f"add {many} people like")
    judge = Judge(known, groups_of([places], len(known.columns)), bundle.manifest.seed, null_size=GROUP_NULL)
    found = []
    for row in judge.chosen(most)[0]:
        score = judge.held_out(known.words[[row]])
        found.append((known.names[row], float(score[0]), float(judge.luck(score)[0])))
    return found


@lru_cache(maxsize=2)
def _vocabulary(bundle: Bundle) -> Vocabulary:
    """Of a bundle and the chosen text model; worked out once a process."""
    return vocabulary(bundle.interactions, chosen_encoder())
