"""One procedure from its parameters to its answer: shown, asked for, started once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import TYPE_CHECKING

from c1219_tables.procedure_risks import risk
from c1222_cli.consent import ask_serial, ask_yes
from c1222_cli.procedure.given import Given
from c1222_cli.procedure.resolve import CLOCK_TABLES, parameters_of
from c1222_cli.procedure.show import draw_prepared
from c1222_cli.report import Paper
from c1222_cli.talk import say, terminal_width

if TYPE_CHECKING:
    from c1222.session.faces.meter import Meter
    from c1222.session.operations.procedures import Parameters, PreparedProcedure, ProcedureDone


@dataclass(frozen=True)
class Permission:
    """What was said beforehand. yes: no question; confirm: the serial number of the meter that is meant."""

    yes: bool = False
    confirm: str | None = None
    quiet: bool = False


@dataclass
class Carrying:
    """A procedure for one meter.

    parameters, notes: what goes out and what was assumed, once it is prepared. knows_clock: whether the meter's tables
    about its clock were read.
    """

    meter: "Meter"
    given: Given
    secrets: dict[str, bytes] = field(repr=False)
    tz: tzinfo | None = None
    parameters: "Parameters" = field(default=None, repr=False)
    notes: Sequence[str] = ()
    knows_clock: bool = False

    def prepare(self) -> "PreparedProcedure":
        """Ready to be started; nothing is written. Raises UsageError, and as Meter.prepare_procedure."""
        if self.given.time is not None and not self.knows_clock:
            self.meter.read_many(CLOCK_TABLES)
            self.knows_clock = True
        self.parameters, self.notes = parameters_of(self.given, self.meter, self.secrets, self.tz)
        return self.meter.prepare_procedure(self.given.known.number, self.parameters)

    def allowed(self, prepared: "PreparedProcedure", permission: Permission) -> "PreparedProcedure":
        """Show it and ask; returns it with the time of now, if it has one. Raises NotStarted; leaves after a no."""
        if not permission.quiet:
            paper = Paper(width=terminal_width(), colour=False)
            draw_prepared(paper, prepared, self.meter, self.notes)
            for line in paper.lines:
                say(line)
        reason = risk(prepared.procedure.number)
        if reason or permission.confirm is not None:
            ask_serial(self.meter, f"{prepared.name}{reason and ': '}{reason}", confirm=permission.confirm)
        else:
            ask_yes(self.meter, f"Start {prepared.name}?", yes=permission.yes)
        return self.prepare() if self.given.time is not None else prepared

    def otherwise(self, prepared: "PreparedProcedure", done: "ProcedureDone") -> str:
        """What the meter did instead, by its answer; "" where nothing."""
        from c1222.session.operations.procedures import done_otherwise

        return done_otherwise(prepared, done, self.meter.tables.params())

    def start(self, prepared: "PreparedProcedure") -> "ProcedureDone":
        """Start it, once. Raises as Meter.run_prepared."""
        try:
            return self.meter.run_prepared(prepared)
        except KeyboardInterrupt:
            say(f"whether {prepared.name} was carried out is not known")
            raise
