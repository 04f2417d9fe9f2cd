"""What a serial line says: services in the form of C12.18, tables with the dimensions that came before, masks."""

import json
import os
from pathlib import Path

import pytest
import table_octets
from capture_building import FIXTURES, decoded_file
from capture_building import codes as codes_of
from serial_building import (
    ACK,
    IDENTIFY,
    IDENTITY,
    LOGON,
    READ_1,
    SECURITY,
    ST_1,
    WALK,
    codes,
    decoded,
    packet,
    pairs_of,
    talk,
)
from table_octets import ST0, ST1_GE, ST21, ST23

from c1222.capture.export import exchange_record, serializer
from c1222.capture.mask import masked, secret_places
from c1222.capture.message import elements
from c1222.capture.pairing import Exchange
from c1222.capture.serial_logs import decode_logs

OK = "00"


def asks(number, toggle=0, identity=0):
    return packet(table_octets.read(number), toggle, identity=identity)


def brings(table, toggle=0, identity=0):
    return packet(table_octets.ok(table), toggle, identity=identity)


def test_services_have_the_form_of_c1218(tmp_path):
    """Logon without an idle time-out, Security without a user id, answers without either."""
    exchanges, _ = decoded(talk(WALK), tmp_path)
    values = [(each.request.services[0].value, each.response.services[0].value) for each in exchanges]
    assert values[0][1].data.standard == 0
    assert values[1][0].parameters == {"packet_size": 256, "nbr_packets": 1, "baud_codes": [6]}
    assert dict(values[2][0].parameters) == {"user_id": 0, "user": "0000      ", "idle_timeout": None}
    assert values[3][0].parameters.password == bytes(10) + b" " * 10
    assert values[3][1].code == 1
    assert [each.response.services[0].request for each in exchanges] == [0x20, 0x61, 0x50, 0x51, 0x30]
    assert not any(codes_of(message) for each in exchanges for message in (each.request, each.response))


def test_table_1(tmp_path):
    """Protocol reference, 8.4."""
    exchanges, _ = decoded(talk(WALK), tmp_path)
    view = exchanges[-1].response.services[0].table
    assert view.table.number == 1
    assert dict(view.decoded) == {
        "manufacturer": "GE  ",
        "ed_model": "I210+c  ",
        "hw_version_number": 1,
        "hw_revision_number": 9,
        "fw_version_number": 2,
        "fw_revision_number": 0,
        "mfg_serial_number": "00000001        ",
    }


def test_tables_0_and_21_give_the_others_their_form(tmp_path):
    """Table 23 stays octets before they came; behind them it is decoded (table reference, 7.1)."""
    said = [(asks(23), brings(ST23)), (asks(0), brings(ST0)), (asks(21), brings(ST21)), (asks(23, 1), brings(ST23, 1))]
    exchanges, remarks = decoded(talk(said), tmp_path)
    assert remarks == []
    before, _, _, after = (each.response.services[0].table for each in exchanges)
    assert (before.decoded, before.needs) == (None, (0, 21))
    assert after.decoded.nbr_demand_resets == 5
    assert after.decoded.tot_data_block.summations[0] == 1_000_000


def test_offset_reads_are_parts(tmp_path):
    """Octets 16 to 31 of table 1: the serial number."""
    read = packet(table_octets.read_part(1, 16, 16), 1)
    exchanges, _ = decoded(talk([(read, brings("30303030303030312020202020202020"))]), tmp_path)
    view = exchanges[0].response.services[0].table
    assert (view.is_whole, view.offset) == (False, 16)
    assert [(touched.span.field, touched.value) for touched in view.touched] == [
        ("mfg_serial_number", "00000001        ")
    ]


def test_known_tables_help(tmp_path):
    known = {0: bytes.fromhex(ST0), 21: bytes.fromhex(ST21)}
    [exchange], _ = decoded(talk([(asks(23), brings(ST23))]), tmp_path, known=known)
    assert exchange.response.services[0].table.decoded is not None


def test_two_meters_on_one_line(tmp_path):
    """What one identity octet showed does not hold for the other."""
    said = [
        (asks(0, identity=1), brings(ST0, identity=1)),
        (asks(21, identity=1), brings(ST21, identity=1)),
        (asks(23, identity=2), brings(ST23, identity=2)),
        (asks(23, identity=1), brings(ST23, identity=1)),
    ]
    exchanges, _ = decoded(talk(said), tmp_path)
    assert [each.response.services[0].table.needs for each in exchanges] == [(), (), (0, 21), ()]


