"""Where a key is kept: an entry of the system's keyring, or a file for its owner alone; under a name that was free."""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Literal

from c1222.errors import TargetError
from c1222.security.keys import Key
from c1222.settings import keyring_secrets
from c1222.settings.private_files import write_private_file

__all__ = ["Place", "entry_name", "is_own", "keep_key", "take_away"]

Place = Literal["keyring", "file"]

SERVICE = "c1222"
OWN = re.compile(rf"keyring:{SERVICE}/key-[\w.-]+|file:key-[\w.-]+\.key", re.ASCII)


def entry_name(key_id: int, title: str | None) -> str:
    """What a person calls a key: `key 2 for every meter`, `key 2 for .123.8437`."""
    return f"key {key_id} for {title or 'every meter'}"


def keep_key(key: Key, key_id: int, title: str | None, place: Place, folder: Path) -> str:
    """Put a key where nothing is yet. Returns the reference to it: `keyring:c1222/key-2`, `file:key-2.key`.

    folder: where files of keys lie. Raises TargetError where it cannot be kept.
    """
    digits, what = key.reveal().hex(), entry_name(key_id, title)
    names = _names(key_id, title)
    if place == "keyring":
        name = next(name for name in names if not keyring_secrets.is_taken(SERVICE, name, what=what))
        keyring_secrets.keep(SERVICE, name, digits, what=what)
        return f"keyring:{SERVICE}/{name}"
    name = next(f"{name}.key" for name in names if not (folder / f"{name}.key").exists())
    write_private_file(folder / name, f"{digits}\n".encode())
    return f"file:{name}"


def is_own(source: str) -> bool:
    """Whether `keep_key` may have put a key there. What lies elsewhere was put there by others, and is theirs."""
    return OWN.fullmatch(source) is not None


def take_away(source: str, folder: Path) -> None:
    """Remove a key that `keep_key` put there; a key that is gone is no error. Raises TargetError."""
    scheme, _, rest = source.partition(":")
    if scheme == "keyring":
        name = rest.partition("/")[2]
        if keyring_secrets.is_taken(SERVICE, name, what=source):
            keyring_secrets.forget(SERVICE, name, what=source)
        return
    try:
        (folder / rest).unlink(missing_ok=True)
    except OSError as exc:
        raise TargetError(f"{source}: cannot be removed: {exc.strerror}") from exc


def _names(key_id: int, title: str | None) -> Iterator[str]:
    base = f"key-{key_id}-{title.strip('.')}" if title else f"key-{key_id}"
    yield base
    for number in count(2):
        yield f"{base}-{number}"
