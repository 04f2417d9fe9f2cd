"""Targets: which meter, and over what it is reached, in one line of text.

    sim:?seed=1    optical:/dev/ttyUSB0?baud=9600    tcp://192.0.2.7?called=.123.8437    udp://[2001:db8::7]    @house

Kinds and options are declared in options.py. A password or a key is never part of a target: it would be seen in the
shell's history and the list of processes. Where one is found it is refused, and not repeated.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import unquote

from c1222.errors import TargetError
from c1222.settings.options import KINDS, OPTIONS, Kind, Protocol
from c1222.settings.secrets import SOURCES
from c1222.settings.unknown import unknown
from c1222.settings.values import Plain, located

__all__ = ["Target", "is_target", "parse_target"]

T = TypeVar("T")

SECRETS = ("key", "keys", "pass", "passwd", "password", "pw", "secret", "user", "user_id", "username")
"""Names that are no options on purpose."""
WANTED = {"file": "the path of a file", "port": "a serial port", "name": "the name of a meter"}
HOW = f"--user NAME, --password SOURCE and --key ID=SOURCE, where SOURCE is {SOURCES}"


@dataclass(frozen=True, slots=True)
class Target:
    """One meter and the way to it.

    scheme: "sim", "optical", "tcp" ..., a key of options.KINDS; "@" for a meter of the configuration.
    place: path of a file or serial port, name of a host (without brackets) or of a meter; "" for sim.
    port: of a host; None for everything else.
    options: what was said, by names of options.OPTIONS. What was not said is not here: a profile or a default fills it.
    """

    scheme: str
    place: str = ""
    port: int | None = None
    options: Mapping[str, Plain] = field(default_factory=dict, hash=False)

    @property
    def kind(self) -> Kind:
        return KINDS[self.scheme]

    @property
    def protocol(self) -> Protocol | None:
        """What is spoken there; None for a dump, and for a name that was not looked up."""
        if self.scheme == "sim":
            return "c1222" if self.options.get("protocol") == "c1222" else "c1218"
        return self.kind.protocol

    @property
    def label(self) -> str:
        """What a person calls it, without options: "optical:/dev/ttyUSB0", "tcp://[::1]:1153", "@house"."""
        form = self.kind.form
        if form == "name":
            return f"@{self.place}"
        if form == "host":
            host = f"[{self.place}]" if ":" in self.place else self.place
            return f"{self.scheme}://{host}:{self.port}"
        return f"{self.scheme}:{self.place}"

    def option(self, name: str, kind: type[T]) -> T | None:
        """The value of an option, or None where nothing was said; `kind` is the type that its declaration gives it."""
        value = self.options.get(name)
        assert value is None or isinstance(value, kind), name
        return value

    def with_options(self, options: Mapping[str, Plain]) -> "Target":
        """The same target; what is said here goes before what was said. Raises TargetError where it takes no such."""
        for name in options:
            _refuse_unless_taken(self.kind, name)
        together = MappingProxyType({**self.options, **options})
        return Target(self.scheme, self.place, self.port, together)


def is_target(text: str) -> bool:
    """Whether the first argument of a command is a target: tables are written without ":" and "@"."""
    return ":" in text or text.startswith("@")


def parse_target(text: str, *, folder: Path | None = None) -> Target:
    """The target that `text` names.

    folder: where a relative path of a file starts; the working directory by default.

    Raises TargetError for a kind, an option or a value that there is not, with those that there are; for a place that
    cannot be; for a name, a password or a key in the wrong place.
    """
    before, mark, behind = text.partition("?")
    if before.startswith("@"):
        kind, rest = KINDS["@"], before[1:]
    else:
        scheme, colon, rest = before.partition(":")
        known = [each for each in KINDS if each != "@"]
        if not colon or scheme.lower() not in known:
            raise TargetError(
                f"{unknown('kind of target', scheme, known)}; "
                "a target is written as optical:/dev/ttyUSB0, tcp://host or @name"
            )
        kind = KINDS[scheme.lower()]
    place, port = _host(kind, rest) if kind.form == "host" else (_place(kind, unquote(rest), folder), None)
    options = _options(kind, behind, folder) if mark else {}
    if kind.scheme == "modem" and "number" not in options:
        raise TargetError(f"{kind.scheme}: needs the number to dial, as in {kind.example}")
    return Target(kind.scheme, place, port, MappingProxyType(options))


def _place(kind: Kind, rest: str, folder: Path | None) -> str:
    """What stands behind a scheme without //."""
    if kind.form == "nothing":
        if rest:
            raise TargetError("sim: has nothing behind it but options, as in sim:?seed=1")
        return ""
    # /// begins a path; //host is somebody's guess that all targets look alike.
    if not rest or "\0" in rest or (kind.form == "port" and re.match(r"//(?!/)", rest)):
        raise TargetError(f"{_head(kind)} wants {WANTED[kind.form]} behind it, as in {kind.example}")
    if kind.form != "file":
        return rest
    try:
        return str(located(Path(rest), folder))
    except ValueError as exc:
        raise TargetError(f"{_head(kind)} the path {exc}") from None


