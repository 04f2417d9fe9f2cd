"""The steps of an order, for one meter: nothing is left to be filled in.

What a step needs that only the meter can tell (its dimensions, its clock) is asked for when it is carried out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Literal

from c1219_tables.procedure_risks import risk
from c1219_tables.procedures import Procedure
from c1219_tables.table import table_label

Policy = Literal["stop", "go on"]
POLICIES: tuple[Policy, ...] = ("stop", "go on")
"""After a failure: the meter is left as it is, or its next step is taken all the same."""

CLOCK = "clock"
SET_CLOCK = 10
REPEATABLE = frozenset({2, 6, 11, 16, 17, 18, 19})
"""Procedures that come to the same when they are carried out twice. So does SP-10, where it sets the clock to now."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field by its path, `tot_data_block.summations[0]`; "" for the whole table."""

    table: int
    path: str = ""

    def __str__(self) -> str:
        return f"{table_label(self.table)}{'.' if self.path else ''}{self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """number: from 1. note: what it is for, in the author's words. on_failure: what the meter does then."""

    number: int
    note: str = ""
    on_failure: Policy = "stop"

    @property
    def words(self) -> str:
        """What it does, without the values."""
        raise NotImplementedError

    @property
    def changes(self) -> bool:
        """Whether the meter is another one afterwards."""
        return False

    @property
    def danger(self) -> str:
        """What it takes away that does not come back; "" where it takes nothing."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Step):
    fields: tuple[Field, ...]

    @property
    def words(self) -> str:
        return f"read {', '.join(map(str, self.fields))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Write(Step):
    """values: as `Meter.write` takes them, new values by path or octets. ignore: what is not compared afterwards."""

    table: int
    values: Mapping[str, Any] | bytes = field(hash=False)
    offset: int | None = None
    ignore: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        if isinstance(self.values, bytes):
            place = "" if self.offset is None else f" from offset {self.offset} on"
            return f"write {table_label(self.table)}{place}"
        return "write " + ", ".join(str(Field(self.table, path)) for path in self.values)

    @property
    def changes(self) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProcedure(Step):
    """parameters: by the names of its declaration, octets, or None.

    Of SP-10: set_to: what its clock is to show, a moment with a zone or the time of the meter; None for now.
    zone: where the meter is, where its own tables do not say.
    """

    known: Procedure = field(hash=False)
    parameters: Mapping[str, Any] | bytes | None = field(default=None, hash=False)
    set_to: datetime | None = None
    zone: tzinfo | None = None

    @property
    def words(self) -> str:
        return f"procedure {self.known.label} {self.known.name}"

    @property
    def changes(self) -> bool:
        return True

    @property
    def danger(self) -> str:
        return risk(self.known.number)

    @property
    def sets_clock(self) -> bool:
        """Whether its time is worked out when it is carried out."""
        return self.known.number == SET_CLOCK and not isinstance(self.parameters, bytes)

    @property
    def is_repeatable(self) -> bool:
        """Whether twice is the same as once."""
        if self.known.number == SET_CLOCK:
            return self.sets_clock and self.set_to is None
        return self.known.number in REPEATABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect(Step):
    """A field is `wanted`, one of `one_of`, or between two values, both of them included."""

    field: Field
    wanted: Any = None
    one_of: tuple[Any, ...] | None = None
    between: tuple[Any, Any] | None = None

    @property
    def words(self) -> str:
        return f"expect {self.field}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectClock(Step):
    """The meter's clock is at most `within` seconds away from the time here."""

    within: float
    zone: tzinfo | None = None

    @property
    def words(self) -> str:
        return f"expect the clock within {self.within:g} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(Step):
    """Nothing is done for so many seconds, and the session is kept."""

    seconds: int

    @property
    def words(self) -> str:
        return f"wait {self.seconds} s"
