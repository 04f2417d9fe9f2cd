"""The options of a target: what each can be, and which kinds of target take it. docs/targets.md shows these tables.

An option is written `name=value` behind the `?` of a target, or as a key of a `[meter.NAME]` of the configuration.
In a name, - and _ are the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from c1222.message.framing import C1222_PORT
from c1222.settings.values import Instant, OneOf, Seconds, SomeFile, Text, Title, Value, Whole, YesNo

__all__ = ["C1222_PORT", "KINDS", "OPTIONS", "Form", "Kind", "Option", "Protocol"]

Protocol: TypeAlias = Literal["c1218", "c1221", "c1222"]
Form: TypeAlias = Literal["nothing", "file", "port", "host", "name"]
"""What stands behind the scheme: nothing, a file, a serial port, //host:port, or the name of a meter."""


@dataclass(frozen=True, slots=True)
class Option:
    """name: as programs use it. value: what it can be. purpose: what it is for, in words."""

    name: str
    value: Value
    purpose: str


def _declared(*options: Option) -> dict[str, Option]:
    return {option.name: option for option in options}


_ANY = _declared(Option("profile", Text("the name of a profile"), "what differs with this make: see configuration.md"))
_LINE = _declared(
    Option("baud", Whole(50, 1_000_000), "speed of the line when the session begins"),
    Option("max_baud", Whole(300, 256_000), "highest speed to ask for in Negotiate; left out: the speed stays"),
    Option("dtr", YesNo(), "state of the DTR line, which powers some probes; left out: as the system sets it"),
    Option("rts", YesNo(), "state of the RTS line, likewise"),
    Option("echo", YesNo(), "the probe hears itself: drop what we sent from what arrives"),
)
_LINK = _declared(
    Option("identity", Whole(0, 255), "identity octet of the packets: the device's address on a shared line"),
    Option("packet_size", Whole(32, 8192), "octets of the largest packet to ask for in Negotiate"),
    Option("nbr_packets", Whole(1, 255), "packets of one message to ask for in Negotiate"),
    Option("turn_around", Seconds(10, zero=True), "rest before each packet that we send"),
    Option("wakeup", YesNo(), "send octet 55 and rest for 50 ms before the session, for a port that sleeps"),
    Option("inter_character", Seconds(60), "silence that ends a packet"),
    Option("response", Seconds(60), "wait for an ACK"),
)
_MESSAGES = _declared(
    Option("called", Title(), "the meter's ApTitle"),
    Option("calling", Title(), "our ApTitle"),
    Option(
        "security", OneOf.words_of("clear", "auth", "encrypt"), "how messages are secured, and what answers must be"
    ),
    Option("key_id", Whole(0, 255), "which key secures our messages"),
    Option("session", YesNo(), "log on once and keep a session; no: each message stands alone"),
    Option("id_width", Whole(2, 4), "octets of an invocation id, for meters that take short ones only"),
    Option("services", Whole(1, 255), "services in one message, at most"),
    Option("segment", Whole(64, 65_535), "octets of a message that are sent in one piece; longer ones go in segments"),
    Option(
        "iv_ahead", Seconds(86_400, zero=True), "how far the time in our secured messages may be ahead of the clock"
    ),
    Option("iv_window", Seconds(86_400), "how far the time in the meter's may be away from it; left out: any"),
    Option("bad_macs", Whole(1, 65_535), "messages with a wrong MAC after which the conversation ends"),
)
_PATIENCE = _declared(
    Option("timeout", Seconds(3600), "silence after which a request counts as unanswered"),
    Option("retries", Whole(0, 20), "repetitions after the first try"),
)
_TIMES = _declared(Option("timing_setup", YesNo(), "tell the meter our time-outs and retries (Timing-setup of C12.21)"))
_MODEM = _declared(Option("number", Text("a telephone number, as the modem dials it", 60), "what the modem dials"))
_SIMULATED = _declared(
    Option("seed", Whole(0, 2**32 - 1), "which meter is simulated: the same number, the same meter"),
    Option("clock", Instant(), "the time at which the simulation begins"),
    Option("image", SomeFile(), "a meter saved by `c1222 dump`, to be simulated instead"),
    Option("protocol", OneOf.words_of("c1218", "c1222"), "what is spoken with it; left out: c1218"),
)

OPTIONS: Mapping[str, Option] = {
    **_ANY, **_LINE, **_LINK, **_PATIENCE, **_TIMES, **_MODEM, **_MESSAGES, **_SIMULATED,
}  # fmt: skip
"""Every option by its name."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of target.

    protocol: what is spoken; None where that is not up to the kind. port: where one is left out; None: it cannot be.
    example: as a person writes it. purpose: what is reached, in words. takes: names of its options.
    """

    scheme: str
    form: Form
    protocol: Protocol | None
    example: str
    purpose: str
    takes: tuple[str, ...]
    port: int | None = None


_C1218_NET = (*_ANY, *_LINK, *_PATIENCE)
_C1218_LINE = (*_ANY, *_LINE, *_LINK, *_PATIENCE)
_C1222 = (*_ANY, *_MESSAGES, *_PATIENCE)

KINDS: Mapping[str, Kind] = {
    kind.scheme: kind
    for kind in (
        Kind(
            "sim", "nothing", None, "sim:", "the simulated meter, in this process",
            (*_SIMULATED, *_C1218_NET, *_MESSAGES),
        ),
        Kind("dump", "file", None, "dump:meter.json", "a meter saved by `c1222 dump`", tuple(_ANY)),
        Kind("optical", "port", "c1218", "optical:/dev/ttyUSB0", "C12.18 through an optical probe", _C1218_LINE),
        Kind("serial", "port", "c1218", "serial:COM3", "C12.18 through a serial port", _C1218_LINE),
        Kind(
            "rfc2217", "host", "c1218", "rfc2217://host:2217",
            "C12.18 through a serial port of another machine (RFC 2217)", _C1218_LINE,
        ),
        Kind(
            "socket", "host", "c1218", "socket://host:7000",
            "C12.18 through a serial port that another machine offers as a plain socket", _C1218_NET,
        ),
        Kind("c1218+tcp", "host", "c1218", "c1218+tcp://host:7000", "C12.18 packets over TCP", _C1218_NET),
        Kind(
            "modem", "port", "c1221", "modem:/dev/ttyS0?number=5550100", "C12.21 through a modem",
            (*_MODEM, *_TIMES, *_C1218_LINE),
        ),
        Kind("c1221+tcp", "host", "c1221", "c1221+tcp://host:7000", "C12.21 packets over TCP", (*_TIMES, *_C1218_NET)),
        Kind("tcp", "host", "c1222", "tcp://host", "C12.22 over TCP", _C1222, C1222_PORT),
        Kind("udp", "host", "c1222", "udp://[2001:db8::7]", "C12.22 over UDP", _C1222, C1222_PORT),
        Kind("@", "name", None, "@house", "a meter of the configuration; options are its target's", tuple(OPTIONS)),
    )
}  # fmt: skip
"""Every kind by its scheme; "@" for the name of a meter."""
