"""The command line: ``knobs`` or ``python -m knobs_core``.

stdout carries the result (one JSON document with --json), stderr everything else. Exit code 0 done, 2 something the
person can put right (one line says what), 1 a failure of ours.
"""

import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.table import Column, Table

from knobs_core.errors import ConfigError, KnobsError, UnknownNameError, nearest

# The models are imported inside the commands: torch takes seconds, and --help should not.

APP = Path(__file__).parents[1] / "app.py"
SOURCES = (  # written out, so that --help need not import the data layer
    "An archive, a folder, or a name: demo, ml-latest-small, ml-100k, ml-1m, ml-10m, ml-20m, ml-25m, ml-32m, msd, "
    "hetrec2011-lastfm-2k, goodbooks-10k (downloaded where needed)."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
device_option = click.option("--device", default="auto", show_default=True, metavar="auto|cpu|cuda")


def main(args: list[str] | None = None) -> None:
    """Run a command and leave with its exit code; expected errors print one line, never a traceback."""
    try:
        cli.main(args, prog_name="knobs", standalone_mode=False)
    except click.exceptions.Abort:
        _fail("stopped; nothing was changed", 130)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "knobs"
        _fail(f"{' '.join(error.format_message().split())} See: {command} --help", 2)
    except (KnobsError, click.ClickException) as error:
        _fail(str(error), 2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has left; so do we, quietly
    except Exception as error:
        if os.environ.get("KNOBS_DEBUG"):
            raise
        _fail(f"internal error: {type(error).__name__}: {error} (KNOBS_DEBUG=1 shows where)", 1)


def _fail(message: str, code: int) -> None:
    print(f"knobs: {message}", file=sys.stderr)
    sys.exit(code)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="knobs")
def cli() -> None:
    """Steerable recommendations: train, look at, and turn the knobs of a recommender.

    \b
    Example:
      knobs train && knobs app
    """


@cli.command()
@click.option("--data", "source", default="demo", show_default=True, help=SOURCES)
@click.option("--cfae", default="elsa", show_default=True, help="Collaborative autoencoder.")
@click.option("--dim", help="Embedding size (cfae.dim).")
@click.option("--sae", default="topk", show_default=True, help="Sparse autoencoder.")
@click.option("--width-ratio", help="Neurons for every embedding dimension (sae.width_ratio).")
@click.option("--k", help="Active neurons in a code, at most (sae.k).")
@click.option("--loss", help="l2 or cosine (sae.loss).")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=42, show_default=True)
@device_option
@click.option("--out", type=click.Path(path_type=Path), help="Bundle folder to write; by default under KNOBS_HOME.")
@click.option("--preset", "preset_names", multiple=True, metavar="NAME", help="The paper's settings, e.g. paper-fine.")
@click.option("--set", "sets", multiple=True, metavar="SECTION.FIELD=VALUE", help="Any setting, e.g. sae.l1=0.001.")
@click.option("--map/--no-map", "with_map", default=True, show_default=True, help="Draw the map as well.")
@json_option
def train(
    source, cfae, dim, sae, width_ratio, k, loss, seed, device, out, preset_names, sets, with_map, as_json
) -> None:
    """Train a recommender and its knobs on a data set, and write them as a bundle.

    \b
    Example:
      knobs train --data ml-latest-small.zip --k 16 --set data.threshold=3.5 --out my-bundle
    """
    from knobs_core import bundle, data, pipeline, presets

    overrides = _parse_sets(sets)
    for section, field, value in (
        ("cfae", "dim", dim), ("sae", "width_ratio", width_ratio), ("sae", "k", k), ("sae", "loss", loss)
    ):  # fmt: skip
        if value is not None:
            overrides.setdefault(section, {}).setdefault(field, value)
    overrides = presets.apply(preset_names, cfae, sae, overrides)
    path = out or bundle.default_path(source)
    bundle.check_place(path)  # before minutes of work, not after
    if licence := data.terms(source):
        click.echo(licence, err=True)
    started = time.perf_counter()
    with _progress() as report:
        trained = pipeline.train(source, cfae, sae, overrides, seed, device, report)
        if with_map:
            trained = pipeline.draw_map(trained, report)
    bundle.save(trained, path)
    result = {"bundle": str(path), "seconds": round(time.perf_counter() - started, 1), **trained.manifest}
    _print(result, as_json, lambda: _show_metrics(trained.manifest["metrics"], f"{path} in {result['seconds']} s"))


