"""Meters of which a test says how they treat reads: what fits an answer, and what happens at the end of a table."""

from dataclasses import dataclass, field

from scripted import ScriptedMeter, table_data
from tables_by_hand import OK, opening

from c1222.psem.requests import encode_request
from c1222.psem.responses import decode_response
from c1222.session.channels.channel import Ask, Pause

ONP, ERR, IAR = b"\x04", b"\x01", b"\x05"


@dataclass
class Reads:
    """Answers to reads of tables by number.

    room: octets that an answer may have. too_large: what is said to more. beyond: what is said to an offset read that
    reaches beyond the end, None: what is left. behind: what is said to one that begins there. most: octets that an
    offset read gives at a time, whatever was asked for. cuts: a full read that does not fit gives what fits.
    heard: (offset, count) of the offset reads, None for a full read.
    """

    tables: dict
    room: int = 1 << 30
    too_large: bytes = ONP
    beyond: bytes | None = None
    behind: bytes = ONP
    most: int = 1 << 30
    cuts: bool = False
    heard: list = field(default_factory=list)

    def __call__(self, request):
        table = self.tables.get(int.from_bytes(request[1:3], "big"))
        if table is None:
            return IAR
        if request[0] == 0x30:
            self.heard.append(None)
            fits = len(table) + 4 <= self.room
            if fits or self.cuts:
                return OK + blocks(table if fits else table[: self.room - 4])
            return self.too_large
        assert request[0] == 0x3F
        offset, count = int.from_bytes(request[3:6], "big"), int.from_bytes(request[6:8], "big")
        self.heard.append((offset, count))
        assert count > 0
        if offset >= len(table):
            return self.behind
        if offset + count > len(table) and self.beyond is not None:
            return self.beyond
        if count + 4 > self.room:
            return self.too_large
        return OK + table_data(table[offset : offset + min(count, self.most)])


def blocks(data):
    """Table data of any size: blocks of FFFF octets each say that another follows (protocol.md 2.3)."""
    out = b""
    while len(data) >= 0xFFFF:
        out, data = out + table_data(data[:0xFFFF]), data[0xFFFF:]
    return out + table_data(data)


class RuledMeter(ScriptedMeter):
    """A `ScriptedMeter` whose answers to all but the opening are made by a rule."""

    def __init__(self, rule, **script):
        super().__init__(opening())
        self.script = _Script(self.script | {key: [value] for key, value in script.items()}, rule)


class _Script(dict):
    def __init__(self, script, rule):
        super().__init__(script)
        self.rule = rule

    def get(self, request, default=None):
        return self[request] if request in self else [self.rule(request)]


class Agreed:
    """What a channel has negotiated: octets of an answer."""

    c1222 = False

    def __init__(self, largest_answer):
        self.largest_answer = largest_answer


class Network:
    """A channel on which nothing is negotiated."""

    c1222 = True
    largest_answer = 0x10000 - 128


def carry_out(operation, rule):
    """The result of an operation, its requests answered by a rule, without a channel."""
    answers = None
    try:
        while True:
            wish = operation.send(answers)
            answers = None
            if isinstance(wish, Ask):
                answers = [
                    decode_response(rule(encode_request(one, c1222=False)), service=one.code, c1222=False)
                    for one in wish.requests
                ]
            else:
                assert isinstance(wish, Pause)
    except StopIteration as end:
        return end.value
