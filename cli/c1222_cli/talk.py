"""What is said on standard error, how much of it, and whether in colour. Data never go through here."""

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])

WIDTH = 100
"""Columns that help may fill."""

CLEAR = "\r\x1b[K"
"""Back to the beginning of the line, and the rest of it away."""

_VERBOSE = "c1222.verbose"
_QUIET = "c1222.quiet"


def verbosity_options(function: Function) -> Function:
    """`-v` and `-q`, the same on the group and on every command; kept with the context, not passed on."""

    def keep(key: str) -> Callable[[click.Context, click.Parameter, int], None]:
        def callback(ctx: click.Context, _parameter: click.Parameter, value: int) -> None:
            ctx.meta[key] = max(ctx.meta.get(key, 0), value)

        return callback

    quiet = click.option(
        "-q", "--quiet", is_flag=True, expose_value=False, callback=keep(_QUIET), help="No summary, no progress bar."
    )
    verbose = click.option(
        "-v",
        "--verbose",
        count=True,
        expose_value=False,
        callback=keep(_VERBOSE),
        help="Say more; with a meter, each service. Twice (-vv): its octets, and where an unexpected error arose.",
    )
    return verbose(quiet(function))


def is_verbose(ctx: click.Context, level: int = 1) -> bool:
    return bool(ctx.meta.get(_VERBOSE, 0) >= level)


def is_quiet(ctx: click.Context) -> bool:
    return bool(ctx.meta.get(_QUIET, 0))


def say(text: str) -> None:
    """One line on standard error; what it cannot show is escaped. Nothing is lost where nobody can hear it."""
    with suppress(OSError):  # a terminal that is gone
        if _rewritten.is_shown:
            rewrite("")
        click.echo(clean(text), err=True)


class _Rewritten:
    """The line on a terminal that is written anew as things go on."""

    is_shown = False


_rewritten = _Rewritten()


def rewrite(text: str) -> None:
    """Show a line on standard error, a terminal, in place of the one shown before; "" takes it away."""
    with suppress(OSError):
        sys.stderr.write(CLEAR + clean(text)[: terminal_width() - 1])
        sys.stderr.flush()
    _rewritten.is_shown = bool(text)


def clean(text: str) -> str:
    """Text that does nothing to a terminal: characters that are not printable become escapes (`\\x1b`, `\\u202e`)."""
    return text if text.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def has_colour(stream: IO[Any]) -> bool:
    """Whether to colour what goes to `stream`: only a terminal, and not where NO_COLOR asks for none (no-color.org)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def is_terminal(stream: IO[Any] | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def terminal_width() -> int:
    return shutil.get_terminal_size().columns


def can_ask() -> bool:
    """Whether somebody is there to answer a question."""
    return is_terminal(sys.stderr) and (is_terminal(sys.stdin) or os.path.exists("/dev/tty"))  # noqa: PTH110
