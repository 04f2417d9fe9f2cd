"""Tables 42 and 44 of a meter say what its access rules do: read from the one, changed by writing the other.

Entry n of table 42, counted from 0, is the password of user n + 1: a rule of ours, the table itself does not say whose
a password is. How table 44 is read: docs/sources.md, T alone.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from c1219_tables.table import MANUFACTURER
from c1222.errors import LayoutError
from c1222.meter.device.access import EVERYBODY, PADDING, Access, Rule, User
from c1222.meter.device.image_tables import decoded_tables
from c1222.meter.image.image import Image

PASSWORDS = 42
RULES = 44


def with_rules_of(access: Access, image: Image, at: datetime) -> Access:
    """Access rules with those of the image's table 44 in place of ours; ours alone where it has none to read."""
    if RULES not in image.numbers():
        return access
    try:
        entries = decoded_tables(image, [RULES], at)[RULES].access_control
    except (KeyError, LayoutError):
        return access
    tables, procedures = dict(access.tables), dict(access.procedures)
    for entry in entries:
        what = entry.access_table_def
        number = what.tbl_proc_nbr + MANUFACTURER * what.std_vs_mfg_flag
        rules = procedures if what.proc_flag else tables
        rules[number] = Rule(
            read=EVERYBODY if what.flag1 else _groups(entry.read),
            write=EVERYBODY if what.flag2 else _groups(entry.write),
        )
    return replace(access, tables=tables, procedures=procedures)


def with_passwords_of(access: Access, image: Image, octets: bytes, at: datetime) -> Access:
    """Access rules after these octets were written to table 42. Raises LayoutError where they do not decode."""
    tables = decoded_tables(image, [0, 41], at)
    users = dict(access.users)
    for user_id, entry in enumerate(tables.add(PASSWORDS, octets).security_entries, start=1):
        password = bytes(entry.password).rstrip(PADDING)
        name = users[user_id].name if user_id in users else ""
        users[user_id] = User(user_id, name, password, _groups(entry.access_permissions))
    return replace(access, users=users)


def _groups(members: Iterable[Any]) -> frozenset[int]:
    return frozenset(int(member) for member in members)
