"""Any way of cutting, doubling, overlapping and reordering segments gives back the octets that were sent."""

import itertools
import random

from hypothesis import given, settings
from hypothesis import strategies as st
from pcap_building import ACK, FIN, PSH, SYN, answer, segments, tcp

SENT = st.binary(min_size=1, max_size=200)
CHANCE = st.randoms(use_true_random=False)
START = st.sampled_from([0, 1, 99, 2**31 - 3, 2**31, 2**32 - 150, 2**32 - 2, 2**32 - 1])


def pieces_of(sent: bytes, chance: random.Random) -> list[tuple[int, bytes]]:
    """Pieces that cover `sent`: cut anywhere, some twice, some overlapping, in any order."""
    cuts = sorted({0, len(sent), *(chance.randrange(len(sent) + 1) for _ in range(chance.randrange(12)))})
    pieces = [(a, sent[a:b]) for a, b in itertools.pairwise(cuts)]
    for _ in range(chance.randrange(8)):
        a = chance.randrange(len(sent))
        pieces.append((a, sent[a : a + chance.randrange(1, 40)]))
    chance.shuffle(pieces)
    return pieces


def joined(chunks):
    assert all(chunk.gap == 0 for chunk in chunks)
    assert len({chunk.stream for chunk in chunks}) <= 1
    return b"".join(chunk.data for chunk in chunks)


@settings(max_examples=400, deadline=None)
@given(sent=SENT, chance=CHANCE, start=START, fin=st.booleans())
def test_a_whole_stream(sent, chance, start, fin):
    parts = [tcp(data, sequence=start + 1 + at) for at, data in pieces_of(sent, chance)]
    if fin:
        parts.insert(chance.randrange(len(parts) + 1), tcp(sequence=start + 1 + len(sent), flags=FIN))
    chunks, codes = segments(tcp(sequence=start, flags=SYN, ack=None), *parts)
    assert joined(chunks) == sent
    assert [chunk.begins for chunk in chunks] == [True] + [False] * (len(chunks) - 1)
    assert chunks[-1].ends is fin
    assert not codes


@settings(max_examples=200, deadline=None)
@given(sent=SENT, chance=CHANCE, start=START)
def test_a_stream_under_way_whose_start_an_acknowledgement_tells(sent, chance, start):
    parts = [tcp(data, sequence=start + at, flags=PSH) for at, data in pieces_of(sent, chance)]
    chunks, codes = segments(answer(sequence=1, ack=start), *parts)
    assert joined(chunks) == sent
    assert not any(chunk.begins for chunk in chunks)
    assert not codes


@settings(max_examples=200, deadline=None)
@given(sent=SENT, chance=CHANCE, start=START)
def test_a_stream_under_way_whose_first_segments_change_places(sent, chance, start):
    """Nothing tells where it begins; the lowest octet is among the first three segments."""
    cuts = sorted({0, len(sent), *(chance.randrange(len(sent) + 1) for _ in range(6))})
    pieces = [(a, sent[a:b]) for a, b in itertools.pairwise(cuts)]
    head, rest = pieces[:3], pieces[3:]
    chance.shuffle(head)
    chance.shuffle(rest)
    chunks, codes = segments(*[tcp(data, sequence=start + at, flags=PSH) for at, data in head + rest])
    assert joined(chunks) == sent
    assert not codes


@settings(max_examples=200, deadline=None)
@given(sent=SENT, chance=CHANCE, start=START)
def test_what_is_lost_is_counted(sent, chance, start):
    """Segments that the capture never saw: their octets are the gaps, the rest comes in its order."""
    cuts = sorted({0, len(sent), *(chance.randrange(len(sent) + 1) for _ in range(10))})
    pieces = [(a, sent[a:b]) for a, b in itertools.pairwise(cuts)]
    seen = [piece for piece in pieces if chance.random() < 0.7]
    chance.shuffle(seen)
    end = [tcp(sequence=start + 1 + len(sent), flags=FIN)]
    chunks, codes = segments(
        tcp(sequence=start, flags=SYN, ack=None),
        *[tcp(data, sequence=start + 1 + at) for at, data in seen],
        *end,
        tcp(sequence=start + 5000, flags=SYN, ack=None),  # the ports are used again: the gaps are given up
    )
    assert not codes
    at, rebuilt = 0, []
    for chunk in chunks:
        at += chunk.gap
        if chunk.data:
            rebuilt.append((at, chunk.data))
        at += len(chunk.data)
    assert rebuilt == sorted(seen)
    assert at == len(sent) or not seen


@settings(max_examples=200, deadline=None)
@given(asked=st.lists(SENT, min_size=1, max_size=6), chance=CHANCE, start=START)
def test_a_conversation_keeps_its_order(asked, chance, start):
    """Question and answer by turns, each in pieces that change places: they come out by turns, SYN seen or not."""
    parts, expected, out, back = [], [], start, start
    if chance.random() < 0.5:
        parts = [tcp(sequence=out - 1, flags=SYN, ack=None), answer(sequence=back - 1, flags=SYN, ack=out)]
    for n, data in enumerate(asked):
        half = max(1, len(data) // 2)
        pieces = [(0, data[:half]), (half, data[half:])] if len(data) > 1 else [(0, data)]
        chance.shuffle(pieces)
        if n % 2:
            parts += [answer(piece, sequence=back + at, ack=out) for at, piece in pieces]
            back += len(data)
        else:
            parts += [tcp(piece, sequence=out + at, ack=back) for at, piece in pieces]
            out += len(data)
        expected.append((n % 2, data))
    parts += [tcp(sequence=out, ack=back, flags=ACK), answer(sequence=back, ack=out, flags=ACK)]
    chunks, codes = segments(*parts)
    turns = []
    for chunk in chunks:
        side = int(chunk.flow.source_port == 1153)
        if turns and turns[-1][0] == side:
            turns[-1] = (side, turns[-1][1] + chunk.data)
        else:
            turns.append((side, chunk.data))
    assert turns == expected
    assert not codes
