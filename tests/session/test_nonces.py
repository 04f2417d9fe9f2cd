"""Ids and ivs: never the same pair twice, read in one way by everybody, near the clock."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from c1222.errors import LocalProtocolError
from c1222.session.channels.nonces import Nonces


@pytest.mark.parametrize("octets", [2, 3, 4])
@pytest.mark.parametrize("end", [0, 1])
def test_ids_are_read_in_one_way(octets, end):
    """As many octets as wanted, no leading zero, below 80H at the first (protocol.md 4.2)."""
    nonces = Nonces(octets, lambda: 0.0, lambda below: (below - 1) * end)
    for _ in range(5):
        number = nonces.next_id()
        first, *_ = number.to_bytes(octets, "big")
        assert 0 < first < 0x80


def test_ids_count_up_and_begin_again():
    nonces = Nonces(2, lambda: 0.0, lambda below: below - 3)
    # Of two octets: 0100 to 7FFF.
    assert [nonces.next_id() for _ in range(4)] == [0x7FFE, 0x7FFF, 0x0100, 0x0101]


def test_every_id_is_drawn_at_random():
    nonces = Nonces(4, lambda: 0.0)
    others = Nonces(4, lambda: 0.0)
    assert nonces.next_id() != others.next_id()


def test_an_iv_is_the_time_of_day():
    wall = iter([1_800_000_000.9, 1_800_000_001.0, 1_800_000_000.0, 1_800_000_007.0])
    nonces = Nonces(4, lambda: next(wall))
    found = [int.from_bytes(nonces.next_iv(), "big") for _ in range(4)]
    # The clock was set back once: the iv is not.
    assert found == [1_800_000_000, 1_800_000_001, 1_800_000_001, 1_800_000_007]


def test_a_thousand_messages_in_a_second_stay_near_the_clock():
    """A meter may refuse an iv that is 15 minutes from its clock (protocol.md 11)."""
    nonces = Nonces(4, lambda: 1_800_000_000.0)
    for _ in range(5000):
        iv = nonces.next_iv()
    assert int.from_bytes(iv, "big") - 1_800_000_000 < 900


def test_no_pair_comes_twice_where_ids_are_few():
    """More messages in one second than there are ids of two octets."""
    nonces = Nonces(2, lambda: 1_800_000_000.0)
    pairs = {(nonces.next_id(), nonces.next_iv()) for _ in range(70_000)}
    assert len(pairs) == 70_000


def test_the_last_iv_there_is():
    assert Nonces(4, lambda: float(0xFFFF_FFFF)).next_iv() == b"\xff\xff\xff\xff"


# -- Ivs that others give


class Giver:
    """Gives out ivs, and counts them."""

    def __init__(self):
        self.given = []

    def __call__(self, time):
        self.given.append(max(time, max(self.given, default=0) + 1))
        return self.given[-1]


def test_an_iv_that_was_given_is_used_for_a_minute():
    giver, wall = Giver(), iter([100.0, 130.9, 160.0, 161.0, 161.5, 90.0])
    nonces = Nonces(4, lambda: next(wall), ivs=giver)
    found = [int.from_bytes(nonces.next_iv(), "big") for _ in range(6)]
    # At the end the clock was set back by 71 s: that is told to the giver, who may refuse.
    assert found == [100, 100, 100, 161, 161, 162]
    assert giver.given == [100, 161, 162]


def test_who_gives_no_iv_stops_the_message():
    def refuse(time):
        raise LocalProtocolError("the clock was set back")

    nonces = Nonces(4, lambda: 100.0, ivs=refuse)
    for _ in range(2):
        with pytest.raises(LocalProtocolError, match="set back"):
            nonces.next_iv()


def test_many_threads_get_no_pair_twice():
    giver = Giver()
    nonces = Nonces(2, lambda: 1000.0, ivs=giver)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: (nonces.next_id(), nonces.next_iv()), range(60_000)))
    assert len(set(found)) == 60_000
    assert len(giver.given) <= 4
