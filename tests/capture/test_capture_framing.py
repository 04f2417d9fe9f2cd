"""The octets of a stream cut into APDUs: every split point, garbage, gaps, wrong lengths, bounded memory."""

import pytest
from capture_building import ANSWER8, IDENTIFY, IDENTIFY_ANSWER, MODE1, REQUEST8, clear, octets

from c1222.capture.framing import Framed, Framer, Framers, Lost

LARGE = clear("40 0001 0100" + "00" * 256 + "00")  # lengths of two octets (82)
# The same length of an APDU written in four octets (84), as one deployed client does: protocol reference, 4.1.
LONG_FORM = b"\x60\x84\x00\x00\x00" + IDENTIFY[1:]
STREAM = [REQUEST8, IDENTIFY, LARGE, LONG_FORM, MODE1]
LIMIT = 0x10000


def feed(*parts, limit=LIMIT, close=True):
    """What a framer makes of these pieces, one a packet: what was framed, and what was lost."""
    framer = Framer(limit)
    found = []
    for packet, part in enumerate(parts, 1):
        found += framer.gap(part) if isinstance(part, int) else framer.feed(part, packet, packet * 1000)
    if close:
        found += framer.close()
    return [one for one in found if isinstance(one, Framed)], [one for one in found if isinstance(one, Lost)]


def framed(*parts, **options):
    return [one.octets for one in feed(*parts, **options)[0]]


def losses(*parts, **options):
    return [(one.code, one.packet) for one in feed(*parts, **options)[1]]


@pytest.mark.parametrize("cut", range(1, len(b"".join(STREAM))))
def test_every_split_point(cut):
    stream = b"".join(STREAM)
    found, lost = feed(stream[:cut], stream[cut:])
    assert [one.octets for one in found] == STREAM
    assert lost == []
    # Octet `cut` is the first that came in packet 2.
    start = 0
    for one, message in zip(found, STREAM, strict=True):
        assert one.packet == (1 if start < cut else 2)
        assert one.time_ns == one.packet * 1000
        assert one.last_packet == (1 if start + len(message) <= cut else 2)
        start += len(message)


def test_octet_by_octet():
    stream = b"".join(STREAM)
    found, lost = feed(*(stream[at : at + 1] for at in range(len(stream))))
    assert [one.octets for one in found] == STREAM
    assert lost == []
    assert found[1].packet == len(REQUEST8) + 1
    assert found[1].last_packet == len(REQUEST8) + len(IDENTIFY)


def test_several_in_one_segment():
    found, lost = feed(b"".join(STREAM))
    assert [one.octets for one in found] == STREAM
    assert lost == []


@pytest.mark.parametrize(
    "garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00", b"\x60\x80\xa2", b"\x60\x7c\x86"]
)
def test_garbage_between(garbage):
    found, lost = feed(IDENTIFY + garbage + REQUEST8, garbage, ANSWER8)
    assert [one.octets for one in found] == [IDENTIFY, REQUEST8, ANSWER8]
    assert [one.code for one in lost] == ["not-c1222"] * len(lost)
    assert {one.packet for one in lost} == {1, 2}


def test_garbage_in_many_packets_is_said_once():
    """Else what speaks something else on the port would leave no room for other remarks."""
    found, lost = feed(IDENTIFY, *[b"\x17\x03\x03" + bytes(97)] * 50, REQUEST8, b"more", b"and more")
    assert [one.octets for one in found] == [IDENTIFY, REQUEST8]
    assert [(one.code, one.packet, one.text) for one in lost] == [
        ("not-c1222", 2, "5000 octets are not C12.22 (the first is 17)"),
        ("not-c1222", 53, "12 octets are not C12.22 (the first is 6D)"),
    ]


def test_garbage_is_counted_and_not_repeated():
    """It may be the middle of a message, and hold a password."""
    ((_, lost),) = [feed(b"PASSWORD" * 3 + IDENTIFY)]
    assert "24 octets" in lost[0].text
    assert "PASS" not in lost[0].text
    assert b"PASS".hex() not in lost[0].text


