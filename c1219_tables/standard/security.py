"""Decade 4: passwords, what each may do, and keys.

A password makes its user a member of groups; table 44 says which groups may read and write which tables.
Passwords and keys decode to octets that are shown masked. Table 43 has a name only (names.py).
"""

from construct import this

from c1219_tables.formats import UINT8, UINT16, Octets
from c1219_tables.identifiers import TABLE_IDC_BFLD
from c1219_tables.schema.dialect import Array, Rest, Secret, Set, Struct, note
from c1219_tables.table import Table

st41 = this._params.st41

SECURITY_LIMITING_RCD = Struct(
    "nbr_passwords" / UINT8 * note("entries of table 42", "C T"),
    "password_len" / UINT8 * note("octets of a password", "C T"),
    "nbr_keys" / UINT8 * note("entries of table 45", "C T"),
    "key_len" / UINT8 * note("octets of a key", "C T"),
    "nbr_perm_used" / UINT16 * note("entries of table 44", "C T"),
)

DIM_SECURITY_LIMITING_TBL = Table(
    40,
    "DIM_SECURITY_LIMITING_TBL",
    SECURITY_LIMITING_RCD,
    purpose="how many passwords, keys and access rules the meter could hold",
    sources="C",
)

ACT_SECURITY_LIMITING_TBL = Table(
    41,
    "ACT_SECURITY_LIMITING_TBL",
    SECURITY_LIMITING_RCD,
    purpose="how many it holds now: dimensions of tables 42, 44 and 45",
    sources="C T",
)

SECURITY_RCD = Struct(
    "password" / Secret(Octets(st41.password_len)) * note("password, secret", "T"),
    "access_permissions" / Set(1) * note("groups, 0 to 7, that it makes its user a member of", "T"),
)

SECURITY_TBL = Table(
    42,
    "SECURITY_TBL",
    # The array's own identifier is not public.
    Struct("security_entries" / Array(st41.nbr_passwords, SECURITY_RCD) * note("the passwords", "T")),
    purpose="passwords and the groups that each opens; meters rarely let it be read",
    sources="T",
)

ACCESS_CONTROL_RCD = Struct(
    "access_table_def"
    / TABLE_IDC_BFLD
    * note("table or procedure that the rule is for; of a table, flag1: anyone may read, flag2: anyone may write", "T"),
    "read" / Set(1) * note("groups that may read: a user who is in one of them", "T", sure="inferred"),
    "write" / Set(1) * note("groups that may write: a user who is in one of them", "T", sure="inferred"),
)

ACCESS_CONTROL_TBL = Table(
    44,
    "ACCESS_CONTROL_TBL",
    Struct("access_control" / Array(st41.nbr_perm_used, ACCESS_CONTROL_RCD) * note("the rules", "T")),
    purpose="who may read and write which table, and start which procedure",
    sources="T",
)

KEY_TBL = Table(
    45,
    "KEY_TBL",
    Struct(
        "key_entries"
        / Array(st41.nbr_keys, Secret(Octets(st41.key_len)))
        * note("keys, secret; C12.22 names a key by its place here or by its id in table 46", "T"),
    ),
    purpose="keys for authentication and encryption",
    sources="T",
)

EXTENDED_KEY_TBL = Table(
    46,
    "EXTENDED_KEY_TBL",
    Struct("octets" / Secret(Rest()) * note("layout not public; it holds keys, so it is secret as a whole", "A I")),
    purpose="keys of C12.22 with their ids and ciphers",
    sources="A I",
)

TABLES = (
    DIM_SECURITY_LIMITING_TBL,
    ACT_SECURITY_LIMITING_TBL,
    SECURITY_TBL,
    ACCESS_CONTROL_TBL,
    KEY_TBL,
    EXTENDED_KEY_TBL,
)
