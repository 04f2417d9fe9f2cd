"""A meter read into a dump, table by table: what came, when, and what was refused."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from c1219_tables.table import is_secret
from c1222.errors import LayoutError, ServiceError
from c1222.psem.responses import OK
from c1222.session.client import GENERAL_CONFIGURATION, TableRead, Watch
from c1222.session.faces.meter import Meter
from c1222.session.settings import LineOptions
from c1222.settings.dump_files import Dump, Refusal

Now = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Dumping:
    """One reading of a meter. dump: what there is so far, also where the session broke off; its `ended` is None then.

    now: the time, aware.
    """

    def __init__(self, meter: Meter, now: Now = utc_now) -> None:
        options = meter.client.options
        protocol = ("c1221" if options.c1221 else "c1218") if isinstance(options, LineOptions) else "c1222"
        self.dump = Dump(protocol=protocol, meter=meter.label, simulated=meter.label.startswith("sim:"), began=now())
        self._meter = meter
        self._now = now

    def listed(self, *, secrets: bool = False) -> list[int]:
        """Numbers of the tables that table 0 lists; with `secrets` also those that hold passwords and keys.

        Raises ServiceError where table 0 cannot be read, LayoutError where it cannot be decoded.
        """
        meter = self._meter
        there = meter.listed_tables()
        if secrets:
            table_0 = meter.tables[GENERAL_CONFIGURATION]
            there += [number for number in table_0["std_tbls_used"] if is_secret(meter.tables.registry.table(number))]
        return sorted(there)

    def with_needed(self, numbers: Iterable[int]) -> list[int]:
        """The tables, and before each those that it needs to be decoded."""
        return self._meter.tables.registry.reading_order(numbers)

    def read(self, numbers: Iterable[int], watch: Watch | None = None) -> Dump:
        """Read these tables, each by itself, so that the time at which it was read is its own. Returns the dump.

        watch: hears each result as it comes. Raises what ends the session; `dump` then holds what came before.
        """
        self._identify()
        for number in numbers:
            (read,) = self._meter.read_many([number])
            self._keep(read)
            if watch is not None:
                watch(read)
        self.dump.ended = self._now()
        return self.dump

    def _identify(self) -> None:
        try:
            answer = self._meter.identify()
        except ServiceError:  # who it is can be told by its tables as well
            return
        self.dump.identity = answer.octets if answer.code == OK else None

    def _keep(self, read: TableRead) -> None:
        if read.octets is not None:
            self.dump.tables[read.number] = read.octets
            self.dump.times[read.number] = self._now()
        elif isinstance(read.error, ServiceError):
            self.dump.refused[read.number] = Refusal(read.error.code, read.error.problem, read.error.hint)
        elif isinstance(read.error, LayoutError):
            self.dump.refused[read.number] = Refusal("", str(read.error))
