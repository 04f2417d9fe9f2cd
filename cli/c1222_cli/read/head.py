"""Which meter was asked, and when: what stands at the head of all JSON about a meter."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from c1222 import __version__
from c1222.session.faces.meter import Meter
from c1222.settings.dump_files import Dump, read_dump
from c1222_cli.live import NOTICE, is_simulated
from c1222_cli.talk import say

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Head:
    """Which meter it is.

    target: without its options. simulated: it is the simulated one, or a dump of that. read_at: when the session began;
    of a dump, when it was read. None where nobody tells, and for the simulated meter, whose time is another, so that
    what it says can be compared. dump: what was saved, where it is one.
    """

    target: str
    simulated: bool
    read_at: datetime | None
    dump: Dump | None = None

    @classmethod
    def of(cls, meter: Meter) -> "Head":
        """The head of an open meter. Raises TargetError for a dump whose file is gone."""
        kind, _, path = meter.label.partition(":")
        if kind.lower() == "dump":
            dump = read_dump(Path(path))
            return cls(meter.label, dump.simulated, dump.began or min(dump.times.values(), default=None), dump)
        simulated = is_simulated(meter.label)
        return cls(meter.label, simulated, None if simulated else datetime.now(UTC))

    @property
    def is_live(self) -> bool:
        """Whether it is a real meter that was asked just now: its clock goes as this computer's does."""
        return self.read_at is not None and self.dump is None

    @property
    def title(self) -> str:
        """One line for people."""
        return f"{self.target}, the simulated meter" if self.simulated else self.target

    def read_table_at(self, number: int, came: datetime | None) -> datetime | None:
        """When the octets of a table came from the meter. came: when they came here, None where none did."""
        if came is None or self.is_live:
            return came
        return None if self.dump is None else self.dump.times.get(number)

    def record(self) -> dict[str, Any]:
        """The head, for programs."""
        return {
            "schema_version": SCHEMA_VERSION,
            "c1222_version": __version__,
            "simulated": self.simulated,
            "target": self.target,
            "read_at": time_record(self.read_at),
        }


def met(meter: Meter) -> Head:
    """The head of a meter that was just opened. That it is a dump of the simulated meter is said, as for that itself.

    Raises TargetError as Head.of.
    """
    head = Head.of(meter)
    if head.simulated and head.dump is not None:
        say(NOTICE)
    return head


def time_record(at: datetime | None) -> str | None:
    """A time in UTC as JSON has it."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