@cli.command()
@click.argument("bundle_path", metavar="BUNDLE", type=click.Path(path_type=Path))
@click.option("--stability", is_flag=True, help="Also train a second sparse autoencoder and see which neurons return.")
@device_option
@json_option
def evaluate(bundle_path, stability, device, as_json) -> None:
    """Accuracy of a bundle on its test users, and how far its neurons can be interpreted.

    Accuracy is that of the recommender alone and with the sparse code in between. What the figures about neurons mean
    stands at the head of knobs_core/interpret.py.

    \b
    Example:
      knobs evaluate my-bundle --json
    """
    from knobs_core import interpret, pipeline
    from knobs_core.evaluation import evaluate

    loaded = _open(bundle_path, device)
    metrics = evaluate(loaded.nested, loaded.interactions, loaded.split())
    metrics["interpretability"] = interpret.interpret(loaded).summary
    if stability:
        with _progress() as report:
            again = pipeline.second_sae(loaded, loaded.manifest["seed"] + 1, report)
        rows = (nested.sae.w_dec for nested in (loaded.nested, again))
        metrics["interpretability"]["stability"] = interpret.stability(*rows)
    _print(metrics, as_json, lambda: _show_evaluation(metrics, str(bundle_path)))


@cli.command("map")
@click.argument("bundle_path", metavar="BUNDLE", type=click.Path(path_type=Path))
@json_option
def draw_map(bundle_path, as_json) -> None:
    """Draw the map of a bundle, or draw it again, and keep it there.

    \b
    Example:
      knobs map my-bundle
    """
    from knobs_core import bundle, pipeline

    started = time.perf_counter()
    loaded = _open(bundle_path, "cpu")
    with _progress() as report:
        drawn = pipeline.draw_map(loaded, report)
    bundle.save_map(drawn, bundle_path)
    facts = {
        "bundle": str(bundle_path),
        "seconds": round(time.perf_counter() - started, 1),
        "trustworthiness": drawn.projection.trustworthiness,
    }
    words = f"{bundle_path} has its map: trustworthiness {facts['trustworthiness']:.3f}, {facts['seconds']} s"
    _print(facts, as_json, lambda: print(words))


@cli.command()
@click.argument("bundle_path", metavar="BUNDLE", type=click.Path(path_type=Path))
@click.option("--tag", help="Only neurons that go with this tag.")
@click.option("--neuron", type=int, help="Only this neuron.")
@json_option
def labels(bundle_path, tag, neuron, as_json) -> None:
    """Names of the neurons, with the evidence behind them and what turning them does.

    \b
    Example:
      knobs labels my-bundle --tag horror
    """
    from knobs_core.knobs import all_knobs

    loaded = _open(bundle_path, "cpu")
    catalogue = all_knobs(loaded)
    chosen, roles = [label for label in loaded.labels if label.alive], {}
    if neuron is not None:
        if not 0 <= neuron < len(loaded.labels):
            raise UnknownNameError(f"a neuron from 0 to {len(loaded.labels) - 1}", f"{neuron}", "choose one of these")
        chosen = [loaded.labels[neuron]]
    if tag is not None:
        tag = tag.strip().lower()
        if tag not in loaded.concepts.tags:
            raise UnknownNameError("a tag of this bundle", f"'{tag}'", nearest(tag, loaded.concepts.tags))
        roles = _roles(loaded.concepts, tag)
        chosen = [label for label in chosen if label.neuron in roles or tag in dict(label.tags)]
        chosen.sort(key=lambda label: (label.neuron not in roles, -dict(label.tags).get(tag, 0)))
    titles = loaded.interactions.items["title"]
    rows = [
        {
            "neuron": label.neuron,
            "label": label.label,
            "confidence": label.confidence,
            "support": label.support,
            "top_items": [titles[i] for i in label.top_items],
            "tags": [list(pair) for pair in label.tags],
            "users": label.n_users,
            "roles": roles.get(label.neuron, []),
            **_effect(catalogue.get(f"#{label.neuron}")),
        }
        for label in chosen
    ]
    _print(rows, as_json, lambda: _show_labels(rows))


