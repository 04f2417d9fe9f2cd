"""Segments: the format of protocol.md section 6, and our rules for putting them together."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walk_throughs import EVERY

from c1222.errors import MessageError
from c1222.message.acse import APDU
from c1222.message.segmentation import MAX_MESSAGE, MAX_PIECES, Missing, Reassembler, is_segment, segments

PROPERTY = settings(database=None, deadline=None, max_examples=100)
WHOLE = EVERY["8.5-identified"].octets  # 91 octets


def octets(text):
    return bytes.fromhex(text)


def tlv(tag, content):
    """Hand-written BER: tag, length, content; up to 65535 octets."""
    size = len(content)
    length = (
        bytes([size]) if size < 128 else b"\x81" + bytes([size]) if size < 256 else b"\x82" + size.to_bytes(2, "big")
    )
    return bytes([tag]) + length + content


def number(value):
    return tlv(0x02, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def wire_segment(offset, data, *, size, a8=3):
    """A segment as section 6 draws it: A3 the whole size, A8, BE with 28, 02 the offset, 81 the octets."""
    return tlv(
        0x60,
        tlv(0xA3, number(size))
        + tlv(0xA8, number(a8))
        + tlv(
            0xBE, tlv(0x28, (b"" if offset is None else number(offset)) + (b"" if data is None else tlv(0x81, data)))
        ),
    )


def piece(offset, data, *, size=91, a8=3):
    return APDU.decode(wire_segment(offset, data, size=size, a8=a8))


def pieces(cuts, whole=WHOLE):
    ends = [*cuts, len(whole)]
    return [piece(start, whole[start:end], size=len(whole)) for start, end in zip([0, *cuts], ends, strict=True)]


# -- Cutting ----------------------------------------------------------------------------------------------------------


def test_a_segment_octet_by_octet():
    # Walk-through 8.10 (74 octets) in segments of at most 60. Copied: A2, A6, A8; not A4, AC.
    whole = EVERY["8.10-example-8"].octets
    head = (
        octets("A2 04 80 02 7B04") + octets("A3 03 02 01 4A") + octets("A6 05 80 03 7BC175") + octets("A8 03 02 01 03")
    )
    # 60 len + 23 octets of head + BE len 28 len 02 01 offset 81 len: 34 octets around the data, so 26 fit into 60.
    expected = []
    for offset, data in ((0, whole[:26]), (26, whole[26:52]), (52, whole[52:])):
        inner = octets("02 01") + bytes([offset]) + b"\x81" + bytes([len(data)]) + data
        external = b"\x28" + bytes([len(inner)]) + inner
        content = head + b"\xbe" + bytes([len(external)]) + external
        expected.append(b"\x60" + bytes([len(content)]) + content)
    # head is 6 + 5 + 7 + 5 = 23 octets: 2 + 23 + 2 + 2 + 3 + 2 + 26 = 60.
    assert [len(segment) for segment in expected] == [60, 60, 56]
    assert segments(whole, 60) == expected


def test_an_apdu_that_fits_is_left_as_it_is():
    assert segments(WHOLE, len(WHOLE)) == [WHOLE]
    assert not is_segment(APDU.decode(WHOLE))


@pytest.mark.parametrize("largest", [0, 1, 30, 59])
def test_no_room_for_octets(largest):
    # 8.5 copies 19 + 12 + 8 octets; 5 for A3, 2 for 60, 9 for BE 28 02 81 and one octet of data make 56 at least.
    if largest < 56:
        with pytest.raises(MessageError, match="no room"):
            segments(WHOLE, largest)
    else:
        assert segments(WHOLE, largest)


@pytest.mark.parametrize("largest", [60, 64, 90, 150, 158, 300])
@pytest.mark.parametrize("size", [200, 700, 4000])
def test_segments_fit_copy_the_head_and_hold_every_octet_once(largest, size):
    long = tlv(
        0x60,
        octets("A2 05 80 03 7BC175 A6 04 80 02 7B04 A7 03 02 01 04 A8 03 02 01 03")
        + tlv(0xBE, tlv(0x28, tlv(0x81, bytes(range(256)) * (size // 256) + bytes(range(size % 256))))),
    )
    made = segments(long, largest)
    if len(long) <= largest:
        assert made == [long]
        return
    whole = APDU.decode(long)
    at = 0
    for segment in made:
        assert len(segment) <= largest
        decoded = APDU.decode(segment)
        assert is_segment(decoded)
        assert decoded.called_ae_qualifier == len(long)
        for name in ("called_ap_title", "calling_ap_title", "calling_ae_qualifier", "calling_ap_invocation_id"):
            assert decoded[name] == whole[name]
        for name in ("called_ap_invocation_id", "mechanism_name", "calling_authentication_value"):
            assert decoded[name] is None
        assert decoded.user_information.indirect_reference == at
        data = decoded.user_information.octets
        assert long[at : at + len(data)] == data
        at += len(data)
    assert at == len(long)


# -- Putting together -------------------------------------------------------------------------------------------------


def test_every_order_of_segments():
    parts = pieces([20, 45, 70])
    for order in itertools.permutations(parts):
        box = Reassembler()
        results = [box.add(part, "key", 0.0) for part in order]
        assert results == [None, None, None, WHOLE]
        box.close()
        assert box.missing() == []


def test_duplicates_change_nothing():
    for first, second, third in itertools.permutations(pieces([30, 60])):
        box = Reassembler()
        assert [box.add(part, "key", 0.0) for part in (first, first, second, first, second)] == [None] * 5
        assert box.add(third, "key", 0.0) == WHOLE


def test_overlaps_with_the_same_octets():
    spans = [(0, 40), (30, 60), (10, 50), (55, len(WHOLE))]
    for order in itertools.permutations(spans):
        box = Reassembler()
        results = [box.add(piece(start, WHOLE[start:end]), "key", 0.0) for start, end in order]
        assert [result for result in results if result] == [WHOLE]
        # Three of them cover everything but never two; once it is whole, what follows begins a new message.
        assert results.index(WHOLE) in (2, 3)


def test_a_segment_around_what_is_there():
    box = Reassembler()
    for start in (10, 30, 50):
        assert box.add(piece(start, WHOLE[start : start + 5]), "key", 0.0) is None
    assert box.add(piece(5, WHOLE[5:80]), "key", 0.0) is None
    assert box.add(piece(80, WHOLE[80:]), "key", 0.0) is None
    assert box.add(piece(0, WHOLE[:5]), "key", 0.0) == WHOLE


@pytest.mark.parametrize(("start", "end"), [(0, 30), (19, 21), (15, 40), (39, 60), (20, 40), (10, 70)])
def test_overlaps_with_different_octets_are_refused_and_what_was_there_stays(start, end):
    box = Reassembler()
    assert box.add(piece(20, WHOLE[20:40]), "key", 0.0) is None
    overlap = range(max(start, 20), min(end, 40))
    for at in (overlap[0], overlap[-1]):
        wrong = bytearray(WHOLE[start:end])
        wrong[at - start] ^= 1
        with pytest.raises(MessageError, match="differ from those of another segment") as info:
            box.add(piece(start, bytes(wrong)), "key", 0.0)
        assert info.value.layout == "segment"
    assert box.add(piece(0, WHOLE[:20]), "key", 0.0) is None
    assert box.add(piece(40, WHOLE[40:]), "key", 0.0) == WHOLE


@pytest.mark.parametrize(
    ("part", "message"),
    [
        pytest.param(piece(91, b"\0"), "do not belong into a message of 91", id="offset-at-the-end"),
        pytest.param(piece(200, b"\0"), "do not belong", id="offset-behind-the-end"),
        pytest.param(piece(90, b"\0\0"), "do not belong", id="runs-over-the-end"),
        pytest.param(piece(0, bytes(92)), "do not belong", id="larger-than-the-message"),
        pytest.param(piece(0, b""), "do not belong", id="no-octets"),
        pytest.param(piece(0, b"\0", size=0), "do not belong", id="size-of-0"),
        pytest.param(piece(2**64 - 1, b"\0"), "do not belong", id="offset-of-64-bits"),
        pytest.param(piece(0, b"\0", size=MAX_MESSAGE + 1), "65537 octets .limit 65536", id="over-the-limit"),
        pytest.param(piece(0, b"\0", size=2**64 - 1), "limit", id="size-of-64-bits"),
        pytest.param(piece(None, b"\0"), "without offset or octets", id="no-offset"),
        pytest.param(piece(0, None), "without offset or octets", id="no-data"),
        pytest.param(APDU.decode(octets("60 05 A3 03 02 01 5B")), "without offset or octets", id="no-user-information"),
    ],
)
def test_segments_that_lie_are_refused(part, message):
    box = Reassembler()
    with pytest.raises(MessageError, match=message):
        box.add(part, "key", 0.0)
    # Nothing of it is kept.
    box.close()
    assert box.missing() == []


def test_a_message_does_not_change_its_size():
    box = Reassembler()
    box.add(piece(0, WHOLE[:30]), "key", 0.0)
    with pytest.raises(MessageError, match="a message of 91 octets now claims 92"):
        box.add(piece(30, WHOLE[30:60], size=92), "key", 0.0)
    assert box.add(piece(30, WHOLE[30:]), "key", 0.0) == WHOLE


def test_several_messages_at_a_time():
    names = ["a", "b", "c"]
    wholes = {name: bytes([0x60, index]) * 40 for index, name in enumerate(names)}
    box = Reassembler()
    for name in names:
        assert box.add(piece(40, wholes[name][40:], size=80), name, 0.0) is None
    for name in reversed(names):
        assert box.add(piece(0, wholes[name][:40], size=80), name, 1.0) == wholes[name]


def test_the_oldest_is_given_up_when_there_are_too_many():
    box = Reassembler(max_partial=2)
    box.add(piece(0, WHOLE[:10]), "first", 0.0)
    box.add(piece(0, WHOLE[:20]), "second", 0.0)
    box.add(piece(10, WHOLE[10:15]), "first", 1.0)  # first is now the younger one
    assert box.missing() == []
    box.add(piece(0, WHOLE[:30]), "third", 2.0)
    assert box.missing() == [Missing("second", 91, 20)]
    assert box.missing() == []
    assert box.add(piece(15, WHOLE[15:]), "first", 2.0) == WHOLE


def test_a_message_waits_for_its_next_segment_only_so_long():
    box = Reassembler(timeout=60.0)
    box.add(piece(0, WHOLE[:30]), "key", 1000.0)
    box.add(piece(30, WHOLE[30:60]), "key", 1060.0)  # just in time, and the wait begins anew
    box.expire(1120.0)
    assert box.missing() == []
    box.expire(1120.1)
    assert box.missing() == [Missing("key", 91, 60)]
    assert box.add(piece(60, WHOLE[60:]), "key", 1121.0) is None


def test_the_next_segment_of_anybody_shows_what_has_waited_too_long():
    box = Reassembler(timeout=60.0)
    box.add(piece(0, WHOLE[:30]), "old", 0.0)
    box.add(piece(0, WHOLE[:30]), "other", 100.0)
    assert box.missing() == [Missing("old", 91, 30)]


def test_a_late_segment_does_not_join_what_was_given_up():
    box = Reassembler(timeout=60.0)
    box.add(piece(0, WHOLE[:60]), "key", 0.0)
    assert box.add(piece(60, WHOLE[60:]), "key", 61.0) is None
    box.close()
    assert box.missing() == [Missing("key", 91, 60), Missing("key", 91, 31)]


def test_a_refused_segment_does_not_prolong_the_wait():
    box = Reassembler(timeout=60.0)
    box.add(piece(0, WHOLE[:60]), "key", 0.0)
    with pytest.raises(MessageError):
        box.add(piece(0, b"\xff" * 60), "key", 50.0)
    box.expire(61.0)
    assert box.missing() == [Missing("key", 91, 60)]


def test_the_pieces_of_a_message_are_bounded():
    box = Reassembler()
    size = 4 * MAX_PIECES
    for index in range(MAX_PIECES):
        assert box.add(piece(2 * index, b"\x07", size=size), "key", 0.0) is None
    with pytest.raises(MessageError, match="more than 512 pieces"):
        box.add(piece(2 * MAX_PIECES, b"\x07", size=size), "key", 0.0)
    # What fills a gap is welcome: two pieces become one, and there is room again.
    assert box.add(piece(1, b"\x07", size=size), "key", 0.0) is None
    assert box.add(piece(2 * MAX_PIECES, b"\x07", size=size), "key", 0.0) is None


@PROPERTY
@given(st.binary(min_size=1, max_size=120), st.data())
def test_any_segments_in_any_order_give_the_message_or_say_why_not(whole, data):
    spans = data.draw(
        st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(1, 40)), min_size=1, max_size=20), label="spans"
    )
    box, there = Reassembler(), set()
    for start, length in spans:
        part = whole[start : start + length]
        result = box.add(piece(start, part, size=len(whole)), "key", 0.0)
        there |= set(range(start, start + len(part)))
        # The model: octets that are there, nothing else.
        if len(there) == len(whole):
            assert result == whole
            there = set()
        else:
            assert result is None
    box.close()
    assert [missing.held for missing in box.missing()] == ([len(there)] if there else [])


@PROPERTY
@given(st.integers(1, 3000), st.integers(40, 400), st.randoms(use_true_random=False))
def test_cut_and_put_together(size, largest, random):
    whole = tlv(0x60, octets("A8 03 02 01 03") + tlv(0xBE, tlv(0x28, tlv(0x81, random.randbytes(size)))))
    parts = [APDU.decode(part) for part in segments(whole, largest)]
    if len(whole) <= largest:
        assert len(parts) == 1
        return
    random.shuffle(parts)
    box = Reassembler()
    results = [box.add(part, "key", 0.0) for part in parts]
    assert results == [None] * (len(parts) - 1) + [whole]
