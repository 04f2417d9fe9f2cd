"""The meters of an order: `[[meter]]`, or a row of a list each; who logs on and with what is settled beforehand."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from c1219_tables.changes.typed import whole_number
from c1222.connection.options import line_options, network_options
from c1222.connection.plan import Login, Plan, make_plan
from c1222.errors import TargetError
from c1222.message.epsem import SecurityMode
from c1222.scripts.columns import filled
from c1222.scripts.plan_file import PlanFile
from c1222.scripts.problems import Problems
from c1222.scripts.shared_secrets import Entry, Secrets
from c1222.scripts.step_forms import policy_of
from c1222.scripts.steps import Policy, Step
from c1222.settings.config import Config, Meter
from c1222.settings.options import OPTIONS
from c1222.settings.secrets import Ask
from c1222.settings.sections import SECTION, check_section
from c1222.settings.targets import parse_target
from c1222.settings.unknown import unknown

LARGEST_LIST = 16 << 20
"""Octets of a list of meters."""
OWN = ("name", "confirm", "on_failure", "values")
"""What a meter of a plan says beyond a meter of the configuration."""
_NUMBERS = ("user_id", "key_id", "baud", "max_baud", "packet_size", "nbr_packets", "identity", "retries", "services")


@dataclass(frozen=True)
class PlannedMeter:
    """A meter of an order.

    number: from 1. name: what the order calls it; no other meter has it. way: how it is reached, and who logs on.
    profile: its name. confirm: the serial number that it must have before anything is changed; "" where none is given.
    columns: what is filled in for it. steps: all of them.
    """

    number: int
    name: str
    place: str
    way: Plan = field(repr=False)
    profile: str | None
    confirm: str
    policy: Policy
    columns: Mapping[str, str]
    steps: tuple[Step, ...] = ()

    @property
    def target(self) -> str:
        """What a person calls its port or address."""
        return self.way.target.label

    @property
    def identity(self) -> str:
        """What tells its name and the way to it from every other."""
        options = sorted((name, str(value)) for name, value in self.way.target.options.items())
        return repr((self.name, self.target, options))

    @property
    def port(self) -> str:
        """The serial port that it shares with others; "" where it shares none."""
        return self.way.target.place if self.way.target.kind.form == "port" else ""


def read_entries(plan: PlanFile) -> tuple[list[Entry], bytes]:
    """The meters as they are written, and the octets of their list. Raises TargetError."""
    shared = dict(plan.shared)
    listed = shared.pop("list", None)
    entries: list[Entry] = []
    octets = b""
    if listed is not None:
        if not isinstance(listed, str):
            raise TargetError(f'{plan.path}: [meters]: list is the path of a CSV file: list = "meters.csv"')
        path = plan.folder / Path(listed).expanduser()
        octets = _octets(path)
        entries += [Entry(f"{listed}, line {line}", shared, row) for line, row in _rows(listed, octets)]
    for number, given in enumerate(plan.meters, 1):
        values = given.get("values", {})
        if not isinstance(values, Mapping) or any(isinstance(value, Mapping | list) for value in values.values()):
            raise TargetError(f"{plan.path}: [[meter]] {number}: values has a text or a number for each name")
        columns = {name: str(value) for name, value in values.items()}
        entries.append(Entry(f"{plan.path}: [[meter]] {number}", {**shared, **given}, columns))
    if not entries:
        raise TargetError(f"{plan.path}: an order without a [[meter]], and without a list of them, is for nobody")
    return entries, octets


def settled(
    entries: list[Entry], plan: PlanFile, config: Config, ask: Ask | None, problems: Problems
) -> list[PlannedMeter]:
    """The meters, their secrets looked up. What is wrong goes to `problems`."""
    kept = Secrets(plan, ask)
    meters: list[PlannedMeter] = []
    for number, entry in enumerate(entries, 1):
        with problems.at(entry.place):
            meters.append(_meter(number, entry, plan, config, kept))
    _no_two_alike(meters, problems)
    return meters


def _meter(number: int, entry: Entry, plan: PlanFile, config: Config, secrets: Secrets) -> PlannedMeter:
    for name in entry.given:
        if name.replace("-", "_") not in (*SECTION, *OWN):
            raise ValueError(unknown("word", name, (*SECTION, *OWN)))
    own = {name: filled(entry.given[name], entry.columns) for name in ("name", "confirm") if name in entry.given}
    written = {name: value for name, value in entry.given.items() if name.replace("-", "_") not in OWN}
    given = {name: _numbered(name, filled(value, entry.columns)) for name, value in written.items()}
    said = check_section(given, place=entry.place, folder=plan.folder)
    text = said.pop("target", None)
    if not isinstance(text, str):
        raise ValueError('its target is missing: target = "tcp://192.0.2.7"')
    options: dict[str, Any] = {name: said.pop(name) for name in list(said) if name in OPTIONS}
    target = parse_target(text, folder=plan.folder).with_options(options)
    name = str(own.get("name", text))
    way, profile = _way(config, Meter(name, entry.place, target, said), secrets, entry)
    confirm = str(own.get("confirm", "")).strip()
    policy = policy_of(entry.given, plan.policy)
    return PlannedMeter(number, name, entry.place, way, profile, confirm, policy, entry.columns)


def _numbered(name: str, value: Any) -> Any:
    """A number that a column filled in."""
    return whole_number(value) if name.replace("-", "_") in _NUMBERS and isinstance(value, str) else value


def _way(config: Config, meter: Meter, secrets: Secrets, entry: Entry) -> tuple[Plan, str | None]:
    """How a meter is reached. What the plan says goes before the environment and the configuration."""
    meant = config.meant(meter.target)
    said = dict(meant.said)
    if "key" in meter.said or "keys" in meter.said:
        said = {name: value for name, value in said.items() if name not in ("key", "keys")}
    said |= meter.said
    alone = Config(meters={"it": Meter(meter.name, meter.place, meant.target, said)}, profiles=config.profiles)
    login = Login(password=secrets.password(said.get("password"), entry))
    way = make_plan("@it", login, profile=None, config=alone, ask=secrets.asking(entry))
    if way.target.protocol == "c1222":
        options = network_options(way.target, way.profile, way.ring)
        if options.mode is not SecurityMode.CLEAR and options.own_key() is None:
            raise ValueError(f"its messages are to be secured, and there is no key {options.key_id} for it (key, keys)")
    else:
        line_options(way.target, way.profile)
    profile = said.get("profile") or meant.target.options.get("profile")
    return way, None if profile is None else str(profile)


def _no_two_alike(meters: list[PlannedMeter], problems: Problems) -> None:
    names: dict[str, PlannedMeter] = {}
    ways: dict[Any, PlannedMeter] = {}
    for meter in meters:
        target = meter.way.target
        way = (target.label, *sorted((name, str(value)) for name, value in target.options.items()))
        if (other := names.setdefault(meter.name, meter)) is not meter:
            problems.add(f"{meter.place}: {other.place} has the name {meter.name}, too")
        elif (other := ways.setdefault(way, meter)) is not meter:
            problems.add(f"{meter.place}: {meter.name} is reached as {other.name} is: the same meter twice")


def _octets(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            octets = file.read(LARGEST_LIST + 1)
    except OSError as exc:
        raise TargetError(f"{path}: {exc.strerror}") from exc
    if len(octets) > LARGEST_LIST:
        raise TargetError(f"{path}: larger than {LARGEST_LIST >> 20} MiB, too large to be right")
    return octets


def _rows(name: str, octets: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and columns of each row. Raises TargetError."""
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TargetError(f"{name}: not a text file in UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        heads = [head.strip() for head in next(reader, [])]
        if not heads or not all(heads) or len(set(heads)) != len(heads):
            raise TargetError(f"{name}: its first line names the columns, each of them differently")
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(heads):
                raise TargetError(f"{name}, line {reader.line_num}: {len(row)} columns where {len(heads)} have a name")
            yield reader.line_num, {head: cell.strip() for head, cell in zip(heads, row, strict=True)}
    except csv.Error as exc:
        raise TargetError(f"{name}, line {reader.line_num}: {exc}") from None