@cli.command()
@click.argument("bundle_path", metavar="BUNDLE", type=click.Path(path_type=Path))
@click.option("--user", help="Recommend for this user of the data set.")
@click.option("--items", multiple=True, metavar="ID,ID,...", help="Recommend for somebody who likes these items.")
@click.option("--dial", "dials", multiple=True, metavar="NAME=AMOUNT", help="Turn a knob; may be repeated.")
@click.option(
    "--operator",
    default="recipe",
    show_default=True,
    help="How concepts become dials (recipe, representative, ...) or codes are mixed (blend, paper, paper-code).",
)
@click.option("--n", type=click.IntRange(1), default=20, show_default=True, help="Length of the list.")
@device_option
@json_option
def recommend(bundle_path, user, items, dials, operator, n, device, as_json) -> None:
    """Recommend to a user or to somebody who likes some items, with knobs turned.

    \b
    Example:
      knobs recommend my-bundle --user 15 --dial "film-noir=0.3" --dial "comedy=-0.5"
    """
    from knobs_core import knobs, steering
    from knobs_core.recipes import METHODS
    from knobs_core.recommend import recommend

    _one_person(user, items)
    operators = [*METHODS, *steering.OPERATORS]
    if operator not in operators:
        raise ConfigError(f"an operator: {', '.join(operators)}", f"'{operator}'", nearest(operator, operators))
    loaded = _open(bundle_path, device)
    data = loaded.interactions
    history = _history(data, user, items)
    if operator in METHODS:
        loaded, mixing = loaded.with_recipes(operator), METHODS[operator].mixing
    else:
        mixing = operator
    turned = knobs.parse_dials(loaded, dials)
    if steering.boost_scale(turned) < 1:
        print("knobs: the boosts add up to more than 1 and were scaled down together", file=sys.stderr)
    result = recommend(loaded.nested, history, turned, mixing, n)
    document = {
        "user": user,
        "operator": operator,
        "dials": [_dial(dial) for dial in turned],
        "items": [
            {
                "rank": rank,
                "item_id": data.item_ids[i],
                "title": data.items["title"][i],
                "score": float(score),
                "unsteered_rank": int(old),
            }
            for rank, (i, score, old) in enumerate(
                zip(result.items, result.scores, result.unsteered_rank, strict=True), start=1
            )
        ],
        "entered": [data.item_ids[i] for i in result.entered],
        "left": [data.item_ids[i] for i in result.left],
    }
    _print(document, as_json, lambda: _show_list(document, data.items["title"][result.left].tolist()))


@cli.command("steer-eval")
@click.argument("bundle_path", metavar="BUNDLE", type=click.Path(path_type=Path))
@click.option("--seeds", type=click.IntRange(1), default=1, show_default=True, help="Draws of people, tags and halves.")
@click.option("--out", type=click.Path(path_type=Path), help="Also write the JSON document to this file.")
@device_option
@json_option
def steer_eval(bundle_path, seeds, out, device, as_json) -> None:
    """The steering trade-off: every method and baseline side by side, on titles none of them was told about.

    \b
    Example:
      knobs steer-eval my-bundle --seeds 3
    """
    from knobs_core import steer_eval
    from knobs_core.storage import write_whole

    loaded = _open(bundle_path, device)
    with _progress() as report:
        document = steer_eval.over_seeds(loaded, range(seeds), report)
    if out:
        write_whole(out, json.dumps(document, indent=2))
    _print(document, as_json, lambda: _show_trade_off(document))


