"""Decade 6 of the simulated meter: one set of four channels, kept in a circle of blocks of 96 intervals.

Blocks and intervals ascend. A block opens when its first interval closes, and takes the place of the oldest one. Every
interval is there, also one without voltage or one that the clock was set over (status 4, without data) and one while
the load profile was stopped (status 7): so the number of intervals back tells the time, until the clock is set back.
Table 64 is encoded block by block; full blocks are remembered.
"""

from typing import Any

from c1219_tables.registry import STANDARD
from c1222.meter.image.memory import LOAD_PROFILE, Builder, Memory, Value
from c1222.meter.image.tables.sources import CHANNELS, INTERVAL_MINUTES, SUMMATIONS, place
from c1222.meter.world.intervals import Interval
from c1222.meter.world.load import QUARTER, Quantity

DATA = 64
INTERVALS = 96
UINT32 = 4
"""INT_FMT_CDE of table 62: an interval's mWh need more than 16 bits."""

SCALARS = (1, 1, 2, 2)
"""Stored values are source values times these: the last two channels count halves, so that a reader that forgets the
scalars, or divides the wrong way round, is found out."""

PARTIAL, LONG, SKIPPED, STOPPED = 2, 3, 4, 7
_FORMATS = {"inv_uint32_flag": True}
_PULSES = 1 << 32
_SOURCES = [place(source) for source in SUMMATIONS if source.quantity in CHANNELS]


def _block_size() -> int:
    """Octets of a block: time, end reading and pulses, simple status, and each interval with its status."""
    channels = len(CHANNELS)
    return channels * (6 + 4) + INTERVALS // 8 + INTERVALS * (channels // 2 + 1 + 4 * channels)


def limits(memory: Memory, at: int) -> Value:
    """Table 61."""
    stamp = len(memory.build.unset().raw)
    return {
        "lp_memory_len": memory.build.days * (stamp + _block_size()),
        "lp_flags": {
            "blk_end_read_flag": True,
            "blk_end_pulse_flag": True,
            "scalar_divisor_flag_set1": True,
            "extended_int_status_flag": True,
            "simple_int_status_flag": True,
        },
        "lp_fmats": _FORMATS,
        "nbr_blks_set1": memory.build.days,
        "nbr_blk_ints_set1": INTERVALS,
        "nbr_chns_set1": len(CHANNELS),
        "max_int_time_set1": INTERVAL_MINUTES,
    }


def control(memory: Memory, at: int) -> Value:
    """Table 62."""
    return {
        "lp_sel_set1": [
            {"chnl_flag": {"end_rdg_flag": True}, "lp_source_select": source, "end_blk_rdg_source_select": source}
            for source in _SOURCES
        ],
        "int_fmt_cde1": UINT32,
        "scalars_set1": list(SCALARS),
        "divisor_set1": [1] * len(SCALARS),
    }


def first_interval(memory: Memory) -> int:
    """Number, in the world, of the first interval of the profile: the first that lies wholly behind its last reset."""
    begun = memory.begun[LOAD_PROFILE]
    number = memory.world.closed_at(begun)
    return number if memory.world.interval(number).start >= begun else number + 1


def recorded(memory: Memory, at: int) -> int:
    """Intervals that were recorded since the profile was reset."""
    return max(0, memory.world.closed_at(at) - first_interval(memory))


