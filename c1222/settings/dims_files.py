"""Files of tables, for `--dims FILE`: what is known of a meter beforehand, so that its other tables can be read.

JSON, a table number or name and the table's octets in hex; blanks between octets do not matter:

    {"0": "02 0a 88 ...", "ST-21": "0f 00 01 0a 0a 00 01 04 0a 16"}

or the same below "tables", beside whatever else a file says of the meter.
"""

import json
import stat
from pathlib import Path

from c1222.errors import TargetError
from c1222.psem.table_id import parse_table, table_text

__all__ = ["read_dims"]

SIZE_LIMIT = 16 << 20
"""Octets of a file. All standard tables of a large meter together are some 100 KiB."""


def read_dims(path: Path) -> dict[int, bytes]:
    """Octets of tables by number, 2048 + n for manufacturer tables.

    Raises TargetError, with the file and the name of the table that is to blame.
    """
    try:
        # A pipe would be waited for, and a device may have no end.
        if not stat.S_ISREG(path.stat().st_mode):
            raise TargetError(f"{path}: not a regular file")
        with path.open("rb") as file:
            octets = file.read(SIZE_LIMIT + 1)
    except OSError as exc:
        raise TargetError(f"{path}: {exc.strerror}") from exc
    if len(octets) > SIZE_LIMIT:
        raise TargetError(f"{path}: larger than {SIZE_LIMIT >> 20} MiB, too large to be right")
    try:
        document = json.loads(octets, object_pairs_hook=_Names)
    except (ValueError, RecursionError) as exc:
        line = f", line {exc.lineno}" if isinstance(exc, json.JSONDecodeError) else ""
        raise TargetError(f'{path}{line}: not JSON; tables and their octets are wanted: {{"0": "020a88..."}}') from exc
    if isinstance(document, _Names):
        tables = dict(document).get("tables", document)
        if isinstance(tables, _Names) and (tables is not document or _names_a_table(document)):
            return _tables(path, tables)
        if values := _written_by_us(document):
            raise TargetError(
                f"{path}: no dump: c1222 wrote it as JSON for programs ({values}); c1222 dump saves a meter's tables"
            )
    first = f" ({document[0][0]!r} is not a table)" if isinstance(document, _Names) and document else ""
    raise TargetError(
        f"{path}: no dump, nor a file of tables{first}; "
        'tables and their octets are wanted: {"0": "020a88...", "21": "0f0001..."}'
    )


class _Names(list[tuple[str, object]]):
    """The members of a JSON object, none lost where a name comes twice."""


def _names_a_table(document: _Names) -> bool:
    """Whether a name is meant for a table, as it ends in a number: a wrong one is a slip then, not another file."""
    return not document or any(name.rstrip()[-1:].isdecimal() for name, _ in document)


def _written_by_us(document: _Names) -> str:
    """What the lists of a document hold that a command wrote with --format json; "" for any other."""
    if "c1222_version" not in dict(document):
        return ""
    return ", ".join(name for name, value in document if type(value) is list and name != "notes") or "values"


def _tables(path: Path, given: _Names) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for name, value in given:
        try:
            if not name.isascii():  # digits of another script
                raise ValueError(f"{name!r} is not a table; write 23, ST-23 or MT-17")
            number = parse_table(name)
        except ValueError as exc:
            raise TargetError(f"{path}: {exc}") from exc
        if number in found:
            raise TargetError(f"{path}: {table_text(number)} is there twice")
        try:
            found[number] = bytes.fromhex(value) if isinstance(value, str) else b""
        except ValueError as exc:
            raise TargetError(f"{path}: {table_text(number)}: not hex") from exc
        if not found[number]:
            raise TargetError(f"{path}: {table_text(number)}: its octets are wanted, as hex text")
    return found
