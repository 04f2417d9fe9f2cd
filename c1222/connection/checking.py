"""What is wrong with a configuration: all of it at once, nothing opened but files, nobody asked, and nothing sent."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from c1222.connection.options import line_options, network_options
from c1222.connection.plan import Login, make_plan, title_octets
from c1222.errors import C12Error, TargetError
from c1222.message.epsem import SecurityMode
from c1222.security.keys import KEY_SIZE, Key, KeyRing
from c1222.settings.config import VARIABLES, Config, Meter, Sections, meter_of, profiles_of, said_by
from c1222.settings.config_files import KINDS_OF_SECTIONS, Section, config_files
from c1222.settings.key_files import KeyEntry, listed_keys
from c1222.settings.makes import BUILT_IN, DEFAULT
from c1222.settings.profiles import changed
from c1222.settings.secret_check import trouble
from c1222.settings.sections import Reference, check_section

STAND_IN = Key(bytes(KEY_SIZE))
"""In the place of keys that are not read here; nothing is ever secured with it."""


def findings(variables: Mapping[str, str], folder: Path | None = None) -> Iterator[str]:
    """A sentence for everything that is wrong, with its place; none shows a secret.

    variables: of the environment. folder: where the project's file lies, the working directory by default.
    """
    sections: Sections = {kind: {} for kind in KINDS_OF_SECTIONS}
    try:
        files = config_files(variables, folder)
    except TargetError as exc:
        yield str(exc)
        return
    for file in files:
        if not file.is_there:
            if file.whose.startswith("named"):
                yield f"{file.path}: there is no such file, and it is {file.whose}"
            continue
        try:
            found = file.sections()
        except TargetError as exc:
            yield str(exc)
            continue
        for kind, named in found.items():
            yield from _section_findings(kind, named)
            sections[kind] = {**named, **sections[kind]}
    environment: dict[str, object] = {}
    for variable in VARIABLES.values():
        try:
            environment |= said_by({variable: variables[variable]} if variable in variables else {})
        except TargetError as exc:
            yield str(exc)
    config = _sound(sections, environment)
    for meter in config.meters.values():
        yield from _meter_findings(meter, config)


def _section_findings(kind: str, named: Mapping[str, Section]) -> Iterator[str]:
    """Names and values of sections, one by one: the first that is wrong must not hide the others."""
    for name, section in named.items():
        wrong = False
        for key, value in section.values.items():
            try:
                if kind == "meter":
                    check_section({key: value}, place=section.place, folder=section.folder)
                elif key != "base":
                    changed(DEFAULT, name, {key: value}, place=section.place)
            except TargetError as exc:
                wrong = True
                yield str(exc)
        if wrong:
            continue
        try:
            _ = meter_of(name, section) if kind == "meter" else profiles_of({name: section, **named})
        except TargetError as exc:
            # A profile that another one stands on has its own finding.
            if section.place in str(exc):
                yield str(exc)


def _sound(sections: Sections, environment: Mapping[str, object]) -> Config:
    """The configuration without what is wrong in it."""
    meters = {}
    for name, section in sections["meter"].items():
        try:
            meters[name] = meter_of(name, section)
        except TargetError:  # told already
            continue
    try:
        profiles = {**BUILT_IN, **profiles_of(sections["profile"])}
    except TargetError:
        profiles = {**BUILT_IN, **dict.fromkeys(sections["profile"], DEFAULT)}
    return Config(meters=meters, profiles=profiles, environment=environment)


def _meter_findings(meter: Meter, config: Config) -> Iterator[str]:
    """Whether one meter can be talked to, as far as its own words tell."""
    said: dict[str, Any] = dict(config.environment) | dict(meter.said)
    ring = KeyRing()
    password = said.get("password")
    if isinstance(password, Reference) and (problem := trouble(password)):
        yield problem
    for key_id, reference in said.get("key", {}).items():
        ring.add(key_id, STAND_IN)
        if problem := trouble(reference, is_key=True):
            yield problem
    for path in said.get("keys", ()):
        yield from _key_file_findings(path, ring)
    for path in _files_of(meter):
        if not path.is_file():
            yield f"{meter.place}: {path}: there is no such file"
    try:
        plan = make_plan(f"@{meter.name}", Login(password=b"", ring=ring), profile=None, config=config)
        if plan.target.protocol == "c1222":
            options = network_options(plan.target, plan.profile, ring)
            if options.mode is not SecurityMode.CLEAR and options.own_key() is None:
                yield f"{meter.place}: its messages are to be secured, and there is no key for key id {options.key_id}"
        elif plan.target.protocol is not None:
            line_options(plan.target, plan.profile)
    except C12Error as exc:
        yield f"{meter.place}: {exc}"


def _key_file_findings(path: Path, ring: KeyRing) -> Iterator[str]:
    try:
        for each in listed_keys(path):
            ring.add(each.key_id, STAND_IN, title_octets(each.title, each.place))
            if isinstance(each, KeyEntry):
                continue
            what = f"{each.place}, key {each.key_id}"
            if each.source.startswith("cmd:"):
                yield f"{what}: cmd: is not run from a file that a configuration names"
            elif problem := trouble(Reference(each.source, what, path.parent), is_key=True):
                yield problem
    except TargetError as exc:
        yield str(exc)


def _files_of(meter: Meter) -> Iterator[Path]:
    if meter.target.scheme == "dump":
        yield Path(meter.target.place)
    if (image := meter.target.options.get("image")) is not None:
        yield Path(str(image))
