"""Requests, answers and security in the words of people, on one line each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from c1219_tables.schema.dialect import Record
from c1222.capture.mask import is_unexplained, key_id_of
from c1222.capture.message import FIRST_SERVICE, Message, Service
from c1222.capture.pairing import Exchange
from c1222.capture.remark import CaptureRemark
from c1222.message.epsem import ResponseControl
from c1222.psem.responses import RESPONSE_CODES, response_name
from c1222.psem.services import BAUD_RATES, service_name
from c1222.psem.table_id import table_text
from c1222.titles import ABSOLUTE, ROOT, ApTitle
from c1222_cli.decode.gist import gist
from c1222_cli.talk import clean

STANDARDS = {0: "C12.18", 2: "C12.21", 3: "C12.22"}
"""Which protocol a device says it speaks, in its answer to Identify."""


def title_text(title: ApTitle | None) -> str:
    """A title as short as it can be: relative where it hangs from the C12.22 root; "" where there is none."""
    if title is None:
        return ""
    if not title.is_relative and title.content.startswith(ROOT) and len(title.content) > len(ROOT):
        return title.text.removeprefix(_ROOT_TEXT)
    return title.text or "(empty title)"


_ROOT_TEXT = ApTitle(ABSOLUTE, ROOT).text


def parties(exchange: Exchange) -> tuple[str, str]:
    """Who asked, and who was asked: titles, addresses where there are none, "?" where nothing is known."""
    asks, asked = message_ends(exchange.request) if exchange.request is not None else ("", "")
    if exchange.response is not None:
        answers, answered = message_ends(exchange.response)
        asks, asked = asks or answered, asked or answers
    return asks or "?", asked or "?"


def message_ends(message: Message) -> tuple[str, str]:
    """Sender and receiver of a message; on a serial line the device has its number, where it has one."""
    if message.link is not None:
        meter = f"meter {message.link.identity}" if message.link.identity else "meter"
        return (meter, "client") if message.is_response else ("client", meter)
    apdu, flow = message.apdu, message.place.flow
    calling = title_text(apdu.calling_ap_title) if apdu is not None else ""
    called = title_text(apdu.called_ap_title) if apdu is not None else ""
    if flow is None:
        return calling, called
    return calling or _address(flow.source, flow.source_port), called or _address(
        flow.destination, flow.destination_port
    )


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def requests_text(exchange: Exchange) -> str:
    """All services of the request, `security, offset_read ST-1 @16+16`."""
    return ", ".join(_requests(exchange))


def requests_short(exchange: Exchange, room: int) -> str:
    """The same in about `room` characters, `security, full_read ST-1 ST-3 ST-5, ... 18 more`."""
    return shortened(_requests(exchange), room)


def _requests(exchange: Exchange) -> list[str]:
    request, response = exchange.request, exchange.response
    if request is not None:
        return list(map(request_text, request.services)) or [_nothing(request)]
    names = [service_name(service.request) for service in response.services if service.request] if response else []
    return names or ["?"]


def shortened(texts: Sequence[str], room: int) -> str:
    """A list in about `room` characters, never less than its first text; `read A, read B` is drawn together."""
    growing = list(accumulate(texts, _joined, initial=("", "")))[1:]
    whole = growing[-1][0]
    if len(whole) <= room:
        return whole
    for shown in range(len(texts) - 1, 0, -1):
        text = f"{growing[shown - 1][0]}, ... {len(texts) - shown} more"
        if len(text) <= room or shown == 1:
            return text
    return whole


def _joined(before: tuple[str, str], text: str) -> tuple[str, str]:
    """The list with one more text, and the name that the next one may be drawn together with."""
    shown, drawn = before
    name, _, rest = text.partition(" ")
    is_plain = rest != "" and " " not in rest
    if is_plain and name == drawn:
        return f"{shown} {rest}", name
    return f"{shown}, {text}" if shown else text, name if is_plain else ""


def _nothing(message: Message) -> str:
    return "(no services)" if message.body is not None else "?"


def request_text(service: Service) -> str:
    """One request: `full_read ST-23`, `offset_read ST-1 @16+16`, `logon 2 "operator"`."""
    name = service_name(service.octets[0])
    if service.value is None:
        return f"{name} (undecodable)"
    if is_unexplained(service, is_response=False):
        return f"{name} ({octets_text(len(service.octets) - 1)})"
    values = service.value.parameters
    return " ".join([name, *_parameters(values)]) if isinstance(values, Mapping) else name


def _parameters(values: Mapping[str, Any]) -> list[str]:
    words: list[str] = []
    if "table" in values:
        words.append(table_text(values["table"]))
        words += [f"[{', '.join(map(str, values['indices']))}]"] if "indices" in values else []
        if "octet_count" in values:
            words.append(f"@{values['offset']}+{values['octet_count']}")
        elif "offset" in values:
            words.append(f"@{values['offset']}")
        words += [f"x{values['element_count']}"] if "element_count" in values else []
    if "blocks" in values:
        words.append(blocks_text(values["blocks"]))
    if "user" in values:
        words += [str(values["user_id"]), f'"{clean(values["user"].rstrip())}"']
    if "packet_size" in values:
        words.append(negotiated_text(values))
    if "ap_title" in values and values["ap_title"] is not None:
        words.append(title_text(values["ap_title"]))
    if "ap_titles" in values:
        words.append(" > ".join(map(title_text, values["ap_titles"])))
    if "seconds" in values:
        words.append(f"{values['seconds']} s")
    return words


def negotiated_text(values: Mapping[str, Any]) -> str:
    """`256 x 1, 9600 baud`."""
    codes = values.get("baud_codes", [values.get("baud_code")])
    rates = "/".join(str(BAUD_RATES.get(code, f"code {code}")) for code in codes if code is not None)
    return f"{values['packet_size']} x {values['nbr_packets']}" + (f", {rates} baud" if rates else "")


def blocks_text(blocks: list[Record]) -> str:
    return octets_text(sum(len(block.data) for block in blocks))


def octets_text(count: int) -> str:
    return "1 octet" if count == 1 else f"{count} octets"


def results_text(exchange: Exchange) -> str:
    """All that was answered, `ok, ok 16 octets`, or why nothing was."""
    response = exchange.response
    if response is not None:
        return ", ".join(map(answer_text, response.services)) or _nothing(response)
    return _no_answer(exchange.request)


def results_short(exchange: Exchange, room: int) -> str:
    """The same in about `room` characters: a list that is longer is counted, `19 ok, isc: insufficient ...`.

    A table that says something in a few words says it: `ok 32 octets: EE A3R, serial 12345678`.
    """
    text, response = results_text(exchange), exchange.response
    if response is None:
        return text
    if len(response.services) == 1:
        view = response.services[0].table
        words = gist(view) if view is not None else ""
        return f"{text}: {words}" if words else text
    if len(text) <= room:
        return text
    kinds = Counter("ok" if answer.startswith("ok") else answer for answer in map(answer_text, response.services))
    return ", ".join(kind if number == 1 else f"{number} {kind}" for kind, number in kinds.items())


def _no_answer(request: Message | None) -> str:
    """Why there is none."""
    if request is not None and request.link is not None:
        return "no answer"
    if request is None or request.control is None:
        return ""
    wanted = {ResponseControl.NEVER: "none wanted", ResponseControl.ON_EXCEPTION: "only wanted on exception"}
    why = wanted.get(request.control.response_control)
    return f"no answer ({why})" if why else "no answer"


def answer_text(service: Service) -> str:
    """One answer: `ok 16 octets`, `isc: insufficient security clearance`."""
    code = service.octets[0]
    if code >= FIRST_SERVICE:
        return f"{service_name(code)} where an answer belongs"
    name = response_name(code)
    if service.value is None:
        return f"{name} (undecodable)"
    data = service.value.data
    if code:
        maximum = data.get("maximum") if isinstance(data, Mapping) else None
        return answer_meaning(code) + (f" (at most {octets_text(maximum)})" if maximum is not None else "")
    return " ".join([name, *_answer_data(data)])


def answer_meaning(code: int) -> str:
    """`isc: insufficient security clearance`."""
    known = RESPONSE_CODES.get(code)
    return f"{known.name}: {known.meaning}" if known else response_name(code)


def _answer_data(data: Any) -> list[str]:
    if isinstance(data, bytes):
        return [octets_text(len(data))] if data else []
    if not isinstance(data, Mapping):
        return []
    if "standard" in data:
        standard = STANDARDS.get(data["standard"], f"standard {data['standard']}")
        return [f"{standard} {data['version']}.{data['revision']}"]
    if "local_address" in data:
        return [octets_text(len(data["local_address"]))]
    if data.get("idle_timeout") is not None:
        return [f"idle {data['idle_timeout']} s"]
    return _parameters(data)


def security_text(exchange: Exchange) -> str:
    """`opened, key 2`, `no key 2`, `BAD MAC, key 2`, `clear`; both where request and response differ."""
    messages = [message for message in (exchange.request, exchange.response) if message is not None]
    return " / ".join(dict.fromkeys(map(state_text, messages)))


def state_text(message: Message) -> str:
    """What became of the security of one message."""
    key_id = key_id_of(message)
    key = "" if key_id is None else f"key {key_id}"
    if message.state == "no-key":
        return f"no {key or 'key id'}"
    if message.state in ("clear", "unreadable"):
        return message.state
    state = {"bad-mac": "BAD MAC", "short-header": "SHORT HEADER"}.get(message.state, message.state)
    return f"{state}, {key}" if key else state


def remarks_of(exchange: Exchange) -> list[CaptureRemark]:
    messages = [message for message in (exchange.request, exchange.response) if message is not None]
    return [remark for message in messages for remark in message.remarks]


SAID_BY_STATE = frozenset(("no-key", "bad-mac", "short-header"))
"""Codes of remarks that the security state of a message says already."""


def remark_text(remark: CaptureRemark) -> str:
    """A remark of a message in short: its code; in full where octets could not be decoded."""
    if remark.kind != "undecodable":
        return remark.code
    place = ", ".join(
        part
        for part in (remark.field, "" if remark.message_offset is None else f"octet {remark.message_offset}")
        if part
    )
    return f"{remark.code}: {remark.text}" + (f" ({place})" if place else "")
