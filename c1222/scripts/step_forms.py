"""`[[step]]` of a plan: one word says what is done, others how. docs/plans.md shows them all."""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from math import inf
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from c1219_tables.changes import is_named
from c1219_tables.changes.typed import whole_number
from c1219_tables.procedure_names import find_procedure
from c1219_tables.registry import Registry
from c1219_tables.table import PENDING, Table, is_secret
from c1222.scripts.expectations import is_met
from c1222.scripts.fields import check_value, declared_paths, field_named, holds_secret, spots
from c1222.scripts.parameters import DATE_TIME, checked_parameters
from c1222.scripts.steps import (
    CLOCK,
    POLICIES,
    SET_CLOCK,
    Expect,
    ExpectClock,
    Field,
    Policy,
    Read,
    RunProcedure,
    Step,
    Wait,
    Write,
)
from c1222.settings.unknown import unknown

NOW = "now"
LONGEST_WAIT = 3600
NOT_TO_BE_WRITTEN = {7: "writing table 7 starts a procedure: procedure = ...", 8: "table 8 holds a procedure's answer"}

Given = Mapping[str, Any]


def step_of(given: Given, number: int, policy: Policy, registry: Registry) -> Step:
    """A step as it is written, checked by the declarations. number: from 1. policy: of its meter.

    Raises ValueError for what cannot be, with what may be meant.
    """
    verbs = [word for word in given if word in FORMS]
    if len(verbs) != 1:
        said = f"says {' and '.join(verbs)}: that is a step each" if verbs else _no_verb(given)
        raise ValueError(said)
    form, words = FORMS[verbs[0]]
    for word in given:
        if word not in (*words, *SHARED, verbs[0]):
            raise ValueError(unknown("word", word, (verbs[0], *words, *SHARED)))
    note = given.get("note", "")
    if not isinstance(note, str):
        raise ValueError("note is a sentence in quotes")
    shared = {"number": number, "note": note, "on_failure": policy_of(given, policy)}
    return form(given, shared, registry)


def policy_of(given: Given, otherwise: Policy) -> Policy:
    """`on_failure`. Raises ValueError."""
    policy = given.get("on_failure", otherwise)
    if policy not in POLICIES:
        raise ValueError(f'on_failure is "stop" or "go on", not {policy!r}')
    chosen: Policy = policy
    return chosen


def _no_verb(given: Given) -> str:
    strange = next((word for word in given if word not in SHARED), "")
    return unknown("kind of step", strange, FORMS) if strange else f"does nothing: it wants {', '.join(FORMS)}"


def _read(given: Given, shared: dict[str, Any], registry: Registry) -> Step:
    wanted = given["read"] if isinstance(given["read"], list) else [given["read"]]
    if not wanted:
        raise ValueError("read wants tables or fields: read = [1, 23]")
    return Read(fields=tuple(_shown(field_named(each, registry), registry) for each in wanted), **shared)


def _shown(field: Field, registry: Registry) -> Field:
    """A field that may be read into a report. Raises ValueError for a secret."""
    table = registry.table(field.table)
    if is_secret(table) if not field.path else holds_secret(spots(table, field.path)):
        raise ValueError(f"{field} holds passwords or keys, which belong into no report")
    return field


def _write(given: Given, shared: dict[str, Any], registry: Registry) -> Step:
    place = field_named(given["write"], registry)
    table = registry.table(place.table)
    _must_be_writable(table)
    ways = [way for way in ("to", "set", "hex") if way in given]
    if len(ways) != 1:
        raise ValueError("write wants one of: to (the value of one field), set (fields of a table), hex (its octets)")
    if (ways[0] == "to") != bool(place.path):
        raise ValueError('one field is written with to: write = "6.owner_name", to = "ACME"; a table with set or hex')
    ignore = _ignored(given, table)
    if ways[0] == "hex":
        return Write(table=table.number, values=_octets(given["hex"]), offset=_offset(given), ignore=ignore, **shared)
    if "offset" in given:
        raise ValueError("offset goes with hex")
    values = {place.path: given["to"]} if place.path else given["set"]
    if not isinstance(values, Mapping) or not values:
        raise ValueError('set wants fields and values: set = { owner_name = "ACME" }')
    changes: dict[str, Any] = {}
    for written, value in values.items():
        path = written.lower().replace("-", "_")
        found = spots(table, path)
        if holds_secret(found):
            raise ValueError(f"{table.label}.{path} holds a password or key, which never stands in a plan")
        try:
            check_value(found, value)
        except ValueError as exc:
            raise ValueError(f"{table.label}.{path}: {exc}") from None
        changes[path] = value
    return Write(table=table.number, values=changes, ignore=ignore, **shared)


def _must_be_writable(table: Table) -> None:
    if table.number in NOT_TO_BE_WRITTEN:
        raise ValueError(NOT_TO_BE_WRITTEN[table.number])
    if table.number >= PENDING:
        raise ValueError(f"{table.label}: what a pending table begins with is not public, so none is written")
    if is_secret(table):
        raise ValueError(f"{table.label} holds passwords or keys, which never stand in a plan")


