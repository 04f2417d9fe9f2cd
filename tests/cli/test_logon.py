"""`c1222 logon`: who gets in, and what it may do."""

import pytest
from click.testing import CliRunner
from live_meters import TABLES, full_read, script, served

from c1222_cli.main import main

# The users and the key that the simulated meter shows to everybody.
READER = ["--user-id", "1", "--user", "READER", "--password", "env:PW"]
KEY_0 = "000102030405060708090A0B0C0D0E0F"

# Table 41: no passwords, no keys, 3 rules. Table 44: table 42, read by nobody, written by group 1; table 23, read by
# groups 0 and 2, written by anybody (flag2, bit 14); procedure 3 (bit 12), group 0.
ST41 = bytes.fromhex("00 00 00 00 0300")
ST44 = bytes.fromhex("2a00 00 02  1740 05 00  0310 00 01")


def logon(*words, target="optical:/dev/somewhere", **env):
    return CliRunner().invoke(main, ["logon", target, *words], env=env)


def test_a_user_without_password(monkeypatch):
    side = served(monkeypatch, script())
    result = logon()
    assert result.exit_code == 0
    assert result.stdout.splitlines()[:2] == ["user 0, without a password, gets in at line", "read: 0-1"]
    assert "no password was given" in result.stderr
    assert side.heard[-2:] == [b"\x52", b"\x21"]


def test_nothing_is_written(monkeypatch):
    side = served(monkeypatch, script())
    logon("--try")
    assert not [request for request in side.heard if 0x40 <= request[0] <= 0x4F]


def test_the_rules_of_the_meter(monkeypatch):
    # Table 0 lists table 44 too: bits 2 and 4 of its octet 5.
    table_0 = TABLES[0][:24] + b"\x14" + TABLES[0][25:]
    served(monkeypatch, script({**TABLES, 0: table_0, 41: ST41, 44: ST44}))
    assert logon().stdout.splitlines()[2:] == [
        "rules of table 44:",
        "  ST-42: read by nobody, written by group 1",
        "  ST-23: read by groups 0, 2, written by anybody",
        "  procedure 3 (Clear Data): started by group 0",
    ]


def test_rules_that_are_not_shown(monkeypatch):
    served(monkeypatch, script() | {full_read(44): b"\x03"})
    assert "rules: not shown to this user" in logon().stdout


def test_every_table_tried(monkeypatch):
    # An octet each of tables 3, 21 and 23; table 5 is refused with isc (03). Checksum of 01 is FF, of 00 is 00.
    octet = {number: bytes.fromhex(f"3f {number:04x} 000000 0001") for number in (3, 5, 21, 23)}
    answers = {octet[3]: bytes.fromhex("00 0001 01 ff"), octet[5]: b"\x03"}
    answers |= {octet[number]: bytes.fromhex("00 0001 00 00") for number in (21, 23)}
    served(monkeypatch, script() | answers)
    lines = logon("--try").stdout.splitlines()
    assert lines[1:4] == ["may read: 0-1, 3, 21, 23", "may not read: 5", "  ST-5: isc"]


@pytest.mark.parametrize("code", ["01", "03"], ids=["err", "isc"])
def test_a_user_that_is_refused(monkeypatch, code):
    side = served(monkeypatch, script() | {b"\x50\x00\x00" + b" " * 10: bytes.fromhex(code)})
    result = logon()
    assert (result.exit_code, result.stdout) == (3, "")
    assert "logon was refused" in result.stderr
    assert "--password" in result.stderr
    # A session that was refused is ended, too.
    assert side.heard[-1] == b"\x21"


def test_a_user_that_may_read_nothing(monkeypatch):
    served(monkeypatch, script({}) | {full_read(0): b"\x03", full_read(1): b"\x03"})
    result = logon()
    assert (result.exit_code, result.stdout) == (3, "")
    assert "was refused with isc" in result.stderr


def test_the_password_of_the_simulated_meter():
    result = logon(*READER, target="sim:", PW="READER")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == 'user 1 "READER", with a password, gets in at sim:'
    assert "simulated meter" in result.stderr
    assert "ST-41: read by groups 0-1" in result.stdout


def test_a_wrong_password():
    result = logon(*READER, target="sim:", PW="hunter2")
    assert result.exit_code == 3
    assert "security was refused" in result.stderr
    assert "hunter2" not in result.output


def test_the_key_of_the_simulated_meter():
    result = logon("--key", "0=env:K", target="sim:?protocol=c1222", K=KEY_0)
    assert result.exit_code == 0
    assert "read: 0-1" in result.stdout


def test_a_wrong_key_is_silence():
    result = logon("--key", "0=env:K", target="sim:?protocol=c1222", K="55" * 16)
    assert (result.exit_code, result.stdout) == (5, "")
    assert "key is wrong" in result.stderr
    assert "5555" not in result.output


def test_tables_are_for_read():
    result = logon("23")
    assert result.exit_code == 2
    assert "c1222 read" in result.stderr
