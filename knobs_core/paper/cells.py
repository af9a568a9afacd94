"""The work behind a report, cut into cells: each trains or measures one thing and gives a small JSON document.

    data                      counts
    cfae-NAME-DIM             a recommender: accuracy of every test user, weights
    sae-...                   an SAE of the grid: what it keeps of the recommender
    fine-NAME-LOSS            one of the three models of sections 4.3 and 4.4, weights
    concepts-, steer-...      its concept map and how specific it is; steering towards segments
    lists, map                one person's lists under several concepts; users on a map while they are steered

Every cell starts from the seed alone, so that the order and the number of runs it took make no difference.
"""

import copy
import json
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch

from knobs_core import bundles
from knobs_core.base import Config, ProgressCallback, Stage, override, ranking, require
from knobs_core.concepts import concept_map
from knobs_core.data import Interactions, Split, single_items, split_users
from knobs_core.models import (
    CFAE,
    CFAES,
    SAES,
    InputsConfig,
    MadeCFAE,
    Nested,
    SAEConfig,
    TrainedCFAE,
    known_of,
    to_bags,
    train_cfae,
    train_sae,
)
from knobs_core.paper import measures
from knobs_core.paper.plan import FINE, STEERED, Plan
from knobs_core.paper.store import Store
from knobs_core.steering import Dial, recoded_embedding

Document = dict[str, Any]  # what a cell gives, as JSON

SHOWN = (
    "children",
    "david lynch",
    "love story",
)  # the paper's examples; others take their place where they are missing
N_SHOWN, N_LIST, N_TOP, N_TITLES, N_MARKED, MIN_ITEMS = 3, 10, 10, 5, 3, 5


