"""Messages that came in segments: joined in every order, and what is said of those that could not be.

No capture of segments is known; their form is that of protocol reference, section 6. They are made here by hand.
"""

from itertools import pairwise, permutations

import pytest
from capture_building import (
    ANSWER8,
    HEAD_END,
    IDENTIFY,
    KEY_EXAMPLE8,
    METER,
    READ,
    REQUEST8,
    TEXT8,
    THERE,
    TITLES,
    clear,
    codes,
    decoded,
    messages,
    octets,
    piece,
    ring,
    services,
    tlv,
)

from c1222.capture.source import Limits

KEYS = ring((2, KEY_EXAMPLE8))
ORDERS = list(permutations(range(4)))


def segment(
    part: bytes,
    offset: int,
    size: int,
    *,
    called: str = METER,
    calling: str = HEAD_END,
    ident: int = 3,
) -> bytes:
    """One segment of an APDU of `size` octets."""
    parts = [
        tlv(0xA2, octets(TITLES[called])) if called else b"",
        tlv(0xA3, tlv(2, size.to_bytes(2, "big"))),
        tlv(0xA6, octets(TITLES[calling])) if calling else b"",
        tlv(0xA8, bytes([2, 1, ident])),
        tlv(0xBE, tlv(0x28, tlv(2, offset.to_bytes(2, "big")) + tlv(0x81, part))),
    ]
    return tlv(0x60, b"".join(parts))


def cut(data: bytes, *places: int, **more: object) -> list[bytes]:
    """`data` in segments that end at `places` and at its end."""
    ends = [0, *places, len(data)]
    return [
        segment(data[start:end], start, len(data), **more)  # type: ignore[arg-type]
        for start, end in pairwise(ends)
    ]


FOUR = cut(REQUEST8, 10, 40, 80)


def test_the_segments_here_are_segments_to_the_reference():
    """A3 has the size, 02 inside 28 the offset; the first octets are those of the whole APDU."""
    first = FOUR[0]
    assert octets("A3 04 02 02 00 51") in first  # 81 octets
    assert octets("28 10 02 02 00 00 81 0A 60 4F") in first


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_joined_in_every_order(order):
    exchanges, remarks = decoded([FOUR[n] for n in order], KEYS)
    (message,) = messages(exchanges)
    assert (message.octets, message.segments) == (REQUEST8, 4)
    assert (message.state, message.opened.text) == ("opened", TEXT8)
    assert (message.place.packet, message.place.last_packet) == (1, 4)
    assert (remarks, codes(message)) == ([], [])


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_repeated_segments_change_nothing(order):
    exchanges, remarks = decoded([FOUR[n] for n in (order[0], order[1], order[0], order[2], order[1], order[3])], KEYS)
    (message,) = messages(exchanges)
    assert message.octets == REQUEST8
    assert remarks == []


def test_answer_in_segments_finds_its_request():
    back = cut(ANSWER8, 50, called=HEAD_END, calling=METER)
    (exchange,), remarks = decoded([REQUEST8, *back], KEYS)
    assert exchange.response.octets == ANSWER8
    assert exchange.response.place.packet == 2
    assert remarks == []


def test_overlap_with_the_same_octets():
    parts = [(0, 30), (20, 60), (50, 81), (60, 81)]
    exchanges, remarks = decoded([segment(REQUEST8[a:b], a, 81) for a, b in parts], KEYS)
    assert [message.octets for message in messages(exchanges)] == [REQUEST8]
    assert [(remark.code, remark.packet) for remark in remarks] == [("segment-missing", 4)]


def test_overlap_with_other_octets_is_refused():
    wrong = bytearray(REQUEST8[20:60])
    wrong[5] ^= 0xFF
    parts = [segment(REQUEST8[:30], 0, 81), segment(bytes(wrong), 20, 81), segment(REQUEST8[30:], 30, 81)]
    exchanges, remarks = decoded(parts, KEYS)
    assert [message.octets for message in messages(exchanges)] == [REQUEST8]
    ((code, kind, packet, text),) = [(r.code, r.kind, r.packet, r.text) for r in remarks]
    assert (code, kind, packet) == ("segment-refused", "undecodable", 2)
    assert "differ" in text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(segment(REQUEST8[:30], 60, 81), "do not belong", id="beyond-the-end"),
        pytest.param(segment(b"", 0, 81), "do not belong", id="empty"),
        pytest.param(segment(REQUEST8[:30], 0, 90), "claims 90", id="another-size"),
        pytest.param(segment(REQUEST8[:30], 0, 60_000), "limit 1000", id="too-large"),
        pytest.param(
            octets("60 16 A2 05 80 03 7B C1 75 A3 03 02 01 51 A8 03 02 01 03 BE 05 28 03 81 01 60"),
            "without offset",
            id="no-offset",
        ),
    ],
)
def test_refused(data, text):
    data = bytes([0x60, len(data) - 2]) + data[2:]
    exchanges, remarks = decoded([FOUR[0], FOUR[1], data, FOUR[2], FOUR[3]], KEYS, Limits(max_message=1000))
    assert [message.octets for message in messages(exchanges)] == [REQUEST8]
    assert [(remark.code, remark.kind, remark.file, remark.packet) for remark in remarks] == [
        ("segment-refused", "undecodable", "file.pcap", 3)
    ]
    assert text in remarks[0].text


