"""Commands that run for long: the ``paper``'s report, and the ``app``."""

import os
import time
from pathlib import Path

import click

from knobs_core.base import resource, torch_device
from knobs_core.cli.output import (
    BundlePath,
    ShowProgress,
    device_option,
    fail,
    json_option,
    parse_sets,
    present,
    say,
    seed_option,
)
from knobs_core.cli.server import LIMITS, LONGEST_HEADER, can_listen, serve_at, url_of

SERVER = (
    *("--ws", "websockets-sansio", "--ws-per-message-deflate", "false"),  # as Streamlit itself has it
    *("--ws-max-size", "2000000"),  # bytes that a browser may send at once
    *LIMITS,
)


@click.command()
@click.option("--data", "source", default="demo", show_default=True, help="As for train; or a bundle, for its data.")
@click.option("--out", type=click.Path(path_type=Path), help="The report's folder; by default under KNOBS_HOME.")
@click.option("--quick", is_flag=True, help="A small grid with settings for small data: minutes instead of days.")
@seed_option
@device_option
@click.option(
    "--processes", type=click.IntRange(1), metavar="N",
    help="How many work at once, each in as much memory; by default one on each processor where the data is small.",
)  # fmt: skip
@click.option("--estimate", is_flag=True, help="Measure how long it will take and what it needs, and make nothing.")
@click.option(
    "--set", "sets", multiple=True, metavar="SECTION.FIELD=VALUE",
    help="A setting of data; of every training: cfae, sae, inputs; or of the grid, such as grid.ks=8,32.",
)  # fmt: skip
@json_option
def paper(
    source: str,
    out: Path | None,
    quick: bool,
    seed: int,
    device: str,
    processes: int | None,
    estimate: bool,
    sets: tuple[str, ...],
    as_json: bool,
) -> None:
    """Every table and figure of the paper for a data set, and one HTML report. A run that was cut off goes on.

    \b
    Example:
      knobs paper --data ml-latest-small.zip --quick --out my-report
      knobs paper --data ml-latest-small.zip --estimate
      knobs paper --data ml-latest-small.zip --set cfae.batch_size=64 --set sae.batch_size=64
    """
    from knobs_core import paper

    changes = parse_sets(sets)
    overrides = changes.pop("data", None)
    folder, started = out or paper.default_report(source, quick), time.perf_counter()
    report = paper.Report(source, folder, quick, seed, device, overrides, paper.plan_of(quick, changes))
    try:
        with ShowProgress() as progress:
            if estimate:
                found = report.prospect(processes, progress)
            else:
                path = report.make(processes, progress)
    except KeyboardInterrupt:
        fail(f"stopped; the same command goes on from here (finished parts are in {folder})", 130)
    if estimate:
        present(found.document(), as_json, lambda: say(found.sentence()))
        return
    document = {"report": str(path), "folder": str(folder), "seconds": round(time.perf_counter() - started, 1)}
    present(document, as_json, lambda: say(str(path)))


@click.command()
@click.argument("bundle_path", metavar="[BUNDLE]", required=False, type=BundlePath(), envvar="KNOBS_BUNDLE")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, envvar="KNOBS_PORT")
@click.option(
    "--address", default="127.0.0.1", show_default=True, envvar="KNOBS_ADDRESS",
    help="Address to listen on, by default for this machine alone; 0.0.0.0 lets a whole room in.",
)  # fmt: skip
@click.option(
    "--tour", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A tour to show on the stage."
)
@click.option(
    "--study", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A study for invited people; visitors see nothing else.",
)  # fmt: skip
@click.option(
    "--jobs/--no-jobs", default=None,
    help="Whether visitors may start reports, maps and measurements; by default you alone, at this machine.",
)  # fmt: skip
@device_option
def app(
    bundle_path: Path | None,
    port: int,
    address: str,
    tour: Path | None,
    study: Path | None,
    jobs: bool | None,
    device: str,
) -> None:
    """Open the control panel; without a bundle it trains the demo first. A bundle may be an address.

    \b
    Example:
      knobs app my-bundle
      knobs app s3://my-bucket/my-bundle
      knobs app my-bundle --tour talk.toml --address 0.0.0.0
      knobs app my-bundle --study study.toml --address 0.0.0.0
    """
    from knobs_core import bundles

    torch_device(device)
    environment = {"KNOBS_DEVICE": device, "KNOBS_ADDRESS": address}
    if "WEBSOCKETS_MAX_LINE_LENGTH" not in os.environ:
        environment["WEBSOCKETS_MAX_LINE_LENGTH"] = LONGEST_HEADER
    if bundle_path is not None:
        bundles.read_manifest(bundle_path)
        environment["KNOBS_BUNDLE"] = str(bundle_path.resolve())
    if tour is not None:
        environment["KNOBS_TOUR"] = str(tour.resolve())
    if study is not None:
        from knobs_core.studies import read_study

        read_study(study)
        environment["KNOBS_STUDY"] = str(study.resolve())
    if jobs is not None:
        environment["KNOBS_JOBS"] = "1" if jobs else "0"
    can_listen(address, port)
    folder = resource("app.py").parent
    say(f"The control panel is at {url_of(address, port)} (Ctrl+C ends it)", aside=True)
    os.chdir(folder)  # where Streamlit finds .streamlit/config.toml
    serve_at(address, port, ["app:app", "--app-dir", str(folder)], SERVER, environment)
