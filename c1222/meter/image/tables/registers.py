"""Decade 2 of the simulated meter: totals, demands and snapshots, and what flows at the moment."""

from dataclasses import dataclass
from itertools import pairwise

from c1222.meter.image.memory import SELF_READS, Builder, Memory, Value
from c1222.meter.image.tables.sources import COINCIDENTS, DEMANDS, PRESENT_VALUES, SUMMATIONS, Source, place
from c1222.meter.world.events import DemandReset, SelfRead, moment, seconds
from c1222.meter.world.load import QUARTER

SELF_READS_KEPT = 12
RESET_COUNTER = 256


@dataclass(frozen=True)
class _Period:
    """The registers at a time: when it is, and the demand resets since the registers were cleared, before that time."""

    memory: Memory
    at: int
    resets: list[int]

    def block(self, tier: int | None) -> Value:
        """A DATA_BLK_RCD: of a tier, or of all."""
        return {
            "summations": [self._summation(source, tier) for source in SUMMATIONS],
            "demands": [self._demand(source, tier) for source in DEMANDS],
            "coincidents": [{"coincident_values": [self._coincident(tier)]} for _ in COINCIDENTS],
        }

    def registers(self) -> Value:
        """A REGISTER_DATA_RCD."""
        return {
            "nbr_demand_resets": len(self.resets) % RESET_COUNTER,
            "tot_data_block": self.block(None),
            "tier_data_block": [self.block(tier) for tier in range(self.memory.world.tariff.tiers)],
        }

    def _summation(self, source: Source, tier: int | None) -> int:
        assert source.quantity is not None
        world = self.memory.world
        now = world.registered_at(source.quantity, self.at, tier)
        return now - world.registered_at(source.quantity, self.memory.cleared, tier)

    def _demand(self, source: Source, tier: int | None) -> Value:
        assert source.quantity is not None
        world = self.memory.world
        starts = [self.memory.cleared, *self.resets]
        ended = [world.max_demand_at(source.quantity, *period, tier).value for period in pairwise(starts)]
        best = world.max_demand_at(source.quantity, starts[-1], self.at, tier)
        stamp = self.memory.build.unset() if best.interval is None else world.stamp(best.interval)
        return {
            "event_time": [stamp],
            "cum_demand": sum(ended),
            "cont_cum_demand": sum(ended) + best.value,
            "demand": [best.value],
        }

    def _coincident(self, tier: int | None) -> int:
        """Demand of the coincident source in the interval of the greatest demand that it goes with, the first."""
        world = self.memory.world
        start = self.resets[-1] if self.resets else self.memory.cleared
        assert DEMANDS[0].quantity is not None
        assert COINCIDENTS[0].quantity is not None
        best = world.max_demand_at(DEMANDS[0].quantity, start, self.at, tier)
        return world.demand(COINCIDENTS[0].quantity, best.interval) if best.interval is not None else 0


def _period(memory: Memory, at: int) -> _Period:
    """The registers at a time; a reset at that very second has not happened yet."""
    return _Period(memory, at, memory.world.times_of(DemandReset, memory.cleared, at - 1))


def _snapshot(memory: Memory, at: int | None) -> tuple[Value, Value]:
    """REGISTER_INFO_RCD and REGISTER_DATA_RCD of a snapshot at a time; zeros where there was none."""
    if at is None:
        empty = _Period(memory, memory.cleared, [])
        return {"end_date_time": memory.build.unset(), "season": 0}, empty.registers()
    info: Value = {"end_date_time": memory.shown_minute(at), "season": memory.world.season_at(at - 1)}
    return info, _period(memory, at).registers()


def limits(memory: Memory, at: int) -> Value:
    """Table 21."""
    return {
        "reg_func1_flags": {
            "season_info_field_flag": True,
            "date_time_field_flag": True,
            "demand_reset_ctr_flag": True,
            "cum_demand_flag": True,
            "cont_cum_demand_flag": True,
            "time_remaining_flag": True,
        },
        "reg_func2_flags": {"self_read_seq_nbr_flag": True},
        "nbr_self_reads": SELF_READS_KEPT,
        "nbr_summations": len(SUMMATIONS),
        "nbr_demands": len(DEMANDS),
        "nbr_coin_values": len(COINCIDENTS),
        "nbr_occur": 1,
        "nbr_tiers": memory.world.tariff.tiers,
        "nbr_present_demands": len(DEMANDS),
        "nbr_present_values": len(PRESENT_VALUES),
    }


