"""Values as JSON: with orjson and without, the same octets."""

import json
from datetime import date, datetime, time
from decimal import Decimal

import pytest

from c1219_tables.schema.dialect import Record, SecretOctets
from c1219_tables.times import MeterTime
from c1222.capture.decode import Decoder
from c1222.capture.export import (
    exchange_record,
    plain_text,
    remark_record,
    serializer,
    summary_record,
    time_text,
)
from c1222.capture.remark import CaptureRemark
from c1222.capture.source import Piece, Place
from c1222.capture.summary import Summary
from c1222.security.keys import Key, KeyRing
from c1222.titles import ApTitle

VALUES = [
    #            value, JSON
    pytest.param(b"\x00\xff", '"00ff"', id="octets"),
    pytest.param(SecretOctets(b"PASSWORD"), '"masked"', id="secret"),
    pytest.param(ApTitle(0x80, b"\x7b\xc1\x75"), '".123.8437"', id="title"),
    pytest.param(Record(a=None, b=True, c=[Record(d=b"\x01")]), '{"a":null,"b":true,"c":[{"d":"01"}]}', id="record"),
    pytest.param(Decimal("12.50"), '"12.50"', id="decimal"),
    pytest.param(Decimal("-1E+3"), '"-1E+3"', id="decimal-with-exponent"),
    pytest.param([1.5, float("nan"), {"a": float("-inf")}], '[1.5,null,{"a":null}]', id="floats"),
    pytest.param(
        MeterTime(b"\x0c\x0b\x08\x17\x01\x0f", datetime(2012, 11, 8, 23, 1, 15)),
        '{"value":"2012-11-08T23:01:15","raw":"0c0b0817010f"}',
        id="date-and-time",
    ),
    pytest.param(MeterTime(b"\xe9\x18", date(2024, 2, 29)), '{"value":"2024-02-29","raw":"e918"}', id="date"),
    pytest.param([MeterTime(b"", time(23, 1))], '[{"value":"23:01:00","raw":""}]', id="time-of-day"),
    pytest.param(MeterTime(b"\x00\x00", None), '{"value":null,"raw":"0000"}', id="no-time"),
    pytest.param(2**64 - 1, "18446744073709551615", id="64-bits"),
    pytest.param([2**64, b"\x01"], '[18446744073709551616,"01"]', id="more-than-64-bits"),
    pytest.param(-(2**70), "-1180591620717411303424", id="negative"),
    pytest.param("Z\xe4hler \u2026 \U0001f600", '"Z\xe4hler \u2026 \U0001f600"', id="text"),
    pytest.param('\x1b\n\x00"\\', '"\\u001b\\n\\u0000\\"\\\\"', id="control-characters"),
    pytest.param("\x7f\x80\x9b\x9f\xa0\xc2", '"\\u007f\\u0080\\u009b\\u009f\xa0\xc2"', id="other-control-characters"),
]


@pytest.mark.parametrize("fast", [True, False], ids=["orjson", "json"])
@pytest.mark.parametrize(("value", "text"), VALUES)
def test_values(value, text, fast):
    octets = serializer(fast=fast)(value)
    assert octets.decode() == text
    assert json.loads(octets) == json.loads(text)


@pytest.mark.parametrize("fast", [True, False], ids=["orjson", "json"])
def test_secrets_when_asked(fast):
    assert serializer(fast=fast, show_secrets=True)(SecretOctets(b"AB")) == b'"4142"'


@pytest.mark.parametrize("fast", [True, False], ids=["orjson", "json"])
def test_what_has_no_json_is_refused(fast):
    with pytest.raises(TypeError, match="no JSON for object"):
        serializer(fast=fast)({"a": object()})


def test_without_orjson(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "orjson", None)
    assert serializer()([2**64, b"\x01"]) == b'[18446744073709551616,"01"]'


TIMES = [
    (None, None),
    (0, "1970-01-01T00:00:00.000000Z"),
    (1_223_938_145_000_000_000, "2008-10-13T22:49:05.000000Z"),
    (1_223_938_145_123_456_000, "2008-10-13T22:49:05.123456Z"),
    (1_223_938_145_123_456_789, "2008-10-13T22:49:05.123456789Z"),
    (253_402_300_800 * 10**9, None),  # the year 10000
    (2**64 * 10**9, None),
]


