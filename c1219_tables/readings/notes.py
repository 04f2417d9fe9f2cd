"""What is said beside a value: what was assumed on the way to it, and what nobody knows."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """What was assumed, what sources disagree about, or what cannot be known.

    code: short word for programs, for example "constants-not-applied". text: a sentence for people.
    """

    code: str
    text: str

    def __str__(self) -> str:
        return self.text


def unique(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Each note once, in order."""
    return tuple(dict.fromkeys(notes))
