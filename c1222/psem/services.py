"""The PSEM services that C12.18, C12.21 and C12.22 share: what follows the service code, and what follows ok.

Where the protocols differ, `this._params.c1222` tells which one speaks. Sources behind each element are named by the
short names of docs/sources.md.
"""

from dataclasses import dataclass

from construct import Bytes, Construct, Int8ub, Int16ub, Int24ub, Switch, this

from c1219_tables.schema.dialect import (
    NOTHING,
    Array,
    BitField,
    If,
    RepeatToEnd,
    Rest,
    Secret,
    Sized,
    Struct,
    Tail,
    Text,
    bits,
    flag,
    note,
)
from c1222.psem.blocks import TABLE_DATA
from c1222.titles import DATA_UID

EVERYONE = "ADP WS ITR SPI CNX TRM"

TABLE = (
    "table"
    / Int16ub
    * note("table number: bits 10-0, 11 manufacturer, 12 pending; 13 user-defined, by WS alone", EVERYONE)
)
OFFSET = "offset" / Int24ub * note("first octet, counted from 0", EVERYONE)
BLOCKS = "blocks" / TABLE_DATA * note("the table's octets", EVERYONE)
BLOCKS_READ = Struct(BLOCKS)

FEATURE_VALUES = {
    0x01: Struct(
        "auth_type" / Int8ub * note("bit 0: authentication available", "ADP CNX"),
        "auth_algorithm" / Int8ub * note("0 DES", "ADP CNX"),
    ),
    0x02: Struct(
        "auth_type" / Int8ub * note("bit 0: authentication available", "ADP CNX"),
        "auth_algorithm" / Int8ub * note("0 DES, 255 a vendor's AES", "ADP CNX"),
        "ticket" / Sized(Int8ub, Rest()) * note("challenge for Authenticate", "ADP CNX"),
    ),
    0x04: Struct("security_mechanism" / DATA_UID * note("what protects messages", "ITR SPI CAP")),
    0x05: Struct(
        "session_control"
        / BitField(
            Int8ub,
            bits("nbr_sessions", 0, 6) * note("sessions at a time", "ITR SPI CAP"),
            flag("sessionless", 7) * note("answers without a session", "ITR SPI CAP"),
        )
        * note("sessions that the device keeps", "ITR SPI CAP"),
    ),
    0x06: Struct("device_class" / DATA_UID * note("names the layout of its manufacturer tables", "ADP ITR SPI CAP")),
    0x07: Struct(
        "identity"
        / Sized(
            Int8ub,
            Struct(
                "char_format" / Int8ub * note("1: 7-bit ASCII", "ADP ITR SPI ESP CAP"),
                "octets" / Rest() * note("identification", "ADP ITR SPI ESP CAP"),
            ),
        )
        * note("identification of the device", "ADP ITR SPI ESP CAP"),
    ),
}
FEATURE = Struct(
    "code" / Int8ub * note("which feature", "ADP CNX ITR SPI"),
    # Features have no length of their own: behind one that we do not know, nothing can be told apart.
    "value" / Switch(this.code, FEATURE_VALUES, default=Rest()) * note("the feature", "ADP CNX ITR SPI"),
)
IDENTIFY_ANSWER = Struct(
    "standard" / Int8ub * note("0 C12.18, 2 C12.21, 3 C12.22", "ITR SPI GE CNX"),
    "version" / Int8ub * note("of that standard", EVERYONE),
    "revision" / Int8ub * note("of that standard", EVERYONE),
    "features" / RepeatToEnd(FEATURE, stop=0x00) * note("what else the device tells", "ADP CNX ITR SPI"),
    "end_of_features" / Rest() * note("00", EVERYONE),
)