@cli.command()
@click.argument("bundle_path", metavar="BUNDLE", type=click.Path(path_type=Path))
@click.option("--user", help="Ask for this user of the data set.")
@click.option("--items", multiple=True, metavar="ID,ID,...", help="Ask for somebody who likes these items.")
@click.option("--item", required=True, metavar="ID", help="The item to bring into the list.")
@click.option("--n", type=click.IntRange(1), default=10, show_default=True, help="Length of the list.")
@device_option
@json_option
def ask(bundle_path, user, items, item, n, device, as_json) -> None:
    """Find the smallest turn of at most three knobs that brings an item into somebody's list.

    \b
    Example:
      knobs ask my-bundle --user 15 --item 5971 --n 10
    """
    from knobs_core import knobs, people
    from knobs_core.ask import ask
    from knobs_core.engine import Engine
    from knobs_core.recommend import ranking

    _one_person(user, items)
    loaded = _open(bundle_path, device)
    data, engine = loaded.interactions, Engine(loaded.nested)
    person = engine.person(_history(data, user, items))
    column = int(people.history_from(data, [item.strip()]).indices[0])
    answer = ask(engine, person, column, list(knobs.all_knobs(loaded).values()), n)
    document = {
        "user": user,
        "item": data.item_ids[column],
        "title": data.items["title"][column],
        "rank_before": ranking(person.base, person.seen).tolist().index(column) + 1,
        "dials": [_dial(dial) for dial in answer.dials] if answer else [],
        "rank_after": answer.rank if answer else None,
    }
    _print(document, as_json, lambda: _show_answer(document, n))


