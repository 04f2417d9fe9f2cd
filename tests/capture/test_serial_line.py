"""From packets to exchanges: joined, repetitions dropped, answers found; what is lost is said."""

import pytest
from capture_building import codes as codes_of
from serial_building import (
    ACK,
    IDENTIFY,
    IDENTITY,
    LOGON,
    NAK,
    READ_1,
    ST_1,
    WALK,
    WALK_PAIRS,
    codes,
    decoded,
    decoded_octets,
    in_several,
    packet,
    pairs_of,
    record,
    start,
    talk,
    trace,
)

from c1222.capture.serial_decode import LINES
from c1222.capture.source import Limits

OK, READ, TABLE = "00", "300001", ST_1[6:-2].hex()
WALK_TALK = talk(WALK)
ALL = b"".join(octets for _, octets in WALK_TALK)


def test_the_walk_through(tmp_path):
    exchanges, remarks = decoded(WALK_TALK, tmp_path)
    assert pairs_of(exchanges) == WALK_PAIRS
    assert remarks == []
    assert [each.request.place.packet for each in exchanges] == [1, 5, 9, 13, 17]
    assert [each.response.place.packet for each in exchanges] == [3, 7, 11, 15, 19]
    first = exchanges[0]
    assert (first.request.link.way, first.response.link.way) == ("out", "in")
    assert (first.request.link.toggle, first.response.link.toggle) == (False, True)
    assert {message.state for each in exchanges for message in (each.request, each.response)} == {"clear"}


@pytest.mark.parametrize("cut", range(1, len(ST_1)))
def test_chunks_of_any_size(cut, tmp_path):
    """Each write and each read in two pieces, at the same place."""
    said = [(way, part) for way, octets in WALK_TALK for part in (octets[:cut], octets[cut:]) if part]
    exchanges, remarks = decoded(said, tmp_path)
    assert (pairs_of(exchanges), remarks) == (WALK_PAIRS, [])


@pytest.mark.parametrize("cut", range(len(ALL)))
def test_a_recording_that_ends_anywhere(cut, tmp_path):
    """Nothing that was whole is lost, and nothing comes out that was not."""
    said, left, whole = [], cut, []
    for way, octets in WALK_TALK:
        said.append((way, octets[:left]))
        if len(octets) > 1 and len(octets) <= left:
            whole.append(octets[6:-2].hex())
        left = max(0, left - len(octets))
    exchanges, remarks = decoded([one for one in said if one[1]] or [("out", b"\xee")], tmp_path)
    assert [octets for pair in pairs_of(exchanges) for octets in pair if octets] == whole
    assert set(codes(remarks)) <= {"packet-lost", "not-c1218", "line-noise"}


def test_the_side_of_the_meter(tmp_path):
    """Recorded there, requests come in and answers go out."""
    other = {"in": "out", "out": "in"}
    exchanges, remarks = decoded([(other[way], octets) for way, octets in WALK_TALK], tmp_path)
    assert (pairs_of(exchanges), remarks) == (WALK_PAIRS, [])
    assert exchanges[0].request.link.way == "in"


def test_nobody_says_which_way(tmp_path):
    """As others write traces: a whole packet in each record."""
    exchanges, remarks = decoded([("", octets) for _, octets in WALK_TALK], tmp_path)
    assert (pairs_of(exchanges), remarks) == (WALK_PAIRS, [])
    assert exchanges[0].request.link.way is None


FIVE = bytes(range(0x30, 0x30 + 150))
BIG_ANSWER = bytes.fromhex("00 0096") + FIVE + bytes([-sum(FIVE) & 0xFF])
PARTS = in_several(BIG_ANSWER, 56, toggle=1)
READ_60 = packet("30003C")


def acknowledged(parts, way="in"):
    back = "out" if way == "in" else "in"
    return [one for part in parts for one in ((way, part), (back, ACK))]


