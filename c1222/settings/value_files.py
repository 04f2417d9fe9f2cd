"""Files of new values for tables, for `write --file`: JSON, TOML or CSV.

    {"6": {"owner_name": "ACME"}}        [6]                       table,field,value
    {"6.owner_name": "ACME"}             owner_name = "ACME"       6,owner_name,ACME

Numbers are kept as they are written: 0.1 is a tenth. Nothing may be there twice.
"""

import csv
import io
import json
import tomllib
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from c1222.errors import TargetError
from c1222.settings.private_files import read_small_file
from c1222.settings.toml_text import text_of

__all__ = ["read_values"]

COLUMNS = ({"table", "field", "value"}, {"field", "value"})


def read_values(path: Path) -> list[tuple[str, Any]]:
    """(`6.owner_name`, value) of each entry; (`6`, mapping) where a table has several. By the file's suffix.

    Raises TargetError with the file and what is wrong with it.
    """
    reader = {".json": _json, ".toml": _toml, ".csv": _csv}.get(path.suffix.lower())
    if reader is None:
        raise TargetError(f"{path}: values are read from .json, .toml and .csv")
    text = text_of(read_small_file(path, name=str(path)).octets)
    if text is None:
        raise TargetError(f"{path}: not text in UTF-8")
    try:
        found = reader(text)
    except (ValueError, RecursionError) as exc:
        raise TargetError(f"{path}: {exc}") from None
    if not found:
        raise TargetError(f"{path}: has no values")
    return found


def _json(text: str) -> list[tuple[str, Any]]:
    document = json.loads(text, object_pairs_hook=_once, parse_float=Decimal, parse_constant=_no_number)
    if not isinstance(document, dict):
        raise ValueError('tables and their values are wanted: {"6": {"owner_name": "ACME"}}')
    return list(document.items())


def _toml(text: str) -> list[tuple[str, Any]]:
    return list(tomllib.loads(text, parse_float=Decimal).items())


def _csv(text: str) -> list[tuple[str, Any]]:
    rows = csv.DictReader(io.StringIO(text), strict=True)
    try:
        if set(rows.fieldnames or ()) not in COLUMNS:
            raise ValueError("its first line has to name the columns table,field,value (or field,value)")
        found = []
        for row in rows:
            if None in row or None in row.values():
                raise ValueError(f"line {rows.line_num} has another number of columns than the first")
            found.append((".".join(row[name] for name in ("table", "field") if name in row), row["value"]))
    except csv.Error as exc:
        raise ValueError(f"line {rows.line_num}: {exc}") from None
    _once(found)
    return found


def _once(members: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in members:
        if name in found:
            raise ValueError(f"{name} is there twice")
        found[name] = value
    return found


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number")
