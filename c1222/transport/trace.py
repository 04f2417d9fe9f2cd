"""What goes over a pipe, kept as a capture file while it goes: `--trace FILE.pcapng`.

A serial line's octets are packets of LINKTYPE_USER0, one for each piece that was written or read, with the direction in
the packet's flags. What goes over a socket is TCP or UDP on port 1153, made up around the octets (pcap/craft.py), so
that Wireshark shows C12.22. `c1222 decode` reads both.

Such a file holds all that went over the wire, passwords too: it is made for its owner alone, and says so.
"""

import os
import time
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import IO, Literal

from c1222.errors import TargetError, TransportError
from c1222.message.framing import C1222_PORT
from c1222.pcap.craft import RAW_IP, Endpoint, Frame, TcpFrames, UdpFrames
from c1222.pcap.frames import USER0
from c1222.pcap.packet import Direction
from c1222.pcap.writer import PcapngWriter
from c1222.transport.transport import AsyncTransport, Transport

WARNING = "Holds what went over the wire, passwords too."

Wire = Literal["serial", "tcp", "udp"]
Address = tuple[str, int]
"""An IP address as text, and a port."""

_NOWHERE: tuple[Address, Address] = ("127.0.0.1", 49152), ("127.0.0.2", C1222_PORT)
"""Our end and theirs, where they are not known."""


def create_trace_file(path: str) -> IO[bytes]:
    """A new file that only its owner can read. Raises TargetError where there is one already, or none can be made."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError as exc:
        raise TargetError(f"{path} exists already; a trace goes to a new file only") from exc
    except (OSError, ValueError) as exc:
        why = getattr(exc, "strerror", None) or str(exc)
        raise TargetError(f"the trace {path!r} cannot be written: {why}") from exc
    return os.fdopen(handle, "wb")


class Trace:
    """Writes a capture file, whole packets at a time, so that it can be read at any time.

        with create_trace_file(path) as file:
            transport = Traced(transport, Trace(file, "tcp", theirs=("192.0.2.7", 1153)))

    wire: what the octets go over. ours, theirs: addresses of a socket's ends; the meter's port is always 1153 in the
    trace, because that port tells readers what is spoken. Addresses that are not known are 127.0.0.1 and 127.0.0.2.
    now_ns: the time of day, nanoseconds since 1970 UTC.
    Raises TransportError where the file cannot be written, here and in every call.
    """

    def __init__(
        self,
        file: IO[bytes],
        wire: Wire,
        *,
        ours: Address | None = None,
        theirs: Address | None = None,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._file = file
        self._now_ns = now_ns
        self._frames = None if wire == "serial" else _frames(wire, ours, theirs)
        self._open = True
        try:
            self._writer = PcapngWriter(file, comment=WARNING)
            self._writer.add_interface(USER0 if self._frames is None else RAW_IP, name=wire)
            self._write(self._frames.begin() if self._frames is not None else ())
        except OSError as exc:
            raise _failed(exc) from exc

    def sent(self, octets: bytes) -> None:
        """Octets that went out: one write, or one datagram."""
        self._keep(octets, "out")

    def received(self, octets: bytes) -> None:
        """Octets that came in: one read, or one datagram."""
        self._keep(octets, "in")

    def close(self) -> None:
        """The conversation is over; the file stays open. A second time nothing happens."""
        if self._open:
            self._open = False
            self._write(self._frames.end() if self._frames is not None else ())

    def _keep(self, octets: bytes, way: Direction) -> None:
        self._write((Frame(octets, way),) if self._frames is None else self._frames.data(octets, way))

    def _write(self, frames: Iterable[Frame]) -> None:
        try:
            for octets, way in frames:
                self._writer.write(octets, time_ns=self._now_ns(), direction=way)
            self._file.flush()
        except OSError as exc:
            raise _failed(exc) from exc


def _failed(exc: OSError) -> TransportError:
    return TransportError(f"the trace cannot be written: {exc.strerror or exc}")


def _frames(wire: Wire, ours: Address | None, theirs: Address | None) -> TcpFrames | UdpFrames:
    kind = TcpFrames if wire == "tcp" else UdpFrames
    nearer, farther = _NOWHERE
    if theirs is not None and _is_address(theirs[0]):
        farther = theirs[0], C1222_PORT
    if ours is not None and _is_address(ours[0]):
        nearer = ours
    try:
        return kind(Endpoint(*nearer), Endpoint(*farther))
    except ValueError:  # one is IPv4, the other IPv6: one of them is made up
        nearer = ("::1", nearer[1]) if ":" in farther[0] else ("127.0.0.1", nearer[1])
        return kind(Endpoint(*nearer), Endpoint(*farther))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:  # a name
        return False
    return True


class Traced:
    """A transport, and all that goes over it in a trace. Closing it closes both, and not the file."""

    def __init__(self, transport: Transport, trace: Trace) -> None:
        self.label = transport.label
        self.is_datagram = transport.is_datagram
        self._transport = transport
        self._trace = trace

    def clock(self) -> float:
        return self._transport.clock()

    def write(self, octets: bytes) -> None:
        self._transport.write(octets)
        self._trace.sent(octets)

    def read(self, timeout: float) -> bytes:
        octets = self._transport.read(timeout)
        if octets:
            self._trace.received(octets)
        return octets

    def set_baud(self, baud: int) -> None:
        self._transport.set_baud(baud)

    def discard(self) -> None:
        """What is thrown away unread is not in the trace."""
        self._transport.discard()

    def close(self) -> None:
        try:
            self._transport.close()
        finally:
            self._trace.close()


class AsyncTraced:
    """The same for asyncio. Writing to the file does not wait for the loop: a packet takes microseconds."""

    def __init__(self, transport: AsyncTransport, trace: Trace) -> None:
        self.label = transport.label
        self.is_datagram = transport.is_datagram
        self._transport = transport
        self._trace = trace

    def clock(self) -> float:
        return self._transport.clock()

    async def write(self, octets: bytes) -> None:
        await self._transport.write(octets)
        self._trace.sent(octets)

    async def read(self, timeout: float) -> bytes:
        octets = await self._transport.read(timeout)
        if octets:
            self._trace.received(octets)
        return octets

    async def set_baud(self, baud: int) -> None:
        await self._transport.set_baud(baud)

    async def discard(self) -> None:
        """What is thrown away unread is not in the trace."""
        await self._transport.discard()

    async def close(self) -> None:
        try:
            await self._transport.close()
        finally:
            self._trace.close()
