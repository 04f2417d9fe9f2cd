"""What a `[meter.NAME]` of the configuration can say: its target and its target's options, a profile, who logs on.

The same names and values come from the options of a command and, some of them, from environment variables.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from c1222.errors import TargetError
from c1222.security.keys import Key
from c1222.settings.options import OPTIONS
from c1222.settings.profiles import FIELDS
from c1222.settings.secrets import SOURCES, Ask, check_reference, read_key, read_secret
from c1222.settings.unknown import unknown
from c1222.settings.values import Text, Value, Whole, located

__all__ = ["LOGIN", "SECTION", "Reference", "check_section", "check_value"]


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a secret lies; the secret is read when it is asked for, and not kept.

    text: one of secrets.SOURCES. what: what lies there, for questions and messages. folder: where a relative path
    starts; None: the working directory. Raises TargetError for what is no reference, unseen.
    """

    text: str
    what: str
    folder: Path | None = None

    def __post_init__(self) -> None:
        check_reference(self.text, what=self.what)

    def secret(self, ask: Ask | None = None) -> bytes:
        """Its octets. Errors: see secrets.read_secret."""
        return read_secret(self.text, ask=ask, what=self.what, folder=self.folder)

    def key(self, ask: Ask | None = None) -> Key:
        """The AES key that lies there. Errors: see secrets.read_key."""
        return read_key(self.text, ask=ask, what=self.what, folder=self.folder)


LOGIN: Mapping[str, str] = {
    "user": "name for Logon, at most 10 characters",
    "user_id": "number for Logon, 0 to 65535",
    "password": f"where the password lies: {SOURCES}",
    "password_pad": "octet that fills a password up, 20 or 00; otherwise the profile says it",
    "key": "where single keys lie, by key id: { 2 = \"env:K2\" }",
    "keys": "files of keys, one path or a list: TOML ([[key]] id, title, source) or Wireshark's table",
}  # fmt: skip
"""Who logs on, and with which secrets: what each says."""
SECTION = ("target", *LOGIN, *OPTIONS)
"""Every key of a section."""

_PLAIN: Mapping[str, Value] = {
    "target": Text("a target, as tcp://192.0.2.7", 1000),
    "user": Text("a name of at most 10 characters", 10),
    "user_id": Whole(0, 0xFFFF),
    "password_pad": FIELDS["password_pad"][0],
    **{option.name: option.value for option in OPTIONS.values()},
}


def check_section(values: Mapping[str, object], *, place: str, folder: Path | None = None) -> dict[str, object]:
    """The values of one section, checked, by the names of SECTION; "key" becomes {id: Reference}, "keys" paths.

    place: where they stand, for messages. folder: where relative paths start; None: the working directory.

    Raises TargetError with place and name for a name that there is not and a value that cannot be.
    """
    found: dict[str, object] = {}
    for given, value in values.items():
        name = given.replace("-", "_")
        if name not in SECTION:
            raise TargetError(f"{_head(place)}{unknown('key', name, SECTION)}")
        found[name] = check_value(name, value, place=place, folder=folder)
    return found


def check_value(name: str, value: object, *, place: str, folder: Path | None = None) -> object:
    """One value of a section. As `check_section`; TargetError never repeats the value."""
    head = f"{_head(place)}{name}"
    if name == "password":
        return _reference(value, head, folder)
    if name == "key":
        return _key(value, head, folder)
    if name == "keys":
        return _paths(value, head, folder)
    try:
        checked = _PLAIN[name].from_toml(value)
        return located(checked, folder) if isinstance(checked, Path) else checked
    except ValueError as exc:
        raise TargetError(f"{head} {exc}") from None


def _reference(value: object, head: str, folder: Path | None) -> Reference:
    if isinstance(value, Reference):
        return value
    if not isinstance(value, str):
        raise TargetError(f'{head} wants where it lies, in quotes, as in "env:NAME": {SOURCES}')
    return Reference(value, head, folder)


def _key(value: object, head: str, folder: Path | None) -> dict[int, Reference]:
    # A bare value may be the key itself.
    if not isinstance(value, Mapping) or not value:
        raise TargetError(f'{head} wants key ids and where the keys lie: key = {{ 2 = "env:K2" }}')
    found = {}
    for key_id, source in value.items():
        if not re.fullmatch(r"[0-9]{1,3}", str(key_id), re.ASCII) or int(key_id) > 255:
            raise TargetError(f'{head}: a key id is a number from 0 to 255, as in key = {{ 2 = "env:K2" }}')
        found[int(key_id)] = _reference(source, f"{head} {int(key_id)}", folder)
    return found


def _paths(value: object, head: str, folder: Path | None) -> tuple[Path, ...]:
    given = value if isinstance(value, list | tuple) else [value]
    paths = [Path(each) for each in given if each and isinstance(each, str | Path)]
    if not given or len(paths) != len(given):
        raise TargetError(f'{head} wants the path of a file of keys, or a list of them: keys = "keys.toml"')
    try:
        return tuple(located(path, folder) for path in paths)
    except ValueError as exc:
        raise TargetError(f"{head} {exc}") from None


def _head(place: str) -> str:
    return f"{place}: " if place else ""
