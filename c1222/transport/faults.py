"""What goes wrong with connections and ports, as sentences that say what to do about it.

Each function gives a TransportError to raise `from` what the system or the library said.
"""

import errno
import socket
from collections.abc import Sequence
from pathlib import Path

from c1222.errors import TransportError

_REASONS = {
    errno.ENETUNREACH: "there is no route to {place}: is this computer on a network that leads there?",
    errno.EHOSTUNREACH: "{place} cannot be reached: is it switched on, and the network between?",
    errno.EADDRINUSE: "{place} is in use: another program listens there; stop it or take another port",
    errno.EADDRNOTAVAIL: "{place} is not an address of this computer",
    errno.EACCES: "you may not use {place}: ports below 1024 belong to the administrator",
    errno.EMSGSIZE: "a datagram is too large for the way to {place}: use tcp, or smaller messages",
    errno.EBADF: "{place} is closed",
}
_HUNG_UP = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError)


def place(host: str, port: int) -> str:
    """Host and port as people write them, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def closed_by(label: str) -> TransportError:
    """The other side hung up."""
    return TransportError(f"{label} closed the connection")


def closed_here(label: str) -> TransportError:
    """It is used after close()."""
    return TransportError(f"{label} is closed")


def takes_nothing(label: str, seconds: float) -> TransportError:
    """What is written stays unread over there."""
    return TransportError(f"{label} took no octets for {seconds:g} s")


def of_network(exc: Exception, label: str, *, seconds: float | None = None) -> TransportError:
    """What a socket said about the place `label`; seconds: how long it was waited for."""
    if isinstance(exc, ConnectionRefusedError):
        return TransportError(f"connection refused at {label}: is the meter (or `c1222 simulate`) listening there?")
    if isinstance(exc, socket.gaierror):
        return TransportError(f"the host of {label} is unknown: is its name spelled right?")
    if isinstance(exc, TimeoutError):
        waited = "" if seconds is None else f" within {seconds:g} s"
        return TransportError(
            f"no answer from {label}{waited}: is the address right, and does a firewall let it through?"
        )
    if isinstance(exc, _HUNG_UP):
        return closed_by(label)
    if isinstance(exc, (UnicodeError, OverflowError)):
        return TransportError(f"{label} is no address: a host name or number and a port from 0 to 65535 are")
    number = exc.errno if isinstance(exc, OSError) else None
    if "could not bind on any address" in str(exc):
        # So asyncio says it from Python 3.12 on, without the number.
        number = errno.EADDRNOTAVAIL
    if number in _REASONS:
        return TransportError(_REASONS[number].format(place=label))
    return TransportError(f"{label}: {_text(exc)}")


def of_port(exc: Exception, port: str) -> TransportError:
    """What pyserial or the system said when a serial port was opened; port: its name, or a URL of pyserial's."""
    number = exc.errno if isinstance(exc, OSError) else None
    if number in (errno.EACCES, errno.EPERM):
        return TransportError(f"you may not open {port}{_group_advice(port)}")
    if number in (errno.EAGAIN, errno.EBUSY) or "Access is denied" in str(exc):
        return TransportError(f"another program has {port} open: close it first")
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO) or "FileNotFoundError" in str(exc):
        return TransportError(f"there is no port {port}: {_ports_that_exist(_port_names())}")
    if number in (errno.ENOTTY, errno.EINVAL, errno.EISDIR):
        return TransportError(f"{port} is not a serial port: {_ports_that_exist(_port_names())}")
    return TransportError(f"{port} cannot be opened: {_text(exc)}")


def of_open_port(exc: Exception, port: str) -> TransportError:
    """What pyserial said while a port was in use."""
    return TransportError(f"{port} failed: is the probe still plugged in? ({_text(exc)})")


def of_baud(exc: Exception, port: str, baud: int) -> TransportError:
    """What pyserial said when the speed was changed."""
    return TransportError(f"{port} cannot go on at {baud} baud ({_text(exc)})")


def no_pty() -> TransportError:
    return TransportError("this system has no pseudo-terminals: listen on tcp or udp instead")


def _text(exc: Exception) -> str:
    return (exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)) or type(exc).__name__


def _group_advice(port: str) -> str:
    """Which group of people the device file is for; "" where the system has no groups or no such file."""
    try:
        import grp

        number = Path(port).stat().st_gid
    except (ImportError, OSError):
        return ""
    try:
        group = grp.getgrgid(number).gr_name
    except KeyError:
        group = str(number)
    if number == 0:
        return ": it belongs to root alone"
    return f": it belongs to group {group}; `sudo usermod -aG {group} $USER`, then log in again"


def _port_names() -> list[str]:
    from serial.tools import list_ports

    return sorted(found.device for found in list_ports.comports())


def _ports_that_exist(names: Sequence[str]) -> str:
    return (
        f"the ports here are {', '.join(names)}" if names else "there is no serial port here; is the probe plugged in?"
    )
