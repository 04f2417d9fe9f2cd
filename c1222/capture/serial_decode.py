"""What was heard on serial lines in, exchanges out: C12.18 and C12.21."""

from collections import OrderedDict
from collections.abc import Iterator

from c1222.capture.pairing import Exchange
from c1222.capture.remark import in_file
from c1222.capture.serial_line import SerialLine
from c1222.capture.serial_octets import SerialOctets
from c1222.capture.serial_packets import Found
from c1222.capture.serial_turns import Turns
from c1222.capture.source import DEFAULT, Limits, OnRemark, Place
from c1222.capture.tables import CapturedTables
from c1222.pcap import remark as pcap_remark
from c1222.pcap.packet import Direction
from c1222.pcap.remark import Remarks

LINES = 256
"""Lines that are followed at a time; those silent longest are given up."""


class SerialDecoder:
    """Turns what was heard on serial lines into exchanges. Does no I/O: feed it, and close it at the end.

    on_remark, limits, tables: as in decode.Decoder. Never raises for what was heard.
    """

    def __init__(self, on_remark: OnRemark, limits: Limits = DEFAULT, tables: CapturedTables | None = None) -> None:
        self._on_remark = on_remark
        self._limits = limits
        self._tables = tables or CapturedTables()
        self._remarks: dict[str, Remarks] = {}
        self._lines: OrderedDict[int, tuple[SerialLine, Turns]] = OrderedDict()

    def feed(self, heard: SerialOctets) -> Iterator[Exchange]:
        """Octets as they were recorded."""
        line, turns = self._line(heard.line)
        for message in line.feed(heard):
            yield from turns.heard(message)
        self._lines.move_to_end(heard.line)
        while len(self._lines) > LINES:
            yield from self._end(next(iter(self._lines)))

    def take(self, way: Direction, found: Found) -> Iterator[Exchange]:
        """What was found already in the octets of one direction of the only line."""
        line, turns = self._line(0)
        for message in line.take(way, [found]):
            yield from turns.heard(message)

    def close(self) -> Iterator[Exchange]:
        """Nothing more is heard: what still waits comes out."""
        for number in list(self._lines):
            yield from self._end(number)

    def _line(self, number: int) -> tuple[SerialLine, Turns]:
        if number not in self._lines:
            line = SerialLine(self._limits.max_line_message, self._say)
            self._lines[number] = line, Turns(number, self._tables, self._say)
        return self._lines[number]

    def _end(self, number: int) -> Iterator[Exchange]:
        line, turns = self._lines.pop(number)
        for message in line.close():
            yield from turns.heard(message)
        yield from turns.settle()

    def _say(self, code: str, text: str, place: Place) -> None:
        """At most so many of one code for each file."""
        file = place.file
        if file not in self._remarks:

            def hear(remark: pcap_remark.Remark) -> None:
                self._on_remark(in_file(remark.code, remark.text, file, remark.packet, remark.offset))

            self._remarks[file] = Remarks(hear, self._limits.pcap.remarks_per_code)
        self._remarks[file](pcap_remark.Remark(code, text, place.packet, place.file_offset))