@pytest.mark.parametrize("start", range(1, len(REQUEST8)))
def test_stream_that_begins_in_the_middle(start):
    found = framed(REQUEST8[start:], IDENTIFY)
    assert found == [IDENTIFY]
    found = framed(REQUEST8[start:] + IDENTIFY, IDENTIFY_ANSWER)
    assert found == [IDENTIFY, IDENTIFY_ANSWER]


@pytest.mark.parametrize("there", range(1, len(REQUEST8)))
def test_gap_in_a_message(there):
    found, lost = feed(REQUEST8[:there], 7, ANSWER8)
    assert [one.octets for one in found] == [ANSWER8]
    ((code, packet),) = [(one.code, one.packet) for one in lost]
    assert packet == 1
    assert code == "message-cut"
    assert "7 octets" in lost[0].text


def test_gap_between_messages_loses_nothing_more():
    assert framed(IDENTIFY, 1000, ANSWER8) == [IDENTIFY, ANSWER8]
    assert losses(IDENTIFY, 1000, ANSWER8) == []


def test_gap_and_the_rest_of_the_message_behind_it():
    found, lost = feed(REQUEST8[:20], 10, REQUEST8[30:] + IDENTIFY)
    assert [one.octets for one in found] == [IDENTIFY]
    assert [(one.code, one.packet) for one in lost] == [("message-cut", 1), ("not-c1222", 3)]


@pytest.mark.parametrize("there", range(1, len(IDENTIFY)))
def test_stream_that_ends_in_the_middle(there):
    found, lost = feed(REQUEST8, IDENTIFY[:there])
    assert [one.octets for one in found] == [REQUEST8]
    assert [(one.code, one.packet) for one in lost] == [("message-cut", 2)]


@pytest.mark.parametrize("claim", [0x31, 0x40, 0x70, 0x7F])
def test_a_length_that_is_too_large_costs_one_message(claim):
    """IDENTIFY has 30: with more, it would take octets of the messages behind it."""
    broken = bytes([0x60, claim]) + IDENTIFY[2:]
    found, lost = feed(broken + REQUEST8 + ANSWER8 + IDENTIFY)
    assert [one.octets for one in found] == [REQUEST8, ANSWER8, IDENTIFY]
    assert [one.code for one in lost] == ["not-c1222"]


@pytest.mark.parametrize("claim", ["82 FF 00", "83 00 FF 00", "84 00 00 FF 00"])
def test_a_length_whose_octets_never_come_costs_one_message(claim):
    broken = octets("60", claim) + IDENTIFY[2:]
    found, lost = feed(broken, REQUEST8, ANSWER8[:40], ANSWER8[40:], IDENTIFY)
    assert [one.octets for one in found] == [REQUEST8, ANSWER8, IDENTIFY]
    assert [(one.packet, one.last_packet) for one in found] == [(2, 2), (3, 4), (5, 5)]
    assert [(one.code, one.packet) for one in lost] == [("message-cut", 1)]


@pytest.mark.parametrize("claim", [0x00, 0x10, 0x2F])
def test_a_length_that_is_too_small_costs_one_message(claim):
    broken = bytes([0x60, claim]) + IDENTIFY[2:]
    found = framed(broken + REQUEST8, ANSWER8)
    assert found[-2:] == [REQUEST8, ANSWER8]


BROKEN = octets("60 05 A2 01 00 BE 7F")  # as long as it says, but its last element is not


def test_a_broken_message_where_one_is_due_comes_out():
    """It is shown as what it is, with its octets."""
    assert framed(IDENTIFY + BROKEN + REQUEST8) == [IDENTIFY, BROKEN, REQUEST8]
    assert framed(IDENTIFY, BROKEN[:3], BROKEN[3:] + REQUEST8) == [IDENTIFY, BROKEN, REQUEST8]


def test_garbage_that_looks_like_a_message_does_not_where_none_is_due():
    framers = Framers(LIMIT, 1 << 20)
    found = framers.feed(1, REQUEST8[:30], 1, None)
    found += framers.feed(1, bytes(50), 3, None, gap=1460)
    found += framers.feed(1, bytes(50) + BROKEN + bytes(50), 4, None)
    found += framers.feed(1, BROKEN + IDENTIFY + BROKEN, 5, None)
    assert [one.octets for one in found if isinstance(one, Framed)] == [IDENTIFY, BROKEN]
    assert framers.feed(1, b"", 6, None, ends=True) == []


