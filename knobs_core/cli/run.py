"""Commands that run for long: the ``paper``'s report, and the ``app``."""

import os
import subprocess
import sys
import time
from pathlib import Path

import click

from knobs_core.base import ConfigError, resource, torch_device
from knobs_core.cli.output import ShowProgress, device_option, fail, json_option, parse_sets, present, say, seed_option


@click.command()
@click.option("--data", "source", default="demo", show_default=True, help="As for train; or a bundle, for its data.")
@click.option("--out", type=click.Path(path_type=Path), help="The report's folder; by default under KNOBS_HOME.")
@click.option("--quick", is_flag=True, help="A small grid with settings for small data: minutes instead of days.")
@seed_option
@device_option
@click.option("--set", "sets", multiple=True, metavar="data.FIELD=VALUE", help="A setting of the data.")
@json_option
def paper(
    source: str, out: Path | None, quick: bool, seed: int, device: str, sets: tuple[str, ...], as_json: bool
) -> None:
    """Every table and figure of the paper for a data set, and one HTML report. A run that was cut off goes on.

    \b
    Example:
      knobs paper --data ml-latest-small.zip --quick --out my-report
    """
    from knobs_core import paper

    overrides = parse_sets(sets)
    if set(overrides) - {"data"}:
        raise ConfigError("settings of data alone", f"{', '.join(sets)}", "the models' settings are the report's own")
    folder, started = out or paper.default_report(source, quick), time.perf_counter()
    try:
        with ShowProgress() as progress:
            path = paper.run(source, folder, quick, seed, device, overrides.get("data"), progress=progress)
    except KeyboardInterrupt:
        fail(f"stopped; the same command goes on from here (finished parts are in {folder})", 130)
    document = {"report": str(path), "folder": str(folder), "seconds": round(time.perf_counter() - started, 1)}
    present(document, as_json, lambda: say(str(path)))


@click.command()
@click.argument("bundle_path", metavar="[BUNDLE]", required=False, type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option("--address", help="Address to listen on, by default this machine's own; 0.0.0.0 lets a whole room in.")
@click.option(
    "--tour", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A tour to show on the stage."
)
@device_option
def app(bundle_path: Path | None, port: int, address: str | None, tour: Path | None, device: str) -> None:
    """Open the control panel; without a bundle it trains the demo first.

    \b
    Example:
      knobs app my-bundle
      knobs app my-bundle --tour talk.toml --address 0.0.0.0
    """
    from knobs_core import bundles

    torch_device(device)
    environment = {**os.environ, "KNOBS_DEVICE": device}
    if bundle_path is not None:
        bundles.read_manifest(bundle_path)
        environment["KNOBS_BUNDLE"] = str(bundle_path.resolve())
    if tour is not None:
        environment["KNOBS_TOUR"] = str(tour.resolve())
    entry = resource("app.py")
    command = [sys.executable, "-m", "streamlit", "run", str(entry), "--server.port", str(port)]
    if address:  # named to Streamlit as well, which would else ask the internet for the address of this machine
        named = "localhost" if address in ("0.0.0.0", "::") else address
        command += ["--server.address", address, "--browser.serverAddress", named]
    os.chdir(entry.parent)  # where Streamlit finds .streamlit/config.toml
    if os.name == "posix":
        os.execvpe(command[0], command, environment)  # the server takes this process's place: signals reach it
    sys.exit(subprocess.run(command, env=environment, check=False).returncode)
