"""Listening on UDP: one side per peer address, all on one socket."""

import asyncio
import math
from collections import OrderedDict
from typing import Any

from c1222.transport import faults
from c1222.transport.drive import Driven
from c1222.transport.listener import Accept, Listener, log_failure

PEERS = 1024
"""Peers that are remembered; who was silent longest is forgotten for a new one."""
IDLE = 900.0
"""Seconds after which a peer is forgotten whose side waits for nothing."""
UNSENT = 1 << 20
"""Octets that wait for the network at most; more are lost, as datagrams may be."""


class _Peer:
    """One peer: its side, and the timer of its deadline or of its being forgotten."""

    def __init__(self, side: Driven) -> None:
        self.side = side
        self.timer: asyncio.TimerHandle | None = None

    def stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()


class _Peers(asyncio.DatagramProtocol):
    """All peers of one socket, who spoke last at the end."""

    def __init__(self, accept: Accept) -> None:
        self._accept = accept
        self._loop = asyncio.get_running_loop()
        self._peers: OrderedDict[Any, _Peer] = OrderedDict()
        self._connection: Any = None
        self.gone = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._connection = transport

    def connection_lost(self, exc: Exception | None) -> None:
        while self._peers:
            self._forget(next(iter(self._peers)))
        self.gone.set()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if not data:
            return
        try:
            peer = self._peers.get(addr) or self._welcome(addr)
            self._peers.move_to_end(addr)
            peer.side.receive_data(data, self._loop.time())
            self._go_on(addr, peer)
        except Exception as exc:  # noqa: BLE001 - one broken side must not end the others
            self._broke(addr, exc)

    def _welcome(self, addr: Any) -> _Peer:
        while len(self._peers) >= PEERS:
            self._forget(next(iter(self._peers)))
        peer = self._peers[addr] = _Peer(Driven(self._accept(faults.place(*addr[:2]))))
        return peer

    def _go_on(self, addr: Any, peer: _Peer) -> None:
        """Send what there is to send, and set the timer for what is next."""
        for datagram in peer.side.data_to_send():
            if self._connection.get_write_buffer_size() < UNSENT:
                self._connection.sendto(datagram, addr)
        peer.stop_timer()
        if peer.side.closed:
            self._forget(addr)
        elif peer.side.deadline == math.inf:
            peer.timer = self._loop.call_later(IDLE, self._forget, addr)
        else:
            peer.timer = self._loop.call_at(peer.side.deadline, self._time_is_up, addr, peer)

    def _time_is_up(self, addr: Any, peer: _Peer) -> None:
        try:
            peer.side.handle_timeout(self._loop.time())
            self._go_on(addr, peer)
        except Exception as exc:  # noqa: BLE001 - one broken side must not end the others
            self._broke(addr, exc)

    def _broke(self, addr: Any, exc: Exception) -> None:
        log_failure(faults.place(*addr[:2]), exc)
        self._forget(addr)

    def _forget(self, addr: Any) -> None:
        if (peer := self._peers.pop(addr, None)) is not None:
            peer.stop_timer()


async def listen_udp(host: str, port: int, accept: Accept) -> Listener:
    """Serve each peer address with a side that `accept` makes for it ("127.0.0.1:50123").

    host: an address or name of this computer; "" for all IPv4 addresses. port: 0 takes a free one.
    A side that hangs up or raises is forgotten; the next datagram of its peer gets a new one. Raises TransportError.
    """
    loop = asyncio.get_running_loop()
    try:
        connection, peers = await loop.create_datagram_endpoint(
            lambda: _Peers(accept),
            local_addr=(host or "0.0.0.0", port),  # noqa: S104 - the caller asked for all
        )
    except (OSError, UnicodeError, OverflowError) as exc:
        raise faults.of_network(exc, faults.place(host, port)) from exc

    async def close() -> None:
        connection.close()
        await peers.gone.wait()

    return Listener(f"udp://{faults.place(*connection.get_extra_info('sockname')[:2])}", close)
