"""Keys of the INI file of c12test (and of other programs on the Metering SDK): sections, `name = value`, `;` comments.

    [protocol]
    Type = PROTOCOL_ANSI_C12_22
    SecurityKeyId = 2                                 ; decimal, 0 where it is left out
    SecurityKey = 01020304050607080102030405060708
    CalledApTitle = .123.8437
    [channel]
    Type = CHANNEL_SOCKET

Instead of single properties, `Configuration = "TYPE=...;SECURITY_KEY=..."` may hold them all. A property is called
SecurityKey or SECURITY_KEY. Source: docs/sources.md, CT (`src/Setup.cpp`), and the Metering SDK on which it stands
(`MCORE/MIniFile.cpp`, `MCOM/ProtocolC1222.cpp`).
"""

import re
from pathlib import Path

from c1222.errors import TargetError
from c1222.settings.key_files import KeyEntry
from c1222.settings.secrets import parse_key

__all__ = ["is_c12test_ini", "read_c12test_ini"]

SECTION = re.compile(r"\[\s*(protocol|channel)\s*\]")
# A comment begins with a semicolon that stands in no quotes.
BEFORE_COMMENT = re.compile(r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|[^;"'\\]|["'\\](?!.*["']))*""")


def is_c12test_ini(text: str) -> bool:
    """Whether the first line that says something begins a section of such a file."""
    lines = (_without_comment(line) for line in text.split("\n"))
    return SECTION.fullmatch(next(filter(None, lines), "")) is not None


def read_c12test_ini(path: Path, text: str) -> tuple[KeyEntry, ...]:
    """The keys of a file: one, or none where it is for a meter without security.

    path: for messages, which show no value. text: what it holds. Raises TargetError.
    """
    section, lines = "", text.split("\n")
    said: dict[str, tuple[str, str]] = {}
    for number, line in enumerate(map(_without_comment, lines), 1):
        place = f"{path}, line {number}"
        if found := SECTION.fullmatch(line):
            section = found[1]
        elif line.startswith("["):
            raise TargetError(f"{place}: c12test has sections [protocol] and [channel]")
        elif line and "=" not in line:
            raise TargetError(f"{place}: name = value is wanted here")
        elif line and section == "protocol":
            name, _, value = line.partition("=")
            said |= {each: (text, place) for each, text in _properties(name, _unquoted(value))}
    return _keys(said, str(path))


def _without_comment(line: str) -> str:
    matched = BEFORE_COMMENT.match(line)
    return (matched[0] if matched else line).strip()


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0] else value


def _properties(name: str, value: str) -> list[tuple[str, str]]:
    """Properties by their names without _ and capitals."""
    name = name.replace("_", "").strip().lower()
    if name != "configuration":
        return [(name, value)]
    parts = [part.partition("=") for part in value.split(";") if part.strip()]
    return [(each.replace("_", "").strip().lower(), text.strip()) for each, _, text in parts]


def _keys(said: dict[str, tuple[str, str]], path: str) -> tuple[KeyEntry, ...]:
    if "securitykeylist" in said:
        raise TargetError(
            f"{said['securitykeylist'][1]}: a list of keys is not read; add them one by one: c1222 keys add"
        )
    if "securitykey" not in said:
        return ()
    digits, place = said["securitykey"]
    number, where = said.get("securitykeyid", ("0", path))
    if not re.fullmatch(r"[0-9]{1,3}", number, re.ASCII) or int(number) > 255:
        raise TargetError(f"{where}: SecurityKeyId must be a number from 0 to 255")
    title = said.get("calledaptitle", ("", ""))[0] or None
    return (KeyEntry(int(number), title, parse_key(digits.encode("utf-8", "replace"), name=place), place),)
