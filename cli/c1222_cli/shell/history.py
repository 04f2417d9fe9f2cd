"""The lines of earlier shells, kept for the next: in the user's folder for such things, for the user alone."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from c1222_cli.shell.completion import DELIMITERS

LINES = 1000
"""Lines that are kept."""


def history_file() -> Path:
    """Where the lines are kept. Commands of the shell hold no secrets, so they do not either."""
    from platformdirs import user_state_path

    return user_state_path("c1222", appauthor=False) / "shell_history"


@contextmanager
def line_editing(complete: Callable[[str, int], str | None], path: Path) -> Iterator[Callable[[], str]]:
    """Arrow keys, history and completion at the prompt, where this Python has them.

    complete: the n-th candidate for a word. Gives what is asked for the line up to the word that is completed.
    """
    try:
        import readline
    except ImportError:  # Windows
        yield lambda: ""
        return
    with suppress(OSError):  # none yet, or it cannot be read
        readline.read_history_file(path)
    readline.set_history_length(LINES)
    readline.set_completer_delims(DELIMITERS)
    readline.set_completer(complete)
    is_libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")
    try:
        yield lambda: readline.get_line_buffer()[: readline.get_begidx()]
    finally:
        readline.set_completer(None)
        with suppress(OSError):  # a folder that cannot be written costs the history, nothing else
            private(path)
            readline.write_history_file(path)


def private(path: Path) -> None:
    """Make the file, if there is none, and see that only its owner can read it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    path.chmod(0o600)
