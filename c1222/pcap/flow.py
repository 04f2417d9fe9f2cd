"""Who speaks to whom: addresses and ports as people read them."""

from functools import lru_cache
from typing import Literal, NamedTuple

__all__ = ["Flow", "IpProtocol", "address_text", "flow_of"]

IpProtocol = Literal["tcp", "udp"]

_IPV4_MAPPED = bytes(10) + b"\xff\xff"


class Flow(NamedTuple):
    """One direction of a conversation.

    source, destination: addresses as text, `192.0.2.1` or `2001:db8::1` (RFC 5952).
    source_port, destination_port: 0..65535.
    protocol: "tcp" or "udp".
    """

    source: str
    source_port: int
    destination: str
    destination_port: int
    protocol: IpProtocol

    @property
    def reverse(self) -> "Flow":
        """The other direction of the same conversation."""
        return Flow(self.destination, self.destination_port, self.source, self.source_port, self.protocol)


@lru_cache(maxsize=16_384)
def address_text(address: bytes) -> str:
    """Text of an address of 4 octets (IPv4) or 16 octets (IPv6, RFC 5952; IPv4-mapped as `::ffff:192.0.2.1`)."""
    if len(address) == 4:
        return "{}.{}.{}.{}".format(*address)
    if address.startswith(_IPV4_MAPPED):
        return "::ffff:" + address_text(address[12:])
    from ipaddress import IPv6Address  # here, because few captures hold IPv6 and the import is slow

    return str(IPv6Address(address))


@lru_cache(maxsize=16_384)
def flow_of(key: bytes, protocol: IpProtocol) -> Flow:
    """The flow of `key`: source address, destination address, source port, destination port, as they lie on the wire.

    key: 12 octets (IPv4) or 36 octets (IPv6).
    """
    size = (len(key) - 4) // 2
    return Flow(
        address_text(key[:size]),
        int.from_bytes(key[-4:-2], "big"),
        address_text(key[size:-4]),
        int.from_bytes(key[-2:], "big"),
        protocol,
    )