_HOST = re.compile(
    r"//(?:\[(?P<six>[0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|(?P<name>[^\[\]:/@\s]+))(?::(?P<port>[0-9]*))?/?", re.ASCII
)


def _host(kind: Kind, rest: str) -> tuple[str, int]:
    """Host and port behind a scheme with //."""
    if "@" in rest:
        # Not repeated: it may be a password.
        raise TargetError(f"{kind.scheme}: a user or a password is never part of a target; give {HOW}")
    match = _HOST.fullmatch(rest)
    if match is None or (match["six"] and not _is_ipv6(match["six"])):
        six = rest.count(":") > 1 and "[" not in rest
        hint = "an IPv6 address stands in brackets: " if six else ""
        raise TargetError(f"{kind.scheme}: wants //host or //host:port behind it; {hint}{_with_brackets(kind, six)}")
    if match["port"]:
        port = int(match["port"][:6])
        if not 0 < port <= 0xFFFF:
            raise TargetError(f"{kind.scheme}: a port is a number from 1 to 65535")
    elif kind.port is not None:
        port = kind.port
    else:
        raise TargetError(f"{kind.scheme}: needs a port, as in {kind.example}")
    # The zone of a link-local address is written %25eth0 in a URL, and %eth0 by everybody.
    return match["name"] or match["six"].replace("%25", "%", 1), port


def _is_ipv6(text: str) -> bool:
    from ipaddress import IPv6Address

    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _with_brackets(kind: Kind, six: bool) -> str:
    return f"{kind.scheme}://[2001:db8::7]:{kind.port or 1153}" if six else kind.example


def _options(kind: Kind, text: str, folder: Path | None) -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    for part in filter(None, text.split("&")):
        name, equals, value = part.partition("=")
        name = unquote(name).replace("-", "_").lower()
        if name not in SECRETS and not equals:
            raise TargetError(f"{_head(kind)} an option is written name=value, as in profile=default")
        _refuse_unless_taken(kind, name)
        if name in found:
            raise TargetError(f"{_head(kind)} {name} is there twice")
        try:
            # Not as in forms, where + is a space: a telephone number may begin with it.
            given = OPTIONS[name].value.from_text(unquote(value))
            found[name] = located(given, folder) if isinstance(given, Path) else given
        except ValueError as exc:
            raise TargetError(f"{_head(kind)} {name} {exc}") from None
    return found


def _refuse_unless_taken(kind: Kind, name: str) -> None:
    if name in SECRETS:
        raise TargetError(f"{_head(kind)} a user, a password or a key is never part of a target; give {HOW}")
    if name not in kind.takes:
        raise TargetError(f"{_head(kind)} {unknown('option', name, kind.takes)}")


def _head(kind: Kind) -> str:
    return "@" if kind.form == "name" else f"{kind.scheme}:"
