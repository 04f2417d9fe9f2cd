"""What a target and a profile say, as the options of a session. What a target says goes before the profile."""

from typing import Literal

from c1222.errors import TargetError
from c1222.link import C1218, C1221, LinkSettings
from c1222.message.epsem import SecurityMode
from c1222.security.keys import KeyRing
from c1222.session.settings import BAD_MACS, CLIENT_TITLE, IV_AHEAD, LineOptions, NetworkOptions
from c1222.settings.profiles import Profile
from c1222.settings.targets import Target
from c1222.titles import ApTitle

MODES = {"clear": SecurityMode.CLEAR, "auth": SecurityMode.AUTHENTICATED, "encrypt": SecurityMode.ENCRYPTED}
IP_V4 = 576 - 28
IP_V6 = 1280 - 48
"""Octets of a datagram that every path takes, without the headers of IP and UDP. Source: RFC 6142."""
NO_SPEED = ("c1218+tcp", "c1221+tcp", "socket")
MOST_RATES = 11
"""Speeds that one Negotiate can offer."""


def line_options(target: Target, profile: Profile) -> LineOptions:
    """Options of a session of C12.18 or C12.21. Raises LocalProtocolError for what cannot be."""
    c1221 = target.protocol == "c1221"
    base = C1221 if c1221 else C1218
    if target.scheme in NO_SPEED:
        base = LinkSettings(
            baud=None, inter_character=base.inter_character, response=base.response, traffic=base.traffic
        )
    link = profile.link_settings(base)
    # Without other wishes the speed of now is offered: a Negotiate without any is known from modems only.
    rates = profile.rates[:MOST_RATES] or (profile.baud,)
    return LineOptions(
        link=link,
        negotiate=profile.negotiate,
        packet_size=profile.packet_size,
        nbr_packets=profile.nbr_packets,
        bauds=rates,
        c1221=c1221,
        timing_setup=bool(target.option("timing_setup", bool)),
        security=profile.security_after_logon,
        logoff=profile.logoff,
    )


def network_options(target: Target, profile: Profile, ring: KeyRing) -> NetworkOptions:
    """Options of a session of C12.22. Raises TargetError, LocalProtocolError."""
    key_id = target.option("key_id", int)
    said = target.option("security", str)
    if said is None:
        # Who gives a key wants it used.
        said = "encrypt" if ring else "clear"
    if said != "clear" and key_id is None:
        if len(ring.ids()) > 1:
            ids = ", ".join(map(str, ring.ids()))
            raise TargetError(f"which key? there are key ids {ids}; key-id= in the target says it")
        key_id = ring.ids()[0] if ring else 0
    called, calling = target.option("called", str), target.option("calling", str)
    iv_ahead, bad_macs = target.option("iv_ahead", float), target.option("bad_macs", int)
    return NetworkOptions(
        called=None if called is None else ApTitle.parse(called),
        calling=CLIENT_TITLE if calling is None else ApTitle.parse(calling),
        mode=MODES[said],
        ring=ring,
        key_id=key_id or 0,
        session=profile.session,
        id_octets=profile.id_width,
        timeout=10.0 if profile.timeout is None else profile.timeout,
        retries=3 if profile.retries is None else profile.retries,
        segment=profile.segment or _segment(target),
        services=profile.services,
        iv_ahead=IV_AHEAD if iv_ahead is None else iv_ahead,
        iv_window=target.option("iv_window", float),
        bad_macs=BAD_MACS if bad_macs is None else bad_macs,
    )


def _segment(target: Target) -> int | None:
    if target.scheme != "udp":
        return None
    return IP_V6 if ":" in target.place else IP_V4


def wire(target: Target) -> Literal["serial", "tcp", "udp"]:
    """What a trace shows the octets as."""
    if target.protocol != "c1222":
        return "serial"
    return "udp" if target.scheme == "udp" else "tcp"
