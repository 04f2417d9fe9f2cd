"""Outputs that are written in place: pipes, devices, and files that are open already, as /dev/stdout and /dev/fd/3."""

import os
import re
from pathlib import Path
from typing import IO, NamedTuple

MOST_LINKS = 40
"""Links behind one another that Linux follows, too (path_resolution(7))."""

_HANDLES = re.compile(r"/proc/([0-9]+)(?:/task/[0-9]+)?/fd")


class OpenFile(NamedTuple):
    """process: whose it is. handle: its number there."""

    process: int
    handle: int


def open_file(path: Path) -> OpenFile | None:
    """What a path names among the open files of a process; None where it names a file by itself.

    On Linux these names are links that lead to what is open, so that their end looks like any other file. Source:
    proc_pid_fd(5).
    """
    for _ in range(MOST_LINKS):
        try:
            folder = path.parent.resolve()
            if (found := _HANDLES.fullmatch(str(folder))) and path.name.isdecimal():
                return OpenFile(int(found[1]), int(path.name))
            path = folder / os.readlink(path)  # noqa: PTH115 - a link of /proc is no path that Path would keep as it is
        except (OSError, ValueError, RuntimeError):  # no link, or it cannot be followed
            return None
    return None


def takes_place(output: str | None) -> bool:
    """Whether an output is a file that takes its name when it is whole, and the place of one that has it.

    Not so what is no regular file by its own name, whatever it leads to.
    """
    if output is None or output == "-":
        return False
    path = Path(output)
    return open_file(path) is None and (path.is_file() or not path.exists())


def opened_in_place(path: Path) -> IO[bytes]:
    """A stream to what does not take a place. Raises OSError."""
    opened = open_file(path)
    if opened is None:
        return path.open("wb")
    if opened.process != os.getpid():
        return path.open("ab")
    # A second handle of the same open file: what was written to it before stays, and what comes later follows.
    return os.fdopen(os.dup(opened.handle), "wb")
