"""Tables that come whole, in pieces, cut, too large, of unknown size: the octets are always all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meters_by_rule import ERR, IAR, ONP, Agreed, Network, Reads, RuledMeter, blocks, carry_out
from scripted import FAST, ScriptedMeter, meter_on, table_data
from tables_by_hand import NEGOTIATE, OK, full_read, negotiated, offset_read, opening

from c1219_tables.errors import TableError
from c1222.errors import RemoteProtocolError, ServiceError
from c1222.link import LinkSettings
from c1222.session.operations.reading import Room, read_index, read_span, read_whole
from c1222.session.settings import LineOptions

T = 64
RSTL = b"\x10"
SGNP = b"\x11"


def pattern(size):
    """Octets in which every place is another: a piece at the wrong place shows."""
    return b"".join(n.to_bytes(3, "big") for n in range(size // 3 + 1))[:size]


def whole(rule, size, channel):
    return carry_out(read_whole(T, size, Room(channel), FAST), rule)


def span(rule, offset, count, channel):
    return carry_out(read_span(T, offset, count, Room(channel), FAST), rule)


# -- Which way a table is read -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", [Agreed(1000), Network()])
@pytest.mark.parametrize("size", [None, 300])
def test_whole_where_it_fits(channel, size):
    rule = Reads({T: pattern(300)})
    assert whole(rule, size, channel) == pattern(300)
    assert rule.heard == [None]


@pytest.mark.parametrize(("size", "wholly"), [(996, True), (997, False)])
def test_what_was_negotiated_decides(size, wholly):
    """An answer holds a response code, a count of two octets, a checksum: 4 octets more than the table."""
    rule = Reads({T: pattern(size)}, room=1000)
    assert whole(rule, size, Agreed(1000)) == pattern(size)
    assert rule.heard == ([None] if wholly else [(0, 996), (996, 1)])


@pytest.mark.parametrize(("size", "pieces"), [(1992, 2), (1993, 3), (2988, 3)])
def test_a_table_that_ends_at_a_piece_and_beside_it(size, pieces):
    rule = Reads({T: pattern(size)}, room=1000)
    assert whole(rule, size, Agreed(1000)) == pattern(size)
    assert len(rule.heard) == pieces


@pytest.mark.parametrize("most", [1, 7, 100, 995])
def test_a_meter_that_gives_less_than_asked(most):
    rule = Reads({T: pattern(2000)}, room=1000, most=most)
    assert whole(rule, 2000, Agreed(1000)) == pattern(2000)


@pytest.mark.parametrize("size", [None, 3000])
@pytest.mark.parametrize("too_large", [ONP, ERR, RSTL, SGNP], ids=["onp", "err", "rstl", "sgnp"])
def test_too_large_is_found_out(size, too_large):
    """C12.22 negotiates no sizes. 643 octets is what an Itron device holds; it says err (protocol.md 3, 6)."""
    rule = Reads({T: pattern(3000)}, room=643, too_large=too_large)
    assert whole(rule, size, Network()) == pattern(3000)
    assert rule.heard[0] is None


@pytest.mark.parametrize("maximum", ["0003E8", "000003E8", "03E8"])
def test_the_meter_says_what_fits(maximum):
    """rstl with 1000 octets, in 3 or 4 octets or fewer (protocol.md 2.1), for the whole message."""
    rule = Reads({T: pattern(3000)}, room=1000 - 100, too_large=RSTL + bytes.fromhex(maximum))
    room = Room(Network())
    assert carry_out(read_whole(T, None, room, FAST), rule) == pattern(3000)
    assert rule.heard[1] == (0, 1000 - 128 - 4)
    assert sum(count for _, count in rule.heard[1:4]) < 3000 < sum(count for _, count in rule.heard[1:5])
    # It is remembered: the next large table is not tried whole.
    rule.heard.clear()
    assert carry_out(read_whole(T, 3000, room, FAST), rule) == pattern(3000)
    assert None not in rule.heard


@pytest.mark.parametrize("code", [ONP, ERR], ids=["onp", "err"])
def test_tables_that_are_not_there_do_not_shrink_the_pieces_of_others(code):
    """Itron devices answer err for a table that they do not have (protocol.md 3)."""
    reads = Reads({T: pattern(3000)}, room=1500, too_large=code)
    room = Room(Network())

    def rule(request):
        return reads(request) if request[1:3] == bytes([0, T]) else code

    for number in range(10):
        with pytest.raises(ServiceError, match=f"full_read ST-{number} was refused"):
            carry_out(read_whole(number, None, room, FAST), rule)
    assert carry_out(read_whole(T, None, room, FAST), rule) == pattern(3000)
    assert reads.heard[:4] == [None, (0, 1024), (1024, 1024), (2048, 1024)]


def test_err_of_a_table_that_fits_is_a_refusal():
    heard = []
    with pytest.raises(ServiceError, match="full_read ST-64 was refused with err"):
        whole(lambda request: heard.append(request) or ERR, 100, Agreed(1000))
    assert heard == [full_read(T)]


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 8, 9, 0x0A, 0x0F, 0x10, 0x11])
@pytest.mark.parametrize("channel", [Agreed(1000), Network()])
@pytest.mark.parametrize("size", [None, 100])
def test_the_first_refusal_tells(code, channel, size):
    with pytest.raises(ServiceError, match="full_read ST-64 was refused"):
        whole(lambda request: bytes([code]), size, channel)


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 8, 0x10])
def test_a_refusal_in_the_middle_is_no_end(code):
    """Only what may mean an end ends a table, and only where not even one octet more is to be had."""
    reads = Reads({T: pattern(3000)}, room=1000)

    def rule(request):
        return bytes([code]) if request[0] == 0x3F and int.from_bytes(request[3:6], "big") >= 996 else reads(request)

    if code in (1, 4, 5):
        assert whole(rule, 3000, Agreed(1000)) == pattern(996)
    else:
        with pytest.raises(ServiceError, match="offset_read ST-64 was refused"):
            whole(rule, 3000, Agreed(1000))


# -- A full read that was cut ------------------------------------------------------------------------------------------


def test_a_meter_that_cuts_full_reads():
    rule = Reads({T: pattern(700)}, room=256, cuts=True)
    assert whole(rule, 700, Agreed(1000)) == pattern(700)
    assert rule.heard[0] is None
    assert rule.heard[1] == (252, 448)


@pytest.mark.parametrize("behind", [ONP, IAR, ERR, OK + table_data(b""), b"\x02", b"\x03"])
def test_a_table_that_is_smaller_than_it_should_be(behind):
    rule = Reads({T: pattern(90)}, behind=behind)
    assert whole(rule, 100, Agreed(1000)) == pattern(90)


def test_a_table_that_is_smaller_and_an_end_that_cannot_be():
    """Behind the end the meter gives the whole table again: more than was asked for."""
    rule = Reads({T: pattern(90)}, behind=OK + table_data(pattern(90)))
    assert whole(rule, 100, Agreed(1000)) == pattern(90)


def test_a_table_that_is_larger_than_it_should_be():
    assert whole(Reads({T: pattern(120)}), 100, Agreed(1000)) == pattern(120)


# -- The end of a table whose size nobody knows ------------------------------------------------------------------------


@pytest.mark.parametrize("behind", [ONP, IAR, ERR, OK + table_data(b"")], ids=["onp", "iar", "err", "empty"])
@pytest.mark.parametrize("size", [1, 15, 16, 17, 1023, 1024, 1025, 2048, 3000])
def test_until_the_end(behind, size):
    rule = Reads({T: pattern(size)}, room=1028, behind=behind)
    assert span(rule, 0, None, Network()) == pattern(size)


@pytest.mark.parametrize("size", [1, 2, 15, 16, 17, 1023, 1024, 1025, 1500, 2047, 2048, 3001])
@pytest.mark.parametrize("beyond", [ONP, ERR], ids=["onp", "err"])
@pytest.mark.parametrize("count", [None, 4000])
def test_a_meter_that_refuses_what_reaches_beyond_the_end(size, beyond, count):
    """onp is also the answer to a count that is too large (protocol.md 2.1): nothing is left out because of it."""
    rule = Reads({T: pattern(size)}, beyond=beyond)
    room = Room(Network())
    assert carry_out(read_span(T, 0, count, room, FAST), rule) == pattern(size)
    assert room.learnt is None, "the end of one table says nothing of others"


@given(
    size=st.integers(1, 5000),
    offset=st.integers(0, 5000),
    count=st.none() | st.integers(1, 6000),
    room=st.integers(24, 3000),
    most=st.integers(1, 3000),
    agreed=st.none() | st.integers(24, 3000),
    too_large=st.sampled_from([ONP, ERR, RSTL, SGNP, RSTL + b"\x00\x00\x04\x00"]),
    beyond=st.sampled_from([None, ONP, ERR]),
    behind=st.sampled_from([ONP, ERR, IAR, OK + table_data(b"")]),
)
def test_any_part_of_any_table(size, offset, count, room, most, agreed, too_large, beyond, behind):
    table = pattern(size)
    rule = Reads({T: table}, room=room, most=most, too_large=too_large, beyond=beyond, behind=behind)
    channel = Network() if agreed is None else Agreed(agreed)
    wanted = table[offset:] if count is None else table[offset : offset + count]
    try:
        assert span(rule, offset, count, channel) == wanted
    except ServiceError:
        assert not wanted, "there was something to read"
    assert len(rule.heard) < size + 60


@pytest.mark.parametrize("room", [24, 100, 1000])
@pytest.mark.parametrize("agreed", [None, 50, 200])
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("beyond", [None, ONP])
@pytest.mark.parametrize("cuts", [True, False])
def test_any_whole_table(room, agreed, known, beyond, cuts):
    for size in (1, 19, 20, 21, 46, 96, 97, 196, 500, 997):
        if cuts and not known and size + 4 > room:
            continue  # nobody can see that the answer was cut
        table = pattern(size)
        rule = Reads({T: table}, room=room, beyond=beyond, cuts=cuts)
        channel = Network() if agreed is None else Agreed(agreed)
        assert whole(rule, size if known else None, channel) == table


def test_an_offset_that_is_behind_the_end():
    with pytest.raises(ServiceError, match="offset_read ST-64 was refused with onp"):
        span(Reads({T: pattern(10)}), 10, None, Agreed(1000))


def test_a_table_that_never_ends():
    endless = OK + table_data(bytes(65000))
    with pytest.raises(TableError, match="ST-64: does not end within 16777216 octets"):
        span(lambda request: endless, 0, None, Agreed(65004))


# -- What cannot be ----------------------------------------------------------------------------------------------------


def test_more_than_was_asked_for():
    with pytest.raises(RemoteProtocolError, match="ST-64: 6 octets came where 5 were asked for"):
        span(lambda request: OK + table_data(bytes(6)), 0, 5, Agreed(1000))


def test_wrong_checksums_of_pieces():
    rule, wrong = Reads({T: pattern(1500)}, room=1000), []

    def sometimes(request):
        answer = rule(request)
        if request[0] == 0x3F and request not in wrong:
            wrong.append(request)
            return answer[:-1] + bytes([answer[-1] ^ 1])
        return answer

    assert whole(sometimes, 1500, Agreed(1000)) == pattern(1500)
    assert len(wrong) == 2


# -- Further blocks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [65534, 65535, 65536, 131070, 100_000])
def test_a_count_of_ffff_is_continued(size):
    rule = Reads({T: pattern(size)})
    assert whole(rule, size, Agreed(200_000)) == pattern(size)
    assert rule.heard == [None]


def test_the_octets_of_further_blocks():
    assert blocks(bytes(65535)) == b"\xff\xff" + bytes(65535) + b"\x00" + b"\x00\x00" + b"\x00"


@pytest.mark.parametrize(("size", "reads"), [(65534, 1), (65535, 2), (70_000, 2), (131_068, 2), (131_069, 3)])
def test_a_table_of_more_than_64_kib_by_two_reads(size, reads):
    """A count has 16 bits and FFFF is taken: 65,534 octets at a time."""
    rule = Reads({T: pattern(size)}, room=65538)
    assert whole(rule, size, Agreed(65538)) == pattern(size)
    assert len(rule.heard) == reads


# -- By index ----------------------------------------------------------------------------------------------------------


def test_index_read():
    # protocol.md 8.7: one index, ST-0, index 0, one element.
    asked = bytes.fromhex("31 0000 0000 0001")
    answer = OK + table_data(b"testdata")
    assert answer[-1] == 0xA6  # protocol.md 2.3
    side = ScriptedMeter(opening() | {asked: answer})
    meter = meter_on(side).open()
    assert meter.read_index(0, 0) == b"testdata"


def test_index_read_with_three_indices():
    heard = []

    def rule(request):
        heard.append(request)
        return OK + table_data(b"x")

    assert carry_out(read_index(2048 + 5, (1, 2, 0x300), 4, FAST), rule) == b"x"
    assert heard == [bytes.fromhex("33 0805 0001 0002 0300 0004")]


def test_index_read_refused():
    with pytest.raises(ServiceError, match="index_read_1 ST-64 was refused with sns"):
        carry_out(read_index(T, (0,), 1, FAST), lambda request: b"\x02")


# -- On the wire -------------------------------------------------------------------------------------------------------


def needed(requests, request_octets, table, packets):
    """Octets of the wire, both ways, that a read cannot do without.

    A request packet of 8 octets around its message and its ACK; response code, count and checksum; 8 octets around each
    packet of the answer, and an ACK.
    """
    return requests * (request_octets + 9) + table + 4 * requests + 9 * packets


@pytest.mark.parametrize(
    ("granted", "requests", "request_octets", "packets"),
    [
        # 504 octets a packet. One answer of 64,004 octets is 126.99 packets.
        (255, 1, 3, 127),
        # 16 packets are 8,064 octets, 8,060 of them the table's: seven such answers and one of 7,584, 15.05 packets.
        (16, 8, 8, 8 * 16),
    ],
)
def test_a_table_of_64000_octets_at_9600_baud(granted, requests, request_octets, packets):
    table = pattern(64_000)
    rule = Reads({T: table}, room=granted * 504)
    side = RuledMeter(rule)
    side.script[bytes.fromhex("61 0200 FF 06")] = [negotiated(512, granted)]
    meter = meter_on(side, LineOptions(packet_size=512)).open()
    transport = meter._transport
    octets, seconds = transport.sent + transport.received, transport.clock()
    found = meter.run(read_whole(T, 64_000, Room(meter.client.channel), FAST))
    assert found == table
    octets = transport.sent + transport.received - octets
    least = needed(requests, request_octets, 64_000, packets)
    assert len(rule.heard) == requests
    assert least <= octets <= 1.02 * least
    # No pause anywhere: 10 bits an octet, and what travels in opposite directions does so at different times.
    assert transport.clock() - seconds <= 1.02 * least * 10 / 9600


def test_offset_reads_on_the_wire():
    """Nobody negotiated: 56 octets an answer, 52 of them the table's (protocol.md 1.4)."""
    script = opening() | {
        NEGOTIATE: b"\x02",
        offset_read(T, 0, 52): OK + table_data(pattern(60)[:52]),
        offset_read(T, 52, 8): OK + table_data(pattern(60)[52:]),
    }
    meter = meter_on(ScriptedMeter(script)).open()
    assert meter.run(read_whole(T, 60, Room(meter.client.channel), FAST)) == pattern(60)


def test_a_part_that_was_asked_for():
    script = opening() | {offset_read(1, 16, 16): OK + table_data(b"MANUFACTURER SN ")}
    meter = meter_on(ScriptedMeter(script)).open()
    assert meter.read_octets("ST-1", 16, 16) == b"MANUFACTURER SN "
    assert meter.client.channel.link.settings == LinkSettings(nbr_packets=255)
