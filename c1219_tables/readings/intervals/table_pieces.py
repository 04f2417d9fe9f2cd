"""The octets of a table as far as they were read: all of them, or pieces by their offset."""

from collections.abc import Mapping


class TablePieces:
    """Octets of one table.

    pieces: octets by the offset that they were read from; those that touch are made one, of those that overlap the one
    that begins later counts.
    """

    def __init__(self, pieces: Mapping[int, bytes] | bytes) -> None:
        self._pieces: list[tuple[int, bytes]] = []
        if isinstance(pieces, Mapping):
            for offset, octets in sorted(pieces.items()):
                self._add(offset, bytes(octets))
        else:
            self._add(0, bytes(pieces))

    def _add(self, offset: int, octets: bytes) -> None:
        if self._pieces:
            start, before = self._pieces[-1]
            if offset <= start + len(before):
                self._pieces[-1] = start, before[: offset - start] + octets + before[offset - start + len(octets) :]
                return
        self._pieces.append((offset, octets))

    def get(self, start: int, end: int) -> bytes | None:
        """The octets from `start` to before `end`; None where some were not read."""
        for offset, octets in self._pieces:
            if offset <= start and end <= offset + len(octets):
                return octets[start - offset : end - offset]
        return None
