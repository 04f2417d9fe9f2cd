"""The image of a simulated meter: its tables, made of the world when they are read.

All octets come from the declarations of c1219_tables, so what this meter says decodes with them and nothing is left.
"""

from datetime import datetime
from typing import Any

from c1219_tables.context import MeterTables
from c1219_tables.registry import STANDARD
from c1219_tables.standard.general import PROC_INITIATE_TBL
from c1219_tables.table import MANUFACTURER
from c1222.meter.image import procedures
from c1222.meter.image.memory import Build, Builder, Memory
from c1222.meter.image.tables import display, general, load_profile, logs, registers, security, sources, time_of_use
from c1222.meter.image.tables.capabilities import INITIATE, PASSWORDS, RESPONSE, TABLES_USED, TABLES_WRITABLE
from c1222.meter.world.events import TableWritten, moment, seconds
from c1222.meter.world.world import World

_DECADES = (general, sources, registers, display, security, time_of_use, load_profile, logs)
BUILDERS: dict[int, Builder] = {number: build for decade in _DECADES for number, build in decade.BUILDERS.items()}

LIMITS = (0, 11, 21, 31, 41, 51, 61, 62, 71)
"""Tables that other tables need: fixed when the meter was made, each behind those that it needs itself."""


class SimulatedImage:
    """The tables of the meter in a world.

    world: the truth; this image adds to it what procedures and writes make happen. build: how tables are stored.
    """

    def __init__(self, world: World, build: Build | None = None) -> None:
        self.world = world
        self._memory = Memory(world, build or Build())
        self._tables = MeterTables()
        self._fixed: dict[int, bytes] = {}
        for number in LIMITS:
            self._fixed[number] = self._encoded(number, world.installed)
            self._tables.add(number, self._fixed[number])
        self._profile = load_profile.ProfileData(self._memory, dict(self._tables.params()))

    def numbers(self) -> frozenset[int]:
        """Tables that table 0 lists."""
        return TABLES_USED

    def read(self, number: int, at: datetime) -> bytes:
        """Octets of a table at a moment. Raises KeyError for one that is not there, or is never shown (7, 42)."""
        if number not in TABLES_USED or number in (INITIATE, PASSWORDS):
            raise KeyError(number)
        if number == RESPONSE:
            return self._memory.response or bytes(4)
        if number in self._memory.written:
            return self._memory.written[number]
        if number in self._fixed:
            return self._fixed[number]
        if number == load_profile.DATA:
            return self._profile.octets(seconds(at))
        return self._encoded(number, seconds(at))

    def write(self, number: int, octets: bytes, at: datetime) -> None:
        """Keep the octets of a table; of table 7, do what it asks for.

        Raises KeyError for a table that is not there, PermissionError for one that cannot be written, TableError (a
        ValueError) for octets that do not decode.
        """
        if number not in TABLES_USED:
            raise KeyError(number)
        if number not in TABLES_WRITABLE:
            raise PermissionError(f"table {number} of this meter cannot be written")
        if number == INITIATE:
            self._initiate(octets, at)
            return
        STANDARD.table(number).decode(octets, self._tables.params())
        self._memory.written[number] = bytes(octets)
        self.world.add(TableWritten(moment(seconds(at)), number))

    def run(self, procedure: int, parameters: bytes, at: datetime) -> tuple[int, bytes]:
        """Start a procedure: result code of table 8 (6: this meter does not know it) and octets of the answer."""
        return procedures.run(self._memory, self._tables.params(), procedure, parameters, seconds(at))

    def _initiate(self, octets: bytes, at: datetime) -> None:
        """Tables 7 and 8 begin with the same three octets: the procedure, and the caller's number."""
        request: Any = PROC_INITIATE_TBL.decode(octets, self._tables.params())
        number = request.proc.tbl_proc_nbr + MANUFACTURER * request.proc.std_vs_mfg_flag
        result, answer = self.run(number, request.parm, at)
        self._memory.response = octets[:3] + bytes([result]) + answer

    def _encoded(self, number: int, at: int) -> bytes:
        return STANDARD.table(number).encode(BUILDERS[number](self._memory, at), self._tables.params())