@pytest.mark.parametrize(("time_ns", "text"), TIMES)
def test_times(time_ns, text):
    assert time_text(time_ns) == text


def test_a_file_name_that_is_not_utf_8():
    assert plain_text("a\udcffb") == "a\\xffb"
    remark = CaptureRemark("file-cut", "undecodable", "cut", file="a\udcffb", packet=1, file_offset=2)
    for fast in (True, False):
        assert json.loads(serializer(fast=fast)(remark_record(remark))) == {
            "type": "remark",
            "code": "file-cut",
            "kind": "undecodable",
            "text": "cut",
            "file": "a\\xffb",
            "packet": 1,
            "file_offset": 2,
        }


# Example 8 of the standard (public capture c1222_std_example8.pcap), key id 2.
EXAMPLE_8 = (
    "604fa20580037bc175a60480027b04a803020103ac0fa20da00ba109800102810448f3d061be2a2828812688"
    "41d10cda76206811b36f781489a11997773e117cb07aa3aa40374a7107c50da7f799c5d4e8",
    "6048a20480027b04a403020103a60580037bc175a803020103ac0fa20da00ba109800102810448f3d060be1e281c811a88"
    "4baee4349631ab5e56a0e6e0e90dfad558591ee4ea334cb268",
)


def test_an_exchange_and_its_summary():
    ring = KeyRing()
    ring.add(2, Key(bytes.fromhex("01020304050607080102030405060708")))
    decoder, summary = Decoder(ring, lambda _: None), Summary()
    found = [
        exchange
        for number, octets in enumerate(EXAMPLE_8, 1)
        for exchange in decoder.feed(Piece(bytes.fromhex(octets), Place("x", number, 10**9 * number)))
    ]
    (exchange,) = found
    summary.exchange(exchange)
    fast, slow = (serializer(fast=fast)(exchange_record(exchange)) for fast in (True, False))
    assert fast == slow
    request = json.loads(fast)["request"]
    assert request["services"][0]["parameters"] == {"password": "masked", "user_id": 2}
    shown = serializer(show_secrets=True)(exchange_record(exchange, show_secrets=True))
    assert b"PASSWORD            ".hex().encode() in shown
    assert summary_record(summary) == {
        "complete": True,
        "exchanges": 1,
        "answered": 1,
        "left_out": 0,
        "messages": 2,
        "states": {"opened": 2},
        "remarks": {"note": {"answer-count": 1}},
        "missing_keys": [],
        "missing_tables": [],
    }


# A2 and A6 with relative titles, A8 with id 1, BE: control 80 and a service of 3 octets, the read of table 42.
READ_42 = "60 1C A2 04 80 02 7B 04 A6 04 80 02 7B 05 A8 03 02 01 01 BE 09 28 07 81 05 80 03 30 00 2A"


@pytest.mark.parametrize("fast", [True, False], ids=["orjson", "json"])
def test_what_most_messages_have_in_common(fast):
    """Records that are the same for many messages are made once: with secrets and without they differ all the same."""
    decoder = Decoder(KeyRing(), lambda _: None)
    assert list(decoder.feed(Piece(bytes.fromhex(READ_42), Place("x", 1)))) == []
    (exchange,) = decoder.close()
    for show, parameters in ((False, "masked"), (True, {"table": 42}), (False, "masked")):
        octets = serializer(fast=fast, show_secrets=show)(exchange_record(exchange, show_secrets=show))
        request = json.loads(octets)["request"]
        assert (request["calling_ap_title"], request["called_ap_title"]) == (".123.5", ".123.4")
        assert request["apdu"] == {
            "aso_context": None,
            "called_ae_qualifier": None,
            "calling_ae_qualifier": None,
            "mechanism_name": None,
            "mechanism_name_2006": None,
            "calling_authentication_value": None,
            "indirect_reference": None,
            "unknown_elements": [],
        }
        assert request["security"] == {
            "mode": "clear",
            "state": "clear",
            "key_id": None,
            "iv": None,
            "remembered": False,
            "mac": None,
        }
        assert request["services"][0]["parameters"] == parameters
