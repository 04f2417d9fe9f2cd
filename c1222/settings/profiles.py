"""Profiles: what differs from make to make, between the standard and a meter that answers.

A profile says how to open the line, how big packets and messages may be, how a session goes, and in what the make's
tables differ. Those that come with this package are in makes.py; more are written in the configuration.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from c1222.errors import TargetError
from c1222.link import C1218, LinkSettings, Toggle
from c1222.psem.services import BAUD_RATES
from c1222.settings.options import OPTIONS
from c1222.settings.unknown import unknown
from c1222.settings.values import OneOf, Plain, Text, Value, YesNo

__all__ = ["FIELDS", "Profile", "changed"]

OWN: Mapping[str, tuple[Value, str]] = {
    "toggle": (OneOf.words_of(*(toggle.value for toggle in Toggle)), "what the toggle of a packet that comes must be"),
    "negotiate": (YesNo(), "send Negotiate; no: the session stays at 64 octets and one packet"),
    "password_pad": (OneOf({"20": 0x20, "00": 0x00}), "octet that fills a password up to its 20, in hex"),
    "security_after_logon": (YesNo(), "send Security after Logon, where there is a password"),
    "logoff": (YesNo(), "send Logoff before Terminate"),
    "manufacturer": (Text("the manufacturer of table 1", 4), "whose meters this is for, as table 1 says it"),
    "model": (Text("the beginning of the model of table 1", 8), "which of them: what ED_MODEL of table 1 begins with"),
}  # fmt: skip
"""What only profiles have: what it can be, and what for."""
SHARED = (
    "identity", "baud", "max_baud", "packet_size", "nbr_packets", "turn_around", "wakeup", "inter_character",
    "response", "timeout", "retries", "id_width", "session", "services", "segment",
)  # fmt: skip
"""What a target can say, too."""
FIELDS: Mapping[str, tuple[Value, str]] = {
    **{name: (OPTIONS[name].value, OPTIONS[name].purpose) for name in SHARED},
    **OWN,
}
"""Every field that a configuration can set: what it can be, and what for. `dialect` is the one beside these."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How to talk to the meters of one make. FIELDS says what each field is for; times in seconds.

    None is what the protocol says by itself: the times and retries of C12.18 or C12.21, a speed that stays as it is,
    messages of any size.
    dialect: in what tables differ, by the names of c1219_tables.table.DIALECT, and values, by those of
    rules.
    reasons: for each field that differs, who says so.
    """

    name: str
    identity: int = 0
    toggle: Toggle = Toggle.UNCHECKED
    baud: int = 9600
    max_baud: int | None = None
    negotiate: bool = True
    packet_size: int = 1024
    nbr_packets: int = 255
    turn_around: float = 0.0
    wakeup: bool = False
    inter_character: float | None = None
    response: float | None = None
    timeout: float | None = None
    retries: int | None = None
    password_pad: int = 0x20
    security_after_logon: bool = True
    logoff: bool = True
    id_width: int = 4
    session: bool = False
    services: int = 8
    segment: int | None = None
    dialect: Mapping[str, bool] = field(default_factory=dict, hash=False)
    manufacturer: str = ""
    model: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False, compare=False)

    @property
    def rates(self) -> tuple[int, ...]:
        """Speeds to ask for in Negotiate, the highest first; () to stay at the one that there is."""
        if self.max_baud is None:
            return ()
        return tuple(sorted((rate for rate in BAUD_RATES.values() if rate <= self.max_baud), reverse=True))

    def link_settings(self, base: LinkSettings = C1218) -> LinkSettings:
        """A link's settings before anything is negotiated.

        base: C1218 or C1221, with the baud of None where the line has no speed. `timeout` is the link's traffic time.
        """
        said = {
            "inter_character": self.inter_character,
            "response": self.response,
            "traffic": self.timeout,
            "retries": self.retries,
        }
        given: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
        baud = None if base.baud is None else self.baud
        return replace(base, identity=self.identity, toggle=self.toggle, baud=baud, **given)

    def with_options(self, options: Mapping[str, Plain]) -> "Profile":
        """This profile with what a target says instead; options that are no matter of profiles are passed over."""
        given: dict[str, Any] = {name: options[name] for name in SHARED if name in options}
        return replace(self, **given)

    def fits(self, manufacturer: str, ed_model: str) -> bool:
        """Whether it is for the meter whose table 1 says this; padding does not matter."""
        if not self.manufacturer and not self.model:
            return False
        return self.manufacturer in ("", manufacturer.strip()) and ed_model.strip().startswith(self.model)


def changed(base: Profile, name: str, values: Mapping[str, object], *, place: str) -> Profile:
    """The profile `name`: `base`, with values as a configuration has them.

    place: where they stand, for the message of a TargetError: for a field that there is not, a value that cannot be.
    """
    found: dict[str, Any] = {}
    for given, value in values.items():
        key = given.replace("-", "_")
        if key == "dialect":
            found[key] = MappingProxyType({**base.dialect, **_dialect(value, place)})
            continue
        if key not in FIELDS:
            raise TargetError(f"{place}: {unknown('field of a profile', key, (*FIELDS, 'dialect'))}")
        try:
            found[key] = FIELDS[key][0].from_toml(value)
        except ValueError as exc:
            raise TargetError(f"{place}: {key} {exc}") from None
    if "toggle" in found:
        found["toggle"] = Toggle(found["toggle"])
    reasons = {key: reason for key, reason in base.reasons.items() if key not in found}
    return replace(base, name=name, **found, reasons=reasons)


def _dialect(value: object, place: str) -> dict[str, bool]:
    from c1219_tables.rules import RULES
    from c1219_tables.table import DIALECT

    known = (*DIALECT, *RULES)
    if not isinstance(value, dict):
        raise TargetError(f"{place}: dialect wants names and true or false, as in dialect = {{event_seq_nbr = false}}")
    for name, switch in value.items():
        if name not in known:
            raise TargetError(f"{place}: {unknown('dialect', name, known)}")
        if not isinstance(switch, bool):
            raise TargetError(f"{place}: dialect.{name} wants true or false")
    return value
