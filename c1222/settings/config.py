"""The configuration: c1222.toml of the working directory, then c1222.toml of the user's folder for configurations.

    [meter.house]
    target = "tcp://192.0.2.7"
    called = ".123.8437"
    profile = "ours"
    user = "reader"
    password = "env:HOUSE_PASSWORD"        # where it lies; a password itself is refused
    key = { 2 = "file:house.key" }         # relative to this file

    [profile.ours]
    base = "elster-a3"
    retries = 1

C1222_CONFIG names one file to be read instead of both. A meter or profile that both files have is the first file's, as
a whole: a project's file must not send the user's password to a target of its own. Before all files go variables of the
environment (VARIABLES), and before these what a command's options say.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from c1222.errors import TargetError
from c1222.settings.config_files import (
    CONFIG,
    FILE_NAME,
    KINDS_OF_SECTIONS,
    ConfigFile,
    Section,
    config_files,
    user_folder,
)
from c1222.settings.makes import BUILT_IN
from c1222.settings.options import OPTIONS
from c1222.settings.profiles import Profile, changed
from c1222.settings.sections import LOGIN, Reference, check_section, check_value
from c1222.settings.targets import Target, parse_target
from c1222.settings.unknown import unknown

__all__ = [
    "VARIABLES",
    "Config",
    "Meter",
    "Sections",
    "meter_of",
    "profiles_of",
    "read_config",
    "read_sections",
    "said_by",
]

_VARIABLES = ("target", "profile", "user", "user_id", "password", "password_pad", "keys")
VARIABLES: Mapping[str, str] = {name: f"C1222_{name.upper()}" for name in _VARIABLES}
"""What the environment can say, and in which variable. The password is a reference there, too."""

Sections = dict[str, dict[str, Section]]
"""By kind and name."""


@dataclass(frozen=True, slots=True)
class Meter:
    """One `[meter.NAME]`; or a meter that was given as a target itself, whose name and place are "".

    place: its file and section, for messages. target: with the options of its URL and of its section.
    said: the rest, by names of sections.LOGIN; of `Config.meant` also "profile".
    """

    name: str
    place: str
    target: Target
    said: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Config:
    """All that was configured.

    files: that were read, the first goes before the others. environment: what variables say, by names of VARIABLES.
    """

    files: tuple[Path, ...] = ()
    meters: Mapping[str, Meter] = field(default_factory=dict)
    profiles: Mapping[str, Profile] = field(default_factory=lambda: BUILT_IN)
    environment: Mapping[str, object] = field(default_factory=dict)

    def meter(self, name: str) -> Meter:
        """The meter of a name. Raises TargetError with those that there are."""
        if name in self.meters:
            return self.meters[name]
        where = "" if self.files else f"; there is no {FILE_NAME}, neither here nor in {user_folder()}"
        raise TargetError(f"{unknown('meter', name, self.meters)}{where}")

    def meant(self, target: Target) -> Meter:
        """The meter that a target means, with all that is configured for it. A command's own options go before this.

        target: as it was given, a name too; what it says goes before the environment, and that before the files. Keys
        come from the first of these that names any. Raises TargetError as `meter` does, and for options that the way to
        a meter does not take.
        """
        meter = self.meter(target.place) if target.scheme == "@" else Meter("", "", target, {})
        said: dict[str, object] = {}
        for values in (meter.target.options, meter.said, self.environment, target.options):
            if "key" in values or "keys" in values:
                said = {name: value for name, value in said.items() if name not in ("key", "keys")}
            said |= {name: value for name, value in values.items() if name in LOGIN or name == "profile"}
        way = meter.target.with_options(target.options)
        return Meter(meter.name, meter.place, way, MappingProxyType(said))


def read_config(*, environ: Mapping[str, str] | None = None, folder: Path | None = None) -> Config:
    """What is configured.

    environ: the variables, os.environ by default. folder: where the project's file lies, the working directory by
    default.

    Raises TargetError for a file that cannot be read, is no TOML, or says what there is not or cannot be; with file,
    section and name, and without any value.
    """
    variables = os.environ if environ is None else environ
    files = tuple(file for file in config_files(variables, folder) if file.is_there or variables.get(CONFIG))
    sections = read_sections(files)
    return Config(
        tuple(file.path for file in files),
        MappingProxyType({name: meter_of(name, section) for name, section in sections["meter"].items()}),
        MappingProxyType({**BUILT_IN, **profiles_of(sections["profile"])}),
        MappingProxyType(said_by(variables)),
    )


def said_by(variables: Mapping[str, str]) -> dict[str, object]:
    """What variables of the environment say, by names of VARIABLES. Raises TargetError with the variable's name."""
    return {
        name: check_value(name, variables[variable], place=variable)
        for name, variable in VARIABLES.items()
        if variables.get(variable)
    }


def read_sections(files: Iterable[ConfigFile]) -> Sections:
    """The sections of several files; of two of one kind and name, the first file's. Raises TargetError."""
    sections: Sections = {kind: {} for kind in KINDS_OF_SECTIONS}
    for file in files:
        for kind, named in file.sections().items():
            sections[kind] = {**named, **sections[kind]}
    return sections


def meter_of(name: str, section: Section) -> Meter:
    """The meter of a section. Raises TargetError with its place."""
    place = section.place
    said = check_section(section.values, place=place, folder=section.folder)
    if not section.is_own:
        _refuse_commands(said, place)
    text = said.pop("target", None)
    if not isinstance(text, str):
        raise TargetError(f'{place}: its target is missing: target = "tcp://192.0.2.7"')
    options: dict[str, Any] = {key: said.pop(key) for key in list(said) if key in OPTIONS}
    try:
        target = parse_target(text, folder=section.folder)
        if target.scheme == "@":
            raise TargetError("the target of a meter is the way to it, not another name")
        if twice := [key for key in options if key in target.options]:
            raise TargetError(f"{twice[0]} is said twice, in the target and beside it")
        return Meter(name, place, target.with_options(options), MappingProxyType(said))
    except TargetError as exc:
        raise TargetError(f"{place}: {exc}") from None


def _refuse_commands(said: Mapping[str, Any], place: str) -> None:
    """Raise TargetError where a file of the working directory wants programs run: anybody may have written it."""
    for reference in (said.get("password"), *said.get("key", {}).values()):
        if isinstance(reference, Reference) and reference.text.startswith("cmd:"):
            where = f"your own {FILE_NAME} ({user_folder()}) or of the file that {CONFIG} names"
            raise TargetError(f"{place}: a {FILE_NAME} of the working directory runs no cmd:; that is for {where}")


def profiles_of(sections: Mapping[str, Section]) -> dict[str, Profile]:
    """The profiles of the files. One may stand on another, in any order, and on a built-in one of its own name."""
    found: dict[str, Profile] = {}

    def build(name: str, under: tuple[str, ...]) -> Profile:
        if name in found:
            return found[name]
        section = sections[name]
        values = dict(section.values)
        base = values.pop("base", "default")
        if not isinstance(base, str):
            raise TargetError(f"{section.place}: base wants the name of a profile")
        if base in sections and base != name:
            if base in under:
                raise TargetError(f"{section.place}: base: {base} stands on {name} itself")
            ground = build(base, (*under, name))
        elif base in BUILT_IN:
            ground = BUILT_IN[base]
        else:
            raise TargetError(f"{section.place}: base: {unknown('profile', base, {**BUILT_IN, **sections})}")
        found[name] = changed(ground, name, values, place=section.place)
        return found[name]

    return {name: build(name, ()) for name in sections}
