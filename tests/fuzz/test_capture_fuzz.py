"""A short run of fuzz_captures.py (the long one is a command, docs/fuzzing.md), and that it notices what it is for."""

import pytest
from fuzz_captures import (
    INDEPENDENT,
    MESSAGES,
    Broken,
    Case,
    case,
    check,
    good_files,
    in_fragments,
    in_one_stream,
    in_udp,
    pcap,
    pcapng,
    ring_of_keys,
    surely,
)

CASES, EACH = 2000, 100


@pytest.mark.parametrize("first", range(0, CASES, EACH))
def test_broken_captures(first, tmp_path):
    files, ring = good_files(), ring_of_keys()
    for number in range(first, first + EACH):
        check(case(2026, number, files), tmp_path / f"case-{number}", ring)


class Unlucky:
    """As random as it gets."""

    def choice(self, of):
        return of[0]


@pytest.mark.parametrize("clothe", [in_udp, in_fragments, in_one_stream])
@pytest.mark.parametrize("write", [pcap, pcapng])
def test_what_is_not_broken_comes_out_whole(clothe, write, tmp_path):
    one = Case("message", write(clothe(MESSAGES, Unlucky())), surely(MESSAGES))
    assert len(one.whole) == 7
    check(one, tmp_path / "whole", ring_of_keys())


def test_a_lost_message_is_noticed(tmp_path):
    one = Case("message", pcap(in_udp(INDEPENDENT[1:], Unlucky())), INDEPENDENT)
    with pytest.raises(Broken, match="1 messages that are whole were lost"):
        check(one, tmp_path / "lost", ring_of_keys())


def test_a_message_that_cannot_be_opened_any_more_is_noticed(tmp_path):
    one = Case("message", pcap(in_udp(INDEPENDENT, Unlucky())), INDEPENDENT)
    with pytest.raises(Broken, match="3 messages"):
        check(one, tmp_path / "closed", type(ring_of_keys())())


def test_a_file_that_is_given_up_is_noticed(tmp_path):
    check(Case("file", b"\0\1\2\3" * 10), tmp_path / "refused", ring_of_keys())
    with pytest.raises(Broken, match="given up"):
        check(Case("packet", b"\0\1\2\3" * 10), tmp_path / "refused", ring_of_keys())


def test_cases_are_the_same_for_the_same_seed():
    files = good_files()
    assert [case(7, n, files) for n in range(50)] == [case(7, n, files) for n in range(50)]
    assert len({case(7, n, files).octets for n in range(50)}) == 50
