"""What a session is told beforehand: who asks, how the line or the network is used, how long it waits."""

from dataclasses import dataclass, field

from c1222.errors import LocalProtocolError
from c1222.link import C1218, LinkSettings
from c1222.message.epsem import SecurityMode
from c1222.psem.services import BAUD_RATES
from c1222.security.keys import Key, KeyRing
from c1222.titles import ApTitle

PASSWORD_OCTETS = 20
USER_OCTETS = 10
CLIENT_TITLE = ApTitle.parse(".123.4")
"""Title of a client that was given none: that of the published example."""

IV_AHEAD = 900.0
"""Seconds that an iv may be ahead of the clock. Source of the 15 minutes that meters allow: docs/sources.md, ADP."""
BAD_MACS = 16

CODES = {rate: code for code, rate in BAUD_RATES.items()}
"""Baud code of a rate."""


@dataclass(frozen=True, slots=True)
class TicketKey:
    """The DES key of Authenticate (C12.21). To give one is to allow DES.

    key_id: 0 to 255. octets: 8. accept_empty: take an answer of nothing as if it were right, as some A1800 give it
    (docs/sources.md, CNX): the meter then proves nothing.
    """

    key_id: int
    octets: bytes = field(repr=False)
    accept_empty: bool = False


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks.

    user: name, at most 10 characters of ASCII. user_id: 0 to 65535. password: octets, at most 20; None: none is given.
    pad: the octet that fills a password up to 20 (20H or 00H; programs differ, docs/sources.md ADP TRM).
    ticket_key: for Authenticate of C12.21, which then takes the place of Security.
    """

    user: str = ""
    user_id: int = 0
    password: bytes | None = field(default=None, repr=False)
    pad: int = 0x20
    ticket_key: TicketKey | None = None

    def __post_init__(self) -> None:
        """Raises LocalProtocolError for what does not fit into Logon and Security; the password is not shown."""
        if len(self.user) > USER_OCTETS or not self.user.isascii():
            raise LocalProtocolError(f"a user name has at most {USER_OCTETS} characters of ASCII: {self.user!r}")
        if not 0 <= self.user_id <= 0xFFFF:
            raise LocalProtocolError(f"a user id is a number from 0 to 65535, not {self.user_id}")
        if not 0 <= self.pad <= 0xFF:
            raise LocalProtocolError(f"an octet that fills up a password is a number from 0 to 255, not {self.pad}")
        if self.password is not None and len(self.password) > PASSWORD_OCTETS:
            raise LocalProtocolError(f"a password has at most {PASSWORD_OCTETS} octets, this one {len(self.password)}")

    @property
    def padded_user(self) -> str:
        return self.user.ljust(USER_OCTETS)

    @property
    def padded_password(self) -> bytes:
        """The 20 octets of Security."""
        return (self.password or b"").ljust(PASSWORD_OCTETS, bytes([self.pad]))


@dataclass(frozen=True, slots=True)
class Patience:
    """How often something is asked again, where the meter says that it cannot answer now.

    busy_tries: times, after the first, that a service answered with bsy or dnr is asked again; busy_pause: seconds
    between. checksum_tries: times that table data with a wrong checksum are read again. procedure_tries: times, after
    the first, that table 8 is read for the result of a procedure; procedure_pause: seconds between.
    Source of the two answers and of the defaults: docs/sources.md, ADP (20 times, 2 s apart; table 8: 0.5 s apart).
    """

    busy_tries: int = 20
    busy_pause: float = 2.0
    checksum_tries: int = 2
    procedure_tries: int = 20
    procedure_pause: float = 0.5


@dataclass(frozen=True, slots=True)
class LineOptions:
    """A meter on an optical port or a modem: C12.18 and C12.21.

    link: settings before anything is negotiated. negotiate: whether to. packet_size, nbr_packets: what is asked for,
    the meter may grant less. bauds: speeds offered, in bits a second. c1221: over a modem (Negotiate offers no speed).
    timing_setup: whether the times of `link` are told to the meter (C12.21).
    security: whether Security follows Logon, where there is a password. logoff: whether a Logoff goes before the
    Terminate (some meters want it; a GE I-210+c does without).
    """

    link: LinkSettings = C1218
    negotiate: bool = True
    packet_size: int = 1024
    nbr_packets: int = 255
    bauds: tuple[int, ...] = (9600,)
    c1221: bool = False
    timing_setup: bool = False
    security: bool = True
    logoff: bool = True

    def __post_init__(self) -> None:
        """Raises LocalProtocolError for speeds that have no code, or more than Negotiate can offer."""
        unknown = [str(rate) for rate in self.bauds if rate not in CODES]
        if unknown or len(self.bauds) > 11:
            known = ", ".join(map(str, sorted(CODES)))
            raise LocalProtocolError(f"no speed of C12.18: {', '.join(unknown)} (there are: {known}; 11 at a time)")


@dataclass(frozen=True, slots=True)
class NetworkOptions:
    """A meter on a network: C12.22.

    called, calling: titles, None to send none. mode: security of our messages; answers of a lower one are refused.
    ring, key_id: keys, and which of them is ours. session: open one with Logon, else every message stands alone.
    idle_timeout: seconds that a session may be silent, 0 for ever. id_octets: of invocation ids, 2 to 4 (a deployed
    device drops longer ones than 2, ITR). timeout: seconds until an answer begins or goes on; retries: times that a
    datagram is sent again within them. segment: octets of the largest datagram, None: never cut (TCP). services: how
    many may share a message. max_message: octets of the largest APDU that is sent, or taken. ed_class: four octets, or
    None. iv_ahead: seconds that our iv may be ahead of the clock. iv_window: seconds that the meter's iv may be away
    from it, None: any, since a meter's clock may be wrong. bad_macs: messages whose MAC does not hold that one
    conversation bears; each is a try to forge one, with a chance of 1 in 2^32.
    """

    called: ApTitle | None = None
    calling: ApTitle | None = CLIENT_TITLE
    mode: SecurityMode = SecurityMode.CLEAR
    ring: KeyRing = field(default_factory=KeyRing)
    key_id: int = 0
    session: bool = False
    idle_timeout: int = 60
    id_octets: int = 4
    timeout: float = 10.0
    retries: int = 3
    segment: int | None = None
    services: int = 8
    max_message: int = 0x10000
    ed_class: bytes | None = None
    iv_ahead: float = IV_AHEAD
    iv_window: float | None = None
    bad_macs: int = BAD_MACS

    def __post_init__(self) -> None:
        """Raises LocalProtocolError for what cannot be."""
        for name, low, high in (
            ("idle_timeout", 0, 0xFFFF),
            ("id_octets", 2, 4),
            ("retries", 0, 255),
            ("services", 1, 255),
            ("key_id", 0, 255),
            ("bad_macs", 1, 0xFFFF),
        ):
            if not low <= getattr(self, name) <= high:
                raise LocalProtocolError(f"{name} cannot be {getattr(self, name)} ({low} to {high} can)")
        if not self.timeout > 0:
            raise LocalProtocolError(f"timeout cannot be {self.timeout} (it is a time in seconds)")
        if self.ed_class is not None and len(self.ed_class) != 4:
            raise LocalProtocolError("an ED class has four octets")

    def own_key(self) -> Key | None:
        """The key that secures our messages; None in the clear, and where the ring has none for `key_id`."""
        if self.mode is SecurityMode.CLEAR:
            return None
        names = [title.absolute() for title in (self.called, self.calling) if title]
        return next(iter(self.ring.candidates(self.key_id, *names)), None)