def test_several_packets_make_one_message(tmp_path):
    said = [("out", READ_60), ("in", ACK), *acknowledged(PARTS)]
    [exchange], remarks = decoded(said, tmp_path)
    assert pairs_of([exchange]) == [("30003c", BIG_ANSWER.hex())]
    assert remarks == []
    assert exchange.response.link.packets == 3
    assert (exchange.response.place.packet, exchange.response.place.last_packet) == (3, 7)


def test_a_request_of_several_packets(tmp_path):
    """1.6: ST-7 written with 103 octets, 109 in all, in two packets; control C0 and A0, sequence 1 and 0."""
    write = bytes.fromhex("40 0007 0067") + bytes(103) + b"\x00"
    parts = in_several(write, 56)
    assert [part[2:4].hex() for part in parts] == ["c001", "a000"]
    said = [*acknowledged(parts, "out"), ("in", packet(OK, 1)), ("out", ACK)]
    exchanges, remarks = decoded(said, tmp_path)
    assert (pairs_of(exchanges), remarks) == ([(write.hex(), OK)], [])


@pytest.mark.parametrize("which", range(3))
def test_parts_that_came_twice(which, tmp_path):
    parts = [*PARTS[: which + 1], *PARTS[which:]]
    exchanges, remarks = decoded([("out", READ_60), ("in", ACK), *acknowledged(parts)], tmp_path)
    assert pairs_of(exchanges) == [("30003c", BIG_ANSWER.hex())]
    assert codes(remarks) == ["packet-repeated"]


@pytest.mark.parametrize("which", range(3))
def test_a_part_that_is_missing(which, tmp_path):
    """The answer never comes out in part; what follows is not touched."""
    parts = [part for number, part in enumerate(PARTS) if number != which]
    said = [("out", READ_60), ("in", ACK), *acknowledged(parts), *talk([(READ_1, ST_1)])]
    exchanges, remarks = decoded(said, tmp_path)
    assert pairs_of(exchanges) == [("30003c", None), (READ, TABLE)]
    assert set(codes(remarks)) == {"message-cut"}
    assert {remark.kind for remark in remarks} == {"undecodable"}


def test_a_message_that_begins_anew(tmp_path):
    said = [("out", READ_60), ("in", ACK), *acknowledged([*PARTS[:2], *PARTS])]
    exchanges, remarks = decoded(said, tmp_path)
    assert pairs_of(exchanges) == [("30003c", BIG_ANSWER.hex())]
    assert codes(remarks) == ["message-cut"]


def test_a_message_without_end_takes_no_memory(tmp_path):
    said = [("out", READ_60), *(("in", part) for part in in_several(bytes(4000), 20))]
    exchanges, remarks = decoded(said, tmp_path, limits=Limits(max_line_message=1000))
    assert pairs_of(exchanges) == [("30003c", None)]
    assert "more than 1000 octets" in remarks[0].text
    assert codes(remarks)[0] == "message-cut"


def test_the_largest_table_that_one_answer_carries(tmp_path):
    """protocol.md 1.1, 1.4: 255 packets; here of 512 octets, with 112,896 octets of table 60 in two blocks (2.3)."""
    table = bytes(range(256)) * 441
    blocks = (table[:65535], table[65535:])
    answer = b"\x00" + b"".join(
        size.to_bytes(2, "big") + data + bytes([-sum(data) & 0xFF])
        for data, size in zip(blocks, (0xFFFF, len(blocks[1])), strict=True)
    )
    said = [("out", READ_60), *(("in", part) for part in in_several(answer, 504))]
    exchanges, remarks = decoded(said, tmp_path)
    assert pairs_of(exchanges) == [("30003c", answer.hex())]
    assert codes(remarks) == []


# -- Repetitions ------------------------------------------------------------------------------------------------------


def test_a_request_that_is_sent_until_it_is_heard(tmp_path):
    said = [("out", READ_1), ("out", READ_1), ("in", NAK), ("out", READ_1), ("in", ACK), ("in", ST_1), ("out", ACK)]
    exchanges, remarks = decoded(said, tmp_path)
    assert pairs_of(exchanges) == [(READ, TABLE)]
    assert codes(remarks) == ["packet-repeated"] * 2
    assert {remark.kind for remark in remarks} == {"note"}


