"""TCP, over IPv4 and IPv6."""

import socket

from c1222.transport import faults
from c1222.transport.sockets import SocketPipe


def open_tcp(host: str, port: int, *, timeout: float = 10.0) -> SocketPipe:
    """Connect. host: a name, or an address without brackets; timeout: seconds for each address the name has.

    Raises TransportError.
    """
    label = faults.place(host, port)
    try:
        connected = socket.create_connection((host, port), timeout)
        # A message is written whole: to hold it back for more to come only costs time.
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except (OSError, UnicodeError, OverflowError) as exc:
        raise faults.of_network(exc, label, seconds=timeout) from exc
    return SocketPipe(connected, label)
