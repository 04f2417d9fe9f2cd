"""A session of C12.18 from Identify to Terminate: what goes over the wire, and what is asked again."""

import pytest
from scripted import LINE, NOBODY, ScriptedMeter, meter_on, table_data
from tables_by_hand import (
    IDENTIFIED,
    IDENTIFY,
    LOGOFF,
    LOGON,
    NEGOTIATE,
    OK,
    TERMINATE,
    full_read,
    negotiated,
    opening,
    reads,
    table_0,
)
from wire import ACK, Recited, packet, watched

from c1222.errors import (
    LinkTimeout,
    RemoteProtocolError,
    ServiceError,
)
from c1222.link import LinkSettings
from c1222.psem.requests import request
from c1222.session.settings import Credentials, LineOptions

# -- The order of the steps --------------------------------------------------------------------------------------------

# protocol.md 8.1 to 8.4, octet by octet, but Negotiate asks for what we like, and toggles go on from there.
IDENTIFY_OCTETS = bytes.fromhex("EE 00 00 00 00 01 20 13 10")
IDENTIFIED_OCTETS = bytes.fromhex("06 EE 00 20 00 00 05 00 00 01 00 00 FF 42")
NEGOTIATED_OCTETS = bytes.fromhex("06 EE 00 00 00 00 05 00 01 00 01 06 4F 8F")
LOGON_OCTETS = bytes.fromhex("EE 00 00 00 00 0D 50 00 00 30 30 30 30 20 20 20 20 20 20 76 35")
LOGGED_ON_OCTETS = bytes.fromhex("06 EE 00 20 00 00 01 00 80 51")
SECURITY_OCTETS = bytes.fromhex(f"EE 00 20 00 00 15 51 {'00' * 10} {'20' * 10} 70 47")
REFUSED_OCTETS = bytes.fromhex("06 EE 00 00 00 00 01 01 98 20")
READ_OCTETS = bytes.fromhex("EE 00 20 00 00 03 30 00 01 D6 6E")
TABLE_1 = b"GE  I210+c  " + bytes([1, 9, 2, 0]) + b"00000001        "
TABLE_1_OCTETS = bytes.fromhex(f"06 EE 00 20 00 00 24 00 00 20 {TABLE_1.hex()} FD 84 4B")
NEGOTIATE_OCTETS = packet(NEGOTIATE, toggle=1)
OPENED = [
    (IDENTIFY_OCTETS, IDENTIFIED_OCTETS),
    (ACK + NEGOTIATE_OCTETS, NEGOTIATED_OCTETS),
    (ACK + LOGON_OCTETS, LOGGED_ON_OCTETS),
]


def test_the_octets_of_a_session():
    side = Recited(
        *OPENED,
        (ACK + READ_OCTETS, TABLE_1_OCTETS),
        (ACK + packet(LOGOFF), ACK + packet(OK, toggle=0)),
        (ACK + packet(TERMINATE, toggle=1), ACK + packet(OK, toggle=1)),
    )
    meter, transport = watched(side, who=Credentials(user="0000"))
    with meter.open():
        assert meter.ask(request("full_read", table=1)).data.blocks[0].data == TABLE_1
    assert not side.lines, "a line was not said"
    assert transport.done[-1] == ACK


def test_security_goes_behind_logon():
    side = Recited(*OPENED, (ACK + SECURITY_OCTETS, REFUSED_OCTETS))
    meter, transport = watched(side, who=Credentials(user="0000", password=bytes(10)))
    with pytest.raises(ServiceError, match="security was refused with err"):
        meter.open()
    assert not side.lines
    assert transport.done[-1] == ACK


def heard_by(script, options=LINE, who=NOBODY, **more):
    side = ScriptedMeter(script, **more)
    with meter_on(side, options, who).open():
        pass
    return side.heard


def test_no_password_no_security():
    assert heard_by(opening()) == [IDENTIFY, NEGOTIATE, LOGON, LOGOFF, TERMINATE]


def test_a_profile_without_security():
    who = Credentials(password=b"secret")
    heard = heard_by(opening(), LineOptions(security=False), who)
    assert heard == [IDENTIFY, NEGOTIATE, LOGON, LOGOFF, TERMINATE]


@pytest.mark.parametrize("pad", [0x20, 0x00])
def test_user_and_password_are_filled_up(pad):
    logon = bytes.fromhex("50 0102") + b"READER    "
    security = b"\x51" + b"READER" + bytes([pad]) * 14
    script = opening() | {logon: OK, security: OK}
    heard = heard_by(script, who=Credentials("READER", 0x0102, b"READER", pad))
    assert heard[2:4] == [logon, security]


