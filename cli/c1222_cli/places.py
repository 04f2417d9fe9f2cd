"""`--listen`: where a command listens, in one line of text, and how that becomes listeners."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import click

from c1222.message.framing import C1222_PORT
from c1222_cli.talk import say

if TYPE_CHECKING:
    from c1222.transport.listener import Accept
    from c1222.transport.serving import Open

PTY = "pty"
ANYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - addresses that mean all of them
"""Where a program on this computer finds what listens on all addresses."""


class Place(NamedTuple):
    """scheme: "tcp", "udp", "c1218+tcp", "c1221+tcp" or "pty". host: "" for all addresses. port: 0 for any free one."""

    scheme: str
    host: str = ""
    port: int = 0

    def shown(self, label: str) -> str:
        """What a listener calls itself, as a target: `c1218+tcp://127.0.0.1:7000`, `pty:/dev/pts/3`."""
        return f"{PTY}:{label}" if self.scheme == PTY else f"{self.scheme}://{label.partition('://')[2]}"


def place_of(*schemes: str) -> Callable[[str], Place]:
    """The type of `--listen`: reads a place. schemes: what can be listened for. The reader raises UsageError."""

    def read(text: str) -> Place:
        if text.removesuffix(":") == PTY and PTY in schemes:
            return Place(PTY)
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError as exc:
            raise click.UsageError(f"--listen {text}: {exc}") from exc
        if parts.scheme not in schemes or parts.scheme == PTY:
            known = ", ".join(each if each == PTY else f"{each}://HOST:PORT" for each in schemes)
            raise click.UsageError(f"--listen {text}: one can listen on {known}")
        if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None or not parts.netloc:
            raise click.UsageError(f"--listen {text}: a host and a port are wanted: {parts.scheme}://127.0.0.1:1153")
        if port is None:
            if parts.scheme not in ("tcp", "udp"):
                raise click.UsageError(f"--listen {text}: needs a port, 0 for any that is free")
            port = C1222_PORT
        host = parts.hostname or ""
        return Place(parts.scheme, "" if host == "*" else host, port)

    return read


def opens(places: Sequence[Place], accept: "Callable[[Place], Accept]") -> "list[Open]":
    """Openers of listeners, in order. accept: gives for a place what makes the sides that answer there."""
    from c1222.transport.listen import listen_pty, listen_tcp, listen_udp

    def opener(place: Place) -> "Open":
        if place.scheme == PTY:
            return lambda: listen_pty(accept(place))
        listen = listen_udp if place.scheme == "udp" else listen_tcp
        return lambda: listen(place.host, place.port, accept(place))

    return [opener(place) for place in places]


@contextmanager
def logs_told(*, verbose: bool) -> Iterator[None]:
    """What listeners and meters log goes to standard error: warnings, and with `verbose` what is not answered, too."""
    import logging

    class Said(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(f"! {record.getMessage()}")

    logger, said = logging.getLogger("c1222"), Said(logging.INFO if verbose else logging.WARNING)
    before = logger.level, logger.propagate
    logger.addHandler(said)
    logger.setLevel(said.level)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(said)
        logger.level, logger.propagate = before
