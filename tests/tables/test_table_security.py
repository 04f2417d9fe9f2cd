"""Decade 4: passwords, access rules, keys. No octets of a real meter are public: all vectors are constructed."""

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vector_checks import any_formats, check_any_octets, check_refusals, check_vector, formats, octets

from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.registry import STANDARD
from c1219_tables.schema.dialect import SecretOctets
from c1219_tables.standard.security import (
    ACCESS_CONTROL_TBL,
    ACT_SECURITY_LIMITING_TBL,
    DIM_SECURITY_LIMITING_TBL,
    EXTENDED_KEY_TBL,
    KEY_TBL,
    SECURITY_TBL,
    TABLES,
)


def with_41(*, passwords=0, password_len=0, keys=0, key_len=0, rules=0, big=False):
    sizes = {
        "nbr_passwords": passwords,
        "password_len": password_len,
        "nbr_keys": keys,
        "key_len": key_len,
        "nbr_perm_used": rules,
    }
    return {"st0": formats(big=big), "st41": sizes}


def test_decade_is_registered_by_number():
    assert [table.number for table in TABLES] == [40, 41, 42, 44, 45, 46]
    assert all(STANDARD.table(table.number) is table for table in TABLES)


@pytest.mark.parametrize(("big", "text"), [(False, "04 14 02 08 0301"), (True, "04 14 02 08 0103")])
@pytest.mark.parametrize("table", [DIM_SECURITY_LIMITING_TBL, ACT_SECURITY_LIMITING_TBL], ids=repr)
def test_dimensions(table, big, text):
    # 14H = 20; 0103H = 259.
    tables = {"st0": formats(big=big)}
    assert check_vector(table, octets(text), tables, size=6) == {
        "nbr_passwords": 4,
        "password_len": 20,
        "nbr_keys": 2,
        "key_len": 8,
        "nbr_perm_used": 259,
    }
    check_refusals(table, octets(text), tables)


# 50 61 35 35 77 64 is "Pa55wd"; 05H: groups 0 and 2. 00 x 6; 80H: group 7.
PASSWORDS = octets("506135357764 05  000000000000 80")


def test_passwords():
    tables = with_41(passwords=2, password_len=6)
    decoded = check_vector(SECURITY_TBL, PASSWORDS, tables, size=2 * (6 + 1))
    assert decoded.security_entries == [
        {"password": b"Pa55wd", "access_permissions": [0, 2]},
        {"password": bytes(6), "access_permissions": [7]},
    ]
    check_refusals(SECURITY_TBL, PASSWORDS, tables)


# Two keys of 8 octets.
KEYS = octets("0123456789ABCDEF FEDCBA9876543210")


def test_keys():
    tables = with_41(keys=2, key_len=8)
    decoded = check_vector(KEY_TBL, KEYS, tables, size=2 * 8)
    assert decoded.key_entries == [bytes.fromhex("0123456789ABCDEF"), bytes.fromhex("FEDCBA9876543210")]
    check_refusals(KEY_TBL, KEYS, tables)


SECRETS = [
    pytest.param(SECURITY_TBL, PASSWORDS, with_41(passwords=2, password_len=6), id="42-passwords"),
    pytest.param(KEY_TBL, KEYS, with_41(keys=2, key_len=8), id="45-keys"),
    pytest.param(EXTENDED_KEY_TBL, KEYS, {}, id="46-extended-keys"),
]


def secrets_of(value):
    """Every SecretOctets inside a value."""
    if isinstance(value, SecretOctets):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [secret for member in inner for secret in secrets_of(member)]


def shows_a_secret(text):
    signs = ("Pa55", "506135", "\\x01#", "0123", "\\xfe\\xdc", "fedc")
    return any(sign.lower() in text.lower() for sign in signs)


@pytest.mark.parametrize(("table", "whole", "tables"), SECRETS)
def test_secrets_are_masked(table, whole, tables):
    decoded = table.decode(whole, tables)
    secrets = secrets_of(decoded)
    assert sum(map(len, secrets)) == (12 if table is SECURITY_TBL else 16)
    for text in (repr(decoded), str(decoded), f"{secrets[0]}", f"{secrets}"):
        assert not shows_a_secret(text)
    assert repr(secrets[0]).startswith("<secret, ")
    # The check sees what would be shown without the mask.
    assert shows_a_secret(repr(bytes(secrets[0])))


