"""How a meter is going to be reached: as the caller, the environment, the configuration and a profile say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from c1222.errors import TargetError
from c1222.security.keys import Key, KeyRing
from c1222.session.settings import Credentials, TicketKey
from c1222.settings.config import Config
from c1222.settings.makes import by_name
from c1222.settings.profiles import Profile
from c1222.settings.secrets import Ask
from c1222.settings.sections import Reference
from c1222.settings.targets import Target, parse_target
from c1222.titles import ApTitle


@dataclass(frozen=True, slots=True)
class Login:
    """What the caller says of who asks; None is what it leaves to the environment, the configuration and the profile.

    user: name. user_id: 0 to 65535. password: octets, or where they lie. password_pad: 20H or 00H. ticket_key:
    for Authenticate of C12.21. ring: keys.
    """

    user: str | None = None
    user_id: int | None = None
    password: bytes | Reference | None = field(default=None, repr=False)
    password_pad: int | None = None
    ticket_key: TicketKey | None = None
    ring: KeyRing | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """target: not a name any more. profile: with what the target says. who, ring: credentials and keys."""

    target: Target
    profile: Profile
    who: Credentials
    ring: KeyRing

    @property
    def is_simulated(self) -> bool:
        return self.target.scheme == "sim"


def make_plan(
    target: str | Target, login: Login, *, profile: str | None, config: Config, ask: Ask | None = None
) -> Plan:
    """What is going to be done.

    profile: name of one, before the one that the target or the configuration names. ask: asks a person for a secret.
    Raises TargetError for names that there are not, and secrets that cannot be had.
    """
    goal = parse_target(target) if isinstance(target, str) else target
    meant = config.meant(goal)
    goal = meant.target
    said: Mapping[str, Any] = meant.said
    name = profile or said.get("profile", "default")
    chosen = by_name(name, config.profiles).with_options(goal.options)
    pad = login.password_pad if login.password_pad is not None else said.get("password_pad", chosen.password_pad)
    who = Credentials(
        user=login.user if login.user is not None else said.get("user", ""),
        user_id=login.user_id if login.user_id is not None else said.get("user_id", 0),
        password=_password(login.password if login.password is not None else said.get("password"), ask),
        pad=pad,
        ticket_key=login.ticket_key,
    )
    ring = login.ring if login.ring is not None else _ring(said, ask)
    return Plan(goal, chosen, who, ring)


def _password(given: bytes | Reference | None, ask: Ask | None) -> bytes | None:
    return given.secret(ask) if isinstance(given, Reference) else given


def _ring(said: Mapping[str, Any], ask: Ask | None) -> KeyRing:
    """Keys that the configuration names."""
    ring = KeyRing()
    keys: Mapping[int, Reference] = said.get("key", {})
    for key_id, reference in keys.items():
        ring.add(key_id, reference.key(ask))
    paths: tuple[Path, ...] = said.get("keys", ())
    if paths:
        from c1222.settings.key_files import read_keys

        for path in paths:
            for entry in read_keys(path, ask=ask, commands=False):
                ring.add(entry.key_id, entry.key, title_octets(entry.title, entry.place))
    return ring


def title_octets(title: str | None, place: str) -> bytes | None:
    """A title of a key file, as rings take it. Raises TargetError with its place."""
    try:
        return None if title is None else ApTitle.parse(title).absolute()
    except ValueError as exc:
        raise TargetError(f"{place}: {exc}") from None


def ring_of(keys: Mapping[int, Key | bytes]) -> KeyRing:
    """A ring of keys by key id, for programs that hold the keys themselves."""
    ring = KeyRing()
    for key_id, key in keys.items():
        ring.add(key_id, key if isinstance(key, Key) else Key(key))
    return ring