NODE_TYPE = BitField(
    Int8ub,
    flag("relay", 0) * note("", "SPI ITR"),
    flag("master_relay", 1) * note("", "SPI"),
    flag("host", 2) * note("", "SPI"),
    flag("notification_host", 3) * note("", "SPI"),
    flag("authentication_host", 4) * note("", "SPI"),
    flag("end_device", 5) * note("", "SPI ITR"),
    flag("has_domain_pattern", 7) * note("a domain pattern follows", "SPI CAP"),
)
CONNECTION_BITS = (
    flag("message_acceptance_window", 1) * note("", "SPI"),
    flag("playback_rejection", 2) * note("", "SPI"),
    flag("connectionless", 4) * note("UDP can be sent", "SPI RFC"),
    flag("accept_connectionless", 5) * note("listens on UDP", "SPI RFC"),
    flag("connection_mode", 6) * note("TCP can be sent", "SPI RFC"),
    flag("accept_connections", 7) * note("listens on TCP", "SPI RFC"),
)
REGISTER_REQUEST = Struct(
    "node_type" / NODE_TYPE * note("what kind of node registers", "ITR SPI CAP"),
    "connection_type"
    / BitField(Int8ub, flag("broadcast_and_multicast", 0) * note("", "SPI"), *CONNECTION_BITS)
    * note("how it can be reached", "SPI RFC"),
    "device_class" / Bytes(4) * note("as in Identify, without tag and length", "ITR SPI CAP"),
    "ap_title" / DATA_UID * note("title asked for; empty when it has none", "ITR SPI CAP"),
    "serial_number" / DATA_UID * note("of the device", "ITR SPI CAP"),
    "native_address" / Sized(Int8ub, Rest()) * note("address on its own network", "ITR SPI CAP RFC"),
    "registration_period" / Int24ub * note("seconds between registrations", "ITR SPI CAP"),
    "domain_pattern"
    / If(this.node_type.has_domain_pattern, Sized(Int8ub, Rest()))
    * note("which titles are in its domain", "SPI CAP"),
)
REGISTER_ANSWER = Struct(
    "ap_title" / DATA_UID * note("title that was registered", "ITR SPI CAP"),
    "registration_delay" / Int16ub * note("seconds to wait after power up", "ITR SPI CAP"),
    "registration_period" / Int24ub * note("seconds between registrations", "ITR SPI CAP"),
    "registration_info"
    / BitField(
        Int8ub, flag("direct_messaging", 0) * note("messages may go past the relay", "SPI ITR"), *CONNECTION_BITS
    )
    * note("how the relay reaches it", "ITR SPI CAP"),
)

NEGOTIATED = (
    "packet_size" / Int16ub * note("octets of a whole packet", "ADP CNX TRM ITR GE"),
    "nbr_packets" / Int8ub * note("packets of one transmission", "ADP CNX TRM ITR GE"),
)
TIMING = Struct(
    "traffic" / Int8ub * note("channel traffic time-out, seconds", "ADP WS"),
    "inter_character" / Int8ub * note("inter-character time-out, seconds", "ADP WS"),
    "response" / Int8ub * note("response time-out, seconds", "ADP WS"),
    "nbr_retries" / Int8ub * note("retries after the first try", "ADP WS"),
)
AUTHENTICATION = Struct(
    "authentication"
    / Sized(
        Int8ub,
        Struct(
            "key_id" / Int8ub * note("which key", "ADP CNX"),
            "token" / Secret(Rest()) * note("the ticket, enciphered", "ADP CNX"),
        ),
    )
    * note("proof that the key is known", "ADP CNX WS"),
)


@dataclass(frozen=True, slots=True)
class Service:
    """One service code.

    request: layout of what follows the code; answer: of what follows ok.
    purpose: what it is for, in words.
    """

    code: int
    name: str
    purpose: str
    request: Construct = NOTHING
    answer: Construct = NOTHING


def _indexed(first: int, name: str, purpose: str, *tail: Construct, answer: Construct = NOTHING) -> list[Service]:
    """The nine services that differ in their number of indices. One index: SPI CNX CAP; more: SPI alone."""
    return [
        Service(
            first + n,
            f"{name}_{n}",
            f"{purpose} ({n} {'index' if n == 1 else 'indices'})",
            Struct(
                TABLE,
                "indices" / Array(n, Int16ub) * note("path to the element", "SPI CNX" if n == 1 else "SPI"),
                *tail,
            ),
            answer,
        )
        for n in range(1, 10)
    ]