@pytest.mark.parametrize("missing", range(4))
def test_missing(missing):
    parts = [part for n, part in enumerate(FOUR) if n != missing]
    exchanges, remarks = decoded([*parts, IDENTIFY], KEYS)
    assert [message.octets for message in messages(exchanges)] == [IDENTIFY]
    lost = (10, 30, 40, 1)[missing]
    assert [(r.code, r.kind, r.file, r.packet) for r in remarks] == [("segment-missing", "undecodable", "file.pcap", 1)]
    assert remarks[0].text.startswith(f"{lost} of 81 octets")


def test_several_messages_at_a_time():
    other = cut(REQUEST8, 40, calling=".5")
    again = cut(REQUEST8, 40, ident=4)
    mixed = [FOUR[0], other[1], again[0], FOUR[3], other[0], FOUR[2], again[1], FOUR[1]]
    exchanges, remarks = decoded(mixed, KEYS)
    assert [(m.place.packet, m.place.last_packet, m.segments) for m in messages(exchanges)] == [
        (1, 8, 4),
        (2, 5, 2),
        (3, 7, 2),
    ]
    assert remarks == []


def test_without_titles_a_message_belongs_to_its_flow():
    parts = cut(REQUEST8, 40, called="", calling="")
    elsewhere = THERE._replace(source_port=40001)
    exchanges, remarks = decoded([piece(parts[0], 1), piece(parts[1], 2, flow=elsewhere), piece(parts[1], 3)], KEYS)
    assert [message.place.last_packet for message in messages(exchanges)] == [3]
    assert [(remark.code, remark.packet) for remark in remarks] == [("segment-missing", 2)]


def test_time_out():
    limits = Limits(answer_seconds=60)
    parts = [piece(FOUR[n], n + 1, seconds=s) for n, s in enumerate((0, 60, 120, 180))]
    assert len(messages(decoded(parts, KEYS, limits)[0])) == 1  # each has waited 60 seconds at most
    parts = [piece(FOUR[n], n + 1, seconds=s) for n, s in enumerate((0, 61, 61, 61))]
    exchanges, remarks = decoded(parts, KEYS, limits)
    assert messages(exchanges) == []
    assert [(remark.code, remark.packet) for remark in remarks] == [("segment-missing", 1), ("segment-missing", 2)]


def test_at_most_so_many_are_begun():
    starts = [segment(REQUEST8[:10], 0, 81, ident=n) for n in range(1, 6)]
    exchanges, remarks = decoded([*starts, segment(REQUEST8[10:], 10, 81, ident=5)], KEYS, Limits(max_partial=3))
    assert [(m.place.packet, m.octets) for m in messages(exchanges)] == [(5, REQUEST8)]
    assert [(remark.code, remark.packet) for remark in remarks] == [("segment-missing", n) for n in (1, 2, 3, 4)]


def test_what_was_joined_may_be_no_message():
    noise = bytes(81)
    exchanges, remarks = decoded(cut(noise, 40), KEYS)
    (message,) = messages(exchanges)
    assert (message.state, codes(message), remarks) == ("unreadable", ["not-c1222"], [])


def test_a_segment_inside_segments_is_not_joined_again():
    """Nothing nests: what was joined is a message, whatever it looks like."""
    inner = FOUR[0]
    exchanges, remarks = decoded(cut(inner, 20, ident=7), KEYS)
    (message,) = messages(exchanges)
    assert message.octets == inner
    assert remarks == []


def test_segments_of_one_octet():
    parts = [segment(REQUEST8[at : at + 1], at, 81) for at in range(81)]
    (message,) = messages(decoded([*parts[::2], *parts[1::2]], KEYS)[0])
    assert (message.segments, message.opened.text) == (81, TEXT8)


def test_clear_message_in_segments():
    data = clear(READ)
    (message,) = messages(decoded(cut(data, 5))[0])
    assert services(message) == ["300001"]
