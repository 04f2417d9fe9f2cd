"""What every command shares that talks to a meter: which meter, who asks, over what, and leaving it properly."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from c1222_cli.keys import SOURCES, ask_unseen, files_read, key_options, read_ring
from c1222_cli.known import registry_of, schema_option
from c1222_cli.likely_targets import likely_host, likely_target
from c1222_cli.signals import heard, is_hurried
from c1222_cli.talk import can_ask, is_quiet, is_terminal, is_verbose, say

if TYPE_CHECKING:
    from c1219_tables.registry import Registry
    from c1219_tables.schema.dialect import Record
    from c1219_tables.schema.layout import Decoded
    from c1222.session.conversation import Overhear
    from c1222.session.faces.meter import Meter

Function = TypeVar("Function", bound=Callable[..., Any])

TARGET = "C1222_TARGET"
"""Variable that names the meter where a command line names none."""
SIMULATED = "sim:"
NOTICE = "simulated meter"

_FILE = click.Path(path_type=Path)


@dataclass(frozen=True)
class Way:
    """What the options of a live command say; None is left to the environment, the configuration and the profile.

    password, ticket_key: where they lie. keys, key_files: as `keys.read_ring` takes them. trace: file for what goes
    over the wire. behind: files that are read at the target, once it is known (`to`).
    """

    user: str | None = None
    user_id: int | None = None
    password: str | None = field(default=None, repr=False)
    password_pad: str | None = None
    ticket_key: str | None = field(default=None, repr=False)
    keys: tuple[str, ...] = field(default=(), repr=False)
    key_files: tuple[Path, ...] = ()
    profile: str | None = None
    trace: Path | None = None
    schema: tuple[Path, ...] = ()
    behind: tuple[Path, ...] = ()

    def to(self, target: str) -> "Way":
        """The way to this target, whose files are among `files` then. Raises TargetError as `connected` does."""
        from c1222_cli.target_files import files_behind

        return replace(self, behind=files_behind(target))

    @property
    def files(self) -> tuple[Path, ...]:
        """Files that an output must not overwrite."""
        password = self.password or ""
        named = [Path(password.removeprefix("file:"))] if password.startswith("file:") else []
        named += [self.trace] if self.trace is not None else []
        return (*self.schema, *named, *map(Path, files_read(self.keys, self.key_files)), *self.behind)


def live_options(function: Function) -> Function:
    """The options of a live command; it takes them together, as `way`."""

    @wraps(function)
    def with_way(
        *args: Any,
        user: str | None,
        user_id: int | None,
        password: str | None,
        password_pad: str | None,
        ticket_key: str | None,
        keys: tuple[str, ...],
        key_files: tuple[Path, ...],
        profile: str | None,
        trace: Path | None,
        schema: tuple[Path, ...],
        **others: Any,
    ) -> Any:
        way = Way(user, user_id, password, password_pad, ticket_key, keys, key_files, profile, trace, schema)
        return function(*args, way=way, **others)

    options = (
        click.option("--user", metavar="NAME", help="User name for Logon, at most 10 characters."),
        click.option("--user-id", metavar="N", type=click.IntRange(0, 0xFFFF), help="User id for Logon."),
        click.option(
            "--password",
            metavar="SOURCE",
            help=f"Where the password lies: {SOURCES}. Never the password itself.",
        ),
        click.option(
            "--password-pad", type=click.Choice(("20", "00")), help="Octet that fills a password up to 20 octets."
        ),
        click.option(
            "--ticket-key",
            metavar="ID=SOURCE",
            help="DES key for Authenticate of C12.21, in place of a password. DES is weak; to give one is to allow it.",
        ),
        key_options,
        click.option("--profile", metavar="NAME", help="What differs with this make of meter."),
        click.option(
            "--trace", metavar="FILE", type=_FILE, help="Keep what goes over the wire, for c1222 decode (.pcapng)."
        ),
        schema_option,
    )
    decorated: Any = with_way
    for option in reversed(options):
        decorated = option(decorated)
    function_with_options: Function = decorated
    return function_with_options


def split_target(words: Sequence[str], *, simulated: bool = False) -> tuple[str, tuple[str, ...]]:
    """The target, and the words behind it.

    The first word is a target only if it contains ":" or begins with "@". Otherwise C1222_TARGET names the meter; then,
    where a command allows it (`simulated`), it is the simulated one. Raises UsageError, also for a port or an address.
    """
    first = words[0] if words else ""
    if (meant := likely_target(first)) is not None:
        raise click.UsageError(f"{first} is not written as a target; did you mean {meant}?")
    if ":" in first or first.startswith("@"):
        return first, tuple(words[1:])
    target = os.environ.get(TARGET) or (SIMULATED if simulated else "")
    if not target:
        meant = likely_host(first)
        raise click.UsageError(
            "which meter? Name its target first, as optical:/dev/ttyUSB0, tcp://host or sim:, or set C1222_TARGET"
            + (f"; did you mean {meant}?" if meant is not None else "")
        )
    return target, tuple(words)


def is_simulated(target: str) -> bool:
    """Whether a target, or the label of a meter, is that of the simulated one."""
    return target.lower().startswith(SIMULATED)


@contextmanager
def connected(target: str, way: Way, registry: "Registry | None" = None) -> "Iterator[Meter]":
    """An open meter, which is left properly whatever happens inside.

    An interrupt (Ctrl-C, SIGTERM, SIGHUP) leaves the session as the protocol wants it; a second one while that goes on
    leaves at once. Raises what `connect` raises, and EndedBySignal.
    """
    with heard(), _connected(target, way, registry) as meter:
        yield meter


@contextmanager
def _connected(target: str, way: Way, registry: "Registry | None") -> "Iterator[Meter]":
    simulated = is_simulated(target)
    if simulated:
        say(NOTICE)
    meter = open_meter(target, way, registry)
    try:
        if is_simulated(meter.label) and not simulated:
            say(NOTICE)
        yield meter
    except KeyboardInterrupt:
        say("leaving the session; Ctrl-C again leaves at once")
        raise
    finally:
        if not is_hurried():
            meter.close()
            _tell_dropped(meter)
    if unasked := len(meter.unasked):
        say(f"{unasked} message{'s' if unasked > 1 else ''} that nobody asked for came in between")


def _tell_dropped(meter: "Meter") -> None:
    """With -v: what came and was not taken, and why."""
    from c1222.session.channels.network import NetworkChannel

    context, channel = click.get_current_context(silent=True), meter.client.channel
    if context is None or not is_verbose(context) or not isinstance(channel, NetworkChannel):
        return
    if words := channel.dropped.in_words():
        say(f"messages dropped: {words}")


def _hearers() -> "list[Overhear]":
    """Who tells what is asked and answered: of a busy meter on a terminal; of everything by -v and -vv."""
    context = click.get_current_context(silent=True)
    if context is None:
        return []
    found: list[Overhear] = []
    if is_verbose(context):
        from c1222_cli.overheard import tell_octets, tell_services

        found.append(tell_octets if is_verbose(context, 2) else tell_services)
    if found or (is_terminal(sys.stderr) and not is_quiet(context)):
        from c1222_cli.busy import BusyTold

        found.append(BusyTold())
    return found


def _overhear() -> "Overhear | None":
    hearers = _hearers()

    def hear(request: "Record", response: "Decoded | None") -> None:
        for each in hearers:
            each(request, response)

    return hear if hearers else None


def open_meter(target: str, way: Way, registry: "Registry | None" = None) -> "Meter":
    """The meter of a target, its session open. Raises TargetError, TransportError, ServiceError, LinkTimeout ..."""
    from c1222.connection.connect import connect
    from c1222.settings.sections import Reference
    from c1222.settings.ticket_keys import read_ticket_key

    ask = ask_unseen if can_ask() else None
    return connect(
        target,
        user=way.user,
        user_id=way.user_id,
        password=None if way.password is None else Reference(way.password, "--password"),
        password_pad=None if way.password_pad is None else int(way.password_pad, 16),
        ticket_key=None if way.ticket_key is None else read_ticket_key(way.ticket_key, ask, what="--ticket-key"),
        keys=read_ring(way.keys, way.key_files) if way.keys or way.key_files else None,
        profile=way.profile,
        registry=registry_of(way.schema) if registry is None else registry,
        trace=way.trace,
        ask=ask,
        overhear=_overhear(),
    )