SERVICES: tuple[Service, ...] = (
    Service(0x20, "identify", "who are you, what do you speak", answer=IDENTIFY_ANSWER),
    Service(0x21, "terminate", "end the session, close the link"),
    Service(0x22, "disconnect", "leave the link at once"),
    Service(
        0x24,
        "deregister",
        "leave the network",
        Struct("ap_title" / DATA_UID * note("title to forget", "ITR SPI")),
        Struct("ap_title" / Tail(DATA_UID) * note("title forgotten; SPI has no answer data", "ITR")),
    ),
    Service(
        0x25,
        "resolve",
        "which native address has this title",
        Struct("ap_title" / DATA_UID * note("title looked for", "SPI TRM CAP RFC")),
        Struct("local_address" / Sized(Int8ub, Rest()) * note("its native address", "SPI TRM CAP RFC")),
    ),
    Service(
        0x26,
        "trace",
        "through which relays does a message go",
        Struct("ap_titles" / RepeatToEnd(DATA_UID) * note("each relay appends its own", "SPI TRM CAP")),
        Struct("ap_titles" / RepeatToEnd(DATA_UID) * note("the way it took", "SPI TRM CAP")),
    ),
    Service(0x27, "register", "join the network", REGISTER_REQUEST, REGISTER_ANSWER),
    Service(0x30, "full_read", "read a whole table", Struct(TABLE), BLOCKS_READ),
    *_indexed(
        0x30,
        "index_read",
        "read elements of a table by index",
        "element_count" / Int16ub * note("table elements, not octets", "SPI CNX CAP"),
        answer=BLOCKS_READ,
    ),
    Service(0x3E, "default_read", "read the table that the device chose", answer=BLOCKS_READ),
    Service(
        0x3F,
        "offset_read",
        "read octets of a table",
        Struct(TABLE, OFFSET, "octet_count" / Int16ub * note("octets wanted; fewer may come", EVERYONE)),
        BLOCKS_READ,
    ),
    Service(0x40, "full_write", "write a whole table", Struct(TABLE, BLOCKS)),
    *_indexed(0x40, "index_write", "write elements of a table by index", BLOCKS),
    # Only its name is known: what follows the code stays octets.
    Service(0x4E, "default_write", "write the table that the device chose", Struct("octets" / Rest() * note("", "WS"))),
    Service(0x4F, "offset_write", "write octets of a table", Struct(TABLE, OFFSET, BLOCKS)),
    Service(
        0x50,
        "logon",
        "open a session",
        Struct(
            "user_id" / Int16ub * note("number of the user", EVERYONE),
            "user" / Text(10) * note("name of the user", EVERYONE),
            "idle_timeout"
            / If(this._params.c1222, Tail(Int16ub))
            * note("seconds without a message until the session ends, 0 never; C12.22 only", "ADP SPI TRM CAP"),
        ),
        Struct(
            "idle_timeout"
            / If(this._params.c1222, Tail(Int16ub))
            * note("the time that the device grants; C12.22 only", "ADP SPI TRM CAP"),
        ),
    ),
    Service(
        0x51,
        "security",
        "give the password",
        Struct(
            "password" / Secret(Bytes(20)) * note("padded with 20 or 00", "ADP WS CAP GE TRM"),
            "user_id"
            / If(this._params.c1222, Tail(Int16ub))
            * note("number of the user, where there is no session; C12.22 only", "ADP WS CAP"),
        ),
    ),
    Service(0x52, "logoff", "close the session"),
    Service(0x53, "authenticate", "prove that the key is known (C12.21)", AUTHENTICATION, AUTHENTICATION),
    *(
        Service(
            0x60 + n,
            f"negotiate_{n}",
            f"agree on packet size, packets and speed ({n} speeds offered)",
            Struct(
                *NEGOTIATED, "baud_codes" / Array(n, Int8ub) * note("speeds offered, as codes", "ADP CNX TRM ITR GE")
            ),
            Struct(*NEGOTIATED, "baud_code" / Tail(Int8ub) * note("speed from now on; absent: as it is", "ADP CNX GE")),
        )
        for n in range(12)
    ),
    Service(
        0x70,
        "wait",
        "keep the session while nothing is said",
        Struct("seconds" / Int8ub * note("how long", "ADP TRM SPI WS")),
    ),
    Service(0x71, "timing_setup", "agree on time-outs (C12.21)", TIMING, TIMING),
)

BY_CODE = {service.code: service for service in SERVICES}
BY_NAME = {service.name: service for service in SERVICES}

BAUD_RATES = {
    0x01: 300, 0x02: 600, 0x03: 1200, 0x04: 2400, 0x05: 4800, 0x06: 9600, 0x07: 14400, 0x08: 19200, 0x09: 28800,
    0x0A: 57600, 0x0B: 38400, 0x0C: 115200, 0x0D: 128000, 0x0E: 256000,
}  # fmt: skip
"""Speed of a baud code. 0A and 0B are not in order of size. Sources: ADP ITR; TRM CNX up to 0A."""


def service_name(code: int) -> str:
    """`full_read` for 30; `service 6F` for a code that nobody named."""
    return BY_CODE[code].name if code in BY_CODE else f"service {code:02X}"
