"""Probes that hear themselves: what we write comes back before the answer, and is taken out."""

from collections import deque


class Echo:
    """The writes whose echo is still to come.

    An echo is dropped while it matches. From the first octet that does not match, it is given up: what comes then is
    the echo of the next write, or not an echo.
    """

    def __init__(self) -> None:
        self._expected: deque[bytes] = deque()
        self._matched = 0

    def wrote(self, octets: bytes) -> None:
        if octets:
            self._expected.append(octets)

    def without(self, octets: bytes) -> bytes:
        """What came, without what is echo of it."""
        return bytes(octet for octet in octets if not self._is_echo(octet))

    def _is_echo(self, octet: int) -> bool:
        while self._expected:
            expected = self._expected[0]
            if octet == expected[self._matched]:
                self._matched += 1
                if self._matched == len(expected):
                    self._next()
                return True
            self._next()
        return False

    def _next(self) -> None:
        self._expected.popleft()
        self._matched = 0
