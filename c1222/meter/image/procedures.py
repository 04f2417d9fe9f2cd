"""The standard procedures of the simulated meter: what each of them does to it.

Parameters and answers are those of c1219_tables/procedures.py. Where no source says what a procedure does beyond its
name, it is done and changes nothing (0 to 2, 8, 11).
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from c1219_tables.codes.results import COMPLETED
from c1219_tables.errors import LayoutError
from c1219_tables.procedures import decode_request, encode_response
from c1222.meter.device.access import SIMULATION
from c1222.meter.image.memory import EVENT_LOG, HISTORY_LOG, LISTS, LOAD_PROFILE, SELF_READS, Memory, Value
from c1222.meter.image.tables.capabilities import PROCEDURES
from c1222.meter.image.tables.general import mode_and_status
from c1222.meter.image.tables.load_profile import blocks_kept
from c1222.meter.image.tables.logs import entries_kept
from c1222.meter.image.tables.registers import self_reads_kept
from c1222.meter.world.events import ClockSet, DemandReset, ProcedureStarted, SelfRead, moment

BAD_PARAMETER, CONFLICT, NOT_AUTHORIZED, UNKNOWN = 2, 3, 5, 6
"""Result codes of table 8, beside that of what is completed."""

YEARS = range(2000, 2080)
"""Years to which the clock can be set: two digits, and counters of 32 bits, hold them and some more."""

Outcome = tuple[int, Value | None]
"""Result code, and the value of the answer where there is one."""

_DONE: Outcome = COMPLETED, None


def run(memory: Memory, tables: Mapping[str, Any], procedure: int, parameters: bytes, at: int) -> tuple[int, bytes]:
    """Start a procedure at a true time: result code, and octets of the answer.

    tables: the meter's decoded tables, at least `st0`.
    """
    if procedure not in PROCEDURES:
        return UNKNOWN, b""
    try:
        request = decode_request(procedure.to_bytes(2, memory.build.order) + b"\0" + parameters, tables)
    except LayoutError:
        return BAD_PARAMETER, b""
    result, answer = _HANDLERS[procedure](memory, request.parm, at)
    memory.world.add(ProcedureStarted(moment(at), procedure))
    if answer is None:
        return result, b""
    return result, encode_response(procedure, result, answer, tables, seq_nbr=0)[4:]


def _nothing(memory: Memory, parm: Any, at: int) -> Outcome:
    return _DONE


def _clear_data(memory: Memory, parm: Any, at: int) -> Outcome:
    memory.clear(at)
    return _DONE


def _reset_list(memory: Memory, parm: Any, at: int) -> Outcome:
    if parm.list not in LISTS:
        return BAD_PARAMETER, None
    for number in LISTS[parm.list]:
        memory.reset(number, at)
    return _DONE


def _kept(memory: Memory, number: int, at: int) -> range:
    if number == LOAD_PROFILE:
        return blocks_kept(memory, at)
    return self_reads_kept(memory, at) if number == SELF_READS else entries_kept(memory, number, at)


def _acknowledge(memory: Memory, parm: Any, at: int) -> Outcome:
    if parm.list not in (EVENT_LOG, SELF_READS, LOAD_PROFILE, HISTORY_LOG):
        return BAD_PARAMETER, None
    memory.acknowledge(parm.list, parm.entries_read, _kept(memory, parm.list, at))
    return _DONE


def _change_mode(memory: Memory, parm: Any, at: int) -> Outcome:
    flags = parm.ed_mode
    modes = [flags.metering_flag, flags.test_mode_flag, flags.meter_shop_mode_flag]
    if flags.factory_flag:
        return CONFLICT, None
    if sum(modes) != 1:
        return BAD_PARAMETER, None
    memory.mode = modes.index(True)
    return _DONE


def _clear_status(memory: Memory, parm: Any, at: int) -> Outcome:
    """Answers the conditions that there were."""
    was = mode_and_status(memory, at)
    memory.status_cleared = at
    return COMPLETED, {name: was[name] for name in ("ed_std_status1", "ed_std_status2")}


def _remote_reset(memory: Memory, parm: Any, at: int) -> Outcome:
    if parm.action_flag.self_read_flag:
        memory.world.add(SelfRead(moment(at)))
    if parm.action_flag.demand_reset_flag:
        memory.world.add(DemandReset(moment(at)))
    return COMPLETED, {"action_flag": dict(parm.action_flag)}


def _set_clock(memory: Memory, parm: Any, at: int) -> Outcome:
    """A new time is local time as table 52 shows it, or Greenwich time where it says so (gmt_flag).

    dst_flag decides in the hour that comes twice. Result 2 for what is no time, or one of YEARS not.
    """
    given, mask, clock = parm.date_time.value, parm.set_mask, memory.world.clock
    if not isinstance(given, datetime) or given.year not in YEARS or not (mask.set_time_flag or mask.set_date_flag):
        return BAD_PARAMETER, None
    before = memory.shown(at)
    was = memory.world.meter_time_at(at)
    qualifier = parm.time_date_qual
    if qualifier.gmt_flag:
        given += timedelta(seconds=clock.local(was) - was)
    date_part = given if mask.set_date_flag else before
    time_part = given if mask.set_time_flag else before
    new = clock.meter_time_of(datetime.combine(date_part.date(), time_part.time()), dst=qualifier.dst_flag)
    if new != was:
        memory.world.add(ClockSet(moment(at), new - was))
    return COMPLETED, {"date_time_before": before, "date_time_after": memory.shown(at)}


def _start_profile(memory: Memory, parm: Any, at: int) -> Outcome:
    memory.start(at)
    return _DONE


def _stop_profile(memory: Memory, parm: Any, at: int) -> Outcome:
    memory.stop(at)
    return _DONE


def _log_in(memory: Memory, parm: Any, at: int) -> Outcome:
    """Says whether the password is right; what a visitor may do is decided by the logon of the protocol."""
    known = SIMULATION.groups(parm.user_id, bytes(parm.password)) is not None
    return (COMPLETED if known else NOT_AUTHORIZED), None


_HANDLERS: dict[int, Callable[[Memory, Any, int], Outcome]] = {
    0: _nothing,
    1: _nothing,
    2: _nothing,
    3: _clear_data,
    4: _reset_list,
    5: _acknowledge,
    6: _change_mode,
    7: _clear_status,
    8: _nothing,
    9: _remote_reset,
    10: _set_clock,
    11: _nothing,
    16: _start_profile,
    17: _stop_profile,
    18: _log_in,
    19: _nothing,
}
