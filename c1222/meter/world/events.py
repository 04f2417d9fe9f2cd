"""What happens to a meter: the events that make one simulated meter's life differ from another's.

Times are true times, as an accurate clock has them, not the meter's: aware datetimes of whole seconds.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def seconds(at: datetime) -> int:
    """Whole seconds since 1970 of an aware datetime, what is left over dropped. Raises ValueError without a zone."""
    if at.tzinfo is None:
        raise ValueError("a datetime with a zone is wanted")
    return (at - EPOCH) // _SECOND


def moment(since_1970: int) -> datetime:
    """The aware UTC datetime of so many seconds since 1970."""
    return EPOCH + since_1970 * _SECOND


@dataclass(frozen=True, slots=True)
class Outage:
    """No voltage from `start` to `end`: nothing flows, and the meter records nothing but that it was so."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if seconds(self.end) <= seconds(self.start):
            raise ValueError("an outage ends after it starts")

    @property
    def at(self) -> datetime:
        """When it begins."""
        return self.start


@dataclass(frozen=True, slots=True)
class ClockSet:
    """The meter's clock was moved by so many seconds, forward if positive."""

    at: datetime
    by: int


@dataclass(frozen=True, slots=True)
class DemandReset:
    """Maximum demands were put aside and start anew."""

    at: datetime


@dataclass(frozen=True, slots=True)
class SelfRead:
    """The meter put a copy of its registers aside."""

    at: datetime


@dataclass(frozen=True, slots=True)
class TableWritten:
    """Somebody wrote a table, by its number in services."""

    at: datetime
    table: int


@dataclass(frozen=True, slots=True)
class ProcedureStarted:
    """Somebody started a procedure; 2048 + n is manufacturer procedure n."""

    at: datetime
    procedure: int


Event = Outage | ClockSet | DemandReset | SelfRead | TableWritten | ProcedureStarted
"""What can be added to a world."""


@dataclass(frozen=True, slots=True)
class PowerDown:
    """An outage began."""

    at: datetime


@dataclass(frozen=True, slots=True)
class PowerUp:
    """An outage ended."""

    at: datetime


@dataclass(frozen=True, slots=True)
class DstChange:
    """The meter's clock went to daylight saving time, or back."""

    at: datetime
    on: bool


@dataclass(frozen=True, slots=True)
class SeasonChange:
    """The calendar went to another season."""

    at: datetime
    season: int


Happening = (
    PowerDown | PowerUp | ClockSet | DemandReset | SelfRead | TableWritten | ProcedureStarted | DstChange | SeasonChange
)
"""What a world tells: events that were added, an outage as its two ends, and what follows from clock and calendar."""