@cli.command()
@click.option("--data", "source", default="demo", show_default=True, help="As for train; or a bundle, for its data.")
@click.option("--out", type=click.Path(path_type=Path), help="The report's folder; by default under KNOBS_HOME.")
@click.option("--quick", is_flag=True, help="A small grid with settings for small data: minutes instead of days.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=42, show_default=True)
@device_option
@click.option("--set", "sets", multiple=True, metavar="data.FIELD=VALUE", help="A setting of the data.")
@json_option
def paper(source, out, quick, seed, device, sets, as_json) -> None:
    """Every table and figure of the paper for a data set, and one HTML report. A run that was cut off goes on.

    \b
    Example:
      knobs paper --data ml-latest-small.zip --quick --out my-report
    """
    from knobs_core import paper

    overrides = _parse_sets(sets)
    if set(overrides) - {"data"}:
        raise ConfigError("settings of data alone", f"{', '.join(sets)}", "the models' settings are the report's own")
    folder, started = out or paper.default_path(source, quick), time.perf_counter()
    try:
        with _progress() as report:
            path = paper.run(source, folder, quick, seed, device, overrides.get("data"), tell=report)
    except KeyboardInterrupt:
        _fail(f"stopped; the same command goes on from here (finished parts are in {folder})", 130)
    document = {"report": str(path), "folder": str(folder), "seconds": round(time.perf_counter() - started, 1)}
    _print(document, as_json, lambda: print(path))


@cli.command()
@click.argument("bundle_path", metavar="[BUNDLE]", required=False, type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@device_option
def app(bundle_path, port, device) -> None:
    """Open the control panel; without a bundle it trains the demo first.

    \b
    Example:
      knobs app my-bundle
    """
    from knobs_core import bundle, settings

    settings.device(device)
    environment = {**os.environ, "KNOBS_DEVICE": device}
    if bundle_path is not None:
        bundle.read_manifest(bundle_path)
        environment["KNOBS_BUNDLE"] = str(bundle_path.resolve())
    if not APP.is_file():
        raise ConfigError("app.py beside the package", f"none at {APP}", "install from a clone with: pip install -e .")
    command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(port)]
    # From the repository's root, where Streamlit finds .streamlit/config.toml.
    sys.exit(subprocess.run(command, cwd=APP.parent, env=environment, check=False).returncode)


def _roles(concepts, tag: str) -> dict[int, list[str]]:
    """What the concept map says of a tag: {its representative neuron, its unique neuron: names of these roles}."""
    row, roles = concepts.tags.index(tag), {}
    for role, neurons in (("representative", concepts.representative()), ("unique", concepts.unique())):
        roles.setdefault(int(neurons[row]), []).append(role)
    return roles


def _effect(knob) -> dict:
    """What turning a knob does, as fields; ``weak`` says why the app's search leaves it out."""
    if knob is None or knob.effect is None:
        return {"does_what_it_says": None, "weak": "" if knob else "nobody and nothing lights it", "effect": None}
    effect = dataclasses.asdict(knob.effect)
    del effect["key"]
    return {"does_what_it_says": knob.effect.proven, "weak": knob.weak, "effect": effect}


def _one_person(user: str | None, items: tuple[str, ...]) -> None:
    if (user is None) == (not items):
        raise click.UsageError("Give either --user ID or --items ID,ID,...")


def _history(data, user: str | None, items: tuple[str, ...]):
    from knobs_core import people

    wanted = [item.strip() for group in items for item in group.split(",") if item.strip()]
    return people.history_of(data, user) if user is not None else people.history_from(data, wanted)


def _dial(dial) -> dict:
    return {"name": dial.name, "amount": dial.amount, "recipe": {str(j): w for j, w in dial.recipe.items()}}


def _open(path: Path, device: str):
    from knobs_core import bundle, settings

    return bundle.load(path, settings.device(device))


def _parse_sets(sets: tuple[str, ...]) -> dict[str, dict[str, object]]:
    overrides: dict[str, dict[str, object]] = {}
    for text in sets:
        name, equals, value = text.partition("=")
        section, dot, field = name.strip().partition(".")
        if not (equals and dot and field):
            raise ConfigError("a setting as SECTION.FIELD=VALUE, e.g. sae.k=16", f"'{text}'", "write it like that")
        overrides.setdefault(section, {})[field] = value.strip()
    return overrides


class _progress:
    """Progress on stderr, fed by the training callback: bars on a terminal, else a line a step, which the app reads."""

    def __init__(self):
        self._bar = ProgressBar(
            TextColumn("{task.description:<28}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[detail]}"),
            console=Console(stderr=True),
        )
        self._tasks: dict[str, int] = {}

    def __enter__(self) -> Callable:
        if not self._bar.console.is_terminal:
            return _tell
        self._bar.start()
        return self._report

    def __exit__(self, *_) -> None:
        self._bar.stop()

    def _report(self, progress) -> None:
        if progress.stage not in self._tasks:
            for task in self._tasks.values():  # a stage that stopped early is done all the same
                self._bar.update(task, total=self._bar.tasks[task].completed)
            self._tasks[progress.stage] = self._bar.add_task(progress.stage, total=progress.total, detail="")
        self._bar.update(
            self._tasks[progress.stage], completed=progress.done, total=progress.total, detail=progress.detail
        )


def _tell(progress) -> None:
    print(f"{progress.stage} {progress.done}/{progress.total} {progress.detail}".rstrip(), file=sys.stderr, flush=True)


def _print(document, as_json: bool, show: Callable[[], None]) -> None:
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        show()


def _show_metrics(metrics: dict, title: str) -> None:
    table = Table(title=escape(title), title_justify="left")
    for column in ("", "recall@20", "ndcg@20", "kept of nDCG"):
        table.add_column(column, justify="left" if not column else "right")
    for name, row in (
        ("popularity", "popularity"),
        ("recommender alone", "cfae"),
        ("through the code", "nested"),
    ):
        values = metrics[row]
        kept = f"{metrics['retained']['ndcg@20']:.1%}" if row == "nested" else ""
        table.add_row(name, f"{values['recall@20']:.4f}", f"{values['ndcg@20']:.4f}", kept)
    console = Console()
    console.print(table)
    neurons, nested, split = metrics["neurons"], metrics["nested"], metrics["split"]
    console.print(
        f"cosine {nested['cosine']:.3f}, {nested['l0']:.1f} active of {neurons['total']} neurons; dead on users "
        f"{neurons['dead_on_users']}, on single items {neurons['dead_on_items']}; users {split['n_train']} train, "
        f"{split['n_val']} validation, {split['n_test']} test",
        highlight=False,
    )


def _show_evaluation(metrics: dict, title: str) -> None:
    _show_metrics(metrics, title)
    found = metrics["interpretability"]
    tenfold, alive = found["tenfold"], found["alive"]
    width, coverage = list(found["coverage"].items())[-1]
    ap, auroc, best = found["ap"], found["auroc"], {name: part["either"] for name, part in tenfold.items()}
    lines = [
        f"{found['tags']['looked_at']} tags on {found['tags']['min_items']} or more items (by luck in brackets); half "
        "of a tag's items choose its neuron, the other half judges it:",
        f"  AP {ap['mean']:.3f} ({ap['luck']:.3f}), AUROC {auroc['mean']:.3f} ({auroc['luck']:.3f}); the "
        f"{width} neurons cover {coverage['share']:.0%} (5%)",
        f"  ten times the base rate in the top 20 of some knob: {best['all_pairs']:.0%} ({best['luck']:.0%}); judged "
        f"by the other half {best['held_out']:.0%} ({best['held_out_luck']:.0%})",
        f"  neurons alive on histories {alive['users']:.1%}, on shortened ones {alive['fold_ins']:.1%}, "
        f"on single items {alive['single_items']:.1%}",
    ]
    if stability := found.get("stability"):
        lines.append(
            f"  a second training: matched cosine {stability['cosine']:.3f} (anywhere {stability['luck']:.3f}), "
            f"{stability['same']:.0%} of the neurons come back"
        )
    Console().print(escape("\n".join(lines)), highlight=False)


def _show_labels(rows: list[dict]) -> None:
    table = Table()
    for column, side in (("neuron", "right"), ("label", "left"), ("confidence", "right"), ("users", "right")):
        table.add_column(column, justify=side)
    table.add_column("does what it says")
    table.add_column("top items")
    for row in rows:
        table.add_row(
            str(row["neuron"]),
            escape(row["label"]),
            f"{row['confidence']:.0%}",
            str(row["users"]),
            "yes" if row["does_what_it_says"] else escape(row["weak"]) or "not shown",
            escape(", ".join([*(f"({role})" for role in row["roles"]), *row["top_items"][:4]])),
        )
    Console().print(table)


def _show_list(document: dict, left: list[str]) -> None:
    table = Table()
    for column, side in (("", "right"), ("title", "left"), ("score", "right"), ("was", "right"), ("", "left")):
        table.add_column(column, justify=side)
    entered = set(document["entered"])
    for item in document["items"]:
        rank, old = item["rank"], item["unsteered_rank"]
        mark = "new" if item["item_id"] in entered else "up" if rank < old else "down" if rank > old else ""
        table.add_row(str(rank), escape(item["title"]), f"{item['score']:.3f}", str(old), mark)
    console = Console()
    console.print(table)
    if left:
        console.print(escape("left the list: " + ", ".join(left)), highlight=False)


def _show_answer(document: dict, n: int) -> None:
    title, before, after = document["title"], document["rank_before"], document["rank_after"]
    turns = " and ".join(f"'{dial['name']}' to {dial['amount']:+g}" for dial in document["dials"])
    if turns:
        print(f"Turn {turns}: '{title}' rises from rank {before} to {after}.")
    elif after:
        print(f"'{title}' is in the first {n} already, at rank {before}.")
    else:
        print(f"No turn of up to three knobs was found that brings '{title}' from rank {before} into the first {n}.")


def _show_trade_off(document: dict) -> None:
    console = Console()
    for kind in dict.fromkeys(row["segments"] for row in document["summary"]):
        rows = [row for row in document["summary"] if row["segments"] == kind]
        table = Table(
            Column("method", no_wrap=True), "at 95%", "interval", "at 90%", "over paper's", "off target", "popular"
        )
        table.title = f"{kind} tags: held-out segment nDCG@20, {rows[0]['unsteered']:.3f} unsteered"
        for row in sorted(rows, key=lambda row: -(row["segment_at_95"] if row["segment_at_95"] is not None else -1)):
            interval = " to ".join(f"{value:.3f}" for value in row["segment_at_95_interval"])
            cells = (row[name] for name in ("segment_at_95", "segment_at_90", "over_representative"))
            at_95, at_90, over = ("not reached" if value is None else f"{value:.3f}" for value in cells)
            table.add_row(
                row["method"], at_95, interval, at_90, over, f"{row['off_target']:.2f}", f"{row['popularity']:+.3f}"
            )
        console.print(table)
    accuracy = ", ".join(f"{name} {value:.3f}" for name, value in document["accuracy"].items())
    print(f"nDCG@20 without steering: {accuracy}")
