"""Secrets that a program tells, as `pass` and other keepers of passwords do: `cmd:pass show meters/house`.

The program runs without a shell, so nothing in the words is expanded. Neither its words nor anything it writes goes
into a message.
"""

import os
import shlex

from c1222.errors import TargetError
from c1222.settings.private_files import SIZE_LIMIT

__all__ = ["COMMAND_SECONDS", "check_command", "first_line", "is_there", "output_of"]

COMMAND_SECONDS = 60.0
"""How long a program may take: a person may have to type the password of the keeper first."""


def check_command(command: str, *, what: str) -> str:
    """The program of a command, as it was written. Raises TargetError where there is none, or a quote is open."""
    try:
        words = shlex.split(command, posix=os.name != "nt")
    except ValueError:
        words = None
    if words is None:
        raise TargetError(f"{what}: cmd: a quote in the command is not closed")
    if not words or not words[0]:
        raise TargetError(f"{what}: cmd: needs a command after it, as in cmd:pass show meters/house")
    return words[0]


def is_there(program: str) -> bool:
    """Whether a program can be found."""
    from shutil import which

    return which(program) is not None


def output_of(command: str, *, what: str, seconds: float = COMMAND_SECONDS) -> bytes:
    """All that a command writes to its standard output.

    command: words as a POSIX shell splits them, without its expansions; on Windows as programs there take them. Its
    standard input is empty, and what it writes to standard error is not shown.
    what: what it is run for, for messages. seconds: how long it may take.

    Raises TargetError, with the program's name alone, where it cannot be run, fails, takes too long or writes more than
    64 KiB. A program that there is not is not named: it may be a secret in the wrong place.
    """
    import subprocess  # takes its time, and few secrets come from programs

    program = check_command(command, what=what)
    if not is_there(program):
        raise TargetError(
            f"{what}: cmd: there is no such program; give one that is there, with its path where it needs it"
        )
    try:
        done = subprocess.run(  # noqa: S603 - what is run is what the user's own configuration names
            command if os.name == "nt" else shlex.split(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        problem = f"took more than {seconds:g} s"
    except OSError as exc:
        problem = f"could not be run: {exc.strerror}"
    except ValueError:  # an octet 0 in a word
        problem = "could not be run"
    else:
        if done.returncode == 0 and len(done.stdout) <= SIZE_LIMIT:
            return done.stdout
        problem = (
            f"wrote more than {SIZE_LIMIT // 1024} KiB"
            if done.returncode == 0
            else f"failed with exit code {done.returncode}; run the command by itself to see why"
        )
    # Raised where no exception is under way: one of subprocess holds what was written.
    raise TargetError(f"{what}: cmd: {program} {problem}")


def first_line(octets: bytes) -> bytes:
    """The first line, without its end: keepers of passwords write notes below it."""
    return octets.partition(b"\n")[0].removesuffix(b"\r")
