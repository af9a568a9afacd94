"""Commands that run for long: the ``paper``'s report, and the ``app``."""

import os
import signal
import socket
import time
from pathlib import Path

import click

from knobs_core.base import ConfigError, resource, torch_device
from knobs_core.cli.output import ShowProgress, device_option, fail, json_option, parse_sets, present, say, seed_option

# Of the server behind ``knobs app``, https://www.uvicorn.org/settings; docs/hosting.md says what each limit is for.
SERVER = (
    *("--ws", "websockets-sansio", "--ws-per-message-deflate", "false"),  # as Streamlit itself has it
    *("--ws-max-size", "2000000"),  # bytes that a browser may send at once
    *("--http", "h11", "--h11-max-incomplete-event-size", "32768"),  # bytes of an address and what is said beside it
    *("--limit-concurrency", "900"),  # connections
    *("--timeout-graceful-shutdown", "3"),  # seconds; afterwards it ends whoever is still there
    *("--log-level", "warning", "--no-access-log", "--no-server-header"),
)


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
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, envvar="KNOBS_PORT")
@click.option(
    "--address", default="127.0.0.1", show_default=True, envvar="KNOBS_ADDRESS",
    help="Address to listen on, by default for this machine alone; 0.0.0.0 lets a whole room in.",
)  # fmt: skip
@click.option(
    "--tour", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A tour to show on the stage."
)
@click.option(
    "--jobs/--no-jobs", default=None,
    help="Whether visitors may start reports, maps and measurements; by default you alone, at this machine.",
)  # fmt: skip
@device_option
def app(bundle_path: Path | None, port: int, address: str, tour: Path | None, jobs: bool | None, device: str) -> None:
    """Open the control panel; without a bundle it trains the demo first.

    \b
    Example:
      knobs app my-bundle
      knobs app my-bundle --tour talk.toml --address 0.0.0.0
    """
    import uvicorn

    from knobs_core import bundles

    torch_device(device)
    environment = {"KNOBS_DEVICE": device, "KNOBS_ADDRESS": address}
    if bundle_path is not None:
        bundles.read_manifest(bundle_path)
        environment["KNOBS_BUNDLE"] = str(bundle_path.resolve())
    if tour is not None:
        environment["KNOBS_TOUR"] = str(tour.resolve())
    if jobs is not None:
        environment["KNOBS_JOBS"] = "1" if jobs else "0"
    if not address:
        raise ConfigError("an address to listen on", "none", "name one by --address, such as 127.0.0.1")
    _can_listen(address, port)
    folder = resource("app.py").parent
    named = "localhost" if address in ("0.0.0.0", "::") else f"[{address}]" if ":" in address else address
    say(f"The control panel is at http://{named}:{port} (Ctrl+C ends it)", aside=True)
    os.environ.update(environment)
    os.chdir(folder)  # where Streamlit finds .streamlit/config.toml
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the server puts its own things in order, then ends by the signal
    # In this process, which has loaded what every page needs: another one would take these seconds again.
    where = ["--app-dir", str(folder), "--host", address, "--port", str(port)]
    uvicorn.main(["app:app", *where, *SERVER], prog_name="uvicorn", standalone_mode=False)


def _can_listen(address: str, port: int) -> None:
    """Refuse an address that is not this machine's, and a port that somebody else has."""
    try:
        family, kind, _, _, where = socket.getaddrinfo(address.encode("idna"), port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(where)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigError(
            "a free address of this machine", f"'{address[:60]}', port {port}: {why}", "choose by --address and --port"
        ) from error
