"""Every bound that keeps a hostile capture from taking memory or time without end."""

from dataclasses import dataclass, fields

__all__ = ["DEFAULT_LIMITS", "Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """All are at least 1. The defaults suit captures of a whole head-end; memory stays below about 500 MiB."""

    packet_octets: int = 262_144
    """Octets of one captured packet (the bound that Wireshark uses). Longer in pcapng: skipped; in pcap: stop."""

    block_octets: int = 16 << 20
    """Octets of one pcapng block (the bound that libpcap uses). A longer one counts as damaged."""

    interfaces: int = 65_536
    """Interfaces of one pcapng section."""

    gzip_ratio: int = 250
    """Unpacked octets for one packed octet, looked at after the first 64 MiB. gzip can reach 1032, captures do not."""

    streams: int = 65_536
    """TCP streams (one direction each) known at a time. Beyond it those silent longest are given up."""

    stream_octets: int = 1 << 20
    """Octets of one TCP stream that wait for missing ones, 256 for each segment included."""

    buffered_octets: int = 64 << 20
    """The same, of all TCP streams together."""

    stream_seconds: int = 60
    """How long TCP octets wait for missing ones, by the time of the packets."""

    fragmented_datagrams: int = 4096
    """IP datagrams known in part at a time. Beyond it the oldest is given up."""

    fragment_octets: int = 16 << 20
    """Octets of all fragments that wait for others, 256 for each fragment included."""

    fragment_seconds: int = 60
    """How long fragments wait for the others, by the time of the packets (RFC 8200, section 4.5: 60 seconds)."""

    remarks_per_code: int = 20
    """Remarks of one code that are handed on; further ones are only counted."""

    def __post_init__(self) -> None:
        """Raises ValueError for a bound below 1."""
        for field in fields(self):
            if getattr(self, field.name) < 1:
                raise ValueError(f"{field.name}: at least 1 wanted, not {getattr(self, field.name)}")


DEFAULT_LIMITS = Limits()
