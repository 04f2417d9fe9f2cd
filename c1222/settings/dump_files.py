"""A meter saved in a file: its tables as octets, when each was read, what it refused and why. docs/dump-format.md.

The file is a file of tables too (dims_files.py), and a file of tables is a dump of a meter of which nothing else is
known.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from c1219_tables.table import table_label
from c1222.errors import ServiceError, TargetError
from c1222.psem.table_id import parse_table, table_text
from c1222.settings.dims_files import read_dims

__all__ = ["FORMAT", "SCHEMA_VERSION", "Dump", "Refusal", "dump_octets", "read_dump"]

FORMAT = "c1222-dump"
SCHEMA_VERSION = 1

_THEN = " when the dump was made"
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a table is not in a dump. code: the meter's response code as a word, "" where it was not the meter that said
    no. reason: a sentence. hint: what the meter's own tables tell, "" where nothing.
    """

    code: str
    reason: str
    hint: str = ""


@dataclass(slots=True)
class Dump:
    """A meter as it was read.

    tables: octets by number (2048 + n: manufacturer table n); times: when each was there, in UTC. refused: what was
    asked for and is missing. identity: the meter's answer to Identify with its response code, None where it was not
    asked. protocol: "c1218", "c1221" or "c1222". meter: what a person called it. simulated: it was not a real one.
    began, ended: of the reading, in UTC; ended is None where it broke off. scrubbed: what was made unrecognisable:
    "serial", "secrets".
    """

    tables: dict[int, bytes] = field(default_factory=dict)
    times: dict[int, datetime] = field(default_factory=dict)
    refused: dict[int, Refusal] = field(default_factory=dict)
    identity: bytes | None = None
    protocol: str = ""
    meter: str = ""
    simulated: bool = False
    began: datetime | None = None
    ended: datetime | None = None
    scrubbed: tuple[str, ...] = ()

    def retold(self, refused: ServiceError) -> ServiceError:
        """The refusal as the meter said it when the dump was made, or that the dump does not have the table.

        refused: by what serves the tables in place of the meter; it stays where the dump has the table.
        """
        number = refused.table
        if number is None or number in self.tables:
            return refused
        said = self.refused.get(number)
        if said is None:
            problem, code, hint = f"the dump does not have {table_label(number)}", refused.code, ""
        else:
            problem, code, hint = said.reason.removesuffix(_THEN) + _THEN, said.code or refused.code, said.hint
        return ServiceError(problem, code=code, service=refused.service, table=number, hint=hint)


def dump_octets(dump: Dump) -> bytes:
    """The file of a dump: JSON in UTF-8, its tables in rising order, a table a line."""
    document = {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION,
        "meter": dump.meter,
        "simulated": dump.simulated,
        "protocol": dump.protocol,
        "began": _text(dump.began),
        "ended": _text(dump.ended),
        "scrubbed": sorted(dump.scrubbed),
        "identity": None if dump.identity is None else dump.identity.hex(),
        "tables": {table_text(number): octets.hex() for number, octets in sorted(dump.tables.items())},
        "times": {table_text(number): _text(time) for number, time in sorted(dump.times.items())},
        "refused": {
            table_text(number): {"code": one.code, "reason": one.reason, "hint": one.hint}
            for number, one in sorted(dump.refused.items())
        },
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def read_dump(path: Path) -> Dump:
    """A dump, or any file of tables.

    Raises TargetError with the file and what is wrong with it; names that are not known are passed over.
    """
    tables = read_dims(path)
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as exc:  # it changed since
        raise TargetError(f"{path}: cannot be read a second time") from exc
    if document.get("format") != FORMAT:
        return Dump(tables)
    version = document.get("schema_version")
    if type(version) is not int or not 1 <= version <= SCHEMA_VERSION:
        raise TargetError(f"{path}: a dump of version {version!r}; this program reads 1 to {SCHEMA_VERSION}")
    try:
        return _dump(document, tables)
    except _Wrong as exc:
        raise TargetError(f"{path}: {exc}") from None


class _Wrong(ValueError):
    """What is wrong with a dump, without its file."""


def _dump(document: Mapping[str, Any], tables: dict[int, bytes]) -> Dump:
    refused = {
        number: Refusal(_string(each, "code"), _string(each, "reason"), _string(each, "hint"))
        for number, each in _by_table(document, "refused").items()
    }
    scrubbed = document.get("scrubbed", [])
    if not isinstance(scrubbed, list) or not all(isinstance(each, str) for each in scrubbed):
        raise _Wrong("scrubbed: a list of words is wanted")
    return Dump(
        tables,
        {number: _time(each, "times") for number, each in _by_table(document, "times").items()},
        refused,
        identity=_octets(document, "identity"),
        protocol=_string(document, "protocol"),
        meter=_string(document, "meter"),
        simulated=document.get("simulated") is True,
        began=_time_or_none(document, "began"),
        ended=_time_or_none(document, "ended"),
        scrubbed=tuple(scrubbed),
    )


def _by_table(document: Mapping[str, Any], name: str) -> dict[int, Any]:
    members = document.get(name, {})
    if not isinstance(members, dict):
        raise _Wrong(f"{name}: tables and what belongs to each are wanted")
    try:
        return {parse_table(table): value for table, value in members.items()}
    except ValueError as exc:
        raise _Wrong(f"{name}: {exc}") from None


def _string(document: Any, name: str) -> str:
    value = document.get(name, "") if isinstance(document, dict) else None
    if not isinstance(value, str):
        raise _Wrong(f"{name}: text is wanted")
    return value


def _octets(document: Mapping[str, Any], name: str) -> bytes | None:
    value = document.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise _Wrong(f"{name}: octets are wanted, as hex text")
    return bytes.fromhex(value)


def _time_or_none(document: Mapping[str, Any], name: str) -> datetime | None:
    value = document.get(name)
    return None if value is None else _time(value, name)


def _time(value: Any, name: str) -> datetime:
    try:
        time = datetime.fromisoformat(value)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise _Wrong(f"{name}: a time is wanted, as 2026-01-01T00:00:00Z") from None


def _text(time: datetime | None) -> str | None:
    """`2026-01-01T00:00:00.000Z`."""
    return None if time is None else time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
