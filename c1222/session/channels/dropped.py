"""What came and was not taken, counted by its reason."""

from collections import Counter

from c1222.errors import C12Error, SecurityError

STRAY = "stray"
BROKEN = "broken"
WORDS = {
    STRAY: "in answer to nothing",
    BROKEN: "unreadable or of others",
    "bad-mac": "with a wrong MAC",
    "replay": "sent again or too old",
    "downgrade": "less secured than what was asked",
    "no-key": "under a key that was not given",
    "short-header": "that anybody could have forged",
}
"""Every reason, and what it says of messages."""


class Dropped:
    """counts: messages by reason, a key of WORDS; the reasons of SecurityError are among them."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def stray(self) -> None:
        """It answers nothing that is open."""
        self.counts[STRAY] += 1

    def refused(self, error: C12Error) -> None:
        """It was refused with this error."""
        self.counts[error.reason if isinstance(error, SecurityError) else BROKEN] += 1

    @property
    def refusals(self) -> int:
        """All but the strays."""
        return self.counts.total() - self.counts[STRAY]

    def in_words(self) -> str:
        """`2 with a wrong MAC, 1 in answer to nothing`; "" where nothing was dropped."""
        return ", ".join(f"{self.counts[reason]} {words}" for reason, words in WORDS.items() if self.counts[reason])
