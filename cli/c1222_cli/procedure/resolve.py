"""Parameters that the meter, the clock of this computer or a secret's place have their say in."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from c1219_tables.readings.clocks.clock_setting import clock_setting
from c1219_tables.rules import Rules
from c1219_tables.standard.time_of_use import TIME_DATE_QUAL_BFLD
from c1222.settings.secrets import read_secret
from c1222_cli.keys import ask_unseen
from c1222_cli.live import Way
from c1222_cli.procedure.given import CLOCK_QUALIFIER, Given, defaults_of, references
from c1222_cli.talk import can_ask

if TYPE_CHECKING:
    from c1222.session.faces.meter import Meter
    from c1222.session.operations.procedures import Parameters

CLOCK_TABLES = (0, 51, 52, 53, 54)
"""Tables that say what a meter's clock shows; those that are refused are done without."""
_SPACE = 0x20


def host_now() -> datetime:
    """The time by this computer's clock."""
    return datetime.now(UTC)


_OF_THIS_COMPUTER = ("localtime", "posixrules")
"""Files that stand among the zones on some systems, and are whatever this computer is set to."""


def zone_of(name: str | None) -> tzinfo | None:
    """A zone by its name in the tz database. Raises UsageError."""
    if name is None:
        return None
    if name in _OF_THIS_COMPUTER:
        raise click.UsageError(f"--tz {name} is the zone of this computer; name that of the meter, as Europe/Berlin")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.UsageError(f"--tz {name}: no such zone is known here; write it as Europe/Berlin or UTC") from None


def secrets_of(given: Given, way: Way) -> dict[str, bytes]:
    """The secrets among the parameters, filled up to their length. Raises TargetError, UsageError."""
    found = {}
    for name, reference in references(given):
        octets = read_secret(reference.source, ask=ask_unseen if can_ask() else None, what=name)
        if len(octets) > reference.octets:
            raise click.UsageError(f"{name}: {len(octets)} octets where {reference.octets} fit")
        pad = _SPACE if way.password_pad is None else int(way.password_pad, 16)
        found[name] = octets.ljust(reference.octets, bytes([pad]))
    return found


def parameters_of(
    given: Given, meter: "Meter", secrets: dict[str, bytes], tz: tzinfo | None
) -> "tuple[Parameters, Sequence[str]]":
    """The parameters as they go out now, and in words what was assumed for them. Raises UsageError."""
    if given.octets is not None:
        return given.octets, ()
    values: dict[str, Any] = {**defaults_of(given.known), **given.values, **secrets}
    if given.time is None:
        return values, ()
    name, wanted = given.time
    moment = host_now() if wanted.at is None else wanted.at
    said = values.get(CLOCK_QUALIFIER) or {}
    if moment.tzinfo is None and len(said) == len(TIME_DATE_QUAL_BFLD.names):
        # Everything was said by hand: what the clock is to show, and how it is meant.
        return {**values, name: moment}, ()
    tables = meter.tables
    try:
        found = clock_setting(tables, moment, tz=tz, rules=Rules.of(tables.dialect))
    except ValueError as exc:
        hint = "--tz NAME says in which zone the meter is" if 52 in tables else f"give {CLOCK_QUALIFIER}=..."
        raise click.UsageError(f"{name}: {exc} ({hint}, with a time as the meter is to show it)") from None
    values |= {name: found.date_time, CLOCK_QUALIFIER: {**found.time_date_qual, **said}}
    now = [f"this computer's clock is right: now is {moment:%Y-%m-%d %H:%M:%S} UTC"] if wanted.at is None else []
    return values, [*now, f"the meter's {found.zone}", *map(str, found.notes)]
