"""`--key` and `--keys`: the key ring of a command. A key itself is never taken from the command line."""

import re
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from c1222_cli.talk import can_ask

if TYPE_CHECKING:
    from c1222.security.keys import KeyRing

Function = TypeVar("Function", bound=Callable[..., Any])

SOURCES = "env:NAME, file:PATH, keyring:SERVICE/NAME, cmd:COMMAND or prompt"
"""Where a secret can lie (c1222.settings.secrets), in words that need no import."""
HOW = f"ID=SOURCE, where SOURCE is {SOURCES}, for example --key 2=env:K2"
_KEY = re.compile(r"([0-9]{1,3})=(.+)", re.DOTALL)


def key_options(function: Function) -> Function:
    """The options that give keys."""
    key = click.option(
        "--key",
        "keys",
        metavar="ID=SOURCE",
        multiple=True,
        help=f"Key for a key id (0 to 255). SOURCE: {SOURCES}; never the key itself. Repeatable.",
    )
    key_files = click.option(
        "--keys",
        "key_files",
        metavar="FILE",
        multiple=True,
        type=click.Path(path_type=Path),
        help="File of keys: TOML ([[key]] id, title, source) or Wireshark's c1222_decryption_table. Repeatable.",
    )
    return key(key_files(function))


def read_ring(keys: Iterable[str], key_files: Iterable[Path]) -> "KeyRing":
    """The ring of what the options name. Raises TargetError or UsageError; neither repeats what may be a key."""
    from c1222.security.keys import KeyRing
    from c1222.settings.key_files import read_keys
    from c1222.settings.secrets import read_key
    from c1222.titles import ApTitle

    ring = KeyRing()
    ask = ask_unseen if can_ask() else None
    for path in key_files:
        for entry in read_keys(path, ask=ask):
            try:
                title = None if entry.title is None else ApTitle.parse(entry.title).absolute()
            except ValueError as exc:
                raise click.UsageError(f"{entry.place}: {exc}") from None
            ring.add(entry.key_id, entry.key, title)
    for given in keys:
        match = _KEY.fullmatch(given)
        if match is None or int(match[1]) > 255:
            # Not repeated: it may be the key.
            raise click.UsageError(f"--key wants a key id from 0 to 255 and where the key lies: {HOW}")
        ring.add(int(match[1]), read_key(match[2], ask=ask, what=f"--key {match[1]}"))
    return ring


def files_read(keys: Iterable[str], key_files: Iterable[Path]) -> tuple[str, ...]:
    """Paths of the files that `read_ring` reads: those given, and those that they and --key refer to."""
    found = [
        source.removeprefix("file:") for _, _, source in (given.partition("=") for given in keys) if _is_file(source)
    ]
    for path in key_files:
        found.append(str(path))
        folder = path.expanduser().parent
        if not path.expanduser().is_file():  # a pipe gives what it has once
            continue
        try:
            entries = tomllib.loads(path.expanduser().read_text("utf-8-sig")).get("key", [])
        except (OSError, ValueError):  # `read_ring` says what is wrong; Wireshark's form holds the keys themselves
            continue
        sources = (str(entry["source"]) for entry in entries)
        paths = (Path(source.removeprefix("file:")).expanduser() for source in sources if _is_file(source))
        found += (str(folder / each) for each in paths)
    return tuple(found)


def _is_file(source: str) -> bool:
    return source.startswith("file:")


def ask_unseen(what: str) -> str:
    """Ask the person at the terminal for a secret."""
    answer: str = click.prompt(what.removeprefix("--"), hide_input=True, err=True, default="", show_default=False)
    return answer
