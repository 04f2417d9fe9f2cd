"""The meters of a capture, with all that they answered: readings of a meter that nobody has to ask again.

What a meter answered last counts. On a serial line nothing names the meter: where table 1 differs from the one before,
another meter is taken to be on the line.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import tzinfo

from c1219_tables.context import MeterTables
from c1219_tables.errors import LayoutError, TableError
from c1219_tables.readings import logs, profile, registers
from c1219_tables.readings.clocks.asked_times import Since, Until, asked_times
from c1219_tables.readings.register_value import SNAPSHOT_TABLES, RegisterValue, Taken
from c1219_tables.registry import STANDARD, Registry
from c1219_tables.rules import Rules
from c1219_tables.standard.load_profile import data_table
from c1219_tables.table import DecodedTable, table_label
from c1222.capture.message import Message
from c1222.capture.pairing import Exchange
from c1222.capture.remark import CaptureRemark
from c1222.errors import CaptureError

_IDENTIFICATION = 1
MOST = 1 << 28
"""Octets of tables that are kept: some thousand meters with all that they have."""


class CapturedMeter:
    """What one meter answered, with the names that readings have of a live one.

    label: what it is called in the capture. octets: of tables by number, in pieces by offset, the newest. registry,
    unidentified: declarations for a meter whose table 1 was seen, and for others.
    """

    def __init__(self, label: str, registry: Registry = STANDARD, unidentified: Registry = STANDARD) -> None:
        self.label = label
        self.octets: dict[int, dict[int, bytes]] = {}
        self._registry = registry
        self._unidentified = unidentified
        self._tables: MeterTables | None = None

    def add(self, number: int, offset: int | None, octets: bytes) -> int:
        """What the meter answered. offset: None where it is the whole table. Gives how many octets more are kept."""
        pieces = self.octets.setdefault(number, {})
        before = sum(map(len, pieces.values()))
        if offset is None:
            pieces.clear()
        pieces[offset or 0] = octets
        self._tables = None
        return sum(map(len, pieces.values())) - before

    @property
    def tables(self) -> MeterTables:
        """The tables that decode, whole ones and those whose beginning was read up to their end."""
        if self._tables is None:
            self._tables = self._decoded()
        return self._tables

    def read(self, number: int) -> DecodedTable:
        """A table. Raises TableError for one that nobody asked for in the capture, or that it cannot decode."""
        if number not in self.tables:
            there = number in self.octets
            problem = "what was captured of it cannot be decoded" if there else "was not read in what was captured"
            raise TableError(problem, table=number, layout=table_label(number))
        return self.tables[number]

    def registers(self, *taken: Taken, tz: tzinfo | None = None) -> list[RegisterValue]:
        """Registers of the snapshots that are named; without any, the current ones (table 23).

        Raises TableError as `read` for what was not captured; ValueError for what is no snapshot; TypeError,
        ValueError as clock.check_tz.
        """
        wanted = tuple(map(Taken, taken)) or (Taken.CURRENT,)
        for one in wanted:
            self.read(SNAPSHOT_TABLES[one])
        found = registers.registers(self.tables, tz=tz)
        return [one for one in found if one.snapshot.taken in wanted]

    def now(self, *, tz: tzinfo | None = None) -> list[RegisterValue]:
        """The values of the moment (table 28)."""
        return self.registers(Taken.PRESENT, tz=tz)

    def profile(
        self, set: int = 1, *, since: Since = None, until: Until = None, tz: tzinfo | None = None
    ) -> profile.Profile:
        """Interval data, as far as its blocks were read. Raises as asked_times.asked_times and profile.profile."""
        asked = asked_times(self.tables, since, until, tz)
        rules = Rules.of(self.tables.dialect)
        data = self.octets.get(data_table(set))
        return profile.profile(
            self.tables, set, since=asked.since, until=asked.until, data=data, tz=tz, rules=rules, notes=asked.notes
        )

    def events(self, *, tz: tzinfo | None = None) -> logs.Log:
        """The event log. Raises TableError as `read`."""
        self.read(logs.EVENTS)
        return logs.events(self.tables, tz=tz, rules=Rules.of(self.tables.dialect))

    def history(self, *, tz: tzinfo | None = None) -> logs.Log:
        """The history log. Raises TableError as `read`."""
        self.read(logs.HISTORY)
        return logs.history(self.tables, tz=tz, rules=Rules.of(self.tables.dialect))

    def _decoded(self) -> MeterTables:
        found = MeterTables(self._unidentified)
        octets = {number: _beginning(pieces) for number, pieces in self.octets.items()}
        for number in (0, _IDENTIFICATION):
            self._decode(number, octets.get(number), found)
        if _IDENTIFICATION in found:
            found.registry = self._registry.for_table_1(found[_IDENTIFICATION])
        for number in found.registry.reading_order(octets):
            if number not in found:
                self._decode(number, octets.get(number), found)
        return found

    @staticmethod
    def _decode(number: int, octets: bytes | None, found: MeterTables) -> None:
        try:
            if octets:
                found.add(number, octets, tolerant=True)
        except LayoutError:
            pass  # a part, or one that does not fit: `octets` has it all the same


def _beginning(pieces: Mapping[int, bytes]) -> bytes:
    """The octets from the first on, as far as no piece is missing."""
    found = b""
    for offset, octets in sorted(pieces.items()):
        if offset > len(found):
            break
        found = found[:offset] + octets + found[offset + len(octets) :]
    return found


class CapturedMeters:
    """The meters of a capture, as its exchanges come.

    registry, unidentified: as in CapturedTables. most: octets of tables that are kept, of all meters together.
    """

    def __init__(self, registry: Registry = STANDARD, *, unidentified: Registry = STANDARD, most: int = MOST) -> None:
        self._most = most
        self._octets = 0
        self._registry = registry
        self._unidentified = unidentified
        self._meters: dict[str, CapturedMeter] = {}
        self._latest: dict[Hashable, str] = {}

    def __iter__(self) -> Iterator[CapturedMeter]:
        return iter(self._meters.values())

    def look_at(self, found: Iterable[Exchange | CaptureRemark]) -> "CapturedMeters":
        """Keep what the answers bring; what a wrong checksum makes doubtful is left out. Returns itself.

        Raises CaptureError where that is more than can be kept.
        """
        for one in found:
            if isinstance(one, Exchange) and one.response is not None:
                self._keep(one.response)
        return self

    def _keep(self, response: Message) -> None:
        for service in response.services:
            view, value = service.table, service.value
            if view is None or service.may_be_secret or (value is not None and value.remarks):
                continue
            meter, number = self._meter(response), view.table.number
            if number == _IDENTIFICATION and meter.octets.get(number, {0: view.octets}) != {0: view.octets}:
                meter = self._another(response)
            self._octets += meter.add(number, None if view.is_whole else view.offset, view.octets)
            if self._octets > self._most:
                problem = f"more than {self._most} octets of tables in all: readings of a part of it can be taken"
                raise CaptureError(problem, file=response.place.file, packet=response.place.packet)

    def _meter(self, response: Message) -> CapturedMeter:
        sender, name = _sender(response)
        label = self._latest.setdefault(sender, name)
        if label not in self._meters:
            self._meters[label] = CapturedMeter(label, self._registry, self._unidentified)
        return self._meters[label]

    def _another(self, response: Message) -> CapturedMeter:
        """The next meter in the same place. What was read of it before its table 1 cannot be told from the other's."""
        sender, name = _sender(response)
        number = sum(label == name or label.startswith(f"{name}#") for label in self._meters) + 1
        self._latest[sender] = f"{name}#{number}"
        return self._meter(response)


def _sender(message: Message) -> tuple[Hashable, str]:
    """The node that answered, and its name: its title, its address where it has none; on a serial line the device."""
    if message.link is not None:
        line, identity = message.link.line, message.link.identity
        return (line, identity), f"line{line}" + (f":{identity}" if identity else "")
    assert message.apdu is not None
    title, flow = message.apdu["calling_ap_title"], message.place.flow
    if title is not None:
        return title.absolute(), str(title)
    return (flow.source, flow.source_port) if flow else None, f"{flow.source}:{flow.source_port}" if flow else "unknown"
