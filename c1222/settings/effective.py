"""What holds for a meter of the configuration, value by value, and who says so. Secrets are references here, too."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from c1222.link import Toggle
from c1222.settings.config import VARIABLES, Config, Sections
from c1222.settings.config_files import Section
from c1222.settings.makes import BUILT_IN, by_name
from c1222.settings.profiles import FIELDS, Profile
from c1222.settings.secrets import shown
from c1222.settings.sections import LOGIN, Reference
from c1222.settings.targets import parse_target

__all__ = ["DEFAULT_ORIGIN", "Setting", "effective"]

DEFAULT_ORIGIN = "default"
AS_THE_PROTOCOL_SAYS = "as the protocol says"


@dataclass(frozen=True, slots=True)
class Setting:
    """value: as a person writes it. origin: a file and its section, a variable, a profile, or DEFAULT_ORIGIN."""

    name: str
    value: str
    origin: str


def effective(name: str, config: Config, sections: Sections) -> list[Setting]:
    """Everything that holds for the meter `name`, before a command's own options.

    config: what was read; sections: what it was read from. Raises TargetError for names that there are not.
    """
    meter = config.meter(name)
    meant = config.meant(parse_target(f"@{name}"))
    profile = by_name(str(meant.said.get("profile", "default")), config.profiles)
    found = [Setting("target", meant.target.label, meter.place)]
    for each in (*LOGIN, "profile"):
        if each in meant.said:
            origin = VARIABLES[each] if each in config.environment else meter.place
            found += [Setting(key, value, origin) for key, value in _texts(each, meant.said[each])]
    options = {each: value for each, value in meant.target.options.items() if each != "profile"}
    found += [Setting(each, text_of(value), meter.place) for each, value in options.items()]
    found += _of_profile(profile, sections["profile"], {*options, *meant.said})
    return found


def _of_profile(profile: Profile, sections: Mapping[str, Section], said: set[str]) -> Iterator[Setting]:
    """Fields of a profile that nothing else says."""
    for name in (*FIELDS, "dialect"):
        if name not in said:
            value = getattr(profile, name)
            text = f"{value:02X}" if name == "password_pad" else text_of(value)
            yield Setting(name, text, _origin(name, profile.name, sections))


def _origin(field: str, profile: str, sections: Mapping[str, Section]) -> str:
    """Who says the value of a field: the profile itself, or one of those that it stands on."""
    while profile in sections:
        section = sections[profile]
        if field in (key.replace("-", "_") for key in section.values):
            return section.place
        base = str(section.values.get("base", "default"))
        if base == profile:
            break
        profile = base
    reason = BUILT_IN[profile].reasons.get(field) if profile in BUILT_IN else None
    return DEFAULT_ORIGIN if reason is None else f"profile {profile} ({reason})"


def _texts(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Names and texts of one value of a section: keys by id and files of keys have one each."""
    if name == "key":
        yield from ((f"key {key_id}", text_of(reference)) for key_id, reference in value.items())
    elif name == "keys":
        yield from (("keys", str(path)) for path in value)
    else:
        yield name, f"{value:02X}" if name == "password_pad" else text_of(value)


def text_of(value: object) -> str:
    """A value as it is written in a configuration; of a secret, where it lies."""
    if value is None:
        return AS_THE_PROTOCOL_SAYS
    if isinstance(value, Reference):
        return shown(value.text)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Toggle):
        return str(value.value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return " ".join(f"{name}={text_of(each)}" for name, each in value.items()) or "-"
    return str(value) if isinstance(value, str | int | Path) and value != "" else "-" if value == "" else str(value)