def session(*tables):
    """Identify, and reads of tables."""
    return [(IDENTIFY, IDENTITY), *((asks(number), brings(octets)) for number, octets in tables)]


ANOTHER = ST1_GE.replace("30 31 20", "30 32 20")
SESSIONS = [
    #            sessions, one after another                                                     needs of the last read
    pytest.param([[(0, ST0), (21, ST21)], [(23, ST23)]], (), id="the-same"),
    pytest.param([[(1, ST1_GE), (0, ST0), (21, ST21)], [(1, ST1_GE), (23, ST23)]], (), id="the-same-says-table-1"),
    pytest.param([[(1, ST1_GE), (0, ST0), (21, ST21)], [(1, ANOTHER), (23, ST23)]], (0, 21), id="another"),
    pytest.param([[(1, ST1_GE), (21, ST21)], [(0, ST0), (1, ANOTHER), (23, ST23)]], (21,), id="another-says-it-late"),
    pytest.param([[(1, ST1_GE)], [(0, ST0), (21, ST21), (1, ANOTHER), (23, ST23)]], (), id="another-showed-all"),
]


@pytest.mark.parametrize(("sessions", "needs"), SESSIONS)
def test_the_next_meter_on_the_line(sessions, needs, tmp_path):
    """Dimensions of one meter are never taken for another whose table 1 was read."""
    said = [pair for tables in sessions for pair in session(*tables)]
    exchanges, _ = decoded(talk(said), tmp_path)
    assert exchanges[-1].response.services[0].table.needs == needs


def test_a_service_that_cannot_be_decoded(tmp_path):
    """A logon of three octets."""
    exchanges, _ = decoded(talk([(packet("500000"), packet("01"))]), tmp_path)
    assert codes_of(exchanges[0].request) == ["service-undecodable"]
    assert exchanges[0].request.remarks[0].message_offset == 3


# -- What is masked ---------------------------------------------------------------------------------------------------

PASSWORD = b"VERY SECRET PASSWORD"
HOLD_IT = {
    "security": [(packet(b"\x51" + PASSWORD), packet(OK))],
    "security-cut": [(packet(b"\x51" + PASSWORD[:19]), packet("01"))],
    "security-too-long": [(packet(b"\x51" + PASSWORD + b"!"), packet("01"))],
    "unknown-service": [(packet(b"\x6f" + PASSWORD), packet("02"))],
    "table-42-written": [(packet(b"\x40\x00\x2a\x00\x14" + PASSWORD + b"\0"), packet(OK))],
    "table-42-read": [(packet("30002A"), brings(PASSWORD.hex()))],
    "no-request": [(ACK, brings(PASSWORD.hex()))],
    "refusal-with-octets": [(READ_1, packet(b"\x03" + PASSWORD))],
    "broken": [(packet(b"\x51" + PASSWORD)[:-1] + b"\0", packet(OK))],
    "cut": [(packet(b"\x51" + PASSWORD)[:-3], packet(OK))],
    "noise": [(PASSWORD, packet(OK))],
}


@pytest.mark.parametrize("pairs", HOLD_IT.values(), ids=HOLD_IT)
def test_passwords_are_masked(pairs, tmp_path):
    exchanges, remarks = decoded(talk(pairs), tmp_path)
    words = (PASSWORD[:6], PASSWORD[12:], PASSWORD[5:11].hex().encode())
    shown = [serializer()(exchange_record(each)) for each in exchanges]
    shown += [str(remark).encode() for remark in remarks]
    for each in exchanges:
        for message in (each.request, each.response):
            if message is not None:
                asked = each.request.services if each.request and message is each.response else []
                shown.append(masked(message.octets, secret_places(message, asked)))
                shown += [str(remark).encode() for remark in message.remarks]
    assert not [text for text in shown for word in words if word in text]


def test_what_holds_no_secret_is_shown(tmp_path):
    exchanges, _ = decoded(talk(WALK), tmp_path)
    hidden = [secret_places(each.request) for each in exchanges]
    assert hidden == [[], [], [], [(1, 21)], []]
    assert [secret_places(each.response, each.request.services) for each in exchanges] == [[]] * 5


