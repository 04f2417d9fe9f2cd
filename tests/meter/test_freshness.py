"""Ids and ivs: ours never repeat, theirs are known again."""

import pytest

from c1222.meter.ports.freshness import Counter
from c1222.security.replay import MOST_REMEMBERED, ReplayWindow


def test_ids_take_two_octets_at_most_and_never_begin_with_80_or_more():
    counter = Counter()
    ids = [counter.next_id() for _ in range(0x8000)]
    encoded = [one.to_bytes((one.bit_length() + 7) // 8, "big") for one in ids]
    assert all(len(octets) <= 2 and octets[0] < 0x80 for octets in encoded)
    # 1 to 7F and 0100 to 7FFF: 127 + 32512 of them, then from the beginning.
    assert len(set(ids)) == 127 + 32_512
    assert ids[:3] == [1, 2, 3]
    assert ids[126:129] == [0x7F, 0x100, 0x101]
    assert ids[127 + 32_512] == 1


def test_ivs_follow_the_clock_and_rise():
    counter = Counter()
    times = [100.9, 100.9, 90.0, 103.0, 103.0]
    assert [counter.next_iv(time).hex() for time in times] == [
        "00000064",
        "00000065",
        "00000066",
        "00000067",
        "00000068",
    ]


def test_no_pair_of_id_and_iv_comes_twice():
    counter = Counter()
    pairs = [(counter.next_id(), counter.next_iv(0.0)) for _ in range(70_000)]
    assert len(set(pairs)) == len(pairs)


def test_ivs_begin_anew_in_2106():
    counter = Counter()
    assert [counter.next_iv(2.0**32 - 1).hex() for _ in range(2)] == ["ffffffff", "00000000"]


def test_replays():
    window = ReplayWindow()
    assert not window.is_replay("one")
    assert not window.is_replay("two")
    assert window.is_replay("one")


def test_what_is_remembered_is_bounded():
    window = ReplayWindow()
    assert not any(window.is_replay(number) for number in range(MOST_REMEMBERED + 1))
    assert window.is_replay(MOST_REMEMBERED)
    assert not window.is_replay(0)


@pytest.mark.parametrize(
    ("window", "iv", "stale"), [(None, 0, False), (10, 990, False), (10, 989, True), (10, 1011, True)]
)
def test_stale(window, iv, stale):
    assert ReplayWindow(window).is_stale(iv.to_bytes(4, "big"), 1000.0) is stale
    assert ReplayWindow(window).is_stale(iv.to_bytes(4, "big"), 1000.0 + 2**32) is stale
