"""The profiles that come with this package, and which of them a meter may want.

Each field that differs from the default has its reason: who drives meters of this make in that way, or what was
recorded of one. Short names of sources: docs/sources.md. Where sources disagree the tolerant way stands here.
"""

from collections.abc import Mapping
from types import MappingProxyType

from c1222.errors import TargetError
from c1222.link import Toggle
from c1222.settings.profiles import Profile
from c1222.settings.unknown import unknown

__all__ = ["BUILT_IN", "DEFAULT", "by_name", "for_identity"]

_GE_NODE = "CNX: the node its driver addresses by default"
_GE_TOGGLE = "CNX: the toggle of each direction alternates by itself"

DEFAULT = Profile("default")
"""What most meters take. Sizes: ADP asks for them and takes what is answered. Padding: ADP TRM, 20."""

BUILT_IN: Mapping[str, Profile] = MappingProxyType({
    profile.name: profile
    for profile in (
        DEFAULT,
        Profile(
            "ge-i210+c",
            packet_size=256,
            nbr_packets=1,
            manufacturer="GE",
            model="I210+c",
            reasons={
                "packet_size": "GE: asked for and answered in every recorded session",
                "nbr_packets": "GE: asked for and answered in every recorded session",
                "manufacturer": "GE: its table 1",
                "model": "GE: its table 1",
            },
        ),
        Profile(
            "ge-kv",
            identity=0x40,
            toggle=Toggle.ALTERNATES,
            dialect={"event_seq_nbr": False},
            reasons={
                "identity": _GE_NODE,
                "toggle": _GE_TOGGLE,
                "dialect": "CNX: entries of table 76 have no sequence number",
            },
        ),
        Profile(
            "ge-kv2",
            identity=0x40,
            toggle=Toggle.ALTERNATES,
            packet_size=180,
            reasons={
                "identity": _GE_NODE,
                "toggle": _GE_TOGGLE,
                "packet_size": "CNX: over a modem 256 were negotiated, and 180 was the most that worked",
            },
        ),
        Profile(
            # CNX wants answers to echo the toggle, the maker's own client (ADP) wants them to alternate: so unchecked.
            "elster-a3",
            manufacturer="EE",
            model="A3",
            reasons={"manufacturer": "ADP CNX: its table 1", "model": "ADP CNX: its table 1"},
        ),
        Profile("elster-a1800", model="A1800", reasons={"model": "CNX ADP: its table 1"}),
        Profile(
            "itron-sentinel",
            toggle=Toggle.ECHOES,
            packet_size=128,
            nbr_packets=1,
            password_pad=0x00,
            reasons={
                "toggle": "CNX: its driver wants answers with the toggle of the request",
                "packet_size": "CNX: what its driver asks for by default",
                "nbr_packets": "CNX: what its driver asks for by default",
                "password_pad": "CNX: text, filled with 00",
            },
        ),
        Profile(
            "itron-c1222",
            id_width=2,
            reasons={"id_width": "ITR, measured: a message with a longer invocation id is dropped without an answer"},
        ),
        Profile(
            "landis-gyr-s4",
            toggle=Toggle.ALTERNATES,
            turn_around=0.01,
            reasons={
                "toggle": "CNX: the toggle of each direction alternates by itself",
                "turn_around": "CNX: its driver rests for 10 ms",
            },
        ),
        Profile("identity-5", identity=5, reasons={"identity": "ESP: what the one meter that its author had wants"}),
    )
})  # fmt: skip
"""By name."""


def by_name(name: str, profiles: Mapping[str, Profile] = BUILT_IN) -> Profile:
    """The profile of a name. Raises TargetError with those that there are."""
    if name not in profiles:
        raise TargetError(unknown("profile", name, profiles))
    return profiles[name]


def for_identity(manufacturer: str, ed_model: str, profiles: Mapping[str, Profile] = BUILT_IN) -> tuple[Profile, ...]:
    """Profiles that may be meant for the meter whose table 1 says this, the closest first; () where none is known.

    They are suggestions: a make has more than one firmware.
    """
    fitting = [profile for profile in profiles.values() if profile.fits(manufacturer, ed_model)]
    return tuple(sorted(fitting, key=lambda profile: len(profile.model), reverse=True))
