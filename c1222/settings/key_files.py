"""Files of keys, for `--keys FILE`, in either of two forms that are told apart by what stands in them.

TOML, which names keys by reference and so holds no secret itself:

    [[key]]
    id = 2                          # 0 to 255
    title = ".123.8437"             # ApTitle of either party; left out: every meter
    source = "env:K2"               # as in c1222.settings.secrets; a relative file: starts at the folder of this file

Wireshark's `c1222_decryption_table`, which holds the keys, and is refused when others can get at it:

    # key id in HEX, key
    "2",01020304050607080102030405060708
    "10",102030405060708090A0B0C0D0E0F000

There the key id is read as hexadecimal, so "10" is key id 16, as Wireshark does (`packet-c1222-template.c`: keynum is
UAT_HEX; tried with tshark 4.0.17). Wireshark insists on quotes for the id and on none for the digits; we do not mind.
Its other form of a key, quoted characters with \\x escapes, is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from c1222.errors import TargetError
from c1222.security.keys import Key
from c1222.settings.private_files import read_small_file
from c1222.settings.secrets import Ask, parse_key, read_key
from c1222.settings.toml_text import parse_toml, text_of

__all__ = ["KeyEntry", "KeySource", "key_sources", "listed_keys", "read_keys"]

NAMES = ("id", "title", "source")
OWN = "key = { ... } of your own configuration"
# Wireshark separates by one comma, spaces and tabs before it or after it.
TABLE_LINE = re.compile(r'"?(?:0[xX])?(?P<id>[0-9A-Fa-f]{1,8})"?\s*,\s*(?P<quote>"?)(?P<key>[^",]*)(?P=quote)')


@dataclass(frozen=True)
class KeyEntry:
    """One key of a file: its key id (0 to 255), the ApTitle as written (None: every meter), and where it stands."""

    key_id: int
    title: str | None
    key: Key
    place: str


@dataclass(frozen=True)
class KeySource:
    """One key of a TOML file, and where the key itself lies. line: of its `[[key]]`, None where it has none."""

    key_id: int
    title: str | None
    source: str
    place: str
    line: int | None


def read_keys(path: Path, *, ask: Ask | None = None, commands: bool = True) -> tuple[KeyEntry, ...]:
    """The keys of a file, in its order.

    ask: see c1222.settings.secrets, for entries whose source is "prompt". commands: whether a source may be "cmd:...";
    not where somebody else may have chosen the file.

    Raises TargetError, with file and line where one is to blame, for a file that cannot be read, is of neither form or
    holds no key, for a name or value that does not belong there, for a source that gives no key, and for a Wireshark
    table that others can get at. No message shows a key.
    """
    return tuple(
        each if isinstance(each, KeyEntry) else _entry(each, path.parent, ask, commands) for each in listed_keys(path)
    )


def listed_keys(path: Path) -> tuple[KeySource, ...] | tuple[KeyEntry, ...]:
    """What a file lists, in its order: where keys lie, and nothing is looked for; or of Wireshark's table, the keys.

    Raises TargetError as `read_keys` does.
    """
    file = read_small_file(path, name=str(path))
    text = text_of(file.octets)
    if text is None:
        raise TargetError(f"{path}: not a text file in UTF-8")
    lines = [line.strip() for line in text.split("\n")]
    first = next((line for line in lines if line and not line.startswith("#")), "")
    if not first:
        raise TargetError(f"{path}: holds no key")
    if first.startswith("[") or "=" in first:
        return key_sources(path, text)
    if "," in first:
        file.refuse_unless_private(str(path))
        return _read_table(path, lines)
    raise TargetError(
        f"{path}: neither TOML with [[key]] nor Wireshark's c1222_decryption_table; "
        f"a file of one bare key is given with its key id: --key ID=file:{path}"
    )


def _read_table(path: Path, lines: list[str]) -> tuple[KeyEntry, ...]:
    entries = []
    for number, line in enumerate(lines, start=1):
        if not line or line.startswith("#"):
            continue
        place = f"{path}, line {number}"
        match = TABLE_LINE.fullmatch(line)
        if match is None:
            raise TargetError(f'{place}: "KEYID",KEY is wanted here, both in hex digits')
        key_id = int(match["id"], 16)
        if key_id > 0xFF:
            raise TargetError(f"{place}: the key id is {key_id} (it is read as hex); it must be from 0 to 255")
        entries.append(KeyEntry(key_id, None, parse_key(match["key"].encode(), name=place), place))
    return tuple(entries)


def key_sources(path: Path, text: str) -> tuple[KeySource, ...]:
    """The entries of a TOML file, in its order; nothing is looked for. text: what it holds.

    Raises TargetError as `read_keys` does.
    """
    document, problem = parse_toml(text)
    if document is None:
        raise TargetError(f"{path}{problem}")
    _refuse_unknown(document, ("key",), str(path))
    tables = document.get("key", [])
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise TargetError(f"{path}: keys are written below lines that say [[key]]")
    # TOML values forget where they stood. Where every entry has a header line of its own, that is its line.
    headers = [n for n, line in enumerate(text.split("\n"), 1) if re.match(r"\s*\[\[\s*key\s*\]\]", line)]
    if len(headers) == len(tables):
        return tuple(_source(table, f"{path}, line {n}", n) for table, n in zip(tables, headers, strict=True))
    return tuple(_source(table, f"{path}, key {n}", None) for n, table in enumerate(tables, 1))


def _source(table: Mapping[str, object], place: str, line: int | None) -> KeySource:
    _refuse_unknown(table, NAMES, place)
    key_id, title, source = (table.get(name) for name in NAMES)
    if type(key_id) is not int or not 0 <= key_id <= 255:
        raise TargetError(f"{place}: id must be a number from 0 to 255")
    if title is not None and (not isinstance(title, str) or not title):
        raise TargetError(f'{place}: title must be an ApTitle in quotes, or left out: title = ".123.8437"')
    if not isinstance(source, str):
        raise TargetError(f'{place}: source must say where the key lies: source = "env:NAME" or "file:PATH"')
    return KeySource(key_id, title, source, place, line)


def _entry(entry: KeySource, folder: Path, ask: Ask | None, commands: bool) -> KeyEntry:
    if not commands and entry.source.startswith("cmd:"):
        raise TargetError(f"{entry.place}: cmd: is only run from a file that is given with --keys, and from {OWN}")
    key = read_key(entry.source, ask=ask, what=f"{entry.place}, key {entry.key_id}", folder=folder)
    return KeyEntry(entry.key_id, entry.title, key, entry.place)


def _refuse_unknown(table: Mapping[str, object], known: tuple[str, ...], place: str) -> None:
    # A long name may be a key in the wrong place.
    unknown = [name if len(name) < 20 else f"a name of {len(name)} characters" for name in table if name not in known]
    if unknown:
        raise TargetError(f"{place}: unknown: {', '.join(unknown)} (known here: {', '.join(known)})")