@pytest.mark.parametrize("refusal", [b"\x01", b"\x02", b"\x04", b"\x0a"], ids=["err", "sns", "onp", "isss"])
def test_negotiate_refused(refusal):
    meter = meter_on(ScriptedMeter(opening() | {NEGOTIATE: refusal})).open()
    assert meter.client.channel.largest_answer == 56  # one packet of 64 octets (protocol.md 1.4)


def test_negotiate_grants_less():
    meter = meter_on(ScriptedMeter(opening() | {NEGOTIATE: negotiated(128, 2)})).open()
    assert meter.client.channel.largest_answer == 240


def test_negotiate_without_a_speed_in_the_answer():
    meter = meter_on(ScriptedMeter(opening() | {NEGOTIATE: bytes.fromhex("00 0080 02")})).open()
    assert meter.client.channel.link.settings == LinkSettings(packet_size=128, nbr_packets=2)


def test_no_negotiate():
    assert heard_by(opening(), LineOptions(negotiate=False))[1] == LOGON


def test_over_a_modem_no_speed_is_offered():
    asked = bytes.fromhex("60 0400 FF")
    heard = heard_by(opening() | {asked: bytes.fromhex("00 0400 FF")}, LineOptions(c1221=True))
    assert heard[1] == asked


def test_isss_leads_to_terminate_first():
    script = opening() | {IDENTIFY: [b"\x0a", IDENTIFIED]}
    assert heard_by(script)[:3] == [IDENTIFY, TERMINATE, IDENTIFY]


def test_isss_for_ever():
    side = ScriptedMeter(opening() | {IDENTIFY: b"\x0a"})
    with pytest.raises(ServiceError, match=r"identify was refused with isss .*another session is open"):
        meter_on(side).open()
    assert side.heard == [IDENTIFY, TERMINATE, IDENTIFY]


def test_a_refused_logoff_does_not_keep_us_from_terminate():
    assert heard_by(opening() | {LOGOFF: b"\x0a"})[-2:] == [LOGOFF, TERMINATE]


# -- Speed -------------------------------------------------------------------------------------------------------------

FASTER = LineOptions(bauds=(9600, 19200))
OFFERED = bytes.fromhex("62 0400 FF 06 08")
TO_19200 = opening() | {OFFERED: bytes.fromhex("00 0400 FF 08")}


def test_the_speed_changes_behind_the_ack_of_the_answer():
    meter, transport = watched(ScriptedMeter(TO_19200), FASTER)
    with meter.open():
        at = transport.done.index(19200)
        assert transport.done[at - 1] == ACK
        assert transport.done[at - 2] == packet(OFFERED, toggle=1)
        assert transport.done[at + 1] == packet(LOGON)
        assert meter.client.channel.link.settings.baud == 19200
    # And back behind the ACK of the answer to Terminate.
    assert transport.done[-3:] == [packet(TERMINATE), ACK, 9600]


def test_a_speed_that_stays_is_not_set():
    meter, transport = watched(ScriptedMeter(opening()))
    with meter.open():
        assert not [done for done in transport.done if isinstance(done, int)]


def test_identify_goes_out_at_the_first_speed_again():
    """The link broke at 19200; the session is opened anew on the same port."""
    side = ScriptedMeter(TO_19200)
    meter, transport = watched(side, FASTER)
    meter.open()
    transport.tamper = lambda way, octets: []
    with pytest.raises(LinkTimeout):
        meter.wait(1)
    transport.tamper = None
    side.link.restart()
    transport.done.clear()
    meter.open()
    assert transport.done[:2] == [9600, IDENTIFY_OCTETS]


def test_an_interrupted_change_of_speed_is_made_up_for():
    """What is written next goes out at the speed that the meter now has."""
    meter, transport = watched(ScriptedMeter(TO_19200), FASTER)
    write, count = transport.write, 0

    def interrupted(octets):
        nonlocal count
        write(octets)
        if octets == ACK and (count := count + 1) == 2:
            raise KeyboardInterrupt

    transport.write = interrupted
    with pytest.raises(KeyboardInterrupt):
        meter.open()
    meter.close()
    # Logon did not get out, but its toggle is spent.
    assert transport.done[-3:] == [packet(TERMINATE), ACK, 9600]
    at = transport.done.index(19200)
    assert transport.done[at - 1 : at + 2] == [ACK, 19200, packet(LOGOFF, toggle=1)]


