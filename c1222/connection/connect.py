"""`connect` and `connect_async`: a target in, a meter with an open session out."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from c1219_tables.registry import STANDARD, Registry
from c1222.connection.opening import Wall, open_transport, open_transport_async
from c1222.connection.options import line_options, network_options, wire
from c1222.connection.plan import Login, Plan, make_plan, ring_of
from c1222.connection.shared_nonces import shared_nonces
from c1222.psem.requests import request
from c1222.security.keys import Key, KeyRing
from c1222.session.channels.line import LineChannel
from c1222.session.channels.network import NetworkChannel
from c1222.session.client import Client, Retold
from c1222.session.conversation import Overhear
from c1222.session.faces.async_meter import AsyncMeter
from c1222.session.faces.meter import Meter
from c1222.session.settings import LineOptions, NetworkOptions, Patience, TicketKey
from c1222.settings.config import Config, read_config
from c1222.settings.secrets import Ask
from c1222.settings.sections import Reference
from c1222.settings.targets import Target
from c1222.transport.trace import AsyncTraced, Trace, Traced, create_trace_file

CONNECT_SECONDS = 10.0


def connect(
    target: str | Target = "sim:",
    *,
    user: str | None = None,
    user_id: int | None = None,
    password: bytes | Reference | None = None,
    password_pad: int | None = None,
    ticket_key: TicketKey | None = None,
    keys: KeyRing | Mapping[int, Key | bytes] | None = None,
    profile: str | None = None,
    registry: Registry = STANDARD,
    trace: str | Path | None = None,
    config: Config | None = None,
    ask: Ask | None = None,
    patience: Patience | None = None,
    overhear: Overhear | None = None,
) -> Meter:
    """A meter with an open session, to be closed by the caller (`with`).

    target: as docs/targets.md has them, "optical:/dev/ttyUSB0", "tcp://192.0.2.7", "sim:".
    user, user_id: who logs on. password: octets, or where they lie; password_pad: 20H or 00H fills them up to 20.
    ticket_key: for Authenticate of C12.21, in place of a password; to give one is to allow DES.
    keys: by key id; with keys, messages of C12.22 are enciphered unless the target says otherwise.
    profile: name of one. registry: declarations of tables, with makers' layouts. config: what is configured, read from
    the files where None. ask: asks a person for a secret.
    trace: a new capture file of all that goes over the wire. overhear: hears every request with its response.

    Raises TargetError for what cannot work, TransportError where there is no way, LinkTimeout where nothing answers,
    ServiceError where the meter refuses this user, SecurityError.
    """
    login = Login(user, user_id, password, password_pad, ticket_key, _ring(keys))
    plan = make_plan(target, login, profile=profile, config=config or read_config(), ask=ask)
    options = _options(plan)
    with ExitStack() as undo:
        file = undo.enter_context(create_trace_file(str(trace))) if trace is not None else None
        transport, wall, retold = open_transport(plan, CONNECT_SECONDS)
        undo.callback(transport.close)
        client = _client(plan, options, registry, patience, is_datagram=transport.is_datagram, wall=wall, retold=retold)
        if file is not None:
            transport = Traced(transport, _trace(file, plan, wall))
        meter = Meter(transport, client, at_close=undo.pop_all().close, overhear=overhear)
    try:
        return meter.open()
    except BaseException:
        meter.close()
        raise


async def connect_async(
    target: str | Target = "sim:",
    *,
    user: str | None = None,
    user_id: int | None = None,
    password: bytes | Reference | None = None,
    password_pad: int | None = None,
    ticket_key: TicketKey | None = None,
    keys: KeyRing | Mapping[int, Key | bytes] | None = None,
    profile: str | None = None,
    registry: Registry = STANDARD,
    trace: str | Path | None = None,
    config: Config | None = None,
    ask: Ask | None = None,
    patience: Patience | None = None,
    overhear: Overhear | None = None,
) -> AsyncMeter:
    """As `connect`, for asyncio."""
    login = Login(user, user_id, password, password_pad, ticket_key, _ring(keys))
    plan = make_plan(target, login, profile=profile, config=config or read_config(), ask=ask)
    options = _options(plan)
    with ExitStack() as undo:
        file = undo.enter_context(create_trace_file(str(trace))) if trace is not None else None
        transport, wall, retold = await open_transport_async(plan, CONNECT_SECONDS)
        client = _client(plan, options, registry, patience, is_datagram=transport.is_datagram, wall=wall, retold=retold)
        if file is not None:
            transport = AsyncTraced(transport, _trace(file, plan, wall))
        meter = AsyncMeter(transport, client, at_close=undo.pop_all().close, overhear=overhear)
    try:
        return await meter.open()
    except BaseException:
        await meter.close()
        raise


def _ring(keys: KeyRing | Mapping[int, Key | bytes] | None) -> KeyRing | None:
    return keys if keys is None or isinstance(keys, KeyRing) else ring_of(keys)


def _options(plan: Plan) -> LineOptions | NetworkOptions:
    """Worked out before anything is opened: what cannot work touches no port."""
    if plan.target.protocol == "c1222":
        return network_options(plan.target, plan.profile, plan.ring)
    return line_options(plan.target, plan.profile)


def _client(
    plan: Plan,
    options: LineOptions | NetworkOptions,
    registry: Registry,
    patience: Patience | None,
    *,
    is_datagram: bool,
    wall: Wall,
    retold: Retold | None,
) -> Client:
    channel: LineChannel | NetworkChannel
    if isinstance(options, LineOptions):
        channel = LineChannel(options.link)
    else:
        who, lead = plan.who, None
        if not options.session and who.password is not None:
            lead = request("security", password=who.padded_password, user_id=who.user_id)
        # The simulated meter is gone with its process, and so are the messages under its keys, which are public.
        nonces = shared_nonces(options, wall) if plan.target.kind.form == "host" else None
        channel = NetworkChannel(options, is_datagram=is_datagram, wall=wall, lead=lead, nonces=nonces)
    dialect = plan.profile.dialect
    return Client(channel, options, plan.who, patience=patience, registry=registry, dialect=dialect, retold=retold)


def _trace(file: IO[bytes], plan: Plan, wall: Wall) -> Trace:
    theirs = None if plan.target.port is None else (plan.target.place, plan.target.port)
    return Trace(file, wire(plan.target), theirs=theirs, now_ns=lambda: int(wall() * 1e9))