class Training(NamedTuple):
    """How long a cell trains at most.

    epochs: passes; batch_size: rows a step; draws: rows of each training user in a pass; others: further rows
    """

    epochs: int
    batch_size: int
    draws: int = 1
    others: int = 0

    def steps(self, n_users: int) -> int:
        """Steps of a pass over so many training users."""
        return -(-(self.draws * n_users + self.others) // self.batch_size)


class Cell(NamedTuple):
    """A piece of work.

    title: in words, for whoever waits; make: does it, and reports on the way
    needs: cells that have to be finished before
    kind: cells of one kind take as long as each other
    training: None where nothing is trained
    """

    name: str
    title: str
    make: Callable[[Stage], Document]
    needs: tuple[str, ...]
    kind: str
    training: Training | None = None


class Study:
    """All cells of a report on one data set.

    Args:
        interactions: the data.
        plan: what to train.
        store: where finished cells are; cells read what earlier ones left there.
        seed: of the split and of every training.
        device: where to compute.

    split: users who are trained and tried on; likes: (n_train, n_items) of the first
    """

    def __init__(self, interactions: Interactions, plan: Plan, store: Store, seed: int, device: torch.device):
        self.data, self.plan, self.store, self.seed, self.device = interactions, plan, store, seed, device
        self.split = split_users(interactions.matrix, seed)
        self.likes = interactions.matrix[self.split.train]
        self.tags, self.tag_items = interactions.tag_matrix()

    def cells(self) -> list[Cell]:
        """Every cell, in an order in which each finds what it needs; the grid, which nothing waits for, comes last.

        Raises:
            ConfigError: the plan changes a setting that does not exist, or to a value that does not fit.
        """
        return [
            Cell("data", "Counting", self._count, (), "data"),
            *self._recommenders(),
            *(self._fine_cell(cfae, loss) for cfae, loss in FINE),
            *(self._concept_cells() if self.tags else ()),
            *self._grid(),
        ]

    def left(self) -> list[Cell]:
        """The cells that are not finished, in the same order."""
        return [cell for cell in self.cells() if self.store.read(cell.name) is None]

    def make(self, cell: Cell, listen: ProgressCallback) -> None:
        """Make a cell and finish it."""
        self.store.write(cell.name, cell.make(Stage(cell.title, listen)))

    def trial(self, store: Store, users: int, epochs: int) -> "Study":
        """The same for another store, with so many passes over so many training users at most, others in proportion."""
        split, n = self.split, min(users, len(self.split.train))
        few = (held.part(slice(math.ceil(len(held.users) * n / len(split.train)))) for held in (split.val, split.test))
        trial = copy.copy(self)
        trial.store = store
        trial.plan = self.plan.changed({"cfae": {"epochs": epochs}, "sae": {"epochs": epochs}})
        trial.split, trial.likes = Split(split.train[:n], *few), self.likes[:n]
        return trial

    # Tables 1 and 3

    def _count(self, _: Stage) -> Document:
        data, likes = self.data, int(self.data.matrix.nnz)
        per_item = np.asarray(self.tag_items.sum(0)).ravel()
        total, most = float(per_item.sum()), int(per_item.argmax())
        return {
            "counts": {
                "users": data.n_users,
                "items": data.n_items,
                "likes": likes,
                "density": likes / (data.n_users * data.n_items),
                "training users": len(self.split.train),
                "validation users": len(self.split.val.users),
                "test users": len(self.split.test.users),
                "tags": len(self.tags),
                "tag assignments": total,
            },
            "most_tagged": {"title": data.items["title"][most], "share": float(per_item[most]) / total}
            if total
            else None,
        }

    def _recommenders(self) -> Iterator[Cell]:
        yield Cell("popularity", "Popularity", self._popularity, (), "popularity")
        for cfae, dims in self.plan.dims.items():
            for dim in sorted({*dims, self.plan.grid_dim[cfae]}):
                name, config = recommender_name(cfae, dim), self._chosen(cfae, dim)[1]
                training = Training(config.epochs, config.batch_size)
                yield Cell(name, f"{title_of(cfae)} {dim}", partial(self._recommender, cfae, dim), (), name, training)

    def _popularity(self, _: Stage) -> Document:
        counts = torch.as_tensor(np.asarray(self.likes.sum(0)).ravel())
        parts = measures.parts(self.split.test)
        return self._users([measures.accuracy(counts.expand(len(part.users), -1), part) for part in parts])

    def _recommender(self, cfae: str, dim: int, stage: Stage) -> Document:
        model_class, config = self._chosen(cfae, dim)
        known = known_of(self.data, self.split)
        model, _, log = train_cfae(model_class, config, known, *self._random(), self.device, stage)
        model.eval()
        users = []
        with torch.inference_mode():
            for part in measures.parts(self.split.test):
                users.append(measures.accuracy(model.decode(model.encode(to_bags(part.inputs, self.device))), part))
        self.store.write_weights(recommender_name(cfae, dim), model)
        steps = log["epochs"] * -(-len(self.split.train) // config.batch_size)
        return {"cfae": cfae, "dim": dim, "training": log, "steps": steps, **self._users(users)}

    def _users(self, batches: list[dict[str, np.ndarray]]) -> Document:
        joined = {name: np.concatenate([batch[name] for batch in batches]).tolist() for name in batches[0]}
        return {"user_id": self.data.user_ids[self.split.test.users].tolist(), **joined}

    # Figure 2

    def _grid(self) -> Iterator[Cell]:
        plan = self.plan
        for cfae in plan.dims:
            for loss in plan.losses:
                for width in plan.width_ratios:
                    limits = [("topk", {"k": k}) for k in plan.ks] + [("basic", {"l1": l1}) for l1 in plan.l1s]
                    for sae, limit in limits:
                        [(name, value)] = limit.items()
                        fields = {"width_ratio": width, "loss": loss, **limit}
                        yield Cell(
                            f"sae-{cfae}-{sae}-{loss}-w{width}-{name}{value:g}",
                            f"{title_of(cfae)} with {title_of(sae)} SAE, {loss}, width {width}x, {name} {value:g}",
                            partial(self._grid_model, cfae, sae, fields),
                            (recommender_name(cfae, plan.grid_dim[cfae]),),
                            f"{cfae}-{sae}-w{width}" + (f"-k{value:g}" if sae == "topk" else ""),
                            self._training(cfae, sae, fields, 0),
                        )

    def _grid_model(self, cfae: str, sae: str, fields: Document, stage: Stage) -> Document:
        nested, log = self._train_sae(cfae, sae, fields, 0, stage)
        users = measures.reconstruction(nested, self.split.test)
        before = self.store.finished(recommender_name(cfae, self.plan.grid_dim[cfae]))
        result = {name: float(np.nanmean(values)) for name, values in users.items()}
        for name in ("recall", "ndcg"):
            whole = float(np.nanmean(before[name]))
            result[f"{name}_kept"] = result[name] / whole if whole else float("nan")
        dead = int((nested.codes(single_items(self.data.n_items)).getnnz(axis=0) == 0).sum())
        row = {"cfae": cfae, "dim": self.plan.grid_dim[cfae], "sae": sae, **fields, **result}
        return {**row, "neurons": nested.sae.d_sae, "dead_on_items": dead, "epochs": log["epochs"]}

    # Sections 4.3 and 4.4

    def _fine_cell(self, cfae: str, loss: str) -> Cell:
        fields = {"width_ratio": self.plan.fine_width, "k": self.plan.fine_k, "loss": loss}

        def make(stage: Stage) -> Document:
            nested, log = self._train_sae(cfae, "topk", fields, 1, stage)
            self.store.write_weights(fine_name(cfae, loss), nested.sae)
            users = measures.reconstruction(nested, self.split.test)
            means = {name: float(np.nanmean(values)) for name, values in users.items()}
            return {"cfae": cfae, "sae": "topk", **fields, "neurons": nested.sae.d_sae, "training": log, **means}

        return Cell(
            fine_name(cfae, loss),
            f"{model_title(cfae, loss)}, trained finely",
            make,
            (recommender_name(cfae, self.plan.grid_dim[cfae]),),
            f"fine-{cfae}",
            self._training(cfae, "topk", fields, 1),
        )

    def _concept_cells(self) -> Iterator[Cell]:
        for cfae, loss in FINE:
            title, make = f"Concepts of {model_title(cfae, loss)}", partial(self._concepts, cfae, loss)
            yield Cell(concepts_name(cfae, loss), title, make, (fine_name(cfae, loss),), f"concepts-{cfae}")
        shown = (concepts_name(*FINE[0]),)
        yield Cell("lists", "One person's lists", self._lists, shown, "lists")
        for cfae, loss in STEERED:
            name, title = f"steer-{cfae}-{loss}", f"Steering {model_title(cfae, loss)}"
            yield Cell(name, title, partial(self._steer, cfae, loss), (concepts_name(cfae, loss),), name)
        if self.plan.map_users:
            yield Cell("map", "Users on a map", self._map, shown, "map")

    def _concepts(self, cfae: str, loss: str, _: Stage) -> Document:
        nested = self._fine(cfae, loss)
        codes = nested.codes(single_items(self.data.n_items))
        concepts = concept_map(self.tags, self.tag_items, codes)
        titles = self.data.items["title"].tolist()
        by_tag, tag_average = measures.specificity(concepts.by_neuron)
        by_neuron, neuron_average = measures.specificity(concepts.by_tag.T)
        representative = concepts.representative()
        first = measures.strongest_items(codes, self.data.matrix.getnnz(axis=0), N_TOP)
        precision = measures.precision(self.tag_items, first, representative, N_TOP)
        tags = pd.DataFrame(
            {
                "tag": self.tags,
                "items": self.tag_items.getnnz(axis=1),
                "assignments": np.asarray(self.tag_items.sum(1)).ravel(),
                "unique_neuron": concepts.unique(),
                "representative_neuron": representative,
                "representative_precision": precision,
            }
        ).join(by_tag)
        neurons = pd.DataFrame(
            {
                "neuron": range(len(first)),
                "items": codes.getnnz(axis=0),
                "characteristic_tag": self._tag_names(concepts.characteristic()),
                "distinctive_tag": self._tag_names(concepts.distinctive()),
                "top_items": [" | ".join(titles[i] for i in items[:N_TITLES]) for items in first],
            }
        ).join(by_neuron)
        return {
            "tags": _records(tags),
            "neurons": _records(neurons),
            "tag_average": tag_average,
            "neuron_average": neuron_average,
        }

    def _lists(self, _: Stage) -> Document:
        """Figure 4: a test user with about as many likes as the paper's, steered towards a few concepts."""
        nested, data, alpha = self._fine(*FINE[0]), self.data, self.plan.list_alpha
        likes = np.diff(data.matrix[self.split.test.users].indptr)
        user = int(self.split.test.users[np.abs(likes - self.plan.list_likes).argmin()])
        history = data.matrix[user]
        encoded = nested.encode(history)
        rows: list[Document] = []
        before: list[int] = []
        shown: list[tuple[str, int | None]] = [("", None), *self._shown()]
        for concept, neuron in shown:
            dials = [] if neuron is None else [Dial({neuron: 1.0}, alpha)]
            scores = nested.cfae.decode(recoded_embedding(nested, encoded, dials, measures.OPERATOR))[0]
            items = ranking(scores, history.indices)[:N_LIST].tolist()
            before = before or items
            members = set(self._members(concept).tolist()) if concept else set()
            rows += [
                {"concept": concept, "rank": rank, "item_id": data.item_ids[i], "title": data.items["title"][i],
                 "carries": i in members, "new": i not in before}
                for rank, i in enumerate(items, start=1)
            ]  # fmt: skip
        liked = [data.items["title"][i] for i in history.indices]
        return {"user_id": data.user_ids[user], "likes": liked, "alpha": alpha, "rows": rows}

    def _steer(self, cfae: str, loss: str, stage: Stage) -> Document:
        nested, test = self._fine(cfae, loss), self.split.test
        rows = self.store.finished(concepts_name(cfae, loss))["tags"]
        choices = {name: np.array([row[f"{name}_neuron"] for row in rows]) for name in ("representative", "unique")}
        segment = measures.segments(self.tag_items, test)
        possible = (segment >= 0) & np.all([neurons[segment] >= 0 for neurons in choices.values()], axis=0)
        users = test.part(np.flatnonzero(possible))
        points = []
        for done, (mapping, neurons) in enumerate(choices.items()):
            stage(done, len(choices), mapping)
            values = measures.steer_segments(
                nested, self.tag_items, users, segment[possible], neurons, self.plan.alphas
            )
            for alpha, (personal, towards) in zip(self.plan.alphas, values, strict=True):
                p, p_error = measures.mean_and_error(personal)
                s, s_error = measures.mean_and_error(towards)
                points.append(
                    {"cfae": cfae, "loss": loss, "mapping": mapping, "alpha": alpha, "personal": p,
                     "personal_error": p_error, "segment": s, "segment_error": s_error, "users": int(possible.sum())}
                )  # fmt: skip
        return {"points": points}

    def _map(self, _: Stage) -> Document:
        """Figure 6: test users, the same steered towards a few concepts, and the concepts' most tagged items."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ImportWarning)  # about a part that needs another library
            UMAP = require("umap", "Figure 6").UMAP

        nested, plan, concepts = self._fine(*FINE[0]), self.plan, self._shown()
        n = min(plan.map_users, len(self.split.test.users))
        chosen = np.sort(np.random.default_rng(self.seed).choice(len(self.split.test.users), n, replace=False))
        encoded = nested.encode(self.split.test.inputs[chosen])
        rows: list[Document] = [{"kind": "user"}] * n
        vectors = [encoded.y]
        for concept, neuron in concepts:
            for alpha in plan.map_alphas:
                vectors.append(recoded_embedding(nested, encoded, [Dial({neuron: 1.0}, alpha)], measures.OPERATOR))
                rows += [{"kind": "steered", "concept": concept, "alpha": alpha}] * n
            tagged = self.tag_items[[self.tags.index(concept)]].toarray().ravel()
            items = np.argsort(-tagged, kind="stable")[:N_MARKED]
            one_hot = single_items(self.data.n_items)[items]
            vectors.append(nested.encode(one_hot).y)
            rows += [{"kind": "item", "concept": concept, "title": self.data.items["title"][i]} for i in items]
        points = torch.cat(vectors).cpu().numpy()
        places = UMAP(
            n_neighbors=min(15, len(points) - 1), metric="cosine", init="pca", random_state=self.seed, n_jobs=1
        ).fit_transform(points)
        frame = pd.DataFrame(rows, columns=["kind", "concept", "alpha", "title"])
        return {"points": _records(frame.assign(x=places[:, 0].astype(float), y=places[:, 1].astype(float)))}

    # What the cells share

    def _train_sae(
        self, cfae: str, sae: str, fields: Document, preset: int, stage: Stage
    ) -> tuple[Nested, dict[str, float]]:
        config, inputs = self._sae_configs(cfae, sae, fields, preset)
        inner, log = train_sae(
            SAES[sae][0], config, inputs, self._cfae(cfae), self.likes, self.split.val.inputs, *self._random(),
            self.device, stage,
        )  # fmt: skip
        return Nested(self._cfae(cfae), inner, self.device), log

    def _sae_configs(self, cfae: str, sae: str, fields: Document, preset: int) -> tuple[SAEConfig, InputsConfig]:
        return (
            self._config(SAES[sae][1], cfae, sae, "sae", fields, preset),
            self._config(InputsConfig, cfae, sae, "inputs", {}, preset),
        )

    def _training(self, cfae: str, sae: str, fields: Document, preset: int) -> Training:
        config, inputs = self._sae_configs(cfae, sae, fields, preset)
        draws = inputs.draws if inputs.sub_histories else 1
        return Training(config.epochs, config.batch_size, draws, self.data.n_items if inputs.single_items else 0)

    def _config(
        self,
        config_class: Callable[[], Config],
        cfae: str,
        sae: str,
        section: str,
        fields: Mapping[str, object],
        preset: int = 0,
    ) -> Config:
        changes = {**self.plan.changes, section: {**self.plan.changes.get(section, {}), **fields}}
        return override(
            config_class(),
            bundles.apply_presets(self.plan.presets[preset], cfae, sae, changes).get(section, {}),
            section,
        )

    def _random(self) -> tuple[np.random.Generator, torch.Generator]:
        return np.random.default_rng(self.seed), torch.Generator().manual_seed(self.seed)

    def _chosen(self, cfae: str, dim: int) -> tuple[type[TrainedCFAE] | type[MadeCFAE], Any]:
        """Class and hyperparameters, of the class's own kind, of a recommender."""
        model_class, config_class = CFAES[cfae]
        return model_class, self._config(config_class, cfae, "topk", "cfae", {"dim": dim})

    def _cfae(self, cfae: str) -> CFAE:
        """The finished recommender behind the SAEs."""
        dim = self.plan.grid_dim[cfae]
        model_class, config = self._chosen(cfae, dim)
        model = model_class(self.data.n_items, config)
        model.load_state_dict(self.store.weights(recommender_name(cfae, dim)))
        return model

    def _fine(self, cfae: str, loss: str) -> Nested:
        """A finished model of sections 4.3 and 4.4."""
        outer = self._cfae(cfae)
        fields = {"width_ratio": self.plan.fine_width, "k": self.plan.fine_k, "loss": loss}
        inner = SAES["topk"][0](outer.d_embed, self._config(SAES["topk"][1], cfae, "topk", "sae", fields, 1))
        inner.load_state_dict(self.store.weights(fine_name(cfae, loss)))
        return Nested(outer, inner, self.device)

    def _shown(self) -> list[tuple[str, int]]:
        """Concepts to show and their representative neurons: the paper's, else those whose neurons find them best."""
        cfae, loss = FINE[0]
        usable = [
            row for row in self.store.finished(concepts_name(cfae, loss))["tags"] if row["representative_neuron"] >= 0
        ]
        usable.sort(
            key=lambda row: (
                row["tag"] not in SHOWN,
                row["items"] < MIN_ITEMS,
                -row["representative_precision"],
                -row["items"],
                row["tag"],
            )
        )
        chosen: dict[int, str] = {}
        for row in usable:
            chosen.setdefault(row["representative_neuron"], row["tag"])
        return [(tag, neuron) for neuron, tag in list(chosen.items())[:N_SHOWN]]

    def _members(self, tag: str) -> np.ndarray:
        return self.tag_items[[self.tags.index(tag)]].indices

    def _tag_names(self, indices: np.ndarray) -> list[str]:
        return [self.tags[i] if i >= 0 else "" for i in indices]


def recommender_name(cfae: str, dim: int) -> str:
    """Name of a recommender's cell."""
    return f"cfae-{cfae}-{dim}"


def fine_name(cfae: str, loss: str) -> str:
    """Name of a finely trained model's cell."""
    return f"fine-{cfae}-{loss}"


def concepts_name(cfae: str, loss: str) -> str:
    """Name of the cell of such a model's concepts."""
    return f"concepts-{cfae}-{loss}"


def title_of(model: str) -> str:
    """A model's name as people write it."""
    return {"elsa": "ELSA", "multvae": "MultVAE", "topk": "TopK", "basic": "Basic"}.get(model, model)


def model_title(cfae: str, loss: str) -> str:
    """One of the three models as the paper writes it: ELSA+L2."""
    return f"{title_of(cfae)}+{ {'l2': 'L2', 'cosine': 'Cosine'}[loss] }"


def _records(frame: pd.DataFrame) -> list[Document]:
    """Rows for JSON; missing values become null."""
    return json.loads(frame.to_json(orient="records", double_precision=15))
