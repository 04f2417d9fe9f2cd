"""The ten public captures: all 20 messages, none lost; what their README and the protocol reference say of them.

Wherever the folder is (C1222_PUBLIC_CAPTURES), it holds the files that its README names by their SHA-256.
"""

import struct
from hashlib import sha256

import pytest
from capture_building import (
    KEY_EXAMPLE8,
    KEY_IPV4,
    TEXT8,
    TEXT8_ANSWER,
    codes,
    decoded_file,
    messages,
    octets,
    public_captures,
    ring,
)

# File, first octets of its SHA-256, service codes of request and response.
FILES = {
    "c1222_std_example8.pcap": ("cfe4131e2070878a", [0x51, 0x3F], [0x00]),
    "c1222overIPv4.cap": ("4c2658048f04e214", [0x30], [0x00]),
    "c1222_ident_service_tcp.pcap": ("e774f0649877691f", [0x20], [0x00]),
    "c1222_logon_service_tcp.pcap": ("9d589eb3230f5ac3", [0x50], [0x00]),
    "c1222_security_service_tcp.pcap": ("f7619bdde238b0d4", [0x51], [0x00]),
    "c1222_rw_service_tcp.pcap": ("c72fc593460955e5", [0x31], [0x00]),
    "c1222_reg_service_tcp.pcap": ("2debb76351714d3d", [0x27], [0x00]),
    "c1222_resolve_service_tcp.pcap": ("557f49d2acf9ad4b", [0x25], [0x00]),
    "c1222_trace_service_tcp.pcap": ("59cd418bbba0841c", [0x26], [0x00]),
    "c1222_service_error_tcp.pcap": ("30f9deec750b8535", [0x20], [0x0A]),
}
KEYS = ring((2, KEY_EXAMPLE8), (0, KEY_IPV4))
REAL = ("c1222_std_example8.pcap", "c1222overIPv4.cap")


@pytest.mark.parametrize("name", FILES)
def test_one_exchange_in_each(name):
    path = public_captures() / name
    digest, asked, answered = FILES[name]
    assert sha256(path.read_bytes()).hexdigest()[:16] == digest
    exchanges, remarks = decoded_file(path, KEYS)
    assert remarks == []
    (exchange,) = exchanges
    assert [service.octets[0] for service in exchange.request.services] == asked
    assert [service.octets[0] for service in exchange.response.services] == answered
    assert all(service.value is not None for m in messages(exchanges) for service in m.services)
    assert {m.state for m in messages(exchanges)} == {"opened" if name in REAL else "clear"}
    assert {m.place.file for m in messages(exchanges)} == {str(path)}


def test_twenty_messages():
    folder = public_captures()
    assert sum(len(messages(decoded_file(folder / name, KEYS)[0])) for name in FILES) == 20


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        pytest.param("c1222_std_example8.pcap", [TEXT8, TEXT8_ANSWER], id="example-8"),
        pytest.param(
            "c1222overIPv4.cap",
            [
                octets("03 30 0001"),
                # ST-1 of the meter: "EE  ", "A3R     ", 2.0, 3.6, "        12345678".
                octets("24 00 0020 45452020 4133522020202020 0200 0306 20202020202020203132333435363738 21"),
            ],
            id="ipv4",
        ),
    ],
)
def test_real_captures_open(name, texts):
    found = messages(decoded_file(public_captures() / name, KEYS)[0])
    assert [message.opened.text for message in found] == texts


def test_security_has_no_answer_in_example_8():
    (exchange,), _ = decoded_file(public_captures() / "c1222_std_example8.pcap", KEYS)
    assert exchange.request.place.flow == exchange.response.place.flow  # both travel the same way in this file
    assert codes(exchange.response) == ["answer-count"]
    (service,) = exchange.response.services
    assert service.request == 0x3F
    assert service.value.data.blocks[0].data == b"MANUFACTURER SN "


def test_wrong_table_checksum_is_a_remark():
    path = public_captures() / "c1222_rw_service_tcp.pcap"
    (exchange,), _ = decoded_file(path)
    remark = next(remark for remark in exchange.response.remarks if remark.code == "checksum-wrong")
    # 61 octets, the checksum is the last: README of the captures; protocol reference, 2.3 and 8.7.
    assert (remark.kind, remark.field, remark.message_offset) == ("note", "services[0].data.blocks[0]", 60)
    assert "00" in remark.text
    assert "A6" in remark.text
    assert exchange.response.services[0].value.data.blocks[0].data == b"testdata"


@pytest.mark.parametrize("name", [name for name in FILES if name not in REAL])
def test_synthetic_answers_lack_a4(name):
    (exchange,), _ = decoded_file(public_captures() / name)
    assert "missing-a4" in codes(exchange.response)
    assert exchange.request.remarks == []


@pytest.mark.parametrize("name", REAL)
def test_no_key(name):
    found = messages(decoded_file(public_captures() / name, ring())[0])
    assert [message.state for message in found] == ["no-key", "no-key"]
    assert all("no-key" in codes(message) for message in found)
    assert all(message.body is None for message in found)


def test_the_key_that_is_sometimes_quoted_for_example_8_does_not_open_it():
    found = messages(decoded_file(public_captures() / "c1222_std_example8.pcap", ring((2, KEY_IPV4)))[0])
    assert [message.state for message in found] == ["bad-mac", "bad-mac"]


def test_messages_say_where_in_the_file_their_packets_begin():
    """A pcap file has a head of 24 octets, a record one of 16, whose third word is the number of octets captured."""
    path = public_captures() / "c1222overIPv4.cap"
    (length,) = struct.unpack_from("<I", path.read_bytes(), 24 + 8)
    (exchange,), _ = decoded_file(path)
    assert exchange.request.place.file_offset == 24
    assert exchange.response.place.file_offset == 24 + 16 + length
