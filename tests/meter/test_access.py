"""Users, passwords, groups and rules; and what tables 42 and 44 say about them."""

from dataclasses import replace

import pytest
from dict_image import ST_42, DictImage, device

from c1222.meter.device.access import (
    ENGINEER,
    NOBODY,
    PUBLIC_KEYS,
    READER,
    SIMULATION,
    Access,
    Rule,
    User,
    simulation_keys,
)
from c1222.meter.device.access_tables import with_passwords_of, with_rules_of
from c1222.meter.device.visitor import Standard, State, Visitor

EVERYBODY = frozenset()


@pytest.mark.parametrize(
    ("user_id", "password", "groups"),
    [
        pytest.param(1, b"READER".ljust(20), {0}, id="reader"),
        pytest.param(1, b"READER".ljust(20, b"\x00"), {0}, id="padded-with-00"),
        pytest.param(1, b"READER\x00\x00" + b" " * 12, {0}, id="padded-with-both"),
        pytest.param(2, b"ENGINEER".ljust(20), {0, 1}, id="engineer"),
        pytest.param(0, b"ENGINEER".ljust(20), {0, 1}, id="nobody-in-particular"),
        pytest.param(1, b"ENGINEER".ljust(20), None, id="password-of-another"),
        pytest.param(1, b"reader".ljust(20), None, id="wrong"),
        pytest.param(1, b"READERS".ljust(20), None, id="longer"),
        pytest.param(1, b" " * 20, None, id="empty"),
        pytest.param(9, b"READER".ljust(20), None, id="unknown-user"),
    ],
)
def test_passwords(user_id, password, groups):
    assert SIMULATION.groups(user_id, password) == groups


def test_no_password_is_no_empty_password():
    access = Access(users={3: User(3, "NOBODY", b"", frozenset({7}))})
    assert access.groups(3, bytes(20)) is None


def test_a_ge_looks_at_ten_octets():
    access = Access(users={1: User(1, "", b"0123456789ABCDEF", frozenset({0}))}, compared=10)
    assert access.groups(1, b"0123456789XXXXXX    ") == {0}
    assert access.groups(1, b"012345678XXXXXXX    ") is None


def test_what_everybody_may():
    assert [number for number in range(60) if not SIMULATION.may_read(number, EVERYBODY)] == [41, 42, 43, 44, 45]
    assert not any(SIMULATION.may_write(number, EVERYBODY) for number in range(60))
    assert not SIMULATION.may_run(10, EVERYBODY)


def test_what_users_may():
    assert SIMULATION.may_read(41, READER.groups)
    assert not SIMULATION.may_write(6, READER.groups)
    assert SIMULATION.may_run(5, READER.groups)
    assert not SIMULATION.may_run(10, READER.groups)
    assert SIMULATION.may_write(6, ENGINEER.groups)
    assert SIMULATION.may_run(10, ENGINEER.groups)
    assert not SIMULATION.may_read(42, ENGINEER.groups)
    assert SIMULATION.may_write(42, ENGINEER.groups)


def test_a_password_is_not_shown():
    assert b"READER" in READER.password
    assert "password" not in repr(READER)
    assert "b'READER'" not in repr(SIMULATION)


def test_the_published_keys():
    assert simulation_keys().ids() == (0, 2)
    # protocol.md 5.4: the key of example 8.
    assert PUBLIC_KEYS[2].hex() == "01020304050607080102030405060708"


# -- Tables 42 and 44 -------------------------------------------------------------------------------------------------

# Rules of table 44: word that names the table (little endian), groups that read, groups that write.
TABLE_6_FOR_GROUP_2 = "0600 04 04"
TABLE_1_FOR_READERS_WRITTEN_BY_ANYBODY = "0140 01 00"
TABLE_41_READ_BY_ANYBODY = "2920 00 00"
PROCEDURE_10_FOR_READERS = "0A10 00 01"


@pytest.mark.parametrize(
    ("entry", "number", "rule"),
    [
        (TABLE_6_FOR_GROUP_2, 6, Rule(read=frozenset({2}), write=frozenset({2}))),
        (TABLE_1_FOR_READERS_WRITTEN_BY_ANYBODY, 1, Rule(read=frozenset({0}), write=None)),
        (TABLE_41_READ_BY_ANYBODY, 41, Rule(read=None, write=NOBODY)),
    ],
)
def test_rules_of_table_44(entry, number, rule):
    image = DictImage(st_41=bytes.fromhex("02 14 00 00 0100"), st_44=bytes.fromhex(entry))
    found = with_rules_of(SIMULATION, image, None)
    assert found.tables[number] == rule
    assert found.procedures == SIMULATION.procedures


def test_table_44_has_rules_for_procedures():
    image = DictImage(st_41=bytes.fromhex("02 14 00 00 0100"), st_44=bytes.fromhex(PROCEDURE_10_FOR_READERS))
    found = with_rules_of(SIMULATION, image, None)
    assert found.may_run(10, READER.groups)
    assert found.tables == SIMULATION.tables


def test_without_table_44_the_rules_are_ours():
    assert with_rules_of(SIMULATION, DictImage(), None) is SIMULATION
    # One octet too few for the entry that table 41 counts.
    broken = DictImage(st_41=bytes.fromhex("02 14 00 00 0100"), st_44=bytes(3))
    assert with_rules_of(SIMULATION, broken, None) is SIMULATION


def test_a_device_obeys_its_table_44():
    image = DictImage(st_41=bytes.fromhex("02 14 00 00 0100"), st_44=bytes.fromhex(TABLE_6_FOR_GROUP_2))
    visitor = Visitor(Standard.C1222, State.SESSION, room=1000, groups=ENGINEER.groups)
    assert device(image).answer(visitor, bytes.fromhex("30 0006"), 0.0).octets == b"\x03"


def test_table_42_changes_passwords():
    changed = with_passwords_of(SIMULATION, DictImage(), ST_42, None)
    assert changed.groups(1, b"NEWREADER".ljust(20)) == {0}
    assert changed.groups(2, b"NEWENGINEER".ljust(20)) == {0, 1}
    assert changed.groups(1, b"READER".ljust(20)) is None
    assert changed.users[1] == replace(READER, password=b"NEWREADER")