@pytest.mark.parametrize(
    ("table", "value", "tables"),
    [
        pytest.param(
            SECURITY_TBL,
            {"security_entries": [{"password": b"Pa55wd", "access_permissions": []}]},
            with_41(passwords=1, password_len=20),
            id="42-too-short",
        ),
        pytest.param(
            SECURITY_TBL,
            {"security_entries": [{"password": "Pa55wd", "access_permissions": []}]},
            with_41(passwords=1, password_len=6),
            id="42-text",
        ),
        pytest.param(KEY_TBL, {"key_entries": [KEYS]}, with_41(keys=1, key_len=8), id="45-too-long"),
        pytest.param(KEY_TBL, {"key_entries": [KEYS.hex()]}, with_41(keys=1, key_len=8), id="45-text"),
        pytest.param(EXTENDED_KEY_TBL, {"octets": KEYS.hex()}, {}, id="46-text"),
    ],
)
def test_errors_show_no_secret(table, value, tables):
    with pytest.raises(TableError) as info:
        table.encode(value, tables)
    assert not shows_a_secret(str(info.value))
    assert not shows_a_secret("".join(traceback.format_exception(info.value)))


def test_cut_password_shows_no_secret():
    with pytest.raises(TableError, match="6 octets wanted, 5 left") as info:
        SECURITY_TBL.decode(b"Pa55w", with_41(passwords=1, password_len=6))
    assert (info.value.field, info.value.offset) == ("security_entries[0].password", 0)


# Table 23 of the standard: groups 0 and 1 may read (03), group 7 may write (80).
# 2817H: bits 0-10 17H = 23, bit 11 manufacturer, bit 13 flag1. F00AH: 10, bit 12 procedure, bits 13 to 15.
RULES = octets("1700 03 80  1728 00 FF  0AF0 00 00")
RULES_MOST_FIRST = octets("0017 03 80  2817 00 FF  F00A 00 00")


@pytest.mark.parametrize(("big", "whole"), [(False, RULES), (True, RULES_MOST_FIRST)], ids=["least", "most"])
def test_access_rules(big, whole):
    def named(number, *flags):
        known = ["std_vs_mfg_flag", "proc_flag", "flag1", "flag2", "flag3"]
        return {"tbl_proc_nbr": number, **{flag: flag in flags for flag in known}}

    tables = with_41(rules=3, big=big)
    assert check_vector(ACCESS_CONTROL_TBL, whole, tables, size=4 * 3).access_control == [
        {"access_table_def": named(23), "read": [0, 1], "write": [7]},
        {"access_table_def": named(23, "std_vs_mfg_flag", "flag1"), "read": [], "write": list(range(8))},
        {"access_table_def": named(10, "proc_flag", "flag1", "flag2", "flag3"), "read": [], "write": []},
    ]
    check_refusals(ACCESS_CONTROL_TBL, whole, tables)


@pytest.mark.parametrize("table", [STANDARD.table(43), EXTENDED_KEY_TBL], ids=repr)
@pytest.mark.parametrize("whole", [b"", bytes(range(8))], ids=["empty", "eight-octets"])
def test_tables_without_a_public_layout_are_octets(table, whole):
    decoded = table.decode(whole)
    assert decoded == {"octets": whole}
    assert table.encode(decoded) == whole
    assert table.needs == ()


@pytest.mark.parametrize(
    ("table", "needed"),
    [
        (DIM_SECURITY_LIMITING_TBL, (0,)),
        (SECURITY_TBL, (41,)),
        (ACCESS_CONTROL_TBL, (0, 41)),
        (KEY_TBL, (41,)),
    ],
    ids=repr,
)
def test_missing_neighbours_are_named(table, needed):
    with pytest.raises(MissingTableError) as info:
        table.decode(b"")
    assert (info.value.table, info.value.needed) == (table.number, needed)


limits = st.builds(
    with_41,
    passwords=st.integers(0, 4),
    password_len=st.integers(0, 20),
    keys=st.integers(0, 4),
    key_len=st.integers(0, 24),
    rules=st.integers(0, 9),
)


@given(st0=any_formats, limits=limits, data=st.data())
def test_any_octets(st0, limits, data):
    for table in TABLES:
        check_any_octets(table, {**limits, "st0": st0}, data)


groups = st.sets(st.integers(0, 7)).map(sorted)


@given(entries=st.lists(st.tuples(st.binary(min_size=20, max_size=20), groups), max_size=5))
def test_any_passwords(entries):
    value = {"security_entries": [{"password": word, "access_permissions": members} for word, members in entries]}
    tables = with_41(passwords=len(entries), password_len=20)
    assert SECURITY_TBL.decode(SECURITY_TBL.encode(value, tables), tables) == value
