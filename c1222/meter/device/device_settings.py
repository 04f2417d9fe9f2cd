"""What a device is like, and what is the matter with it: settings of the meter's side, for simulations and tests."""

from dataclasses import dataclass

from c1222.link.packet import LARGEST
from c1222.psem.services import BAUD_RATES


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """What a device can do.

    packet_size: octets of the largest packet that Negotiate grants, 32 to 8192. nbr_packets: of one message, 1 to 255.
    baud_codes: speeds that it grants. longest_idle: seconds of silence that Logon grants at most (C12.22), 0 for as
    many as asked for. nbr_sessions: C12.22 sessions at a time, 1 to 127. device_class: 4 octets.
    max_message: octets of the largest C12.22 message, both ways.
    """

    packet_size: int = 1024
    nbr_packets: int = 255
    baud_codes: tuple[int, ...] = tuple(BAUD_RATES)
    longest_idle: int = 900
    nbr_sessions: int = 16
    device_class: bytes = b"SIMU"
    max_message: int = 0x8000

    def __post_init__(self) -> None:
        """Raises ValueError where a setting cannot be."""
        for name, low, high in (
            ("packet_size", 32, LARGEST),
            ("nbr_packets", 1, 255),
            ("longest_idle", 0, 0xFFFF),
            ("nbr_sessions", 1, 127),
            ("max_message", 64, 0x10000),
        ):
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} cannot be {getattr(self, name)} ({low} to {high} can)")
        if not set(self.baud_codes) <= set(BAUD_RATES):
            raise ValueError(f"baud codes are {min(BAUD_RATES)} to {max(BAUD_RATES)}")
        if len(self.device_class) != 4 or max(self.device_class) >= 0x80:
            raise ValueError("a device class has four octets below 80")


@dataclass(slots=True)
class Faults:
    """What goes wrong, on demand; may be changed at any time.

    busy: so many more services on tables are answered bsy. not_ready: so many more reads are answered dnr.
    refuse_negotiate: Negotiate is answered sns. delay: seconds before each answer.
    """

    busy: int = 0
    not_ready: int = 0
    refuse_negotiate: bool = False
    delay: float = 0.0