def test_an_answer_that_is_sent_until_it_is_heard(tmp_path):
    said = [*talk([(READ_1, ST_1)])[:3], ("out", NAK), ("in", ST_1), ("in", ST_1), ("out", ACK)]
    exchanges, remarks = decoded([*said, *talk([(LOGON, packet(OK))])], tmp_path)
    assert pairs_of(exchanges) == [(READ, TABLE), (LOGON[6:-2].hex(), OK)]
    assert codes(remarks) == ["packet-repeated"] * 2


def test_an_answer_that_is_repeated_behind_the_next_request(tmp_path):
    """Its ACK was lost: the meter says it again, and then answers."""
    said = [*talk([(READ_1, ST_1)]), ("out", LOGON), ("in", ST_1), ("out", ACK), ("in", ACK), ("in", packet(OK))]
    exchanges, remarks = decoded(said, tmp_path)
    assert pairs_of(exchanges) == [(READ, TABLE), (LOGON[6:-2].hex(), OK)]
    assert codes(remarks) == ["packet-repeated"]


def test_a_request_that_is_repeated_behind_its_answer(tmp_path):
    said = [*talk([(READ_1, ST_1)])[:3], ("out", READ_1), ("in", ACK), *talk([(LOGON, packet(OK))])]
    exchanges, remarks = decoded(said, tmp_path)
    assert pairs_of(exchanges) == [(READ, TABLE), (LOGON[6:-2].hex(), OK)]
    assert codes(remarks) == ["packet-repeated"]


def test_equal_answers_to_different_requests(tmp_path):
    """A recorded refusal, iar: a meter that does not flip its toggle says the same twice, and means it."""
    iar = bytes.fromhex("EE0020000001052D06")
    other = packet("300040", 0)
    exchanges, remarks = decoded(talk([(READ_1, iar), (other, iar), (LOGON, packet(OK))]), tmp_path)
    assert pairs_of(exchanges) == [(READ, "05"), ("300040", "05"), (LOGON[6:-2].hex(), OK)]
    assert remarks == []


def test_a_client_that_never_flips_its_toggle(tmp_path):
    """ESP: control always 00. The same read twice; the second answer differs."""
    read = packet("300034")
    first, second = packet("00 0001 05 FB"), packet("00 0001 06 FA")
    exchanges, remarks = decoded(talk([(read, first), (read, second), (read, second), (read, first)]), tmp_path)
    assert pairs_of(exchanges) == [("300034", each[6:-2].hex()) for each in (first, second, second, first)]
    assert remarks == []


def test_identify_begins_anew(tmp_path):
    """A GE answers every Identify with the same octets, and means each."""
    exchanges, remarks = decoded(talk([(IDENTIFY, IDENTITY)] * 3), tmp_path)
    assert pairs_of(exchanges) == [("20", "0000010000")] * 3
    assert remarks == []


# -- Loss and noise ---------------------------------------------------------------------------------------------------


def damaged(octets):
    return bytes([*octets[:-1], octets[-1] ^ 0xFF])


def test_a_broken_packet_that_is_sent_again(tmp_path):
    said = [("out", READ_1), ("in", ACK), ("in", damaged(ST_1)), ("out", NAK), ("in", ST_1), ("out", ACK)]
    exchanges, [remark] = decoded(said, tmp_path)
    assert pairs_of(exchanges) == [(READ, TABLE)]
    assert (remark.code, remark.kind, remark.packet) == ("packet-broken", "note", 3)
    # Section 36 octets, interface 20, packets 1 and 2 of 56 and 52: 32 of the block, 9 or 1 octets padded, 12 flags.
    assert remark.file_offset == 28 + 20 + (32 + 12 + 12) + (32 + 4 + 12)


