"""Where keys are put, and what is said of it."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from c1222_cli.talk import say

if TYPE_CHECKING:
    from c1222.settings.key_files import KeyEntry
    from c1222.settings.key_places import Place
    from c1222.settings.key_store import KeyStore

Function = TypeVar("Function", bound=Callable[..., Any])


def place_option(function: Function) -> Function:
    return click.option(
        "--in",
        "place",
        type=click.Choice(("keyring", "file")),
        help="Where the key is kept.  [default: the keyring where there is one, else a file of yours alone]",
    )(function)


def chosen_place(given: str | None) -> "Place":
    """The place, as given, else the keyring where there is one. What is chosen for a person is said."""
    from c1222.settings.keyring_secrets import has_keyring, is_installed

    if given is not None:
        return "keyring" if given == "keyring" else "file"
    if has_keyring():
        return "keyring"
    missing = "this system offers none" if is_installed() else "pip install 'c1222[keyring]' brings the library"
    say(f"no keyring here ({missing}): a file that is yours alone is used")
    return "file"


def refuse_conflicts(store: "KeyStore", entries: "Sequence[KeyEntry]", *, replace: bool) -> None:
    """Raise UsageError where keys would take the place of others, or of one another; nothing is kept then."""
    from c1222.settings.key_places import entry_name

    names = Counter(entry_name(each.key_id, each.title) for each in entries)
    if twice := [name for name, number in names.items() if number > 1]:
        raise click.UsageError(f"the file has {twice[0]} more than once; keep the right one with c1222 keys add")
    taken = [entry_name(each.key_id, each.title) for each in entries if store.find(each.key_id, each.title)]
    if taken and not replace:
        raise click.UsageError(
            f"there already, with another key: {', '.join(taken)}; --replace puts these in their place"
        )


def keep(store: "KeyStore", entry: "KeyEntry", place: "Place") -> None:
    """Keep a key, and say where. Raises TargetError."""
    from c1222.settings.key_places import entry_name

    source = store.add(entry, place)
    say(f"{entry_name(entry.key_id, entry.title)}: kept in {where_words(source, store.path.parent)}")


def where_words(source: str, folder: Path) -> str:
    """Where a key lies, in words: `the system's keyring (c1222/key-2)`, `the file /home/ann/key-2.key`."""
    from c1222.settings.secrets import located_file, shown

    scheme, _, rest = source.partition(":")
    if scheme == "keyring":
        return f"the system's keyring ({rest})"
    if scheme == "file":
        return f"the file {located_file(rest, folder)}"
    if scheme == "env":
        return f"the variable {rest}"
    return "a question to you" if source == "prompt" else f"what a command writes ({shown(source)})"
