"""termineter 1.0.6 reads the simulated meter at a pseudo-terminal: another project's C12.18 against ours.

Its packages are called c1218, c1219 and c1222, so it lives in an environment of its own; C1222_TERMINETER names the
Python of that. termineter_talk.py says what is asked. Expected are the octets that the meter's image has, without any
protocol around them, and facts of ANSI C12.18: response codes, sizes.
"""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from heard_side import Heard
from loop_thread import served

from c1222.capture.decode import decode_files
from c1222.meter.simulated import SimulatedMeter
from c1222.security.keys import KeyRing
from c1222.transport.listen import listen_pty
from c1222.transport.trace import Trace, create_trace_file

PYTHON = os.environ.get("C1222_TERMINETER", "")
pytestmark = [
    pytest.mark.skipif(not PYTHON, reason="C1222_TERMINETER names no Python that has termineter"),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals"),
]

TALK = Path(__file__).with_name("termineter_talk.py")
TIMEOUT = 60.0
"""Seconds for one talk, which takes a tenth of one."""
ISC, ONP, IAR, ISSS = 3, 4, 5, 10
TABLES = (0, 1, 3, 5)


@pytest.fixture
def meter():
    return SimulatedMeter()


@pytest.fixture
def talk(meter, tmp_path):
    """Has termineter do one of its talks; what it says, and a trace of it at tmp_path/line.pcapng."""

    def run(name):
        with create_trace_file(str(tmp_path / "line.pcapng")) as file:
            trace = Trace(file, "serial")
            with served(lambda: listen_pty(lambda _: Heard(meter.optical(), trace))) as port:
                ran = subprocess.run(
                    [PYTHON, "-I", TALK, port, name], capture_output=True, text=True, timeout=TIMEOUT, check=False
                )
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    return run


@pytest.fixture
def truth(meter):
    """Octets of a table as the meter's image has them when the simulation begins, as hex."""
    return lambda number: meter.device.tables.image.read(number, meter.true_time.start).hex()


def test_tables(talk, truth):
    """Sessions in a row, without a Logoff. The first toggle of one repeats the last one before it, or not."""
    said = talk("tables")
    pairs = [(before["last"], after["first"]) for before, after in pairwise(said)]
    assert pairs == [(False, False), (False, True), (True, False), (True, True)]
    for session in said:
        assert session["started"]
        assert session["logon"]
        assert session["tables"] == {str(number): truth(number) for number in TABLES}
        assert session["ended"]


def test_general_tables_are_understood(talk, meter):
    """What termineter's own parsers find."""
    said = talk("understood")
    assert said["manufacturer"] == "SIM"
    assert said["ed_model"] == "SIMULATE"
    assert said["mfg_serial_no"] == "0000000000000001"
    assert said["device_id"] == "SIMULATED 0000000001"
    assert (said["hw_version_no"], said["fw_version_no"], said["std_version_no"]) == (1, 1, 2)
    assert said["char_format"] == "ISO/IEC 646 (7-bit)"
    assert said["nameplate_type"] == "Electric"
    assert said["ed_mode"] == 1  # metering
    # It looks at seven bits of each octet of a set, so it never sees 7, 15, 23 ...
    assert said["std_tbls_used"] == sorted(n for n in meter.device.tables.image.numbers() if n % 8 != 7)
    assert said["std_tbls_used"][:7] == [0, 1, 2, 3, 4, 5, 6]
    assert {0, 1, 2, 3, 4, 5, 6, 8, 9, 10} <= set(said["std_proc_used"])


def test_passwords(talk, truth):
    assert talk("passwords") == {
        "wrong": {"login": False, "table 44": ISC},
        "none": {"login": True, "table 44": ISC},
        "right": {"login": True, "table 44": truth(44)},
    }


def test_long_tables(talk, truth):
    said = talk("long_tables")
    whole = truth(26)
    assert len(whole) // 2 == 3066  # more than two packets of 512 octets hold: 2 * 504 less 4
    assert said["whole in two"] == ONP
    assert "".join(said["pieces"]) == whole
    assert said["whole in seven"] == whole
    assert said["far behind"] == truth(64)[2 * 70000 : 2 * 71000]


def test_refusals(talk, truth):
    assert talk("refusals") == {
        "before logon": ISSS,
        "not there": IAR,
        "write 6": ISC,
        "write 41": ISC,
        "after them": truth(1),
    }


def test_procedure(talk):
    """Reset List Pointers, which readers may start: 0 is completed."""
    assert talk("procedure") == {"none": ISC, "right": {"result": 0, "data": ""}}


def test_its_line_is_decoded(talk, tmp_path):
    """What went over the line decodes without a remark, down to the tables."""
    talk("understood")
    found = list(decode_files([str(tmp_path / "line.pcapng")], KeyRing()))
    services = [[f"{m.services[0].octets[0]:02X}" for m in (one.request, one.response)] for one in found]
    reads = [["30", "00"]] * 4
    assert services == [["20", "00"], ["61", "00"], ["50", "00"], *reads, ["21", "00"]]
    assert [one.response.services[0].table.decoded.table.number for one in found[3:7]] == [0, 1, 3, 5]
    assert not any(message.remarks for one in found for message in (one.request, one.response))