def test_a_message_whose_length_and_envelope_are_wrong_costs_one_message():
    """BE claims the message behind it and some octets more: its own elements do not fill it."""
    broken = bytearray(IDENTIFY)
    broken[1] += len(REQUEST8) + 10
    broken[-8] += len(REQUEST8) + 10
    found, lost = feed(bytes(broken) + REQUEST8 + ANSWER8, MODE1)
    assert [one.octets for one in found] == [REQUEST8, ANSWER8, MODE1]
    assert [one.code for one in lost] == ["not-c1222"]


def test_limit():
    assert framed(LARGE, limit=len(LARGE)) == [LARGE]
    assert framed(LARGE[:50], LARGE[50:], limit=len(LARGE)) == [LARGE]
    for parts in ([LARGE], [LARGE[:50], LARGE[50:]]):
        found, lost = feed(*parts, IDENTIFY, limit=len(LARGE) - 1)
        assert [one.octets for one in found] == [IDENTIFY]
        assert {one.code for one in lost} == {"not-c1222"}


@pytest.mark.parametrize("claim", ["82 FF F0", "83 FF FF FF", "84 FF FF FF FF", "85 01 01 01 01 01"])
def test_claims_beyond_the_limit_are_not_waited_for(claim):
    framer = Framer(1000)
    found = framer.feed(octets("60", claim, "A2 05 80 03 7B C1 75") + bytes(3000), 1, None)
    assert framer.held < 1000
    found += framer.close()
    assert {one.code for one in found} == {"not-c1222"}


def test_many_streams_are_bounded_together():
    framers = Framers(0x10000, 1 << 20)
    lost = []
    for stream in range(5000):
        lost += framers.feed(stream, octets("60 83 00 FF 00 A2 05") + bytes(993), stream + 1, None)
        assert sum(framer.held for framer in framers._waiting.values()) <= 1 << 20
    assert {one.code for one in lost} == {"message-cut"}
    assert [one.packet for one in lost] == list(range(1, len(lost) + 1))  # those fed longest ago were given up
    lost += framers.close()
    assert len(lost) == 5000


def test_octets_that_come_singly_count_for_what_they_cost():
    """Each packet is remembered for its number and time, which is more than its one octet."""
    framers = Framers(0x10000, 100_000)
    head = octets("60 83 00 FF 00 A2 05")
    for stream in range(20):
        for at in range(100):
            framers.feed(stream, head[at : at + 1] or b"\0", at, None)
    assert sum(len(framer._marks) for framer in framers._waiting.values()) < 1000


def test_streams_go_on_independently():
    framers = Framers(0x10000, 1 << 20)
    assert framers.feed(1, REQUEST8[:30], 1, None) == []
    assert framers.feed(2, ANSWER8[:30], 2, None) == []
    (first,) = framers.feed(1, REQUEST8[30:], 3, None)
    (second,) = framers.feed(2, ANSWER8[30:], 4, None, ends=True)
    assert (first.octets, first.packet, first.last_packet) == (REQUEST8, 1, 3)
    assert (second.octets, second.packet, second.last_packet) == (ANSWER8, 2, 4)
    assert framers.close() == []


def test_end_of_a_stream_gives_up_what_it_holds():
    framers = Framers(0x10000, 1 << 20)
    (lost,) = framers.feed(1, REQUEST8[:30], 1, None, ends=True)
    assert lost.code == "message-cut"
    (again,) = framers.feed(1, REQUEST8, 2, None)
    assert again.octets == REQUEST8


def test_hostile_octets_cost_time_in_proportion():
    """Places where an APDU might begin, every few octets, each claiming all that follows: looked at once each."""
    units = octets("A2 04 60 82 F0 00") * 10_000
    framer = Framer(0x10000)
    found = framer.feed(octets("60 82 FF F0") + units, 1, None) + framer.close()
    assert sum(int(one.text.split()[0]) for one in found) == len(units) + 4