def blocks_kept(memory: Memory, at: int) -> range:
    """Sequence numbers of the blocks that table 64 holds, counted from the last reset."""
    opened = -(-recorded(memory, at) // INTERVALS)
    return range(max(0, opened - memory.build.days), opened)


def status(memory: Memory, at: int) -> Value:
    """Table 63."""
    kept = blocks_kept(memory, at)
    newest = max(0, kept.stop - 1)
    return {
        "lp_status_set1": {
            "lp_set_status_flags": {
                "overflow_flag": memory.acknowledged[LOAD_PROFILE] < kept.start,
                "list_type": True,
                "active_mode_flag": memory.is_recording(),
            },
            "nbr_valid_blocks": len(kept),
            "last_block_element": newest % memory.build.days,
            "last_block_seq_nbr": newest,
            "nbr_unread_blocks": memory.unread(LOAD_PROFILE, kept),
            "nbr_valid_int": recorded(memory, at) - INTERVALS * newest,
        }
    }


BUILDERS: dict[int, Builder] = {61: limits, 62: control, 63: status}


class ProfileData:
    """Table 64 of a meter.

    tables: the meter's decoded tables by `st0`, `st61` ..., as declarations want them.
    """

    def __init__(self, memory: Memory, tables: dict[str, Any]) -> None:
        self._memory = memory
        # One block is encoded as a table of one block.
        self._tables = {**tables, "st61": {**tables["st61"], "nbr_blks_set1": 1}}
        self._octets = len(memory.build.unset().raw) + _block_size()
        self._full: dict[int, bytes] = {}
        self._whole: tuple[int, bytes] = (-1, b"")
        self._revision = (0, 0)

    def octets(self, at: int) -> bytes:
        """The whole table at a true time, in seconds since 1970."""
        memory = self._memory
        if self._revision != (memory.world.revision, memory.revision):
            self._full.clear()
            self._whole = (-1, b"")
            self._revision = memory.world.revision, memory.revision
        first, count = first_interval(memory), recorded(memory, at)
        if self._whole[0] == count:
            # Nothing changes until the next interval ends, and a reader may come for it in small pieces.
            return self._whole[1]
        blocks = [bytes(self._octets)] * memory.build.days
        for block in blocks_kept(memory, at):
            start = INTERVALS * block
            blocks[block % memory.build.days] = self._block(first + start, min(INTERVALS, count - start))
        self._whole = count, b"".join(blocks)
        return self._whole[1]

    def _block(self, first: int, count: int) -> bytes:
        if count < INTERVALS:
            return self._encode(first, count)
        if first not in self._full:
            self._full[first] = self._encode(first, count)
        return self._full[first]

    def _encode(self, first: int, count: int) -> bytes:
        """Octets of the block of these intervals, by the number of the first in the world."""
        world = self._memory.world
        intervals = [world.interval(number) for number in range(first, first + count)]
        ends = [self._reading(quantity, intervals[-1].end) for quantity in CHANNELS]
        value: Value = {
            "blk_end_time": world.stamp(intervals[-1]),
            "end_readings": [{"block_end_read": end, "block_end_pulse": end % _PULSES} for end in ends],
            "simple_int_status": [n for n, one in enumerate(intervals) if self._status(one) not in (SKIPPED, STOPPED)],
            "lp_int": [*map(self._interval, intervals), *[_UNUSED] * (INTERVALS - count)],
        }
        return STANDARD.table(DATA).encode({"blocks": [value]}, self._tables)

    def _reading(self, quantity: Quantity, at: int) -> int:
        world = self._memory.world
        return world.registered_at(quantity, at) - world.registered_at(quantity, self._memory.cleared)

    def _interval(self, interval: Interval) -> Value:
        world, status = self._memory.world, self._status(interval)
        stopped = status == STOPPED
        energies = [0 if stopped else world.interval_energy(quantity, interval) for quantity in CHANNELS]
        return {
            "extended_int_status": _extended_status(
                status,
                dst_flag=interval.dst,
                power_fail_flag=world.powered(interval) < interval.end - interval.start,
                clock_forward_flag=interval.clock_forward,
                clock_backward_flag=interval.clock_backward,
            ),
            "int_data": [energy * scalar for energy, scalar in zip(energies, SCALARS, strict=True)],
        }

    def _status(self, interval: Interval) -> int:
        if not self._memory.was_recorded(interval.start, interval.end):
            return STOPPED
        powered = self._memory.world.powered(interval)
        if not powered:
            return SKIPPED
        return PARTIAL if powered < QUARTER else LONG if powered > QUARTER else 0


def _extended_status(status: int, **flags: bool) -> Value:
    """The same status for all four channels: nibbles of channels 2 and 3, then of 4 and of none."""
    return {
        "common": {"channel_1_status": status, **flags},
        "channels": [
            {"odd_channel_status": status, "even_channel_status": status},
            {"even_channel_status": status},
        ],
    }


_UNUSED: Value = {"extended_int_status": _extended_status(0), "int_data": [0] * len(CHANNELS)}
