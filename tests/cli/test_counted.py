"""How many there are, in words."""

import pytest

from c1222_cli.counted import counted


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [
        (0, ("block",), "0 blocks"),
        (1, ("block",), "1 block"),
        (2, ("block",), "2 blocks"),
        (1, ("entry", "entries"), "1 entry"),
        (3, ("entry", "entries"), "3 entries"),
    ],
)
def test_one_and_several(number, words, said):
    assert counted(number, *words) == said
