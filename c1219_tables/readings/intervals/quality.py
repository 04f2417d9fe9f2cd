"""What is to be known of an interval before its value is used, and how the status octets of a profile say it.

Sources: docs/sources.md, J N for the status of channels and its places, J N Y E for the common flags.
"""

from collections.abc import Sequence
from enum import IntFlag

from c1219_tables.readings.intervals.number_columns import joined


class Quality(IntFlag):
    """Flags of an interval of one channel.

    The status of the channel: OVERFLOW the count went over its end, PARTIAL shorter than it should be, LONG longer,
    SKIPPED not recorded, TEST_MODE recorded in test mode, CONFIGURATION_CHANGED, STOPPED recording was stopped,
    UNKNOWN_STATUS a status that no source explains.
    Common to all channels: DST was in effect, POWER_FAIL power failed, CLOCK_FORWARD, CLOCK_BACKWARD the clock was set.
    Of the interval's place: NOT_VALID the block's simple status does not count it, RUNNING it has not ended, REPEATED
    its time was recorded before the clock was set back to it, TIME_ASSUMED its time is not sure: the clock was set, or
    recording was interrupted, and nothing says by how much.
    """

    OVERFLOW = 1 << 0
    PARTIAL = 1 << 1
    LONG = 1 << 2
    SKIPPED = 1 << 3
    TEST_MODE = 1 << 4
    CONFIGURATION_CHANGED = 1 << 5
    STOPPED = 1 << 6
    UNKNOWN_STATUS = 1 << 7
    DST = 1 << 8
    POWER_FAIL = 1 << 9
    CLOCK_FORWARD = 1 << 10
    CLOCK_BACKWARD = 1 << 11
    NOT_VALID = 1 << 16
    RUNNING = 1 << 17
    REPEATED = 1 << 18
    TIME_ASSUMED = 1 << 19

    @property
    def words(self) -> tuple[str, ...]:
        """The flags that are set, `("power-fail", "partial")`."""
        return tuple((flag.name or "").lower().replace("_", "-") for flag in Quality if flag in self)


NO_VALUE = int(Quality.SKIPPED | Quality.STOPPED | Quality.NOT_VALID)
"""Any of these: what the octets hold is no measurement. A plain number: it is held against every interval."""

_STATUS = (
    0,
    Quality.OVERFLOW,
    Quality.PARTIAL,
    Quality.LONG,
    Quality.SKIPPED,
    Quality.TEST_MODE,
    Quality.CONFIGURATION_CHANGED,
    Quality.STOPPED,
    *[Quality.UNKNOWN_STATUS] * 8,
)
_COMMON = (Quality.DST, Quality.POWER_FAIL, Quality.CLOCK_FORWARD, Quality.CLOCK_BACKWARD)

_LOW = bytes(_STATUS[octet & 15] for octet in range(256))
_HIGH = bytes(_STATUS[octet >> 4] for octet in range(256))
_FLAGS = bytes(sum(flag >> 8 for n, flag in enumerate(_COMMON) if octet >> 4 + n & 1) for octet in range(256))


def common_flags(octets: bytes) -> bytes:
    """The common flags, one octet for each interval: DST and the others, shifted down by 8.

    octets: first octets of the intervals' extended status.
    """
    return octets.translate(_FLAGS)


def status_flags(octets: bytes, channel: int) -> bytes:
    """The flags that the status of a channel, counted from 0, stands for, one octet for each interval.

    octets: those of the extended status that the channel's status is in, see `status_octet`.
    """
    return octets.translate(_HIGH if channel % 2 else _LOW)


def status_octet(channel: int) -> int:
    """Which octet of an extended status holds a channel's: channel 1 with the common flags, then two in each."""
    return (channel + 1) // 2


def qualities(status: bytes, common: bytes, place: bytes) -> Sequence[int]:
    """Quality of each interval: flags by status, common flags, and those of its place (shifted down by 16)."""
    return joined((status, common, place, bytes(len(status))))