def test_a_speed_that_was_not_offered():
    script = opening() | {NEGOTIATE: bytes.fromhex("00 0400 FF 08")}
    with pytest.raises(RemoteProtocolError, match=r"not offered: 19200 \(offered: 9600\)"):
        meter_on(ScriptedMeter(script)).open()


def test_a_speed_that_nobody_named():
    script = opening() | {NEGOTIATE: bytes.fromhex("00 0400 FF 77")}
    with pytest.raises(RemoteProtocolError, match="baud code 77 is not known"):
        meter_on(ScriptedMeter(script)).open()


# -- Timing-setup and Wait ---------------------------------------------------------------------------------------------


def test_timing_setup():
    # Traffic 30 s, inter-character 1 s, response 4 s, 5 retries; 0 leaves a time as it is.
    script = opening() | {
        bytes.fromhex("71 1E 01 04 05"): bytes.fromhex("00 1E 01 04 05"),
        bytes.fromhex("71 00 00 00 02"): bytes.fromhex("00 00 00 00 02"),
    }
    meter = meter_on(ScriptedMeter(script)).open()
    link = meter.client.channel.link
    meter.ask(request("timing_setup", traffic=30, inter_character=1, response=4, nbr_retries=5))
    found = link.settings
    assert (found.traffic, found.inter_character, found.response, found.retries) == (30.0, 1.0, 4.0, 5)
    meter.ask(request("timing_setup", traffic=0, inter_character=0, response=0, nbr_retries=2))
    found = link.settings
    assert (found.traffic, found.inter_character, found.response, found.retries) == (30.0, 1.0, 4.0, 2)


def test_wait():
    side = ScriptedMeter(opening() | {b"\x70\x14": OK})
    meter = meter_on(side).open()
    meter.wait(20)
    assert side.heard[-1] == b"\x70\x14"
    with pytest.raises(ServiceError, match="wait was refused with err"):
        meter.wait(21)


# -- Asked again -------------------------------------------------------------------------------------------------------


def test_busy_and_not_ready_are_asked_again():
    read = full_read(1)
    side = ScriptedMeter(opening() | {read: [b"\x06", b"\x07", OK + table_data(TABLE_1)]})
    meter, transport = watched(side)
    meter.open()
    before = transport.clock()
    assert meter.ask(request("full_read", table=1)).code == 0
    assert side.heard.count(read) == 3
    # Two pauses of 1 s, and the octets of three exchanges.
    assert 2.0 < transport.clock() - before < 2.5


@pytest.mark.parametrize(("code", "name"), [(b"\x06", "bsy"), (b"\x07", "dnr")])
def test_busy_for_ever(code, name):
    read = full_read(1)
    side = ScriptedMeter(opening() | {read: code})
    meter, transport = watched(side)
    meter.open()
    before = transport.clock()
    with pytest.raises(ServiceError, match=rf"full_read ST-1 was refused with {name} .*however often") as info:
        meter.read_octets(1)
    assert info.value.code == name
    assert side.heard.count(read) == 4  # once, and three times again
    assert 3.0 < transport.clock() - before < 4.0


WRONG = OK + b"\x00\x02\x01\x02\xff"  # right would be FD: 01 + 02 + FD = 100


def test_a_wrong_checksum_is_read_again():
    side = ScriptedMeter(opening() | {full_read(5): [WRONG, OK + table_data(b"\x01\x02")]})
    meter = meter_on(side).open()
    assert meter.read_octets(5) == b"\x01\x02"
    assert side.heard.count(full_read(5)) == 2


def test_a_checksum_that_stays_wrong():
    side = ScriptedMeter(opening() | {full_read(5): WRONG})
    meter = meter_on(side).open()
    with pytest.raises(RemoteProtocolError, match=r"ST-5: table checksum FF, the data give FD, every time"):
        meter.read_octets(5)
    assert side.heard.count(full_read(5)) == 3


def test_one_table_that_stays_wrong_stops_no_other():
    tables = {0: table_0(0, 1, 5), 1: TABLE_1}
    side = ScriptedMeter(opening() | reads(tables) | {full_read(5): WRONG})
    bad, good = meter_on(side).open().read_many([5, 1])
    assert isinstance(bad.error, RemoteProtocolError)
    assert good.octets == TABLE_1
