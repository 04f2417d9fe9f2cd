"""A meter that answers as a recorded GE I-210+c did, service by service, read by our client."""

import json
import os
from pathlib import Path

import pytest
from scripted import ScriptedMeter, meter_on

from c1222.errors import ServiceError
from c1222.session.settings import Credentials, LineOptions

CAPTURES = os.environ.get("C1222_PUBLIC_CAPTURES")
pytestmark = pytest.mark.skipif(not CAPTURES, reason="C1222_PUBLIC_CAPTURES names no folder of public captures")


def load(name):
    return json.loads((Path(CAPTURES) / "ge_i210c" / name).read_text())


@pytest.fixture
def recorded():
    """Request -> response, without their packets; Negotiate apart, as the client asks for what it likes."""
    lines = (Path(CAPTURES) / "ge_i210c" / "frames.jsonl").read_text().splitlines()
    pairs = [json.loads(line) for line in lines]
    whole = [pair for pair in pairs if pair["request_crc_ok"] and pair["response_crc_ok"]]
    script = {bytes.fromhex(pair["request"])[6:-2]: bytes.fromhex(pair["response"])[6:-2] for pair in reversed(whole)}
    script[bytes.fromhex("61 0400 FF 06")] = bytes.fromhex("00 0100 01 06")
    script[b"\x52"] = b"\x00"
    return script


@pytest.fixture
def meter(recorded):
    with meter_on(ScriptedMeter(recorded), who=Credentials(user="0000")).open() as meter:
        yield meter


def test_tables_of_the_recording(meter, recorded):
    octets = {int(number): bytes.fromhex(text) for number, text in load("tables.json").items()}
    assert set(octets) == {0, 1, 3, 5, 52}
    # A clock goes on: the frames hold another reading of it than the tables.
    octets[52] = recorded[bytes.fromhex("30 0034")][3:-1]
    for number, expected in octets.items():
        assert meter.read(number).octets == expected
    # protocol.md 8.4
    assert meter.tables[1].manufacturer == "GE  "
    assert meter.tables[1].ed_model == "I210+c  "
    assert meter.tables[1].mfg_serial_number == "00000001        "


def test_the_answer_to_identify(meter):
    # protocol.md 2.4: ok, C12.18, version 1, revision 0, no features.
    assert meter.identify().data.standard == 0
    assert meter.identify().data.version == 1
    assert meter.identify().data.features == []


def test_a_protected_table(meter):
    with pytest.raises(ServiceError, match=r"full_read ST-12 was refused with isc .*password") as info:
        meter.read(12)
    assert info.value.code == "isc"
    assert info.value.table == 12


def test_a_table_that_table_0_does_not_list(meter):
    with pytest.raises(ServiceError, match=r"iar .*table 0 of this meter does not list ST-30") as info:
        meter.read(30)
    assert info.value.code == "iar"


def test_a_wrong_password(recorded):
    who = Credentials(user="0000", password=b"", pad=0x00)
    meter = meter_on(ScriptedMeter(recorded), who=who)
    with pytest.raises(ServiceError, match=r"security was refused with err .*--password"), meter:
        meter.open()


def test_identify_again_after_negotiate_is_answered_with_terminate_first(recorded):
    """protocol.md 2.6: isss until a Terminate; here the meter begins in that state."""
    recorded[b"\x20"] = [b"\x0a", bytes.fromhex("00 00 01 00 00")]
    side = ScriptedMeter(recorded)
    with meter_on(side, who=Credentials(user="0000")).open():
        assert side.heard[:3] == [b"\x20", b"\x21", b"\x20"]
    assert side.heard[-2:] == [b"\x52", b"\x21"]


def test_a_meter_that_wants_no_logoff(recorded):
    side = ScriptedMeter(recorded)
    with meter_on(side, LineOptions(logoff=False), Credentials(user="0000")).open():
        pass
    assert side.heard[-1] == b"\x21"
    assert b"\x52" not in side.heard
