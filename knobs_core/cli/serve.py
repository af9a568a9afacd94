"""Commands about lists for other programs: ``serve`` answers them, ``keys`` says which are answered."""

from datetime import datetime
from pathlib import Path
from typing import Literal

import click
from rich.console import JustifyMethod

from knobs_core.base import require, torch_device
from knobs_core.cli.output import bundle_argument, device_option, json_option, present, say, show_table
from knobs_core.cli.server import LIMITS, can_listen, serve_at, url_of


@click.command()
@bundle_argument
@click.option("--port", type=click.IntRange(1, 65535), default=8502, show_default=True)
@click.option(
    "--address", default="127.0.0.1", show_default=True, envvar="KNOBS_ADDRESS",
    help="Address to listen on, by default for this machine alone.",
)  # fmt: skip
@click.option("--open", "open_", is_flag=True, help="Answer everybody, without a key.")
@click.option("--max-n", type=click.IntRange(1, 200), default=200, show_default=True, help="Rows of a list, at most.")
@click.option(
    "--unknown", type=click.Choice(["fallback", "404"]), default="fallback", show_default=True,
    help="What a reader gets who is not in the data: a newcomer's list, or an error.",
)  # fmt: skip
@device_option
def serve(
    bundle_path: Path,
    port: int,
    address: str,
    open_: bool,
    max_n: int,
    unknown: Literal["fallback", "404"],
    device: str,
) -> None:
    """Serve lists to other programs over HTTP: recipes that are on air, and lists by dials.

    \b
    Example:
      knobs keys create website
      knobs serve my-bundle --address 0.0.0.0
    """
    from knobs_core import bundles
    from knobs_core.service import SETTINGS, Settings

    require("fastapi", "serving lists")
    torch_device(device)
    bundles.read_manifest(bundle_path)
    can_listen(address, port)
    settings = Settings(
        bundle=str(bundle_path.resolve()), device=device, address=address, open=open_, max_n=max_n, unknown=unknown
    )
    url = url_of(address, port)
    say(f"Lists are at {url}/api/v1 (Ctrl+C ends it)", f"What can be asked: {url}/docs, {url}/openapi.json", aside=True)
    app = ["--factory", "knobs_core.service.app:create"]
    serve_at(address, port, app, ("--ws", "none", *LIMITS), {SETTINGS: settings.model_dump_json()})


@click.group()
def keys() -> None:
    """Keys of the programs that fetch lists.

    \b
    Example:
      knobs keys create website
      knobs keys revoke website
    """


@keys.command()
@click.argument("name")
@click.option("--scope", type=click.Choice(["read"]), default="read", show_default=True, help="What it opens.")
@json_option
def create(name: str, scope: str, as_json: bool) -> None:
    """Make a key. It is shown now and never again.

    \b
    Example:
      knobs keys create website
    """
    from knobs_core.publishing import Database, Keys

    with Database() as database:
        secret = Keys(database).create(name, scope)
    document = {"name": name, "scope": scope, "key": secret}
    present(document, as_json, lambda: say(secret))
    if not as_json:
        say("This is the only time that it is shown. Use it as: Authorization: Bearer KEY", aside=True)


@keys.command(name="list")
@json_option
def list_keys(as_json: bool) -> None:
    """All keys, when each was used last and how often.

    \b
    Example:
      knobs keys list
    """
    from knobs_core.publishing import Database, Keys

    with Database() as database:
        found = Keys(database).all()
    document = [
        {
            "name": key.name,
            "scope": key.scope,
            "made": key.made.isoformat(),
            "revoked": key.revoked and key.revoked.isoformat(),
            "used": key.used and key.used.isoformat(),
            "calls": key.calls,
        }
        for key in found
    ]
    rows = [
        (key.name, key.scope, _day(key.made), _day(key.used) or "never", f"{key.calls:,}", _day(key.revoked))
        for key in found
    ]
    columns: dict[str, JustifyMethod] = dict.fromkeys(
        ("name", "scope", "made", "last used", "calls", "revoked"), "left"
    )
    present(document, as_json, lambda: show_table(columns, rows) if rows else say("There is no key yet."))


@keys.command()
@click.argument("name")
@json_option
def revoke(name: str, as_json: bool) -> None:
    """Take a key back. Servers refuse it within seconds.

    \b
    Example:
      knobs keys revoke website
    """
    from knobs_core.publishing import Database, Keys

    with Database() as database:
        key = Keys(database).revoke(name)
    document = {"name": key.name, "revoked": key.revoked and key.revoked.isoformat()}
    present(document, as_json, lambda: say(f"The key of {key.name} opens nothing any more."))


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""
