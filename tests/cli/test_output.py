"""How commands speak: settings by section, strangers' text, and progress as lines or, on a terminal, as bars."""

import ast
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from knobs_core.base.errors import ConfigError
from knobs_core.base.progress import Progress
from knobs_core.cli import output
from knobs_core.cli.output import ShowProgress, fail, item_ids, parse_sets, present, say, show_table

NASTY = "\x1b]0;owned\x07\x1b[2J\x9b31mred\u202egnp\r\nnext[bold]x[/bold]\ud800"
SEEN = "]0;owned[2J31mredgnp next[bold]x[/bold]"


def test_settings_by_section():
    assert parse_sets(("sae.k=16", "sae.loss = l2", "data.threshold=3")) == {
        "sae": {"k": "16", "loss": "l2"}, "data": {"threshold": "3"},
    }  # fmt: skip
    assert parse_sets(("cfae.items=a=b.npy",)) == {"cfae": {"items": "a=b.npy"}}
    for text in ("sae.k", "k=3", "sae.=3", "sae"):
        with pytest.raises(ConfigError, match=r"SECTION\.FIELD=VALUE"):
            parse_sets((text,))


@pytest.mark.parametrize(("rank", "code", "said"), [("0", 2, True), ("1", 2, False), ("1", 1, True), ("0", 1, True)])
def test_what_all_of_several_processes_find_wrong_is_said_once(capsys, monkeypatch, rank, code, said):
    for name, value in {"TORCHELASTIC_RUN_ID": "none", "WORLD_SIZE": "2", "RANK": rank}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        fail("expected something", code)
    assert ended.value.code == code
    assert capsys.readouterr().err == "knobs: expected something\n" * said


def test_ids_in_several_options_and_with_spaces():
    assert item_ids(("i3, i4", "i5,", "")) == ["i3", "i4", "i5"]


def test_without_a_terminal_each_message_is_a_line(capsys):
    message = Progress("Training", 1, 3, "loss 0.5")
    with ShowProgress() as listen:
        listen(message)
        listen(message._replace(done=2))
    out, err = capsys.readouterr()
    assert out == ""
    assert [Progress.of_line(line) for line in err.splitlines() if line] == [message, message._replace(done=2)]


def test_on_a_terminal_there_is_a_bar_a_stage_and_what_stopped_early_is_full(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(
        output, "Console", lambda stderr: Console(file=screen, force_terminal=True, width=100, legacy_windows=False)
    )
    with ShowProgress() as listen:
        for message in (Progress("Training", 1, 25, "loss 0.5"), Progress("Training", 2, 25), Progress("Naming", 1, 1)):
            listen(message)
    shown = [line for line in screen.getvalue().splitlines() if "Training" in line or "Naming" in line]
    assert "2/2" in next(line for line in reversed(shown) if "Training" in line)  # of 25, as it stopped early
    assert "1/1" in next(line for line in reversed(shown) if "Naming" in line)


def test_nothing_that_people_read_drives_their_terminal(capsys):
    say(NASTY, NASTY)
    show_table({NASTY: "left", "n": "right"}, [(NASTY, "1")], NASTY)
    with ShowProgress() as listen:
        listen(Progress(NASTY, 1, 3, NASTY))
    with pytest.raises(SystemExit):
        fail(NASTY, 2)
    out, err = capsys.readouterr()
    assert out.splitlines()[:2] == [SEEN, SEEN]
    assert "[bold]x[/bold]" in out.replace("\n", "")
    assert not [one for one in out + err if not one.isprintable() and one != "\n"]
    assert err.splitlines()[-1] == f"knobs: {SEEN}"


def test_bars_show_names_and_nothing_else(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(output, "Console", lambda stderr: Console(file=screen, force_terminal=True, width=200))
    with ShowProgress() as listen:
        listen(Progress("Reading", 1, 3, NASTY))
    assert "owned[2J31mredgnp next[bold]x[/bold]" in screen.getvalue()
    assert not {"\x07", "\x9b", "\u202e"} & {*screen.getvalue()}


def test_a_document_holds_every_character_and_drives_no_terminal(capsys):
    document = {NASTY: [NASTY, "caf\u00e9"]}
    present(document, True, lambda: None)
    out = capsys.readouterr().out
    assert json.loads(out) == document
    assert "caf\u00e9" in out
    assert not [one for one in out if not one.isprintable() and one != "\n"]


def test_all_commands_speak_through_one_file():
    for file in Path(output.__file__).parent.glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        own = file.name == "output.py"
        assert own or not called & {"print", "click.echo", "Console", "sys.stdout.write", "sys.stderr.write"}, file.name


def test_json_has_null_where_nobody_can_know_a_number(capsys):
    present({"a": [float("nan"), 1.5, {"b": -float("inf")}], "c": (1, "NaN")}, True, lambda: None)
    assert json.loads(capsys.readouterr().out, parse_constant=pytest.fail) == {
        "a": [None, 1.5, {"b": None}],
        "c": [1, "NaN"],
    }
