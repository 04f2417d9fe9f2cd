"""`c1222 write` and `c1222 restore`: over C12.18 and C12.22, with meters that do not do what they say."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from c1219_tables.registry import STANDARD
from c1222.meter.simulated import SimulatedMeter
from c1222.transport.listen import listen_pty, listen_tcp
from c1222_cli.main import main

sys.path += [str(Path(__file__).parents[1] / room) for room in ("session", "interop")]

from dissector import NEEDED, ROOT, dissect
from loop_thread import served
from wayward_meter import (
    OWNER,
    ST6,
    TABLES,
    Wayward,
    alters_a_neighbour,
    ignores,
    in_network,
    on_line,
    stores_something_else,
)

ENGINEER = ["--user-id", "2", "--user", "ENGINEER", "--password", "env:PW"]
KEY_0 = "000102030405060708090A0B0C0D0E0F"
ENV = {"PW": "ENGINEER", "K0": KEY_0, "C1222_TARGET": None}
ACME = b"ACME" + b" " * 16
# A C M E and 16 blanks add up to 316h: checksum EA.
DRY_RUN = [
    "ST-6 UTIL_INFO_TBL",
    '  owner_name: "ELECTRIC COMPANY" -> "ACME"',
    "offset_write ST-6, offset 0, length 20, checksum EA",
    f"  4f 00 06 00 00 00 00 14 {ACME.hex(' ')} ea",
]


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("C1222_STATE", str(tmp_path))
    return tmp_path / "backups"


@pytest.fixture(params=[on_line, in_network], ids=["c1218", "c1222"])
def way(request):
    return request.param


def meets(monkeypatch, make, image, **more):
    """Commands meet a meter with this image, whatever target they are given."""

    def open_meter(target, way, registry=STANDARD):
        return make(image, **more).open()

    monkeypatch.setattr("c1222_cli.live.open_meter", open_meter)
    return image


def run(command, *words, answer=None, env=ENV):
    return CliRunner().invoke(main, [command, *words], env=env, input=answer)


def write(*words, **more):
    return run("write", "optical:/dev/somewhere", *words, **more)


def backup_in(folder):
    (path,) = folder.iterdir()
    return path, json.loads(path.read_text())


def test_written_read_back_and_restored(monkeypatch, folder, way):
    image = meets(monkeypatch, way, Wayward())
    result = write("6.owner_name=ACME", "--yes")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines() == DRY_RUN[:2]
    path, kept = backup_in(folder)
    assert f"the old octets are kept in {path}" in result.stderr
    assert "ST-6: written, read back, and as it should be" in result.stderr
    assert (kept["target"], kept["tables"]) == ("optical:/dev/somewhere", {"ST-6": ST6.hex()})
    assert kept["meter"]["serial_number"] == "0000000000000017"
    assert image.read(6, None) == ACME + ST6[20:]
    result = run("restore", str(path), "--yes")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[1] == '  owner_name: "ACME" -> "ELECTRIC COMPANY"'
    assert image.read(6, None) == ST6
    assert len(list(folder.iterdir())) == 2


WRONG = [
    pytest.param(ignores, "said ok and changed nothing: owner_name is still", id="ignores"),
    pytest.param(alters_a_neighbour, "utility_div is 'XORTH', not 'NORTH'", id="alters-a-neighbour"),
    pytest.param(stores_something_else, "something else: owner_name is 'A?ME', not 'ACME'", id="something-else"),
]


@pytest.mark.parametrize(("take", "message"), WRONG)
def test_a_meter_that_does_something_else(monkeypatch, folder, way, take, message):
    meets(monkeypatch, way, Wayward(take=take))
    result = write("6.owner_name=ACME", "--yes")
    assert result.exit_code == 8
    assert message in result.stderr
    path, kept = backup_in(folder)
    assert kept["tables"] == {"ST-6": ST6.hex()}
    assert f"c1222 restore {path}" in result.stderr


def test_a_meter_that_dies(monkeypatch, folder, way):
    image = Wayward()
    answered = []

    def tamper(direction, octets):
        if direction == "in" and image.written:
            answered.append(1)
        return [] if direction == "out" and answered else [(0.0, octets)]

    meets(monkeypatch, way, image, tamper=tamper)
    result = write("6.owner_name=ACME", "--yes")
    assert result.exit_code == 5
    assert "it is not known whether it kept it" in result.stderr
    path, kept = backup_in(folder)
    assert kept["tables"] == {"ST-6": ST6.hex()}
    assert f"c1222 restore {path}" in result.stderr


def refuses(simulated, image, number, change=None):
    """The device says no to writes of a table; change: its octets from then on."""
    device = simulated.device
    answer = device.answer

    def answering(visitor, request, now):
        if request[0] == 0x4F and int.from_bytes(request[1:3]) == number:
            image._tables[number] = change or image._tables[number]
            return type(answer(visitor, b"\x7f", now))(b"\x03", None)
        return answer(visitor, request, now)

    device.answer = answering


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [(None, 3, "and the table is as it was"), (b"X" + ST6[1:], 8, "but the table changed all the same")],
)
def test_a_refusal_is_looked_at(folder, change, code, message):
    image = Wayward()
    simulated = SimulatedMeter(image=image)
    refuses(simulated, image, 6, change)
    with served(lambda: listen_tcp("127.0.0.1", 0, lambda peer: simulated.network())) as label:
        way = (f"{label}?called=.123.8437&key-id=0", "--key", "0=env:K0", *ENGINEER, "--yes")
        result = run("write", *way, "6.owner_name=ACME")
        path, _ = backup_in(folder)
        assert (result.exit_code, f"c1222 restore {path}" in result.stderr) == (code, code == 8), result.stderr
        assert message in result.stderr
        image._tables[6] = ST6
        result = run("write", *way, "5.identification=METER 18", "6.owner_name=ACME")
    assert result.exit_code == code
    assert "written before that: ST-5" in result.stderr
    assert "to put the old octets back: c1222 restore" in result.stderr


def test_ctrl_c_while_it_is_not_known(monkeypatch, folder):
    image = Wayward()
    interrupts = [KeyboardInterrupt()]

    def tamper(direction, octets):
        if image.written and interrupts:
            raise interrupts.pop()
        return [(0.0, octets)]

    meets(monkeypatch, on_line, image, tamper=tamper)
    result = write("6.owner_name=ACME", "--yes")
    assert result.exit_code == 130
    assert "a write of ST-6 was sent and not answered: it is not known whether the meter took it" in result.stderr
    assert f"c1222 restore {backup_in(folder)[0]}" in result.stderr


class HangsUp:
    """A side that hangs up when it is asked anything after a write."""

    def __init__(self, side, image):
        self._side, self._image = side, image
        self._gone = False

    def __getattr__(self, name):
        return getattr(self._side, name)

    @property
    def closed(self):
        return self._gone

    def receive_data(self, octets, now):
        self._gone = self._gone or bool(self._image.written)
        if not self._gone:
            self._side.receive_data(octets, now)


def test_over_tcp_with_a_meter_that_hangs_up(folder):
    image = Wayward()
    simulated = SimulatedMeter(image=image)
    with served(lambda: listen_tcp("127.0.0.1", 0, lambda peer: HangsUp(simulated.network(), image))) as label:
        result = run(
            "write", f"{label}?called=.123.8437&key-id=0", "--key", "0=env:K0", *ENGINEER, "6.owner_name=ACME", "--yes"
        )
    assert result.exit_code == 6, result.stderr
    assert "it is not known whether it kept it" in result.stderr
    assert backup_in(folder)[1]["tables"] == {"ST-6": ST6.hex()}


@pytest.mark.parametrize(("take", "message"), WRONG)
def test_over_tcp_with_a_meter_that_does_something_else(folder, take, message):
    image = Wayward(take=take)
    simulated = SimulatedMeter(image=image)
    with served(lambda: listen_tcp("127.0.0.1", 0, lambda peer: simulated.network())) as label:
        way = (f"{label}?called=.123.8437&key-id=0&security=encrypt", "--key", "0=env:K0", *ENGINEER)
        result = run("write", *way, "6.owner_name=ACME", "--yes")
        assert result.exit_code == 8
        assert message in result.stderr
        # From now on the meter does as it is told: what it did is put right.
        image.take = lambda number, old, new: new
        path, _ = backup_in(folder)
        result = run("restore", str(path), *way, "--yes")
    assert result.exit_code == 0, result.stderr
    assert image.read(6, None) == ST6


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_over_a_pseudo_terminal(folder):
    image = Wayward()
    simulated = SimulatedMeter(image=image)
    with served(lambda: listen_pty(lambda peer: simulated.optical())) as path:
        result = run("write", f"optical:{path}", *ENGINEER, "6.owner_name=ACME", "--yes")
        assert result.exit_code == 0, result.stderr
        assert image.read(6, None) == ACME + ST6[20:]
        kept, _ = backup_in(folder)
        result = run("restore", str(kept), f"optical:{path}", *ENGINEER, "--yes")
        assert result.exit_code == 0, result.stderr
    assert image.read(6, None) == ST6


@NEEDED
def test_tshark_sees_what_the_dry_run_printed(tmp_path):
    """Offset, length and checksum of the write, in the trace of the session that sent it."""
    image = Wayward()
    simulated = SimulatedMeter(image=image)
    trace = tmp_path / "trace.pcapng"
    with served(lambda: listen_tcp("127.0.0.1", 0, lambda peer: simulated.network())) as label:
        words = (f"{label}?called=.123.8437&key-id=0", "--key", "0=env:K0", *ENGINEER, "6.owner_name=ACME")
        printed = run("write", *words, "--dry-run").stdout.splitlines()
        result = run("write", *words, "--yes", "--trace", str(trace))
    assert result.exit_code == 0, result.stderr
    assert printed == DRY_RUN
    # Writes Wireshark's table of keys, and sees to it that the whole session is authenticated.
    assert all(row["c1222.crypto_good"] == ["1"] for row in dissect(trace, tmp_path))
    columns = [f"c1222.write.{name}" for name in ("table", "offset", "size", "chksum")]
    seen = subprocess.run(
        ["tshark", "-n", "-r", trace, "-Y", "c1222.write.table", "-o", f"c1222.baseoid:{ROOT}", "-T", "fields"]
        + [part for column in columns for part in ("-e", column)],
        env={"PATH": os.environ["PATH"], "HOME": tmp_path, "WIRESHARK_CONFIG_DIR": tmp_path},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    (row,) = [line.split("\t") for line in seen.stdout.splitlines()]
    assert [int(value, 0) for value in row] == [6, 0, 20, 0xEA]


def test_a_dry_run_sends_nothing(monkeypatch, folder, way):
    image = meets(monkeypatch, way, Wayward())
    result = write("6.owner_name=ACME", "--dry-run")
    assert (result.exit_code, result.stdout.splitlines()) == (0, DRY_RUN)
    assert "nothing was sent" in result.stderr
    assert (image.written, folder.exists()) == ([], False)


def test_nobody_can_be_asked(monkeypatch, folder):
    image = meets(monkeypatch, on_line, Wayward())
    result = write("6.owner_name=ACME")
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert (image.written, folder.exists()) == ([], False)


@pytest.mark.parametrize(("answer", "code", "written"), [("y\n", 0, [6]), ("n\n", 130, [])])
def test_a_person_is_asked(monkeypatch, answer, code, written):
    image = meets(monkeypatch, on_line, Wayward())
    monkeypatch.setattr("c1222_cli.consent._can_answer", lambda: True)
    result = write("6.owner_name=ACME", answer=answer)
    assert "Write 1 field to 0000000000000017?" in result.stderr
    assert (result.exit_code, image.written) == (code, written)


def test_several_tables_are_planned_before_the_first_is_written(monkeypatch, folder):
    image = meets(monkeypatch, on_line, Wayward())
    result = write("6.owner_name=ACME", "5.identification=" + "X" * 21, "--yes")
    assert result.exit_code == 7
    assert "ST-5 identification" in result.stderr
    assert image.written == []
    result = write("6.owner_name=ACME", "5.identification=METER 18", "6.misc_id=HI", "--yes")
    assert (result.exit_code, set(image.written)) == (0, {5, 6})
    assert set(backup_in(folder)[1]["tables"]) == {"ST-5", "ST-6"}


def test_values_of_a_file(monkeypatch, tmp_path):
    image = meets(monkeypatch, on_line, Wayward())
    (tmp_path / "v.toml").write_text('[ST-6]\nowner_name = "ACME"\ncoordinate_1 = "0102030405060708090a"\n')
    result = write("--file", str(tmp_path / "v.toml"), "--yes")
    assert result.exit_code == 0, result.stderr
    assert image.read(6, None) == ACME + ST6[20:140] + bytes(range(1, 11)) + ST6[150:]


def test_octets_and_a_backup_of_ones_own(monkeypatch, tmp_path):
    image = meets(monkeypatch, on_line, Wayward())
    result = write("--hex", "--offset", "20", "6=53 4f55 54 48", "--yes", "--backup", str(tmp_path / "b.json"))
    assert result.exit_code == 0, result.stderr
    assert image.read(6, None) == OWNER + b"SOUTH" + ST6[25:]
    assert json.loads((tmp_path / "b.json").read_text())["tables"] == {"ST-6": ST6.hex()}
    again = write("6.owner_name=X", "--yes", "--backup", str(tmp_path / "b.json"))
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    assert image.written == [6]


def test_fields_that_are_left_out(monkeypatch):
    meets(monkeypatch, on_line, Wayward(take=alters_a_neighbour))
    assert write("6.owner_name=ACME", "--yes", "--ignore", "utility_div").exit_code == 0
    assert write("6.owner_name=ACMF", "--yes", "--ignore", "6.nothing").exit_code == 2


def test_what_is_so_already(monkeypatch, folder):
    meets(monkeypatch, on_line, Wayward())
    result = write("6.owner_name=ELECTRIC COMPANY", "--yes")
    assert result.exit_code == 0
    assert "it is like this already" in result.stdout
    assert not folder.exists()


def test_another_meter_is_not_restored(monkeypatch, folder):
    meets(monkeypatch, on_line, Wayward())
    assert write("6.owner_name=ACME", "--yes").exit_code == 0
    path, _ = backup_in(folder)
    other = Wayward({**TABLES, 1: TABLES[1][:-1] + b"8"})
    meets(monkeypatch, on_line, other)
    result = run("restore", str(path), "--yes")
    assert result.exit_code == 2
    assert "this is meter 0000000000000018, the backup is of 0000000000000017" in result.stderr
    assert other.written == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "what is to be written"),
        (("6=00", "--hex", "--file", "x.json"), "one of them"),
        (("6",), "a field and its new value"),
        (("6=x",), "which field"),
        (("6.a=x\ty",), "control character"),
        (("6.a=x\x1b[2Jy",), "control character"),
        (("6.a=x\u0085y",), "control character"),
        (("6.a=1", "6.a=2"), "given twice"),
        (("6.a-b=1", "6.A_B=2"), "given twice"),
        (("42.x=1",), "passwords or keys"),
        (("NOTHING.x=1",), "no table is called"),
        (("--hex", "6.a=00"), "octets of a table"),
        (("--hex", "6=0"), "pairs of hex"),
        (("--hex", "6=00", "6=01"), "once"),
        (("--offset", "1", "6.a=1"), "--hex"),
    ],
)
def test_usage(words, message):
    result = write(*words, "--yes")
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_configured_meter_with_options_is_a_target():
    result = run("write", "@nothing?retries=5", "6.owner_name=ACME", "--yes")
    assert result.exit_code == 2
    assert "nothing" in result.stderr
    assert "which meter?" not in result.stderr


def test_a_file_is_no_meter():
    result = run("write", "dump:meter.json", "6.owner_name=ACME", "--yes")
    assert result.exit_code == 2
    assert "is a file, not a meter" in result.stderr


def test_the_target_is_named():
    for words in (["6.owner_name=ACME"], ["52.clock=2026-01-01T10:00"]):
        result = run("write", *words, "--yes")
        assert result.exit_code == 2
        assert "which meter?" in result.stderr
