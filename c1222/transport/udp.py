"""UDP, over IPv4 and IPv6: one connected socket, so that only one peer is heard and its refusals reach us."""

import socket
from collections.abc import Iterable
from typing import Any

from c1222.transport import faults
from c1222.transport.sockets import SocketPipe

Addresses = Iterable[tuple[Any, ...]]
"""As getaddrinfo gives them."""


def open_udp(host: str, port: int, *, source_port: int | None = None) -> SocketPipe:
    """Nothing is sent yet, so a meter that is not there shows only when it is asked.

    host: a name, or an address without brackets. source_port: ours; None: any. Raises TransportError.
    """
    label = faults.place(host, port)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        return SocketPipe(connected_udp(found, source_port), label)
    except (OSError, UnicodeError, OverflowError) as exc:
        raise faults.of_network(exc, label) from exc


def connected_udp(found: Addresses, source_port: int | None) -> socket.socket:
    """A socket to the first address that this computer has a way to. Raises OSError of the last that failed.

    IPv4 goes first: nobody answers when a datagram socket is connected, so a name with both kinds of address (localhost
    has) gives no second chance, and more meters listen on IPv4.
    """
    failed: OSError | None = None
    for family, kind, protocol, _, address in sorted(found, key=lambda one: one[0] != socket.AF_INET):
        unconnected = socket.socket(family, kind, protocol)
        try:
            if source_port is not None:
                unconnected.bind(("", source_port))
            unconnected.connect(address)
        except OSError as exc:
            unconnected.close()
            failed = exc
        else:
            return unconnected
    raise failed or OSError("no address was found")