def selection(memory: Memory, at: int) -> Value:
    """Table 22. All demands are maxima; the coincident value goes with the first."""
    return {
        "summation_select": [place(source) for source in SUMMATIONS],
        "demand_select": [place(source) for source in DEMANDS],
        "min_or_max_flags": list(range(len(DEMANDS))),
        "coincident_select": [place(source) for source in COINCIDENTS],
        "coin_demand_assoc": [0 for _ in COINCIDENTS],
    }


def current(memory: Memory, at: int) -> Value:
    """Table 23."""
    return _Period(memory, at, memory.world.times_of(DemandReset, memory.cleared, at)).registers()


def previous_season(memory: Memory, at: int) -> Value:
    """Table 24: the registers when the season changed last."""
    changes = memory.world.season_changes(memory.cleared, at)
    info, data = _snapshot(memory, seconds(changes[-1].at) if changes else None)
    return {"register_info": info, "previous_season_register_data": data}


def previous_demand_reset(memory: Memory, at: int) -> Value:
    """Table 25: the registers at the last demand reset, just before it was done."""
    resets = memory.world.times_of(DemandReset, memory.cleared, at)
    info, data = _snapshot(memory, resets[-1] if resets else None)
    return {"register_info": info, "previous_demand_reset_data": data}


def self_reads_kept(memory: Memory, at: int) -> range:
    """Sequence numbers of the self reads that the list holds, counted from its last reset."""
    count = len(memory.world.times_of(SelfRead, memory.begun[SELF_READS], at))
    return range(max(0, count - SELF_READS_KEPT), count)


def self_reads(memory: Memory, at: int) -> Value:
    """Table 26: a circular list, entry n at place n modulo its length."""
    times = memory.world.times_of(SelfRead, memory.begun[SELF_READS], at)
    kept = self_reads_kept(memory, at)
    entries: list[Value] = []
    for element in range(SELF_READS_KEPT):
        number = next((number for number in kept if number % SELF_READS_KEPT == element), None)
        info, data = _snapshot(memory, None if number is None else times[number])
        entries.append(
            {"self_read_seq_nbr": (number or 0) % 65536, "register_info": info, "self_read_register_data": data}
        )
    newest = max(0, kept.stop - 1)
    return {
        "list_status": {"list_type": True, "overflow_flag": memory.acknowledged[SELF_READS] < kept.start},
        "nbr_valid_entries": len(kept),
        "last_entry_element": newest % SELF_READS_KEPT,
        "last_entry_seq_nbr": newest % 65536,
        "nbr_unread_entries": memory.unread(SELF_READS, kept),
        "self_read_entries": entries,
    }


def present_selection(memory: Memory, at: int) -> Value:
    """Table 27."""
    return {
        "present_demand_select": [place(source) for source in DEMANDS],
        "present_value_select": [place(source) for source in PRESENT_VALUES],
    }


def present(memory: Memory, at: int) -> Value:
    """Table 28: demand of the running interval so far, as if nothing more flowed in it, and what flows now."""
    world = memory.world
    running = world.interval(world.closed_at(at))
    left = QUARTER - world.meter_time_at(at) % QUARTER
    now = world.supply(moment(at))

    def so_far(source: Source) -> int:
        assert source.quantity is not None
        energy = world.registered_at(source.quantity, at) - world.registered_at(source.quantity, running.start)
        return energy * 3600 // QUARTER

    return {
        "present_demand": [
            {"time_remaining": memory.build.time_of_day(left), "demand_value": so_far(source)} for source in DEMANDS
        ],
        "present_value": [now.watts, now.volts, now.amps, now.hertz, now.power_factor],
    }


BUILDERS: dict[int, Builder] = {
    21: limits,
    22: selection,
    23: current,
    24: previous_season,
    25: previous_demand_reset,
    26: self_reads,
    27: present_selection,
    28: present,
}
