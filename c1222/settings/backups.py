"""Octets of tables as they were before they were written: one small file a write, for its owner alone.

The form is in docs/backups.md. Such a file is a file of tables, too, so `--dims` takes it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from c1219_tables.table import DecodedTable, table_label
from c1222.errors import TargetError
from c1222.psem.table_id import table_text
from c1222.settings.dims_files import read_dims
from c1222.settings.nonce_store import state_folder
from c1222.settings.private_files import make_private_folder, write_new_private_file

__all__ = ["Backup", "Identity", "backup_folder", "keep_backup", "read_backup"]

FORMAT = "c1222-backup"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Identity:
    """What a meter calls itself: tables 1 and 5, text without padding; "" for what it does not tell."""

    manufacturer: str = ""
    model: str = ""
    serial_number: str = ""
    identification: str = ""

    @classmethod
    def of(cls, tables: Mapping[int, DecodedTable]) -> "Identity":
        """Of the tables of a meter that were read."""
        one: Mapping[str, Any] = tables.get(1) or {}
        five: Mapping[str, Any] = tables.get(5) or {}
        return cls(
            _plain(one.get("manufacturer", "")),
            _plain(one.get("ed_model", "")),
            _plain(one.get("mfg_serial_number", "")),
            _plain(five.get("identification", "")),
        )

    @property
    def name(self) -> str:
        """What tells it from others: the maker's serial number, else the utility's identification."""
        return _telling(self.serial_number) or _telling(self.identification)

    def is_same(self, other: "Identity") -> bool:
        """Whether both are one meter. Never for a meter that tells nothing that only it has.

        The maker's serial number decides; the utility's identification, which is a field that is written, only where
        one of them has no serial number. One character over and over is a field that nobody filled in, and no number.
        """
        if _telling(self.serial_number) and _telling(other.serial_number):
            return (self.manufacturer, self.serial_number) == (other.manufacturer, other.serial_number)
        if self.manufacturer and other.manufacturer and self.manufacturer != other.manufacturer:
            return False
        return bool(_telling(self.identification)) and self.identification == other.identification


@dataclass(frozen=True, slots=True)
class Backup:
    """tables: octets by number. time: when they were read, UTC. meter: whose. target: how it was reached."""

    tables: dict[int, bytes]
    time: datetime
    meter: Identity = field(default_factory=Identity)
    target: str = ""


def backup_folder() -> Path:
    """Where backups are kept unless a path is given: beside what else outlives a process."""
    return state_folder() / "backups"


def _names(backup: Backup) -> Iterator[str]:
    """Names for it, one after another: `0000000000000017-ST-6-20260102T030405Z.json`, then with `-2`, `-3` ..."""
    labels = [table_label(number) for number in sorted(backup.tables)]
    tables = "-".join(labels) if len(labels) < 4 else f"{len(labels)}-tables"
    name = re.sub(r"[^A-Za-z0-9.-]+", "_", f"{backup.meter.name or 'meter'}-{tables}")[:100]
    stem = f"{name}-{backup.time.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"{stem}.json"
    for number in count(2):
        yield f"{stem}-{number}.json"


def keep_backup(backup: Backup, path: Path | None = None) -> Path:
    """Write a backup, so that it is on the disk when this returns. Returns its path.

    path: a new file; by default one in the user's folder. Raises TargetError for a file that is there already, and
    where none can be written. No backup takes the place of another, whatever is running at the same time.
    """
    octets = _octets(backup)
    if path is not None:
        if not write_new_private_file(path, octets):
            raise TargetError(f"{path} exists already; a backup goes to a new file only")
        return path
    folder = backup_folder()
    make_private_folder(folder)
    return next(each for name in _names(backup) if write_new_private_file(each := folder / name, octets))


def read_backup(path: Path) -> Backup:
    """A backup. Raises TargetError with the file and what is wrong with it."""
    tables = read_dims(path)
    try:
        document: Any = json.loads(path.read_bytes())
    except (OSError, ValueError) as exc:  # it changed since
        raise TargetError(f"{path}: cannot be read a second time") from exc
    if document.get("format") != FORMAT:
        raise TargetError(f"{path}: no backup (its format is not {FORMAT}); a dump is written with `c1222 write`")
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise TargetError(f"{path}: a backup of version {version!r}; this program reads {SCHEMA_VERSION}")
    meter, target = document.get("meter"), document.get("target", "")
    try:
        known = {name: meter[name] for name in asdict(Identity())}
        time = datetime.fromisoformat(document["time"])
        if time.tzinfo is None or not all(isinstance(each, str) for each in (*known.values(), target)):
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise TargetError(f"{path}: meter, time and target are wanted as docs/backups.md has them") from None
    return Backup(tables, time.astimezone(UTC), Identity(**known), target)


def _octets(backup: Backup) -> bytes:
    document = {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION,
        "time": backup.time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "target": backup.target,
        "meter": asdict(backup.meter),
        "tables": {table_text(number): octets.hex() for number, octets in sorted(backup.tables.items())},
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex() if value.strip(b" \x00") else ""
    return str(value).strip(" \x00")


def _telling(text: str) -> str:
    """The text, "" where it is what meters come with that were never given one: 0000, FFFF, blanks, octets 0."""
    kinds = set(text) - set(" \x00")
    is_filler = len(kinds) < 2 and (len(text) > 1 or kinds <= set("0Ff"))
    return "" if is_filler else text
