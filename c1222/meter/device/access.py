"""Who may do what with a meter: users, passwords and groups, and rules for tables and procedures.

A password makes its user a member of groups; a rule says which groups may read and write a table. That is how tables
42 and 44 have it (docs/sources.md, T). The users and keys of the simulated meter stand here for everybody to see: they
protect nothing but examples.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from c1222.security.keys import Key, KeyRing

READERS = 0
"""Group that may read what not everybody may."""
ENGINEERS = 1
"""Group that may write tables and start procedures."""

Groups = frozenset[int] | None
"""Groups that may: None for everybody, none at all for nobody."""

EVERYBODY: Groups = None
NOBODY: Groups = frozenset()
PASSWORD_OCTETS = 20
PADDING = b"\x00\x20"


@dataclass(frozen=True, slots=True)
class User:
    """user_id: 1 to 65535. password: without padding, up to 20 octets. groups: 0 to 7, opened by the password."""

    user_id: int
    name: str
    password: bytes = field(repr=False)
    groups: frozenset[int]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may read and write a table; of a procedure, who may start it stands in `write`."""

    read: Groups = EVERYBODY
    write: Groups = frozenset({ENGINEERS})


@dataclass(frozen=True)
class Access:
    """Users by id, and rules by number; what has no rule of its own falls under `other`.

    tables: numbers as services write them. procedures: 2048 + n for manufacturer procedure n.
    compared: octets of a password that are looked at, 20; a GE I-210+c looks at 10 (docs/sources.md).
    """

    users: Mapping[int, User]
    tables: Mapping[int, Rule] = field(default_factory=dict)
    procedures: Mapping[int, Rule] = field(default_factory=dict)
    other: Rule = Rule()
    compared: int = PASSWORD_OCTETS

    def groups(self, user_id: int, password: bytes) -> frozenset[int] | None:
        """Groups that a password opens; None where it is wrong.

        user_id 0 is nobody in particular: the password alone tells who it is. Padding is not part of a password.
        """
        users = self.users.values() if user_id == 0 else filter(None, [self.users.get(user_id)])
        given = self._significant(password)
        found: frozenset[int] | None = None
        for user in users:
            wanted = self._significant(user.password)
            if wanted and hmac.compare_digest(given, wanted):
                found = user.groups
        return found

    def may_read(self, table: int, groups: frozenset[int]) -> bool:
        return _allows(self.tables.get(table, self.other).read, groups)

    def may_write(self, table: int, groups: frozenset[int]) -> bool:
        return _allows(self.tables.get(table, self.other).write, groups)

    def may_run(self, procedure: int, groups: frozenset[int]) -> bool:
        return _allows(self.procedures.get(procedure, self.other).write, groups)

    def _significant(self, password: bytes) -> bytes:
        return password[: self.compared].rstrip(PADDING)


def _allows(wanted: Groups, groups: frozenset[int]) -> bool:
    return wanted is None or bool(wanted & groups)


READER = User(1, "READER", b"READER", frozenset({READERS}))
ENGINEER = User(2, "ENGINEER", b"ENGINEER", frozenset({READERS, ENGINEERS}))

_BOTH = frozenset({READERS, ENGINEERS})
_ENGINEERS = frozenset({ENGINEERS})

SIMULATION = Access(
    users={user.user_id: user for user in (READER, ENGINEER)},
    tables={
        # Whoever may start any procedure writes table 7; what it says is looked at then.
        7: Rule(write=_BOTH),
        41: Rule(read=_BOTH, write=NOBODY),
        42: Rule(read=NOBODY),
        43: Rule(read=_ENGINEERS),
        44: Rule(read=_BOTH),
        45: Rule(read=NOBODY),
    },
    # Reset List Pointers, Update Last Read Entry: a reader's own work.
    procedures={4: Rule(write=_BOTH), 5: Rule(write=_BOTH)},
)
"""Who may do what with the simulated meter. Without a password: read every table that has no rule here."""

PUBLIC_KEYS = {
    0: bytes.fromhex("000102030405060708090A0B0C0D0E0F"),
    2: bytes.fromhex("01020304050607080102030405060708"),
}
"""Keys of the simulated meter by key id. Key 2 is the one of a published example (docs/sources.md, CAP)."""


def simulation_keys() -> KeyRing:
    """A ring with the simulated meter's keys."""
    ring = KeyRing()
    for key_id, octets in PUBLIC_KEYS.items():
        ring.add(key_id, Key(octets))
    return ring
