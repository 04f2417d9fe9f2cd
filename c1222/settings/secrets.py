"""Secrets by reference: where a password or a key lies, instead of what it is.

    env:NAME                an environment variable
    file:PATH               a file that nobody else can read or write
    keyring:SERVICE/NAME    an entry of the system's keyring (keyring_secrets.py)
    cmd:COMMAND             the first line that a command writes (command_secrets.py)
    prompt                  a question to the person at the terminal

What stands in a command line, a configuration or a key file is only ever such a reference, so a secret reaches no
shell history and no process list. Messages name the reference and never the secret. What does not look like a reference
may be a secret typed in the wrong place, so it is refused without being repeated.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

from c1222.errors import TargetError
from c1222.security.keys import KEY_SIZE, Key
from c1222.settings.command_secrets import check_command, first_line, output_of
from c1222.settings.keyring_secrets import look_up, split_name
from c1222.settings.private_files import read_small_file

__all__ = ["SOURCES", "Ask", "check_reference", "located_file", "parse_key", "read_key", "read_secret", "shown"]

Ask = Callable[[str], str]
"""Asks a person for what the argument names ("password", "key 2"), unseen, and returns what was typed."""

SOURCES = "env:NAME, file:PATH, keyring:SERVICE/NAME, cmd:COMMAND or prompt"
"""What a reference can be, for help and messages."""
HOW = f"give {SOURCES}"


def check_reference(reference: str, *, what: str = "password") -> None:
    """Raise TargetError unless `reference` says where a secret lies. It is not looked for, and nobody is asked.

    what: what lies there, for the message. What is no reference is not repeated: it may be the secret itself.
    """
    scheme, _, rest = reference.partition(":")
    if reference == "prompt" or (scheme == "file" and rest):
        return
    if scheme == "env":
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", rest):
            raise TargetError(f"{what}: what follows env: is not the name of a variable (letters, digits and _)")
    elif scheme == "keyring":
        if split_name(rest) is None:
            raise TargetError(f"{what}: keyring: wants a service and a name after it, as in keyring:c1222/house")
    elif scheme == "cmd":
        check_command(rest, what=what)
    elif scheme == "file":
        raise TargetError(f"{what}: file: needs a path after it")
    else:
        raise TargetError(
            f"{what}: this is not a reference to a secret, and secrets themselves are never given "
            f"in the command line or a configuration: {HOW}"
        )


def shown(reference: str) -> str:
    """A reference as it may be shown: of a command, only that there is one, since its words may hold a secret."""
    return "cmd:..." if reference.startswith("cmd:") else reference


def read_secret(reference: str, *, ask: Ask | None = None, what: str = "password", folder: Path | None = None) -> bytes:
    """The octets of the secret that `reference` names, without the line end that a file has.

    reference: one of SOURCES.
    ask: asks the person; None where nobody can be asked, and "prompt" is refused.
    what: what is read, for the question and for messages.
    folder: where a relative PATH starts; the working directory by default. A leading ~ is the home folder.

    What is typed, and what a keyring holds, is taken as UTF-8; a variable as the octets that the system holds; of what
    a command writes, the first line.

    Raises TargetError for an unknown reference, a secret that is missing or empty, a file that is not a regular one,
    larger than 64 KiB, or open to group or others (as ssh refuses such a key), a keyring or a command that fails.
    """
    octets = _read(reference, ask, what, folder)
    if reference.startswith("file:"):
        octets = re.sub(rb"\r?\n\Z", b"", octets)
    elif reference.startswith("cmd:"):
        octets = first_line(octets)
    if not octets:
        raise TargetError(f"{what}: {_empty(reference)}")
    return octets


def read_key(reference: str, *, ask: Ask | None = None, what: str = "key", folder: Path | None = None) -> Key:
    """The key that `reference` names: 32 hex digits, or a file, or the output of a command, of exactly 16 octets.

    Spaces, colons, line ends and 0x among the digits do not matter; of what a command writes, only the first line
    counts. Arguments and errors are those of `read_secret`; a wrong number of digits, or other characters, is a
    TargetError too.
    """
    octets = _read(reference, ask, what, folder)
    if not octets.strip():
        raise TargetError(f"{what}: {_empty(reference)}")
    # Sixteen octets that could all be part of hex text are half a key in hex, not a whole key that looks like it.
    may_be_raw = reference.startswith(("file:", "cmd:"))
    if may_be_raw and len(octets) == KEY_SIZE and re.search(rb"[^0-9A-Fa-fxX:\s]", octets):
        return Key(octets)
    digits = first_line(octets) if reference.startswith("cmd:") else octets
    return parse_key(digits, name=f"{what}: {shown(reference)}")


def parse_key(digits: bytes, *, name: str) -> Key:
    """A key from hex text, as `read_key` takes it. `name` begins the message of a TargetError, which shows no digit."""
    groups = re.split(rb"[\s:]+", digits)
    joined = b"".join(group[2:] if group[:2] in (b"0x", b"0X") else group for group in groups)
    if re.fullmatch(rb"[0-9A-Fa-f]*", joined) is None:
        raise TargetError(f"{name}: a key is {2 * KEY_SIZE} hex digits, and here are other characters too")
    if len(joined) != 2 * KEY_SIZE:
        raise TargetError(f"{name}: {len(joined)} hex digits where {2 * KEY_SIZE} are needed")
    return Key(bytes.fromhex(joined.decode()))


def _read(reference: str, ask: Ask | None, what: str, folder: Path | None) -> bytes:
    """The octets behind `reference`, as they are."""
    check_reference(reference, what=what)
    scheme, _, rest = reference.partition(":")
    if scheme == "prompt":
        return _ask(ask, what)
    if scheme == "env":
        return _environment(rest, what)
    if scheme == "cmd":
        return output_of(rest, what=what)
    if scheme == "keyring":
        service, _, name = rest.partition("/")
        return look_up(service, name, what=what).encode("utf-8", "surrogateescape")
    file = read_small_file(located_file(rest, folder), name=f"{what}: {reference}")
    file.refuse_unless_private(f"{what}: {reference}")
    return file.octets


def located_file(path: str, folder: Path | None) -> Path:
    """The path behind file:, from `folder` on where it is relative."""
    return Path(path) if folder is None or path.startswith("~") else folder / path


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
    if reference.startswith("cmd:"):
        return "cmd: the command wrote nothing into its first line"
    return f"{reference} is empty"
