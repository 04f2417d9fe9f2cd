"""The services that open, keep and close a conversation, and the order in which C12.18 wants them.

    base --Identify--> identified --Negotiate--> negotiated --Logon--> session --Logoff--> negotiated
                           `--------------------Logon----------------->'
    any --Terminate, silence--> base

Sources: docs/sources.md, ADP TRM CNX; that Identify is refused once it was negotiated, and Terminate taken at any time:
GE I-210+c.
"""

from collections.abc import Callable
from typing import Any

from c1219_tables.schema.dialect import Record
from c1222.meter.device.access import Access
from c1222.meter.device.answers import Effect, Ended, Negotiated, Refused, Timed, Waits
from c1222.meter.device.device_settings import DeviceSettings
from c1222.meter.device.visitor import Standard, State, Visitor
from c1222.psem.services import BAUD_RATES

SMALLEST_PACKET = 32
"""Octets of the smallest packet that Negotiate may ask for. Source: docs/sources.md, ADP."""

Done = tuple[dict[str, Any], Effect | None]
"""Data of the ok answer, and what the port does besides."""

_IDENTIFIED = frozenset({State.IDENTIFIED, State.NEGOTIATED})
_SESSION = frozenset({State.SESSION})
_STATES = {
    "identify": frozenset({State.BASE, State.IDENTIFIED}),
    **{f"negotiate_{n}": _IDENTIFIED for n in range(12)},
    "timing_setup": _IDENTIFIED,
    "logon": _IDENTIFIED,
    "wait": _IDENTIFIED | _SESSION,
    "terminate": frozenset(State),
}
"""Service -> states of C12.18 in which it is allowed; what is not here needs a session."""


def must_be_in_order(visitor: Visitor, service: str) -> None:
    """Raises Refused "isss" for a service that cannot come now, "sns" for one that makes no sense at all.

    C12.22 takes every service at any time, but those that are about a session (ITR: Wait without one is sns).
    """
    if not visitor.is_networked:
        if visitor.state not in _STATES.get(service, _SESSION):
            raise Refused("isss")
    elif not visitor.in_session and service in ("wait", "logoff"):
        raise Refused("sns" if service == "wait" else "isss")


def negotiate(visitor: Visitor, asked: Record, settings: DeviceSettings) -> Done:
    """The smaller of what is asked for and what we can; the fastest speed that both know.

    Where there is none, the answer names no speed, and it stays as it is.
    """
    if asked.packet_size < SMALLEST_PACKET or not asked.nbr_packets:
        raise Refused("onp")
    size = min(asked.packet_size, settings.packet_size)
    packets = min(asked.nbr_packets, settings.nbr_packets)
    offered = [code for code in asked.baud_codes if code in settings.baud_codes]
    baud_code = max(offered, key=BAUD_RATES.__getitem__, default=None)
    visitor.state = State.NEGOTIATED
    data = {"packet_size": size, "nbr_packets": packets, "baud_code": baud_code}
    return data, Negotiated(size, packets, baud_code)


def _timing_setup(visitor: Visitor, asked: Record, settings: DeviceSettings, access: Access) -> Done:
    """All four are taken as they are asked for; a time of 0 cannot be."""
    if not (asked.traffic and asked.inter_character and asked.response):
        raise Refused("onp")
    return dict(asked), Timed(asked.traffic, asked.inter_character, asked.response, asked.nbr_retries)


def _logon(visitor: Visitor, asked: Record, settings: DeviceSettings, access: Access) -> Done:
    """Everybody gets in; what one may do is told by Security. A visitor whose session was lost may log on again."""
    if not visitor.is_networked:
        visitor.begin_session(asked.user_id, asked.user, 0)
        return {}, None
    wanted, longest = asked.idle_timeout or 0, settings.longest_idle
    granted = min(wanted or longest, longest) if longest else wanted
    visitor.begin_session(asked.user_id, asked.user, granted)
    return {"idle_timeout": granted}, None


def _security(visitor: Visitor, asked: Record, settings: DeviceSettings, access: Access) -> Done:
    """A wrong password also takes away what an earlier one allowed. GE I-210+c answers it with err."""
    user_id = visitor.user_id if asked.user_id is None else asked.user_id
    groups = access.groups(user_id, bytes(asked.password))
    visitor.groups = groups or frozenset()
    if groups is None:
        raise Refused("err")
    return {}, None


def _wait(visitor: Visitor, asked: Record, settings: DeviceSettings, access: Access) -> Done:
    visitor.patience = asked.seconds
    return {}, Waits(asked.seconds)


def _logoff(visitor: Visitor, asked: Record, settings: DeviceSettings, access: Access) -> Done:
    visitor.end_session()
    return {}, None


def _terminate(visitor: Visitor, asked: Record, settings: DeviceSettings, access: Access) -> Done:
    visitor.leave()
    return {}, Ended()


def _disconnect(visitor: Visitor, asked: Record, settings: DeviceSettings, access: Access) -> Done:
    visitor.leave()
    return {}, Ended(hangs_up=True)


Conversation = Callable[[Visitor, Record, DeviceSettings, Access], Done]

EVERYWHERE: dict[str, Conversation] = {
    "logon": _logon,
    "security": _security,
    "wait": _wait,
    "logoff": _logoff,
    "terminate": _terminate,
}
SERVICES: dict[Standard, dict[str, Conversation]] = {
    Standard.C1218: EVERYWHERE,
    Standard.C1221: {**EVERYWHERE, "timing_setup": _timing_setup},
    Standard.C1222: {**EVERYWHERE, "disconnect": _disconnect},
}
"""Services by standard and name. Identify and Negotiate are the device's own; Authenticate is not supported."""
