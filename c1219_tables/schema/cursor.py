"""Where a declaration reads from and writes to: octets with a position, and what was noticed on the way.

A construct stream with three additions: it never leaves the region it was narrowed to, it collects remarks, and it can
keep the place of every element (`trace`). One object serves a whole decode, so a place is always counted from the
first octet of the message or table.
"""

import io
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """Something the reader tolerated.

    code: short word for programs, for example "checksum-wrong".
    text: sentence for people.
    field: path of the element, dots between names, "" for the whole.
    offset: octets from the start of what was decoded; None where no octets are meant.
    """

    code: str
    text: str
    field: str = ""
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Place of one element: octets[start:end], counted from the start of what was decoded."""

    field: str
    start: int
    end: int


def plain_path(path: str) -> str:
    """A path as people write it, `services[0].code`: without the leading dot and the tags that words add to it."""
    if "#" not in path:
        return path.lstrip(".")
    parts = []
    for part in path.split("."):
        name, _, inner = part.partition("#")
        parts.append(name + "".join(f"[{index}" for index in inner.split("[")[1:]))
    return ".".join(parts).lstrip(".")


class Cursor:
    """Octets being decoded.

    pos, end: the region still to be read; a word that narrows it restores `end` behind itself.
    remarks: what was tolerated so far.
    trace: places of all elements in the order they were finished; None when nobody asked.
    forms: how the sender wrote a length, an integer or an order where it is not the way we write it, by place.
    empty_elements: array elements so far that took no octets.
    """

    __slots__ = ("empty_elements", "end", "forms", "octets", "pos", "remarks", "trace")

    def __init__(self, octets: bytes, *, trace: bool = False) -> None:
        self.octets = octets
        self.pos = 0
        self.end = len(octets)
        self.remarks: list[Remark] = []
        self.trace: list[Span] | None = [] if trace else None
        self.forms: dict[str, object] = {}
        self.empty_elements = 0

    def read(self, count: int = -1) -> bytes:
        """`count` octets, fewer where the region ends (all that are left when negative). Does not move when short."""
        pos = self.pos
        stop = self.end if count < 0 else pos + count
        if stop > self.end:
            return self.octets[pos : self.end]
        self.pos = stop
        return self.octets[pos:stop]

    def tell(self) -> int:
        return self.pos

    def remark(self, code: str, text: str, path: str, offset: int) -> None:
        self.remarks.append(Remark(code, text, plain_path(path), offset))


class Writer(io.BytesIO):
    """Octets being encoded, with the `forms` that a decode of the same message kept."""

    def __init__(self, forms: dict[str, object]) -> None:
        super().__init__()
        self.forms = forms
