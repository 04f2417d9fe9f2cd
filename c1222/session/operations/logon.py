"""Opening and closing a session: which steps a protocol wants before the first read and after the last."""

from c1219_tables.schema.layout import Decoded
from c1222.errors import C12Error, LinkTimeout, RemoteProtocolError
from c1222.psem.requests import request
from c1222.psem.responses import OK, response_name
from c1222.psem.services import BAUD_RATES
from c1222.session.conversation import Operation
from c1222.session.operations.asking import ask, demand
from c1222.session.operations.authenticate import authenticate
from c1222.session.operations.refusals import refusal
from c1222.session.settings import CODES, Credentials, LineOptions, NetworkOptions, Patience

STANDARDS = {0: "C12.18", 2: "C12.21", 3: "C12.22"}


def open_line(options: LineOptions, who: Credentials, patience: Patience) -> Operation[Decoded]:
    """Identify, Negotiate, Logon, Security or Authenticate: a session of C12.18 or C12.21.

    Returns the answer to Identify. Negotiate is an offer: a meter that refuses it is read with the settings of the
    beginning. Security is left out where there is no password.
    Raises ServiceError where the meter does not let this user in; others as `authenticate`.
    """
    identity = yield from _identify(patience)
    if options.timing_setup:
        yield from _set_times(options, patience)
    if options.negotiate:
        yield from _negotiate(options, patience)
    logon = request("logon", user_id=who.user_id, user=who.padded_user)
    yield from demand(logon, patience)
    if who.ticket_key is not None:
        yield from authenticate(identity, who.ticket_key, patience)
    elif who.password is not None and options.security:
        yield from demand(request("security", password=who.padded_password), patience)
    return identity


def _identify(patience: Patience) -> Operation[Decoded]:
    """Identify; a meter that is still in a session is asked to end it, once.

    A GE I-210+c refuses Identify with isss until it was told to terminate (docs/sources.md, GE).
    """
    identify = request("identify")
    answer = yield from ask(identify, patience)
    if answer.code != OK:
        yield from ask(request("terminate"), patience)
        answer = yield from ask(identify, patience)
    if answer.code != OK:
        raise refusal(identify, answer.code)
    return answer


def _set_times(options: LineOptions, patience: Patience) -> Operation[None]:
    """Timing-setup is an offer, too: a meter that refuses it keeps its own times, and we ours."""
    link = options.link
    times = {"traffic": link.traffic, "inter_character": link.inter_character, "response": link.response}
    seconds = {name: max(1, min(round(value), 0xFF)) for name, value in times.items()}
    yield from ask(request("timing_setup", **seconds, nbr_retries=link.retries), patience)


def _negotiate(options: LineOptions, patience: Patience) -> Operation[None]:
    codes = () if options.c1221 else tuple(CODES[rate] for rate in options.bauds)
    parameters = {"packet_size": options.packet_size, "nbr_packets": options.nbr_packets, "baud_codes": codes}
    answer = yield from ask(request(f"negotiate_{len(codes)}", **parameters), patience)
    granted = answer.data.baud_code if answer.code == OK else None
    if granted is not None and codes and granted not in codes:
        given = BAUD_RATES.get(granted, f"code {granted:02X}")
        offered = ", ".join(map(str, options.bauds))
        raise RemoteProtocolError(f"the meter chose a speed that was not offered: {given} (offered: {offered})")


def close_line(options: LineOptions) -> Operation[None]:
    """Logoff and Terminate. What goes wrong with it is of no interest: the meter's time-out does the same."""
    patience = Patience(busy_tries=0)
    for name in ("logoff", "terminate") if options.logoff else ("terminate",):
        try:
            yield from ask(request(name), patience)
        except LinkTimeout:
            return
        except C12Error:
            continue


def open_network(options: NetworkOptions, who: Credentials, patience: Patience) -> Operation[int]:
    """Logon and Security: a session of C12.22. Returns the seconds that the meter lets it be silent, 0 for ever.

    Raises ServiceError where the meter does not let this user in.
    """
    logon = request("logon", user_id=who.user_id, user=who.padded_user, idle_timeout=options.idle_timeout)
    answer = yield from demand(logon, patience)
    if who.password is not None:
        yield from demand(request("security", password=who.padded_password, user_id=None), patience)
    granted = answer.data.idle_timeout if answer.data else None
    return options.idle_timeout if granted is None else int(granted)


def close_network() -> Operation[None]:
    """Logoff, whatever comes of it."""
    try:
        yield from ask(request("logoff"), Patience(busy_tries=0))
    except C12Error:
        return


def identity_in_words(answer: Decoded) -> str:
    """`C12.18 1.0`, of an answer to Identify."""
    if answer.code != OK:
        return response_name(answer.code)
    standard = STANDARDS.get(answer.data.standard, f"standard {answer.data.standard}")
    return f"{standard} {answer.data.version}.{answer.data.revision}"
