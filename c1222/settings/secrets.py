"""Secrets by reference: where a password or a key lies, instead of what it is.

    env:NAME     an environment variable
    file:PATH    a file that nobody else can read or write
    prompt       a question to the person at the terminal

What stands in a command line, a configuration or a key file is only ever such a reference, so a secret reaches no
shell history and no process list. Messages name the reference and never the secret. What does not look like a reference
may be a secret typed in the wrong place, so it is refused without being repeated.
"""

import os
import re
import shlex
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from c1222.errors import TargetError
from c1222.security.keys import KEY_SIZE, Key

__all__ = ["Ask", "SmallFile", "check_reference", "parse_key", "read_key", "read_secret", "read_small_file"]

Ask = Callable[[str], str]
"""Asks a person for what the argument names ("password", "key 2"), unseen, and returns what was typed."""

SIZE_LIMIT = 64 * 1024
OTHERS = stat.S_IRWXG | stat.S_IRWXO
# Opening a pipe or a terminal must neither wait nor take it over before we can see what it is. Windows has neither
# flag, but wants to be told that octets are octets.
OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
HOW = "give env:NAME, file:PATH or prompt"


@dataclass(frozen=True)
class SmallFile:
    """What a file holds (64 KiB at most), and who may get at it."""

    path: Path
    octets: bytes = field(repr=False)
    mode: int

    def refuse_unless_private(self, name: str) -> None:
        """Raise TargetError when group or others have any right to the file. Not checked on Windows.

        name: what the user called it, for the message.
        """
        if os.name != "nt" and self.mode & OTHERS:
            raise TargetError(
                f"{name}: others can get at this file (mode {stat.S_IMODE(self.mode):04o}); "
                f"make it yours alone: chmod 600 {shlex.quote(str(self.path))}"
            )


def check_reference(reference: str, *, what: str = "password") -> None:
    """Raise TargetError unless `reference` says where a secret lies. It is not looked for, and nobody is asked.

    what: what lies there, for the message. What is no reference is not repeated: it may be the secret itself.
    """
    scheme, _, rest = reference.partition(":")
    if reference == "prompt" or (scheme == "file" and rest):
        return
    if scheme == "env" and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", rest):
        return
    if scheme in ("keyring", "cmd"):
        raise TargetError(f"{what}: {scheme}: is not supported yet; {HOW}")
    if scheme == "env":
        raise TargetError(f"{what}: what follows env: is not the name of a variable (letters, digits and _)")
    if scheme == "file":
        raise TargetError(f"{what}: file: needs a path after it")
    raise TargetError(
        f"{what}: this is not a reference to a secret, and secrets themselves are never given "
        f"in the command line or a configuration: {HOW}"
    )


def read_secret(reference: str, *, ask: Ask | None = None, what: str = "password", folder: Path | None = None) -> bytes:
    """The octets of the secret that `reference` names, without the line end that a file has.

    reference: "env:NAME", "file:PATH" or "prompt".
    ask: asks the person; None where nobody can be asked, and "prompt" is refused.
    what: what is read, for the question and for messages.
    folder: where a relative PATH starts; the working directory by default. A leading ~ is the home folder.

    What is typed is taken as UTF-8; a variable as the octets that the system holds.

    Raises TargetError for an unknown reference, a secret that is missing or empty, and a file that is not a regular
    one, larger than 64 KiB, or open to group or others (as ssh refuses such a key).
    """
    octets = _read(reference, ask, what, folder)
    if reference.startswith("file:"):
        octets = re.sub(rb"\r?\n\Z", b"", octets)
    if not octets:
        raise TargetError(f"{what}: {_empty(reference)}")
    return octets


def read_key(reference: str, *, ask: Ask | None = None, what: str = "key", folder: Path | None = None) -> Key:
    """The key that `reference` names: 32 hex digits, or a file of exactly 16 octets.

    Spaces, colons, line ends and 0x among the digits do not matter. Arguments and errors are those of `read_secret`;
    a wrong number of digits, or other characters, is a TargetError too.
    """
    octets = _read(reference, ask, what, folder)
    if not octets.strip():
        raise TargetError(f"{what}: {_empty(reference)}")
    # Sixteen octets that could all be part of hex text are half a key in hex, not a whole key that looks like it.
    if reference.startswith("file:") and len(octets) == KEY_SIZE and re.search(rb"[^0-9A-Fa-fxX:\s]", octets):
        return Key(octets)
    return parse_key(octets, name=f"{what}: {reference}")


def parse_key(digits: bytes, *, name: str) -> Key:
    """A key from hex text, as `read_key` takes it. `name` begins the message of a TargetError, which shows no digit."""
    groups = re.split(rb"[\s:]+", digits)
    joined = b"".join(group[2:] if group[:2] in (b"0x", b"0X") else group for group in groups)
    if re.fullmatch(rb"[0-9A-Fa-f]*", joined) is None:
        raise TargetError(f"{name}: a key is {2 * KEY_SIZE} hex digits, and here are other characters too")
    if len(joined) != 2 * KEY_SIZE:
        raise TargetError(f"{name}: {len(joined)} hex digits where {2 * KEY_SIZE} are needed")
    return Key(bytes.fromhex(joined.decode()))


def read_small_file(path: Path, *, name: str) -> SmallFile:
    """A regular file of 64 KiB at most, with its rights, both of the same open file.

    name: what the user called it, for messages. Raises TargetError.
    """
    try:
        path = path.expanduser()
        handle = os.open(path, OPEN_FLAGS)
    except OSError as error:
        raise TargetError(f"{name}: {error.strerror}") from error
    except (ValueError, RuntimeError) as error:  # an octet 0 in the path; a ~ without a home
        raise TargetError(f"{name}: not a usable path") from error
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise TargetError(f"{name}: not a regular file")
    try:
        with open(handle, "rb") as file:  # noqa: PTH123 - Path.open takes no handle
            octets = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise TargetError(f"{name}: {error.strerror}") from error
    if len(octets) > SIZE_LIMIT:
        raise TargetError(f"{name}: larger than {SIZE_LIMIT // 1024} KiB, too large to be right")
    return SmallFile(path, octets, status.st_mode)


def _read(reference: str, ask: Ask | None, what: str, folder: Path | None) -> bytes:
    """The octets behind `reference`, as they are."""
    check_reference(reference, what=what)
    scheme, _, rest = reference.partition(":")
    if scheme == "prompt":
        return _ask(ask, what)
    if scheme == "env":
        return _environment(rest, what)
    path = Path(rest) if folder is None or rest.startswith("~") else folder / rest
    file = read_small_file(path, name=f"{what}: {reference}")
    file.refuse_unless_private(f"{what}: {reference}")
    return file.octets


def _environment(variable: str, what: str) -> bytes:
    value = os.environ.get(variable)
    if value is None:
        raise TargetError(f"{what}: env:{variable} is not set; set it: export {variable}=...")
    return os.fsencode(value)


def _ask(ask: Ask | None, what: str) -> bytes:
    if ask is None:
        raise TargetError(f"{what}: nobody can be asked here; give env:NAME or file:PATH instead of prompt")
    return ask(what).encode("utf-8", "surrogateescape")


def _empty(reference: str) -> str:
    if reference == "prompt":
        return "nothing was typed"
    if reference.startswith("env:"):
        variable = reference.removeprefix("env:")
        return f"env:{variable} is set, but empty; set it: export {variable}=..."
    return f"{reference} is empty"
