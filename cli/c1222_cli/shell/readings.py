"""The commands of readings as lines of a shell: the same commands, on the meter that is open already."""

from collections.abc import Sequence
from functools import lru_cache, partial
from importlib import import_module

import click

from c1222.session.faces.meter import Meter
from c1222_cli.live import Way, live_options
from c1222_cli.main import COMMANDS
from c1222_cli.readings.source import Opened
from c1222_cli.talk import WIDTH, verbosity_options

READINGS = ("registers", "now", "profile", "events", "history", "status", "calendar")

_EXAMPLES = "\n\b\nExamples:"


def carry_out(name: str, words: Sequence[str], meter: Meter, way: Way) -> int:
    """Carry out a command of READINGS. way: how the meter was come to. Returns an exit code.

    Raises UsageError, and what the command raises.
    """
    command = in_shell(name)
    outer = click.get_current_context(silent=True)
    try:
        context = command.make_context(name, list(words), obj=Opened(meter, way))
        if outer is not None:
            context.meta.update(outer.meta)  # -v and -q of the shell
        with context:
            command.invoke(context)
    except click.exceptions.Exit as exc:  # --help
        return exc.exit_code
    return 0


def usage(name: str) -> str:
    """`registers [WORD]...`."""
    words = next(each for each in in_shell(name).params if each.name == "words")
    return f"{name} {words.metavar}".rstrip()


def options(name: str) -> list[str]:
    """`--since`, `--until` ..."""
    return [each for param in in_shell(name).params for each in param.opts if each.startswith("--")]


def purpose(name: str) -> str:
    """What a command is for: `show the registers of a meter, in their units`."""
    words = COMMANDS[name][1].rstrip(".")
    return words[0].lower() + words[1:]


@lru_cache(maxsize=len(READINGS))
def in_shell(name: str) -> click.Command:
    """A command without what says how to come to a meter, and without the examples of that in its help."""
    command: click.Command = getattr(import_module(COMMANDS[name][0]), name)
    elsewhere = _elsewhere()
    by_default = {each: value for each, value in command.make_context(name, []).params.items() if each in elsewhere}
    assert command.callback is not None
    return click.Command(
        name,
        callback=partial(command.callback, **by_default),
        params=[_without_target(each) for each in command.params if each.name not in elsewhere],
        help=command.help,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH},
        epilog=(command.epilog or "").partition(_EXAMPLES)[0],
    )


def _elsewhere() -> frozenset[str]:
    """Parameters that an open meter has no use for; how much is said, the shell was told as it began."""

    @click.command()
    @live_options
    @verbosity_options
    def ways(way: Way) -> None: ...

    return frozenset({*(each.name or "" for each in ways.params), "captures", "meter"})


def _without_target(parameter: click.Parameter) -> click.Parameter:
    if parameter.name != "words":
        return parameter
    metavar = (parameter.metavar or "").removeprefix("TARGET").strip()
    return click.Argument(["words"], nargs=-1, metavar=metavar)