def test_every_element_has_its_place(tmp_path):
    exchanges, _ = decoded(talk([(SECURITY, packet(OK))]), tmp_path)
    spans = [(span.field, span.start, span.end) for span in elements(exchanges[0].request)]
    assert spans == [
        ("services[0].code", 0, 1),
        ("services[0].parameters", 1, 21),
        ("services[0].parameters.password", 1, 21),
    ]


def test_the_record_of_a_message(tmp_path):
    """Every name of docs/decode-json.md; what C12.18 does not know is null."""
    exchanges, _ = decoded(talk([(LOGON, packet(OK, 1))]), tmp_path)
    record = json.loads(serializer()(exchange_record(exchanges[0])))["request"]
    assert record["link"] == {"line": 0, "way": "out", "identity": 0, "toggle": False, "packets": 1}
    assert record["length"] == 13
    names = ("flow", "apdu", "control", "ed_class", "trailing", "enciphered", "undecodable", "calling_ap_title")
    assert [record[name] for name in names] == [None] * len(names)
    assert record["security"]["state"] == "clear"
    assert [service["name"] for service in record["services"]] == ["logon"]


# -- The published example, and a real meter --------------------------------------------------------------------------


def test_the_published_example():
    exchanges, remarks = decoded_file(FIXTURES / "optical_walk_through.pcapng")
    assert pairs_of(exchanges) == [(request[6:-2].hex(), answer[6:-2].hex()) for request, answer in WALK]
    assert remarks == []
    # 20 ms before it, 9 octets of 10 bits at 9600 baud.
    assert exchanges[0].request.place.time_ns == 1_767_225_600_000_000_000 + 20_000_000 + 9 * 1_041_667


@pytest.fixture(scope="module")
def recorded():
    """6,119 recorded pairs of packets of a GE I-210+c, each distinct pair once."""
    folder = os.environ.get("C1222_PUBLIC_CAPTURES")
    path = Path(folder or "", "ge_i210c", "frames.jsonl")
    if not folder or not path.is_file():
        pytest.skip("C1222_PUBLIC_CAPTURES names no folder of public captures")
    return [json.loads(line) for line in path.read_text().splitlines()]


def octets_of(line):
    return bytes.fromhex(line["request"]), bytes.fromhex(line["response"])


def test_a_real_meter(recorded, tmp_path):
    """Every pair comes out as it was recorded, the one broken packet is said, and tables decode."""
    exchanges, remarks = decoded(talk(map(octets_of, recorded)), tmp_path)
    expected = [
        (octets_of(line)[0][6:-2].hex(), octets_of(line)[1][6:-2].hex() if line["response_crc_ok"] else None)
        for line in recorded
    ]
    assert pairs_of(exchanges) == expected
    assert sum(not line["response_crc_ok"] for line in recorded) == 1
    assert codes(remarks) == ["packet-lost"]
    assert not [
        codes_of(message)
        for each in exchanges
        for message in (each.request, each.response)
        if message and message.remarks
    ]
    views = [each.response.services[0].table for each in exchanges if each.response]
    read = [view for view in views if view is not None]
    assert {view.table.number for view in read} == {0, 1, 3, 5, 52}
    # Table 0 is read before the clock.
    assert all(view.decoded is not None and not view.problem for view in read)


def test_a_real_meter_in_raw_logs(recorded, tmp_path):
    said = talk(octets_of(line) for line in recorded if line["response_crc_ok"])
    for way in ("out", "in"):
        (tmp_path / way).write_bytes(b"".join(octets for which, octets in said if which == way))
    found = [one for one in decode_logs(str(tmp_path / "out"), str(tmp_path / "in")) if isinstance(one, Exchange)]
    expected = [octets_of(line) for line in recorded if line["response_crc_ok"]]
    assert pairs_of(found) == [(request[6:-2].hex(), answer[6:-2].hex()) for request, answer in expected]


def test_a_session_that_begins_twice(tmp_path):
    exchanges, remarks = decoded(talk([(IDENTIFY, IDENTITY), *WALK, (READ_1, ST_1)]), tmp_path)
    assert len(exchanges) == 7
    assert remarks == []