def _ignored(given: Given, table: Table) -> tuple[str, ...]:
    names = given.get("ignore", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError('ignore wants names of fields: ignore = ["clock_calendar"]')
    for name in names:
        if not any(is_named(path, [name]) for path in declared_paths(table)):
            raise ValueError(f"ignore: {table.label} {table.name} has no field {name!r}")
    return tuple(names)


def _octets(given: Any) -> bytes:
    try:
        octets = bytes.fromhex(str(given).replace(":", ""))
    except ValueError:
        raise ValueError("hex wants octets as pairs of hex digits") from None
    if not octets:
        raise ValueError("hex wants octets, and there are none")
    return octets


def _offset(given: Given) -> int | None:
    if "offset" not in given:
        return None
    offset = whole_number(given["offset"])
    if offset < 0:
        raise ValueError("offset is a number of octets from the start of the table, 0 or more")
    return offset


def _procedure(given: Given, shared: dict[str, Any], registry: Registry) -> Step:
    if isinstance(given["procedure"], bool) or not isinstance(given["procedure"], int | str):
        raise ValueError('procedure wants its name or number: procedure = "set-date-time"')
    known = find_procedure(given["procedure"])
    if "hex" in given:
        if "with" in given:
            raise ValueError("parameters have names (with), or are octets (hex), not both")
        return RunProcedure(known=known, parameters=_octets(given["hex"]), **shared)
    named = given.get("with", {})
    if not isinstance(named, Mapping):
        raise ValueError("with wants parameters by name: with = { list = 1 }")
    try:
        parameters = checked_parameters(known, named)
    except ValueError as exc:
        raise ValueError(f"{known.label} {known.name}: {exc}") from None
    set_to = None
    if known.number == SET_CLOCK and parameters is not None:
        set_to = _time(parameters.pop(DATE_TIME))
    return RunProcedure(known=known, parameters=parameters, set_to=set_to, zone=_zone(given), **shared)


def _time(given: Any) -> datetime | None:
    """None for now."""
    if isinstance(given, datetime):
        return given
    if isinstance(given, str):
        if given == NOW:
            return None
        try:
            return datetime.fromisoformat(given)
        except ValueError:
            pass
    raise ValueError(f'a time is "now" or as 2026-01-31T12:00:00Z, not {given!r}')


def _zone(given: Given) -> tzinfo | None:
    name = given.get("timezone")
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError, AttributeError):
        raise ValueError(f"timezone: no zone is called {name!r}; write it as Europe/Berlin") from None


def _expect(given: Given, shared: dict[str, Any], registry: Registry) -> Step:
    if given["expect"] == CLOCK:
        _only("within", given)
        return ExpectClock(within=_within(given), zone=_zone(given), **shared)
    place = field_named(given["expect"], registry)
    if not place.path:
        raise ValueError('a field is wanted, as expect = "1.ed_model", or expect = "clock"')
    table = registry.table(place.table)
    found = spots(table, place.path)
    if holds_secret(found):
        raise ValueError(f"{place} holds a password or key, which is compared with nothing")
    ways = [way for way in ("is", "one_of", "between") if way in given]
    if len(ways) != 1:
        raise ValueError("expect wants one of: is (a value), one_of (a list of values), between (the least, the most)")
    _only(ways[0], given)
    value = given[ways[0]]
    if ways[0] == "is":
        _must_fit(place, found, value)
        return Expect(field=place, wanted=value, **shared)
    if not isinstance(value, list) or not value or (ways[0] == "between" and len(value) != 2):
        wants = "two values, the least and the most" if ways[0] == "between" else "a list of values"
        raise ValueError(f"{ways[0]} wants {wants}")
    for each in value:
        _must_fit(place, found, each)
    if ways[0] == "one_of":
        return Expect(field=place, one_of=tuple(value), **shared)
    step = Expect(field=place, between=(value[0], value[1]), **shared)
    if not is_met(step, value[0]):
        raise ValueError(f"between {value[0]} and {value[1]} is nothing")
    return step


def _within(given: Given) -> float:
    """Seconds, as a number or as a column has it."""
    try:
        within = 0.0 if isinstance(given.get("within"), bool) else float(given.get("within", 0))
    except (ValueError, TypeError):
        within = 0.0
    if not 0 < within < inf:
        raise ValueError('the clock is expected within so many seconds: expect = "clock", within = 60')
    return within


def _only(way: Literal["within", "is", "one_of", "between"] | str, given: Given) -> None:
    for other in ("within", "is", "one_of", "between"):
        if other != way and other in given:
            raise ValueError(f"{way} and {other} together are two expectations: that is a step each")


def _must_fit(place: Field, found: list[Any], value: Any) -> None:
    """A field can only be what its declaration lets it be; of text, any part of its width."""
    try:
        check_value(found, value)
    except ValueError as exc:
        raise ValueError(f"{place} can never be {value!r}: {exc}") from None


def _wait(given: Given, shared: dict[str, Any], registry: Registry) -> Step:
    seconds = whole_number(given["wait"])
    if not 0 < seconds <= LONGEST_WAIT:
        raise ValueError(f"wait wants whole seconds, 1 to {LONGEST_WAIT}")
    return Wait(seconds=seconds, **shared)


Form = Callable[[Given, dict[str, Any], Registry], Step]
SHARED = ("note", "on_failure")
FORMS: Mapping[str, tuple[Form, tuple[str, ...]]] = {
    "read": (_read, ()),
    "write": (_write, ("to", "set", "hex", "offset", "ignore")),
    "procedure": (_procedure, ("with", "hex", "timezone")),
    "expect": (_expect, ("is", "one_of", "between", "within", "timezone")),
    "wait": (_wait, ()),
}
"""What a step can be: the word that says it, and the words that go with it."""