def test_a_broken_packet_that_is_not(tmp_path):
    said = [("out", READ_1), ("in", ACK), ("in", damaged(ST_1)), *talk([(LOGON, packet(OK))])]
    exchanges, [remark] = decoded(said, tmp_path)
    assert pairs_of(exchanges) == [(READ, None), (LOGON[6:-2].hex(), OK)]
    assert (remark.code, remark.kind, remark.packet) == ("packet-lost", "undecodable", 3)


def test_a_request_that_was_not_heard_whole(tmp_path):
    exchanges, remarks = decoded([("out", damaged(READ_1)), ("in", ACK), ("in", ST_1), ("out", ACK)], tmp_path)
    assert pairs_of(exchanges) == [(None, TABLE)]
    assert codes(remarks) == ["packet-lost"]
    assert codes_of(exchanges[0].response) == ["request-unknown"]


def test_a_packet_that_is_cut(tmp_path):
    """The meter falls silent, and the client goes on."""
    said = [("out", READ_1), ("in", ACK), ("in", ST_1[:30]), *talk([(LOGON, packet(OK))])]
    exchanges, remarks = decoded(said, tmp_path)
    assert pairs_of(exchanges) == [(READ, None), (LOGON[6:-2].hex(), OK)]
    assert codes(remarks) == ["packet-lost"]


def test_octets_between(tmp_path):
    exchanges, [remark] = decoded([("out", b"\x55"), *talk([(IDENTIFY, IDENTITY)])], tmp_path)
    assert pairs_of(exchanges) == [("20", "0000010000")]
    assert (remark.code, remark.kind, remark.packet) == ("line-noise", "note", 1)


def test_an_echo(tmp_path):
    """Some optical probes hear what they send."""
    said = [("out", READ_1), ("in", READ_1 + ACK + ST_1), ("out", ACK), ("in", ACK)]
    exchanges, remarks = decoded(said, tmp_path)
    assert pairs_of(exchanges) == [(READ, TABLE)]
    assert codes(remarks) == ["echo"]


def test_what_is_no_c1218(tmp_path):
    exchanges, remarks = decoded([("in", b"/GE5\\2I210\r\n"), ("out", b"?!")], tmp_path)
    assert exchanges == []
    assert codes(remarks) == ["line-noise", "line-noise", "not-c1218"]
    assert remarks[-1].kind == "undecodable"
    assert "GE" not in "".join(remark.text for remark in remarks)


def test_a_flood_of_remarks_is_dammed(tmp_path):
    said = [one for _ in range(500) for one in (("out", b"\x55" + READ_1), ("in", ST_1))]
    _, remarks = decoded(said, tmp_path)
    assert codes(remarks).count("line-noise") == 21


# -- Lines ------------------------------------------------------------------------------------------------------------


def test_lines_are_told_apart(tmp_path):
    """Two interfaces, their packets mixed: each has its own conversation."""
    talks = zip(talk([(IDENTIFY, IDENTITY)]), talk([(READ_1, ST_1)]), strict=True)
    records = [record(*one, interface=n) for both in talks for n, one in enumerate(both)]
    exchanges, remarks = decoded_octets(start(interfaces=2) + b"".join(records), tmp_path)
    assert remarks == []
    assert pairs_of(exchanges) == [("20", "0000010000"), (READ, TABLE)]
    assert [each.request.link.line for each in exchanges] == [0, 1]


def test_lines_without_end_are_forgotten(tmp_path):
    number = LINES + 10
    records = [record("out", READ_1, interface=n) for n in range(number)]
    exchanges, remarks = decoded_octets(start(interfaces=number) + b"".join(records), tmp_path)
    assert pairs_of(exchanges) == [(READ, None)] * number
    assert remarks == []


def test_other_link_types_are_what_they_were(tmp_path):
    exchanges, remarks = decoded_octets(trace(WALK_TALK, linktype=148), tmp_path)
    assert exchanges == []
    assert codes(remarks) == ["linktype-unknown"]
