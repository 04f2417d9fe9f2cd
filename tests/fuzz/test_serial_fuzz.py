"""A short run of fuzz_serial.py (the long one is a command, docs/fuzzing.md), and that it notices what it is for."""

import pytest
from fuzz_serial import TURNS, Broken, Case, as_text, as_trace, case, check, talk

CASES, EACH = 2000, 100


@pytest.mark.parametrize("first", range(0, CASES, EACH))
def test_broken_recordings(first, tmp_path):
    for number in range(first, first + EACH):
        check(case(2026, number), tmp_path)


@pytest.mark.parametrize("room", [8, 56, 248])
@pytest.mark.parametrize("write", [as_trace, as_text])
def test_what_is_not_broken_comes_out_whole(write, room, tmp_path):
    said = list(talk(TURNS, room))
    whole = frozenset(message for _, _, message in said if message)
    assert len(whole) == 19  # of 20 two are equal
    assert check(Case("piece", (write(said),), whole), tmp_path) == "decoded"


def test_a_lost_message_is_noticed(tmp_path):
    said = list(talk(TURNS, 248))
    whole = frozenset(message for _, _, message in said if message)
    with pytest.raises(Broken, match="1 messages that are whole were lost, one is 300005"):
        check(Case("piece", (as_trace([one for one in said if one[2] != b"\x30\x00\x05"]),), whole), tmp_path)


def test_a_file_that_is_given_up_is_noticed(tmp_path):
    assert check(Case("file", (b"\0\1\2\3" * 10,), frozenset()), tmp_path) == "refused"
    with pytest.raises(Broken, match="given up"):
        check(Case("piece", (b"\0\1\2\3" * 10,), frozenset([b"\x20"])), tmp_path)


def test_cases_are_the_same_for_the_same_seed():
    assert [case(7, n) for n in range(50)] == [case(7, n) for n in range(50)]
    assert len({case(7, n).files for n in range(50)}) == 50
